"""Reads files of prices and of rules of costs: TOML with everything, or CSV with prices only.

Reading is strict: whatever is odd ends it with one sentence that says where and why. Prices become
whole millionths of their currency, so that no sum of them is ever rounded. docs/costs.md describes
the files.
"""

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from zoneinfo import available_timezones

from queries.vocabulary import RULE_CASES, RULE_CHARGES

#: An amount is a whole number of these parts of a currency.
PARTS: Final = 1_000_000
_DECIMALS: Final = 6
_MOST_BYTES: Final = 10_000_000
_MOST_PRICE: Final = Decimal(1000)
_YEARS: Final = range(2000, 2101)
_MOST_MESSAGES: Final = 10**12
_CATEGORY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_PRICE: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,12})?")
_EVERY: Final = "*"
_NAMES: Final = {
    "rate": "rates",
    "rule": "rules",
    "business_account": "business_accounts",
}
_RATE_KEYS: Final = ("valid_from", "category", "country", "currency", "price")
_RATE_OPTIONS: Final = ("from_message", "maximum")
_RULE_KEYS: Final = ("valid_from", "category", "case", "charge")
_RULE_OPTIONS: Final = ("price_of", "free_each_month")
_ACCOUNT_KEYS: Final = ("id", "time_zone")

_Row = TypeVar("_Row")


class BadRateFile(ValueError):
    """A file of prices or rules cannot be taken; the text is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One price, in millionths of ``currency``; the columns are those of ``cost_rates``."""

    valid_from: date
    category: str
    country: str
    currency: str
    from_message: int
    price: int
    is_maximum: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; the columns are those of ``cost_rules``."""

    valid_from: date
    category: str
    applies: str
    charge: str
    rate_category: str | None
    free_each_month: int


@dataclass(frozen=True, slots=True)
class BusinessAccount:
    """The time zone of a business account; the columns are those of ``business_accounts``."""

    business_account: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class RateFile:
    """What a file holds. A kind that the file does not name is None: what is stored then stays."""

    rates: tuple[Rate, ...] | None = None
    rules: tuple[Rule, ...] | None = None
    business_accounts: tuple[BusinessAccount, ...] | None = None

    def to_json(self) -> str:
        """Return this as a JSON text, which ``from_json`` reads."""
        return json.dumps(asdict(self), default=date.isoformat)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what ``to_json`` wrote as ``text``. Raises ``ValueError`` or ``TypeError``."""
        content = json.loads(text)

        def rows(name: str, made: Callable[..., _Row]) -> tuple[_Row, ...] | None:
            given = content[name]
            return None if given is None else tuple(made(**_with_day(row)) for row in given)

        return cls(
            rows("rates", Rate), rows("rules", Rule), rows("business_accounts", BusinessAccount)
        )


def read_rate_file(path: Path) -> RateFile:
    """Return what the file at ``path`` holds; its name ends in ``.toml`` or ``.csv``.

    Raises ``BadRateFile``, and ``OSError`` if it cannot be read.
    """
    content = path.read_bytes()
    if len(content) > _MOST_BYTES:
        raise BadRateFile(f"{path.name} is larger than 10 MB, so it is no list of prices")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadRateFile(f"{path.name}, line {line}: it is not UTF-8") from None
    if "\0" in text:
        raise BadRateFile(f"{path.name} holds a NUL character, so it is no text")
    match path.suffix.lower():
        case ".toml":
            return _read_toml(path.name, text)
        case ".csv":
            return RateFile(rates=_read_csv(path.name, text))
    raise BadRateFile(f"{path.name}: the name must end in .toml or .csv")


def _with_day(row: Mapping[str, Any]) -> dict[str, Any]:
    if "valid_from" not in row:
        return dict(row)
    return {**row, "valid_from": date.fromisoformat(row["valid_from"])}


# --- TOML and CSV ---------------------------------------------------------------------------------


def _read_toml(name: str, text: str) -> RateFile:
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        why = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "nested too deeply"
        raise BadRateFile(f"{name} is not TOML: {why}") from None
    if unknown := sorted(content.keys() - _NAMES.keys()):
        raise BadRateFile(f"{name}: unknown part {_quoted(unknown[0])}: use {_listed(_NAMES)}")
    if not content:
        raise BadRateFile(f"{name} holds nothing: no [[rate]], [[rule]] or [[business_account]]")
    lines = text.splitlines()
    entries = {kind: list(_toml_entries(name, kind, rows, lines)) for kind, rows in content.items()}
    return RateFile(
        _rates(entries["rate"]) if "rate" in entries else None,
        _rules(entries["rule"]) if "rule" in entries else None,
        _accounts(entries["business_account"]) if "business_account" in entries else None,
    )


