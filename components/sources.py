"""The drawer "Sources": when each source of the data was last read, how many rows, what went wrong.

The sentence on the age of the data, in the header, opens it.
"""

from datetime import datetime, tzinfo
from typing import Final

from dash import dcc
from dash.development.base_component import Component

from components import ids
from components.drawer import drawer
from components.html_tree import (
    H3,
    Button,
    Code,
    Dd,
    Div,
    Dl,
    Dt,
    Element,
    P,
    Span,
    StaticHtml,
    Strong,
    Table,
    Tbody,
    Td,
    Th,
    Thead,
    Tr,
)
from components.locale import Locale
from components.panels.view import list_table
from components.texts import gettext_noop, ngettext_noop, pgettext_noop
from queries.reader import StoreStatus
from queries.source_states import Compared, Load, Noted, Sources, SourceState, Sums

TITLE: Final = gettext_noop("Sources")
#: What sources are called; others have the name that they were given.
_NAMES: Final = {
    "files": gettext_noop("Files"),
    "demo": gettext_noop("Demonstration data"),
    "receiver": gettext_noop("Webhooks, as they happen"),
    "import-webhooks": gettext_noop("Webhooks from files"),
    "chatwoot": "Chatwoot",
}
#: Why a load was refused as a whole, by the words of ``queries.vocabulary.REFUSALS``.
REFUSALS: Final = {
    "unreadable": gettext_noop("Refused: what was handed in cannot be read as it is."),
    "real_data_kept": gettext_noop("Demonstration data was refused: there is real data."),
    "memory": gettext_noop("Refused: the load needs more memory than the server may use."),
    "disk_full": gettext_noop("Refused: the disk is full."),
    "deadly": gettext_noop("Refused: the server stopped several times during the load."),
    "unexpected": gettext_noop("Refused: the load failed and changed nothing; the log says why."),
}
#: The columns of the sums, in the order in which they add up: read is the sum of the others.
_SUMS: Final = (
    pgettext_noop("rows of a load", "Read"),
    pgettext_noop("rows of a load", "Taken"),
    pgettext_noop("rows of a load", "Superseded"),
    pgettext_noop("rows of a load", "Kept aside"),
    pgettext_noop("rows of a load", "Rejected"),
)
#: What a comparison of ids found, by the name in ``Compared``.
_FOUND: Final = {
    "late": ngettext_noop("{count} row came late", "{count} rows came late"),
    "removed": ngettext_noop("{count} row removed", "{count} rows removed"),
    "left": ngettext_noop(
        "{count} row missing there, kept here", "{count} rows missing there, kept here"
    ),
    "skipped": ngettext_noop("{count} part not compared", "{count} parts not compared"),
}


def sources_drawer(locale: Locale) -> list[Component]:
    """Return the closed drawer of the sources, and the store by which the browser asks for them."""
    gettext = locale.texts.gettext
    body = [
        StaticHtml(id=ids.SOURCES_BODY, className="sources"),
        StaticHtml(
            [P(gettext("Loading…"), className="drawer-loading", role="status")], className="as-one"
        ),
    ]
    return [
        dcc.Store(id=ids.SOURCES_ASKED),
        drawer(ids.SOURCES, gettext(TITLE), body, locale),
    ]


def view(sources: Sources, now: datetime, locale: Locale) -> list[Element]:
    """Return the content of the drawer for a reader who sees everything.

    Each source with its sums, then the newest loads, then what is kept aside. ``now`` is in the
    deployment's zone, in which all times are written.
    """
    gettext = locale.texts.gettext
    if not sources.sources:
        return [P(gettext("No data yet"))]
    writer = _Writer(now, locale)
    return [
        *(writer.source(source) for source in sources.sources),
        P(
            gettext(
                "Each row read was taken, superseded by a later one of the same load, kept aside "
                "or rejected. A load that brought nothing new is not counted."
            ),
            className="quiet",
        ),
        *writer.newest(sources.newest),
        *writer.kept(sources),
    ]


def limited_view(status: StoreStatus, now: datetime, locale: Locale) -> list[Element]:
    """Return the content for a reader from whom a part of the data is hidden: when it was renewed.

    Numbers of loads are about everybody's data. ``now`` is in the deployment's zone.
    """
    gettext = locale.texts.gettext
    if status.loaded_at is None:
        return [P(gettext("No data yet"))]
    renewed = gettext(
        "The data was last renewed: {moment}.",
        moment=locale.formats.clock_time(status.loaded_at, now),
    )
    return [
        P(renewed),
        P(gettext("Who sees all of the data sees more here."), className="quiet"),
    ]


def failure(message: str, locale: Locale) -> list[Element]:
    """Return the content where the sources could not be read: ``message``, and "try again"."""
    again = Button(
        locale.texts.gettext("Try again"),
        type="button",
        className="soft-button",
        **{"data-action": "sources"},
    )
    return [P(message, role="status"), again]


def source_name(name: str, locale: Locale) -> str:
    """Return what people call the source ``name``, for example "Arquivos" for ``files``."""
    known = _NAMES.get(name)
    return locale.texts.gettext(known) if known else name


