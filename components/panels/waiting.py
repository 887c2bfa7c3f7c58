"""Who waits for an answer: a figure among the indicators, and the list, longest wait first."""

from datetime import datetime
from typing import Any, Final

from components import ids
from components.formats import NOTHING, known
from components.look import Look
from components.panels.indicators import Definition, blank_face, face, value_class
from components.panels.shown import Section, Shown, facts, list_table
from components.plain import A, Button, Div, P, Part, Span, Strong, Td, Th, Tr
from components.texts import mark, mark_c, mark_n
from queries.reader import Waiting

#: How many cases the list holds; the download holds all.
LISTED: Final = 20
#: What is said of each window, the most urgent first; forms for one case and for several.
_SUMMARY: Final = {
    "under_2h": mark_n("closes within 2 h", "close within 2 h"),
    "from_2h_to_6h": mark_n("closes in 2 h to 6 h", "close in 2 h to 6 h"),
    "over_6h": mark_n("closes in over 6 h", "close in over 6 h"),
    "expired": mark_n("window closed", "windows closed"),
}

_DEFINITION: Final = mark(
    "Open cases whose last message is the customer's, now: the period does not narrow them, all "
    "other filters do. The wait counts from the customer's first message without an answer; the "
    "24 h window closes 24 h after the customer's last message, and then only an HSM can be sent."
)
CARD: Final = Definition(mark("Waiting for an answer"), mark_c("short", "Waiting"), _DEFINITION)


def card(found: Waiting, look: Look) -> list[Part]:
    """The first of the indicators: how many wait, and how many windows close soon."""
    soon, closed = found.windows["under_2h"], found.windows["expired"]
    count, texts = look.formats.count, look.texts
    urgent = texts.tn(
        "{count} closes within 2 h", "{count} close within 2 h", soon, count=count(soon)
    )
    detail = texts.tn(
        "{count} window closed", "{count} windows closed", closed, count=count(closed)
    )
    go = texts.t("see the list")
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
                Div(detail if closed else texts.t("now"), className="card-detail"),
            ],
            look,
        )
    ]


def blank_card(look: Look) -> list[Part]:
    """The card before anybody knows who waits."""
    return [blank_face(CARD, look)]


def unknown_card(look: Look) -> list[Part]:
    """The card when nobody knows who waits."""
    return [face(CARD, [Div(NOTHING, className="card-value")], look)]


def view(found: Waiting, look: Look, window: str | None = None) -> Shown:
    """The list with what is left of each window; how many of each stand above it, and a press on
    one of them lists only those, ``window``.
    """
    count = look.formats.count
    words = [
        (window, count(number), look.texts.tn(one, many, number))
        for window, (one, many) in _SUMMARY.items()
        if (number := found.windows[window])
    ]
    rows = [_table(found, look), *_more(found, look, window)]
    return Shown(
        words=[facts([_fact(one, number, rest, window) for one, number, rest in words])],
        caption=" · ".join(f"{number} {rest}" for _, number, rest in words),
        cards=rows if found.total else [_nobody(look)],
    )


def _fact(window: str, number: str, rest: str, listed: str | None) -> Part:
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


def _nobody(look: Look) -> Part:
    return P(look.texts.t("Nobody is waiting for an answer."), className="all-good")


def _more(found: Waiting, look: Look, window: str | None) -> list[Part]:
    rest = (found.windows[window] if window else found.total) - len(found.frame)
    if rest <= 0:
        return []
    said = look.texts.tn(
        "and {count} more, in the download (CSV)",
        "and {count} more, in the download (CSV)",
        rest,
        count=look.formats.count(rest),
    )
    return [P(said, className="list-rest")]


def _table(found: Waiting, look: Look) -> Part:
    tc = look.texts.tc
    heads = (tc("column", "Case"), f"{tc('column', 'Requester')} · {tc('column', 'Last agent')}")
    numbers = (tc("column", "Waiting"), tc("column", "24 h window"))
    rows = [_row(row, found.at, look) for row in found.frame.to_dict("records")]
    return list_table(look.texts.t(SECTION.title), heads, numbers, rows)


def _row(row: dict[Any, Any], now: datetime, look: Look) -> Part:
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
            Td(look.formats.duration(max(wait, 0)), className="number"),
            Td(_left(row, now, look), className="number"),
        ]
    )


def _who(row: dict[Any, Any]) -> list[Part]:
    """The person, and under the name who wrote last to them and about what."""
    agent = str(row["last_agent"]) if known(row["last_agent"]) else NOTHING
    return [
        Div(row["person_name"], className="cut", title=row["person_name"]),
        Div(f"{agent} · {row['case_type']}", className="cut quiet"),
    ]


def _left(row: dict[Any, Any], now: datetime, look: Look) -> Part:
    """What is left of the window, in the weight of its urgency."""
    window = str(row["window"])
    seconds = (row["window_closes_at"] - now).total_seconds()
    said = (
        look.texts.tc("window", "Closed").lower()
        if window == "expired"
        else look.formats.duration(seconds)
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
