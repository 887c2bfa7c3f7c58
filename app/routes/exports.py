"""``/export/<slug>.csv`` and ``/export/details.xlsx``: downloads for people, streamed."""

import csv
import io
import re
import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import pandas as pd
import xlsxwriter
from flask import Blueprint, Response, abort, send_file

from app.questions import Question
from app.routes.answers import Desk
from components import export_columns
from components.look import Look
from components.words import table_words
from queries.errors import FilterError
from queries.filters import Filters
from queries.panels import DETAILS_SLUG, PANELS, WAITING_SLUG
from queries.scope import Scope
from queries.table import Table

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_MAX_ROWS: Final = 1_048_575  # Excel's limit without the row of headers
#: Spreadsheets take these for formulas, also behind white space, and behind what some of them
#: take for the end of a cell; a signed number or a phone is none.
_FORMULA: Final = re.compile(r"(^|[,;\t\r\n])\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
_PLAIN_NUMBER: Final = re.compile(r"[+\-]?[\d .,]+|\+[\d ().*\-]+")


def blueprint(desk: Desk) -> Blueprint:
    """The routes of the downloads, answered by ``desk``."""
    routes = Blueprint("export", __name__, url_prefix="/export")

    @routes.get("/<slug>.csv")
    def as_csv(slug: str) -> Response:
        if slug not in PANELS and slug not in (DETAILS_SLUG, WAITING_SLUG):
            abort(HTTPStatus.NOT_FOUND)
        question, look, scope = desk.asked()
        filters = desk.reader.resolve(question.filters)
        frames = _frames(desk, slug, Question(filters, question.table), look, scope)
        lines = _begun(_csv_lines(slug, frames, look))
        response = Response(lines, mimetype="text/csv")
        response.headers["Content-Disposition"] = _attachment(_csv_name(desk, slug, filters))
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/details.xlsx")
    def as_xlsx() -> Response:
        question, look, scope = desk.asked()
        filters = desk.reader.resolve(question.filters)
        total = desk.reader.details(
            filters, scope, Table(where=question.table.where, page_size=1), table_words(look)
        ).total
        if total is not None and total > XLSX_MAX_ROWS:
            raise FilterError("too_many_rows", count=total, limit=XLSX_MAX_ROWS)
        frames = _frames(desk, DETAILS_SLUG, Question(filters, question.table), look, scope)
        response = send_file(
            _workbook(frames, look),
            mimetype=XLSX_TYPE,
            as_attachment=True,
            download_name=_file_name(DETAILS_SLUG, filters, "xlsx"),
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def _frames(
    desk: Desk, slug: str, question: Question, look: Look, scope: Scope
) -> Iterator[pd.DataFrame]:
    """The rows of a panel in words, all of one moment of the store."""
    if slug == DETAILS_SLUG:
        words = table_words(look)
        for frame in desk.reader.all_details(question.filters, scope, question.table, words):
            yield export_columns.worded(slug, frame, look)
    elif slug == WAITING_SLUG:
        for frame in desk.reader.all_waiting(question.filters, scope):
            yield export_columns.worded(slug, frame, look)
    else:
        yield export_columns.worded(
            slug, desk.reader.panel(slug, question.filters, scope).frame, look
        )


def _csv_lines(slug: str, frames: Iterator[pd.DataFrame], look: Look) -> Iterator[str]:
    headers = export_columns.headers(slug, look.texts)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=export_columns.separator(look), lineterminator="\r\n")
    # Excel takes a file for UTF-8 only when it begins with this mark.
    buffer.write("\ufeff")
    writer.writerow(headers.values())
    for frame in frames:
        columns = [
            [neutral(export_columns.cell(name, value, look)) for value in frame[name]]
            for name in headers
        ]
        writer.writerows(zip(*columns, strict=True))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers and phones stay as they are."""
    if _FORMULA.search(cell) and not _PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _begun(lines: Iterator[str]) -> Iterator[str]:
    """``lines`` with the first one made: what fails at once fails before the answer begins."""
    first = next(lines)

    def whole() -> Iterator[str]:
        yield first
        yield from lines

    return whole()


def _workbook(frames: Iterator[pd.DataFrame], look: Look) -> Any:
    """A workbook in a temporary file that goes when it is closed; rows are not kept in memory."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet(look.texts.t("Details"))
        bold = workbook.add_format({"bold": True})
        moment = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        headers = export_columns.headers(DETAILS_SLUG, look.texts)
        sheet.freeze_panes(1, 0)
        for column, header in enumerate(headers.values()):
            sheet.write_string(0, column, header, bold)
        row = 0
        for frame in frames:
            for record in frame[list(headers)].itertuples(index=False):
                row += 1
                for column, value in enumerate(record):
                    _write_cell(sheet, row, column, value, moment)
    file.seek(0)
    return file


def _write_cell(sheet: Any, row: int, column: int, value: Any, moment: Any) -> None:
    if pd.isna(value):
        return
    if hasattr(value, "tzinfo"):
        # A workbook knows no zones: the local time as the page shows it, which Excel would round.
        shown = value.replace(tzinfo=None, second=0, microsecond=0)
        sheet.write_datetime(row, column, shown, moment)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write_number(row, column, value)


def _attachment(name: str) -> str:
    return f'attachment; filename="{name}"'


def _csv_name(desk: Desk, slug: str, filters: Filters) -> str:
    """Who waits is a matter of the moment; everything else belongs to its period."""
    if slug == WAITING_SLUG:
        return f"consumo-{slug}-{desk.reader.now():%Y-%m-%d-%H%M}.csv"
    return _file_name(slug, filters, "csv")


def _file_name(slug: str, filters: Filters, kind: str) -> str:
    return f"consumo-{slug}-{filters.span.start}-{filters.span.end}.{kind}"
