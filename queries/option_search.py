"""Searches the filters ``person`` and ``case`` for what a reader types, among millions of values.

A value is a hit if it contains each word of the text, in any order: "gabriel ramos" finds "Gabriel
Conceição Ramos". A list shows ``LIST_LENGTH`` hits at a time: those that begin with the text come
before those that only contain its words. So a search runs a cheap step first: it looks only for
values that begin with the text, and for cases only among the newest. Where that finds enough to
fill the list, its hits are those of the whole search. Otherwise they are dropped, and the whole
search runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    cast,
    false,
    func,
    null,
    or_,
    select,
    true,
)

from queries.filters import Filters
from queries.options import Part
from queries.result import ResultSet
from queries.rollup_choice import case_counts, case_total, roll_ups_hold_cases
from queries.selected_rows import selected_cases
from queries.sql_functions import Statement, fold, whole_sum
from queries.tables import cases, people
from queries.user_scope import Scope
from queries.visibility import visible_case_number, visible_person_folded, visible_person_name

#: The filters whose values are searched here; ``queries.options`` lists those of the others.
SEARCHED: Final = ("person", "case")
#: How many hits a list shows at once.
LIST_LENGTH: Final = 50
#: How many of the newest cases are searched first. Most searches find enough hits among them.
NEWEST_CASES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a search for values that contain all ``words``, whatever accents and case.

    ``part`` is the part of the hits that is wanted.
    Without ``words`` every value is a hit. With ``at_start`` only values that begin with ``text``
    are. ``since`` limits a search for cases to those opened on that local day or later; None: no
    limit.
    """

    words: tuple[str, ...]
    part: Part
    at_start: bool = False
    since: date | None = None

    @property
    def text(self) -> str:
        """The words with one blank between them, as names are written; "" without words."""
        return " ".join(self.words)


def steps(name: str, text: str, part: Part, since: date | None) -> Iterator[Step]:
    """Yield the steps of a search: run them in turn until one fills ``part``.

    The last step searches everything, so its hits are right even if they are fewer. ``name`` is
    ``person`` or ``case``. ``since`` is the day that ``newest_since`` returned, None for
    ``person``.
    """
    words = tuple(text.split())
    if name == "person" and words:
        yield Step(words, part, at_start=True)
    if name == "case" and since:
        yield Step(words, part, at_start=bool(words), since=since)
    yield Step(words, part)


def query(name: str, others: Filters, scope: Scope, step: Step) -> Statement:
    """Return a SELECT of the hits of ``step``: the rows of its part, in order.

    Hits that begin with the text come first; then persons with most cases, or the newest cases.
    ``name`` is ``person`` or ``case``; ``others`` are the other filters of the request, with a
    period.

    Rows are ``value, cases, total``, for ``case`` also ``person_name, case_type, opened_at``.
    ``cases`` is how many cases have the value and meet ``others``. ``total`` is how many persons or
    cases meet ``others`` in all; null where ``step`` has words, since ``count`` counts its hits.
    """
    return (_persons if name == "person" else _cases)(others, scope, step)


def count(name: str, others: Filters, scope: Scope, text: str) -> Statement:
    """Return a SELECT of ``total``: how many persons or cases a search for ``text`` finds in all.

    ``name`` is ``person`` or ``case``; ``others`` are the other filters of the request, with a
    period.
    """
    step = Step(tuple(text.split()), Part(0, 0))
    if name == "person":
        is_hit: ColumnElement[bool] = cases.c.person_id.in_(_people_with(step, scope))
        total = func.count(cases.c.person_id.distinct())
    else:
        is_hit, total = _case_contains(step, scope), func.count()
    return (
        select(total.label("total")).select_from(cases).where(selected_cases(others, scope), is_hit)
    )


def cases_by_day(others: Filters, scope: Scope) -> Statement | None:
    """Return a SELECT of ``day, created``: how many cases of ``others`` were opened on each day.

    ``others`` are filters with a period; only days in the period have rows. None where no roll-up
    has these counts, because counting cases would take longer than the search that it shortens.
    """
    if not roll_ups_hold_cases(others):
        return None
    counts = case_counts(others, scope)
    created = whole_sum(counts.c.created).label("created")
    return select(counts.c.day, created).group_by(counts.c.day)


