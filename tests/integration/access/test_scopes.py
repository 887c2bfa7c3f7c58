"""What a scope sees is what a store would show that held only the cases of this scope.

The first half compares random scopes and random filters with the independent computation
(``Oracle.seen_by``), which is given only the cases that the scope may see and derives everything
anew. Two columns are the exception: ``answered`` and ``in_window`` of an HSM are derived at load
from all messages of its phone in its account. Where a customer wrote in cases of several teams or
channels, they are facts about this customer that no scope changes: the computation takes them from
the whole data. ``test_only_facts_about_shared_phones_need_the_whole_store`` shows that this is so
for nothing else, and never across accounts.

The second half has data whose values name their group, and looks for groups that must not be there:
in the answers to forged requests, and in those of many threads at once.
"""

import csv
import io
import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import cache_backends
from app.factory import create_app, parts_of
from app.settings import Settings
from components import ids
from components.freshness import OLD_SECONDS
from queries.filters import LISTS
from tests.integration.access.conftest import (
    ACCOUNTS,
    CHANNELS,
    DOORS,
    GROUPS,
    PERIOD,
    TEAMS,
    TEXT,
    TOKEN_SETTINGS,
    Asked,
    api,
    app_on,
    bearer,
    case_keys,
    export,
    hidden_digits,
    marks,
    of_group,
    page,
    page_call,
    ticket,
    timeline_of,
)
from tests.integration.test_oracle import Query, differences, download_mismatches
from tests.oracle.awkward import CHANNELS as AWKWARD_CHANNELS
from tests.oracle.awkward import NEWEST, random_queries, write_awkward
from tests.oracle.awkward import TEAMS as AWKWARD_TEAMS
from tests.oracle.oracle import Case, Oracle, fold
from tests.page_questions import ANSWERS
from tests.panels import PERIOD_PANELS, PERIOD_SLUGS
from tests.services import REDIS, import_files, need, redis_server

pytestmark = pytest.mark.integration

#: The present time of the app on the awkward data: some of them are still to happen.
AWKWARD_NOW = NEWEST + timedelta(minutes=10)
SCOPES_OF_A_SEED = 16
QUERIES_OF_A_SCOPE = 1
ENGLISH = {"X-Consumo-Language": "en"}


# --- random scopes against the independent computation --------------------------------------------


@dataclass(frozen=True)
class Awkward:
    """The app on the awkward data, its oracle, and the key of each case."""

    server: Flask
    client: FlaskClient
    oracle: Oracle
    keys: Mapping[tuple[str, str], str]


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Awkward]:
    folder = tmp_path_factory.mktemp("awkward")
    files = write_awkward(folder, 41, 300)
    url, _ = import_files(folder, *files)
    oracle = Oracle.of_files(*files)
    oracle.now = AWKWARD_NOW
    generous = {"exports_per_minute": 100_000, "reveals_per_minute": 100_000}
    settings = Settings(store_url=url, threads=1, **TOKEN_SETTINGS, **generous)  # type: ignore[arg-type]
    server = create_app(settings, lambda: AWKWARD_NOW)
    with closing(parts_of(server)) as parts:
        with parts.owner.snapshot() as snapshot:
            rows = snapshot.fetch("select account, case_id, case_key from cases", ()).rows
        keys = {(account, case_id): str(key) for account, case_id, key in rows}
        yield Awkward(server, server.test_client(use_cookies=False), oracle, keys)


@dataclass(frozen=True)
class Seen:
    """A random scope: the claims of its token, and the oracle of the cases that it may see."""

    claims: Mapping[str, object]
    oracle: Oracle

    @property
    def headers(self) -> dict[str, str]:
        return {**bearer(clock=lambda: AWKWARD_NOW, **self.claims), **ENGLISH}


def some(rng: random.Random, values: Sequence[str], *others: str) -> list[str]:
    """Return some of ``values``, at times none, and at times others that no case has."""
    known = sorted({*values} - {""})
    chosen = rng.sample(known, rng.choice((0, 1, 2, len(known) - 1, len(known) - 1, len(known))))
    return [*chosen, *rng.sample(others, rng.randrange(len(others) + 1))]


