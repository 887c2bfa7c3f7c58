"""Figures of waits that depend on the present minute and on the target."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.engines.duckdb.dialect import make_dialect
from queries.filters import Filters
from queries.panel import PanelRequest
from queries.panels import breakdown, indicators
from queries.table_request import TableRequest
from queries.user_scope import EVERYTHING
from tests.integration.test_oracle import differences
from tests.oracle.oracle import Oracle
from tests.services import import_rows

pytestmark = pytest.mark.integration

CASE = {
    "case_id": "c1",
    "person_name": "Ana",
    "channel": "WhatsApp",
    "case_type": "Dúvida",
    "opened_at": "2026-11-10T12:00:00Z",
}
ALWAYS = {"start": "2026-11-01", "end": "2026-11-30"}
FIGURES = ("waits", "median_reply_seconds", "within_target_share")


def message(message_id: str, at: str, **more: str) -> dict[str, str]:
    row = {"message_id": message_id, "case_id": "c1", "direction": "in"}
    return {**row, "sent_at": f"2026-11-10T{at}Z", **more}


def reply(message_id: str, at: str, **more: str) -> dict[str, str]:
    return message(message_id, at, **{"direction": "out", "agent": "Caio", **more})


#: Waits of exactly 15 minutes and of a moment more, both ended; one that a bot answered only.
TALK = [
    message("m1", "12:00:00"),
    reply("m2", "12:15:00"),
    message("m3", "12:20:00"),
    reply("m4", "12:35:00.000001"),
    message("m5", "13:00:00"),
    reply("m6", "13:01:00", is_bot="true"),
]


@dataclass
class Store:
    """A server whose clock the test sets, and the oracle of its answers."""

    ask: Callable[[Mapping[str, str]], dict[str, Any]]
    oracle: Oracle

    def figures(self, at: str, **query: str) -> tuple[Any, ...]:
        """Return the figures of waits at a UTC time of 10 November, after the oracle agreed."""
        self.oracle.now = datetime.fromisoformat(f"2026-11-{at}+00:00")
        wanted = {**ALWAYS, **query}
        found = self.ask(wanted)
        assert not differences(self.oracle.answer("indicators", wanted), [found])
        return tuple(found[name] for name in FIGURES)


Opens = Callable[..., AbstractContextManager[Store]]


@pytest.fixture
def opens(tmp_path: Path) -> Opens:
    @contextmanager
    def opened(messages: list[dict[str, str]], **settings: Any) -> Iterator[Store]:
        oracle = Oracle([CASE], messages)
        oracle.reply_target = timedelta(minutes=settings.get("reply_target_minutes", 15))
        url = import_rows(tmp_path, [CASE], messages)
        server = create_app(Settings(store_url=url, **settings), lambda: oracle.now)

        def ask(query: Mapping[str, str]) -> dict[str, Any]:
            response = server.test_client().get("/api/v1/panels/indicators", query_string=query)
            [row] = response.get_json()["rows"]
            return dict(row)

        with closing(parts_of(server)):
            yield Store(ask, oracle)

    return opened


@pytest.mark.parametrize("basis", ["sent", "opened"])
def test_an_open_wait_is_judged_once_it_is_older_than_the_target(opens: Opens, basis: str) -> None:
    """The minute of the present decides; the cache never gives the answer of another minute."""
    with opens(TALK) as store:
        median = 15 * 60 + 0.0000005
        for at, share in (
            ("10T13:00:59", 1 / 2),
            ("10T13:15:59", 1 / 2),  # 15 minutes are not more than 15 minutes
            ("10T13:16:00", 1 / 3),
            ("20T13:00:00", 1 / 3),
            ("10T13:15:00", 1 / 2),
        ):
            waits, found, judged = store.figures(at, basis=basis)
            assert (waits, judged) == (3, pytest.approx(share)), at
            assert found == pytest.approx(median)


def test_the_target_is_a_setting(opens: Opens) -> None:
    with opens(TALK, reply_target_minutes=16) as store:
        assert store.figures("10T13:16:00")[2] == 1
        assert store.figures("10T13:17:00")[2] == pytest.approx(2 / 3)


def test_without_waits_or_replies_there_is_nothing_to_measure(opens: Opens) -> None:
    with opens([reply("m1", "12:00:00"), message("m2", "13:00:00")]) as store:
        assert store.figures("10T13:10:00") == (1, None, None)
        assert store.figures("10T14:00:00") == (1, None, 0)
        assert store.figures("10T14:00:00", direction="out") == (0, None, None)
        assert store.figures("10T14:00:00", end="2026-11-09") == (0, None, None)


def test_filters_of_the_message_are_about_the_first_message_of_a_wait(opens: Opens) -> None:
    with opens(TALK) as store:
        assert store.figures("20T12:00:00", direction="in")[0] == 3
        assert store.figures("20T12:00:00", status="new")[0] == 0
        assert store.figures("20T12:00:00", agent="Caio")[0] == 3


# --- the cache ----------------------------------------------------------------------------------

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def sql(query: Mapping[str, str], now: datetime, panel: Any = indicators) -> tuple[str, Any]:
    request = PanelRequest(Filters.parse(query), EVERYTHING, now)
    compiled = panel.query(request).compile(dialect=make_dialect())
    return str(compiled), sorted(map(str, compiled.params.values()))


@pytest.mark.parametrize("panel", [indicators, breakdown], ids=["indicators", "breakdown"])
@pytest.mark.parametrize(
    ("query", "changes"),
    [
        ({"start": "2026-11-01", "end": "2026-11-08"}, False),
        ({"start": "2026-11-01", "end": "2026-11-09"}, False),
        ({"start": "2026-11-01", "end": "2026-11-10"}, True),
        # A wait may begin today in a case that was opened long ago.
        ({"start": "2025-11-01", "end": "2025-11-10", "basis": "opened"}, True),
    ],
)
def test_the_select_of_a_past_period_is_the_same_at_every_minute(
    query: dict[str, str], panel: Any, *, changes: bool
) -> None:
    now = datetime(2026, 11, 10, 15, 0, tzinfo=SAO_PAULO)
    first, second = (sql(query, now + timedelta(minutes=number), panel) for number in range(2))
    assert (first != second) == changes


def test_waits_of_yesterday_evening_are_judged_after_midnight() -> None:
    """At 00:10 a wait that began at 23:58 is not yet older than 15 minutes."""
    yesterday = {"start": "2026-11-09", "end": "2026-11-09"}
    midnight = datetime(2026, 11, 10, tzinfo=SAO_PAULO)
    at = [sql(yesterday, midnight + timedelta(minutes=number)) for number in (10, 11, 15, 16)]
    assert at[0] != at[1]
    assert at[2] == at[3]


def test_the_age_of_a_wait_is_real_time_where_clocks_change() -> None:
    """Clocks went back from midnight to 23:00: an hour of waiting is an hour."""
    assert sql_deadline(datetime(2019, 2, 17, 2, 5, tzinfo=UTC)) == datetime.fromisoformat(
        "2019-02-17T01:50"
    )


def sql_deadline(now: datetime) -> datetime:
    day = date(2019, 2, 16).isoformat()
    request = PanelRequest(
        Filters.parse({"start": day, "end": day}), EVERYTHING, now.astimezone(SAO_PAULO)
    )
    values = indicators.query(request).compile(dialect=make_dialect()).params.values()
    return max(value for value in values if isinstance(value, datetime))


def test_the_page_leaves_them_out_of_the_indicators(tmp_path: Path) -> None:
    """They take long to compute, and no card shows them; all other figures are the same."""
    server = create_app(Settings(store_url=import_rows(tmp_path, [CASE], TALK)))
    with closing(parts_of(server)) as parts:
        filters = Filters.parse(ALWAYS)
        whole = parts.reader.panel("indicators", filters, EVERYTHING)
        on_page = parts.reader.panel(
            "indicators", filters, EVERYTHING, TableRequest(is_for_page=True)
        )
    assert list(whole.frame.columns) == list(on_page.frame.columns)
    missing = on_page.frame.iloc[0].isna() & ~whole.frame.iloc[0].isna()
    assert set(on_page.frame.columns[missing]) == {
        *("waits", "median_reply_seconds", "within_target_share", "replies", "judged_waits"),
        *("previous_waits", "previous_replies", "previous_judged_waits"),
    }
    left = [name for name in whole.frame.columns if not missing[name]]
    assert on_page.frame[left].equals(whole.frame[left])


def test_the_statement_of_the_page_reads_no_waits() -> None:
    request = PanelRequest(
        Filters.parse(ALWAYS),
        EVERYTHING,
        datetime(2026, 11, 20, tzinfo=ZoneInfo("America/Sao_Paulo")),
        TableRequest(is_for_page=True),
    )
    assert "begins_wait" not in str(indicators.query(request))
