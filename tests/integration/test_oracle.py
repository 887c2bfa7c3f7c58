"""Every panel against the independent computation of ``tests.oracle``, through the real import.

The files are imported by the command, the answers are asked of the API as clients ask them.
"""

import csv
import json
import math
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.filters import Filters
from queries.reader import Reader
from queries.scope import EVERYTHING
from tests.integration.conftest import CUSTOMER_CARE, ROOT
from tests.oracle.awkward import random_queries, write_awkward
from tests.oracle.oracle import CASE_FILTERS, MESSAGE_FILTERS, Oracle, read_rows
from tests.panels import PERIOD_SLUGS

pytestmark = pytest.mark.integration

QUERIES_OF_A_SEED = 160
#: How many mismatches a failing test shows.
SHOWN = 5

Query = dict[str, str | list[str]]
EVERYTHING_EVER: Query = {"start": "2015-01-01", "end": "2027-12-31", "page_size": "1000"}


@dataclass(frozen=True)
class Store:
    """A loaded store: the import's report, a client of its API, and the oracle."""

    folder: Path
    said: str
    client: FlaskClient
    reader: Reader
    oracle: Oracle

    def get(self, slug: str, query: Query) -> dict[str, Any]:
        pairs = [
            (name, value)
            for name, given in query.items()
            for value in ([given] if isinstance(given, str) else given)
        ]
        response = self.client.get(f"/api/v1/panels/{slug}", query_string=pairs)
        return _json(response.status_code, response.get_data(as_text=True))

    def post(self, slug: str, query: Query) -> dict[str, Any]:
        response = self.client.post(f"/api/v1/panels/{slug}", json=query)
        return _json(response.status_code, response.get_data(as_text=True))

    def mismatches(self, slug: str, query: Query, answer: dict[str, Any]) -> list[str]:
        """Return sentences on how ``answer`` differs from the oracle."""
        found = differences(self.oracle.answer(slug, query), answer["rows"])
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
    done = subprocess.run(
        [sys.executable, "-m", "app", "import", *named],
        cwd=ROOT,
        env={**os.environ, "CONSUMO_STORE_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def opened(url: str, folder: Path, said: str, oracle: Oracle) -> Iterator[Store]:
    server = create_app(Settings(store_url=url))
    with closing(parts_of(server)) as parts:
        yield Store(folder, said, server.test_client(), parts.reader, oracle)


def imported(folder: Path, cases: Path, messages: Path) -> Iterator[Store]:
    url = store_in(folder)
    said = load(url, cases=cases, messages=messages)
    yield from opened(url, folder, said, Oracle.of_files(cases, messages))


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


@pytest.fixture(scope="module", params=[1, 2], ids=lambda seed: f"seed{seed}")
def awkward(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp(f"awkward{request.param}")
    yield from imported(folder, *write_awkward(folder, request.param))


@pytest.fixture(scope="module")
def customer_care(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if not CUSTOMER_CARE.is_dir():
        pytest.skip(f"the real conversations of {CUSTOMER_CARE} are not here")
    folder = tmp_path_factory.mktemp("customer-care")
    yield from imported(folder, CUSTOMER_CARE / "cases.csv", CUSTOMER_CARE / "messages.csv")


def asked(store: Store) -> list[Query]:
    queries = random_queries(random.Random(20261122), store.oracle)
    return list(islice(queries, QUERIES_OF_A_SEED))


@pytest.mark.parametrize("slug", PERIOD_SLUGS)
def test_every_panel_agrees_with_the_oracle(awkward: Store, slug: str) -> None:
    found = []
    for number, query in enumerate(asked(awkward)):
        ask = awkward.post if number % 2 else awkward.get
        found += awkward.mismatches(slug, query, ask(slug, query))
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


def test_rates_by_kind_agree(awkward: Store) -> None:
    """The page and the download have these rates, the API has not."""
    found, known = [], 0
    for query in asked(awkward):
        filters = Filters.parse(query)
        frame = awkward.reader.panel("indicators", filters, EVERYTHING).frame
        expected = awkward.oracle.rates_by_kind(query)
        assert set(frame.columns) - set(awkward.oracle.answer("indicators", query)[0]) == {
            *expected
        }
        got = {name: frame[name].iloc[0] for name in expected}
        known += sum(value is not None for value in expected.values())
        found += [f"{_short(query)}: {one}" for one in differences([expected], [got])]
    assert known > 200
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:SHOWN])


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
def test_pages_of_details_are_the_whole_in_order(awkward: Store, size: int) -> None:
    query: Query = {"start": "2026-11-05", "end": "2026-11-20"}
    if size == 1_000:
        query = {"start": "2018-01-01", "end": "2026-12-31"}
    total = awkward.oracle.total(query)
    walked: list[dict[str, Any]] = []
    for page in range(math.ceil(total / size) + 1):
        paging = {"page": str(page), "page_size": str(size)}
        answer = awkward.get("details", {**query, **paging})
        assert answer["total"] == total
        walked += answer["rows"]
    everything = awkward.oracle.answer("details", {**query, "page_size": str(total)})
    assert total > size or size == 1_000
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
def test_columns_of_details_are_filtered_folded(awkward: Store, where: dict[str, str]) -> None:
    query: Query = {"start": "2018-01-01", "end": "2026-12-31", "page_size": "1000", **where}
    assert not awkward.mismatches("details", query, awkward.get("details", query))
    origin: Query = {"start": query["start"], "end": query["end"]}
    assert awkward.oracle.total(query) < awkward.oracle.total(origin)


@pytest.mark.parametrize("name", [*CASE_FILTERS, *MESSAGE_FILTERS])
def test_options_and_their_counts(awkward: Store, name: str) -> None:
    """Each value with its number of cases, most first; which of equals comes first is open.

    At most 50 persons or cases come, and the total says how many there are. Two cases may bear
    one number: then fewer than 50 numbers stand for 50 cases.
    """
    found = []
    for query in asked(awkward)[::4]:
        expected = awkward.oracle.options(name, query)
        total = sum(cases for _, cases in expected) if name == "case" else len(expected)
        filters = awkward.reader.resolve(Filters.parse(query))
        answer = awkward.reader.options(name, filters, EVERYTHING)
        got = [(option.value, option.cases) for option in answer.values]
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
        for store in opened(url, tmp_path, "", oracle):
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
