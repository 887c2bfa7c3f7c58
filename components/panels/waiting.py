"""The list "Waiting for an answer": the cases whose customer waits; and its card, an indicator.

The cases of which the 24 h window is open can still be saved with a message, so they come first.
Those with a closed one, which only an HSM reaches, are folded behind their number.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from components import ids
from components.formats import NOTHING, known
from components.html_tree import A, Button, Div, Element, P, Span, Strong, Td, Th, Tr
from components.locale import Locale
from components.panels.indicators import Definition, blank_face, face, value_class
from components.panels.view import (
    IndicatorCard,
    Panel,
    PanelView,
    facts,
    heading,
    list_table,
    row_button,
)
from components.texts import gettext_noop, ngettext_noop, pgettext_noop
from queries.frames import records
from queries.panels import waiting
from queries.reader import Answer

#: How many cases the list has at first, and how many more a press adds at least.
PAGE_SIZE: Final = 20
MORE_ROWS: Final = 50
_EXPIRED: Final = "expired"
#: The text of each button above the list, for one case and for several; the most urgent first. Keys
#: are ``queries.panels.waiting.WINDOWS``.
_WINDOW_WORDS: Final = {
    "under_2h": ngettext_noop("closing within 2 h", "closing within 2 h"),
    "from_2h_to_6h": ngettext_noop("within 2 h to 6 h", "within 2 h to 6 h"),
    "over_6h": ngettext_noop("in over 6 h", "in over 6 h"),
    "expired": ngettext_noop("by HSM only", "by HSM only"),
}

_DEFINITION: Final = gettext_noop(
    "Open cases in which a person of the team owes an answer, now. Only filters of the case hold "
    "here: neither the period nor filters of the message. The wait counts from the customer's "
    "first message that no person has answered since. The 24 h window closes 24 h after the "
    "customer's last message; then only an HSM can be sent. Messages with the status Waiting are "
    "fewer or more: nothing at all was sent in their case after them, not even by a bot."
)
CARD_DEFINITION: Final = Definition(
    gettext_noop("Waiting for an answer"), pgettext_noop("short", "Waiting"), _DEFINITION
)


def card(answer: Answer, locale: Locale) -> list[Element]:
    """Return the card that this panel adds to the indicators: how many cases wait for an answer.

    Below the number stand how many can be saved, because their 24 h window is open, how many of
    these close within 2 h, and how many are closed. A press on any of them leads to its part of the
    list.
    """
    windows = answer.counts["windows"]
    total = locale.formats.count(answer.total)
    go = locale.texts.gettext("see the list")
    number = A(
        [total, Span(f", {go}", className="visually-hidden")],
        href=f"#{ids.panel(PANEL.slug)}",
        className=f"{value_class(total)} card-link",
        **_choice("", PANEL.slug),
    )
    lines = [
        Button(text, type="button", className=f"card-part {tone}", **_choice(code, PANEL.slug))
        for code, text, tone in _parts(windows, locale)
    ]
    if not answer.total:
        lines = [Div(locale.texts.gettext("now"), className="card-detail")]
    return [face(CARD_DEFINITION, [number, *lines], locale)]


def _parts(windows: Any, locale: Locale) -> Iterator[tuple[str, str, str]]:
    """Yield the parts of the card that have any case: choice of the list, text and style."""
    texts, count = locale.texts, locale.formats.count
    saved, soon, closed = _open(windows), windows["under_2h"], windows[_EXPIRED]
    if saved:
        text = texts.ngettext(
            "{count} can be saved", "{count} can be saved", saved, count=count(saved)
        )
        yield "", text, "card-change"
    if soon:
        text = texts.ngettext(
            "{count} closing within 2 h", "{count} closing within 2 h", soon, count=count(soon)
        )
        yield "under_2h", text, "card-change worse"
    if closed:
        text = texts.ngettext(
            "{count} by HSM only", "{count} by HSM only", closed, count=count(closed)
        )
        yield _EXPIRED, text, "card-detail"


def _choice(code: str, go: str | None = None) -> dict[str, str]:
    """Return the attributes of a button that lists the cases of the window ``code``, "" for open.

    With ``go``, the slug of a panel, it also leads there.
    """
    leads = {"data-go": go} if go else {}
    store = ids.choice(PANEL.slug, "window")
    return {"data-action": "choose", "data-name": store, "data-value": code, **leads}


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

    It lists the open windows, the next to close first, and behind these the number of the closed
    ones, whose press lists them instead; where no window is open, it lists the closed ones at once.
    Above stands a button for each code of the column ``window`` that some case has, with the number
    of its cases; a press lists only these. Where nobody waits, a sentence says so in place of the
    list.
    """
    windows, chosen = answer.counts["windows"], _chosen_window(answer)
    entries = [
        (code, locale.formats.count(number), rest)
        for code, number, rest in _counts(windows, locale)
    ]
    note = Span(
        locale.texts.gettext("A person of the team owes an answer · only filters of the case hold"),
        className="list-note",
    )
    return PanelView(
        words=[facts([_button(*entry, chosen) for entry in entries]), note],
        caption=" · ".join(f"{number} {rest}" for _, number, rest in entries),
        cards=_sections(answer, chosen, locale) if answer.total else [_nobody(locale)],
    )


