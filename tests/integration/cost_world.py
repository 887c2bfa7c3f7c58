"""A store of which a test knows what each message costs: rows, prices and rules, and the oracle."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.integration.conftest import Here
from tests.oracle.costs import Costs, Line, Price, Rule, Sent
from tests.oracle.oracle import CASE_COLUMNS, MESSAGE_COLUMNS, Oracle

Rows = list[dict[str, str]]
COLUMNS = (*MESSAGE_COLUMNS, "pricing_type", "country", "business_account", "bsuid")
_LINE = tuple(Line.__dataclass_fields__)

#: The rules of 2026 as partners report them, with a small allowance so that tests reach it.
RULES_2026 = (
    Rule(date(2025, 7, 1), "*", "always", "charged"),
    Rule(date(2025, 7, 1), "*", "free_entry_point", "free"),
    Rule(date(2025, 7, 1), "service", "always", "free"),
    Rule(date(2025, 7, 1), "utility", "open_window", "free"),
    Rule(date(2026, 10, 1), "service", "always", "charged", "utility", 3),
    Rule(date(2026, 10, 1), "utility", "open_window", "charged"),
    Rule(date(2025, 7, 1), "*", "group", "each_recipient"),
)
PRICES = (
    Price(date(2025, 7, 1), "marketing", "BR", "BRL", "0.30", maximum=True),
    Price(date(2025, 7, 1), "utility", "BR", "BRL", "0.04"),
    Price(date(2026, 10, 1), "utility", "BR", "BRL", "0.0425"),
    Price(date(2026, 10, 1), "utility", "BR", "BRL", "0.0375", from_message=5),
    Price(date(2025, 7, 1), "utility", "PT", "EUR", "0.020001"),
    Price(date(2025, 7, 1), "authentication", "*", "USD", "0.01"),
)


def rate_file(
    path: Path,
    prices: Iterable[Price] = PRICES,
    rules: Iterable[Rule] = RULES_2026,
    zones: dict[str, str] | None = None,
) -> Path:
    """Write a file of prices, rules and zones, as people write it."""
    lines = []
    for price in prices:
        lines += [
            "[[rate]]",
            f"valid_from = {price.valid_from}",
            f'category = "{price.category}"',
            f'country = "{price.country}"',
            f'currency = "{price.currency}"',
            f'price = "{price.price}"',
            f"from_message = {price.from_message}",
            f"maximum = {str(price.maximum).lower()}",
        ]
    for rule in rules:
        lines += [
            "[[rule]]",
            f"valid_from = {rule.valid_from}",
            f'category = "{rule.category}"',
            f'case = "{rule.case}"',
            f'charge = "{rule.charge}"',
        ]
        if rule.price_of:
            lines.append(f'price_of = "{rule.price_of}"')
        if rule.free_each_month:
            lines.append(f"free_each_month = {rule.free_each_month}")
    for account, zone in (zones or {}).items():
        lines += ["[[business_account]]", f'id = "{account}"', f'time_zone = "{zone}"']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@dataclass
class CostWorld:
    """A store that a test fills step by step, with the rows that it should hold."""

    here: Here
    store: Path
    cases: Rows = field(default_factory=list)
    messages: Rows = field(default_factory=list)
    costs: Costs = field(default_factory=lambda: Costs((), ()))

    def load(self, cases: Rows, messages: Rows) -> None:
        """Import these rows as one load."""
        self.store.parent.mkdir(parents=True, exist_ok=True)
        arguments: list[object] = []
        for option, columns, rows in (
            ("--cases", CASE_COLUMNS, cases),
            ("--messages", COLUMNS, messages),
        ):
            if rows:
                path = self.store.parent / f"{option[2:]}.csv"
                with path.open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, columns, restval="")
                    writer.writeheader()
                    writer.writerows(rows)
                arguments += [option, path]
        done = self.here("import", *arguments, store=self.store)
        assert done.exit_code == 0, done.stderr
        self.cases += cases
        self.messages += messages

    def import_rates(
        self,
        prices: Sequence[Price] = PRICES,
        rules: Sequence[Rule] = RULES_2026,
        zones: dict[str, str] | None = None,
    ) -> str:
        """Import prices, rules and zones; return what the command prints."""
        self.store.parent.mkdir(parents=True, exist_ok=True)
        path = rate_file(self.store.parent / "rates.toml", prices, rules, zones)
        done = self.here("rates", "import", path, store=self.store)
        assert done.exit_code == 0, done.stderr
        self.costs = Costs(tuple(prices), tuple(rules), zones=zones or self.costs.zones)
        return str(done.stdout)

    def expected(self) -> dict[str, Line]:
        """What the oracle says of each message."""
        oracle = Oracle(self.cases, self.messages)
        rows = {row["message_id"]: row for row in self.messages}
        sent = [
            _sent(message, rows[message.message_id])
            for message in oracle.messages
            if message.direction == "out"
        ]
        return self.costs.lines(sent)

    def found(self) -> dict[str, Line]:
        """What the store says of each message."""
        names = ", ".join(_LINE)
        return {row[0]: Line(*row) for row in self.ask(f"select {names} from cost_lines")}

    def ask(self, sql: str) -> list[Any]:
        """Return the rows of a question to the store's file."""
        with duckdb.connect(str(self.store), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def agree(self) -> dict[str, Line]:
        """Check every line and the roll-up; return the lines."""
        expected, found = self.expected(), self.found()
        wrong = {
            name: (expected.get(name), found.get(name))
            for name in expected.keys() | found.keys()
            if expected.get(name) != found.get(name)
        }
        assert not wrong, f"{len(wrong)} differ: {list(wrong.values())[:3]}"
        self.rollup_agrees()
        return found

    def rollup_agrees(self) -> None:
        """Check the roll-up against the rows of which it is one."""
        keys = """sent_day, opened_day, account, channel, case_type, team, direction, status, kind,
            template_name, template_category, category, charge, certainty, reason, currency"""
        of_lines = self.ask(
            f"""select {keys}, count(*), coalesce(sum(amount), 0), coalesce(sum(rate), 0),
                count(*) filter (in_window), count(extra_amount), coalesce(sum(extra_amount), 0)
            from cost_lines group by {keys} order by all"""
        )
        of_days = self.ask(
            f"""select {keys}, messages, amount, list_amount, in_window, compared, extra_amount
            from cost_days order by all"""
        )
        assert of_days == of_lines


def _sent(message: Any, row: dict[str, str]) -> Sent:
    flags = {"true": True, "false": False}
    return Sent(
        message_id=message.message_id,
        sent_at=message.sent_at,
        status=message.status,
        kind=message.kind,
        template_category=row.get("template_category") or None,
        business_account=row.get("business_account") or None,
        business_number=row.get("business_number") or None,
        country=_country(row, message.contact_phone),
        billable=flags.get(row.get("billable", "")),
        pricing_category=row.get("pricing_category") or None,
        pricing_type=row.get("pricing_type") or None,
        in_window=message.in_window,
    )


def _country(row: dict[str, str], contact: str | None) -> str | None:
    """The country that is told, else that of the phone, else that of the business-scoped id."""
    if row.get("country"):
        return row["country"]
    prefixes = {"+55": "BR", "+351": "PT", "+1212": "US", "+1416": "CA"}
    for prefix, country in prefixes.items():
        if contact and contact.startswith(prefix):
            return country
    return row["bsuid"][:2] if row.get("bsuid") else None
