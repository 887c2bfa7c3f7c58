"""The row of indicators: cards with a number and its change against the period before.

Each card's definition is here, in ``DEFINITIONS``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from components.formats import known
from components.html_tree import Children, Div, Element, Span
from components.labels import by_direction, value_label
from components.locale import Locale
from components.panels.view import Panel, PanelView
from components.texts import gettext_noop, pgettext_noop
from components.widgets import tip
from queries.filters import Basis, Filters
from queries.panels import indicators
from queries.period import Period, comparison
from queries.reader import Answer
from queries.vocabulary import KINDS

#: A number of more characters is written smaller, so that it fits into its card.
_LONG: Final = 7
#: Whether a rise of the number is good, bad, or neither.
Meaning = Literal["good", "bad", "neutral"]


@dataclass(frozen=True, slots=True)
class Definition:
    """The English texts of an indicator; ``face`` translates them.

    ``label`` is the name, ``short`` the name on narrow screens (a pair of gettext context and
    text), ``text`` the definition.
    """

    label: str
    short: tuple[str, str]
    text: str


_ATTENDED: Final = gettext_noop("Cases attended")
_ATTENDED_SHORT: Final = pgettext_noop("short", "Attended")
#: The definition of each indicator, in order. ``attended_share`` takes the place of
#: ``cases_attended`` where the basis is the opening of the case.
DEFINITIONS: Final[Mapping[str, Definition]] = {
    "messages": Definition(
        gettext_noop("Messages"),
        pgettext_noop("short", "Messages"),
        gettext_noop(
            "All messages of the selection, sent and received. By message date: those of the "
            "period; by case opening: all of the cases opened in the period."
        ),
    ),
    "delivery_rate": Definition(
        gettext_noop("Delivery rate"),
        pgettext_noop("template", "Delivery"),
        gettext_noop(
            "Messages that reached the customer (delivered or read) ÷ messages sent out. Sent out "
            "are those that are neither new nor without confirmation. Same dates as Messages; "
            "below, HSM and WApp apart."
        ),
    ),
    "read_rate": Definition(
        gettext_noop("Read rate"),
        pgettext_noop("template", "Read"),
        gettext_noop(
            "Messages read ÷ messages that reached the customer (delivered or read). Customers who "
            "switch read receipts off stay at Delivered, so the true rate is higher. Same dates as "
            "Messages; below, HSM and WApp apart."
        ),
    ),
    "failure_rate": Definition(
        gettext_noop("Failure rate"),
        pgettext_noop("template", "Failed"),
        gettext_noop("Messages that failed ÷ messages sent out. Same dates as Messages."),
    ),
    "cases_created": Definition(
        gettext_noop("Cases created"),
        pgettext_noop("short", "Created"),
        gettext_noop("Cases opened in the period, whatever the reference date."),
    ),
    "cases_attended": Definition(
        _ATTENDED,
        _ATTENDED_SHORT,
        gettext_noop(
            "Cases in which a person of the team spoke with the customer for the first time in the "
            "period. A bot does not attend, nor does an HSM that nobody answered. By case opening "
            "this is a share instead: attended by now ÷ opened in the period."
        ),
    ),
    "attended_share": Definition(
        _ATTENDED,
        _ATTENDED_SHORT,
        gettext_noop(
            "Cases in which a person of the team has spoken with the customer by now ÷ cases "
            "opened in the period. A bot does not attend, nor does an HSM that nobody answered. By "
            "message date this is a number instead: cases first attended in the period."
        ),
    ),
    "median_first_response_seconds": Definition(
        gettext_noop("1st response"),
        pgettext_noop("short", "1st response"),
        gettext_noop(
            "From the customer's first message to the first answer of a person, counted 24 hours a "
            "day, 7 days a week. Half of the cases wait less than the median; nine of ten wait "
            "less than P90. By case opening: of the cases opened in the period; by message date: "
            "of those whose first response falls in it."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Card:
    """The translated and formatted texts of an indicator's card.

    ``name`` is a key of ``DEFINITIONS``, ``value`` the number. ``change`` is the change against the
    period before, with a sign; ``tone`` says whether that is for the better or the worse ("same"
    where it is neither). ``detail`` are further lines below.
    """

    name: str
    value: str
    change: str
    tone: Literal["better", "worse", "same"]
    detail: tuple[str, ...]
    #: Whether ``detail`` is about the period before; then it is shown only beside a comparison.
    compares: bool = False


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the cards of the indicators, and above them a note on what they are compared with.

    The frame of ``answer`` has one row. Where the period ends after today, or the period before has
    no data, cards have no comparison and the note says why.
    """
    filters, today = answer.filters, answer.now.date()
    before = comparison(filters.span, answer.now).period
    [row] = answer.frame.to_dict("records")
    row = {name: (value if known(value) else None) for name, value in row.items()}
    # Days in the future have no data yet and would look like a fall.
    compares = _has_past(row) and filters.span.end <= today
    cards = _cards(row, locale, filters)
    against = _against(before, locale) if compares else _why_not_compared(locale, filters, today)
    note = _note(locale, filters, today, against)
    return PanelView(
        words=[note],
        caption="; ".join(
            f"{locale.texts.gettext(DEFINITIONS[card.name].label)}: {card.value}"
            + (f" ({card.change})" if compares else "")
            for card in cards
        ),
        cards=[_component(card, locale, compares=compares) for card in cards],
    )


