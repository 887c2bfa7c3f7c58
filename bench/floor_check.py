"""Compare the floor's numbers with ours: a floor with other numbers would prove nothing."""

from collections import Counter
from collections.abc import Mapping
from math import isclose
from typing import Any, Final

import pandas as pd

from bench.floor import FloorRows, Rows
from queries.columns import names
from queries.filters import Basis
from queries.panels import (
    cases,
    cost,
    details,
    failures,
    hsm_in_window,
    indicators,
    messages_by_origin,
    messages_by_status,
    templates,
)
from queries.reader import Answer

#: Figures of ``indicators`` that the hand-written SQL does not compute: of waits, and what the page
#: needs to tell a change from chance. Their time is part of ours, not of its. Both ask for what the
#: month's end is projected from, but no number of that is compared.
_NOT_IN_FLOOR: Final = frozenset(
    {
        *("waits", "median_reply_seconds", "within_target_share"),
        *names(indicators.SAMPLES),
    }
)
#: What ``by`` is in rows of ``FloorRows.costs`` that are counted by category.
_BY_CATEGORY: Final = 2
#: Values by a name such as "origin out" or "indicators messages": numbers, or lists in order.
Figures = dict[str, Any]


def differences(ours: Figures, floor: Figures) -> list[str]:
    """Return one sentence for each value that differs; an empty list where all are equal.

    Numbers with a fraction may differ by 10^-9 of their size.
    """
    return [
        f"{name}: ours {ours.get(name)}, floor {floor.get(name)}"
        for name in sorted(ours.keys() | floor.keys())
        if not _is_equal(ours.get(name), floor.get(name))
    ]


def our_figures(answers: Mapping[str, Answer]) -> Figures:
    """Return the values of our answers, which are given by slug; zeros are left out."""
    origin = answers[messages_by_origin.PANEL.slug].frame
    figures: Figures = {f"origin {d}": int(n) for d, n in _sums(origin, "direction").items()}
    for row in answers[messages_by_status.PANEL.slug].frame.itertuples():
        figures[f"status {row.direction} {row.status}"] = row.messages
    of_cases = answers[cases.PANEL.slug].frame
    figures |= {f"cases {name}": int(of_cases[name].sum()) for name in ("created", "attended")}
    figures["templates"] = [
        (None if pd.isna(name) else name, *(int(n) for n in numbers))
        for name, *numbers in answers[templates.PANEL.slug]
        .frame[[*names(templates.PANEL.api_columns)]]
        .itertuples(index=False)
    ]
    # The first column of failures, the action, follows from the code in the second.
    for name, panel, key in (("failures", failures, 1), ("hsm in window", hsm_in_window, 0)):
        for values in answers[panel.PANEL.slug].frame.itertuples(index=False, name=None):
            figures[f"{name} {values[key]}"] = list(values[key + 1 :])
    figures |= {
        f"indicators {name}": value
        for name, value in answers[indicators.PANEL.slug].frame.iloc[0].to_dict().items()
        if str(name).removeprefix("previous_") not in _NOT_IN_FLOOR
    }
    figures |= _our_costs(answers)
    page = answers[details.PANEL.slug]
    figures["details total"] = page.total
    figures["details page"] = page.frame["message_id"].tolist()
    return {name: value for name, value in figures.items() if value != 0}


def floor_figures(answers: FloorRows, basis: Basis) -> Figures:
    """Return the values of the floor's rows, named as in ``our_figures``; zeros are left out."""
    figures: Figures = {}
    for _, direction, count in answers.messages_by_origin:
        name = f"origin {direction}"
        figures[name] = figures.get(name, 0) + count
    figures |= {f"status {direction} {s}": n for direction, s, n in answers.messages_by_status}
    figures["cases created"] = sum(row[1] for row in answers.cases)
    figures["cases attended"] = sum(row[2] for row in answers.cases)
    figures["templates"] = _templates(answers.templates)
    figures |= {f"failures {row[0]}": list(row[1:]) for row in answers.failures}
    figures |= {f"hsm in window {row[0]}": list(row[1:]) for row in answers.hsm_in_window}
    figures |= {f"indicators {name}": rate for name, rate in _rates_by_kind(answers).items()}
    for is_now, prefix in ((True, "indicators "), (False, "indicators previous_")):
        indicators = _indicators(answers, basis, is_now=is_now)
        figures |= {prefix + name: value for name, value in indicators.items()}
    figures |= _costs(answers)
    figures["details total"] = answers.total
    figures["details page"] = [row[0] for row in answers.page]
    return {name: value for name, value in figures.items() if value != 0}


def _our_costs(answers: Mapping[str, Answer]) -> Figures:
    figures: Figures = {}
    for row in answers[cost.PANEL.slug].frame.itertuples():
        counts: list[Any] = [row.billable, row.perhaps, row.free, row.unpriced, row.amount or 0]
        name = f"cost {row.by} {row.value}"
        figures[name] = _added(figures.get(name), counts)
    extra = answers[hsm_in_window.PANEL.slug].counts
    for currency, amount in extra.get("extra_amount", {}).items():
        figures[f"extra cost {currency}"] = [amount, extra["extra_sends"][currency]]
    return figures


