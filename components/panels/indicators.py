"""The row of figures above the graphs, each with its change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

import pandas as pd

from components.formats import known
from components.look import Look
from components.panels.shown import Panel, Shown
from components.plain import Children, Div, Part, Span
from components.texts import mark, mark_c
from components.tip import tip
from components.words import by_direction, word
from queries.filters import Basis, Filters, Period
from queries.vocabulary import KINDS

SLUG: Final = "indicators"
#: More signs than these do not fit a card in the size of the others.
_LONG: Final = 7
#: Whether more of it is good news, bad news, or neither.
Meaning = Literal["good", "bad", "neutral"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure is: texts of the catalogues, ``short`` with its context."""

    label: str
    short: tuple[str, str]
    text: str


_ATTENDED: Final = mark("Cases attended")
_ATTENDED_SHORT: Final = mark_c("short", "Attended")
DEFINITIONS: Final[Mapping[str, Definition]] = {
    "messages": Definition(
        mark("Messages"),
        mark_c("short", "Messages"),
        mark(
            "All messages of the selection, sent and received. By message date: those of the "
            "period; by case opening: all of the cases opened in the period."
        ),
    ),
    "delivery_rate": Definition(
        mark("Delivery rate"),
        mark_c("template", "Delivery"),
        mark(
            "Messages that reached the customer (delivered or read) ÷ messages sent out. Sent out "
            "are those that are neither new nor without confirmation. Same dates as Messages; "
            "below, HSM and WApp apart."
        ),
    ),
    "read_rate": Definition(
        mark("Read rate"),
        mark_c("template", "Reading"),
        mark(
            "Messages read ÷ messages that reached the customer (delivered or read). Customers who "
            "switch read receipts off stay at Delivered, so the true rate is higher. Same dates as "
            "Messages; below, HSM and WApp apart."
        ),
    ),
    "failure_rate": Definition(
        mark("Failure rate"),
        mark_c("template", "Failure"),
        mark("Messages that failed ÷ messages sent out. Same dates as Messages."),
    ),
    "cases_created": Definition(
        mark("Cases created"),
        mark_c("short", "Created"),
        mark("Cases opened in the period, whatever the reference date."),
    ),
    "cases_attended": Definition(
        _ATTENDED,
        _ATTENDED_SHORT,
        mark(
            "Cases in which a person of the team spoke with the customer for the first time in the "
            "period. A bot does not attend, nor does an HSM that nobody answered. By case opening "
            "this is a share instead: attended by now ÷ opened in the period."
        ),
    ),
    "attended_share": Definition(
        _ATTENDED,
        _ATTENDED_SHORT,
        mark(
            "Cases in which a person of the team has spoken with the customer by now ÷ cases "
            "opened in the period. A bot does not attend, nor does an HSM that nobody answered. By "
            "message date this is a number instead: cases first attended in the period."
        ),
    ),
    "median_first_response_seconds": Definition(
        mark("1st response"),
        mark_c("short", "1st response"),
        mark(
            "From the customer's first message to the first answer of a person, counted 24 hours a "
            "day, 7 days a week. Half of the cases wait less than the median; nine of ten wait "
            "less than P90. By case opening: of the cases opened in the period; by message date: "
            "of those whose first response falls in it."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, formatted: its change has a sign, and a tone where up or down means something.

    ``name`` is a key of ``DEFINITIONS``.
    """

    name: str
    value: str
    change: str
    tone: Literal["better", "worse", "same"]
    detail: tuple[str, ...]  # its lines
    #: Whether the detail, too, tells of the period before.
    compares: bool = False


def view(frame: pd.DataFrame, look: Look, filters: Filters, today: date) -> Shown:
    """Cards from the one row of an answer; below them what the change is against."""
    row = {name: (value if known(value) else None) for name, value in frame.iloc[0].items()}
    # Days that are still to come would all count as a fall.
    compares = _has_past(row) and filters.span.end <= today
    cards = _cards(row, look, filters)
    note = _note(look, filters, today, compares=compares)
    return Shown(
        words=[note],
        caption="; ".join(
            f"{look.texts.t(DEFINITIONS[card.name].label)}: {card.value}"
            + (f" ({card.change})" if compares else "")
            for card in cards
        ),
        cards=[_component(card, look, compares=compares) for card in cards],
    )


def _has_past(row: dict[Any, Any]) -> bool:
    """Whether the period before holds anything to compare with."""
    return any(value for name, value in row.items() if str(name).startswith("previous_"))


def _cards(row: dict[Any, Any], look: Look, filters: Filters) -> list[Card]:
    opened = filters.basis is Basis.OPENED
    return [
        _messages(row, look),
        _rate(row, "delivery_rate", "good", _by_kind(row, "delivery_rate", look), look),
        _rate(row, "read_rate", "good", _by_kind(row, "read_rate", look), look),
        _rate(row, "failure_rate", "bad", (), look),
        _volume(row, "cases_created", look),
        _attended_share(row, look) if opened else _volume(row, "cases_attended", look),
        _first_response(row, look),
    ]


def _messages(row: dict[Any, Any], look: Look) -> Card:
    counted = by_direction(int(row["sent_messages"]), int(row["received_messages"]), look)
    detail = tuple(f"{number}\u00a0{rest}" for number, rest in counted)
    return replace(_volume(row, "messages", look), detail=detail, compares=False)


def _volume(row: dict[Any, Any], name: str, look: Look) -> Card:
    now, before = row[name], row[f"previous_{name}"]
    change = (now - before) / before if now is not None and before else None
    formats = look.formats
    told = formats.signed_share(change)
    detail = (_before(formats.count(before), look),)
    return Card(name, formats.count(now), told, "same", detail, compares=True)


def _rate(
    row: dict[Any, Any], name: str, meaning: Meaning, detail: tuple[str, ...], look: Look
) -> Card:
    """A share with its change; ``detail`` is what it was before where nothing better is known."""
    now, before = row[name], row[f"previous_{name}"]
    difference = None if now is None or before is None else now - before
    return Card(
        name,
        look.formats.share(now),
        look.formats.points(difference),
        _tone(difference, meaning, 0.0005),
        detail or (_before(look.formats.share(before), look),),
        compares=not detail,
    )


def _by_kind(row: dict[Any, Any], name: str, look: Look) -> tuple[str, ...]:
    """A rate of each kind of message, where both were sent."""
    rates = {kind: row.get(f"{kind}_{name}") for kind in KINDS}
    if None in rates.values():
        return ()
    return tuple(
        f"{word('kind', kind, look)}\u00a0{look.formats.share(rate, 0)}"
        for kind, rate in rates.items()
    )


def _attended_share(row: dict[Any, Any], look: Look) -> Card:
    count = row["cases_attended"]
    detail = look.texts.tn("{count} case", "{count} cases", count, count=look.formats.count(count))
    return _rate(row, "attended_share", "good", (detail,), look)


def _first_response(row: dict[Any, Any], look: Look) -> Card:
    name = "median_first_response_seconds"
    now, before = row[name], row[f"previous_{name}"]
    difference = None if now is None or before is None else now - before
    p90 = look.formats.duration(row["p90_first_response_seconds"])
    return Card(
        name,
        look.formats.duration(now),
        look.formats.signed_duration(difference),
        _tone(difference, "bad", 0.5),
        (look.texts.t("24/7 median"), look.texts.t("P90 {p90}", p90=p90)),
    )


def _tone(
    difference: float | None, meaning: Meaning, visible: float
) -> Literal["better", "worse", "same"]:
    """What a change means; one too small to be shown means nothing."""
    if difference is None or abs(difference) < visible or meaning == "neutral":
        return "same"
    return "better" if (difference > 0) == (meaning == "good") else "worse"


def _before(value: str, look: Look) -> str:
    return look.texts.t("before: {value}", value=value)


def _note(look: Look, filters: Filters, today: date, *, compares: bool) -> Part:
    period = filters.span
    previous = period.previous()
    parts = [_against(previous, look) if compares else _why_not_compared(look, filters, today)]
    if period.start <= today <= period.end:
        parts.append(look.texts.t("today is still running"))
    return Span(" · ".join(parts))


def _against(previous: Period, look: Look) -> str:
    start, end = look.formats.day(previous.start), look.formats.day(previous.end)
    if start == end:
        return look.texts.t("Changes against {day}", day=start)
    return look.texts.t("Changes against {start} to {end}", start=start, end=end)


def _why_not_compared(look: Look, filters: Filters, today: date) -> str:
    if filters.span.end > today:
        end = look.formats.day(filters.span.end)
        return look.texts.t("No comparison: the period goes on until {end}", end=end)
    return look.texts.t("No data in the period before")


def _component(card: Card, look: Look, *, compares: bool) -> Part:
    definition = DEFINITIONS[card.name]
    return face(
        definition,
        [
            Div(card.value, className=value_class(card.value)),
            Div(card.change if compares else "", className=f"card-change {card.tone}"),
            *(
                Div(line, className="card-detail")
                for line in card.detail
                if compares or not card.compares
            ),
        ],
        look,
    )


def value_class(value: str) -> str:
    """Class names of a figure; a long one is written smaller, so that it stays in its card."""
    return "card-value long" if len(value) > _LONG else "card-value"


def face(definition: Definition, body: Children, look: Look) -> Part:
    """One card of the row: its name, short where room is scarce, its definition, and ``body``."""
    label = look.texts.t(definition.label)
    name = definition.label.lower().replace(" ", "-")
    return Div(
        [
            Div(
                [
                    Span(label, className="card-label"),
                    Span(look.texts.tc(*definition.short), className="card-short"),
                    tip(f"indicator-{name}", label, look.texts.t(definition.text), look),
                ],
                className="card-title-line",
            ),
            *body,
        ],
        className="indicator",
    )


def blank(look: Look) -> list[Part]:
    """The cards without their figures, which take the same room."""
    names = [name for name in DEFINITIONS if name != "attended_share"]
    return [blank_face(DEFINITIONS[name], look) for name in names]


def blank_face(definition: Definition, look: Look) -> Part:
    return face(definition, [Div("\u00a0", className="card-value")], look)


def _is_empty(frame: pd.DataFrame) -> bool:
    row = frame.iloc[0]
    return not (row["messages"] or row["cases_created"] or row["cases_attended"])


PANEL = Panel(
    slug=SLUG,
    title=mark("Indicators"),
    definition=mark("The period in figures, each with its change."),
    view=view,
    is_empty=_is_empty,
    kind="cards",
    height=121,
    narrow_height=430,
    blank=blank,
)
