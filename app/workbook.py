"""Writes a workbook (.xlsx) as a stream: the file is sent while rows are still read.

It has two sheets: a first one that says what the file holds (``Front``), and the rows. It has only
the parts that Excel needs (ECMA-376, SpreadsheetML), see
docs/decisions/0006-workbooks-are-streamed.md. ``zipfile`` makes the container, this module the XML.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from components.value_formats import SheetKind
from queries.errors import FilterError

#: Rows that Excel takes below the row of headers.
MAX_ROWS: Final = 1_048_575
#: How long a text Excel takes in a cell, in units of UTF-16.
MAX_CELL: Final = 32_767
_MAX_SHEET_NAME: Final = 31
#: Widths of columns, in characters: a column is as wide as its header and the first rows ask for.
_NARROWEST: Final = 8
_WIDEST: Final = 60
_MOMENT_WIDTH: Final = 17
_FILTER_BUTTON: Final = 4
_MEASURED_ROWS: Final = 500
#: Of the measured texts of a column so many may be longer than it is wide: one in ten.
_LONGER: Final = 0.1
#: The widths of labels and values on the first sheet, in characters.
_FRONT_WIDTHS: Final = (28, 90)

#: The lowest level of compression: higher ones take three times as long for a tenth fewer bytes.
_LEVEL: Final = 1
#: The first so many different texts of a column are written once in the file, and cells refer to
#: them; a longer text than this is written into each cell.
_SHARED: Final = 1_000
_SHARED_LENGTH: Final = 200

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_HEADER: Final = 1  # the styles, by their place in cellXfs
_MOMENT: Final = 2
_TITLE: Final = 3
_VALUE: Final = 4
_COUNT: Final = 5
_FRONT_MOMENT: Final = 6
_LABEL: Final = 7
_LEFT: Final = 'applyAlignment="1"><alignment horizontal="left" vertical="top" wrapText="1"/></xf>'
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="14"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="8"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    f'<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" {_LEFT}'
    f'<xf numFmtId="3" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" {_LEFT}'
    f'<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" {_LEFT}'
    f'<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" {_LEFT}'
    "</cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
#: Characters that XML cannot hold. Workbooks write them as ``_x000D_``; so a text that has this
#: form already needs its underscore written in the same way.
_UNWRITABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)",
)
_SPECIAL: Final = re.compile(f"[&<>]|{_UNWRITABLE.pattern}")
#: Day 0 of a workbook, and the first day (1 March 1900) that Excel counts rightly: it takes 1900
#: for a leap year.
_DAY_ZERO: Final = datetime(1899, 12, 30).toordinal()  # noqa: DTZ001 - a day, not a moment
_FIRST_DAY: Final = 61
#: The text behind a day's number for each minute of a day: ``.5`` for noon.
_FRACTIONS: Final = tuple(repr(minute / 1_440)[1:] for minute in range(1_440))

#: Header and kind of values.
Column = tuple[str, SheetKind]
#: Some rows, by column: for each column the values of these rows.
Batch = Sequence[Sequence[Any]]


def check_row_count(rows: int) -> None:
    """Raise ``FilterError`` with the code ``too_many_rows`` if ``rows`` is over ``MAX_ROWS``.

    That is the number of rows that Excel takes below the headers.
    """
    if rows > MAX_ROWS:
        raise FilterError("too_many_rows", count=rows, limit=MAX_ROWS)


#: A line of the first sheet: a label, and a text, a count or a local time beside it.
Line = tuple[str, "str | int | datetime"]


@dataclass(frozen=True, slots=True)
class Front:
    """The first sheet of a workbook, which says what the file holds.

    ``name`` is the sheet's name, ``title`` the heading on it. ``lines`` is called with the number
    of rows that were written, and returns the lines below the heading.
    """

    name: str
    title: str
    lines: Callable[[int], Sequence[Line]]


def workbook(
    front: Front,
    title: str,
    columns: Sequence[Column],
    batches: Iterable[Batch],
    cut_mark: str = "…",
) -> Iterator[bytes]:
    """Yield the bytes of a workbook: the sheet ``front``, and a sheet with the rows.

    The sheet of the rows has a bold, frozen row of headers with Excel's filter buttons, and then
    the rows; the workbook is opened at it. Its columns are as wide as headers and first rows need.

    ``columns`` are pairs of header and kind of value. Each batch has one sequence of values for
    each column; None is an empty cell. Numbers and times become cells of these types. A text always
    stays a text; one that is too long for a cell is cut and ends with ``cut_mark``. Times are
    written to the minute, as they stand, without a time zone; those before 1 March 1900 as texts.

    ``title`` becomes the name of the sheet of rows: cut to 31 characters, with a space for each
    character that Excel forbids there. Raises ``RuntimeError`` if the sheet grows over 2 GiB, which
    not all programs could read. The number of rows is not checked; see ``check_row_count``.
    """
    drain = _Drain()
    shared = _Shared()
    names = [_sheet_name(front.name), _sheet_name(title)]
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as book:
        for name, content in _FIXED_PARTS.items():
            book.writestr(name, content)
        with book.open("xl/worksheets/sheet2.xml", "w") as sheet:
            arriving = iter(batches)
            measured = list(islice(arriving, 1))
            sheet.write(_sheet_start(_widths(columns, measured)).encode())
            writers = [
                _column_writer(kind, place, shared, cut_mark, last=place + 1 == len(columns))
                for place, (_, kind) in enumerate(columns)
            ]
            sheet.write(_header_row([header for header, _ in columns]).encode())
            number = 1
            for batch in chain(measured, arriving):
                cells = [write(values) for write, values in zip(writers, batch, strict=True)]
                rows = [
                    # A row's number stands in each of its cells, between what is made by column.
                    str(at).join(('<row r="', '"><c r="A', *row))
                    for at, row in enumerate(zip(*cells, strict=True), number + 1)
                ]
                number += len(rows)
                sheet.write("".join(rows).encode())
                yield drain.taken()
            area = f"A1:{column_name(len(columns) - 1)}{number}"
            sheet.write(f'</sheetData><autoFilter ref="{area}"/></worksheet>'.encode())
        lines = front.lines(number - 1)
        book.writestr("xl/worksheets/sheet1.xml", _front_sheet(front.title, lines, cut_mark))
        book.writestr("xl/workbook.xml", _contents(names, area))
        book.writestr("xl/sharedStrings.xml", shared.xml())
    yield drain.taken()


class _Drain:
    """The file that ``zipfile`` writes to: ``taken`` returns what was written since the last call.

    It has no ``seek``, so ``zipfile`` never goes back to change what was sent already.
    """

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._waiting.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def taken(self) -> bytes:
        content = b"".join(self._waiting)
        self._waiting.clear()
        return content


class _Shared:
    """The texts that are written once in the file; cells refer to them by their place."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, text: str) -> int:
        """Add ``text``, and return its place, from 0."""
        self._texts.append(text)
        return len(self._texts) - 1

    def xml(self) -> str:
        """Return the workbook's part of shared texts."""
        texts = "".join(f"<si>{_t(text)}</si>" for text in self._texts)
        return f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{len(self._texts)}">{texts}</sst>'