def _costs(answers: FloorRows) -> Figures:
    """Return the figures of the panel of costs, of extra costs, and those of the indicators."""
    figures: Figures = {}
    charged: Counter[str] = Counter()
    amounts: dict[str, tuple[int, bool]] = {}
    for by, category, template, day, currency, charge, certainty, count, amount in answers.costs:
        is_charged, unpriced = charge != "free", certainty == "unknown"
        paid = (amount or 0) * is_charged
        numbers = [is_charged, charge == "perhaps", charge == "free", is_charged and unpriced]
        values = [*(count * is_such for is_such in numbers), paid]
        keys = (f"day {day}", f"template {template}", f"category {category}")
        for key in (keys[by], *(["total None"] if by == _BY_CATEGORY else [])):
            figures[f"cost {key}"] = _added(figures.get(f"cost {key}"), values)
        if by == _BY_CATEGORY and is_charged:
            charged += Counter(billable=count, perhaps=values[1], unpriced=values[3])
            if not unpriced:
                sum_, is_bound = amounts.get(currency, (0, False))
                amounts[currency] = sum_ + paid, is_bound or certainty == "upper_bound"
    of_all = {"billable": "billable", "perhaps": "perhaps_billable", "unpriced": "unpriced"}
    known = bool(answers.costs)
    figures |= {
        f"indicators {name}_messages": charged[key] if known else None
        for key, name in of_all.items()
    }
    ordered = tuple((name, *amounts[name]) for name in sorted(amounts))
    figures["indicators costs"] = ordered if known else None
    for currency, _, compared, amount in answers.extra_costs:
        if currency is not None and compared:
            name = f"extra cost {currency}"
            figures[name] = _added(figures.get(name), [amount, compared])
    return figures


def _added(one: list[int] | None, other: list[int]) -> list[int]:
    return other if one is None else [a + b for a, b in zip(one, other, strict=True)]


def _templates(rows: Rows) -> list[tuple[Any, ...]]:
    """Return rows of name, sent, delivered, read, failed, answered.

    The order is that of the panel: most sent first, then by name, without a name last.
    """
    reach: dict[str | None, list[int]] = {}
    for name, status, count, answered in rows:
        use = reach.setdefault(name, [0] * 5)
        use[0] += count * (status not in {"new", "unknown"})
        use[1] += count * (status in {"delivered", "read"})
        use[2] += count * (status == "read")
        use[3] += count * (status == "failed")
        use[4] += answered
    named = [(name, *use) for name, use in reach.items()]
    return sorted(named, key=lambda row: (-int(row[1]), row[0] is None, str(row[0])))


def _indicators(answers: FloorRows, basis: Basis, *, is_now: bool) -> Figures:
    counted = [row[1:] for row in answers.of_messages if row[0] is is_now]
    out: Counter[str] = Counter()
    for direction, status, _, count in counted:
        out[status] += count * (direction == "out")
    received = sum(count for direction, _, _, count in counted if direction == "in")
    arrived = out.get("delivered", 0) + out.get("read", 0)
    sent_out = arrived + out.get("sent", 0) + out.get("failed", 0)
    created, attended, *attended_on_day = _row_of(answers.of_cases, is_now, (0, 0))
    share = _share(attended, created) if basis is Basis.OPENED else None
    if basis is Basis.SENT:
        # The roll-up gives this count as a third column; otherwise it has a statement of its own.
        (attended,) = attended_on_day or _row_of(answers.of_attendance, is_now, (0,))
    (quantiles,) = _row_of(answers.of_responses, is_now, (None,))
    p50, p90 = quantiles or (None, None)
    return {
        "messages": sum(out.values()) + received,
        "sent_messages": sum(out.values()),
        "received_messages": received,
        "delivery_rate": _share(arrived, sent_out),
        "read_rate": _share(out.get("read", 0), arrived),
        "failure_rate": _share(out.get("failed", 0), sent_out),
        "cases_created": created,
        "cases_attended": attended,
        "attended_share": share,
        "median_first_response_seconds": p50,
        "p90_first_response_seconds": p90,
    }


def _rates_by_kind(answers: FloorRows) -> Figures:
    """Return delivery and read rates of HSMs and of session messages, of this period."""
    rates: Figures = {}
    for kind in ("hsm", "session"):
        out: Counter[str] = Counter()
        for is_now, direction, status, of_kind, count in answers.of_messages:
            out[status] += count * (is_now and direction == "out" and of_kind == kind)
        arrived = out["delivered"] + out["read"]
        rates[f"{kind}_delivery_rate"] = _share(arrived, arrived + out["sent"] + out["failed"])
        rates[f"{kind}_read_rate"] = _share(out["read"], arrived)
    return rates


def _row_of(rows: Rows, is_now: bool, missing: tuple[Any, ...]) -> tuple[Any, ...]:  # noqa: FBT001
    """Return the row of this period or of the one before, without ``is_now``; else ``missing``."""
    return next((row[1:] for row in rows if row[0] is is_now), missing)


def _sums(frame: pd.DataFrame, name: str) -> dict[Any, Any]:
    return frame.groupby(name)["messages"].sum().to_dict()


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _is_equal(ours: Any, floor: Any) -> bool:
    if isinstance(ours, float) and isinstance(floor, float):
        return isclose(ours, floor, rel_tol=1e-9)
    return bool(ours == floor)