def _has_past(row: dict[Any, Any]) -> bool:
    """Return whether any number of the period before is known and not 0."""
    return any(value for name, value in row.items() if str(name).startswith("previous_"))


def _cards(row: dict[Any, Any], locale: Locale, filters: Filters) -> list[Card]:
    opened = filters.basis is Basis.OPENED
    return [
        _messages(row, locale),
        _rate(row, "delivery_rate", "good", _by_kind(row, "delivery_rate", locale), locale),
        _rate(row, "read_rate", "good", _by_kind(row, "read_rate", locale), locale),
        _rate(row, "failure_rate", "bad", (), locale),
        _volume(row, "cases_created", locale),
        _attended_share(row, locale) if opened else _volume(row, "cases_attended", locale),
        _first_response(row, locale),
    ]


def _messages(row: dict[Any, Any], locale: Locale) -> Card:
    by_origin = by_direction(int(row["sent_messages"]), int(row["received_messages"]), locale)
    detail = tuple(f"{number}\u00a0{rest}" for number, rest in by_origin)
    return replace(_volume(row, "messages", locale), detail=detail, compares=False)


def _volume(row: dict[Any, Any], name: str, locale: Locale) -> Card:
    now, before = row[name], row[f"previous_{name}"]
    change = (now - before) / before if now is not None and before else None
    formats = locale.formats
    detail = (_before(formats.count(before), locale),)
    return Card(
        name, formats.count(now), formats.signed_share(change), "same", detail, compares=True
    )


def _rate(
    row: dict[Any, Any], name: str, meaning: Meaning, detail: tuple[str, ...], locale: Locale
) -> Card:
    """Return the card of a share; without ``detail`` it shows the share of the period before."""
    now, before = row[name], row[f"previous_{name}"]
    difference = None if now is None or before is None else now - before
    return Card(
        name,
        locale.formats.share(now),
        locale.formats.points(difference),
        _tone(difference, meaning, 0.0005),
        detail or (_before(locale.formats.share(before), locale),),
        compares=not detail,
    )


def _by_kind(row: dict[Any, Any], name: str, locale: Locale) -> tuple[str, ...]:
    """Return the rate of HSM and WApp apart; none where the rate of either is not known."""
    rates = {kind: row.get(f"{kind}_{name}") for kind in KINDS}
    if None in rates.values():
        return ()
    return tuple(
        f"{value_label('kind', kind, locale)}\u00a0{locale.formats.share(rate, 0)}"
        for kind, rate in rates.items()
    )


def _attended_share(row: dict[Any, Any], locale: Locale) -> Card:
    count = row["cases_attended"]
    detail = locale.texts.ngettext(
        "{count} case", "{count} cases", count, count=locale.formats.count(count)
    )
    return _rate(row, "attended_share", "good", (detail,), locale)