def newest_since(by_day: ResultSet, text: str, part: Part) -> date | None:
    """Return the day from which on enough cases were opened to search only these first.

    Enough are ``NEWEST_CASES``, or those up to the end of ``part`` where ``text`` has no words.
    ``by_day`` has the rows of ``cases_by_day``. None where there are fewer cases in all.
    """
    left = NEWEST_CASES if text.split() else part.first + part.length
    rows: list[tuple[date, int]] = sorted(by_day.rows, reverse=True)
    for day, created in rows:
        left -= created
        if left <= 0:
            return day
    return None


def _persons(filters: Filters, scope: Scope, step: Step) -> Statement:
    """Return the SELECT of persons: those whose name begins with the text, then most cases first.

    Without a text, names are read only of persons who have enough cases to be on the list.
    """
    has_name = [cases.c.person_id.in_(_people_with(step, scope))] if step.words else []
    folded = visible_person_folded(scope)
    counts = (
        select(cases.c.person_id, func.count().label("cases"))
        .where(selected_cases(filters, scope), *has_name)
        .group_by(cases.c.person_id)
        .cte("counts")
    )
    total = select(func.count()).select_from(counts).scalar_subquery()
    named = select(
        visible_person_name(scope).label("value"),
        counts.c.cases,
        cast(null() if step.words else total, BigInteger).label("total"),
    ).select_from(counts.join(people, people.c.person_id == counts.c.person_id))
    if not step.words:
        end = step.part.first + step.part.length
        most = select(counts.c.cases).order_by(counts.c.cases.desc()).limit(end).subquery()
        named = named.where(counts.c.cases >= select(func.min(most.c.cases)).scalar_subquery())
    first = [_begins(folded, step.text).desc()] if step.words else []
    order = (*first, counts.c.cases.desc(), folded, visible_person_name(scope))
    return named.order_by(*order).limit(step.part.length).offset(step.part.first)


def _cases(filters: Filters, scope: Scope, step: Step) -> Statement:
    """Return the SELECT of cases: those that begin with the text, then the newest first.

    The text is searched in the number of the case and in the name of its person. ``cases`` counts
    all selected cases that share the number.
    """
    chosen = selected_cases(filters, scope)
    number = visible_case_number(scope)
    is_first = _case_begins(step, scope) if step.words else false()
    hits = (
        select(
            number.label("case_number"),
            cases.c.person_id,
            cases.c.case_type,
            cases.c.opened_at,
            is_first.label("is_first"),
        )
        .where(chosen, *_case_conditions(step, scope))
        .order_by(
            *([is_first.desc()] if step.words else []),
            cases.c.opened_at.desc(),
            number,
        )
        .limit(step.part.length)
        .offset(step.part.first)
        .cte("hits")
    )
    sharing = (
        select(number.label("case_number"), func.count().label("cases"))
        .where(chosen, number.in_(select(hits.c.case_number)))
        .group_by(number)
        .subquery("sharing")
    )
    total = null() if step.words else case_total(filters, scope)
    return (
        select(
            hits.c.case_number.label("value"),
            sharing.c.cases,
            visible_person_name(scope).label("person_name"),
            hits.c.case_type,
            hits.c.opened_at,
            cast(total, BigInteger).label("total"),
        )
        .select_from(
            hits.join(people, people.c.person_id == hits.c.person_id).join(
                sharing, sharing.c.case_number == hits.c.case_number
            )
        )
        .order_by(hits.c.is_first.desc(), hits.c.opened_at.desc(), hits.c.case_number)
    )


def _case_conditions(step: Step, scope: Scope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if step.since:
        conditions.append(cases.c.opened_day >= step.since)
    if step.words:
        matches = _case_begins if step.at_start else _case_contains
        conditions.append(matches(step, scope))
    return conditions


def _case_begins(step: Step, scope: Scope) -> ColumnElement[bool]:
    named = cases.c.person_id.in_(_people_with(replace(step, at_start=True), scope))
    return or_(_begins(fold(visible_case_number(scope)), step.text), named)


def _case_contains(step: Step, scope: Scope) -> ColumnElement[bool]:
    named = cases.c.person_id.in_(_people_with(replace(step, at_start=False), scope))
    return or_(_contains(fold(visible_case_number(scope)), step.words), named)


def _people_with(step: Step, scope: Scope) -> Select[Any]:
    folded = visible_person_folded(scope)
    is_hit = _begins(folded, step.text) if step.at_start else _contains(folded, step.words)
    return select(people.c.person_id).where(is_hit)


def _contains(folded: ColumnElement[str], words: Sequence[str]) -> ColumnElement[bool]:
    return and_(true(), *(func.strpos(folded, fold(word)) > 0 for word in words))


def _begins(folded: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return func.strpos(folded, fold(text)) == 1
