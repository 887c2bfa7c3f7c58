"""``/export/<slug>.csv`` and ``/export/details.xlsx``: downloads for people, streamed.

A page that gives a download a ``ticket`` asks ``/export/progress/<ticket>`` how far it is, and
may stop it there.
"""

import csv
import io
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Final

import pandas as pd
from flask import Blueprint, Response, abort, g, request

from app.download_progress import TICKET, Ended, Progress, Tickets
from app.request_parsing import Question
from app.routes.answers import RequestContext, json_response, log
from app.workbook import MAX_ROWS, Batch, Column, Kind, workbook
from components import export_columns
from components.downloads import cut_mark
from components.error_messages import error_message
from components.labels import search_labels
from components.locale import Locale
from queries.errors import FilterError, TooBusy
from queries.filters import Filters
from queries.panels import DETAILS_SLUG, PANELS, WAITING_SLUG
from queries.scope import Scope
from queries.table_request import TableRequest

_FOLDER: Final = "/export"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_MAX_ROWS: Final = MAX_ROWS
#: Spreadsheets take these for formulas, also behind white space, and behind what some of them
#: take for the end of a cell; a signed number or a phone is none.
_FORMULA: Final = re.compile(r"(^|[,;\t\r\n])[^\S\t\r\n]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
#: A phone has eight digits or more, of which stars may hide some; ``+2-3`` is a sum.
_PLAIN_NUMBER: Final = re.compile(r"[+\-]?[\d .,]+|\+(?=(?:[ ().\-]*[\d*]){8})[\d ().*\-]+")
_KINDS: Final[dict[export_columns.Kind, Kind]] = {"count": "number", "moment": "moment"}


@dataclass(frozen=True, slots=True)
class _Counter:
    """Where downloads are handed out: who answers, their tickets, and room for some at a time."""

    context: RequestContext
    tickets: Tickets
    room: BoundedSemaphore


def is_download(path: str) -> bool:
    """Whether the answer at ``path`` may hold its thread for as long as its reader takes."""
    return path.startswith(f"{_FOLDER}/") and path.endswith((".csv", ".xlsx"))


def blueprint(context: RequestContext, at_once: int) -> Blueprint:
    """The routes of the downloads, answered by ``desk``, at most ``at_once`` at a time."""
    routes = Blueprint("export", __name__, url_prefix=_FOLDER)
    tickets = Tickets(time.monotonic)
    counter = _Counter(context, tickets, BoundedSemaphore(at_once))

    @routes.get("/<slug>.csv")
    def as_csv(slug: str) -> Response:
        if slug not in PANELS and slug not in (DETAILS_SLUG, WAITING_SLUG):
            abort(HTTPStatus.NOT_FOUND)
        return _download(counter, slug, "csv")

    @routes.get("/details.xlsx")
    def as_xlsx() -> Response:
        return _download(counter, DETAILS_SLUG, "xlsx")

    @routes.get("/progress/<ticket>")
    def progress(ticket: str) -> Response:
        found = tickets.of(_ticket(ticket))
        return json_response(found.shown() if found else {"state": "unknown"})

    @routes.post("/progress/<ticket>/stop")
    def stop(ticket: str) -> Response:
        found = tickets.of(_ticket(ticket))
        if found:
            found.asked_to_stop = True
        return json_response(found.shown() if found else {"state": "unknown"})

    return routes


def _ticket(text: str) -> str:
    if not TICKET.fullmatch(text):
        abort(HTTPStatus.NOT_FOUND)
    return text


def _download(counter: _Counter, slug: str, kind: str) -> Response:
    """The file, begun: what fails at once fails before the answer begins, and its ticket knows."""
    context = counter.context
    given = request.args.getlist("ticket")
    if len(given) > 1:
        abort(HTTPStatus.BAD_REQUEST)
    try:
        progress = counter.tickets.begin(given[0] if given else None)
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST)
    try:
        question, locale, scope = context.asked("ticket")
        filters = context.reader.resolve(question.filters)
        question = Question(filters, question.table)
        if slug == DETAILS_SLUG:
            progress.total = _total(context, question, locale, scope)
        if kind == "xlsx" and (progress.total or 0) > XLSX_MAX_ROWS:
            raise FilterError("too_many_rows", count=progress.total, limit=XLSX_MAX_ROWS)
        counted = _counted(_frames(context, slug, question, locale, scope), progress)
        chunks = _sheet(counted, locale) if kind == "xlsx" else _csv_lines(slug, counted, locale)
        answer = _Answer(chunks, progress, locale, counter.room)
    except Ended:
        abort(HTTPStatus.CONFLICT)
    except Exception as error:
        locale = g.get("locale") or Locale.of(context.language)
        progress.end("failed", error_message(error, locale.texts))
        raise
    response = Response(answer, mimetype=XLSX_TYPE if kind == "xlsx" else "text/csv")
    name = f"consumo-{slug}-{_when(context, slug, filters)}.{kind}"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _when(context: RequestContext, slug: str, filters: Filters) -> str:
    """Who waits is a matter of the moment; everything else belongs to its period."""
    if slug == WAITING_SLUG:
        return f"{context.reader.now():%Y-%m-%d-%H%M}"
    return f"{filters.span.start}-{filters.span.end}"


