"""Projects what the running month will cost, as a range, from how earlier months went on.

For each earlier month the days after the same day of the month are taken over to this one: how many
messages of each category were sent, scaled by how much is sent now (in the 28 days before, then and
now), at this month's average price; of a category that the month does not have yet, that of the 28
days before it. Free messages that are left are taken off. The range goes from the smallest to the
greatest of these ends, and a sixth of its width beyond either. If months go on alike, the end of
this one lies between those of ``n`` others in ``(n - 1) / (n + 1)`` of cases, and this is what the
range claims; the wider edges make up for trends and for weekdays that differ.
"""

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

#: How many earlier months are looked at, and how few are too few for a range.
MOST_MONTHS: Final = 12
FEWEST_MONTHS: Final = 4
_LEVEL: Final = timedelta(days=28)
#: The part of its width by which a range is wider on either side than the ends of earlier months.
_BEYOND: Final = 1 / 6


class CostDay(NamedTuple):
    """What was sent of a category on a day.

    ``amount`` is what the ``messages`` cost, ``list_amount`` what they would cost if none were
    free, both in millionths of ``currency``, which is None where no price is known.
    """

    day: date
    category: str | None
    currency: str | None
    messages: int
    amount: int
    list_amount: int


@dataclass(frozen=True, slots=True)
class Projection:
    """What a month costs in ``currency``, in millionths.

    ``so_far`` is until now, ``low`` and ``high`` are the range of the end of the month. The range
    holds in at least ``months - 1`` of ``months + 1`` cases.
    """

    currency: str
    so_far: int
    low: int
    high: int
    months: int


def first_day_needed(today: date) -> date:
    """Return the first day of which ``project`` uses anything."""
    return _earlier(today.replace(day=1), MOST_MONTHS) - _LEVEL


def project(
    days: Iterable[CostDay], today: date, free_left: Mapping[str, float]
) -> list[Projection]:
    """Return a projection for each currency of the month of ``today``, by currency.

    ``days`` are those from ``first_day_needed``, ``today`` included. ``free_left`` is how many
    messages of a category are still free this month, for the categories of which some are. There
    is none for a currency where too few earlier months are known.
    """
    rows = list(days)
    month = today.replace(day=1)
    counts: dict[str | None, Counter[date]] = defaultdict(Counter)
    for row in rows:
        counts[row.category][row.day] += row.messages
    of_month = [row for row in rows if row.day >= month]
    currencies = sorted({row.currency for row in of_month if row.currency})
    found = []
    for currency in currencies:
        recent = [row for row in rows if today - _LEVEL <= row.day < month]
        prices = _prices(recent, currency, free_left) | _prices(of_month, currency, free_left)
        months = _Months(counts, prices, free_left, today)
        so_far = sum(row.amount for row in of_month if row.currency == currency)
        before = sum(row.amount for row in of_month if row.currency == currency and row.day < today)
        ends = [before + rest for rest in months.rests()]
        if len(ends) >= FEWEST_MONTHS:
            beyond = (max(ends) - min(ends)) * _BEYOND
            edges = min(ends) - beyond, max(ends) + beyond
            low, high = (max(so_far, round(edge)) for edge in edges)
            found.append(Projection(currency, so_far, low, high, len(ends)))
    return found


def _prices(
    of_month: Iterable[CostDay], currency: str, free_left: Mapping[str, float]
) -> dict[str | None, float]:
    """Return the average price of a message of each category in the rows ``of_month``.

    Where some of a category are free each month it is the price of the others.
    """
    messages: Counter[str | None] = Counter()
    amounts: Counter[str | None] = Counter()
    for row in of_month:
        messages[row.category] += row.messages
        if row.currency == currency:
            is_partly_free = row.category in free_left
            amounts[row.category] += row.list_amount if is_partly_free else row.amount
    return {name: amounts[name] / messages[name] for name in amounts if messages[name]}


@dataclass(frozen=True, slots=True)
class _Months:
    """Says what the rest of the month of ``today`` costs, if it goes on as an earlier one did."""

    counts: Mapping[str | None, Counter[date]]
    prices: Mapping[str | None, float]
    free_left: Mapping[str, float]
    today: date

    def rests(self) -> list[float]:
        """Return what is still to be paid, from ``today`` on, by each earlier month."""
        month = self.today.replace(day=1)
        level = self._worth(self.today - _LEVEL, self.today)
        first = min((day for days in self.counts.values() for day in days), default=month)
        if not level:
            return []
        found = []
        for back in range(1, MOST_MONTHS + 1):
            begin = _earlier(month, back)
            cut = begin + timedelta(days=min(self.today.day, _length(begin)) - 1)
            level_then = self._worth(cut - _LEVEL, cut)
            if cut - _LEVEL < first or not level_then:
                continue
            end = begin + timedelta(days=_length(begin))
            days_left = _length(month) - self.today.day + 1
            scale = level / level_then * days_left / (end - cut).days
            found.append(self._rest(cut, end, scale))
        return found

    def _rest(self, first: date, end: date, scale: float) -> float:
        return sum(
            price * max(0.0, scale * self._count(category, first, end) - self._left(category))
            for category, price in self.prices.items()
        )

    def _left(self, category: str | None) -> float:
        return self.free_left.get(category, 0.0) if category is not None else 0.0

    def _worth(self, first: date, end: date) -> float:
        """Return what the messages from ``first`` to before ``end`` cost at this month's prices."""
        return sum(
            price * self._count(category, first, end) for category, price in self.prices.items()
        )

    def _count(self, category: str | None, first: date, end: date) -> int:
        days = self.counts[category]
        return sum(days[first + timedelta(days=n)] for n in range((end - first).days))


def _length(month: date) -> int:
    return monthrange(month.year, month.month)[1]


def _earlier(month: date, months: int) -> date:
    """Return the first day of the month that is ``months`` before ``month``."""
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
