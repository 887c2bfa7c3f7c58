"""The row of indicators: cards with a number and its change against the period before.

Each card's definition is here, in ``DEFINITIONS``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from components.comparison_words import compared_with
from components.formats import known
from components.html_tree import Children, Div, Element, Span
from components.indicator_cards import Card, Figures, IndicatorCards
from components.locale import Locale
from components.panels.cost import Sums, amounts_of, unpriced
from components.panels.view import Panel, PanelView
from components.texts import gettext_noop, pgettext_noop
from components.widgets import tip
from queries.frames import records
from queries.panels import indicators
from queries.period import comparison
from queries.reader import Answer

#: A number of more characters is written smaller, so that it fits into its card.
_LONG: Final = 7


@dataclass(frozen=True, slots=True)
class Definition:
    """The English texts of an indicator; ``face`` translates them.

    ``label`` is the name, ``short`` the name on narrow screens (a pair of gettext context and
    text), ``text`` the definition. ``rule`` says which changes are coloured, None if none is.
    """

    label: str
    short: tuple[str, str]
    text: str
    rule: str | None = None


#: The indicators that are shown only where something is known of costs.
_OF_COST: Final = ("billable_messages", "cost")
_RATE_RULE: Final = gettext_noop(
    "A change is coloured where it is more than chance would give (test of two proportions, 95%)."
)
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
        _RATE_RULE,
    ),
    "read_rate": Definition(
        gettext_noop("Read rate"),
        pgettext_noop("template", "Read"),
        gettext_noop(
            "Messages read ÷ messages that reached the customer (delivered or read). Customers who "
            "switch read receipts off stay at Delivered, so the true rate is higher. Same dates as "
            "Messages; below, HSM and WApp apart."
        ),
        _RATE_RULE,
    ),
    "failure_rate": Definition(
        gettext_noop("Failure rate"),
        pgettext_noop("template", "Failed"),
        gettext_noop("Messages that failed ÷ messages sent out. Same dates as Messages."),
        _RATE_RULE,
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
        _RATE_RULE,
    ),
    "billable_messages": Definition(
        gettext_noop("Billable messages"),
        pgettext_noop("short", "Billable"),
        gettext_noop(
            "Messages of the selection that WhatsApp charges. “At most”: the source does not say "
            "of all of them that they were charged. Same dates as Messages."
        ),
    ),
    "cost": Definition(
        gettext_noop("Cost"),
        pgettext_noop("short", "Cost"),
        gettext_noop(
            "What the billable messages cost by the prices that were imported, each currency by "
            "itself. Same dates as Messages."
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
        gettext_noop(
            "A change is coloured from 10% on, between medians of at least 30 cases each."
        ),
    ),
}


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the cards of the indicators, and above them a note on what they are compared with.

    The frame of ``answer`` has one row. Where the period is still to come, or the period before has
    no data, cards have no comparison and the note says why.
    """
    [given] = records(answer.frame)
    row: Figures = {
        name: (value if isinstance(value, tuple) or known(value) else None)
        for name, value in given.items()
    }
    has_begun = answer.filters.span.start <= answer.now.date()
    compares = _has_past(row) and has_begun
    cards = IndicatorCards(row, locale, compares).all(answer.filters.basis)
    of_cost = _of_cost(row, locale)
    return PanelView(
        words=[_note(answer, locale, has_past=_has_past(row))],
        caption="; ".join(
            f"{locale.texts.gettext(DEFINITIONS[card.name].label)}: {card.value}"
            + (f" ({card.change})" if card.change else "")
            for card in cards
        ),
        cards=[
            *(_component(card, locale) for card in cards),
            *(_cost_component(*indicator, locale) for indicator in of_cost),
        ],
    )


def _of_cost(row: Figures, locale: Locale) -> list[tuple[str, str, str]]:
    """Return the two indicators of cost, as name, value and a note; none where nothing is known."""
    if row.get("billable_messages") is None:
        return []
    gettext = locale.texts.gettext
    number = locale.formats.count(row["billable_messages"])
    if row["perhaps_billable_messages"]:
        number = gettext("at most {money}", money=number)
    sums = Sums(
        unpriced=row["unpriced_messages"],
        amounts={currency: amount for currency, amount, _ in row["costs"]},
        bounds={currency for currency, _, is_bound in row["costs"] if is_bound},
    )
    found = [("billable_messages", number, "")]
    if amounts := amounts_of(sums, locale):
        found.append(("cost", " · ".join(amounts), unpriced(sums, locale)))
    return found


def _cost_component(name: str, value: str, note: str, locale: Locale) -> Element:
    body = [Div(value, className="card-value")]
    if note:
        body.append(Div(note, className="card-detail"))
    return face(DEFINITIONS[name], body, locale, class_name="of-cost")


def _has_past(row: Figures) -> bool:
    """Return whether any number of the period before is known and not 0."""
    return any(value for name, value in row.items() if name.startswith("previous_"))


def _note(answer: Answer, locale: Locale, *, has_past: bool) -> Element:
    period, now = answer.filters.span, answer.now
    clock = f"{now:%H:%M}"
    before = comparison(period, now)
    if period.start > now.date():
        parts = [locale.texts.gettext("No comparison: the period has not begun")]
    elif not has_past:
        parts = [locale.texts.gettext("No data in the period before")]
    else:
        parts = [compared_with(period, before, clock, locale)]
    if period.start <= now.date() <= period.end:
        parts.append(locale.texts.gettext("today is in progress, until {time}", time=clock))
    return Span(" · ".join(parts))


def _component(card: Card, locale: Locale) -> Element:
    return face(
        DEFINITIONS[card.name],
        [
            Div(card.value, className=value_class(card.value)),
            Div(card.change, className=f"card-change {card.tone}"),
            *(Div(line, className="card-detail") for line in card.detail),
        ],
        locale,
    )


def value_class(value: str) -> str:
    """Return the class names of the number ``value`` of a card.

    They make a number of more than 7 characters smaller, so that it fits.
    """
    return "card-value long" if len(value) > _LONG else "card-value"


def face(definition: Definition, body: Children, locale: Locale, class_name: str = "") -> Element:
    """Return a card of the row of indicators: the name, a tip with the definition, then ``body``.

    ``class_name`` is a further class name of it.

    The card has both names of ``definition``; the stylesheet shows the short one on narrow screens.
    """
    label = locale.texts.gettext(definition.label)
    sentences = (definition.text, definition.rule)
    text = " ".join(locale.texts.gettext(sentence) for sentence in sentences if sentence)
    name = definition.label.lower().replace(" ", "-")
    return Div(
        [
            Div(
                [
                    Span(label, className="card-label"),
                    Span(locale.texts.pgettext(*definition.short), className="card-short"),
                    tip(f"indicator-{name}", label, text, locale),
                ],
                className="card-title-line",
            ),
            *body,
        ],
        className=f"indicator {class_name}".rstrip(),
    )


def blank(locale: Locale) -> list[Element]:
    """Return the cards of all indicators without numbers, shown until the first answer comes.

    They are shown for an empty answer as well.
    """
    left_out = ("attended_share", *_OF_COST)
    names = [name for name in DEFINITIONS if name not in left_out]
    return [blank_face(DEFINITIONS[name], locale) for name in names]


def blank_face(definition: Definition, locale: Locale) -> Element:
    """Return the card of an indicator with a blank line in place of its number."""
    return face(definition, [Div("\u00a0", className="card-value")], locale)


def _is_empty(answer: Answer) -> bool:
    [row] = records(answer.frame)
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
