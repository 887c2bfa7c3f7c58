"""Compares what messages cost with the provider's own counts, by day, category and country."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

import duckdb
import pyarrow as pa

from sources.loading.load_order import LoadOrder

#: The ``source`` of a hand-in that asks to compare costs; its file of that name is a JSON list of
#: ``ProviderCount``.
COMPARE_COSTS: Final = "compare-costs"
#: How many messages are named of each difference.
MOST_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class ProviderCount:
    """What the provider counted: charged messages of a day, category and country.

    ``day`` is in ISO 8601. ``cost`` is in millionths of ``currency``; None where it is not given.
    """

    day: str
    category: str
    country: str
    messages: int
    cost: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A day, category and country of which our count or cost differs from the provider's.

    ``unsure`` is how many of ``ours`` are charged only perhaps. ``our_cost`` and ``their_cost`` are
    in millionths; None where they are not known. ``rows`` are ids of our messages, those that are
    charged only perhaps first, ``MOST_ROWS`` at most.
    """

    day: str
    category: str | None
    country: str | None
    ours: int
    unsure: int
    theirs: int
    our_cost: int | None
    their_cost: int | None
    rows: Sequence[str]


@dataclass(frozen=True, slots=True)
class CostComparison:
    """What was compared: how many days, categories and countries, and those that differ."""

    compared: int
    differences: tuple[Difference, ...]

    def to_json(self) -> str:
        """Return this as a JSON text, which ``from_json`` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the comparison that ``to_json`` wrote as ``text``."""
        content = json.loads(text)
        return cls(
            content["compared"],
            tuple(Difference(**difference) for difference in content["differences"]),
        )


def counts_to_json(counts: list[ProviderCount]) -> str:
    """Return ``counts`` as the file of a hand-in."""
    return json.dumps([asdict(count) for count in counts])


def compare_costs(connection: duckdb.DuckDBPyConnection, order: LoadOrder) -> CostComparison:
    """Return where our charged messages differ from the counts in the file of ``order``.

    All days of the file are compared, from its first to its last; days are those of the business
    account's time zone. ``order.account`` is the account, "" for all. Changes nothing.
    """
    counts = _counts(order.files[COMPARE_COSTS])
    connection.register("provider_counts", counts)
    try:
        rows = connection.execute(
            f"""with theirs as (
                select day::date as day, category, country, sum(messages)::bigint as messages,
                    case when count(cost) = count(*) then sum(cost)::bigint end as cost
                from provider_counts group by all
            ), days as (select min(day) as first, max(day) as last from theirs),
            ours as (
                select charged_day as day, category, country, count(*) as messages,
                    count(*) filter (charge = 'perhaps') as unsure,
                    case when count(amount) = count(*) then sum(amount)::bigint end as cost,
                    list(message_id order by charge <> 'perhaps', sent_at, message_id)
                        [1:{MOST_ROWS}] as ids
                from cost_lines, days
                where charge <> 'free' and charged_day between first and last
                    and ($account = '' or account = $account)
                group by all
            )
            select coalesce(o.day, t.day)::varchar, coalesce(o.category, t.category),
                coalesce(o.country, t.country), coalesce(o.messages, 0), coalesce(o.unsure, 0),
                coalesce(t.messages, 0), o.cost, t.cost, coalesce(o.ids, [])
            from ours o full join theirs t on t.day = o.day
                and t.category is not distinct from o.category
                and t.country is not distinct from o.country
            order by all""",
            {"account": order.account},
        ).fetchall()
    finally:
        connection.unregister("provider_counts")
    found = [Difference(*row) for row in rows]
    return CostComparison(len(found), tuple(filter(_differs, found)))


def _differs(pair: Difference) -> bool:
    if pair.ours != pair.theirs:
        return True
    costs = pair.our_cost, pair.their_cost
    return None not in costs and costs[0] != costs[1]


def _counts(path: Path) -> pa.Table:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    schema = pa.schema(
        {
            "day": pa.string(),
            "category": pa.string(),
            "country": pa.string(),
            "messages": pa.int64(),
            "cost": pa.int64(),
            "currency": pa.string(),
        }
    )
    return pa.Table.from_pylist(rows, schema=schema)