#: Makes the cells of a column from its values.
Writer = Callable[[Sequence[Any]], list[str]]


def _column_writer(
    kind: SheetKind, place: int, shared: _Shared, cut_mark: str, *, last: bool
) -> Writer:
    """Return a function that makes the XML of a column's cells, ``place`` counted from 0.

    The row's number is part of each cell's name (``<c r="B7"``), and is put in when rows are
    joined. So the XML of a cell begins behind the number and ends with the next column's letters.
    """
    after = "</row>" if last else f'<c r="{column_name(place + 1)}'
    empty = f'"/>{after}'
    if kind == "number":
        return lambda values: [
            empty if value is None else f'"><v>{value}</v></c>{after}' for value in values
        ]
    if kind == "moment":
        end = f"</v></c>{after}"
        start = f'" s="{_MOMENT}"><v>'
        return lambda values: [
            empty if value is None else _moment(value, start, end, after) for value in values
        ]
    known: dict[str | None, str] = {None: empty}

    def cell(text: str) -> str:
        if len(known) <= _SHARED and len(text) <= _SHARED_LENGTH:
            made = f'" t="s"><v>{shared.add(text)}</v></c>{after}'
            known[text] = made
            return made
        return _inline(_cut(text, cut_mark)) + after

    return lambda values: [known.get(value) or cell(value) for value in values]


def _moment(at: datetime, start: str, end: str, after: str) -> str:
    """Return the cell of a time: its day's number and the minute as a fraction of the day."""
    day = at.toordinal() - _DAY_ZERO
    if day < _FIRST_DAY:
        return _inline(at.strftime("%d/%m/%Y %H:%M")) + after
    return f"{start}{day}{_FRACTIONS[at.hour * 60 + at.minute]}{end}"


def _inline(text: str) -> str:
    return f'" t="inlineStr"><is>{_t(text)}</is></c>'


def _t(text: str) -> str:
    """Return the XML element of a text."""
    escaped = _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text
    return f"<t>{escaped}</t>" if text == text.strip() else f'<t xml:space="preserve">{escaped}</t>'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return escape(character) if character in "&<>" else f"_x{ord(character):04X}_"