def _counts(windows: Any, locale: Locale) -> Iterator[tuple[str, int, str]]:
    """Yield choice of the list, number of cases and what they are, for each with any case."""
    saved = _open(windows)
    if saved and windows[_EXPIRED]:
        yield "", saved, locale.texts.ngettext("can be saved", "can be saved", saved)
    for code, (singular, plural) in _WINDOW_WORDS.items():
        if windows[code]:
            yield code, windows[code], locale.texts.ngettext(singular, plural, windows[code])


def _open(windows: Any) -> int:
    return sum(windows[name] for name in waiting.WINDOWS if name != _EXPIRED)


def _chosen_window(answer: Answer) -> str:
    """Return the window whose cases are listed; "" for all open ones, else the closed ones."""
    window = dict(answer.table.where).get("window", "")
    return window if window or _open(answer.counts["windows"]) else _EXPIRED


def _button(window: str, number: str, rest: str, chosen: str) -> Element:
    return Button(
        [Strong(number), " ", rest],
        type="button",
        className=f"fact fact-button window-{window or 'open'}",
        **{"aria-pressed": "true" if window == chosen else "false", **_choice(window)},
    )


def _nobody(locale: Locale) -> Element:
    return P(locale.texts.gettext("Nobody is waiting for an answer."), className="all-good")


def _sections(answer: Answer, chosen: str, locale: Locale) -> list[Element]:
    """Return the parts of the list: the listed cases, and the fold of the closed windows."""
    windows = answer.counts["windows"]
    rows = records(answer.frame)
    if not chosen:  # closed ones come behind the open ones in the answer
        rows = [row for row in rows if row["window"] != _EXPIRED]
    total = windows[chosen] if chosen else _open(windows)
    listed = [_table(rows, answer.now, locale), *_more(len(rows), total, locale)]
    if not windows[_EXPIRED] or not _open(windows):
        return listed
    is_unfolded = chosen == _EXPIRED
    fold = _fold(windows[_EXPIRED], locale, is_unfolded=is_unfolded)
    return [fold, *listed] if is_unfolded else [*listed, fold]


def _fold(closed: int, locale: Locale, *, is_unfolded: bool) -> Element:
    """Return the button that lists the closed windows, or the open ones where it has done so."""
    text = locale.texts.ngettext(
        "{count} by HSM only", "{count} by HSM only", closed, count=locale.formats.count(closed)
    )
    expanded = {"aria-expanded": "true" if is_unfolded else "false"}
    sign = Span("▾" if is_unfolded else "▸", **{"aria-hidden": "true"})
    return Button(
        [sign, " ", text],
        type="button",
        className="fold-row",
        **expanded,
        **_choice("" if is_unfolded else _EXPIRED),
    )


def _more(shown: int, total: int, locale: Locale) -> list[Element]:
    """Return how many of the cases are shown, with a button that shows more; none where all are."""
    if shown >= total:
        return []
    count, gettext = locale.formats.count, locale.texts.gettext
    # Each press shows more than the one before, so that also the last of many is soon there.
    more = min(max(MORE_ROWS, shown), total - shown)
    button = Button(
        locale.texts.ngettext("Show {count} more", "Show {count} more", more, count=count(more)),
        type="button",
        className="link-button",
        **{
            "data-action": "more",
            "data-name": ids.more(PANEL.slug),
            "data-value": str(shown + more),
        },
    )
    words = gettext("{shown} of {all}", shown=count(shown), all=count(total))
    return [P([f"{words} · ", button], className="list-rest")]


def _table(rows: list[dict[Any, Any]], now: datetime, locale: Locale) -> Element:
    heads = (
        heading(PANEL, "case_number", locale),
        f"{heading(PANEL, 'person_name', locale)} · {heading(PANEL, 'last_agent', locale)}",
    )
    numbers = (locale.texts.pgettext("column", "Waiting"), heading(PANEL, "window", locale))
    lines = [_row(row, now, locale) for row in rows]
    return list_table(locale.texts.gettext(PANEL.title), heads, numbers, lines)


def _row(row: dict[Any, Any], now: datetime, locale: Locale) -> Element:
    number = row_button(
        row["case_number"],
        (),
        className="case-button",
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
        locale.texts.ngettext(*_WINDOW_WORDS[_EXPIRED], 1)
        if window == _EXPIRED
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
