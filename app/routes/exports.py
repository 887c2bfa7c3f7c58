"""``/export/<slug>.csv`` and ``/export/<slug>.xlsx``: downloads for people, streamed.

The question is in the address, or as JSON in the body of a POST, for selections that are too long
for an address; a link carries such a selection by a ticket, which is asked for by a POST.

A page that gives a download a name, the parameter ``progress``, asks ``/export/progress/<name>``
how far it is, and stops it by a POST to ``/export/progress/<name>/stop``. A page that holds a token
asks ``/export/tickets`` for a ticket, with which its link starts the download
(``DownloadTickets``).
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Final, Literal

import pandas as pd
from flask import Blueprint, Response, abort, g, request

from app.access.download_tickets import DownloadTicket, DownloadTickets
from app.access.gate import takes_ticket
from app.access.identity import Identity, current_identity
from app.access.rate_limits import RateLimits
from app.download_progress import NAME, Board, Ended, Progress
from app.file_names import file_name
from app.request_parsing import Question, address_parameters
from app.routes.answers import RequestContext, json_response, log
from app.workbook import Batch, Front, check_row_count, workbook
from components import value_formats
from components.download_front import SHEET, Download, front_lines
from components.downloads import cut_mark
from components.error_messages import error_message
from components.labels import search_labels
from components.locale import Locale
from components.value_formats import csv_values
from queries.errors import NotAllowed, SessionEnded, TooBusy
from queries.panel import PanelQuery
from queries.table_request import TableRequest
from queries.user_scope import Scope

_FOLDER: Final = "/export"
_METHODS: Final = ("GET", "POST")
#: The parameter of a download that names its progress.
_PROGRESS: Final = "progress"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class _DownloadDesk:
    """What all downloads of an app share.

    ``board`` keeps the progress of each; each takes one of ``places`` while it is under way, and
    counts for its reader in ``limits``. ``tickets`` start downloads of readers with a token.
    ``titles`` are the English titles of the panels, by slug.
    """

    context: RequestContext
    titles: Mapping[str, str]
    limits: RateLimits
    tickets: DownloadTickets
    board: Board
    places: BoundedSemaphore


def is_download(path: str) -> bool:
    """Return whether ``path``, the path of a request's address, is that of a download.

    A download occupies its thread for as long as the client takes to receive it.
    """
    return path.startswith(f"{_FOLDER}/") and path.endswith((".csv", ".xlsx"))


def blueprint(
    context: RequestContext,
    titles: Mapping[str, str],
    limits: RateLimits,
    tickets: DownloadTickets,
    board: Board,
    at_once: int,
) -> Blueprint:
    """Return the routes of the downloads, of their tickets and of their progress.

    ``titles`` are the English titles of the panels by slug, by which files are named. ``board``
    keeps the progress of each.
    Every panel has a CSV; panels with a ``sheet_title`` also have a workbook. At most ``at_once``
    downloads run at a time; for a further one ``TooBusy`` is raised, which is answered with 503.
    """
    routes = Blueprint("export", __name__, url_prefix=_FOLDER)
    desk = _DownloadDesk(context, titles, limits, tickets, board, BoundedSemaphore(at_once))

    @routes.route("/<slug>.csv", methods=_METHODS)
    @takes_ticket
    def as_csv(slug: str) -> Response:
        if slug not in context.reader.panels:
            abort(HTTPStatus.NOT_FOUND)
        return _download(desk, context.reader.panels[slug], "csv")

    for panel in context.reader.panels.values():
        if panel.sheet_title:
            routes.add_url_rule(
                f"/{panel.slug}.xlsx",
                endpoint=f"{panel.slug}_xlsx",
                view_func=takes_ticket(partial(_download, desk, panel, "xlsx")),
                methods=_METHODS,
            )

    @routes.post("/tickets")
    def ticket() -> Response:
        return json_response({"ticket": _new_ticket(desk)})

    @routes.get("/progress/<name>")
    def progress(name: str) -> Response:
        known = board.of(_owned(name))
        return json_response(known.shown() if known else {"state": "unknown"})

    @routes.post("/progress/<name>/stop")
    def stop(name: str) -> Response:
        known = board.stop(_owned(name))
        return json_response(known.shown() if known else {"state": "unknown"})

    return routes


def _owned(name: str) -> tuple[str, str]:
    """Return the reader of the current request, and ``name`` where it is one of a download.

    Aborts with 404 for any other text. So nobody can ask about the download of another reader.
    """
    if not NAME.fullmatch(name):
        abort(HTTPStatus.NOT_FOUND)
    return current_identity().subject, name


def _new_ticket(desk: _DownloadDesk) -> str:
    """Return a ticket for the download whose address the body of the current request holds.

    The body is ``{"address": "/export/details.csv?channel=WhatsApp"}``. Aborts with 400 for any
    other body, and with 404 for an address that is not one of a download. Raises ``NotAllowed``
    without the capability, and ``FilterError`` for a question that cannot be used.
    """
    body = request.get_json()
    address = body.get("address") if isinstance(body, dict) else None
    if not isinstance(address, str) or not address.isascii() or len(body) != 1:
        abort(HTTPStatus.BAD_REQUEST)
    path, _, query = address.partition("?")
    if not is_download(path):
        abort(HTTPStatus.NOT_FOUND)
    identity = current_identity()
    _check_allowed(identity)
    asked = dict(address_parameters(query.encode()))
    asked.pop(_PROGRESS, None)
    Question.of(asked, identity.scope)
    return desk.tickets.give(DownloadTicket(path, query.encode(), identity))


def _check_allowed(identity: Identity) -> None:
    """Raise ``NotAllowed`` if the reader lacks the capability ``export``."""
    if not identity.scope.may_export:
        raise NotAllowed


def _download(desk: _DownloadDesk, panel: PanelQuery, kind: Literal["csv", "xlsx"]) -> Response:
    """Return the answer to a request for a download; its first chunk is made already.

    An error before that is answered as an error, not as a broken file, and its progress says so.
    Aborts with 400 for several names of the progress or one of another form.
    """
    context, identity = desk.context, current_identity()
    mimetype = XLSX_TYPE if kind == "xlsx" else "text/csv"
    if request.method == "HEAD" and "ticket" in request.args:
        return Response(mimetype=mimetype)
    names = context.parameters().get(_PROGRESS, [])
    progress = _begin(desk, names, identity)
    try:
        _check_allowed(identity)
        if identity.is_known:
            desk.limits.count_export(identity.subject)
        question, locale, scope = context.asked(_PROGRESS)
        question.check(panel)
        panel = panel.answering(question.table)
        question = replace(question, filters=context.reader.resolve(question.filters, scope))
        if panel.has_pages and panel.sheet_title:
            progress.total = _total(context, panel, question, locale, scope)
        if kind == "xlsx":
            check_row_count(progress.total or 0)
        labels = search_labels(locale)
        frames = context.reader.all_rows(
            panel.slug, question.filters, scope, question.table, labels
        )
        frames = _with_progress(
            frames, progress, identity.expires_at, lambda: context.reader.now().timestamp()
        )
        if kind == "xlsx":
            chunks = _sheet(panel, frames, _front(desk, panel, question, locale, scope), locale)
        else:
            chunks = _csv_lines(panel, frames, locale)
        answer = _Answer(chunks, progress, locale, desk.places)
    except Ended:
        abort(HTTPStatus.CONFLICT)
    except Exception as error:
        locale = g.get("locale") or Locale.of(context.language)
        progress.end("failed", error_message(error, locale.texts))
        raise
    response = Response(answer, mimetype=mimetype)
    title = locale.texts.gettext(desk.titles[panel.slug])
    name = file_name(title, _when(context, panel, question), kind)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _begin(desk: _DownloadDesk, names: object, identity: Identity) -> Progress:
    """Return the progress of a new download, kept under the only one of ``names``, if any."""
    given = [names] if isinstance(names, str) else names
    if not isinstance(given, list) or len(given) > 1:
        abort(HTTPStatus.BAD_REQUEST)
    if not given:
        return Progress()
    if not isinstance(given[0], str) or not NAME.fullmatch(given[0]):
        abort(HTTPStatus.BAD_REQUEST)
    return desk.board.begin((identity.subject, given[0]))


def _when(context: RequestContext, panel: PanelQuery, question: Question) -> str:
    """Return the part of a file's name that tells the time of its rows: a minute or a period."""
    if panel.is_about_now:
        return f"{context.reader.now():%Y-%m-%d-%H%M}"
    return f"{question.filters.span.start}-{question.filters.span.end}"