ACCOUNT_LISTS = (
    *(["default"], ["default"], ["default"], ["filial"], ["filial"]),
    *(["default", "filial"], ["default", "filial", "x"], ["x"], []),
)


def random_scopes(rng: random.Random, whole: Oracle) -> Iterator[Seen]:
    """Yield scopes without end: of accounts, teams and channels that are there, or are not."""
    while True:
        claims: dict[str, object] = {}
        accounts = rng.choice(ACCOUNT_LISTS)
        claims["account"] = accounts
        if accounts == ["default"] and rng.random() < 0.5:
            claims["account"] = rng.choice((..., "default"))
        teams: list[str] | None = some(rng, AWKWARD_TEAMS, "N1 ", "x' or 1=1 --")
        words = rng.sample(("reveal_text", "export", "unknown"), rng.randrange(4))
        claims["teams"] = teams
        if rng.random() < 0.45:
            teams, words = None, [*words, "all_teams"]
        channels: list[str] | None = None
        if rng.random() < 0.5:
            channels = some(rng, AWKWARD_CHANNELS, "whatsapp", "*")
            claims["channels"] = channels
        claims["capabilities"] = words
        yield Seen(claims, whole.seen_by(accounts, teams, channels))


@pytest.fixture(scope="module")
def scopes(awkward: Awkward) -> list[Seen]:
    """Random scopes, of which some see nothing, some all, and most a part."""
    chosen = list(islice(random_scopes(random.Random(12), awkward.oracle), SCOPES_OF_A_SEED))
    sizes = [len(seen.oracle.cases) for seen in chosen]
    assert 2 <= sizes.count(0) < SCOPES_OF_A_SEED / 2
    assert len(set(sizes)) > SCOPES_OF_A_SEED / 3
    return chosen


def queries(awkward: Awkward, seen: Seen, number: int) -> list[Query]:
    """Return random questions, whose values are those of the whole store, and one without any."""
    rng = random.Random(repr((number, sorted(map(str, seen.claims.items())))))
    found = list(islice(random_queries(rng, awkward.oracle), 28, 28 + QUERIES_OF_A_SCOPE))
    return [*found, {"basis": rng.choice(("sent", "opened"))}]


def posted(awkward: Awkward, seen: Seen, slug: str, query: Query) -> dict[str, Any]:
    answer = awkward.client.post(f"/api/v1/panels/{slug}", json=query, headers=seen.headers)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.get_json()
    return content


