"""The panel ``indicators``: one row of figures of the period, and the same of the period before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Double,
    String,
    cast,
    func,
    null,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine

from queries.columns import (
    Column,
    Kind,
    names,
    of_period_before,
    pgettext_noop,
)
from queries.filters import Basis
from queries.frames import frame_of
from queries.panel import PanelRequest, SummaryQuery
from queries.panels.cost import cost_table, counted
from queries.result import ResultSet
from queries.rollup_choice import case_counts, message_counts
from queries.selected_rows import (
    OPENED,
    RESPONDED,
    cases_within,
    message_day,
    selected_messages,
)
from queries.sql_functions import Statement, column_at, percentiles, whole_sum
from queries.tables import cases, messages
from queries.vocabulary import ARRIVED, KINDS, NOT_SENT_OUT
from queries.waits import selected_waits, wait_counts

Row = Mapping[str, Any]

FIGURES: Final = (
    Column("messages", Kind.COUNT, pgettext_noop("", "Messages"), "all messages"),
    Column("sent_messages", Kind.COUNT, pgettext_noop("", "Messages sent"), "outgoing messages"),
    Column(
        "received_messages",
        Kind.COUNT,
        pgettext_noop("", "Messages received"),
        "incoming messages",
    ),
    Column(
        "delivery_rate",
        Kind.SHARE,
        pgettext_noop("", "Delivery rate"),
        "outgoing messages delivered or read ÷ messages sent out (outgoing, status neither `new` "
        "nor `unknown`)",
    ),
    Column(
        "read_rate",
        Kind.SHARE,
        pgettext_noop("", "Read rate"),
        "outgoing messages read ÷ outgoing messages delivered or read",
    ),
    Column(
        "failure_rate",
        Kind.SHARE,
        pgettext_noop("", "Failure rate"),
        "outgoing messages failed ÷ messages sent out",
    ),
    Column(
        "cases_created",
        Kind.COUNT,
        pgettext_noop("", "Cases created"),
        "cases opened in the period",
    ),
    Column(
        "cases_attended",
        Kind.COUNT,
        pgettext_noop("", "Cases attended"),
        "by message date, cases first attended in the period; by case opening, those opened in it "
        "that are attended by now",
    ),
    Column(
        "attended_share",
        Kind.SHARE,
        pgettext_noop("", "Share of cases attended"),
        "`cases_attended` ÷ `cases_created`, by case opening; null by message date",
    ),
    Column(
        "median_first_response_seconds",
        Kind.SECONDS,
        pgettext_noop("", "Median first response (s)"),
        "the median over cases of the time from the customer's first message to the first message "
        "of a person (no bot) after it. By message date, cases whose first response lies in the "
        "period; by case opening, cases opened in it",
    ),
    Column(
        "p90_first_response_seconds",
        Kind.SECONDS,
        pgettext_noop("", "P90 first response (s)"),
        "the 90th percentile of the same times",
    ),
    Column(
        "waits",
        Kind.COUNT,
        pgettext_noop("", "Waits"),
        "waits whose first message is selected. A wait begins with the customer's first message of "
        "a case, or the first after a message of a person (no bot), and ends with the next message "
        "of a person",
    ),
    Column(
        "median_reply_seconds",
        Kind.SECONDS,
        pgettext_noop("", "Median reply (s)"),
        "the median of how long those of these waits lasted that ended",
    ),
    Column(
        "within_target_share",
        Kind.SHARE,
        pgettext_noop("", "Within target"),
        "of these waits that ended, or that are older than the target, the share that ended within "
        "it. The target is `CONSUMO_REPLY_TARGET_MINUTES`",
    ),
)
#: The same figures of the period before.
PREVIOUS_FIGURES: Final = of_period_before(FIGURES)
#: Delivery rate and read rate of HSMs and of free text apart, for the period only. API answers do
#: not have them, because the contract fixes the columns of the API.
RATES_BY_KIND: Final = (
    Column(
        "hsm_delivery_rate",
        Kind.SHARE,
        pgettext_noop("", "Delivery rate of HSM"),
        "`delivery_rate` of messages of the kind `hsm`",
        in_api=False,
    ),
    Column(
        "session_delivery_rate",
        Kind.SHARE,
        pgettext_noop("", "Delivery rate of WApp"),
        "`delivery_rate` of messages of the kind `session`",
        in_api=False,
    ),
    Column(
        "hsm_read_rate",
        Kind.SHARE,
        pgettext_noop("", "Read rate of HSM"),
        "`read_rate` of messages of the kind `hsm`",
        in_api=False,
    ),
    Column(
        "session_read_rate",
        Kind.SHARE,
        pgettext_noop("", "Read rate of WApp"),
        "`read_rate` of messages of the kind `session`",
        in_api=False,
    ),
)
#: How many messages and cases the figures are of: the page needs them to tell a change from chance,
#: and to say why a figure is not known.
SAMPLES: Final = (
    Column(
        "sent_out_messages",
        Kind.COUNT,
        ("", ""),
        "messages sent out: outgoing, status neither `new` nor `unknown`",
        in_api=False,
        in_download=False,
    ),
    Column(
        "arrived_messages",
        Kind.COUNT,
        ("", ""),
        "outgoing messages delivered or read",
        in_api=False,
        in_download=False,
    ),
    Column(
        "unconfirmed_messages",
        Kind.COUNT,
        ("", ""),
        "outgoing messages of the status `unknown`",
        in_api=False,
        in_download=False,
    ),
    Column(
        "first_responses",
        Kind.COUNT,
        ("", ""),
        "cases whose time to the first response is one of those of the median",
        in_api=False,
        in_download=False,
    ),
    Column(
        "replies",
        Kind.COUNT,
        ("", ""),
        "waits that ended",
        in_api=False,
        in_download=False,
    ),
    Column(
        "judged_waits",
        Kind.COUNT,
        ("", ""),
        "waits that ended or are older than the target",
        in_api=False,
        in_download=False,
    ),
)
PREVIOUS_SAMPLES: Final = tuple(
    replace(
        sample,
        name=f"previous_{sample.name}",
        meaning=f"`{sample.name}` of the period before",
    )
    for sample in SAMPLES
)
#: What messages cost, for the period only. API answers do not have them: see ``RATES_BY_KIND``.
COSTS: Final = (
    Column(
        "billable_messages",
        Kind.COUNT,
        pgettext_noop("", "Billable messages"),
        "messages that are charged, or perhaps are; null where nothing is known of charges",
        in_api=False,
    ),
    Column(
        "perhaps_billable_messages",
        Kind.COUNT,
        pgettext_noop("", "Perhaps billable messages"),
        "how many of these are charged only perhaps",
        in_api=False,
    ),
    Column(
        "unpriced_messages",
        Kind.COUNT,
        pgettext_noop("", "Billable messages without a price"),
        "how many of these cost nobody knows what",
        in_api=False,
    ),
    Column(
        "costs",
        Kind.AMOUNTS,
        ("", ""),
        "what the billable messages cost, by currency",
        in_api=False,
        in_download=False,
    ),
)
COLUMNS: Final = (
    *(*FIGURES, *PREVIOUS_FIGURES, *RATES_BY_KIND, *COSTS),
    *(*SAMPLES, *PREVIOUS_SAMPLES),
)
_NAMES: Final = names(COLUMNS)

#: What the SELECT counts, with the type of each column of the UNION; times are in seconds.
_COUNTED: Final[Mapping[str, TypeEngine[Any]]] = {
    "messages": BigInteger(),
    "created": BigInteger(),
    "attended": BigInteger(),
    "responses": BigInteger(),
    "percentiles": ARRAY(Double()),
    "waits": BigInteger(),
    "replies": BigInteger(),
    "judged_waits": BigInteger(),
    "replies_in_time": BigInteger(),
    "reply_times": ARRAY(Double()),
    "currency": String(),
    "charge": String(),
    "certainty": String(),
    "cost_messages": BigInteger(),
    "amount": BigInteger(),
}
#: A null in the place of each of them.
_NOTHING: Final = {name: cast(null(), type_).label(name) for name, type_ in _COUNTED.items()}
#: What the page does not show.
_OF_WAITS: Final = tuple(
    prefix + name
    for prefix in ("", "previous_")
    for name in ("waits", "median_reply_seconds", "within_target_share", "replies", "judged_waits")
)
#: In place of direction, status and kind, where no messages are counted.
_NO_KIND: Final = (null(), null(), null())


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of counts from which ``shape`` computes the figures, in five sorts of rows.

    ``is_previous`` is true in rows about the days before (``PanelRequest.before``). Of the other
    columns a row has either ``messages`` with ``direction``, ``status`` and ``kind``, or cases
    ``created`` and ``attended``, or ``percentiles`` (median and 90th percentile of the times to the
    first response, in seconds) with ``responses``, how many times they are of, or what
    ``wait_counts`` counts, or ``cost_messages`` and their ``amount``, alike in ``currency``,
    ``charge`` and ``certainty``; the others are null. It is a UNION ALL of SELECTs, which engines
    plan faster than a join. The page shows no figures of waits, so its SELECT has no rows of them.
    """
    parts = [_of_messages, _of_cases, _of_responses, _of_costs]
    if not request.table.is_for_page:
        parts.append(_of_waits)
    return select(union_all(*(part(request) for part in parts)).subquery("parts"))