def _first_response(row: dict[Any, Any], locale: Locale) -> Card:
    name = "median_first_response_seconds"
    now, before = row[name], row[f"previous_{name}"]
    difference = None if now is None or before is None else now - before
    p90 = locale.formats.duration(row["p90_first_response_seconds"])
    return Card(
        name,
        locale.formats.duration(now),
        locale.formats.signed_duration(difference),
        _tone(difference, "bad", 0.5),
        (locale.texts.gettext("24/7 median"), locale.texts.gettext("P90 {p90}", p90=p90)),
    )


def _tone(
    difference: float | None, meaning: Meaning, visible: float
) -> Literal["better", "worse", "same"]:
    """Return what a change means: "same" where it is unknown, or less than ``visible``.

    ``visible`` is the smallest difference that the card's number shows.
    """
    if difference is None or abs(difference) < visible or meaning == "neutral":
        return "same"
    return "better" if (difference > 0) == (meaning == "good") else "worse"


def _before(value: str, locale: Locale) -> str:
    return locale.texts.gettext("previous period: {value}", value=value)


def _note(locale: Locale, filters: Filters, today: date, against: str) -> Element:
    parts = [against]
    if filters.span.start <= today <= filters.span.end:
        parts.append(locale.texts.gettext("today is still running"))
    return Span(" · ".join(parts))


def _against(previous: Period, locale: Locale) -> str:
    start, end = locale.formats.day(previous.start), locale.formats.day(previous.end)
    if start == end:
        return locale.texts.gettext("Change vs. {day}", day=start)
    return locale.texts.gettext("Change vs. {start} to {end}", start=start, end=end)


def _why_not_compared(locale: Locale, filters: Filters, today: date) -> str:
    if filters.span.end > today:
        end = locale.formats.day(filters.span.end)
        return locale.texts.gettext("No comparison: the period goes on until {end}", end=end)
    return locale.texts.gettext("No data in the period before")


def _component(card: Card, locale: Locale, *, compares: bool) -> Element:
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
        locale,
    )


def value_class(value: str) -> str:
    """Return the class names of the number ``value`` of a card.

    They make a number of more than 7 characters smaller, so that it fits.
    """
    return "card-value long" if len(value) > _LONG else "card-value"


def face(definition: Definition, body: Children, locale: Locale) -> Element:
    """Return a card of the row of indicators: the name, a tip with the definition, then ``body``.

    The card has both names of ``definition``; the stylesheet shows the short one on narrow screens.
    """
    label = locale.texts.gettext(definition.label)
    name = definition.label.lower().replace(" ", "-")
    return Div(
        [
            Div(
                [
                    Span(label, className="card-label"),
                    Span(locale.texts.pgettext(*definition.short), className="card-short"),
                    tip(f"indicator-{name}", label, locale.texts.gettext(definition.text), locale),
                ],
                className="card-title-line",
            ),
            *body,
        ],
        className="indicator",
    )


def blank(locale: Locale) -> list[Element]:
    """Return the cards of all indicators without numbers, shown until the first answer comes.

    They are shown for an empty answer as well.
    """
    names = [name for name in DEFINITIONS if name != "attended_share"]
    return [blank_face(DEFINITIONS[name], locale) for name in names]


def blank_face(definition: Definition, locale: Locale) -> Element:
    """Return the card of an indicator with a blank line in place of its number."""
    return face(definition, [Div("\u00a0", className="card-value")], locale)


def _is_empty(answer: Answer) -> bool:
    row = answer.frame.iloc[0]
    return not (row["messages"] or row["cases_created"] or row["cases_attended"])


PANEL = Panel(
    query=indicators.PANEL,
    title=gettext_noop("Indicators"),
    definition=gettext_noop("The period in figures, each with its change."),
    place=10,
    view=view,
    is_empty=_is_empty,
    kind="cards",
    height=121,
    narrow_height=430,
    blank=blank,
)
