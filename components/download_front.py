"""The lines of a workbook's first sheet: what it holds, as of when, and how it was narrowed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from components.labels import BASES, FILTERS, column_labels, filter_label
from components.locale import Locale
from components.texts import gettext_noop
from queries.filters import LISTS, MESSAGE_LISTS, Filters
from queries.panel import PanelQuery
from queries.reader import StoreStatus
from queries.table_request import TableRequest

#: The name of the sheet.
SHEET: Final = gettext_noop("About this file")
_BETWEEN: Final = "; "

#: A label, and a text, a number or a local time.
Line = tuple[str, str | int | datetime]


@dataclass(frozen=True, slots=True)
class Download:
    """What a download was asked for: ``panel`` with ``filters``, in the order of ``table``.

    ``filters`` have their period. ``status`` says how new the data is, ``now`` is the present time
    in the deployment's zone.
    """

    panel: PanelQuery
    filters: Filters
    table: TableRequest
    status: StoreStatus
    now: datetime


def front_lines(download: Download, rows: int, locale: Locale) -> list[Line]:
    """Return the lines of the first sheet of ``download``, whose file has ``rows`` rows.

    They name period, reference date, each filter with all its values, filters of columns, order,
    number of rows, how new the data is, the time zone of all times in the file, and when it was
    made. A panel about the present has no period, and ignores filters of the message.
    """
    gettext, status = locale.texts.gettext, download.status
    lines: list[Line] = [
        *_selection(download, locale),
        *_table(download.table, locale),
        (gettext("Rows"), rows),
    ]
    if status.newest_at:
        lines.append((gettext("Data through"), status.newest_at))
    if status.loaded_at:
        lines.append((gettext("Data loaded"), status.loaded_at))
    zone = f"{locale.formats.zone(download.now)} ({status.time_zone})"
    return [*lines, (gettext("Time zone"), zone), (gettext("File made"), download.now)]


def _selection(download: Download, locale: Locale) -> Iterator[Line]:
    gettext, day, filters = locale.texts.gettext, locale.formats.day, download.filters
    is_now = download.panel.is_about_now
    if not is_now:
        span = filters.span
        days = gettext("{start} to {end}", start=day(span.start), end=day(span.end))
        period, basis = FILTERS["period"], FILTERS["basis"]
        yield gettext(period), days
        yield gettext(basis), gettext(BASES[filters.basis])
    for name in LISTS:
        values = getattr(filters, name)
        if values and not (is_now and name in MESSAGE_LISTS):
            texts = (filter_label(name, value, locale) for value in values)
            yield gettext(FILTERS[name]), _BETWEEN.join(texts)


def _table(table: TableRequest, locale: Locale) -> Iterator[Line]:
    gettext, labels = locale.texts.gettext, column_labels(locale)
    for name, text in table.where:
        words = gettext(
            "{column} contains \u201c{words}\u201d", column=labels.get(name, name), words=text
        )
        yield gettext("Column filter"), words
    if table.sort:
        name = table.sort.removeprefix("-")
        label = labels.get(name, name)
        is_falling = table.sort.startswith("-")
        order = gettext("{column}, descending") if is_falling else gettext("{column}, ascending")
        yield gettext("Order"), order.format(column=label)
