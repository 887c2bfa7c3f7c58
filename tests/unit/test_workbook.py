"""Workbooks: openpyxl reads them, each batch is sent at once, and Excel gets what it needs."""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from app.workbook import MAX_CELL, Batch, Front, column_name, workbook

FRONT = Front("Sobre", "Consumo · Detalhado", lambda rows: [("Linhas", rows)])
COLUMNS = [("Texto & <b>", "text"), ("Número", "number"), ("Quando", "moment")]


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[1]


def cell(value: str) -> Any:
    """Write a workbook whose first cell is ``value``, and return that cell as openpyxl reads it."""
    sheet = read(b"".join(workbook(FRONT, "x", [("a", "text")], [[[value]]])))
    assert sheet["A2"].data_type in ("s", "n")  # n: an empty text is an empty cell to openpyxl
    return sheet["A2"].value


def test_values_keep_their_kinds() -> None:
    at = datetime(2026, 11, 22, 15, 40, 59)  # noqa: DTZ001 - a workbook knows no zones
    batches: list[Batch] = [[["a", None], [7, None], [at, None]], [["1"], [2.5], [at]]]
    content = b"".join(workbook(FRONT, "Detalhado", COLUMNS, batches))
    sheet = read(content)
    assert sheet.title == "Detalhado"
    assert sheet.freeze_panes == "A2"
    assert [c.value for c in sheet[1]] == ["Texto & <b>", "Número", "Quando"]
    assert all(c.font.bold for c in sheet[1])
    assert not any(c.font.bold for c in sheet[2])
    whole = at.replace(second=0)
    assert [c.value for c in sheet[2]] == ["a", 7, whole]
    assert [c.value for c in sheet[3]] == [None, None, None]
    assert [c.value for c in sheet[4]] == ["1", 2.5, whole]
    assert [c.data_type for c in sheet[4]] == ["s", "n", "d"]
    assert sheet["C2"].number_format == "dd/mm/yyyy\\ hh:mm"
    assert sheet.max_row == 4


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "@SUM(A1)",
        "+55 11 98888-7777",
        " both ",
        "a\nb\tc",
        "<i>&amp;</i>",
        "]]>",
        "\U0001f600",
    ],
)
def test_texts_are_unchanged(text: str) -> None:
    assert cell(text) == text
    assert cell(text * 30 + "-") == text * 30 + "-"  # too long to be shared


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\x00b", "a_x0000_b"),
        ("a\rb", "a_x000D_b"),
        ("_x0041_", "_x005F_x0041_"),
        ("\uffff", "_xFFFF_"),
    ],
)
def test_characters_that_xml_cannot_hold_are_escaped_as_excel_does(text: str, written: str) -> None:
    parts = zipfile.ZipFile(io.BytesIO(b"".join(workbook(FRONT, "x", [("a", "text")], [[[text]]]))))
    assert f">{written}<" in parts.read("xl/sharedStrings.xml").decode()


