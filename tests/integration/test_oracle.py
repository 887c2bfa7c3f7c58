"""Every panel against the independent computation of ``tests.oracle``, through the real import.

The files are imported by the command, the answers are asked of the API as clients ask them. All is
compared in each of ``WAYS``: an answer does not depend on the tables that it is read from, nor on
the cache.
"""

import csv
import io
import json
import math
import random
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Literal, TypeVar

import pandas as pd
import pytest
from flask.testing import FlaskClient

from app.factory import create_app, parts_of
from app.settings import Settings
from components.panels import PANELS
from components.panels.view import Panel
from queries import rollup_choice
from queries.columns import Kind
from queries.compiling import Compiler
from queries.filters import Filters
from queries.panel import PanelRequest, SummaryQuery
from queries.panels import indicators
from queries.reader import Reader
from queries.user_scope import EVERYTHING
from tests.integration.conftest import CUSTOMER_CARE
from tests.oracle.awkward import random_now, random_queries, running_queries, write_awkward
from tests.oracle.oracle import (
    ARRIVED,
    CASE_FILTERS,
    MESSAGE_FILTERS,
    SENT_OUT,
    Oracle,
    read_rows,
)
from tests.panels import PERIOD_PANELS, PERIOD_SLUGS
from tests.published import KINDS, publish, reading
from tests.services import run_here

pytestmark = pytest.mark.integration

#: How a CSV in English writes the values of these kinds.
WRITTEN: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: str,
    Kind.COUNT: str,
    Kind.SHARE: lambda value: f"{value:.6f}",
    # A time that rounding would make 0 keeps all its decimals.
    Kind.SECONDS: lambda value: (
        str(round(value)) if round(value) or not value else f"{Decimal(repr(value)):f}"
    ),
}
QUERIES_OF_A_SEED = 160
#: A warm or an absent cache gives what was computed for a cold one: fewer questions find whether it
#: does, and each takes two computations or a failed connection.
QUERIES_ABOUT_CACHES = 40
#: How many mismatches a failing test shows.
SHOWN = 5

Query = dict[str, str | list[str]]
EVERYTHING_EVER: Query = {"start": "2015-01-01", "end": "2027-12-31", "page_size": "1000"}


T = TypeVar("T")


@dataclass(frozen=True)
class Way:
    """A way to find answers.

    ``roll_ups``: counts are read from roll-ups where these hold them; otherwise always from cases
    and messages. ``cache``: each question is asked for the first time ("cold"), for the second
    time ("warm"), or of a server whose cache cannot be reached ("absent"). ``store``: the server
    reads its own DuckDB file, or what is published to one of ``published.KINDS``.
    """

    roll_ups: bool
    cache: Literal["cold", "warm", "absent"]
    store: str = "duckdb"

    @property
    def is_asked_all(self) -> bool:
        """Whether all questions are asked in this way: what differs is the computation itself."""
        return self.cache == "cold" and (self.roll_ups or self.store == "duckdb")

    def __str__(self) -> str:
        return f"{self.store}, {'roll-ups' if self.roll_ups else 'rows'}, {self.cache} cache"


