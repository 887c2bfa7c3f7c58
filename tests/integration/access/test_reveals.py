"""Phones and texts: without the capability nothing of them, with it a record before each view."""

import io
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import parts_of
from components import ids
from queries.filters import LISTS
from sources.audit import AuditFile
from tests.integration.access.conftest import (
    PERIOD,
    TEXT,
    Asked,
    api,
    app_on,
    audit_of,
    bearer,
    call,
    case_keys,
    error_of,
    export,
    hidden_digits,
    marks,
    page,
    page_call,
    page_calls,
    phone_of,
    ticket,
    timeline_of,
)
from tests.page_questions import ANSWERS
from tests.panels import SLUGS
from tests.services import import_rows

pytestmark = pytest.mark.integration


def reader_with(*capabilities: str, **changed: object) -> dict[str, str]:
    return bearer(capabilities=["all_teams", *capabilities], **changed)


def sheet_text(content: bytes) -> str:
    """Return all that is written in a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def everything(server: Flask, client: FlaskClient, headers: Mapping[str, str]) -> dict[str, str]:
    """Return all that a reader gets: page, API, CSV, workbook, options, searches, time line."""
    key = case_keys(server)["dVW"]
    found = page(client, headers, Asked(PERIOD, {"page_size": "100"}, case_key=key))
    for slug in SLUGS:
        found[f"api {slug}"] = api(client, headers, slug, page_size=1_000).text
        found[f"csv {slug}"] = export(client, headers, f"{slug}.csv").text
    found["xlsx"] = sheet_text(export(client, headers, "details.xlsx").get_data())
    return found


# --- without the capability -----------------------------------------------------------------------


def test_with_the_capabilities_phones_and_texts_are_there(
    server: Flask, client: FlaskClient
) -> None:
    """Otherwise the tests below would prove nothing."""
    found = everything(server, client, reader_with("reveal_phone", "reveal_text", "export"))
    for name in ("api details", "csv details", "xlsx"):
        assert TEXT in found[name]
        assert hidden_digits(found[name])
    assert TEXT in found[f"..{ids.TIMELINE_BODY}.content...timeline-title.content.."]
    assert sum(TEXT in text for text in found.values()) >= 5


@pytest.mark.parametrize("capabilities", [(), ("reveal_phone",), ("reveal_text",)], ids=str)
def test_without_a_capability_nothing_of_it_is_anywhere(
    server: Flask, client: FlaskClient, capabilities: tuple[str, ...]
) -> None:
    texts, phones = "reveal_text" in capabilities, "reveal_phone" in capabilities
    headers = reader_with("export", *capabilities)
    for name, text in everything(server, client, headers).items():
        assert texts or TEXT not in text, name
        assert phones or not hidden_digits(text), name
    listed = api(client, headers, "details").get_json()["rows"]
    assert any(row["reply"] for row in listed) == texts
    assert all(("*****" in row["phone"]) != phones for row in listed)


QUESTIONS = [
    {"sort": "phone"},
    {"sort": "-phone"},
    {"where.phone": "4471"},
    {"where.phone": "*****"},
    {"sort": "reply"},
    {"sort": "-customer_message"},
    {"where.reply": TEXT},
    {"where.reply": "a"},
    {"where.customer_message": TEXT},
]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_a_masked_column_is_no_oracle(client: FlaskClient, question: dict[str, str]) -> None:
    """Neither the API, nor downloads, nor the table of the page sort or filter by it."""
    headers = reader_with("export")
    for answer in (
        api(client, headers, "details", **question),
        client.post("/api/v1/panels/details", json={**PERIOD, **question}, headers=headers),
        export(client, headers, "details.csv", **question),
        export(client, headers, "details.xlsx", **question),
    ):
        assert (answer.status_code, error_of(answer)["code"]) == (400, "masked_column")
    table = page_call(client, headers, Asked(PERIOD, question, parts=[ids.DETAILS]), ANSWERS)
    assert "~d" not in table.text
    assert "~d" in page_call(client, headers, Asked(PERIOD, {}, parts=[ids.DETAILS]), ANSWERS).text


@pytest.mark.parametrize("given", [phone_of(33)[1:], phone_of(33)[3:], phone_of(33)[5:9], "98733"])
def test_no_search_and_no_filter_tells_a_phone(client: FlaskClient, given: str) -> None:
    """A guess that is right is answered as one that is wrong."""
    wrong = given.replace("33", "99")
    headers = reader_with()
    for name in ("person", "case"):
        found = [
            page_call(client, headers, Asked(PERIOD, {}, search=text), f"{ids.found(name)}.data")
            for text in (given, wrong)
        ]
        assert found[0].text == found[1].text
    for name in ("person", "case", "agent", "template", "channel"):
        totals = [
            api(client, headers, "details", **{name: text}).get_json()["total"]
            for text in (given, wrong)
        ]
        assert totals == [0, 0]
    for column in ("case_number", "message_id", "person_name", "error", "template_name"):
        found = [
            api(client, headers, "details", **{f"where.{column}": text}) for text in (given, wrong)
        ]
        assert [answer.get_json()["total"] for answer in found] == [0, 0]


def test_the_counts_are_those_of_a_reader_who_sees_all(client: FlaskClient) -> None:
    """Hiding changes how things look, and no number."""
    blind, seeing = reader_with(), reader_with("reveal_phone", "reveal_text")
    for slug in SLUGS:
        one, other = (api(client, who, slug).get_json() for who in (blind, seeing))
        hidden = ("phone", "reply", "message_id")
        for answer in (one, other):
            for row in answer["rows"]:
                for name in hidden:
                    row.pop(name, None)
        assert one == other, slug


# --- phones inside other values -------------------------------------------------------------------

INSIDE = "5511977776666"


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app on a store with a phone in the names of a template, an error, a channel, an agent."""
    case = {"case_id": "c1", "person_name": "Ana", "channel": f"WhatsApp {INSIDE}"}
    case |= {"case_type": f"tipo {INSIDE}", "opened_at": "2026-11-10T12:00:00Z"}
    message = {"message_id": "m1", "case_id": "c1", "direction": "out", "kind": "hsm"}
    message |= {"template_name": f"aviso_{INSIDE}", "status": "failed", "agent": f"Léo {INSIDE}"}
    message |= {"error_code": "131026", "error_title": f"Falha {INSIDE}"}
    message |= {"sent_at": "2026-11-10T13:00:00Z", "template_category": f"C {INSIDE}"}
    url = import_rows(tmp_path_factory.mktemp("inside"), [case], [message])
    store = Path(url.removeprefix("duckdb:///"))
    with app_on(store, tmp_path_factory.mktemp("copy")) as made:
        yield made


