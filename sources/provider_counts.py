"""Reads an export of the provider's pricing analytics: its JSON, or a CSV of the same columns.

The JSON is the answer of the Graph API to ``pricing_analytics`` by day, with the dimensions
PRICING_CATEGORY, COUNTRY and, if wanted, PRICING_TYPE. A CSV has ``day, category, country,
messages`` and perhaps ``cost``. Only what is charged is taken: where a type is given, ``REGULAR``.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from sources.loading.cost_comparison import ProviderCount
from sources.rate_files import PARTS, BadRateFile

_MOST_BYTES: Final = 50_000_000
_MOST_MESSAGES: Final = 10**12
_CHARGED: Final = "REGULAR"
_NEEDED: Final = ("day", "category", "country", "messages")
_OPTIONAL: Final = ("cost",)
_MOST_COST: Final = 10**9


def read_provider_counts(path: Path, zone: tzinfo) -> list[ProviderCount]:
    """Return the counts of the export at ``path``; the moments of a JSON are days of ``zone``.

    Raises ``BadRateFile`` with one sentence, and ``OSError``.
    """
    content = path.read_bytes()
    if len(content) > _MOST_BYTES:
        raise BadRateFile(f"{path.name} is larger than 50 MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRateFile(f"{path.name} is not UTF-8") from None
    is_json = text.lstrip()[:1] in ("{", "[")
    counts = list(_of_json(path.name, text, zone) if is_json else _of_csv(path.name, text))
    if not counts:
        raise BadRateFile(f"{path.name} holds no counts of charged messages")
    return counts


def _of_json(name: str, text: str, zone: tzinfo) -> Iterator[ProviderCount]:
    try:
        points = list(_data_points(json.loads(text, parse_float=Decimal)))
    except (ValueError, RecursionError):
        raise BadRateFile(f"{name} is not JSON") from None
    for number, point in enumerate(points, 1):
        where = f"{name}, data point {number}"
        if point.get("pricing_type", _CHARGED) != _CHARGED:
            continue
        start = point.get("start")
        if type(start) is not int or not 0 < start < 2**32:
            raise BadRateFile(f"{where}, start: it is not a time in seconds since 1970")
        day = datetime.fromtimestamp(start, UTC).astimezone(zone).date()
        given = {
            "category": point.get("pricing_category"),
            "country": point.get("country"),
            "messages": point.get("volume"),
            "cost": point.get("cost"),
        }
        yield _count(where, day, given)


def _data_points(content: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every object of every list ``data_points``, wherever they are in the answer."""
    if isinstance(content, list):
        for part in content:
            yield from _data_points(part)
    elif isinstance(content, dict):
        for key, part in content.items():
            if key == "data_points" and isinstance(part, list):
                yield from (point for point in part if isinstance(point, dict))
            else:
                yield from _data_points(part)


def _of_csv(name: str, text: str) -> Iterator[ProviderCount]:
    head = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text), delimiter=";" if ";" in head else ",", strict=True, restkey="more"
    )
    columns = reader.fieldnames or []
    for column in _NEEDED:
        if column not in columns:
            raise BadRateFile(f"{name}, line 1: the column {column} is missing")
    try:
        for row in reader:
            where = f"{name}, line {reader.line_num}"
            if "more" in row or None in row.values():
                raise BadRateFile(f"{where}: it has not as many values as columns")
            try:
                day = date.fromisoformat(row["day"].strip())
            except ValueError:
                raise BadRateFile(f"{where}, day: it is not a day as 2026-10-01") from None
            yield _count(where, day, row)
    except csv.Error as error:
        raise BadRateFile(f"{name}, line {reader.line_num}: {error}") from None


def _count(where: str, day: date, row: Mapping[str, Any]) -> ProviderCount:
    texts = {}
    for column in ("category", "country"):
        if not isinstance(row.get(column), str) or not row[column].strip():
            raise BadRateFile(f"{where}, {column}: it is missing")
        texts[column] = row[column].strip()
    return ProviderCount(
        day.isoformat(),
        texts["category"].lower().replace("-", "_"),
        texts["country"].upper(),
        _whole(where, row.get("messages")),
        _cost(where, row.get("cost")),
    )


def _whole(where: str, value: object) -> int:
    text = str(value).strip()
    if not text.isdecimal() or not text.isascii() or int(text[:20]) > _MOST_MESSAGES:
        raise BadRateFile(f"{where}, messages: it is not a whole number")
    return int(text)


def _cost(where: str, value: object) -> int | None:
    text = "" if value is None else str(value).strip().replace(",", ".")
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or not 0 <= amount < _MOST_COST:
        raise BadRateFile(f"{where}, cost: it is not an amount")
    return round(amount * PARTS)
