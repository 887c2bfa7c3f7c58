"""The drawer that explains the page: its filters, its figures, its graphs, the table's columns."""

from collections.abc import Iterable
from typing import Final

from dash.development.base_component import Component

from components import ids
from components.drawer import drawer
from components.look import Look
from components.panels import SECTIONS
from components.panels.details import COLUMNS
from components.panels.indicators import DEFINITIONS
from components.panels.waiting import CARD
from components.plain import H3, Dd, Dl, Dt, Li, P, Part, Still, Ul
from components.texts import mark
from components.words import FILTERS

TITLE: Final = mark("What you find on this page")
_INTRODUCTION: Final = mark(
    "How WhatsApp is used as a support channel: messages sent and received and what became of "
    "them, cases created and attended, HSM templates and how well they do, and every message in "
    "a table. Changing a filter changes everything at once."
)

FILTER_HELP: Final = {
    "period": mark("The days that are counted, first and last included: a shortcut or other days."),
    "basis": mark(
        "Which date decides. Message date: the messages sent or received in the period, and the "
        "cases that have one of them or were opened in it. Case opening: the cases opened in the "
        "period and all their messages."
    ),
    "person": mark("Who asked for support; any part of a name finds it, accents or not."),
    "channel": mark("The channel of the case."),
    "case_type": mark("The type of the case."),
    "case": mark(
        "Every case that the other filters leave, with its person, type and date; pick some to "
        "see only them. Search by number or name."
    ),
    "team": mark("The team of the case."),
    "agent": mark("The person of the team who wrote last in the case."),
    "direction": mark("Sent to the customer, or received from the customer."),
    "status": mark(
        "How far a sent message has come: New (waiting to be processed), Sent (not yet at the "
        "customer), Delivered (at the customer, unread), Read, Failed, No confirmation (the source "
        "has no receipts). A received one is waiting until the team answers, then handled."
    ),
    "kind": mark(
        "HSM: a message from a template that Meta approved, the only kind allowed outside the 24 h "
        "window. WApp: every other message."
    ),
    "template": mark("The name of the HSM's template."),
}
COLUMN_HELP: Final = {
    "case_number": mark("The case's number; press it to see the whole conversation."),
    "case_type": mark("The type of the case."),
    "channel": mark("Always WhatsApp."),
    "kind": mark("HSM or WApp, see the filters."),
    "template_name": mark("The HSM's template; — where it is none."),
    "status": mark("The message's status, see the filters."),
    "phone": mark("The customer's phone, in part hidden unless the deployment shows it."),
    "reply": mark("The text of a message sent to the customer."),
    "seq": mark("The message's place in its case: 1 is the first."),
    "opened_at": mark("When the case was opened."),
    "last_agent": mark("The person of the team who wrote last in the case."),
    "session_type": mark(
        "Who began the conversation that the message belongs to. A conversation ends where 24 h "
        "pass without a message."
    ),
    "sent_at": mark("When the message was sent or received."),
    "person_name": mark("Who asked for support."),
    "direction": mark("Sent to the customer, or received from the customer."),
    "customer_message": mark("The text of a message received from the customer."),
    "team": mark("The team of the case."),
    "case_state": mark("Open or closed."),
    "business_number": mark("The number of ours that the message went through."),
    "error": mark("Why the message failed: code and title, as the source gives them."),
}
_HOW_TO: Final = (
    mark("Press a column, a bar or a template to see only what it counts; a chip takes it back."),
    mark("The ⋯ of a panel has its numbers as a table, its picture and its data."),
    mark("The page's address holds the selection: copy it to share what you see."),
    mark("Press a column's title in the table to order by it; type below it to search in it."),
    mark("New data comes by itself; your place on the page stays."),
    mark("Everything works by keyboard: Tab to go on, Enter to press, Esc to close."),
)


def help_drawer(look: Look) -> Component:
    """The drawer, still closed."""
    t, tc = look.texts.t, look.texts.tc
    definitions = [CARD, *(one for name, one in DEFINITIONS.items() if name != "attended_share")]
    # What is told of the row of indicators as a whole, each of them tells in more detail.
    panels = [section for section in SECTIONS if section.kind != "cards"]
    body = [
        P(t(_INTRODUCTION)),
        *_part(t("How to use it"), [Ul([Li(t(text)) for text in _HOW_TO])]),
        *_part(
            t("Filters"), [_terms((t(FILTERS[name]), t(FILTER_HELP[name])) for name in FILTERS)]
        ),
        *_part(t("Indicators"), [_terms((t(one.label), t(one.text)) for one in definitions)]),
        *_part(
            t("Graphs and lists"),
            [_terms((t(panel.title), t(panel.definition)) for panel in panels)],
        ),
        *_part(
            t("Columns of the table"),
            [_terms((tc(*column.label), t(COLUMN_HELP[column.name])) for column in COLUMNS)],
        ),
    ]
    return drawer(ids.HELP, t(TITLE), Still(body, className="help"), look)


def _part(title: str, content: list[Part]) -> list[Part]:
    return [H3(title), *content]


def _terms(pairs: Iterable[tuple[str, str]]) -> Part:
    return Dl([part for term, said in pairs for part in (Dt(term), Dd(said))])
