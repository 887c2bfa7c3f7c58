"""Workbooks: openpyxl reads what was written, and each batch is sent at once."""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from app.workbook import MAX_CELL, Batch, column_name, workbook

COLUMNS = [("Texto & <b>", "text"), ("Número", "number"), ("Quando", "moment")]


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def cell(value: str) -> Any:
    """Write a workbook whose first cell is ``value``, and return that cell as openpyxl reads it."""
    sheet = read(b"".join(workbook("x", [("a", "text")], [[[value]]])))
    assert sheet["A2"].data_type in ("s", "n")  # n: an empty text is an empty cell to openpyxl
    return sheet["A2"].value


def test_values_keep_their_kinds() -> None:
    at = datetime(2026, 11, 22, 15, 40, 59)  # noqa: DTZ001 - a workbook knows no zones
    batches: list[Batch] = [[["a", None], [7, None], [at, None]], [["1"], [2.5], [at]]]
    content = b"".join(workbook("Detalhado", COLUMNS, batches))
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
    parts = zipfile.ZipFile(io.BytesIO(b"".join(workbook("x", [("a", "text")], [[[text]]]))))
    assert f">{written}<" in parts.read("xl/sharedStrings.xml").decode()


def units(text: str) -> int:
    """Return the length as Excel counts it: in units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("sign", ["x", "\U0001f600"])
def test_a_cut_text_ends_with_a_mark_within_the_cell(sign: str) -> None:
    batches = [[[sign * 40_000]]]
    content = b"".join(workbook("x", [("a", "text")], batches, "… (cut, \U0001f600)"))
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
        read(b"".join(workbook("x", [("a", "moment")], [[[at]]])))["A2"].value == "01/02/1900 09:05"
    )


def test_every_minute_of_a_day_comes_back() -> None:
    day = [datetime(2026, 11, 22, n // 60, n % 60) for n in range(1_440)]  # noqa: DTZ001
    sheet = read(b"".join(workbook("x", [("a", "moment")], [[day]])))
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == day


def test_more_texts_than_shared_strings_are_all_written() -> None:
    texts = [f"t{number % 3_000}" for number in range(9_000)]
    content = b"".join(workbook("x", [("a", "text")], [[texts[:4_500]], [texts[4_500:]]]))
    assert [row[0].value for row in read(content).iter_rows(min_row=2)] == texts
    shared = zipfile.ZipFile(io.BytesIO(content)).read("xl/sharedStrings.xml")
    assert shared.count(b"<si>") == 1_000


def test_a_title_is_made_a_valid_sheet_name() -> None:
    sheet = read(b"".join(workbook('a/b[c]:"&' + "x" * 40, [("a", "text")], [])))
    assert sheet.title == 'a b c  "&' + "x" * 22


def test_a_batch_is_sent_before_the_next_is_made() -> None:
    asked: list[int] = []

    def batches() -> Iterator[Batch]:
        for number in range(3):
            asked.append(number)
            yield [[f"{number} {place}" for place in range(10_000)]]

    chunks = workbook("x", [("a", "text")], batches())
    assert next(chunks)
    assert asked == [0]
    assert len(next(chunks)) > 1_000
    assert asked == [0, 1]
    chunks.close()  # type: ignore[attr-defined]
    assert asked == [0, 1]


def test_the_zip_file_is_complete_and_without_zip64() -> None:
    content = b"".join(workbook("x", COLUMNS, [[["a"], [1], [None]]]))
    book = zipfile.ZipFile(io.BytesIO(content))
    assert book.testzip() is None
    assert book.namelist()[0] == "[Content_Types].xml"
    assert {entry.extract_version for entry in book.infolist()} == {20}  # no ZIP64


@pytest.mark.parametrize(
    ("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_spreadsheet_column_names(place: int, name: str) -> None:
    assert column_name(place) == name