def units(text: str) -> int:
    """Return the length as Excel counts it: in units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("sign", ["x", "\U0001f600"])
def test_a_cut_text_ends_with_a_mark_within_the_cell(sign: str) -> None:
    batches = [[[sign * 40_000]]]
    content = b"".join(workbook(FRONT, "x", [("a", "text")], batches, "… (cut, \U0001f600)"))
    text = read(content)["A2"].value
    assert text.endswith("… (cut, \U0001f600)")
    assert MAX_CELL - 1 <= units(text) <= MAX_CELL
    assert set(text.removesuffix("… (cut, \U0001f600)")) == {sign}


@pytest.mark.parametrize("text", ["x" * 32_767, "\U0001f600" * 16_383 + "x", "<" * 32_767])
def test_a_text_of_the_maximum_length_is_not_cut(text: str) -> None:
    assert units(text) == 32_767
    assert cell(text) == text


def test_days_that_excel_counts_wrongly_are_texts() -> None:
    at = datetime(1900, 2, 1, 9, 5)  # noqa: DTZ001
    assert (
        read(b"".join(workbook(FRONT, "x", [("a", "moment")], [[[at]]])))["A2"].value
        == "01/02/1900 09:05"
    )


def test_every_minute_of_a_day_comes_back() -> None:
    day = [datetime(2026, 11, 22, n // 60, n % 60) for n in range(1_440)]  # noqa: DTZ001
    sheet = read(b"".join(workbook(FRONT, "x", [("a", "moment")], [[day]])))
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == day


def test_more_texts_than_shared_strings_are_all_written() -> None:
    texts = [f"t{number % 3_000}" for number in range(9_000)]
    content = b"".join(workbook(FRONT, "x", [("a", "text")], [[texts[:4_500]], [texts[4_500:]]]))
    assert [row[0].value for row in read(content).iter_rows(min_row=2)] == texts
    shared = zipfile.ZipFile(io.BytesIO(content)).read("xl/sharedStrings.xml")
    assert shared.count(b"<si>") == 1_000


def test_a_title_is_made_a_valid_sheet_name() -> None:
    sheet = read(b"".join(workbook(FRONT, 'a/b[c]:"&' + "x" * 40, [("a", "text")], [])))
    assert sheet.title == 'a b c  "&' + "x" * 22


def test_a_batch_is_sent_before_the_next_is_made() -> None:
    asked: list[int] = []

    def batches() -> Iterator[Batch]:
        for number in range(3):
            asked.append(number)
            yield [[f"{number} {place}" for place in range(10_000)]]

    chunks = workbook(FRONT, "x", [("a", "text")], batches())
    assert next(chunks)
    assert asked == [0]
    assert len(next(chunks)) > 1_000
    assert asked == [0, 1]
    chunks.close()  # type: ignore[attr-defined]
    assert asked == [0, 1]


def test_the_zip_file_is_complete_and_without_zip64() -> None:
    content = b"".join(workbook(FRONT, "x", COLUMNS, [[["a"], [1], [None]]]))
    book = zipfile.ZipFile(io.BytesIO(content))
    assert book.testzip() is None
    assert book.namelist()[0] == "[Content_Types].xml"
    assert {entry.extract_version for entry in book.infolist()} == {20}  # no ZIP64


@pytest.mark.parametrize(
    ("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_spreadsheet_column_names(place: int, name: str) -> None:
    assert column_name(place) == name


# --- what Excel needs ---------------------------------------------------------------------------

SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parts(content: bytes) -> dict[str, ET.Element]:
    """Return every file of a workbook, parsed as XML."""
    book = zipfile.ZipFile(io.BytesIO(content))
    return {name: ET.fromstring(book.read(name)) for name in book.namelist()}


def test_every_part_is_xml_and_listed_and_every_relation_leads_to_a_part() -> None:
    hostile = Front("a & <b>", "\x00 <&>", lambda rows: [("<&>", "_x0041_ \x0b"), ("n", rows)])
    content = b"".join(workbook(hostile, "d'x & <y>", COLUMNS, [[["<&>"], [1], [None]]]))
    found = parts(content)
    types = found["[Content_Types].xml"]
    listed = {one.get("PartName") for one in types if one.get("PartName")}
    assert listed == {f"/{name}" for name in found if "rels" not in name and name[0] != "["}
    relations = found["xl/_rels/workbook.xml.rels"]
    assert all(f"xl/{one.get('Target')}" in found for one in relations)
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["a & <b>", "d'x & <y>"]


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_the_filter_buttons_are_for_all_rows(rows: int) -> None:
    batches: list[Batch] = [[["a"], [1], [None]]] * rows
    content = b"".join(workbook(FRONT, "d'x", COLUMNS, batches))
    sheet = read(content)
    assert sheet.auto_filter.ref == f"A1:C{rows + 1}"
    [name] = parts(content)["xl/workbook.xml"].iter(f"{SHEETS}definedName")
    assert name.get("name") == "_xlnm._FilterDatabase"
    assert (name.get("localSheetId"), name.get("hidden")) == ("1", "1")
    assert name.text == f"'d''x'!$A$1:$C${rows + 1}"
    # In the order that the format wants; Excel offers to repair any other.
    order = [one.tag.removeprefix(SHEETS) for one in parts(content)["xl/worksheets/sheet2.xml"]]
    assert order == ["sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter"]


def test_columns_are_as_wide_as_their_header_and_most_values() -> None:
    at = datetime(2026, 11, 22, 15, 40)  # noqa: DTZ001 - a workbook knows no zones
    texts = ["abc"] * 5 + ["x" * 30] * 94 + ["x" * 500]
    columns = [("Resposta", "text"), ("Um cabeçalho bem comprido", "number"), ("Em", "moment")]
    batches = [[texts, [1] * 100, [at] * 100]]
    sheet = read(b"".join(workbook(FRONT, "x", columns, batches)))
    reply, number, moment = (sheet.column_dimensions[name].width for name in "ABC")
    assert 30 <= reply <= 36, "one long text in a hundred does not make its column wide"
    assert number >= len("Um cabeçalho bem comprido") + 3, "the button has room"
    assert moment >= len("22/11/2026 15:40")
    long = read(b"".join(workbook(FRONT, "x", [("a", "text")], [[["y" * 900] * 3]])))
    assert long.column_dimensions["A"].width == 60


def test_the_first_sheet_says_what_the_file_holds_and_the_second_is_opened() -> None:
    at = datetime(2026, 11, 22, 15, 40)  # noqa: DTZ001
    front = Front(
        "Sobre", "Título", lambda rows: [("Linhas", rows), ("Em", at), ("Canal", "z" * 40_000)]
    )
    batches: list[Batch] = [[["a", "b"], [1, 2], [at, at]], [["c"], [3], [at]]]
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(workbook(front, "Detalhado", COLUMNS, batches, "… (cut)")))
    )
    first = book.worksheets[0]
    assert book.sheetnames == ["Sobre", "Detalhado"]
    assert book.active.title == "Detalhado"
    assert first["A1"].value == "Título"
    assert first["A1"].font.bold
    lines = [(row[0].value, row[1].value) for row in first.iter_rows(min_row=3)]
    assert lines[:2] == [("Linhas", 3), ("Em", at)]
    assert first["B4"].is_date
    assert lines[2][1].endswith("z… (cut)")
    assert units(lines[2][1]) == MAX_CELL
    assert first.column_dimensions["A"].width >= 20
