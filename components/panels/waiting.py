"""Who waits for an answer: a figure among the indicators, and the list, longest wait first."""

from datetime import datetime
from typing import Any, Final

from components import ids
from components.formats import NOTHING, known
from components.html_tree import A, Button, Div, Element, P, Span, Strong, Td, Th, Tr
from components.locale import Locale
from components.panels.indicators import Definition, blank_face, face, value_class
from components.panels.view import PanelView, Section, facts, list_table
from components.texts import gettext_noop, ngettext_noop, pgettext_noop
from queries.reader import Waiting

#: How many cases the list holds; the download holds all.
LISTED: Final = 20
#: What is said of each window, the most urgent first; forms for one case and for several.
_SUMMARY: Final = {
    "under_2h": ngettext_noop("closes within 2 h", "close within 2 h"),
    "from_2h_to_6h": ngettext_noop("closes in 2 h to 6 h", "close in 2 h to 6 h"),
    "over_6h": ngettext_noop("closes in over 6 h", "close in over 6 h"),
    "expired": ngettext_noop("window closed", "windows closed"),
}

_DEFINITION: Final = gettext_noop(
    "Open cases whose last message is the customer's, now: the period does not narrow them, all "
    "other filters do. The wait counts from the customer's first message without an answer; the "
    "24 h window closes 24 h after the customer's last message, and then only an HSM can be sent."
)
CARD: Final = Definition(
    gettext_noop("Waiting for an answer"), pgettext_noop("short", "Waiting"), _DEFINITION
)


def card(found: Waiting, locale: Locale) -> list[Element]:
    """The first of the indicators: how many wait, and how many windows close soon."""
    soon, closed = found.windows["under_2h"], found.windows["expired"]
    count, texts = locale.formats.count, locale.texts
    urgent = texts.ngettext(
        "{count} closes within 2 h", "{count} close within 2 h", soon, count=count(soon)
    )
    detail = texts.ngettext(
        "{count} window closed", "{count} windows closed", closed, count=count(closed)
    )
    go = texts.gettext("see the list")
    number = A(
        [count(found.total), Span(f", {go}", className="visually-hidden")],
        href=f"#{ids.panel(SECTION.slug)}",
        className=f"{value_class(count(found.total))} card-link",
        **{"data-action": "go", "data-value": SECTION.slug},
    )
    return [
        face(
            CARD,
            [
                number,
                Div(urgent if soon else "", className="card-change worse"),
                Div(detail if closed else texts.gettext("now"), className="card-detail"),
            ],
            locale,
        )
    ]


def blank_card(locale: Locale) -> list[Element]:
    """The card before anybody knows who waits."""
    return [blank_face(CARD, locale)]


def unknown_card(locale: Locale) -> list[Element]:
    """The card when nobody knows who waits."""
    return [face(CARD, [Div(NOTHING, className="card-value")], locale)]


def view(found: Waiting, locale: Locale, window: str | None = None) -> PanelView:
    """The list with what is left of each window; how many of each stand above it, and a press on
    one of them lists only those, ``window``.
    """
    count = locale.formats.count
    words = [
        (window, count(number), locale.texts.ngettext(one, many, number))
        for window, (one, many) in _SUMMARY.items()
        if (number := found.windows[window])
    ]
    rows = [_table(found, locale), *_more(found, locale, window)]
    return PanelView(
        words=[facts([_fact(one, number, rest, window) for one, number, rest in words])],
        caption=" · ".join(f"{number} {rest}" for _, number, rest in words),
        cards=rows if found.total else [_nobody(locale)],
    )


def _fact(window: str, number: str, rest: str, listed: str | None) -> Element:
    return Button(
        [Strong(number), " ", rest],
        type="button",
        className=f"fact fact-button window-{window}",
        **{
            "aria-pressed": "true" if window == listed else "false",
            "data-action": "window",
            "data-value": window,
        },
    )


def _nobody(locale: Locale) -> Element:
    return P(locale.texts.gettext("Nobody is waiting for an answer."), className="all-good")


def _more(found: Waiting, locale: Locale, window: str | None) -> list[Element]:
    rest = (found.windows[window] if window else found.total) - len(found.frame)
    if rest <= 0:
        return []
    said = locale.texts.ngettext(
        "and {count} more, in the download (CSV)",
        "and {count} more, in the download (CSV)",
        rest,
        count=locale.formats.count(rest),
    )
    return [P(said, className="list-rest")]


def _table(found: Waiting, locale: Locale) -> Element:
    pgettext = locale.texts.pgettext
    heads = (
        pgettext("column", "Case"),
        f"{pgettext('column', 'Requester')} · {pgettext('column', 'Last agent')}",
    )
    numbers = (pgettext("column", "Waiting"), pgettext("column", "24 h window"))
    rows = [_row(row, found.at, locale) for row in found.frame.to_dict("records")]
    return list_table(locale.texts.gettext(SECTION.title), heads, numbers, rows)


def _row(row: dict[Any, Any], now: datetime, locale: Locale) -> Element:
    number = Button(
        row["case_number"],
        type="button",
        className="link-button case-button",
        **{"data-action": "case", "data-value": str(row["case_key"])},
    )
    wait = (now - row["waiting_since"]).total_seconds()
    return Tr(
        [
            Th([number], scope="row"),
            Td(_who(row)),
            Td(locale.formats.duration(max(wait, 0)), className="number"),
            Td(_left(row, now, locale), className="number"),
        ]
    )


def _who(row: dict[Any, Any]) -> list[Element]:
    """The person, and under the name who wrote last to them and about what."""
    agent = str(row["last_agent"]) if known(row["last_agent"]) else NOTHING
    return [
        Div(row["person_name"], className="cut", title=row["person_name"]),
        Div(f"{agent} · {row['case_type']}", className="cut quiet"),
    ]


def _left(row: dict[Any, Any], now: datetime, locale: Locale) -> Element:
    """What is left of the window, in the weight of its urgency."""
    window = str(row["window"])
    seconds = (row["window_closes_at"] - now).total_seconds()
    said = (
        locale.texts.pgettext("window", "Closed").lower()
        if window == "expired"
        else locale.formats.duration(seconds)
    )
    return Span(said, className=f"window window-{window}")


SECTION: Final = Section(
    slug="waiting",
    title=CARD.label,
    definition=_DEFINITION,
    kind="list",
    height=430,
    narrow_height=430,
)