class _Writer:
    """Writes the parts of the drawer; times are those of the zone of ``now``."""

    def __init__(self, now: datetime, locale: Locale) -> None:
        self._now = now
        self._locale = locale

    @property
    def _zone(self) -> tzinfo | None:
        return self._now.tzinfo

    def source(self, source: SourceState) -> Element:
        """Return a section: the name, how new, what went wrong, the sums, the comparison."""
        faults = self._faults(source)
        dot = "dot old" if faults else "dot"
        parts = [
            H3([Span(className=dot, **{"aria-hidden": "true"}), self._name(source.name)]),
            P(self._times(source), className="quiet"),
            *faults,
        ]
        if source.loads:
            parts.append(self._sums(source.sums))
        if source.noted and source.noted.reconciled_until:
            parts.append(P(self._comparison(source.noted), className="quiet"))
        return Div(parts, className="source")

    def newest(self, loads: tuple[Load, ...]) -> list[Element]:
        """Return the table of the newest loads, each under a line that says when and whence."""
        if not loads:
            return []
        gettext, pgettext = self._locale.texts.gettext, self._locale.texts.pgettext
        heads = [Th(pgettext(*label), scope="col", className="number") for label in _SUMS]
        title = gettext("Newest loads")
        rows = [row for load in loads for row in self._load_rows(load)]
        return [
            H3(title),
            Table(
                [Thead([Tr(heads)]), Tbody(rows)],
                className="list-table loads",
                **{"aria-label": title},
            ),
        ]

    def kept(self, sources: Sources) -> list[Element]:
        """Return the table of what is kept aside, by kind."""
        if not sources.kept:
            return []
        gettext, pgettext = self._locale.texts.gettext, self._locale.texts.pgettext
        title = gettext("Kept aside, by kind")
        rows = [
            Tr([Td([Code(kind)]), Td(self._locale.formats.count(count), className="number")])
            for kind, count in sources.kept.items()
        ]
        heads = [gettext("Kind")], [pgettext("kept aside", "How many")]
        return [
            H3(title),
            P(
                gettext("What sources told and this page does not use; nothing of it is lost."),
                className="quiet",
            ),
            list_table(title, *heads, rows),
        ]

    def _name(self, name: str) -> str:
        return source_name(name, self._locale)

    def _moment(self, at: datetime) -> str:
        return self._locale.formats.clock_time(at.astimezone(self._zone), self._now)

    def _times(self, source: SourceState) -> str:
        """Return until when the source is here, when it was last asked, and its newest load."""
        gettext = self._locale.texts.gettext
        noted = source.noted or Noted()
        parts = []
        if noted.synced_until:
            parts.append(gettext("Here until {moment}", moment=self._moment(noted.synced_until)))
        elif noted.checked_at:
            parts.append(gettext("Asked {moment}", moment=self._moment(noted.checked_at)))
        if newest := source.newest:
            moment = self._moment(newest.loaded_at)
            parts.append(gettext("newest load {moment}", moment=moment))
        text = " · ".join(parts) or gettext("Nothing was loaded yet")
        return text[:1].upper() + text[1:]

    def _faults(self, source: SourceState) -> list[Element]:
        """Return a sentence for each thing that is wrong now; [] where all is well."""
        texts = self._locale.texts
        faults = []
        if source.noted and source.noted.fault:
            # Commands write in English.
            said = Span(source.noted.fault, lang="en")
            faults.append(P([texts.gettext("The newest attempt failed:"), " ", said]))
        if refusal := source.open_refusal:
            sentence = texts.gettext(REFUSALS.get(refusal.reason, REFUSALS["unexpected"]))
            faults.append(P(f"{sentence} ({self._moment(refusal.at)})"))
        if source.newest and (rejected := source.newest.sums.rejected):
            sentence = texts.ngettext(
                "{count} row of the newest load was rejected.",
                "{count} rows of the newest load were rejected.",
                rejected,
                count=self._locale.formats.count(rejected),
            )
            faults.append(P(sentence))
        for fault in faults:
            fault["attributes"]["className"] = "fault"
        return faults

    def _sums(self, sums: Sums) -> Element:
        pgettext = self._locale.texts.pgettext
        entries = [
            Div([Dt(pgettext(*label)), Dd(number)])
            for label, number in zip(_SUMS, self._numbers(sums), strict=True)
        ]
        return Dl(entries, className="sums")

    def _numbers(self, sums: Sums) -> list[str]:
        numbers = (sums.read, sums.taken, sums.superseded, sums.kept, sums.rejected)
        return [self._locale.formats.count(number) for number in numbers]

    def _comparison(self, noted: Noted) -> str:
        until = noted.reconciled_until
        if until is None:
            return ""
        gettext = self._locale.texts.gettext
        checked = gettext("Checked against the source until {moment}", moment=self._moment(until))
        return " · ".join([checked, *self._found(noted.compared or Compared())])

    def _found(self, compared: Compared) -> list[str]:
        texts, formats = self._locale.texts, self._locale.formats
        counts = {name: getattr(compared, name) for name in _FOUND}
        found = [
            texts.ngettext(*_FOUND[name], count, count=formats.count(count))
            for name, count in counts.items()
            if count
        ]
        return found or [texts.gettext("no difference")]

    def _load_rows(self, load: Load) -> list[Element]:
        seconds = "" if load.seconds is None else self._locale.formats.duration(load.seconds)
        what = " · ".join(filter(None, (self._moment(load.loaded_at), seconds)))
        head = Th(
            [Strong(self._name(load.name)), Span(f" · {what}", className="quiet")],
            colSpan=len(_SUMS),
            scope="rowgroup",
        )
        cells = [Td(number, className="number") for number in self._numbers(load.sums)]
        return [Tr([head], className="load-head"), Tr(cells)]