def _total(
    context: RequestContext, panel: PanelQuery, question: Question, locale: Locale, scope: Scope
) -> int | None:
    """Return how many rows a panel has on all pages; None for a panel without pages.

    A page of one row is the cheapest request whose answer has this number.
    """
    table = TableRequest(where=question.table.where, page_size=1)
    labels = search_labels(locale)
    return context.reader.panel(panel.slug, question.filters, scope, table, labels).total


class _Answer:
    """The chunks of a download. The first chunk is made when this object is made.

    Making it raises ``TooBusy`` if none of ``places`` is free, and any error of the first chunk. An
    error in a later chunk raises ``Ended``, which cuts the connection, because an incomplete file
    must not look complete. ``progress`` is told how the download ended. ``close``, which the server
    always calls, frees the place and the store's cursor.
    """

    def __init__(
        self, chunks: Iterator[bytes], progress: Progress, locale: Locale, places: BoundedSemaphore
    ) -> None:
        if not places.acquire(blocking=False):
            raise TooBusy
        self._places: BoundedSemaphore | None = places
        self._chunks = chunks
        self._progress = progress
        self._locale = locale
        try:
            self._first: bytes | None = next(chunks)
        except BaseException:
            self._release()
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
            # The server asks for one more chunk after the last: so the whole file is on its way.
            self._progress.end("done")
            self._release()
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
        self._release()

    def _release(self) -> None:
        if (end := getattr(self._chunks, "close", None)) is not None:
            end()
        places, self._places = self._places, None
        if places:
            places.release()