def _toml_entries(name: str, kind: str, rows: object, lines: list[str]) -> Iterable["_Entry"]:
    """Yield the tables of one kind; the line of each is that of its heading, where it has one."""
    headings = [n for n, line in enumerate(lines, 1) if line.strip().startswith(f"[[{kind}]]")]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadRateFile(f"{name}: write {kind} as [[{kind}]]")
    for number, row in enumerate(rows, 1):
        line = f"line {headings[number - 1]}, " if len(headings) == len(rows) else ""
        yield _Entry(f"{name}, {line}{kind} {number}", row)


def _read_csv(name: str, text: str) -> tuple[Rate, ...]:
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ",", strict=True)
    entries: list[_Entry] = []
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _csv_columns(name, cells)
                continue
            where = f"{name}, line {reader.line_num}"
            if len(cells) != len(columns):
                raise BadRateFile(f"{where}: {len(cells)} values for {len(columns)} columns")
            row = {
                column: cell.strip()
                for column, cell in zip(columns, cells, strict=True)
                if cell.strip()
            }
            entries.append(_Entry(where, row))
    except csv.Error as error:
        raise BadRateFile(f"{name}, line {reader.line_num}: {error}") from None
    if not entries:
        raise BadRateFile(f"{name} holds no prices")
    return _rates(entries)


