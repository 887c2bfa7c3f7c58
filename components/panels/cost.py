"""The list "Usage and cost": billable messages and their cost, by category, template and day.

Every figure says whether it is exact, an upper bound ("at most") or unknown. Sums are rounded to
the currency's smallest unit once, at the end; where the rounded parts of a table add up to another
sum, a line below says so.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from components.formats import NOTHING, known
from components.html_tree import Children, Details, Div, Element, P, Span, Summary, Td, Th, Tr
from components.labels import value_label
from components.locale import Locale
from components.panels.time_steps import step_name
from components.panels.view import Panel, PanelView, bar, fact, facts, heading, list_table
from components.texts import gettext_noop, pgettext_noop
from queries.frames import records
from queries.panels import cost
from queries.phones import spaced_phone
from queries.reader import Answer
from queries.time_axis import bucket_of

#: How many templates are listed by themselves.
_TEMPLATES: Final = 10
_OTHERS: Final = pgettext_noop("cost", "Others")


@dataclass(slots=True)
class Sums:
    """The figures of one line of a table: counts, and amounts in millionths by currency."""

    billable: int = 0
    perhaps: int = 0
    free: int = 0
    unpriced: int = 0
    amounts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    bounds: set[str] = field(default_factory=set)

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row of the answer."""
        self.billable += int(row["billable"])
        self.perhaps += int(row["perhaps"])
        self.free += int(row["free"])
        self.unpriced += int(row["unpriced"])
        if known(row["currency"]) and row["billable"]:
            self.amounts[row["currency"]] += int(row["amount"])
            if row["certainty"] == "upper_bound":
                self.bounds.add(row["currency"])


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the totals, what the month is about, and a table each by category, template and day.

    The tables by template and by day are folded at first.
    """
    tables = _tables(answer)
    total = tables["total"].get(None, Sums())
    by_category = _lines(tables["category"], locale, _category)
    return PanelView(
        words=[facts(_facts(total, locale)), *_month(answer, locale)],
        caption="; ".join(
            f"{name}: {locale.formats.count(sums.billable)}, {costs(sums, locale)}"
            for name, sums in by_category
        ),
        cards=[
            _table("category", by_category, total, locale),
            _folded(
                "template",
                _top(_lines(tables["template"], locale, _template), locale),
                total,
                locale,
            ),
            _folded("day", _steps(tables["day"], answer, locale), total, locale),
        ],
    )


def costs(sums: Sums, locale: Locale) -> str:
    """Return what messages cost, each currency by itself: “R$ 12,30 · at most US$ 3.20”.

    Messages without a price are told behind it; without any amount the cost is unknown, or nothing.
    """
    parts = amounts_of(sums, locale)
    if not parts and sums.unpriced:
        return locale.texts.gettext("unknown")
    return " · ".join([*parts, *filter(None, [unpriced(sums, locale)])]) or NOTHING


def unpriced(sums: Sums, locale: Locale) -> str:
    """Return how many messages cost nobody knows what, as “12 of unknown cost”; "" for none."""
    if not sums.unpriced:
        return ""
    return locale.texts.ngettext(
        "{count} of unknown cost",
        "{count} of unknown cost",
        sums.unpriced,
        count=locale.formats.count(sums.unpriced),
    )


def amounts_of(sums: Sums, locale: Locale) -> list[str]:
    """Return what messages cost in each currency, as “R$ 12,30” or “at most R$ 12,30”."""
    parts = []
    for currency, amount in sorted(sums.amounts.items()):
        money = locale.formats.money(amount, currency)
        is_bound = currency in sums.bounds
        parts.append(locale.texts.gettext("at most {money}", money=money) if is_bound else money)
    return parts


def _tables(answer: Answer) -> dict[str, dict[str | None, Sums]]:
    tables: dict[str, dict[str | None, Sums]] = {by: defaultdict(Sums) for by in cost.GROUPS}
    for row in records(answer.frame):
        value = row["value"] if known(row["value"]) else None
        tables[row["by"]][value].add(row)
    return tables


def _facts(total: Sums, locale: Locale) -> Children:
    texts, count = locale.texts, locale.formats.count
    label = texts.ngettext("billable message", "billable messages", total.billable)
    if total.perhaps:
        label = texts.ngettext(
            "billable message at most", "billable messages at most", total.billable
        )
    entries = [fact(count(total.billable), label)]
    if amounts := amounts_of(total, locale):
        entries.append(fact(" · ".join(amounts), texts.gettext("cost")))
    if total.unpriced:
        entries.append(fact(count(total.unpriced), texts.gettext("of unknown cost")))
    entries.append(fact(count(total.free), texts.ngettext("free", "free", total.free)))
    return entries


def _month(answer: Answer, locale: Locale) -> Iterator[Element]:
    """Yield the lines about the running month: what is left free, and how it may end."""
    gettext, formats, counts = locale.texts.gettext, locale.formats, answer.counts
    free_left, allowed = counts.get("free_left", {}), counts.get("free_each_month", {})
    if free_left:
        line = locale.texts.ngettext(
            "This month {left} of {allowed} free service messages is left.",
            "This month {left} of {allowed} free service messages are left.",
            sum(free_left.values()),
            left=formats.count(sum(free_left.values())),
            allowed=formats.count(sum(allowed.values())),
        )
        if len(free_left) > 1:
            numbers = (
                f"{spaced_phone(name)}: {formats.count(left)}"
                for name, left in sorted(free_left.items())
            )
            line = f"{line} ({' · '.join(numbers)})"
        yield P(line, className="quiet cost-note")
    for currency, high in sorted(counts.get("month_high", {}).items()):
        months = counts["month_after"][currency]
        yield P(
            gettext(
                "This month so far {so_far}; at its end between {low} and {high}, if it goes on as "
                "one of the last {months} months did (right in at least {right} of {cases} cases).",
                so_far=formats.money(counts["month_so_far"][currency], currency),
                low=formats.money(counts["month_low"][currency], currency),
                high=formats.money(high, currency),
                months=months,
                right=months - 1,
                cases=months + 1,
            ),
            className="quiet cost-note",
        )


_Lines = Sequence[tuple[str, Sums]]


def _lines(table: Mapping[str | None, Sums], locale: Locale, name: Any) -> list[tuple[str, Sums]]:
    """Return the lines of a table: the most billable first."""
    lines = [(name(value, locale), sums) for value, sums in table.items()]
    return sorted(lines, key=lambda line: (-line[1].billable, -line[1].free, line[0]))


def _category(value: str | None, locale: Locale) -> str:
    return NOTHING if value is None else value_label("cost_category", value, locale)


def _template(value: str | None, locale: Locale) -> str:
    return locale.texts.pgettext("cost", "Without a template") if value is None else value


def _top(lines: Sequence[tuple[str, Sums]], locale: Locale) -> list[tuple[str, Sums]]:
    """Return the first lines, and one of all others."""
    shown = list(lines[:_TEMPLATES])
    if others := lines[_TEMPLATES:]:
        shown.append((locale.texts.pgettext(*_OTHERS), _sum_of(others)))
    return shown


def _sum_of(lines: Sequence[tuple[str, Sums]]) -> Sums:
    whole = Sums()
    for _, sums in lines:
        whole.billable += sums.billable
        whole.perhaps += sums.perhaps
        whole.free += sums.free
        whole.unpriced += sums.unpriced
        whole.bounds |= sums.bounds
        for currency, amount in sums.amounts.items():
            whole.amounts[currency] += amount
    return whole


def _steps(
    days: Mapping[str | None, Sums], answer: Answer, locale: Locale
) -> list[tuple[str, Sums]]:
    """Return a line for each step of the time axis that has messages, the newest first."""
    bucket = bucket_of(answer.filters.span)
    steps: dict[date, list[tuple[str, Sums]]] = defaultdict(list)
    for day, sums in days.items():
        if day is not None:
            steps[bucket.first_day(date.fromisoformat(day))].append((day, sums))
    return [
        (step_name(first, bucket, locale), _sum_of(lines))
        for first, lines in sorted(steps.items(), reverse=True)
    ]


def _folded(by: str, lines: _Lines, total: Sums, locale: Locale) -> Element:
    titles = {"template": gettext_noop("By template"), "day": gettext_noop("By day")}
    title = locale.texts.gettext(titles[by])
    return Details([Summary(title), _table(by, lines, total, locale)], className="cost-part")


def _table(by: str, lines: _Lines, total: Sums, locale: Locale) -> Element:
    texts, count = locale.texts, locale.formats.count
    most = max((sums.billable for _, sums in lines), default=0)
    rows = [
        Tr(
            [
                Th([name, bar(sums.billable / most if most else 0, "sent")], scope="row"),
                Td(_billable(sums, locale), className="number"),
                Td(count(sums.free), className="number"),
                Td(costs(sums, locale), className="number cost-amount"),
            ]
        )
        for name, sums in lines
    ]
    numbers = [heading(PANEL, name, locale) for name in ("billable", "free", "amount")]
    head = value_label("cost_by", by, locale)
    table = list_table(f"{texts.gettext(PANEL.title)}: {head}", [head], numbers, rows)
    return Div([table, *_rounding(lines, total, locale)])


def _billable(sums: Sums, locale: Locale) -> Element:
    number = locale.formats.count(sums.billable)
    if not sums.perhaps:
        return Span(number)
    return Span(locale.texts.gettext("at most {money}", money=number))


def _rounding(lines: _Lines, total: Sums, locale: Locale) -> Iterator[Element]:
    """Yield a line for each currency of which the rounded parts add up to another sum."""
    formats = locale.formats
    for currency, amount in sorted(total.amounts.items()):
        parts = sum(formats.rounded(sums.amounts.get(currency, 0), currency) for _, sums in lines)
        difference = parts - formats.rounded(amount, currency)
        if difference:
            yield P(
                locale.texts.gettext(
                    "Rounded line by line it would be {parts}: {difference} from rounding.",
                    parts=formats.money(parts, currency),
                    difference=formats.money(difference, currency),
                ),
                className="quiet cost-note",
            )


PANEL: Final = Panel(
    query=cost.PANEL,
    title=gettext_noop("Usage and cost"),
    definition=gettext_noop(
        "Messages that WhatsApp charges, and what they cost by the prices and rules that were "
        "imported. “At most”: the source does not say of all of them that they were charged, or "
        "the price is a maximum. Currencies are never added together. Same dates as the messages."
    ),
    place=85,
    view=view,
    is_empty=lambda answer: answer.frame.empty,
    kind="list",
    height=300,
    narrow_height=340,
    rows_slug="cost-lines",
)