ROLL_UPS_COLD = Way(roll_ups=True, cache="cold")
WAYS = (
    ROLL_UPS_COLD,
    Way(roll_ups=True, cache="warm"),
    Way(roll_ups=False, cache="cold"),
    Way(roll_ups=True, cache="absent"),
    *(Way(roll_ups=True, cache="cold", store=kind) for kind in KINDS),
    Way(roll_ups=False, cache="cold", store="postgresql"),
    Way(roll_ups=False, cache="cold", store="clickhouse"),
)
#: Nobody listens there.
ABSENT_CACHE = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Store:
    """A loaded store: the import's report, a client of its API, and the oracle."""

    folder: Path
    said: str
    client: FlaskClient
    reader: Reader
    oracle: Oracle
    way: Way = ROLL_UPS_COLD

    def get(self, slug: str, query: Query) -> dict[str, Any]:
        pairs = [
            (name, value)
            for name, given in query.items()
            for value in ([given] if isinstance(given, str) else given)
        ]
        response = self.asked(lambda: self.client.get(f"/api/v1/panels/{slug}", query_string=pairs))
        return _json(response.status_code, response.get_data(as_text=True))

    def post(self, slug: str, query: Query) -> dict[str, Any]:
        response = self.asked(lambda: self.client.post(f"/api/v1/panels/{slug}", json=query))
        return _json(response.status_code, response.get_data(as_text=True))

    def download(self, slug: str, query: Query) -> list[list[str]]:
        """Return headers and rows of the panel's CSV in English."""

        def ask() -> str:
            with self.client.get(
                f"/export/{slug}.csv", query_string={"lang": "en", **query}
            ) as response:
                assert response.status_code == 200, response.get_data(as_text=True)[:500]
                return response.get_data().decode("utf-8-sig")

        csv.field_size_limit(2**24)
        return list(csv.reader(io.StringIO(self.asked(ask), newline="")))

    def asked(self, ask: Callable[[], T]) -> T:
        """Return the answer of ``ask``; where the cache is to be warm, its second answer."""
        if self.way.cache == "warm":
            ask()
        return ask()

    def cached(self) -> tuple[int, int]:
        """Return how many answers came from the cache and how many did not, from the metrics."""
        text = self.client.get("/metrics").get_data(as_text=True)
        hits, misses = (
            re.search(rf"^consumo_cache_{name}_total (\d+)", text, re.MULTILINE)
            for name in ("hits", "misses")
        )
        assert hits
        assert misses
        return int(hits[1]), int(misses[1])

    def mismatches(self, slug: str, query: Query, answer: dict[str, Any]) -> list[str]:
        """Return sentences on how ``answer`` differs from the oracle."""
        found = differences(self.oracle.answer(slug, query), answer["rows"])
        if "previous" in answer and answer["previous"] != self.oracle.previous(query):
            right, got = self.oracle.previous(query), answer["previous"]
            found.append(f"previous: expected {_short(right)}, got {_short(got)}")
        if slug == "details" and answer["total"] != self.oracle.total(query):
            found.append(f"total: expected {self.oracle.total(query)}, got {answer['total']}")
        return [f"{slug} {_short(query)}: {difference}" for difference in found]


def _json(status: int, text: str) -> dict[str, Any]:
    assert status == 200, text[:500]
    answer: dict[str, Any] = json.loads(text)
    return answer


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 600 else f"{text[:600]}…"


def differences(expected: list[dict[str, Any]], got: list[dict[str, Any]]) -> list[str]:
    """Return sentences on how two answers differ: number of rows, column names, values."""
    found = []
    if len(expected) != len(got):
        found.append(f"{len(expected)} rows expected, {len(got)} got")
    for number, (right, answer) in enumerate(zip(expected, got, strict=False)):
        if right.keys() != answer.keys():
            found.append(f"row {number}: names {sorted(right)} expected, {sorted(answer)} got")
            continue
        found += [
            f"row {number} {name}: expected {_short(right[name])}, got {_short(answer[name])}"
            for name in right
            if not same(name, right[name], answer[name])
        ]
    return found


def download_mismatches(
    oracle: Oracle, panel: Panel, query: Query, lines: list[list[str]]
) -> tuple[list[str], int]:
    """Return sentences on how a CSV in English differs from the oracle, and how many cells were
    compared.

    ``lines`` are its headers and rows. How codes and times are written is not the oracle's.
    """
    columns = panel.query.download_columns
    whole: Query = {**query, "page_size": str(max(1, oracle.total(query)))}
    rows = oracle.answer(panel.slug, whole)
    frame = pd.DataFrame(rows, columns=[c.name for c in panel.query.columns], dtype=object)
    expected = panel.query.download_rows(frame)
    headers, *cells = lines
    assert len(headers) == len(columns)
    if len(cells) != len(expected):
        return [f"{_short(query)}: {len(expected)} rows expected, {len(cells)} got"], 0
    found, compared = [], 0
    for place, column in enumerate(columns):
        if not column.in_api or column.kind not in WRITTEN:
            continue
        right = [
            "" if value is None else WRITTEN[column.kind](value) for value in expected[column.name]
        ]
        # An apostrophe stands before what a spreadsheet would take for a formula.
        got = [row[place] for row in cells]
        compared += len(right)
        found += [
            f"{_short(query)}: {column.name}: {_short(one)} expected, {_short(other)} got"
            for one, other in zip(right, got, strict=True)
            if other not in (one, f"'{one}")
        ]
    return found, compared


