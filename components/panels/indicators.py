"""The row of figures above the graphs, each with its change."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import pandas as pd

from components.formats import known
from components.look import Look
from components.panels.shown import Panel, Shown
from components.plain import Div, Part, Span
from components.texts import mark
from components.tip import tip
from components.words import by_direction
from queries.filters import Basis, Filters

SLUG: Final = "indicators"
#: Whether more of it is good news, bad news, or neither.
Meaning = Literal["good", "bad", "neutral"]


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, formatted: its change has a sign, and a tone where up or down means something."""

    label: str
    definition: str
    value: str
    change: str
    tone: Literal["better", "worse", "same"]
    detail: str
    #: Whether the detail, too, tells of the period before.
    compares: bool = False


def view(frame: pd.DataFrame, look: Look, filters: Filters, today: date) -> Shown:
    """Cards from the one row of an answer; below them what the change is against."""
    row = {name: (value if known(value) else None) for name, value in frame.iloc[0].items()}
    compares = _has_past(row)
    cards = _cards(row, look, filters)
    note = _note(look, filters, today, compares=compares)
    return Shown(
        words=[note],
        caption="; ".join(
            f"{card.label}: {card.value}" + (f" ({card.change})" if compares else "")
            for card in cards
        ),
        cards=[
            _component(index, card, look, compares=compares) for index, card in enumerate(cards)
        ],
    )


def _has_past(row: dict[Any, Any]) -> bool:
    """Whether the period before holds anything to compare with."""
    return any(value for name, value in row.items() if str(name).startswith("previous_"))


def _cards(row: dict[Any, Any], look: Look, filters: Filters) -> list[Card]:
    t, formats = look.texts.t, look.formats
    opened = filters.basis is Basis.OPENED
    return [
        _volume(
            row,
            "messages",
            t("Messages"),
            t("All messages, sent and received."),
            " · ".join(
                f"{number}\u00a0{rest}"
                for number, rest in by_direction(
                    int(row["sent_messages"]), int(row["received_messages"]), look
                )
            ),
            look,
        ),
        _rate(
            row,
            "delivery_rate",
            t("Delivery rate"),
            t("Of the messages that were sent out, those that reached the customer."),
            "good",
            look,
        ),
        _rate(
            row,
            "read_rate",
            t("Read rate"),
            t(
                "Of the messages that reached the customer, those that were read. Customers who "
                "switch read receipts off stay at Delivered, so the true rate is higher."
            ),
            "good",
            look,
        ),
        _rate(
            row,
            "failure_rate",
            t("Failure rate"),
            t("Of the messages that were sent out, those that failed."),
            "bad",
            look,
        ),
        _volume(
            row,
            "cases_created",
            t("Cases created"),
            t("Cases opened in the period."),
            _before(formats.count(row["previous_cases_created"]), look),
            look,
        ),
        _attended_share(row, look) if opened else _attended(row, look),
        _first_response(row, look, opened=opened),
    ]


def _volume(
    row: dict[Any, Any], name: str, label: str, definition: str, detail: str, look: Look
) -> Card:
    now, before = row[name], row[f"previous_{name}"]
    change = (now - before) / before if now is not None and before else None
    value = look.formats.count(now)
    told = look.formats.signed_share(change)
    return Card(label, definition, value, told, "same", detail, compares=name != "messages")


def _rate(
    row: dict[Any, Any], name: str, label: str, definition: str, meaning: Meaning, look: Look
) -> Card:
    now, before = row[name], row[f"previous_{name}"]
    difference = None if now is None or before is None else now - before
    return Card(
        label,
        definition,
        look.formats.share(now),
        look.formats.points(difference),
        _tone(difference, meaning, 0.0005),
        _before(look.formats.share(before), look),
        compares=True,
    )


def _attended(row: dict[Any, Any], look: Look) -> Card:
    definition = look.texts.t(
        "Cases in which a person of the team spoke with the customer for the first time in the "
        "period. A bot does not attend, nor does an HSM that nobody answered."
    )
    before = _before(look.formats.count(row["previous_cases_attended"]), look)
    label = look.texts.t("Cases attended")
    return _volume(row, "cases_attended", label, definition, before, look)


def _attended_share(row: dict[Any, Any], look: Look) -> Card:
    definition = look.texts.t(
        "Of the cases opened in the period, those in which a person of the team has spoken with "
        "the customer by now. A bot does not attend, nor does an HSM that nobody answered."
    )
    card = _rate(row, "attended_share", look.texts.t("Cases attended"), definition, "good", look)
    count = row["cases_attended"]
    detail = look.texts.tn("{count} case", "{count} cases", count, count=look.formats.count(count))
    return Card(card.label, card.definition, card.value, card.change, card.tone, detail)


def _first_response(row: dict[Any, Any], look: Look, *, opened: bool) -> Card:
    t = look.texts.t
    now, before = (
        row["median_first_response_seconds"],
        row["previous_median_first_response_seconds"],
    )
    difference = None if now is None or before is None else now - before
    which = (
        t("Of the cases opened in the period.")
        if opened
        else t("Of the cases whose first response falls in the period.")
    )
    return Card(
        t("1st response"),
        t(
            "Time of first response, counted 24/7: from the customer's first message to the first "
            "answer of a person. Half of the cases wait less than the median; nine of ten wait "
            "less than P90."
        )
        + " "
        + which,
        look.formats.duration(now),
        look.formats.signed_duration(difference),
        _tone(difference, "bad", 0.5),
        t(
            "24/7 median · P90\u00a0{p90}",
            p90=look.formats.duration(row["p90_first_response_seconds"]).replace(" ", "\u00a0"),
        ),
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
    parts = [
        look.texts.t(
            "Changes against {start} to {end}",
            start=look.formats.day(previous.start),
            end=look.formats.day(previous.end),
        )
        if compares
        else look.texts.t("no data in the period before")
    ]
    if period.start <= today <= period.end:
        parts.append(look.texts.t("today is still running"))
    return Span(" · ".join(parts))


def _component(index: int, card: Card, look: Look, *, compares: bool) -> Part:
    short = {
        look.texts.t("Delivery rate"): look.texts.tc("template", "Delivery"),
        look.texts.t("Read rate"): look.texts.tc("template", "Reading"),
        look.texts.t("Failure rate"): look.texts.tc("template", "Failure"),
        look.texts.t("Cases created"): look.texts.tc("short", "Created"),
        look.texts.t("Cases attended"): look.texts.tc("short", "Attended"),
    }.get(card.label, card.label)
    return Div(
        [
            Div(
                [
                    Span(card.label, className="card-label"),
                    Span(short, className="card-short"),
                    tip(f"indicator-{index}", card.label, card.definition),
                ],
                className="card-title-line",
            ),
            Div(card.value, className="card-value"),
            Div(card.change if compares else "", className=f"card-change {card.tone}"),
            Div(card.detail if compares or not card.compares else "", className="card-detail"),
        ],
        className="indicator",
    )


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
    height=112,
    narrow_height=360,
)
