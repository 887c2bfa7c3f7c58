"""Hostile names, teams, channels and claims stay text wherever they are shown.

``test_hostile.py`` and ``test_forged.py`` have hostile files and requests; tests/browser has what a
browser makes of hostile texts in panels.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from components import ids
from tests.integration.access.conftest import (
    PERIOD,
    Asked,
    api,
    app_on,
    bearer,
    export,
    page_call,
    timeline_of,
)
from tests.services import import_rows

pytestmark = pytest.mark.integration

#: What breaks out of a text where it is written without care.
HOSTILE = (
    '"><img src=x onerror="alert(1)">',
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "{{7*7}}${7*7}#{7*7}",
    "{part} {names} {count} %s %(name)s",
    "[x](javascript:alert(1))",
    "'; drop table cases; --",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    '=HYPERLINK("https://evil.test","x")',
    'a;b,c"d\ne\r\nf',
    "\u202etxt.exe",
    "a\u2028b\u2029c",
    "x" * 500,
)
#: How a formula begins in any program that opens the files.
FORMULA = re.compile(r"[=+\-@\t\r]")


def hostile_rows() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    cases, messages = [], []
    for number, text in enumerate(HOSTILE):
        case = {"case_id": f"{number}{text}"[:200], "person_name": text, "case_type": text}
        case |= {"channel": f"{text}WhatsApp" if number % 2 else text, "team": text}
        cases.append({**case, "opened_at": "2026-11-10T12:00:00Z"})
        message = {"message_id": f"m{number}", "case_id": case["case_id"], "direction": "out"}
        message |= {"kind": "hsm", "template_name": text, "body": text, "agent": text}
        message |= {"status": "failed", "error_code": text, "error_title": text}
        messages.append({**message, "sent_at": "2026-11-10T13:00:00Z"})
    return cases, messages


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    url = import_rows(tmp_path_factory.mktemp("hostile"), *hostile_rows())
    store = Path(url.removeprefix("duckdb:///"))
    many = {"exports_per_minute": 10_000}
    with app_on(store, tmp_path_factory.mktemp("copy"), **many) as made:
        yield made


@pytest.fixture(scope="module")
def client(server: Flask) -> FlaskClient:
    return server.test_client(use_cookies=False)


def reader_of(text: str) -> dict[str, str]:
    """Return the header of a reader all of whose claims are ``text``, and who sees its cases."""
    number = HOSTILE.index(text)
    channel = (f"{text}WhatsApp" if number % 2 else text).strip()
    return bearer(
        account="default",
        sub=text,
        name=text,
        teams=[text.strip()],
        channels=[channel],
        capabilities=["export", "reveal_text", text],
    )


def components_of(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every element and component of a layout, without their texts."""
    if isinstance(node, dict):
        if ("type" in node and "namespace" in node) or ("tag" in node and "attributes" in node):
            yield node
        for value in node.values():
            yield from components_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from components_of(value)


def test_claims_are_shown_as_text(client: FlaskClient) -> None:
    """They are strings of the layout's JSON: no claim makes an element, a link or a sentence."""
    plain = client.get("/_dash-layout", headers=bearer(name="Ana", teams=["V"])).get_json()
    size = len(list(components_of(plain)))
    for text in HOSTILE:
        answer = client.get("/_dash-layout", headers=reader_of(text))
        assert answer.mimetype == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        layout = answer.get_json()
        assert abs(len(list(components_of(layout))) - size) < 20  # of an empty store, and one not
        [line] = [
            one
            for one in components_of(layout)
            if "tag" in one and one["attributes"].get("className") == "signed-in"
        ]
        assert (line["tag"], set(line["attributes"])) == ("span", {"className", "title"})
        name, _, part = line["children"]
        assert name["children"] == [text]
        assert part["children"][0].count(text.strip()) == 2  # of the team, and of the channel