def same(name: str, expected: object, got: object) -> bool:
    """Return whether two values are equal: floats to 1e-9, times to the microsecond and offset."""
    if isinstance(expected, float):
        is_number = isinstance(got, int | float) and not isinstance(got, bool)
        return is_number and math.isclose(expected, float(str(got)), rel_tol=1e-9, abs_tol=1e-9)
    if name.endswith("_at") and isinstance(expected, str) and isinstance(got, str):
        right, given = datetime.fromisoformat(expected), datetime.fromisoformat(got)
        return given.utcoffset() == right.utcoffset() and given == right
    return type(expected) is type(got) and expected == got


def load(url: str, **files: Path) -> str:
    """Import files (``cases``, ``messages``) into the store at ``url``; return the report."""
    named = [text for name, path in files.items() for text in (f"--{name}", str(path))]
    return run_here("import", *named, url=url)


def opened(
    settings: Settings, folder: Path, said: str, oracle: Oracle, way: Way = ROLL_UPS_COLD
) -> Iterator[Store]:
    if way.cache == "absent":
        settings = replace(settings, cache_url=ABSENT_CACHE)
    # The oracle's clock is the server's: a test that sets it sets both.
    server = create_app(settings, clock=lambda: oracle.now)
    with closing(parts_of(server)) as parts:
        yield Store(folder, said, server.test_client(), parts.reader, oracle, way)


@dataclass(frozen=True)
class Imported:
    """The folder of a store that no process has open, the import's report, and the oracle."""

    folder: Path
    said: str
    oracle: Oracle


def imported(folder: Path, cases: Path, messages: Path) -> Imported:
    said = load(store_in(folder), cases=cases, messages=messages)
    return Imported(folder, said, Oracle.of_files(cases, messages))


def store_in(folder: Path) -> str:
    return f"duckdb:///{folder / 'store.duckdb'}"


def cut(path: Path, *places: int) -> list[Path]:
    """Split the rows of ``path`` at ``places`` into several files."""
    rows, _ = read_rows(path)
    edges = [0, *places, len(rows)]
    parts = []
    for number, (first, last) in enumerate(pairwise(edges)):
        part = path.with_stem(f"{path.stem}-{number}")
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows[first:last])
        parts.append(part)
    return parts


@pytest.fixture(scope="module")
def import_seed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Imported]:
    """Return a function that imports the awkward data of a seed, once however often it is asked."""

    @cache
    def import_once(seed: int) -> Imported:
        folder = tmp_path_factory.mktemp(f"awkward{seed}")
        return imported(folder, *write_awkward(folder, seed))

    return import_once


#: The seeds of the awkward data; of published stores one is asked.
SEEDS = (1, 2)
OF_A_PUBLISHED_STORE = (2,)
CASES_OF_WAYS = [
    (way, seed)
    for way in WAYS
    for seed in (SEEDS if way.store == "duckdb" else OF_A_PUBLISHED_STORE)
]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed{seed}")
def awkward_import(
    request: pytest.FixtureRequest, import_seed: Callable[[int], Imported]
) -> Imported:
    return import_seed(request.param)