def shape(result: ResultSet, request: PanelRequest) -> pd.DataFrame:
    """Return a frame of one row of ``COLUMNS`` from the rows of ``query``.

    Rates and shares are from 0 to 1, times in seconds. Of outgoing messages: delivery rate =
    (delivered or read) / sent out; read rate = read / (delivered or read); failure rate = failed /
    sent out, where sent out means a status neither ``new`` nor ``unknown``. Share of cases attended
    = attended / created with the basis ``opened``, else None. Share within the target = replies in
    time / judged waits. A rate is None where it would divide by 0, a time where no case had a first
    response, or no wait ended. On the page all figures of waits are None.
    """
    rows = list(result.records())
    of_now = [row for row in rows if not row["is_previous"]]
    of_before = [row for row in rows if row["is_previous"]]
    before = _figures(of_before, request.filters.basis) | _samples(of_before)
    row = (
        _figures(of_now, request.filters.basis)
        | _samples(of_now)
        | _rates_by_kind(of_now)
        | _costs(of_now)
        | {f"previous_{name}": value for name, value in before.items()}
    )
    if request.table.is_for_page:
        row |= dict.fromkeys(_OF_WAITS)
    return frame_of([[row[name] for name in _NAMES]], _NAMES)


def _of_messages(request: PanelRequest) -> Statement:
    counts = message_counts(request.filters, request.scope, request.before)
    is_previous = _is_previous(counts.day, request)
    table = counts.table.c
    kind_of = (table.direction, table.status, table.kind)
    counted = {"messages": counts.messages()}
    return (
        select(is_previous, *kind_of, *_filled(counted))
        .where(counts.selected)
        .group_by(column_at(1), *kind_of)
    )


