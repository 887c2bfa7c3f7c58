"""What the store lacks of what panels need, against plain Python, whole and in part."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.factory import create_app, parts_of
from app.settings import Settings
from components.panels import PANELS
from queries.capabilities import NEEDS
from queries.user_scope import EVERYTHING, Scope
from tests.browser.data import rows
from tests.services import import_rows

pytestmark = pytest.mark.integration

Row = dict[str, str]
#: What is changed in every message of the store.
CHANGES: dict[str, Callable[[Row], Row]] = {
    "nothing": lambda row: row,
    "no HSM": lambda row: {**row, "kind": "session", "template_name": ""},
    "no status": lambda row: {**row, "status": ""},
    "only new": lambda row: {**row, "status": row["status"] and "new"},
    "no agent": lambda row: {**row, "agent": ""},
    "only bots": lambda row: {**row, "is_bot": "true"},
    "bots with names, nobody else": lambda row: {
        **row,
        "is_bot": "true" if row["agent"] else "",
    },
    "only sent": lambda row: {**row, "direction": "out", "status": row["status"] or "read"},
    "only received": lambda row: {**row, "direction": "in", "status": "", "agent": ""},
}


def lacking(messages: list[Row]) -> set[str]:
    """What ``messages`` lack, in plain Python."""
    out = [row for row in messages if row["direction"] == "out"]
    confirmed = [row for row in out if row["status"] not in ("", "new")]
    by_people = [row for row in out if not row["is_bot"]]
    held = {
        "received": len(out) < len(messages),
        "outgoing": bool(out),
        "confirmed": bool(confirmed),
        "hsm": any(row["kind"] == "hsm" for row in out),
        "sent_hsm": any(row["kind"] == "hsm" for row in confirmed),
        "agents": not by_people or any(row["agent"] for row in by_people),
        "costs": any(
            row.get("billable") and row["status"] in ("", "read", "delivered") for row in out
        ),
    }
    return {need for need, is_held in held.items() if not is_held}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_lacking_is_that_of_plain_rows(tmp_path: Path, change: str) -> None:
    cases, messages = rows()
    changed = [CHANGES[change](row) for row in messages]
    # In one team nothing is changed, and a reader who sees it alone lacks only costs.
    of_team = {case["case_id"] for case in cases if case["team"] == "Suporte"}
    stored = [
        before if before["case_id"] in of_team else after
        for before, after in zip(messages, changed, strict=True)
    ]
    others = [row for row in stored if row["case_id"] not in of_team]
    alone = [row for row in stored if row["case_id"] in of_team]
    scope = Scope(teams=tuple({case["team"] for case in cases} - {"Suporte", ""}))
    seen = {case["case_id"] for case in cases if case["team"] in (scope.teams or ())}
    app = create_app(Settings(store_url=import_rows(tmp_path, cases, stored)))
    with closing(parts_of(app)) as parts:
        assert parts.reader.lacks(EVERYTHING) == lacking(stored)
        assert parts.reader.lacks(Scope(teams=("Suporte",))) == lacking(alone) == {"costs"}
        assert parts.reader.lacks(scope) == lacking([r for r in others if r["case_id"] in seen])


def test_an_empty_store_lacks_all_but_agents_whom_nobody_could_be(tmp_path: Path) -> None:
    app = create_app(Settings(store_url=f"duckdb:///{tmp_path / 'store.duckdb'}"))
    with closing(parts_of(app)) as parts:
        assert parts.reader.lacks(EVERYTHING) == lacking([]) == set(NEEDS) - {"agents"}


def test_all_needs_are_those_of_some_panel() -> None:
    assert {need for panel in PANELS for need in panel.query.needs} == set(NEEDS)
