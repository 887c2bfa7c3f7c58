"""The help drawer: how to use the page, and what filters, indicators, panels and columns mean.

The texts about filters and columns are here; those of panels and indicators are in
``components.panels``.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from dash.development.base_component import Component

from components import ids
from components.drawer import drawer
from components.html_tree import H3, Dd, Dl, Dt, Element, Li, P, StaticHtml, Ul
from components.labels import FILTERS
from components.locale import Locale
from components.panels.details import COLUMNS
from components.panels.indicators import DEFINITIONS
from components.panels.view import Panel
from components.texts import gettext_noop

TITLE: Final = gettext_noop("What you find on this page")
_INTRODUCTION: Final = gettext_noop(
    "How WhatsApp is used as a support channel: messages sent and received and what became of "
    "them, cases created and attended, HSM templates and how well they do, and every message in "
    "a table. Changing a filter changes everything at once."
)

#: The definition of each filter, by its name.
FILTER_HELP: Final = {
    "period": gettext_noop(
        "The days that are counted, first and last included: a shortcut or other days."
    ),
    "basis": gettext_noop(
        "Which date decides. Message date: the messages sent or received in the period, and the "
        "cases that have one of them or were opened in it. Case opening: the cases opened in the "
        "period and all their messages."
    ),
    "person": gettext_noop("Who asked for support; any part of a name finds it, accents or not."),
    "channel": gettext_noop("The channel of the case."),
    "case_type": gettext_noop("The type of the case."),
    "case": gettext_noop(
        "Every case that the other filters leave, with its person, type and date; pick some to "
        "see only them. Search by number or name."
    ),
    "team": gettext_noop("The team of the case."),
    "agent": gettext_noop("The person of the team who wrote last in the case."),
    "direction": gettext_noop("Sent to the customer, or received from the customer."),
    "status": gettext_noop(
        "How far a sent message has come: New (waiting to be processed), Sent (not yet at the "
        "customer), Delivered (at the customer, unread), Read, Failed, No confirmation (the source "
        "has no receipts). A received one is waiting until the team answers, then handled."
    ),
    "kind": gettext_noop(
        "HSM: a message from a template that Meta approved, the only kind allowed outside the 24 h "
        "window. WApp: every other message."
    ),
    "template": gettext_noop("The name of the HSM's template."),
}
#: The definition of each column of the table of messages, by its name.
COLUMN_HELP: Final = {
    "case_number": gettext_noop("The case's number; press it to see the whole conversation."),
    "case_type": gettext_noop("The type of the case."),
    "channel": gettext_noop("Always WhatsApp."),
    "kind": gettext_noop("HSM or WApp, see the filters."),
    "template_name": gettext_noop("The HSM's template; — where it is none."),
    "status": gettext_noop("The message's status, see the filters."),
    "phone": gettext_noop("The customer's phone, in part hidden unless the deployment shows it."),
    "reply": gettext_noop("The text of a message sent to the customer."),
    "seq": gettext_noop("The message's place in its case: 1 is the first."),
    "opened_at": gettext_noop("When the case was opened."),
    "last_agent": gettext_noop("The person of the team who wrote last in the case."),
    "session_type": gettext_noop(
        "Who began the conversation that the message belongs to. A conversation ends where 24 h "
        "pass without a message."
    ),
    "sent_at": gettext_noop("When the message was sent or received."),
    "person_name": gettext_noop("Who asked for support."),
    "direction": gettext_noop("Sent to the customer, or received from the customer."),
    "customer_message": gettext_noop("The text of a message received from the customer."),
    "team": gettext_noop("The team of the case."),
    "case_state": gettext_noop("Open or closed."),
    "business_number": gettext_noop("The number of ours that the message went through."),
    "error": gettext_noop("Why the message failed: code and title, as the source gives them."),
}
_HOW_TO: Final = (
    gettext_noop(
        "Press a column, a bar or a template to see only what it counts; a chip takes it back."
    ),
    gettext_noop("The ⋯ of a panel has its numbers as a table, its picture and its data."),
    gettext_noop("The page's address holds the selection: copy it to share what you see."),
    gettext_noop(
        "Press a column's title in the table to order by it; type below it to search in it."
    ),
    gettext_noop("New data comes by itself; your place on the page stays."),
    gettext_noop("Everything works by keyboard: Tab to go on, Enter to press, Esc to close."),
)


def help_drawer(locale: Locale, panels: Sequence[Panel]) -> Component:
    """Return the closed help drawer.

    It explains how to use the page, then all filters, the indicators, the graphs and lists among
    ``panels`` (in the order given), and the columns of the table of messages.
    """
    gettext, pgettext = locale.texts.gettext, locale.texts.pgettext
    indicators = [(panel.title, panel.definition) for panel in panels if panel.card]
    indicators += [
        (definition.label, definition.text)
        for name, definition in DEFINITIONS.items()
        if name != "attended_share"
    ]
    # The indicators and the columns of the table are explained one by one.
    others = [panel for panel in panels if panel.kind not in ("cards", "table")]
    body = [
        P(gettext(_INTRODUCTION)),
        *_chapter(gettext("How to use it"), [Ul([Li(gettext(text)) for text in _HOW_TO])]),
        *_chapter(
            gettext("Filters"),
            [_terms((gettext(FILTERS[name]), gettext(FILTER_HELP[name])) for name in FILTERS)],
        ),
        *_chapter(
            gettext("Indicators"),
            [_terms((gettext(name), gettext(text)) for name, text in indicators)],
        ),
        *_chapter(
            gettext("Graphs and lists"),
            [_terms((gettext(panel.title), gettext(panel.definition)) for panel in others)],
        ),
        *_chapter(
            gettext("Columns of the table"),
            [
                _terms(
                    (pgettext(*column.label), gettext(COLUMN_HELP[column.name]))
                    for column in COLUMNS
                )
            ],
        ),
    ]
    return drawer(ids.HELP, gettext(TITLE), StaticHtml(body, className="help"), locale)


def _chapter(title: str, content: list[Element]) -> list[Element]:
    return [H3(title), *content]


def _terms(pairs: Iterable[tuple[str, str]]) -> Element:
    return Dl([part for term, text in pairs for part in (Dt(term), Dd(text))])
