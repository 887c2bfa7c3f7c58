"""The list "Waiting for an answer": the cases whose customer waits; and its card, an indicator."""

from datetime import datetime
from typing import Any, Final

from components import ids
from components.formats import NOTHING, known
from components.html_tree import A, Button, Div, Element, P, Span, Strong, Td, Th, Tr
from components.locale import Locale
from components.panels.indicators import Definition, blank_face, face, value_class
from components.panels.view import IndicatorCard, Panel, PanelView, facts, heading, list_table
from components.texts import gettext_noop, ngettext_noop, pgettext_noop
from queries.panels import waiting
from queries.reader import Answer

#: Most cases in the list; the download has all.
PAGE_SIZE: Final = 20
#: The text of each window's button, for one case and for several; the most urgent first. Keys are
#: ``queries.panels.waiting.WINDOWS``.
_WINDOW_WORDS: Final = {
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
CARD_DEFINITION: Final = Definition(
    gettext_noop("Waiting for an answer"), pgettext_noop("short", "Waiting"), _DEFINITION
)


def card(answer: Answer, locale: Locale) -> list[Element]:
    """Return the card that this panel adds to the indicators: how many cases wait for an answer.

    Below the number stand how many of their 24 h windows close within 2 h, and how many are closed.
    A press on the number leads to the list.
    """
    windows = answer.counts["windows"]
    soon, closed = windows["under_2h"], windows["expired"]
    count, texts = locale.formats.count, locale.texts
    total = count(answer.total)
    urgent = texts.ngettext(
        "{count} closes within 2 h", "{count} close within 2 h", soon, count=count(soon)
    )
    detail = texts.ngettext(
        "{count} window closed", "{count} windows closed", closed, count=count(closed)
    )
    go = texts.gettext("see the list")
    number = A(
        [total, Span(f", {go}", className="visually-hidden")],
        href=f"#{ids.panel(PANEL.slug)}",
        className=f"{value_class(total)} card-link",
        **{"data-action": "go", "data-value": PANEL.slug},
    )
    return [
        face(
            CARD_DEFINITION,
            [
                number,
                Div(urgent if soon else "", className="card-change worse"),
                Div(detail if closed else texts.gettext("now"), className="card-detail"),
            ],
            locale,
        )
    ]


def blank_card(locale: Locale) -> list[Element]:
    """Return this panel's card among the indicators, as it is shown before the first answer.

    In place of the number it has a blank line.
    """
    return [blank_face(CARD_DEFINITION, locale)]


def unknown_card(locale: Locale) -> list[Element]:
    """Return this panel's card among the indicators with "—" in place of its number.

    It is shown where the panel could not be read.
    """
    return [face(CARD_DEFINITION, [Div(NOTHING, className="card-value")], locale)]


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the list of waiting cases: how long each waits, and the time left of its 24 h window.

    Above the list stands a button for each code of the column ``window`` that some case has, with
    the number of its cases, such as "3 close within 2 h"; a press lists only these cases. Where
    nobody waits, a sentence says so in place of the list.
    """
    windows, chosen = answer.counts["windows"], _chosen_window(answer)
    count = locale.formats.count
    words = [
        (window, count(number), locale.texts.ngettext(singular, plural, number))
        for window, (singular, plural) in _WINDOW_WORDS.items()
        if (number := windows[window])
    ]
    rows = [_table(answer, locale), *_more(answer, locale)]
    return PanelView(
        words=[facts([_button(window, number, rest, chosen) for window, number, rest in words])],
        caption=" · ".join(f"{number} {rest}" for _, number, rest in words),
        cards=rows if answer.total else [_nobody(locale)],
    )


def _chosen_window(answer: Answer) -> str | None:
    """Return the window whose cases are listed, or None where all are."""
    return dict(answer.table.where).get("window")


def _button(window: str, number: str, rest: str, chosen: str | None) -> Element:
    return Button(
        [Strong(number), " ", rest],
        type="button",
        className=f"fact fact-button window-{window}",
        **{
            "aria-pressed": "true" if window == chosen else "false",
            "data-action": "choose",
            "data-name": ids.choice(PANEL.slug, "window"),
            "data-value": window,
        },
    )


def _nobody(locale: Locale) -> Element:
    return P(locale.texts.gettext("Nobody is waiting for an answer."), className="all-good")


def _more(answer: Answer, locale: Locale) -> list[Element]:
    """Return the note on how many cases the list leaves out; none where it has all."""
    window = _chosen_window(answer)
    total = answer.counts["windows"][window] if window else answer.total or 0
    rest = total - len(answer.frame)
    if rest <= 0:
        return []
    sentence = locale.texts.ngettext(
        "and {count} more, in the download (CSV)",
        "and {count} more, in the download (CSV)",
        rest,
        count=locale.formats.count(rest),
    )
    return [P(sentence, className="list-rest")]


def _table(answer: Answer, locale: Locale) -> Element:
    heads = (
        heading(PANEL, "case_number", locale),
        f"{heading(PANEL, 'person_name', locale)} · {heading(PANEL, 'last_agent', locale)}",
    )
    numbers = (locale.texts.pgettext("column", "Waiting"), heading(PANEL, "window", locale))
    rows = [_row(row, answer.now, locale) for row in answer.frame.to_dict("records")]
    return list_table(locale.texts.gettext(PANEL.title), heads, numbers, rows)


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
    """Return the requester's name and, below it, the last agent ("—" if none) and the case type."""
    agent = str(row["last_agent"]) if known(row["last_agent"]) else NOTHING
    return [
        Div(row["person_name"], className="cut", title=row["person_name"]),
        Div(f"{agent} · {row['case_type']}", className="cut quiet"),
    ]


def _left(row: dict[Any, Any], now: datetime, locale: Locale) -> Element:
    """Return the time left of the window, styled by its urgency."""
    window = str(row["window"])
    seconds = (row["window_closes_at"] - now).total_seconds()
    text = (
        locale.texts.pgettext("window", "Closed").lower()
        if window == "expired"
        else locale.formats.duration(seconds)
    )
    return Span(text, className=f"window window-{window}")


PANEL: Final = Panel(
    query=waiting.PANEL,
    title=CARD_DEFINITION.label,
    definition=_DEFINITION,
    place=20,
    view=view,
    # An empty list is good news and shown as such, not as a panel without data.
    is_empty=lambda _answer: False,
    kind="list",
    height=340,
    narrow_height=430,
    page_size=PAGE_SIZE,
    choice=waiting.PANEL.column("window"),
    card=IndicatorCard(view=card, blank=blank_card, unknown=unknown_card),
)