@pytest.fixture(scope="module")
def awkward(awkward_import: Imported, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Open a copy of the awkward data, with roll-ups and a cache in memory."""
    yield from opened_copy(awkward_import, tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="module", params=CASES_OF_WAYS, ids=lambda one: f"{one[0]}-seed{one[1]}")
def opened_in_a_way(
    request: pytest.FixtureRequest,
    import_seed: Callable[[int], Imported],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Store]:
    way, seed = request.param
    folder, source = tmp_path_factory.mktemp("way"), import_seed(seed)
    if way.store == "duckdb":
        yield from opened_copy(source, folder, way)
        return
    shutil.copy(source.folder / "store.duckdb", folder)
    settings = reading(
        way.store, folder / "store.duckdb", lambda: request.getfixturevalue("postgresql")
    )
    publish(settings)
    yield from opened(settings, source.folder, source.said, source.oracle, way)


@pytest.fixture
def store(opened_in_a_way: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return the awkward data as it is read in one of ``WAYS``."""
    if not opened_in_a_way.way.roll_ups:
        without_roll_ups(monkeypatch)
    return opened_in_a_way


def opened_copy(source: Imported, folder: Path, way: Way = ROLL_UPS_COLD) -> Iterator[Store]:
    shutil.copy(source.folder / "store.duckdb", folder)
    settings = Settings(store_url=store_in(folder))
    yield from opened(settings, source.folder, source.said, source.oracle, way)


def without_roll_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every count be read from cases and messages, also where a statement is kept already."""
    monkeypatch.setattr(rollup_choice, "roll_ups_hold_messages", lambda _filters: False)
    monkeypatch.setattr(Compiler, "made", lambda self, make, *given: self.compiled(make(*given)))


@pytest.fixture(scope="module")
def customer_care(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if not CUSTOMER_CARE.is_dir():
        pytest.skip(f"the real conversations of {CUSTOMER_CARE} are not here")
    folder = tmp_path_factory.mktemp("customer-care")
    done = imported(folder, CUSTOMER_CARE / "cases.csv", CUSTOMER_CARE / "messages.csv")
    yield from opened(Settings(store_url=store_in(folder)), folder, done.said, done.oracle)


def asked(store: Store) -> list[Query]:
    """Return the random queries that are asked in the store's way."""
    queries = random_queries(random.Random(20261122), store.oracle)
    return list(
        islice(queries, QUERIES_OF_A_SEED if store.way.is_asked_all else QUERIES_ABOUT_CACHES)
    )


def test_each_way_is_what_it_says(store: Store) -> None:
    """Its questions miss the cache or hit it, and its statements name roll-ups or name none."""
    query: Query = {"start": "2018-02-03", "end": "2018-03-04"}
    hits, misses = store.cached()
    store.get("cases", query)
    hits_then, misses_then = store.cached()
    assert misses_then > misses
    assert (hits_then > hits) == (store.way.cache == "warm")
    store.get("cases", query)
    hits_again, _ = store.cached()
    assert (hits_again > hits_then) == (store.way.cache != "absent")

    request = PanelRequest(Filters.parse(query), EVERYTHING, store.reader.now())
    statements = [
        str(panel.query.query(request)) for panel in PANELS if isinstance(panel.query, SummaryQuery)
    ]
    with_roll_ups = [text for text in statements if re.search("(message|case|active)_days", text)]
    assert len(with_roll_ups) > 3 if store.way.roll_ups else not with_roll_ups


@pytest.mark.parametrize("slug", PERIOD_SLUGS)
def test_every_panel_agrees_with_the_oracle(store: Store, slug: str) -> None:
    found = []
    for number, query in enumerate(asked(store)):
        ask = store.post if number % 2 else store.get
        found += store.mismatches(slug, query, ask(slug, query))
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


RUNNING_OF_A_SEED = 300
RUNNING_ABOUT_CACHES = 60
QUESTIONS_A_MINUTE = 6


def running(store: Store) -> int:
    """Return how many questions are asked at a pretended present in the store's way."""
    return RUNNING_OF_A_SEED if store.way.is_asked_all else RUNNING_ABOUT_CACHES


def asked_while_running(store: Store) -> Iterator[Query]:
    """Yield random queries about the days around a present time, which is set before each few."""
    rng = random.Random(20261126)
    before = store.oracle.now
    for number in range(running(store)):
        if number % QUESTIONS_A_MINUTE == 0:
            store.oracle.now = random_now(rng, store.oracle)
        yield next(running_queries(rng, store.oracle))
    store.oracle.now = before


def test_presets_and_days_before_agree_with_the_oracle(store: Store) -> None:
    """At several minutes of a pretended present, also around midnight and the ends of months."""
    found, stopped, with_figures = [], 0, 0
    for query in asked_while_running(store):
        answer = store.get("indicators", query)
        stopped += answer["previous"]["until"] is not None
        with_figures += bool(answer["rows"][0]["previous_messages"])
        found += [
            f"{store.oracle.now}: {one}" for one in store.mismatches("indicators", query, answer)
        ]
        start, end = store.oracle.period(query)
        named = {name: query[name] for name in ("period",) if name in query}
        days = {"start": start.isoformat(), "end": end.isoformat(), **named}
        said = answer["filters"]
        if days != {name: said[name] for name in ("start", "end", "period") if name in said}:
            found.append(f"{store.oracle.now} {_short(query)}: {days} expected, {said} got")
    assert stopped > running(store) / 3
    assert with_figures > running(store) / 4
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


@pytest.mark.parametrize("slug", PERIOD_SLUGS)
def test_every_panel_takes_presets(awkward: Store, slug: str) -> None:
    found = []
    for query in islice(asked_while_running(awkward), 0, None, 10):
        found += awkward.mismatches(slug, query, awkward.get(slug, query))
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


def test_rates_by_kind_agree(store: Store) -> None:
    """The page and the download have these rates, the API has not."""
    found, known = [], 0
    queries = asked(store)
    for query in queries:
        filters = Filters.parse(query)
        frame = store.asked(
            lambda f=filters: store.reader.panel("indicators", f, EVERYTHING).frame  # type: ignore[misc]
        )
        expected = store.oracle.rates_by_kind(query)
        of_costs = {column.name for column in indicators.COSTS}
        downloaded = {c.name for c in indicators.PANEL.download_columns} - of_costs
        assert downloaded - set(store.oracle.answer("indicators", query)[0]) == {*expected}
        known += sum(value is not None for value in expected.values())
        expected |= samples(store.oracle, query)
        got = {name: frame[name].iloc[0] for name in expected}
        found += [f"{_short(query)}: {one}" for one in differences([expected], [got])]
    assert known > 1.25 * len(queries)
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


def samples(oracle: Oracle, query: Query) -> dict[str, int]:
    """Return how many messages the rates are of; only the page has these figures."""
    sent = [one.status for one in oracle.select(query).messages if one.direction == "out"]
    return {
        "sent_out_messages": sum(status in SENT_OUT for status in sent),
        "arrived_messages": sum(status in ARRIVED for status in sent),
        "unconfirmed_messages": sent.count("unknown"),
    }


@pytest.mark.parametrize("panel", PERIOD_PANELS, ids=lambda panel: panel.slug)
def test_downloads_agree(store: Store, panel: Panel) -> None:
    """The rows of a CSV are those of the oracle without those that a download leaves out.

    Texts, counts and rates are compared; how codes and times are written is not the oracle's.
    """
    found, compared = [], 0
    for query in [*asked(store)[::16], EVERYTHING_EVER]:
        asked_for = {name: value for name, value in query.items() if name != "page_size"}
        differing, of_these = download_mismatches(
            store.oracle, panel, query, store.download(panel.slug, asked_for)
        )
        found += differing
        compared += of_these
    assert compared > 0
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


def test_sends_that_can_still_be_answered_agree_with_the_oracle(store: Store) -> None:
    """Only the page has them; at several minutes of a pretended present."""
    found, known = [], 0
    for query in islice(asked_while_running(store), 0, None, 5):
        frame = store.reader.panel("templates", Filters.parse(query), EVERYTHING).frame
        pairs = zip(frame["template_name"], frame["answerable"], strict=True)
        told = {name if isinstance(name, str) else None: count for name, count in pairs if count}
        wanted = store.oracle.answerable(query)
        known += sum(wanted.values())
        if told != wanted:
            found.append(f"{store.oracle.now} {_short(query)}: {wanted} expected, {told} got")
    assert known > 0
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


def test_the_trend_of_a_template_agrees_with_the_oracle(store: Store) -> None:
    """Of each day it is the template's row for that day alone; all days make its row."""
    start, end = date(2026, 11, 1), date(2026, 11, 20)
    names = ("sent", "delivered", "read", "failed", "answered")
    compared = 0
    for basis in ("sent", "opened"):
        days: Query = {"start": start.isoformat(), "end": end.isoformat(), "basis": basis}
        for template in [row["template_name"] for row in store.oracle.answer("templates", days)]:
            if template is None:
                continue
            asked_for = {**days, "template": template}
            frame = store.reader.template_trend(Filters.parse(asked_for), EVERYTHING).frame
            assert list(frame["period"]) == [start + timedelta(days=day) for day in range(20)]
            for row in frame.to_dict("records"):
                day = row["period"].isoformat()
                alone = store.oracle.answer("templates", {**asked_for, "start": day, "end": day})
                wanted = {name: alone[0][name] if alone else 0 for name in names}
                assert {name: row[name] for name in names} == wanted, (asked_for, day)
                compared += bool(alone)
    assert compared > 3


@pytest.mark.parametrize("slug", PERIOD_SLUGS)
def test_get_and_post_give_the_same(awkward: Store, slug: str) -> None:
    for query in asked(awkward)[::8]:
        assert awkward.get(slug, query) == awkward.post(slug, query)


def test_the_same_messages_in_every_panel(awkward: Store) -> None:
    for query in asked(awkward)[::2]:
        by_origin = awkward.get("messages-by-origin", query)["rows"]
        by_status = awkward.get("messages-by-status", query)["rows"]
        totals = {
            sum(row["messages"] for row in by_origin),
            sum(row["messages"] for row in by_status),
            awkward.get("details", query)["total"],
            awkward.get("indicators", query)["rows"][0]["messages"],
        }
        assert len(totals) == 1, (query, totals)


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_pages_of_details_are_the_whole_in_order(store: Store, size: int) -> None:
    query: Query = {"start": "2026-11-05", "end": "2026-11-20"}
    if size == 1_000:
        query = {"start": "2018-01-01", "end": "2026-12-31"}
    if size == 1 and store.way != ROLL_UPS_COLD:
        query = {"start": "2026-11-12", "end": "2026-11-12"}  # a page for each row is slow
    total = store.oracle.total(query)
    walked: list[dict[str, Any]] = []
    for page in range(math.ceil(total / size) + 1):
        paging = {"page": str(page), "page_size": str(size)}
        answer = store.get("details", {**query, **paging})
        assert answer["total"] == total
        walked += answer["rows"]
    everything = store.oracle.answer("details", {**query, "page_size": str(total)})
    assert total > 3 * size or size == 1_000
    assert not differences(everything, walked)


@pytest.mark.parametrize(
    "where",
    [
        {"where.reply": "ola"},
        {"where.reply": "100%_\\"},
        {"where.reply": "JOÃO"},
        {"where.template_name": "COBRANCA"},
        {"where.case_number": "0004"},
        {"where.case_type": "[x]"},
        {"where.last_agent": "avila"},
        {"where.reply": "\n"},
        {"where.template_name": "b", "where.case_type": "duvida"},
    ],
    ids=_short,
)
def test_columns_of_details_are_filtered_folded(store: Store, where: dict[str, str]) -> None:
    query: Query = {"start": "2018-01-01", "end": "2026-12-31", "page_size": "1000", **where}
    assert not store.mismatches("details", query, store.get("details", query))
    origin: Query = {"start": query["start"], "end": query["end"]}
    assert store.oracle.total(query) < store.oracle.total(origin)


def test_each_reason_of_failures_has_its_messages_in_the_table(store: Store) -> None:
    """What a press on it shows: as many rows as it counts, of each code and of none."""
    query: Query = {"start": "2018-01-01", "end": "2026-12-31"}
    failed: Query = {**query, "status": "failed", "direction": "out", "page_size": "1000"}
    reasons = store.get("failures", query)["rows"]
    assert {row["error_code"] for row in reasons} >= {None, "131026"}
    for reason in reasons:
        pressed = {**failed, "where.error_code": reason["error_code"] or "—"}
        answer = store.get("details", pressed)
        assert not store.mismatches("details", pressed, answer)
        assert answer["total"] == reason["messages"]


@pytest.mark.parametrize("name", [*CASE_FILTERS, *MESSAGE_FILTERS])
def test_options_and_their_counts(store: Store, name: str) -> None:
    """Each value with its number of cases, most first; which of equals comes first is open.

    At most 50 persons or cases come, and the total says how many there are. Two cases may bear
    one number: then fewer than 50 numbers stand for 50 cases.
    """
    found = []
    for query in asked(store)[::4]:
        expected = store.oracle.options(name, query)
        total = sum(cases for _, cases in expected) if name == "case" else len(expected)
        filters = store.reader.resolve(Filters.parse(query), EVERYTHING)
        answer = store.asked(
            lambda f=filters: store.reader.options(name, f, EVERYTHING)  # type: ignore[misc]
        )
        got = [(option.value, option.cases) for option in answer.values]  # noqa: PD011
        right = len(got) == len({*got}) and {*got} <= {*expected}
        if name == "case":  # newest first
            right = right and (0 < len(got) <= 50 if total > 50 else len(got) == len(expected))
        else:
            shown = expected[:50] if name == "person" else expected
            right = right and [cases for _, cases in got] == [cases for _, cases in shown]
        if not right or answer.total != total:
            wanted = _short([total, *sorted(set(expected) - set(got))[:5]])
            surplus = _short([answer.total, *sorted(set(got) - set(expected))[:5]])
            found.append(f"{_short(query)}: {wanted} expected, {surplus} got")
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


def test_rejected_rows_are_listed(awkward: Store) -> None:
    expected = sorted((Path(r.file).stem, r.line, r.column) for r in awkward.oracle.rejects)
    [path] = awkward.folder.glob("rejects*.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    got = sorted((Path(row["file"]).stem, int(row["line"]), row["column"]) for row in rows)
    assert got == expected
    assert all(row["reason"] for row in rows)
    assert f"{len(expected)} rows rejected" in awkward.said


def test_loads_in_parts_and_again_give_the_same(tmp_path: Path) -> None:
    """Later loads change what earlier ones derived; a file that was loaded before changes nothing.

    Cases are cut where only repeats follow, so that no message comes before its case.
    """
    cases, messages = write_awkward(tmp_path, 9, cases=300)
    oracle = Oracle.of_files(cases, messages)
    case_parts = cut(cases, len(read_rows(cases)[0]) - 8)
    message_parts = cut(messages, 400, 500, 900)
    url = store_in(tmp_path)
    said = [load(url, cases=case_parts[0])]
    said += [load(url, messages=part) for part in message_parts[:2]]
    said += [load(url, cases=case_parts[1], messages=message_parts[2])]
    said += [load(url, messages=message_parts[3])]
    rejected = sum(int(n) for text in said for n in re.findall(r"(\d+) rows? rejected", text))
    assert rejected == len(oracle.rejects)
    for _ in range(2):
        for store in opened(Settings(store_url=url), tmp_path, "", oracle):
            found = []
            for query in [*asked(store)[:60:3], EVERYTHING_EVER]:
                for slug in PERIOD_SLUGS:
                    found += store.mismatches(slug, query, store.get(slug, query))
            assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])
        load(url, cases=cases, messages=messages)


def test_customer_care_is_imported_completely(customer_care: Store) -> None:
    everything: Query = {"start": "2018-01-01", "end": "2020-12-31"}
    figures = customer_care.get("indicators", everything)["rows"][0]
    # One of the 1,025 cases has no other message than one that already belongs to another case,
    # and its channel is "Chat": it is kept and not counted.
    assert customer_care.oracle.cases_taken == 1_025
    assert (figures["cases_created"], figures["messages"]) == (1_024, 2_343)
    assert "7 rows rejected" in customer_care.said
    assert [refused.column for refused in customer_care.oracle.rejects] == ["message_id"] * 7


@pytest.mark.parametrize("slug", PERIOD_SLUGS)
def test_customer_care_agrees(customer_care: Store, slug: str) -> None:
    queries = random_queries(random.Random(7), customer_care.oracle)
    found = []
    for query in islice(queries, 0, 60, 3):
        found += customer_care.mismatches(slug, query, customer_care.get(slug, query))
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])