def _of_cases(request: PanelRequest) -> Statement:
    counts = case_counts(request.filters, request.scope, request.before)
    is_previous = _is_previous(counts.c.day, request)
    counted = {name: whole_sum(counts.c[name]) for name in ("created", "attended")}
    return select(is_previous, *_NO_KIND, *_filled(counted)).group_by(column_at(1))


def _of_responses(request: PanelRequest) -> Statement:
    seconds = cases.c.first_response_seconds
    by_opening = request.filters.basis is Basis.OPENED
    is_previous = _is_previous((OPENED if by_opening else RESPONDED).day, request)
    within = cases_within(RESPONDED, request.filters, request.scope, request.before)
    counted: dict[str, ColumnElement[Any]] = {
        "responses": func.count(),
        "percentiles": percentiles(seconds),
    }
    return (
        select(is_previous, *_NO_KIND, *_filled(counted))
        .where(within, seconds.is_not(None))
        .group_by(column_at(1))
    )


def _of_waits(request: PanelRequest) -> Statement:
    is_previous = _is_previous(message_day(messages, request.filters), request)
    return (
        select(is_previous, *_NO_KIND, *_filled(wait_counts(request)))
        .where(selected_waits(request))
        .group_by(column_at(1))
    )


def _of_costs(request: PanelRequest) -> Statement:
    """Return the SELECT of costs of the period: ``is_previous`` is false in all of its rows."""
    table = cost_table(request)
    is_previous = _is_previous(message_day(table, request.filters), request)
    keys = (table.c.currency, table.c.charge, table.c.certainty)
    counted_costs: dict[str, ColumnElement[Any]] = {
        "currency": table.c.currency,
        "charge": cast(table.c.charge, String()),
        "certainty": cast(table.c.certainty, String()),
        "cost_messages": counted(table),
        "amount": whole_sum(table.c.amount),
    }
    return (
        select(is_previous, *_NO_KIND, *_filled(counted_costs))
        .where(selected_messages(request.filters, request.scope, table))
        .group_by(column_at(1), *keys)
    )


