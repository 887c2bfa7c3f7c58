"""A case's messages as they were exchanged, in a drawer beside the page."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Final

from dash import dcc
from dash.development.base_component import Component

from components import ids
from components.drawer import drawer
from components.formats import NOTHING
from components.html_tree import (
    H3,
    A,
    Button,
    Children,
    Dd,
    Div,
    Dl,
    Dt,
    Element,
    Li,
    Ol,
    P,
    Span,
    StaticHtml,
    Strong,
)
from components.labels import signed_status, value_label
from components.locale import Locale
from components.panels.details import case_address, usable_url
from components.texts import gettext_noop, pgettext_noop
from queries.phones import spaced_phone
from queries.timeline import Entry, Timeline

_FACTS: Final = {
    "person_name": pgettext_noop("column", "Requester"),
    "case_type": pgettext_noop("column", "Type"),
    "channel": pgettext_noop("column", "Channel"),
    "team": pgettext_noop("column", "Team"),
    "opened_at": pgettext_noop("case", "Opened"),
    "closed_at": pgettext_noop("column", "Case state"),
    "phone": pgettext_noop("column", "Phone"),
    "messages": pgettext_noop("column", "Messages"),
}


#: With more messages than these, that the customer waits is said above them too.
_AT_A_GLANCE: Final = 6


def timeline_drawer(locale: Locale) -> list[Component]:
    """The drawer, still empty, and the store with what was last asked for it.

    While its body is empty it says that it waits; where an answer never comes, it offers to ask
    again.
    """
    waits = [
        P(locale.texts.gettext("Loading…"), className="timeline-loading", role="status"),
        _again(locale, "", "soft-button timeline-late"),
    ]
    body = [
        StaticHtml(id=ids.TIMELINE_BODY, className="timeline"),
        StaticHtml(waits, className="as-one"),
    ]
    title = locale.texts.pgettext("column", "Case")
    return [dcc.Store(id=ids.TIMELINE_ASKED), drawer(ids.TIMELINE, title, body, locale)]


def title(found: Timeline, locale: Locale) -> str:
    """What the drawer is called once the case is known: Caso 48213."""
    return locale.texts.gettext("Case {number}", number=found.case_number)


def view(found: Timeline, now: datetime, case_url: str | None, locale: Locale) -> list[Element]:
    """Head and messages of a case; ``now`` is aware, ``case_url`` the portal's template."""
    parts = [_head(found, locale)]
    if usable_url(case_url):
        address = case_address(case_url, found.case_id, found.case_number)
        parts += [_portal_link(address, locale)] if address else []
    if found.waiting_since is not None and len(found.entries) > _AT_A_GLANCE:
        parts.append(_waiting(found, found.waiting_since, now, locale))
    if found.texts_hidden:
        parts.append(
            P(locale.texts.gettext("You may not see what messages say."), className="note")
        )
    if found.messages > len(found.entries):
        parts.append(P(_cut_words(found, locale), className="note"))
    if not found.entries:
        parts.append(P(locale.texts.gettext("This case has no messages."), className="note"))
    for day, entries in groupby(found.entries, key=lambda entry: entry.sent_at.date()):
        heading = H3(locale.formats.weekday(day), className="timeline-day")
        items = [item for entry in entries for item in _items(entry, found, locale)]
        # A list without markers is one to some screen readers only when it says so.
        parts += [heading, Ol(items, className="timeline-list", role="list")]
    if found.waiting_since is not None:
        parts.append(_waiting(found, found.waiting_since, now, locale))
    return parts


def not_found(locale: Locale) -> list[Element]:
    """What stands where there is no such case, or none that the reader may see."""
    return [P(locale.texts.gettext("This case was not found."), className="note", role="status")]


def failure(said: str, case_key: str, locale: Locale) -> list[Element]:
    """What stands where the case could not be read: why, and a way to try again."""
    return [P(said, className="note", role="alert"), _again(locale, case_key, "soft-button")]


def _again(locale: Locale, case_key: str, class_name: str) -> Element:
    return Button(
        locale.texts.gettext("Try again"),
        type="button",
        className=class_name,
        **{"data-action": "case", "data-value": case_key},
    )