def _cut(text: str, cut_mark: str) -> str:
    """Return ``text`` cut to the length of a cell, with ``cut_mark`` at its end where it is cut."""
    if len(text) <= MAX_CELL // 2:  # no character takes more than two units
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MAX_CELL:
        return text
    room = 2 * MAX_CELL - len(cut_mark.encode("utf-16-le"))
    # A character of two units that the cut divides is dropped.
    return units[:room].decode("utf-16-le", errors="ignore") + cut_mark


def column_name(place: int) -> str:
    """Return the letters of the column ``place`` of a spreadsheet: 0 is A, 25 is Z, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _header_row(headers: Sequence[str]) -> str:
    cells = "".join(
        f'<c r="{column_name(place)}1" s="{_HEADER}" t="inlineStr"><is>{_t(header)}</is></c>'
        for place, header in enumerate(headers)
    )
    return f'<row r="1">{cells}</row>'


def _widths(columns: Sequence[Column], batches: Sequence[Batch]) -> list[float]:
    """Return the width of each column in characters.

    It holds the header with its filter button and nine in ten of the first ``_MEASURED_ROWS``
    values of ``batches``, within ``_NARROWEST`` and ``_WIDEST``.
    """
    values: Batch = batches[0] if batches else [()] * len(columns)
    return [
        max(len(header) + _FILTER_BUTTON, _value_width(kind, of_column[:_MEASURED_ROWS]))
        for (header, kind), of_column in zip(columns, values, strict=True)
    ]


def _value_width(kind: SheetKind, values: Sequence[Any]) -> int:
    if kind == "moment":
        return _MOMENT_WIDTH
    lengths = sorted(len(str(value)) for value in values if value is not None)
    if not lengths:
        return _NARROWEST
    length = lengths[int((len(lengths) - 1) * (1 - _LONGER))]
    return min(max(length + 2, _NARROWEST), _WIDEST)


def _columns(widths: Sequence[float]) -> str:
    return "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(widths, 1)
    )


def _sheet_start(widths: Sequence[float]) -> str:
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}">'
        '<sheetViews><sheetView tabSelected="1" workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft"/></sheetView></sheetViews>'
        '<sheetFormatPr defaultRowHeight="15"/>'
        f"<cols>{_columns(widths)}</cols><sheetData>"
    )


def _front_sheet(title: str, lines: Sequence[Line], cut_mark: str) -> str:
    """Return the XML of the first sheet: its heading, an empty row, and a row for each line."""
    rows = "".join(
        f'<row r="{number}"><c r="A{number}" s="{_LABEL}{_inline(label)}'
        f'<c r="B{number}" s="{_front_value(value, cut_mark)}</row>'
        for number, (label, value) in enumerate(lines, 3)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"/></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{_columns(_FRONT_WIDTHS)}</cols><sheetData>'
        f'<row r="1"><c r="A1" s="{_TITLE}{_inline(title)}</row>{rows}</sheetData></worksheet>'
    )


def _front_value(value: str | int | datetime, cut_mark: str) -> str:
    """Return the XML of a value's cell, from the number of its style on."""
    if isinstance(value, datetime):
        return _moment(value, f'{_FRONT_MOMENT}"><v>', "</v></c>", "")
    if isinstance(value, int):
        return f'{_COUNT}"><v>{value}</v></c>'
    return f"{_VALUE}{_inline(_cut(value, cut_mark))}"


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:_MAX_SHEET_NAME]


def _contents(names: Sequence[str], area: str) -> str:
    """Return the part of the workbook that lists its sheets; the last is the one that is opened.

    ``area`` are the cells of the last sheet that its filter buttons are for. Programs know them by
    a hidden name, too.
    """
    first, last = re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", area).split(":")
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    quoted = escape(names[-1].replace("'", "''"))
    place = len(names) - 1
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f'<bookViews><workbookView activeTab="{place}"/></bookViews><sheets>{sheets}</sheets>'
        f'<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="{place}" '
        f"hidden=\"1\">'{quoted}'!{first}:{last}</definedName></definedNames></workbook>"
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}.xml"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


_KINDS: Final = {
    "workbook": "sheet.main",
    "worksheets/sheet1": "worksheet",
    "worksheets/sheet2": "worksheet",
    "styles": "styles",
    "sharedStrings": "sharedStrings",
}
#: The files of the container that are always the same. The first must come first: programs tell the
#: kind of the file by it.
_FIXED_PARTS: Final = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(
            f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPE}.{kind}+xml"/>'
            for part, kind in _KINDS.items()
        )
        + "</Types>"
    ),
    "_rels/.rels": _relations([("officeDocument", "xl/workbook")]),
    "xl/_rels/workbook.xml.rels": _relations(
        [
            ("worksheet", "worksheets/sheet1"),
            ("worksheet", "worksheets/sheet2"),
            ("styles", "styles"),
            ("sharedStrings", "sharedStrings"),
        ]
    ),
    "xl/styles.xml": _STYLES,
}