def _csv_columns(name: str, cells: list[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    known = (*_RATE_KEYS, *_RATE_OPTIONS)
    for column in columns:
        if column not in known:
            raise BadRateFile(
                f"{name}, line 1: unknown column {_quoted(column)}: use {_listed(known)}"
            )
        if columns.count(column) > 1:
            raise BadRateFile(f"{name}, line 1: the column {column} is there twice")
    for column in _RATE_KEYS:
        if column not in columns:
            raise BadRateFile(f"{name}, line 1: the column {column} is missing")
    return columns


# --- entries --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """The values of one price, rule or account by key, and ``where`` it stands in the file."""

    where: str
    values: Mapping[str, Any]

    def check_keys(self, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
        for key in self.values:
            if key not in (*needed, *optional):
                known = _listed((*needed, *optional))
                raise BadRateFile(f"{self.where}: unknown key {_quoted(key)}: use {known}")
        for key in needed:
            if key not in self.values:
                raise BadRateFile(f"{self.where}, {key}: it is missing")

    def refuse(self, key: str, why: str) -> BadRateFile:
        """Return the error of the value of ``key``; raise it."""
        return BadRateFile(f"{self.where}, {key}: {_quoted(self.values.get(key))} {why}")

    def text(self, key: str, pattern: re.Pattern[str], what: str, *, every: bool = False) -> str:
        value = self.values[key]
        if isinstance(value, str) and (pattern.fullmatch(value) or (every and value == _EVERY)):
            return value
        raise self.refuse(key, f"is not {what}")

    def one_of(self, key: str, words: Iterable[str]) -> str:
        value = self.values[key]
        if value in words:
            return str(value)
        raise self.refuse(key, f"is not one of {_listed(words)}")

    def day(self, key: str) -> date:
        value = self.values[key]
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                raise self.refuse(key, "is no day") from None
        if type(value) is not date or value.year not in _YEARS:
            raise self.refuse(key, "is not a day from 2000 to 2100 as 2026-10-01")
        return value

    def whole(self, key: str, least: int, default: int) -> int:
        value = self.values.get(key, default)
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
            value = int(value)
        if type(value) is not int or not least <= value <= _MOST_MESSAGES:
            raise self.refuse(key, f"is not a whole number from {least}")
        return value

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if isinstance(value, str):
            value = {"true": True, "false": False}.get(value.lower())
        if not isinstance(value, bool):
            raise self.refuse(key, "is neither true nor false")
        return value

    def price(self, key: str) -> int:
        """Return an amount in millionths; a text may have a decimal comma."""
        value = self.values[key]
        text = str(value).replace(",", ".") if not isinstance(value, bool) else ""
        try:
            amount = Decimal(text) if _PRICE.fullmatch(text) else None
        except InvalidOperation:  # pragma: no cover - the pattern lets none through
            amount = None
        if amount is None or amount >= _MOST_PRICE:
            raise self.refuse(key, "is not a price from 0 to 1,000 as 0.0350")
        if amount != round(amount, _DECIMALS):
            raise self.refuse(key, "has more than six decimals")
        return int(amount * PARTS)


def _rates(entries: list[_Entry]) -> tuple[Rate, ...]:
    rates = tuple(_rate(entry) for entry in entries)
    _check_once(
        entries,
        [(rate.valid_from, rate.category, rate.country, rate.from_message) for rate in rates],
        "the same day, category, country and first message",
    )
    lists: dict[tuple[date, str, str], set[str]] = {}
    for entry, rate in zip(entries, rates, strict=True):
        currencies = lists.setdefault((rate.valid_from, rate.category, rate.country), set())
        currencies.add(rate.currency)
        if len(currencies) > 1:
            raise entry.refuse("currency", "differs from another tier of the same prices")
    begun = {(rate.valid_from, rate.category, rate.country) for rate in rates if is_first(rate)}
    for entry, rate in zip(entries, rates, strict=True):
        if (rate.valid_from, rate.category, rate.country) not in begun:
            raise entry.refuse("from_message", "has no price before it: one must begin at 1")
    return rates


def is_first(rate: Rate) -> bool:
    """Return whether ``rate`` is the price of the first message of a month."""
    return rate.from_message == 1


def _rate(entry: _Entry) -> Rate:
    entry.check_keys(_RATE_KEYS, _RATE_OPTIONS)
    return Rate(
        entry.day("valid_from"),
        entry.text("category", _CATEGORY, "a category as utility"),
        entry.text("country", _COUNTRY, "a country in two letters as BR, or *", every=True),
        entry.text("currency", _CURRENCY, "a currency in three letters as BRL"),
        entry.whole("from_message", 1, 1),
        entry.price("price"),
        entry.flag("maximum"),
    )


def _rules(entries: list[_Entry]) -> tuple[Rule, ...]:
    rules = tuple(_rule(entry) for entry in entries)
    keys = [(rule.valid_from, rule.category, rule.applies) for rule in rules]
    _check_once(entries, keys, "the same day, category and case")
    return rules


def _rule(entry: _Entry) -> Rule:
    entry.check_keys(_RULE_KEYS, _RULE_OPTIONS)
    case = entry.one_of("case", RULE_CASES)
    charge = entry.one_of("charge", RULE_CHARGES)
    if charge == "each_recipient" and case != "group":
        raise entry.refuse("charge", "is for the case group only")
    if case == "group" and charge == "free":
        raise entry.refuse("charge", "is not for the case group")
    options = [key for key in _RULE_OPTIONS if key in entry.values]
    if options and (charge != "charged" or case == "group"):
        raise entry.refuse(options[0], "is for messages that are charged, in no group")
    price_of = None
    if "price_of" in entry.values:
        price_of = entry.text("price_of", _CATEGORY, "a category as utility")
    return Rule(
        entry.day("valid_from"),
        entry.text("category", _CATEGORY, "a category as utility, or *", every=True),
        case,
        charge,
        price_of,
        entry.whole("free_each_month", 0, 0),
    )


def _accounts(entries: list[_Entry]) -> tuple[BusinessAccount, ...]:
    zones = available_timezones()
    accounts = []
    for entry in entries:
        entry.check_keys(_ACCOUNT_KEYS)
        identifier = entry.text("id", re.compile(r"\S{1,64}"), "an id as text")
        if entry.values["time_zone"] not in zones:
            raise entry.refuse("time_zone", "is no time zone as America/Sao_Paulo")
        accounts.append(BusinessAccount(identifier, str(entry.values["time_zone"])))
    _check_once(entries, [account.business_account for account in accounts], "the same id")
    return tuple(accounts)


def _check_once(entries: list[_Entry], keys: list[Any], what: str) -> None:
    seen: dict[Any, str] = {}
    for entry, key in zip(entries, keys, strict=True):
        if key in seen:
            raise BadRateFile(f"{entry.where}: {what} as {seen[key]}")
        seen[key] = entry.where


def _quoted(value: object) -> str:
    """Return ``value`` for a sentence: in quotes, on one line, cut where it is long."""
    text = json.dumps(str(value), ensure_ascii=True)
    longest = 60
    return text if len(text) <= longest else f'{text[:longest]}…"'


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