@pytest.mark.parametrize("slug", ["templates", "failures", "hsm-in-window"])
def test_a_phone_in_a_name_is_a_reveal_as_well(inside: Flask, slug: str) -> None:
    client = inside.test_client()
    masked = api(client, reader_with(sub="blind"), slug)
    assert INSIDE not in masked.text
    assert "*****-6666" in masked.text
    who = f"eva {slug}"
    shown = api(client, reader_with("reveal_phone", sub=who), slug)
    assert INSIDE in shown.text
    [record] = [one for one in audit_of(inside) if one["who"] == who]
    assert (record["what"], record["reveals"]) == (slug, ["phones"])


@pytest.mark.parametrize("name", ["template", "agent", "channel", "case_type"])
def test_a_phone_in_an_option_is_a_reveal_as_well(inside: Flask, name: str) -> None:
    client = inside.test_client()
    output = f"{ids.found(name)}.data"
    masked = page_call(client, reader_with(sub="blind"), Asked(PERIOD, {}), output)
    assert INSIDE not in masked.text
    who = f"eva {name}"
    shown = page_call(client, reader_with("reveal_phone", sub=who), Asked(PERIOD, {}), output)
    assert INSIDE in shown.text
    [record] = [one for one in audit_of(inside) if one["who"] == who]
    assert (record["what"], record["reveals"]) == (f"options of {name}", ["phones"])