def _with_progress(
    frames: Iterator[pd.DataFrame],
    progress: Progress,
    expires_at: float | None,
    now: Callable[[], float],
) -> Iterator[pd.DataFrame]:
    """Yield ``frames`` and count their rows in ``progress``.

    Raises ``Ended`` at a stop, and ``SessionEnded`` when the sign-in has ended, at ``expires_at``;
    ``now`` returns the present time. Both are in seconds since 1970.
    """
    with closing(frames):  # type: ignore[type-var] # a generator, as it is made
        for frame in frames:
            if expires_at is not None and now() > expires_at:
                raise SessionEnded
            progress.wrote(len(frame))
            yield frame


def _csv_lines(
    panel: PanelQuery, frames: Iterable[pd.DataFrame], locale: Locale
) -> Iterator[bytes]:
    """Yield a CSV in UTF-8: the headers in the language of ``locale``, then the rows."""
    columns = panel.download_columns
    headers = [value_formats.header(column, locale) for column in columns]
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=csv_values.separator(locale), lineterminator="\r\n")
    # Excel takes a file for UTF-8 only when it begins with this mark.
    buffer.write("\ufeff")
    writer.writerow([csv_values.neutralize_formula(header) for header in headers])
    for frame in frames:
        rows = panel.download_rows(frame)
        cells = [value_formats.csv_cells(column, rows, locale) for column in columns]
        writer.writerows(zip(*cells, strict=True))
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _front(
    desk: _DownloadDesk, panel: PanelQuery, question: Question, locale: Locale, scope: Scope
) -> Front:
    """Return the first sheet of a workbook, which says what it holds and as of when."""
    reader, gettext = desk.context.reader, locale.texts.gettext
    status = reader.status(scope)
    download = Download(panel, question.filters, question.table, status, reader.now())
    return Front(
        name=gettext(SHEET),
        title=f"Consumo WhatsApp · {gettext(desk.titles[panel.slug])}",
        lines=lambda rows: front_lines(download, rows, locale),
    )


def _sheet(
    panel: PanelQuery, frames: Iterable[pd.DataFrame], front: Front, locale: Locale
) -> Iterator[bytes]:
    """Return the bytes of a workbook: ``front``, then headers in the reader's language and rows."""
    columns = panel.download_columns
    headers = [
        (value_formats.header(column, locale), value_formats.sheet_kind(column))
        for column in columns
    ]
    batches: Iterator[Batch] = (
        [value_formats.sheet_cells(column, rows, locale) for column in columns]
        for rows in map(panel.download_rows, frames)
    )
    title = locale.texts.pgettext(*panel.sheet_title) if panel.sheet_title else panel.slug
    return workbook(front, title, headers, batches, cut_mark(locale))