def _total(context: RequestContext, question: Question, locale: Locale, scope: Scope) -> int | None:
    """How many rows the table has; more cheaply than by a page of it there is no asking."""
    table = TableRequest(where=question.table.where, page_size=1)
    return context.reader.details(question.filters, scope, table, search_labels(locale)).total


class _Answer:
    """The chunks of a download, its first one made; it ends as ``progress`` then says.

    A failure past the first chunk cuts the connection: a file must never look whole when it is not.
    It takes its place in ``room``, and raises ``TooBusy`` where there is none; ``close``, which the
    server calls in any case, gives that and the store's cursor back.
    """

    def __init__(
        self, chunks: Iterator[bytes], progress: Progress, locale: Locale, room: BoundedSemaphore
    ) -> None:
        if not room.acquire(blocking=False):
            raise TooBusy
        self._room: BoundedSemaphore | None = room
        self._chunks = chunks
        self._progress = progress
        self._locale = locale
        try:
            self._first: bytes | None = next(chunks)
        except BaseException:
            self._give_back()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        try:
            return next(self._chunks)
        except (StopIteration, Ended):
            # Of the last chunk the server comes back for the next: so the whole file is on its way.
            self._progress.end("done")
            self._give_back()
            raise
        except Exception as error:
            # Without its text: messages of errors may hold phones.
            log.error(
                "download failed",
                extra={"event": "download_failed", "error": type(error).__name__},
            )
            self._progress.end("failed", error_message(error, self._locale.texts))
            raise Ended from None

    def close(self) -> None:
        self._progress.end("broken")
        self._give_back()

    def _give_back(self) -> None:
        if (end := getattr(self._chunks, "close", None)) is not None:
            end()
        room, self._room = self._room, None
        if room:
            room.release()


def _counted(frames: Iterator[pd.DataFrame], progress: Progress) -> Iterator[pd.DataFrame]:
    """``frames`` as they pass; the reader may stop them."""
    with closing(frames):  # type: ignore[type-var] # a generator, as it is made
        for frame in frames:
            progress.wrote(len(frame))
            yield frame


def _frames(
    context: RequestContext, slug: str, question: Question, locale: Locale, scope: Scope
) -> Iterator[pd.DataFrame]:
    """The rows of a panel in words, all of one moment of the store."""
    if slug == DETAILS_SLUG:
        words = search_labels(locale)
        for frame in context.reader.all_details(question.filters, scope, question.table, words):
            yield export_columns.worded(slug, frame, locale)
    elif slug == WAITING_SLUG:
        for frame in context.reader.all_waiting(question.filters, scope):
            yield export_columns.worded(slug, frame, locale)
    else:
        yield export_columns.worded(
            slug, context.reader.panel(slug, question.filters, scope).frame, locale
        )


def _csv_lines(slug: str, frames: Iterable[pd.DataFrame], locale: Locale) -> Iterator[bytes]:
    headers = export_columns.headers(slug, locale.texts)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=export_columns.separator(locale), lineterminator="\r\n")
    # Excel takes a file for UTF-8 only when it begins with this mark.
    buffer.write("\ufeff")
    writer.writerow([neutralize_formula(header) for header in headers.values()])
    for frame in frames:
        columns = [_csv_cells(name, frame[name], locale) for name in headers]
        writer.writerows(zip(*columns, strict=True))
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _csv_cells(name: str, values: pd.Series, locale: Locale) -> list[str]:
    cells = export_columns.cells(name, values, locale)
    if export_columns.kind(name) != "text":
        return cells  # numbers, days and times of our own writing
    safe = {cell: neutralize_formula(cell) for cell in set(cells)}
    return [safe[cell] for cell in cells]


def neutralize_formula(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers and phones stay as they are."""
    if _FORMULA.search(cell) and not _PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _sheet(frames: Iterable[pd.DataFrame], locale: Locale) -> Iterator[bytes]:
    headers = export_columns.headers(DETAILS_SLUG, locale.texts)
    columns: list[Column] = [
        (header, _KINDS.get(export_columns.kind(name), "text")) for name, header in headers.items()
    ]
    batches: Iterator[Batch] = ([frame[name].tolist() for name in headers] for frame in frames)
    return workbook(locale.texts.gettext("Details"), columns, batches, cut_mark(locale))