# --- the record -----------------------------------------------------------------------------------


@pytest.fixture
def fresh(marked: Path, tmp_path: Path) -> Iterator[Flask]:
    """An app whose audit file is not there yet."""
    with app_on(marked, tmp_path) as made:
        yield made


def audit_path(server: Flask) -> Path:
    return AuditFile(parts_of(server).owner.path).path


BOTH = ["phones", "texts"]


def test_each_view_leaves_one_record(fresh: Flask) -> None:
    """Who, when, what, with which filters; what reveals nothing leaves none."""
    client = fresh.test_client()
    headers = reader_with("reveal_phone", "reveal_text", "export", sub="eva", name="Eva Prado")
    before = datetime.now(UTC)
    for slug in ("indicators", "cases", "messages-by-origin", "messages-by-status", "templates"):
        api(client, headers, slug)
        export(client, headers, f"{slug}.csv")
    client.get("/_dash-layout", headers=headers)
    page_call(client, headers, Asked(PERIOD, {}), f"{ids.found('team')}.data")
    assert not audit_path(fresh).exists()

    def download_by_ticket() -> None:
        client.get(ticket(client, headers, "/export/details.csv?status=read"), buffered=True)

    def search() -> None:
        output = f"{ids.found('person')}.data"
        page_call(client, headers, Asked(PERIOD, {}, search="an"), output)

    def table() -> None:
        page_call(client, headers, Asked(PERIOD, {}, parts=[ids.DETAILS]), ANSWERS)

    narrow = {"channel": "WhatsApp", "where.reply": "pa"}
    recorded = {"channel": ["WhatsApp"], "where.reply": "pa"}
    by_team, by_agent = {"team": ["Vendas"]}, {"agent": ["Bia"]}
    asked: list[tuple[Callable[[], object], str, list[str], dict[str, Any]]] = [
        (lambda: api(client, headers, "details", **narrow), "details", BOTH, recorded),
        (lambda: api(client, headers, "waiting", team="Vendas"), "waiting", ["phones"], by_team),
        (lambda: export(client, headers, "details.csv", agent="Bia"), "details", BOTH, by_agent),
        (lambda: export(client, headers, "details.xlsx"), "details", BOTH, {}),
        (download_by_ticket, "details", BOTH, {"status": ["read"]}),
        (lambda: timeline_of(client, headers, "7"), "timeline", BOTH, {"case_key": 7}),
        (search, "options of person", ["phones"], {"search": "an"}),
        (table, "details", BOTH, {}),
    ]
    for number, (ask, what, revealed, question) in enumerate(asked, 1):
        ask()
        records = audit_of(fresh)
        assert len(records) == number, what
        last = records[-1]
        assert (last["who"], last["what"], last["reveals"]) == ("eva", what, revealed)
        assert question.items() <= last["filters"].items()
        assert before <= datetime.fromisoformat(last["at"]) <= datetime.now(UTC)
        assert last["request_id"]
    # The record holds no phone and no text itself.
    assert not hidden_digits(audit_path(fresh).read_text())
    assert TEXT not in audit_path(fresh).read_text()
    assert audit_path(fresh).stat().st_mode & 0o077 == 0


def test_a_reader_without_the_capabilities_leaves_no_record(fresh: Flask) -> None:
    client = fresh.test_client()
    page(client, reader_with("export"), Asked(PERIOD, {}))
    api(client, reader_with(), "details")
    assert not audit_path(fresh).exists()


