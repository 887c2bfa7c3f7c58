"""The panel of the comparison: against the oracle, against ``indicators``, and wrong requests."""

import csv
import io
import random
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from queries.compared import By
from queries.filters import LISTS, Filters
from queries.table_request import TableRequest
from queries.user_scope import EVERYTHING, Scope
from tests.integration.test_oracle import (
    SHOWN,
    Query,
    Store,
    asked,
    asked_while_running,
    differences,
    opened,
    without_roll_ups,
)
from tests.integration.test_oracle import awkward as awkward  # noqa: PLC0414 - a fixture
from tests.integration.test_oracle import awkward_import as awkward_import  # noqa: PLC0414
from tests.integration.test_oracle import import_seed as import_seed  # noqa: PLC0414
from tests.integration.test_oracle import opened_in_a_way as opened_in_a_way  # noqa: PLC0414
from tests.integration.test_oracle import store as store  # noqa: PLC0414 - a fixture
from tests.oracle.oracle import TIMES, Oracle
from tests.services import import_rows

pytestmark = pytest.mark.integration

PANEL = "/api/v1/panels/breakdown"
EVER: Query = {"start": "2018-01-01", "end": "2026-12-31"}
by_each = pytest.mark.parametrize("by", list(By))
#: What can be compared and is a filter as well.
OF_FILTERS = [by for by in By if by in LISTS]


def found_in(store: Store, queries: Iterator[Query], by: By) -> list[str]:
    found = []
    for query in queries:
        question = {**query, "by": by.value}
        found += store.mismatches("breakdown", question, store.get("breakdown", question))
    return found


@by_each
def test_it_agrees_with_the_oracle(store: Store, by: By) -> None:
    found = found_in(store, iter(asked(store)[::8]), by)
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


@by_each
def test_it_agrees_at_several_minutes_of_the_day(awkward: Store, by: By) -> None:
    """The days before stop at the minute of now: each thing by its own moment."""
    found = found_in(awkward, islice(asked_while_running(awkward), 0, None, 10), by)
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


@pytest.mark.parametrize("by", OF_FILTERS)
def test_a_row_is_what_the_indicators_say_with_its_value_among_the_filters(
    awkward: Store, by: By
) -> None:
    """For random filters: all figures that both panels have.

    With agents, waits go to who ended them, and not to the case's last agent as the filter does.
    """
    compared = 0
    for query in random.Random(5).sample(asked(awkward), 15):
        rows = awkward.get("breakdown", {**query, "by": by.value})["rows"]
        for row in rows:
            value = row["value"]
            picked = query.get(by.value)
            if value is None or (picked and value not in picked and value != picked):
                continue
            narrowed: Query = {**query, by.value: value}
            if by is By.TEMPLATE:
                if "hsm" not in query.get("kind", "hsm"):
                    continue
                narrowed["kind"] = "hsm"
            [figures] = awkward.get("indicators", narrowed)["rows"]
            names = figures.keys() & row.keys()
            if by is By.AGENT:
                names = {name for name in names if not is_of_waits(name)}
            right, got = ({name: one[name] for name in names} for one in (figures, row))
            assert not differences([right], [got]), (query, value)
            compared += 1
    assert compared > 20


def is_of_waits(name: str) -> bool:
    return name.removeprefix("previous_") in (
        "waits",
        "median_reply_seconds",
        "within_target_share",
    )


