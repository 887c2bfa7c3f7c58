"""What messages cost, computed a second time in plain Python, message by message.

It follows docs/costs.md with loops over lists: no SQL, no import from ``queries`` or ``sources``.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

#: The special cases of rules, the most special first.
CASES = ("free_entry_point", "free_customer_service", "open_window", "always")
UNKNOWN = ("no_rule", "no_category", "no_country", "no_price", "group")


@dataclass(frozen=True)
class Price:
    """A price of a list."""

    valid_from: date
    category: str
    country: str
    currency: str
    price: str
    from_message: int = 1
    maximum: bool = False

    @property
    def parts(self) -> int:
        """The price in millionths of the currency."""
        return int(Decimal(self.price) * 1_000_000)


@dataclass(frozen=True)
class Rule:
    """A rule of a list."""

    valid_from: date
    category: str
    case: str
    charge: str
    price_of: str | None = None
    free_each_month: int = 0


@dataclass
class Sent:
    """An outgoing message: what decides about its cost."""

    message_id: str
    sent_at: datetime
    status: str
    kind: str = "session"
    account: str = "default"
    template_category: str | None = None
    business_account: str | None = None
    business_number: str | None = None
    country: str | None = None
    billable: bool | None = None
    pricing_category: str | None = None
    pricing_type: str | None = None
    in_window: bool = False
    to_group: bool = False


@dataclass
class Line:
    """What a message costs; the names are those of ``cost_lines``."""

    message_id: str
    category: str | None
    charge: str
    certainty: str
    reason: str | None
    currency: str | None
    rate: int | None
    amount: int | None
    allowance: int | None
    allowance_place: int | None
    extra_amount: int | None


@dataclass
class Costs:
    """Computes the lines of messages by ``prices`` and ``rules``.

    ``zones`` are those of business accounts, ``zone`` that of the others.
    """

    prices: Sequence[Price]
    rules: Sequence[Rule]
    zone: str = "America/Sao_Paulo"
    zones: Mapping[str, str] = field(default_factory=dict)

    def lines(self, messages: Sequence[Sent]) -> dict[str, Line]:
        """Return the lines by message id."""
        months: dict[tuple[object, ...], list[Sent]] = defaultdict(list)
        for message in sorted(messages, key=lambda m: (m.sent_at, m.message_id)):
            if message.status not in ("delivered", "read", "unknown"):
                continue
            if message.billable is None and not self.rules:
                continue
            day = self.day(message)
            months[message.account, message.business_account, day.year, day.month].append(message)
        found: dict[str, Line] = {}
        for group in months.values():
            self._month(group, found)
        return found

    def day(self, message: Sent) -> date:
        """Return the day of a message in its business account's zone."""
        zone = self.zones.get(message.business_account or "", self.zone)
        return message.sent_at.astimezone(ZoneInfo(zone)).date()

    def _month(self, messages: Sequence[Sent], found: dict[str, Line]) -> None:
        #: Places among free messages, by number and category: all, and those that are not sure.
        counted: dict[object, int] = defaultdict(int)
        unsure: dict[object, int] = defaultdict(int)
        #: Charged messages, by category and country of the price: surely, and perhaps.
        surely: dict[object, int] = defaultdict(int)
        perhaps: dict[object, int] = defaultdict(int)
        for message in messages:
            day = self.day(message)
            category = _category(message)
            rule = self._rule(category, message, day, told=message.billable is True)
            price_of = (rule.price_of if rule else None) or category
            sure = message.billable is not None and message.status != "unknown"
            counts = bool(rule and rule.charge != "free" and rule.free_each_month > 0)
            place, beyond = None, False
            service_before = counted[message.business_number, "service"]
            if counts and rule:
                key = message.business_number, category
                counted[key] += 1
                place = counted[key]
                beyond = (
                    place - unsure[key] > rule.free_each_month
                    and message.business_number is not None
                )
                unsure[key] += not sure
            if (
                message.billable is False
                or (rule and rule.charge == "free")
                or (place is not None and rule and place <= rule.free_each_month)
            ):
                charge = "free"
            elif sure and (not counts or beyond):
                charge = "charged"
            else:
                charge = "perhaps"
            tiers = self._tiers(price_of, message.country, day)
            rate, currency, unsure_tier, maximum = None, None, False, False
            if tiers:
                key = category, tiers[0].country
                least, most = surely[key] + 1, surely[key] + perhaps[key] + 1
                possible = {_tier(tiers, place) for place in range(least, most + 1)}
                rate = max(tier.parts for tier in possible)
                currency = tiers[0].currency
                unsure_tier = len({tier.parts for tier in possible}) > 1
                maximum = any(tier.maximum for tier in possible)
                surely[key] += charge == "charged"
                perhaps[key] += charge == "perhaps"
            reason = None
            if charge != "free":
                checks = (
                    ("no_rule", rule is None and message.billable is None),
                    ("no_category", category is None),
                    ("group", message.to_group and self._each(category, day)),
                    ("no_country", rate is None and message.country is None and bool(self.prices)),
                    ("no_price", rate is None),
                    ("not_confirmed", message.status == "unknown"),
                    ("not_told", message.billable is None),
                    ("no_number", counts and message.business_number is None),
                    ("place", unsure_tier or (counts and not beyond)),
                    ("maximum", maximum),
                )
                reason = next((name for name, holds in checks if holds), None)
            amount = 0 if charge == "free" else None if reason in UNKNOWN else rate
            certainty = "unknown" if amount is None else "upper_bound" if reason else "exact"
            extra = None
            if message.in_window and amount is not None:
                service = self._service(message, day, service_before, currency)
                extra = None if service is None else amount - service
            found[message.message_id] = Line(
                message.message_id,
                category,
                charge,
                certainty,
                reason,
                currency,
                rate,
                amount,
                rule.free_each_month if counts and rule else None,
                place,
                extra,
            )

    def _rule(self, category: str | None, message: Sent, day: date, *, told: bool) -> Rule | None:
        kinds = [
            case
            for case in CASES
            if case in ("always", message.pricing_type)
            or (case == "open_window" and message.in_window)
        ]
        return self._first(category, kinds, day, told=told)

    def _first(
        self, category: str | None, kinds: Sequence[str], day: date, *, told: bool
    ) -> Rule | None:
        for case in kinds:
            for name in (category, "*"):
                holding = [
                    rule
                    for rule in self.rules
                    if rule.category == name
                    and rule.case == case
                    and rule.valid_from <= day
                    and not (told and rule.charge == "free")
                ]
                if holding:
                    return max(holding, key=lambda rule: rule.valid_from)
        return None

    def _each(self, category: str | None, day: date) -> bool:
        for name in (category, "*"):
            holding = [
                rule
                for rule in self.rules
                if rule.category == name and rule.case == "group" and rule.valid_from <= day
            ]
            if holding:
                return max(holding, key=lambda rule: rule.valid_from).charge == "each_recipient"
        return False

    def _tiers(self, category: str | None, country: str | None, day: date) -> list[Price]:
        for name in (country, "*"):
            holding = [
                price
                for price in self.prices
                if price.category == category
                and name is not None
                and price.country == name
                and price.valid_from <= day
            ]
            if holding:
                newest = max(price.valid_from for price in holding)
                return sorted(
                    (price for price in holding if price.valid_from == newest),
                    key=lambda price: price.from_message,
                )
        return []

    def _service(self, message: Sent, day: date, before: int, currency: str | None) -> int | None:
        rule = self._first("service", ("open_window", "always"), day, told=False)
        if rule is None:
            return None
        if rule.charge == "free" or before < rule.free_each_month:
            return 0
        tiers = self._tiers(rule.price_of or "service", message.country, day)
        if not tiers or (currency is not None and tiers[0].currency != currency):
            return None
        return tiers[0].parts


def _category(message: Sent) -> str | None:
    if message.pricing_category:
        return message.pricing_category.lower()
    if message.kind == "hsm":
        return message.template_category.lower() if message.template_category else None
    return "service"


def _tier(tiers: Sequence[Price], place: int) -> Price:
    return [tier for tier in tiers if tier.from_message <= place][-1]
