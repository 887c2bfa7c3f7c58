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
from components.look import Look
from components.panels.details import case_address, usable_url
from components.plain import (
    H3,
    A,
    Button,
    Children,
    Dd,
    Div,
    Dl,
    Dt,
    Li,
    Ol,
    P,
    Part,
    Span,
    Still,
    Strong,
)
from components.texts import mark, mark_c
from components.words import signed_status, word
from queries.phones import spaced_phone
from queries.timeline import Entry, Timeline

_FACTS: Final = {
    "person_name": mark_c("column", "Requester"),
    "case_type": mark_c("column", "Type"),
    "channel": mark_c("column", "Channel"),
    "team": mark_c("column", "Team"),
    "opened_at": mark_c("case", "Opened"),
    "closed_at": mark_c("column", "Case state"),
    "phone": mark_c("column", "Phone"),
    "messages": mark_c("column", "Messages"),
}


#: With more messages than these, that the customer waits is said above them too.
_AT_A_GLANCE: Final = 6


def timeline_drawer(look: Look) -> list[Component]:
    """The drawer, still empty, and the store with what was last asked for it.

    While its body is empty it says that it waits; where an answer never comes, it offers to ask
    again.
    """
    waits = [
        P(look.texts.t("Loading…"), className="timeline-loading", role="status"),
        _again(look, "", "soft-button timeline-late"),
    ]
    body = [Still(id=ids.TIMELINE_BODY, className="timeline"), Still(waits, className="as-one")]
    title = look.texts.tc("column", "Case")
    return [dcc.Store(id=ids.TIMELINE_ASKED), drawer(ids.TIMELINE, title, body, look)]


def title(found: Timeline, look: Look) -> str:
    """What the drawer is called once the case is known: Caso 48213."""
    return look.texts.t("Case {number}", number=found.case_number)


def view(found: Timeline, now: datetime, case_url: str | None, look: Look) -> list[Part]:
    """Head and messages of a case; ``now`` is aware, ``case_url`` the portal's template."""
    parts = [_head(found, look)]
    if usable_url(case_url):
        address = case_address(case_url, found.case_id, found.case_number)
        parts += [_portal_link(address, look)] if address else []
    if found.waiting_since is not None and len(found.entries) > _AT_A_GLANCE:
        parts.append(_waiting(found, found.waiting_since, now, look))
    if found.texts_hidden:
        parts.append(P(look.texts.t("You may not see what messages say."), className="note"))
    if found.messages > len(found.entries):
        parts.append(P(_cut_words(found, look), className="note"))
    if not found.entries:
        parts.append(P(look.texts.t("This case has no messages."), className="note"))
    for day, entries in groupby(found.entries, key=lambda entry: entry.sent_at.date()):
        heading = H3(look.formats.weekday(day), className="timeline-day")
        items = [item for entry in entries for item in _items(entry, found, look)]
        # A list without markers is one to some screen readers only when it says so.
        parts += [heading, Ol(items, className="timeline-list", role="list")]
    if found.waiting_since is not None:
        parts.append(_waiting(found, found.waiting_since, now, look))
    return parts


def not_found(look: Look) -> list[Part]:
    """What stands where there is no such case, or none that the reader may see."""
    return [P(look.texts.t("This case was not found."), className="note", role="status")]


def failure(said: str, case_key: str, look: Look) -> list[Part]:
    """What stands where the case could not be read: why, and a way to try again."""
    return [P(said, className="note", role="alert"), _again(look, case_key, "soft-button")]


def _again(look: Look, case_key: str, class_name: str) -> Part:
    return Button(
        look.texts.t("Try again"),
        type="button",
        className=class_name,
        **{"data-action": "case", "data-value": case_key},
    )


def _head(found: Timeline, look: Look) -> Part:
    texts, formats = look.texts, look.formats
    state = texts.tc("case", "Closed") if found.closed_at else texts.tc("case", "Open")
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
    facts = [Div([Dt(texts.tc(*_FACTS[name])), Dd(value)]) for name, value in values.items()]
    return Dl(facts, className="timeline-facts")


def _portal_link(address: str, look: Look) -> Part:
    link = A(
        look.texts.t("Open in the portal"),
        href=address,
        target="_blank",
        rel="noopener",
        className="timeline-portal",
    )
    return P([link], className="timeline-links")


def _waiting(found: Timeline, since: datetime, now: datetime, look: Look) -> Part:
    """That the customer waits, marked where nobody waited longer in this case."""
    lasted = look.formats.duration(max(0.0, (now - since).total_seconds()))
    said = look.texts.t("Customer waiting for {duration}", duration=lasted)
    return P(
        [f"{said} · ", _longest(look)] if found.waits_longest else said,
        className="timeline-wait timeline-waiting",
    )


def _cut_words(found: Timeline, look: Look) -> str:
    return look.texts.t(
        "Only the newest {shown} of {all} messages are shown.",
        shown=look.formats.count(len(found.entries)),
        all=look.formats.count(found.messages),
    )


def _items(entry: Entry, found: Timeline, look: Look) -> Iterator[Part]:
    """A message, behind the wait that it ended."""
    if entry.waited_seconds is not None:
        yield Li([_waited(entry, entry.waited_seconds, look)], className="timeline-pause")
    yield Li(
        [
            P(_said_by(entry, look), className="entry-head"),
            _text(entry, found, look),
            P(_became(entry, look), className="entry-foot"),
        ],
        className=f"entry entry-{entry.direction}",
    )


def _waited(entry: Entry, seconds: float, look: Look) -> Part:
    lasted = look.texts.t("waited {duration}", duration=look.formats.duration(seconds))
    if not entry.is_longest:
        return Span(lasted, className="timeline-wait")
    return Span([f"{lasted} · ", _longest(look)], className="timeline-wait timeline-longest")


def _longest(look: Look) -> Part:
    return Strong(look.texts.t("longest wait"))


def _said_by(entry: Entry, look: Look) -> Children:
    """Direction, template and who wrote it: Enviada · HSM boas_vindas · Júlia Prado."""
    said = []
    if entry.direction == "out":
        kind = word("kind", entry.kind, look)
        said.append(f"{kind} {entry.template_name}" if entry.template_name else kind)
        if entry.is_bot:
            bot = look.texts.t("Bot")
            said.append(f"{bot} ({entry.agent})" if entry.agent else bot)
        elif entry.agent:
            said.append(entry.agent)
    direction = Strong(word("direction", entry.direction, look))
    return [direction, *(f" · {one}" for one in said)]


def _text(entry: Entry, found: Timeline, look: Look) -> Part:
    if entry.body is not None:
        return P(entry.body, className="entry-text")
    missing = mark("text hidden") if found.texts_hidden else mark("no text")
    return P(f"({look.texts.t(missing)})", className="entry-text entry-none")


def _became(entry: Entry, look: Look) -> Children:
    """Time, status and what went wrong."""
    status = signed_status(entry.direction, entry.status, look)
    parts: list[Part | str] = [
        f"{entry.sent_at:%H:%M} · ",
        Span(status, className=f"said-{entry.direction}-{entry.status}"),
    ]
    if entry.error is not None:
        parts.append(Span(f" · {entry.error}", className="said-out-failed"))
    return parts