def _head(found: Timeline, locale: Locale) -> Element:
    texts, formats = locale.texts, locale.formats
    state = texts.pgettext("case", "Closed") if found.closed_at else texts.pgettext("case", "Open")
    closed = f"{state} · {formats.moment(found.closed_at)}" if found.closed_at else state
    values = {
        "person_name": found.person_name,
        "case_type": found.case_type,
        "channel": found.channel,
        "team": found.team or NOTHING,
        "opened_at": formats.moment(found.opened_at),
        "closed_at": closed,
        "phone": spaced_phone(found.phone or NOTHING),
        "messages": formats.count(found.messages),
    }
    facts = [Div([Dt(texts.pgettext(*_FACTS[name])), Dd(value)]) for name, value in values.items()]
    return Dl(facts, className="timeline-facts")


def _portal_link(address: str, locale: Locale) -> Element:
    link = A(
        locale.texts.gettext("Open in the portal"),
        href=address,
        target="_blank",
        rel="noopener",
        className="timeline-portal",
    )
    return P([link], className="timeline-links")


def _waiting(found: Timeline, since: datetime, now: datetime, locale: Locale) -> Element:
    """That the customer waits, marked where nobody waited longer in this case."""
    lasted = locale.formats.duration(max(0.0, (now - since).total_seconds()))
    said = locale.texts.gettext("Customer waiting for {duration}", duration=lasted)
    return P(
        [f"{said} · ", _longest(locale)] if found.waits_longest else said,
        className="timeline-wait timeline-waiting",
    )


def _cut_words(found: Timeline, locale: Locale) -> str:
    return locale.texts.gettext(
        "Only the newest {shown} of {all} messages are shown.",
        shown=locale.formats.count(len(found.entries)),
        all=locale.formats.count(found.messages),
    )


def _items(entry: Entry, found: Timeline, locale: Locale) -> Iterator[Element]:
    """A message, behind the wait that it ended."""
    if entry.waited_seconds is not None:
        yield Li([_waited(entry, entry.waited_seconds, locale)], className="timeline-pause")
    yield Li(
        [
            P(_said_by(entry, locale), className="entry-head"),
            _text(entry, found, locale),
            P(_became(entry, locale), className="entry-foot"),
        ],
        className=f"entry entry-{entry.direction}",
    )


def _waited(entry: Entry, seconds: float, locale: Locale) -> Element:
    lasted = locale.texts.gettext("waited {duration}", duration=locale.formats.duration(seconds))
    if not entry.is_longest:
        return Span(lasted, className="timeline-wait")
    return Span([f"{lasted} · ", _longest(locale)], className="timeline-wait timeline-longest")


def _longest(locale: Locale) -> Element:
    return Strong(locale.texts.gettext("longest wait"))


def _said_by(entry: Entry, locale: Locale) -> Children:
    """Direction, template and who wrote it: Enviada · HSM boas_vindas · Júlia Prado."""
    said = []
    if entry.direction == "out":
        kind = value_label("kind", entry.kind, locale)
        said.append(f"{kind} {entry.template_name}" if entry.template_name else kind)
        if entry.is_bot:
            bot = locale.texts.gettext("Bot")
            said.append(f"{bot} ({entry.agent})" if entry.agent else bot)
        elif entry.agent:
            said.append(entry.agent)
    direction = Strong(value_label("direction", entry.direction, locale))
    return [direction, *(f" · {one}" for one in said)]


def _text(entry: Entry, found: Timeline, locale: Locale) -> Element:
    if entry.body is not None:
        return P(entry.body, className="entry-text")
    missing = gettext_noop("text hidden") if found.texts_hidden else gettext_noop("no text")
    return P(f"({locale.texts.gettext(missing)})", className="entry-text entry-none")


def _became(entry: Entry, locale: Locale) -> Children:
    """Time, status and what went wrong."""
    status = signed_status(entry.direction, entry.status, locale)
    parts: list[Element | str] = [
        f"{entry.sent_at:%H:%M} · ",
        Span(status, className=f"said-{entry.direction}-{entry.status}"),
    ]
    if entry.error is not None:
        parts.append(Span(f" · {entry.error}", className="said-out-failed"))
    return parts