def test_the_record_is_written_before_the_store_is_read(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the answer then fails: who saw it is recorded in any case."""
    client = fresh.test_client()
    parts_of(fresh).close()
    headers = reader_with("reveal_text", sub="eva")
    assert api(client, headers, "details").status_code == 503
    assert [record["who"] for record in audit_of(fresh)] == ["eva"]


def test_a_hostile_reader_cannot_forge_records(fresh: Flask) -> None:
    """Whatever a name or a filter holds, each record stays one line of JSON."""
    client = fresh.test_client()
    who = 'eva","what":"nothing"}\n{"who":"somebody else \u2028\x1b[31m'
    api(client, reader_with("reveal_text", sub=who), "details", person='x"}\n{"who":"other"}')
    [record] = audit_of(fresh)
    assert record["who"] == who
    assert record["filters"]["person"] == ['x"}\n{"who":"other"}']
    assert len(audit_path(fresh).read_bytes().split(b"\n")) == 2


@contextmanager
def unwritable(server: Flask, way: str) -> Iterator[None]:
    """Let the audit file not be written, in one of several ways, until the end of the block."""
    path = audit_path(server)
    if way == "folder":
        path.mkdir()
        yield
        path.rmdir()
    elif way == "full disk":
        path.symlink_to("/dev/full")
        yield
        path.unlink()
    elif way == "lock":
        lock = path.with_name(path.name.replace("audit.jsonl", "audit.lock"))
        lock.mkdir()
        yield
        lock.rmdir()
    else:
        path.symlink_to(path.parent / "missing" / "file")
        yield
        path.unlink()


@pytest.mark.parametrize("way", ["folder", "full disk", "lock", "no folder"])
def test_without_a_record_nothing_is_revealed(fresh: Flask, way: str) -> None:
    client = fresh.test_client()
    headers = reader_with("reveal_phone", "reveal_text", "export", sub="eva")
    key = case_keys(fresh)["dVW"]
    address = ticket(client, headers)
    with unwritable(fresh, way):
        for answer in (
            api(client, headers, "details"),
            api(client, headers, "waiting"),
            export(client, headers, "details.csv"),
            export(client, headers, "details.xlsx"),
            export(client, headers, "waiting.csv"),
            client.get(address),
        ):
            assert (answer.status_code, error_of(answer)["code"]) == (503, "not_recorded")
            assert not marks(answer.text)
        for name, text in page(client, headers, Asked(PERIOD, {}, case_key=key)).items():
            assert TEXT not in text, name
            assert not hidden_digits(text), name
            for part in ("details", "waiting", "timeline", "person", "case."):
                if part in name:
                    assert not marks(text), name
        # What reveals nothing is answered as ever, and so are readers who may not see anyway.
        assert api(client, headers, "indicators").status_code == 200
        assert api(client, reader_with(), "details").status_code == 200
    assert api(client, headers, "details").status_code == 200
    assert [record["who"] for record in audit_of(fresh)] == ["eva"]


def test_a_disk_that_takes_little_at_a_time_gets_the_whole_record(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = fresh.test_client()
    plain = os.write
    place = str(audit_path(fresh).resolve())

    def short(descriptor: int, content: bytes) -> int:
        is_audit = os.path.realpath(f"/proc/self/fd/{descriptor}") == place
        return plain(descriptor, content[:10] if is_audit else content)

    monkeypatch.setattr(os, "write", short)
    assert TEXT in api(client, reader_with("reveal_text", sub="eva"), "details").text
    assert [record["who"] for record in audit_of(fresh)] == ["eva"]


# --- limits ---------------------------------------------------------------------------------------


def test_reveals_have_a_limit_for_each_subject(marked: Path, tmp_path: Path) -> None:
    with app_on(marked, tmp_path, reveals_per_minute=3) as server:
        client = server.test_client()
        seeing = reader_with("reveal_text", sub="eva")
        for _ in range(3):
            assert api(client, seeing, "details").status_code == 200
        refused = api(client, seeing, "details")
        assert (refused.status_code, error_of(refused)["code"]) == (429, "too_many_requests")
        assert 1 <= int(refused.headers["Retry-After"]) <= 61
        assert not marks(refused.text)
        # On the page the same sentence stands in the panel, without rows.
        shown = page_call(client, seeing, Asked(PERIOD, {}, parts=[ids.DETAILS]), ANSWERS).text
        assert not marks(shown)
        assert "minuto" in shown
        assert not marks(timeline_of(client, seeing, "1"))
        # What reveals nothing, and other readers, have no part in it.
        assert api(client, seeing, "indicators").status_code == 200
        assert api(client, reader_with(sub="eva"), "details").status_code == 200
        assert api(client, reader_with("reveal_text", sub="ana"), "details").status_code == 200
        assert len(audit_of(server)) == 4


def test_exports_have_a_limit_for_each_subject(marked: Path, tmp_path: Path) -> None:
    """By ticket and directly alike; asking for a ticket and looking with HEAD count nothing."""
    with app_on(marked, tmp_path, exports_per_minute=3) as server:
        client = server.test_client()
        headers = reader_with("export", sub="eva")
        addresses = [ticket(client, headers) for _ in range(6)]
        for address in addresses:
            assert client.head(address).status_code == 200
        answers = [
            export(client, headers, "cases.csv"),
            client.get(addresses[0], buffered=True),
            export(client, headers, "details.xlsx"),
        ]
        assert [answer.status_code for answer in answers] == [200] * 3
        for refused in (
            export(client, headers, "cases.csv"),
            export(client, headers, "details.xlsx"),
            client.get(addresses[1]),
        ):
            assert (refused.status_code, error_of(refused)["code"]) == (429, "too_many_requests")
            assert 1 <= int(refused.headers["Retry-After"]) <= 61
        assert export(client, reader_with("export", sub="ana"), "cases.csv").status_code == 200
        assert api(client, headers, "cases").status_code == 200


def test_without_a_sign_in_there_is_neither_record_nor_limit(marked: Path, tmp_path: Path) -> None:
    """There is nobody to name, and everybody sees the same."""
    own = {"auth": "none", "capabilities": "reveal_phone reveal_text export"}
    with app_on(marked, tmp_path, **own, exports_per_minute=1, reveals_per_minute=1) as server:
        client = server.test_client()
        for _ in range(3):
            assert TEXT in api(client, {}, "details").text
            assert export(client, {}, "cases.csv").status_code == 200
        assert not audit_path(server).exists()


def test_behind_a_proxy_reveals_are_recorded_and_limited(marked: Path, tmp_path: Path) -> None:
    own = {
        "auth": "proxy",
        "proxy_header": "X-Forwarded-User",
        "proxy_addresses": "127.0.0.1",
        "capabilities": "reveal_text export",
    }
    with app_on(marked, tmp_path, **own, reveals_per_minute=1) as server:
        client = server.test_client()
        assert TEXT in api(client, {"X-Forwarded-User": "ana"}, "details").text
        assert [record["who"] for record in audit_of(server)] == ["ana"]
        assert api(client, {"X-Forwarded-User": "ana"}, "details").status_code == 429
        assert api(client, {"X-Forwarded-User": "eva"}, "details").status_code == 200


# --- the cache ------------------------------------------------------------------------------------


def test_what_one_reader_was_shown_another_does_not_get_from_the_cache(
    server: Flask, client: FlaskClient
) -> None:
    """In either order, with all that two readers of one part of the data can differ by."""
    seeing = reader_with("reveal_phone", "reveal_text")
    blind = reader_with()
    query = {"channel": "WhatsApp", "page_size": "37"}
    for order in ((seeing, blind, seeing), (blind, seeing, blind)):
        for headers in order:
            text = api(client, headers, "details", **query).text
            assert (TEXT in text) == (headers is seeing)
            assert bool(hidden_digits(text)) == (headers is seeing)
        query["page_size"] = "38"


def test_every_callback_is_asked_here(client: FlaskClient) -> None:
    """The page's requests reach each filter's options, the table and the time line."""
    outputs = {body["output"] for body in page_calls(client, bearer(), Asked(PERIOD, {}))}
    for name in (*map(ids.found, LISTS), ids.ANSWERS, ids.TIMELINE_BODY):
        assert any(f"{name}." in output for output in outputs), name
    assert call(client, {}, {}).status_code == 401