def with_texts(seen: Seen, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of ``details`` as this reader sees them: without the capability no texts."""
    if "reveal_text" in seen.claims["capabilities"]:  # type: ignore[operator]
        return rows
    return [{**row, "reply": None} if "reply" in row else row for row in rows]


def test_every_panel_shows_the_rows_of_the_scope(awkward: Awkward, scopes: list[Seen]) -> None:
    found, with_rows = [], 0
    for number, seen in enumerate(scopes):
        for query in queries(awkward, seen, number):
            for slug in PERIOD_SLUGS:
                answer = posted(awkward, seen, slug, query)
                expected = with_texts(seen, seen.oracle.answer(slug, query))
                with_rows += slug == "details" and bool(expected)
                found += [
                    f"{slug} {dict(seen.claims)} {query}: {one}"
                    for one in differences(expected, answer["rows"])
                ]
                if slug == "details":
                    found += [f"total {dict(seen.claims)} {query}"] * (
                        answer["total"] != seen.oracle.total(query)
                    )
    assert with_rows > SCOPES_OF_A_SEED / 3
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:5])


def test_who_waits_is_of_the_scope(awkward: Awkward, scopes: list[Seen]) -> None:
    waits = 0
    for number, seen in enumerate(scopes):
        for query in queries(awkward, seen, number):
            asked = {**query, "page_size": "1000"}
            asked.pop("bucket", None)
            answer = posted(awkward, seen, "waiting", asked)
            expected = seen.oracle.panel_waiting(asked, AWKWARD_NOW)
            waits += expected["total"]
            assert answer["total"] == expected["total"]
            assert answer["windows"] == expected["windows"]
            assert not differences(expected["rows"], answer["rows"])
    assert waits > SCOPES_OF_A_SEED


def test_downloads_hold_the_rows_of_the_scope(awkward: Awkward, scopes: list[Seen]) -> None:
    """Directly and by ticket; who may not download gets nothing."""
    csv.field_size_limit(2**24)
    found, compared = [], 0
    for number, seen in enumerate(scopes):
        [query, *_] = queries(awkward, seen, number)
        panel = PERIOD_PANELS[number % len(PERIOD_PANELS)]
        if number % 2:
            panel = next(one for one in PERIOD_PANELS if one.slug == "details")
        pairs = {"lang": "en", **query}
        headers = seen.headers
        if "export" not in seen.claims["capabilities"]:  # type: ignore[operator]
            address = f"/export/{panel.slug}.csv"
            assert awkward.client.get(address, headers=headers).status_code == 403
            continue
        direct = awkward.client.get(
            f"/export/{panel.slug}.csv", query_string=pairs, headers=headers, buffered=True
        )
        address = f"/export/{panel.slug}.csv?{direct.request.query_string.decode()}"
        by_ticket = awkward.client.get(ticket(awkward.client, headers, address), buffered=True)
        assert direct.get_data() == by_ticket.get_data()
        lines = list(csv.reader(io.StringIO(direct.text.lstrip("\ufeff"), newline="")))
        if "reveal_text" in seen.claims["capabilities"]:  # type: ignore[operator]
            differing, of_these = download_mismatches(seen.oracle, panel, query, lines)
            found += differing
            compared += of_these
        assert panel.slug != "details" or len(lines) - 1 == seen.oracle.total(query)
    assert compared > 100
    assert not found, found[:5]


def test_a_workbook_holds_the_rows_of_the_scope(awkward: Awkward, scopes: list[Seen]) -> None:
    allowed = [
        seen
        for seen in scopes
        if "export" in seen.claims["capabilities"] and seen.oracle.messages  # type: ignore[operator]
    ]
    everything: Query = {"start": "2018-01-01", "end": "2026-12-31"}
    for seen in allowed[:3]:
        answer = awkward.client.get(
            "/export/details.xlsx", query_string=everything, headers=seen.headers, buffered=True
        )
        sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data()), read_only=True).active
        assert sheet is not None
        rows = list(sheet.iter_rows(values_only=True))
        place = rows[0].index("Case")
        size = str(seen.oracle.total(everything))
        expected = seen.oracle.answer("details", {**everything, "page_size": size})
        assert [str(row[place]) for row in rows[1:]] == [row["case_number"] for row in expected]
    assert len(allowed) >= 3


def offered(awkward: Awkward, seen: Seen, name: str, query: Query, search: str = "") -> Any:
    """Return the options that the page gets for the filter ``name``, and the total of cases."""
    asked = Asked(query, {}, search=search)
    output = f"{ids.found(name)}.data"
    answer = page_call(awkward.client, seen.headers, asked, output)
    assert answer.status_code == 200
    response = answer.get_json()["response"]
    data = response[ids.found(name)]["data"]
    assert "failed" not in data
    found = [(value, beside) for value, _label, beside in data["options"]]
    return found, response.get(ids.control(name), {}).get("placeholder")


def test_options_and_their_counts_are_of_the_scope(awkward: Awkward, scopes: list[Seen]) -> None:
    for number, seen in enumerate(scopes):
        [query, *_, unfiltered] = queries(awkward, seen, number)
        for name in random.Random(number).sample(LISTS, 4):
            for one in (query, unfiltered):
                expected = seen.oracle.options(name, one)
                found, total = offered(awkward, seen, name, one)
                if name == "case":
                    count = sum(cases for _, cases in expected)
                    assert total == ("1 case" if count == 1 else f"{count:,} cases")
                    assert {value for value, _ in found} <= {value for value, _ in expected}
                    assert count > 50 or len(found) == len(expected)
                    continue
                right = {(value, f"{cases:,}") for value, cases in expected}
                assert {*found} <= right, (name, seen.claims, one)
                assert len(found) == (min(50, len(right)) if name == "person" else len(right))


def test_a_search_finds_names_of_the_scope(awkward: Awkward, scopes: list[Seen]) -> None:
    everything: Query = {"start": "2018-01-01", "end": "2026-12-31"}
    hits = 0
    for seen in scopes[::2]:
        for text in ("silva", "JOÃO", "00"):
            for name in ("person", "case"):
                chosen = seen.oracle.select(everything).cases
                expected = {
                    case.person if name == "person" else case.number
                    for case in chosen
                    if fold(text) in fold(case.person)
                    or (name == "case" and fold(text) in fold(case.number))
                }
                found, _ = offered(awkward, seen, name, everything, text)
                values = {value for value, _ in found}
                assert values <= expected, (name, text, seen.claims)
                assert len(found) >= 50 or name == "case" or values == expected
                assert bool(values) == bool(expected)
                hits += bool(values)
    assert hits > SCOPES_OF_A_SEED / 2


def test_the_time_line_shows_cases_of_the_scope_only(awkward: Awkward, scopes: list[Seen]) -> None:
    """One of another scope is answered as one that does not exist; else as whoever sees all."""
    rng = random.Random(5)
    seen_ones = hidden_ones = 0
    for seen in scopes[::2]:
        words = [*seen.claims["capabilities"], "all_teams"]  # type: ignore[misc]
        wide = {"account": ["default", "filial"], "capabilities": words}
        everybody = Seen(wide, awkward.oracle)
        missing = timeline_of(awkward.client, seen.headers, "999999999")
        visible = {(case.account, case.case_id) for case in seen.oracle.cases}
        others = [case for case in awkward.oracle.cases if key_of(case) not in visible]
        for case in [*rng.sample(seen.oracle.cases, min(2, len(visible))),
                     *rng.sample(others, min(2, len(others)))]:  # fmt: skip
            key = awkward.keys[key_of(case)]
            text = timeline_of(awkward.client, seen.headers, key)
            if key_of(case) in visible:
                seen_ones += 1
                assert text == timeline_of(awkward.client, everybody.headers, key)
                assert text != missing
            else:
                hidden_ones += 1
                assert text == missing
    assert min(seen_ones, hidden_ones) > SCOPES_OF_A_SEED / 4


def key_of(case: Case) -> tuple[str, str]:
    return case.account, case.case_id


def status_of(client: FlaskClient, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page keeps of the store's status, as its layout brings it."""
    layout = client.get("/_dash-layout", headers=headers).get_json()
    parts = [layout]
    while parts:
        part = parts.pop()
        if isinstance(part, list):
            parts += part
        elif isinstance(part, dict):
            if part.get("props", {}).get("id") == ids.STATUS:
                status: dict[str, Any] = part["props"]["data"]
                return status
            parts += part.get("props", {}).values()
    pytest.fail("the layout has no status")


def test_freshness_days_and_default_periods_are_of_the_scope(
    awkward: Awkward, scopes: list[Seen]
) -> None:
    for seen in scopes:
        status = status_of(awkward.client, seen.headers)
        sent = [message.sent_at for message in seen.oracle.messages]
        opened = [case.opened_at for case in seen.oracle.cases]
        assert status["empty"] == (not [*sent, *opened])
        past = [moment for moment in sent if moment <= AWKWARD_NOW]
        newest: datetime = max(past, default=AWKWARD_NOW)
        assert status["old_after"] == pytest.approx(newest.timestamp() + OLD_SECONDS)
        for basis in ("sent", "opened"):
            first, last = seen.oracle.period({"basis": basis})
            assert status["defaults"][basis] == [first.isoformat(), last.isoformat()]
            first, last = seen.oracle.period({"basis": basis, "period": "all"})
            assert status["everything"][basis] == [first.isoformat(), last.isoformat()]


def test_only_facts_about_shared_phones_need_the_whole_store(awkward: Awkward) -> None:
    """``answered`` and ``in_window`` differ between teams that share a phone, as ``seen_by`` says;
    between accounts nothing is shared, so a tenant's numbers are those of a store of its own.
    """
    shared = 0
    for accounts, teams in ((["default"], ["N1"]), (["default"], ["Suporte"]), (["filial"], None)):
        seen = awkward.oracle.seen_by(accounts, teams, None)
        alone = awkward.oracle.seen_by(accounts, teams, None, own_answers=True)
        differing = [
            one
            for one, other in zip(seen.messages, alone.messages, strict=True)
            if (one.answered, one.in_window) != (other.answered, other.in_window)
        ]
        assert not differing or teams
        shared += len(differing)
        for one in differing:
            elsewhere = [
                message
                for message in awkward.oracle.messages
                if message.contact_phone == one.contact_phone
                and message.case.account == one.case.account
                and message.case.team != one.case.team
            ]
            assert elsewhere
    assert shared > 0


# --- what widens nothing --------------------------------------------------------------------------


FOREIGN_VALUES = {
    "person": "Ana35 ~fVW~",
    "channel": "Loja",
    "case_type": "tipo ~fVW~",
    "case": "n24~fSL~",
    "team": "Suporte",
    "agent": "Bia ~fVW~",
    "template": "modelo ~dSW~",
}


@pytest.mark.parametrize("name", FOREIGN_VALUES)
def test_a_filter_outside_of_the_scope_gives_nothing(
    server: Flask, client: FlaskClient, name: str
) -> None:
    headers = bearer(**of_group("dVW", "export", "reveal_text"))
    foreign = [FOREIGN_VALUES[name], *(values for values in known_values(server, name))]
    for query in ({name: FOREIGN_VALUES[name]}, {name: foreign}):
        own = {"dVW"} if isinstance(query[name], list) else set()
        listed = client.post(
            "/api/v1/panels/details", json={**PERIOD, **query, "page_size": 100}, headers=headers
        )
        assert marks(listed.text.partition('"rows"')[2]) == own
        found = page(client, headers, Asked({**PERIOD, **query}, {}))
        assert marks("".join(found.values())) - marks(json.dumps(query)) <= {"dVW"}
        assert marks(found["layout"]) == set()
        assert marks(export(client, headers, "details.csv", **query).text) == own


def known_values(server: Flask, name: str) -> list[str]:
    """Return all values in the store of what the filter ``name`` is about."""
    columns = {"person": "person_name", "case": "case_number", "agent": "last_agent",
               "template": "template_name"}  # fmt: skip
    table = {"person": "people", "template": "messages"}.get(name, "cases")
    column = columns.get(name, name)
    with parts_of(server).owner.snapshot() as snapshot:
        rows = snapshot.fetch(f"select distinct {column}::varchar from {table}", ()).rows
    return sorted(value for (value,) in rows if value)


FORGED_RAW: list[dict[str, Any]] = [
    {"account": "filial", "accounts": ["default", "filial"]},
    {"teams": ["Suporte"], "channels": ["Loja"], "capabilities": ["all_teams"]},
    {"scope": {"accounts": None, "teams": None, "channels": None}},
    {"case_keys": list(range(200))},
    {"all_teams": True, "see_phones": True, "see_texts": True, "export": True},
    {"team": [], "channel": []},
    {"where.team": "S", "where.channel": "L"},
    {"period": "all", "basis": "opened"},
    {"__proto__": {"teams": None}, "constructor": "x"},
]


@pytest.mark.parametrize("forged", FORGED_RAW, ids=lambda forged: next(iter(forged)))
def test_forged_stores_of_the_page_widen_nothing(
    server: Flask, client: FlaskClient, forged: dict[str, Any]
) -> None:
    """Neither what the question holds, nor what the page claims to know already."""
    headers = bearer(**of_group("dVW"))
    plain = {**PERIOD}
    for applied, table in (({**plain, **forged}, {}), (plain, forged)):
        found = page(client, headers, Asked(applied, table, case_key=case_keys(server)["fSL"]))
        texts = "".join(found.values())
        assert marks(texts) <= {"dVW"}
        assert TEXT not in texts
        assert not hidden_digits(texts)


@pytest.mark.parametrize("forged", FORGED_RAW, ids=lambda forged: next(iter(forged)))
def test_forged_parameters_widen_nothing(client: FlaskClient, forged: dict[str, Any]) -> None:
    """The API and the downloads refuse names that they do not know."""
    headers = bearer(**of_group("dVW", "export"))
    posted_ = client.post("/api/v1/panels/details", json={**PERIOD, **forged}, headers=headers)
    got = api(client, headers, "details", **forged)
    file = export(client, headers, "details.csv", **forged)
    for answer in (posted_, got, file):
        assert answer.status_code in (200, 400)
        assert marks(answer.text) <= {"dVW"}


def test_what_the_page_sends_back_widens_nothing(server: Flask, client: FlaskClient) -> None:
    """Each value of each request is replaced by what another reader's page would send."""
    narrow, wide = bearer(**of_group("dVW")), bearer()
    mine = page(client, narrow, Asked(PERIOD, {}))
    other = page(client, wide, Asked(PERIOD, {"page_size": "100"}))
    foreign = json.loads(next(text for name, text in other.items() if name == ANSWERS))
    known = client.get("/_dash-dependencies", headers=narrow).get_json()
    assert marks(json.dumps(foreign)) > {"dVW"}
    sent = 0
    for one in (c for c in known if not c["clientside_function"]):
        for kind in ("inputs", "state"):
            for place in one[kind]:
                asked = Forged(PERIOD, {}, place=(place["id"], place["property"]), given=foreign)
                output = one["output"].strip(".").split("...")[0]
                answer = page_call(client, narrow, asked, output)
                assert answer.status_code in (200, 204)
                assert marks(answer.text) <= {"dVW"}
                sent += 1
    assert sent > 15
    assert mine


@dataclass(frozen=True)
class Forged(Asked):
    """What the page asks, but with ``given`` as the value of one input or state."""

    place: tuple[str, str] = ("", "")
    given: Any = None

    def value(self, component: str, prop: str) -> Any:
        if (component, prop) == self.place:
            return self.given
        return super().value(component, prop)


def test_every_group_sees_itself_alone(server: Flask, client: FlaskClient) -> None:
    """Also cases without a team, which only the capability ``all_teams`` shows."""
    keys = case_keys(server)
    for group in sorted(GROUPS):
        claims = of_group(group, "reveal_text", "reveal_phone", "export")
        expected = {group}
        if group[1] == "0":  # a token cannot name it: the empty text is no team
            claims["teams"] = ["", "null", "None"]
            expected = set()
        headers = bearer(**claims)
        answers = [ask(client, headers) for name, ask in DOORS.items() if name.startswith("api")]
        answers += [
            api(client, headers, "details", page_size=1_000),
            export(client, headers, "details.csv"),
        ]
        assert set().union(*(marks(answer.text) for answer in answers)) == expected
        for other, key in keys.items():
            text = timeline_of(client, headers, key)
            assert marks(text) == (expected if other == group else set())
    everything = bearer(account="default", capabilities=["all_teams"])
    listed = api(client, everything, "details", page_size=1_000)
    assert marks(listed.text) == {group for group in GROUPS if group[0] == "d"}


# --- many at once ---------------------------------------------------------------------------------

THREADS, QUESTIONS_OF_A_THREAD = 8, 200
SLOW = ("csv", "status")
#: Two tenants, two teams of each, and who may see a whole tenant.
READERS: dict[str, tuple[dict[str, object], set[str]]] = {
    **{
        f"{account}{team}": (
            {
                "account": ACCOUNTS[account],
                "teams": [TEAMS[team]],
                "capabilities": ["export"],
            },
            {f"{account}{team}{channel}" for channel in CHANNELS},
        )
        for account in ACCOUNTS
        for team in "VS"
    },
    **{
        account: (
            {"account": ACCOUNTS[account], "capabilities": ["export", "all_teams"]},
            {group for group in GROUPS if group[0] == account},
        )
        for account in ACCOUNTS
    },
}


def questions(server: Flask) -> dict[str, Callable[[FlaskClient, Mapping[str, str]], str]]:
    """Return ways to ask for data, all the same for every reader, by a name.

    Those of ``SLOW`` take many times as long as the others.
    """
    keys = case_keys(server)
    found: dict[str, Callable[[FlaskClient, Mapping[str, str]], str]] = {
        slug: lambda client, headers, slug=slug: api(client, headers, slug, page_size=50).text  # type: ignore[misc]
        for slug in (*PERIOD_SLUGS, "waiting")
    }
    found |= {
        f"basis of {slug}": lambda client, headers, slug=slug: (
            api(  # type: ignore[misc]
                client, headers, slug, basis="opened", channel="WhatsApp"
            ).text
        )
        for slug in ("templates", "failures", "details")
    }
    found["csv"] = lambda client, headers: export(client, headers, "details.csv").text
    found["status"] = lambda client, headers: json.dumps(status_of(client, headers))
    for name in ("person", "team", "template"):
        found[f"options of {name}"] = lambda client, headers, name=name: (
            page_call(  # type: ignore[misc]
                client, headers, Asked(PERIOD, {}, search="Ana"), f"{ids.found(name)}.data"
            ).text
        )
    for group in ("dVW", "fSL"):
        found[f"time line of {group}"] = lambda client, headers, group=group: timeline_of(  # type: ignore[misc]
            client, headers, keys[group]
        )
    return found


def run_threads(
    server: Flask, right: Mapping[tuple[str, str], str], readers: Sequence[str], each: int
) -> list[str]:
    """Let all threads ask at once for ``readers``, ``each`` so often, in random order.

    Return what was not answered as it must be.
    """
    asked = questions(server)
    weights = [0.1 if name in SLOW else 1.0 for name in asked]
    headers = {name: bearer(sub=name, **claims) for name, (claims, _) in READERS.items()}
    wrong: list[str] = []
    together = threading.Barrier(THREADS)

    def work(number: int) -> None:
        rng = random.Random(number)
        client = server.test_client(use_cookies=False)
        together.wait()
        for _ in range(each):
            [question] = rng.choices(list(asked), weights)
            reader = rng.choice(readers)
            text = asked[question](client, headers[reader])
            foreign = marks(text) - READERS[reader][1]
            if foreign or text != right[reader, question]:
                wrong.append(f"{reader} {question}: {foreign or 'another answer'}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.fixture(scope="module")
def right(marked: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """The right answer to each question of each reader, without a cache, one after another."""
    many = {"exports_per_minute": 100_000, "reveals_per_minute": 100_000, "cache_megabytes": 0}
    with app_on(marked, tmp_path_factory.mktemp("right"), **many) as server:
        client = server.test_client(use_cookies=False)
        found = {
            (name, question): ask(client, bearer(sub=name, **claims))
            for name, (claims, _) in READERS.items()
            for question, ask in questions(server).items()
        }
    for (name, _), text in found.items():
        assert marks(text) <= READERS[name][1]
    for name, (_, groups) in READERS.items():
        shown = set().union(*(marks(text) for (reader, _), text in found.items() if reader == name))
        assert shown == groups
    return found


@pytest.mark.parametrize("cache", ["memory", "redis"])
def test_tenants_and_teams_do_not_mix_in_threads(
    marked: Path,
    right: dict[tuple[str, str], str],
    cache: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half of the questions cold, while the cache fills, half warm; fewer where it is Redis."""
    if cache == "redis":
        need(REDIS)
        monkeypatch.setattr(cache_backends, "REDIS_SECONDS", 30.0)
    many: dict[str, Any] = {"exports_per_minute": 100_000, "reveals_per_minute": 100_000}
    many["web_threads"] = 2 * THREADS  # so many downloads may run at once
    with redis_server(tmp_path) if cache == "redis" else nullcontext() as started:
        if started is not None:
            many["cache_url"] = started.url
        with app_on(marked, tmp_path, **many) as server:
            each, readers = QUESTIONS_OF_A_THREAD // 2, list(READERS)
            if cache == "redis":
                each, readers = each // 2, ["dV", "fV", "d"]
            assert run_threads(server, right, readers, each) == []
            before = hits(server)
            assert run_threads(server, right, readers, each) == []
            assert hits(server) > before + THREADS * each


def hits(server: Flask) -> int:
    text = parts_of(server).metrics.text().decode()
    [line] = [one for one in text.splitlines() if one.startswith("consumo_cache_hits_total")]
    return int(float(line.split()[1]))