def test_the_html_of_the_page_holds_no_claim_and_no_parameter(client: FlaskClient) -> None:
    for text in HOSTILE[:6]:
        html = client.get(
            "/", headers=reader_of(text), query_string={"lang": text, "portal": text, text: text}
        ).text
        assert text not in html
        assert "evil" not in html


def test_a_scope_of_hostile_values_sees_exactly_its_cases(client: FlaskClient) -> None:
    """They are values of parameters in SQL, and compared as they are."""
    for text in HOSTILE:
        answer = api(client, reader_of(text), "details").get_json()
        assert answer["total"] == 1, text[:40]
        assert answer["rows"][0]["message_id"] == f"m{HOSTILE.index(text)}"


def test_a_csv_has_no_formula_and_keeps_its_cells(client: FlaskClient) -> None:
    headers = bearer(account="default")
    for language, delimiter in (("pt-BR", ";"), ("en", ",")):
        for slug in ("details", "templates", "failures", "waiting", "hsm-in-window"):
            text = export(client, headers, f"{slug}.csv", lang=language).text
            rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""),
                                   delimiter=delimiter))  # fmt: skip
            assert len({len(row) for row in rows}) == 1, slug
            for row in rows[1:]:
                for cell in row:
                    is_number = re.fullmatch(r"-?[\d.,%]+", cell)
                    assert not FORMULA.match(cell) or is_number, (slug, cell[:40])
        details = export(client, headers, "details.csv", lang=language).text
        rows = list(csv.reader(io.StringIO(details.lstrip("\ufeff"), newline=""),
                               delimiter=delimiter))  # fmt: skip
        assert len(rows) == len(HOSTILE) + 1


def test_a_workbook_has_no_formula_and_no_link(client: FlaskClient) -> None:
    content = export(client, bearer(account="default"), "details.xlsx").get_data()
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert len(cells) > len(HOSTILE) * 10
    for cell in cells:
        assert cell.data_type != "f", cell.value
        assert cell.hyperlink is None
    texts = {str(cell.value) for cell in cells}
    for text in HOSTILE[:8]:
        assert any(text in one for one in texts), text


def test_the_name_of_a_file_holds_no_value(client: FlaskClient) -> None:
    for text in HOSTILE[:3]:
        for file in ("details.csv", "details.xlsx"):
            answer = export(client, reader_of(text), file)
            disposition = answer.headers["Content-Disposition"]
            assert re.fullmatch(r"attachment; filename=consumo-[a-z0-9.-]+", disposition)


def test_options_and_time_lines_hold_texts_only(server: Flask, client: FlaskClient) -> None:
    """The browser gets them as strings; a time line names no link that comes from the data."""
    headers = bearer(account="default")
    for name in ("person", "team", "channel", "template", "agent"):
        answer = page_call(client, headers, Asked(PERIOD, {}), f"{ids.found(name)}.data")
        options = answer.get_json()["response"][ids.found(name)]["data"]["options"]
        assert len(options) >= len(HOSTILE) - 3
        assert all(isinstance(part, str) for option in options for part in option)
    for key in range(len(HOSTILE)):
        tree = json.loads(timeline_of(client, headers, str(key)))
        for element in components_of(tree):
            assert element.get("tag") not in ("script", "img", "iframe", "style")
            for attribute, value in element.get("attributes", {}).items():
                assert not attribute.lower().startswith("on")
                assert attribute not in ("href", "src") or str(value).startswith("https://")


def test_answers_with_hostile_texts_are_json_whatever_a_browser_guesses(
    client: FlaskClient,
) -> None:
    for answer in (
        api(client, bearer(account="default"), "details"),
        api(client, bearer(), "details", colour=HOSTILE[0]),
        api(client, bearer(), "details", start=HOSTILE[1]),
        client.get(f"/api/v1/panels/{HOSTILE[1]}", headers=bearer()),
        client.get(f"/{HOSTILE[0]}", headers=bearer()),
    ):
        assert answer.mimetype == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