def _costs(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the values of ``COSTS`` of ``rows``, those of the period."""
    of_costs = [row for row in rows if row["cost_messages"] is not None]
    if not of_costs:
        return dict.fromkeys(names(COSTS))
    charged = [row for row in of_costs if row["charge"] != "free"]
    sums: Counter[str] = Counter()
    bounds: set[str] = set()
    for row in charged:
        if row["certainty"] != "unknown":
            sums[row["currency"]] += int(row["amount"])
            if row["certainty"] == "upper_bound":
                bounds.add(row["currency"])

    def number(column: str, value: str) -> int:
        return sum(int(row["cost_messages"]) for row in charged if row[column] == value)

    return {
        "billable_messages": sum(int(row["cost_messages"]) for row in charged),
        "perhaps_billable_messages": number("charge", "perhaps"),
        "unpriced_messages": number("certainty", "unknown"),
        "costs": tuple((name, sums[name], name in bounds) for name in sorted(sums)),
    }


def _is_previous(day: ColumnElement[Any], request: PanelRequest) -> ColumnElement[bool]:
    return (day < request.filters.span.start).label("is_previous")


def _filled(counted: Mapping[str, ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """Return the columns of ``_COUNTED``: those that are counted, and a null for each other one."""
    return [
        counted[name].label(name) if name in counted else nothing
        for name, nothing in _NOTHING.items()
    ]


def _figures(rows: Sequence[Row], basis: Basis) -> dict[str, float | int | None]:
    out = _by_status(rows)
    received = sum(int(row["messages"]) for row in rows if row["direction"] == "in")
    sent_out, arrived = _sent_out(out), _arrived(out)
    created, attended = (_sum(rows, name) for name in ("created", "attended"))
    median, p90 = _measured(rows, "percentiles")
    reply, _ = _measured(rows, "reply_times")
    waits, judged, in_time = (
        _sum(rows, name) for name in ("waits", "judged_waits", "replies_in_time")
    )
    return {
        "messages": out.total() + received,
        "sent_messages": out.total(),
        "received_messages": received,
        "delivery_rate": _share(arrived, sent_out),
        "read_rate": _share(out["read"], arrived),
        "failure_rate": _share(out["failed"], sent_out),
        "cases_created": created,
        "cases_attended": attended,
        "attended_share": _share(attended, created) if basis is Basis.OPENED else None,
        "median_first_response_seconds": _known(median),
        "p90_first_response_seconds": _known(p90),
        "waits": waits,
        "median_reply_seconds": _known(reply),
        "within_target_share": _share(in_time, judged),
    }


def _sum(rows: Sequence[Row], name: str) -> int:
    return sum(int(row[name]) for row in rows if row[name] is not None)


def _measured(rows: Sequence[Row], name: str) -> Sequence[float | None]:
    """Return the median and the 90th percentile in the only row that has ``name``, if any."""
    return next((row[name] for row in rows if row[name] is not None), (None, None))


def _samples(rows: Sequence[Row]) -> dict[str, int]:
    """Return the values of ``SAMPLES`` of ``rows``, those of one period."""
    out = _by_status(rows)
    return {
        "sent_out_messages": _sent_out(out),
        "arrived_messages": _arrived(out),
        "unconfirmed_messages": out["unknown"],
        "first_responses": _sum(rows, "responses"),
        "replies": _sum(rows, "replies"),
        "judged_waits": _sum(rows, "judged_waits"),
    }


def _rates_by_kind(rows: Sequence[Row]) -> dict[str, float | None]:
    rates: dict[str, float | None] = {}
    for kind in KINDS:
        out = _by_status([row for row in rows if row["kind"] == kind])
        rates[f"{kind}_delivery_rate"] = _share(_arrived(out), _sent_out(out))
        rates[f"{kind}_read_rate"] = _share(out["read"], _arrived(out))
    return rates


def _by_status(rows: Sequence[Row]) -> Counter[str]:
    """Return the number of outgoing messages of ``rows`` by status."""
    out: Counter[str] = Counter()
    for row in rows:
        if row["direction"] == "out":
            out[row["status"]] += int(row["messages"])
    return out


def _sent_out(out: Counter[str]) -> int:
    return sum(count for status, count in out.items() if status not in NOT_SENT_OUT)


def _arrived(out: Counter[str]) -> int:
    return sum(out[status] for status in ARRIVED)


def _share(part: int, total: int) -> float | None:
    return part / total if total else None


def _known(seconds: float | None) -> float | None:
    return None if seconds is None else float(seconds)


PANEL: Final = SummaryQuery(
    slug="indicators",
    compares=True,
    summary="One row of figures of the period, and each again as `previous_…` for the period "
    "before. Rates are shares from 0 to 1, null where they would divide by 0.",
    columns=COLUMNS,
    query=query,
    shape=shape,
)