def test_roll_ups_are_read_where_they_have_the_value(
    awkward: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows with and without them, also where only some of the figures come from them."""
    for by in By:
        filters, table = Filters.parse(EVER), TableRequest(by=by)
        rolled_up = awkward.reader.panel("breakdown", filters, EVERYTHING, table).frame
        with monkeypatch.context() as patch:
            without_roll_ups(patch)
            by_rows = awkward.reader.panel("breakdown", filters, EVERYTHING, table).frame
        assert rolled_up.to_dict("records") == by_rows.to_dict("records")


@by_each
@pytest.mark.parametrize("scope", [Scope(teams=("Suporte",)), Scope(channels=("WhatsApp",))])
def test_it_counts_what_a_scope_may_see(awkward: Store, by: By, scope: Scope) -> None:
    seen = awkward.oracle.seen_by(None, scope.teams, scope.channels)
    for query in asked(awkward)[::20]:
        filters = awkward.reader.resolve(Filters.parse(query), scope)
        period = {"start": filters.span.start.isoformat(), "end": filters.span.end.isoformat()}
        frame = awkward.reader.panel("breakdown", filters, scope, TableRequest(by=by)).frame
        expected = seen.answer("breakdown", {**query, **period, "by": by.value})
        names = expected[0] if expected else ()
        got = [{name: row[name] for name in names} for row in frame.to_dict("records")]
        assert not differences(expected, got), query


def test_all_weekdays_and_hours_are_there(awkward: Store) -> None:
    nothing = {**EVER, "person": "nobody at all"}
    for by, values in TIMES.items():
        rows = awkward.get("breakdown", {**nothing, "by": by})["rows"]
        names = ("weekday", "hour") if by == "weekday_hour" else ("value",)
        assert [tuple(row[name] for name in names) for row in rows] == [
            value if isinstance(value, tuple) else (value,) for value in values
        ]
        assert all(row["messages"] == 0 and row["waiting"] is None for row in rows)


# --- values that look alike once phones are masked -----------------------------------------------


def test_values_that_are_masked_alike_are_one_row(tmp_path: Path) -> None:
    """Their medians are over the cases of both, as those of a filter by the masked value."""
    agents = ("Ana +55 11 91234-4471", "Ana +55 11 98888-4471")
    cases, messages = [], []
    for number, agent in enumerate(agents):
        case = {"case_id": f"c{number}", "person_name": "P", "channel": "WhatsApp"}
        cases.append({**case, "case_type": "x", "opened_at": "2026-11-02T10:00:00Z"})
        for minute, direction, who in ((0, "in", ""), (10 * (number + 1), "out", agent)):
            messages.append(
                {
                    "message_id": f"m{number}{direction}",
                    "case_id": f"c{number}",
                    "direction": direction,
                    "sent_at": f"2026-11-02T10:{minute:02}:00Z",
                    "agent": who,
                }
            )
    url = import_rows(tmp_path, cases, messages)
    [(row, figures)] = rows_of_agents(url, tmp_path, Oracle(cases, messages))
    assert row["value"] == "Ana *****-4471"
    assert (row["cases_created"], row["waits"]) == (2, 2)
    assert row["median_first_response_seconds"] == row["median_reply_seconds"] == 15 * 60
    assert figures["median_first_response_seconds"] == 15 * 60
    assert figures["messages"] == row["messages"] == 4


def rows_of_agents(url: str, folder: Path, oracle: Oracle) -> Iterator[tuple[Any, Any]]:
    """Yield each row of the agents, and the indicators with its value among the filters."""
    query: Query = {"start": "2026-11-01", "end": "2026-11-05"}
    for here in opened(Settings(store_url=url), folder, "", oracle):
        for row in here.get("breakdown", {**query, "by": "agent"})["rows"]:
            yield row, here.get("indicators", {**query, "agent": row["value"]})["rows"][0]


# --- requests and downloads ----------------------------------------------------------------------


@pytest.mark.parametrize("by", ["", "person", "Channel", "hour,weekday"])
def test_an_unknown_by_is_an_error(awkward: Store, by: str) -> None:
    for address in (PANEL, "/export/breakdown.csv"):
        response = awkward.client.get(address, query_string={**EVER, "by": by})
        assert response.status_code == 400
        assert response.get_json()["error"]["code"] == ("bad_value" if by else "empty_value")


def test_by_twice_is_an_error(awkward: Store) -> None:
    response = awkward.client.get(f"{PANEL}?by=team&by=channel")
    assert response.get_json()["error"]["code"] == "repeated"


@pytest.mark.parametrize("slug", ["indicators", "details", "waiting"])
def test_no_other_panel_takes_by(awkward: Store, slug: str) -> None:
    for address in (f"/api/v1/panels/{slug}", f"/export/{slug}.csv"):
        response = awkward.client.get(address, query_string={**EVER, "by": "team"})
        assert response.status_code == 400
        assert response.get_json()["error"]["code"] == "unknown_parameter"


def test_channels_are_compared_where_nothing_is_said(awkward: Store) -> None:
    plain, named = (awkward.get("breakdown", {**EVER, **more}) for more in ({}, {"by": "channel"}))
    assert plain == named
    assert awkward.post("breakdown", {**EVER, "by": "team"}) == awkward.get(
        "breakdown", {**EVER, "by": "team"}
    )


@pytest.mark.parametrize(
    ("by", "heads"),
    [
        ("channel", ["Canal", "Mensagens"]),
        ("agent", ["Agente", "Mensagens"]),
        ("weekday", ["Dia da semana", "Mensagens"]),
        ("weekday_hour", ["Dia da semana", "Hora"]),
    ],
)
def test_downloads_have_the_rows_that_are_compared(
    awkward: Store, by: str, heads: list[str]
) -> None:
    rows = awkward.get("breakdown", {**EVER, "by": by})["rows"]
    with awkward.client.get("/export/breakdown.csv", query_string={**EVER, "by": by}) as response:
        text = response.get_data().decode("utf-8-sig")
    [headers, *cells] = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert headers[:2] == heads
    assert len(cells) == len(rows)
    place = headers.index("Mensagens")
    assert [int(row[place]) for row in cells] == [row["messages"] for row in rows]
    with awkward.client.get("/export/breakdown.xlsx", query_string={**EVER, "by": by}) as response:
        assert response.status_code == 200
        with zipfile.ZipFile(io.BytesIO(response.get_data())) as book:
            names = [name for name in book.namelist() if "sheet" in name and "rels" not in name]
            sheets = "".join(book.read(name).decode() for name in names)
    assert sheets.count("<row ") >= len(rows) + 1
    assert heads[0] in sheets
