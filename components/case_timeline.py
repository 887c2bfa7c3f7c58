"""The drawer with the facts and messages of one case, oldest message first.

``queries.case_timeline`` reads the case.
"""

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
from queries.case_timeline import Entry, Timeline
from queries.phones import spaced_phone

#: The labels of the facts above the messages, in order.
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


#: A shorter wait, in seconds, is a quick answer: it is not marked, even if it is the longest.
_LONG_WAIT: Final = 300
#: With more messages than this, the note that the customer waits is also shown above them.
_SHORT_TIMELINE: Final = 6


def timeline_drawer(locale: Locale) -> list[Component]:
    """Return the closed drawer for a case's messages, and a store for the case that is asked for.

    The store (``ids.TIMELINE_ASKED``) comes first: the browser writes into it which case it wants.
    Until the case has come, the drawer shows "Loading…", and after a while a button that asks
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
    """Return the drawer's translated title for ``case``, for example "Caso 48213"."""
    return locale.texts.gettext("Case {number}", number=case.case_number)


def view(case: Timeline, now: datetime, case_url: str | None, locale: Locale) -> list[Element]:
    """Return the content of the drawer: facts about ``case``, then its messages, oldest first.

    Each day of messages has a heading. ``now`` is a time with a time zone: where the customer still
    waits, the wait is counted up to it. ``case_url`` is the template of case addresses in the
    portal (``Deployment.case_url``); with None only a portal that opens cases by itself has one.
    """
    parts = [_head(case, locale)]
    address = (
        case_address(case_url, case.case_id, case.case_number) if usable_url(case_url) else None
    )
    parts += [_portal_link(case, address, locale), _copy_link(locale)]
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
        # Some screen readers need the role to take a list without bullets for a list.
        parts += [heading, Ol(items, className="timeline-list", role="list")]
    if case.waiting_since is not None:
        parts.append(_waiting(case, case.waiting_since, now, locale))
    return parts


def _copy_link(locale: Locale) -> Element:
    """Return the button that copies the page's address, which names the open case."""
    gettext = locale.texts.gettext
    return Button(
        gettext("Copy link"),
        type="button",
        className="link-button copy-link",
        **{"data-action": "copy-link", "data-done": gettext("Link copied")},
    )


def not_found(locale: Locale) -> list[Element]:
    """Return the content of the drawer for a case that was not found.

    The sentence is the same where the case does not exist and where the reader may not see it.
    """
    return [P(locale.texts.gettext("This case was not found."), className="note", role="status")]


def failure(sentence: str, case_key: str, locale: Locale) -> list[Element]:
    """Return the content of the drawer for a case that could not be read because of an error.

    ``sentence``, already translated, says why. A button asks again for the case with the key
    ``case_key`` (digits).
    """
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


def _portal_link(case: Timeline, address: str | None, locale: Locale) -> Element:
    """Return the link to the case in the portal.

    Without an ``address`` it is visible only inside a portal that opens cases by itself
    (assets/scripts/case_link.js).
    """
    attributes = {"href": address, "target": "_blank", "rel": "noopener"} if address else {}
    link = A(
        locale.texts.gettext("Open in the portal"),
        className="timeline-portal" if address else "timeline-portal by-portal-only",
        **attributes,
        role="link",
        tabIndex=0,
        **{"data-case-id": case.case_id, "data-case-number": case.case_number},
    )
    return P([link], className="timeline-links")


def _waiting(case: Timeline, since: datetime, now: datetime, locale: Locale) -> Element:
    """Return the note that the customer waits, marked where it is the longest wait of the case."""
    seconds = max(0.0, (now - since).total_seconds())
    lasted = locale.formats.duration(seconds)
    sentence = locale.texts.gettext("Customer waiting for {duration}", duration=lasted)
    is_marked = case.waits_longest and seconds >= _LONG_WAIT
    return P(
        [f"{sentence} · ", _longest(locale)] if is_marked else sentence,
        className="timeline-wait timeline-waiting",
    )


def _cut_note(case: Timeline, locale: Locale) -> str:
    return locale.texts.gettext(
        "Only the newest {shown} of {all} messages are shown.",
        shown=locale.formats.count(len(case.entries)),
        all=locale.formats.count(case.messages),
    )


def _items(entry: Entry, case: Timeline, locale: Locale) -> Iterator[Element]:
    """Yield the wait that a message ended, if it ended one, then the message."""
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
    if not entry.is_longest or seconds < _LONG_WAIT:
        return Span(lasted, className="timeline-wait")
    return Span([f"{lasted} · ", _longest(locale)], className="timeline-wait timeline-longest")


def _longest(locale: Locale) -> Element:
    return Strong(locale.texts.gettext("longest wait"))


def _author(entry: Entry, locale: Locale) -> Children:
    """Return direction, kind with template, and author of a message.

    Example: Enviada · HSM boas_vindas · Júlia Prado. A received message has the direction alone.
    """
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
    """Return time and status of a message and, where it failed, its error."""
    status = signed_status(entry.direction, entry.status, locale)
    parts: list[Element | str] = [
        f"{entry.sent_at:%H:%M} · ",
        Span(status, className=f"said-{entry.direction}-{entry.status}"),
    ]
    if entry.error is not None:
        parts.append(Span(f" · {entry.error}", className="said-out-failed"))
    return parts
