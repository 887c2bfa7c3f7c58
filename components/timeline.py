"""The drawer with all messages of one case, in the order in which they were sent."""

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


#: With more messages than this, the note that the customer waits stands above them as well.
_SHORT_TIMELINE: Final = 6


def timeline_drawer(locale: Locale) -> list[Component]:
    """Return the drawer, empty and closed, and the store with the case that was last asked for.

    While its body is empty the drawer says that it loads; where no answer comes, it offers to ask
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


def title(case: Timeline, locale: Locale) -> str:
    """Return the drawer's title, for example: Caso 48213."""
    return locale.texts.gettext("Case {number}", number=case.case_number)


def view(case: Timeline, now: datetime, case_url: str | None, locale: Locale) -> list[Element]:
    """Return the facts and the messages of ``case``.

    ``now`` is an aware time; ``case_url`` is the portal's address of a case with places in it.
    """
    parts = [_head(case, locale)]
    if usable_url(case_url):
        address = case_address(case_url, case.case_id, case.case_number)
        parts += [_portal_link(address, locale)] if address else []
    if case.waiting_since is not None and len(case.entries) > _SHORT_TIMELINE:
        parts.append(_waiting(case, case.waiting_since, now, locale))
    if case.texts_hidden:
        parts.append(
            P(locale.texts.gettext("You may not see what messages say."), className="note")
        )
    if case.messages > len(case.entries):
        parts.append(P(_cut_note(case, locale), className="note"))
    if not case.entries:
        parts.append(P(locale.texts.gettext("This case has no messages."), className="note"))
    for day, entries in groupby(case.entries, key=lambda entry: entry.sent_at.date()):
        heading = H3(locale.formats.weekday(day), className="timeline-day")
        items = [item for entry in entries for item in _items(entry, case, locale)]
        # A list without markers is one to some screen readers only when it says so.
        parts += [heading, Ol(items, className="timeline-list", role="list")]
    if case.waiting_since is not None:
        parts.append(_waiting(case, case.waiting_since, now, locale))
    return parts


def not_found(locale: Locale) -> list[Element]:
    """Return the note for a case that does not exist or that the reader may not see."""
    return [P(locale.texts.gettext("This case was not found."), className="note", role="status")]


def failure(sentence: str, case_key: str, locale: Locale) -> list[Element]:
    """Return the note for a case that could not be read: why, and a button that tries again."""
    return [P(sentence, className="note", role="alert"), _again(locale, case_key, "soft-button")]


def _again(locale: Locale, case_key: str, class_name: str) -> Element:
    return Button(
        locale.texts.gettext("Try again"),
        type="button",
        className=class_name,
        **{"data-action": "case", "data-value": case_key},
    )


def _head(case: Timeline, locale: Locale) -> Element:
    texts, formats = locale.texts, locale.formats
    state = texts.pgettext("case", "Closed") if case.closed_at else texts.pgettext("case", "Open")
    closed = f"{state} · {formats.moment(case.closed_at)}" if case.closed_at else state
    values = {
        "person_name": case.person_name,
        "case_type": case.case_type,
        "channel": case.channel,
        "team": case.team or NOTHING,
        "opened_at": formats.moment(case.opened_at),
        "closed_at": closed,
        "phone": spaced_phone(case.phone or NOTHING),
        "messages": formats.count(case.messages),
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


def _waiting(case: Timeline, since: datetime, now: datetime, locale: Locale) -> Element:
    """Return the note that the customer waits, marked where it is the longest wait of the case."""
    lasted = locale.formats.duration(max(0.0, (now - since).total_seconds()))
    sentence = locale.texts.gettext("Customer waiting for {duration}", duration=lasted)
    return P(
        [f"{sentence} · ", _longest(locale)] if case.waits_longest else sentence,
        className="timeline-wait timeline-waiting",
    )


def _cut_note(case: Timeline, locale: Locale) -> str:
    return locale.texts.gettext(
        "Only the newest {shown} of {all} messages are shown.",
        shown=locale.formats.count(len(case.entries)),
        all=locale.formats.count(case.messages),
    )


def _items(entry: Entry, case: Timeline, locale: Locale) -> Iterator[Element]:
    """Yield a message, after the wait that it ended, if any."""
    if entry.waited_seconds is not None:
        yield Li([_waited(entry, entry.waited_seconds, locale)], className="timeline-pause")
    yield Li(
        [
            P(_author(entry, locale), className="entry-head"),
            _text(entry, case, locale),
            P(_outcome(entry, locale), className="entry-foot"),
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


def _author(entry: Entry, locale: Locale) -> Children:
    """Return direction, template and author: Enviada · HSM boas_vindas · Júlia Prado."""
    parts = []
    if entry.direction == "out":
        kind = value_label("kind", entry.kind, locale)
        parts.append(f"{kind} {entry.template_name}" if entry.template_name else kind)
        if entry.is_bot:
            bot = locale.texts.gettext("Bot")
            parts.append(f"{bot} ({entry.agent})" if entry.agent else bot)
        elif entry.agent:
            parts.append(entry.agent)
    direction = Strong(value_label("direction", entry.direction, locale))
    return [direction, *(f" · {part}" for part in parts)]


def _text(entry: Entry, case: Timeline, locale: Locale) -> Element:
    if entry.body is not None:
        return P(entry.body, className="entry-text")
    missing = gettext_noop("text hidden") if case.texts_hidden else gettext_noop("no text")
    return P(f"({locale.texts.gettext(missing)})", className="entry-text entry-none")


def _outcome(entry: Entry, locale: Locale) -> Children:
    """Return time and status of a message, and why it failed."""
    status = signed_status(entry.direction, entry.status, locale)
    parts: list[Element | str] = [
        f"{entry.sent_at:%H:%M} · ",
        Span(status, className=f"said-{entry.direction}-{entry.status}"),
    ]
    if entry.error is not None:
        parts.append(Span(f" · {entry.error}", className="said-out-failed"))
    return parts
