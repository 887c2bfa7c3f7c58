"""Writes a workbook (.xlsx) of one sheet as a stream: the file is sent while rows are still read.

It has only the parts that Excel needs (ECMA-376, SpreadsheetML), see
docs/decisions/0006-workbooks-are-streamed.md. ``zipfile`` makes the container, this module the XML.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from components.value_formats import SheetKind
from queries.errors import FilterError

#: Rows that Excel takes below the row of headers.
MAX_ROWS: Final = 1_048_575
#: How long a text Excel takes in a cell, in units of UTF-16.
MAX_CELL: Final = 32_767
_MAX_SHEET_NAME: Final = 31

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
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
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


def workbook(
    title: str, columns: Sequence[Column], batches: Iterable[Batch], cut_mark: str = "…"
) -> Iterator[bytes]:
    """Yield the bytes of a workbook of one sheet: a bold, frozen row of headers, then the rows.

    ``columns`` are pairs of header and kind of value. Each batch has one sequence of values for
    each column; None is an empty cell. Numbers and times become cells of these types. A text always
    stays a text; one that is too long for a cell is cut and ends with ``cut_mark``. Times are
    written to the minute, as they stand, without a time zone; those before 1 March 1900 as texts.

    ``title`` becomes the name of the sheet: cut to 31 characters, with a space for each character
    that Excel forbids there. Raises ``RuntimeError`` if the sheet grows over 2 GiB, which not all
    programs could read. The number of rows is not checked; see ``check_row_count``.
    """
    drain = _Drain()
    shared = _Shared()
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as book:
        for name, content in _parts(title).items():
            book.writestr(name, content)
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_sheet_start(len(columns)).encode())
            writers = [
                _column_writer(kind, place, shared, cut_mark, last=place + 1 == len(columns))
                for place, (_, kind) in enumerate(columns)
            ]
            sheet.write(_header_row([header for header, _ in columns]).encode())
            number = 1
            for batch in batches:
                cells = [write(values) for write, values in zip(writers, batch, strict=True)]
                rows = [
                    # A row's number stands in each of its cells, between what is made by column.
                    str(at).join(('<row r="', '"><c r="A', *row))
                    for at, row in enumerate(zip(*cells, strict=True), number + 1)
                ]
                number += len(rows)
                sheet.write("".join(rows).encode())
                yield drain.taken()
            sheet.write(b"</sheetData></worksheet>")
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


def _sheet_start(columns: int) -> str:
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}">'
        '<sheetViews><sheetView tabSelected="1" workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft"/></sheetView></sheetViews>'
        '<sheetFormatPr defaultRowHeight="15"/>'
        f'<cols><col min="1" max="{columns}" width="18" customWidth="1"/></cols><sheetData>'
    )


def _parts(title: str) -> dict[str, str]:
    """Return all files of the container, by name, but the sheet and its shared texts.

    The first must come first: programs tell the kind of the file by it.
    """
    name = quoteattr(re.sub(r"[\[\]:*?/\\]", " ", title)[:_MAX_SHEET_NAME])
    overrides = {
        "workbook": "sheet.main",
        "worksheets/sheet1": "worksheet",
        "styles": "styles",
        "sharedStrings": "sharedStrings",
    }
    relations = {
        "worksheet": "worksheets/sheet1",
        "styles": "styles",
        "sharedStrings": "sharedStrings",
    }
    return {
        "[Content_Types].xml": (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            + "".join(
                f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPE}.{kind}+xml"/>'
                for part, kind in overrides.items()
            )
            + "</Types>"
        ),
        "_rels/.rels": _relations({"officeDocument": "xl/workbook"}),
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/>'
            f'</bookViews><sheets><sheet name={name} sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _relations({"worksheet": "worksheets/sheet1"} | relations),
        "xl/styles.xml": _STYLES,
    }


def _relations(targets: dict[str, str]) -> str:
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}.xml"/>'
        for number, (kind, target) in enumerate(targets.items(), 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'
