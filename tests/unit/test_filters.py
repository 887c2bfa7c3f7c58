"""Parsing of filters and of the table's parameters: what is accepted and what is refused."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.error_messages import error_message
from components.texts import LANGUAGES, Texts
from queries.errors import FilterError
from queries.filters import CASE_LISTS, LISTS, MAX_VALUES, NAMES, VOCABULARIES, Basis, Filters
from queries.period import Period
from queries.time_axis import BUCKETS, MAX_BUCKETS, Bucket, bucket_starts
from queries.vocabulary import STATUSES

FIRST, LAST = date(1900, 1, 1), date(2100, 12, 31)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

days = st.dates(FIRST, LAST)
periods = st.tuples(days, days).map(lambda ends: Period(min(ends), max(ends)))
#: Everything that a text may hold: no NUL, no lone surrogate, never empty.
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["sent", "opened", "day", "2026-01-01", "2026-12-31", "in", "read", "hsm"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    lists: dict[str, Any] = {
        name: tuple(sorted(draw(st.sets(texts, max_size=4)))) for name in (*CASE_LISTS, "template")
    }
    for name, allowed in VOCABULARIES.items():
        lists[name] = tuple(sorted(draw(st.sets(st.sampled_from(allowed)))))
    bucket = draw(st.none() | st.just(Bucket.MONTH))
    return Filters(
        draw(st.none() | periods), basis=draw(st.sampled_from(Basis)), bucket=bucket, **lists
    )


def as_raw(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    raw: dict[str, list[str]] = {}
    for name, value in pairs:
        raw.setdefault(name, []).append(value)
    return raw


def refused(raw: dict[str, object]) -> FilterError:
    with pytest.raises(FilterError) as caught:
        Filters.parse(raw)
    return caught.value


# --- taken --------------------------------------------------------------------------------------


@QUICK
@given(filters())
def test_filters_written_to_a_query_are_parsed_back(asked: Filters) -> None:
    assert Filters.parse(as_raw(asked.to_query())) == asked


@QUICK
@given(filters())
def test_filters_written_to_json_are_parsed_back(asked: Filters) -> None:
    body = json.loads(json.dumps(asked.to_json()))
    assert Filters.parse(body) == asked


@QUICK
@given(st.lists(texts, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_and_repeats_of_values_do_not_matter(values: list[str], rng: Any) -> None:
    shuffled = values * 2
    rng.shuffle(shuffled)
    parsed = Filters.parse({"person": shuffled})
    assert parsed == Filters.parse({"person": values})
    assert parsed.person == tuple(sorted(set(values)))


def test_no_parameters_give_the_default_filters() -> None:
    parsed = Filters.parse({})
    assert parsed == Filters()
    assert (parsed.period, parsed.basis, parsed.bucket) == (None, Basis.SENT, None)
    assert parsed.to_query() == []
    assert parsed.to_json() == {"basis": "sent"}


def test_the_query_has_a_fixed_order() -> None:
    asked = {
        "bucket": "week",
        "template": ["b", "a"],
        "case": "7",
        "basis": "opened",
        "end": "2026-02-01",
        "start": "2026-01-01",
        "person": "z",
    }
    assert Filters.parse(asked).to_query() == [
        ("start", "2026-01-01"),
        ("end", "2026-02-01"),
        ("basis", "opened"),
        ("person", "z"),
        ("case", "7"),
        ("template", "a"),
        ("template", "b"),
        ("bucket", "week"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        " João ",
        "a,b;c",
        "JOÃO",
        "Jose\u0301",
        "null",
        "0",
        "\n",
        "%",
        "' or 1=1 --",
        "x" * 50_000,
        "😀",
        "\ufeff",
        "\ue000",
    ],
)
def test_values_are_never_split_folded_or_trimmed(value: str) -> None:
    for name in (*CASE_LISTS, "template"):
        assert getattr(Filters.parse({name: value}), name) == (value,)
        assert getattr(Filters.parse({name: [value]}), name) == (value,)


def test_an_empty_list_means_all() -> None:
    assert Filters.parse({name: [] for name in LISTS}) == Filters()


def test_other_parameter_names_are_ignored() -> None:
    assert Filters.parse({"utm_source": "x", "persons": "y", "page": "-1"}) == Filters()


def test_names_are_those_of_the_contract() -> None:
    contract = "start end period basis person channel case_type case team agent direction status"
    assert set(NAMES) == {*contract.split(), "kind", "template", "bucket"}


def test_message_filters_are_those_of_the_message() -> None:
    asked = Filters.parse(dict.fromkeys(CASE_LISTS, "x") | {"kind": "hsm", "template": "t"})
    assert asked.message_filters == ("kind", "template")
    assert asked.without("kind").message_filters == ("template",)
    assert asked.without("kind").without("kind") == Filters.parse(
        dict.fromkeys(CASE_LISTS, "x") | {"template": "t"}
    )


# --- refused ------------------------------------------------------------------------------------

REFUSED: list[tuple[str, dict[str, object]]] = [
    ("period_incomplete", {"start": "2026-01-01"}),
    ("period_incomplete", {"end": "2026-01-01"}),
    ("period_reversed", {"start": "2026-01-02", "end": "2026-01-01"}),
    *(
        ("bad_date", {"start": text, "end": "2026-12-31"})
        for text in (
            "2026-02-30",
            "2025-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "20260101",
            "2026-W01-1",
            "01/02/2026",
            "2026-01-01T00:00",
            " 2026-01-01",
            "2026-01-01\n",
            "today",
            "-2026-01-01",
            "\uff12\uff10\uff12\uff16-01-01",  # full-width digits
            "\u0662\u0660\u0662\u0666-01-01",  # Arabic-Indic digits
            "2026\u201301\u201301",
        )
    ),
    *(
        ("year_out_of_range", {name: text, other: "2026-01-01"})
        for text in ("1899-12-31", "2101-01-01", "0001-01-01", "9999-12-31", "0000-01-01")
        for name, other in (("start", "end"), ("end", "start"))
    ),
    *(("repeated", {name: ["sent", "sent"]}) for name in ("basis", "bucket", "start", "end")),
    *(("empty_value", {name: ""}) for name in sorted(NAMES)),
    *(("empty_value", {name: ["x", ""]}) for name in CASE_LISTS),
    *(("empty_value", {name: []}) for name in ("start", "end", "basis", "bucket")),
    *(
        ("wrong_type", {name: value})
        for name in sorted(NAMES)
        for value in (None, 1, 0, True, 1.5, {"a": "b"}, {}, [1], [None], [["x"]])
    ),
    *(
        ("unusable_text", {name: value})
        for name in sorted(NAMES)
        for value in ("\0", "a\0b", "\ud800", "\udfff", "a\udc00b", "\ude00\ud83d", ["ok\0"])
    ),
    *(
        ("bad_value", {name: value})
        for name in ("basis", "bucket", *VOCABULARIES)
        for value in ("x", "SENT", "Read", "read ", "lido", "day,week", "sent_at")
    ),
    ("bad_value", {"status": ["read", "x"]}),
]


@pytest.mark.parametrize(("code", "raw"), REFUSED, ids=lambda value: ascii(value)[:60])
def test_invalid_values_are_refused(code: str, raw: dict[str, object]) -> None:
    assert refused(raw).code == code


@pytest.mark.parametrize("name", LISTS)
def test_a_thousand_values_are_taken_and_one_more_is_not(name: str) -> None:
    values = [f"v{number}" for number in range(MAX_VALUES)]
    if name in VOCABULARIES:
        values = [VOCABULARIES[name][0]] * MAX_VALUES
    assert MAX_VALUES == 1_000
    assert getattr(Filters.parse({name: values}), name) == tuple(sorted(set(values)))
    for more in (values[:1], values * 99 + values[:1]):
        error = refused({name: values + more})
        assert error.code == "too_many_values"
        assert error.params == {"name": name, "count": len(values + more), "limit": 1_000}


def test_every_year_from_1900_to_2100_is_taken() -> None:
    whole = Filters.parse({"start": "1900-01-01", "end": "2100-12-31"})
    assert whole.period == Period(FIRST, LAST)
    assert len(whole.buckets()) == 201 * 12


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_taken(status: str) -> None:
    assert Filters.parse({"status": status}).status == (status,)


@QUICK
@given(st.dictionaries(st.sampled_from(sorted(NAMES)), json_values | st.text()))
def test_whatever_is_asked_is_parsed_or_refused_with_a_sentence(raw: dict[str, object]) -> None:
    """Only ``FilterError`` is raised, and accepted filters can be parsed again."""
    try:
        parsed = Filters.parse(raw)
    except FilterError as error:
        said = error_message(error, Texts("pt-BR"))
        parsed = None
    if parsed is None:
        assert said
        return
    assert Filters.parse(as_raw(parsed.to_query())) == parsed
    assert all(value.encode("utf-8") for _, value in parsed.to_query())


def test_an_error_has_one_of_the_known_codes() -> None:
    with pytest.raises(LookupError):
        FilterError("misspelt")


#: What fills the sentence of each code; the names stand beside the codes.
PARAMS: dict[str, object] = {
    "name": "person",
    "value": "x",
    "allowed": "a, b",
    "column": "phone",
    "start": "2026-01-02",
    "end": "2026-01-01",
    "count": 7,
    "limit": 5,
    "minimum": 1,
    "maximum": 2,
}


@pytest.mark.parametrize("code", sorted(FilterError.CODES))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_code_has_a_message_in_every_language(code: str, language: str) -> None:
    said = error_message(FilterError(code, **PARAMS), Texts(language), codes=True)
    assert said[0] in '"¡¿' or said[0].isupper()
    assert said.endswith(".")
    assert "{" not in said
    if language != "en":
        assert said != error_message(FilterError(code, **PARAMS), Texts("en"), codes=True)


# --- the time axis ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "bucket"),
    [
        (1, Bucket.DAY),
        (62, Bucket.DAY),
        (63, Bucket.WEEK),
        (366, Bucket.WEEK),
        (367, Bucket.MONTH),
        (73_413, Bucket.MONTH),
    ],
)
def test_longer_periods_have_wider_buckets(length: int, bucket: Bucket) -> None:
    asked = Filters(Period(FIRST, FIRST + timedelta(days=length - 1)))
    assert asked.span.days == length
    assert asked.effective_bucket is bucket


def test_a_requested_bucket_overrides_the_default() -> None:
    asked = {"start": "2026-01-01", "end": "2026-01-03", "bucket": "month"}
    assert Filters.parse(asked).buckets() == [date(2026, 1, 1)]


@pytest.mark.parametrize(
    ("start", "end", "bucket", "starts"),
    [
        # The first Monday may lie before the period; ISO week 53 belongs to the year before.
        ("2027-01-01", "2027-01-03", Bucket.WEEK, ["2026-12-28"]),
        ("2027-01-03", "2027-01-04", Bucket.WEEK, ["2026-12-28", "2027-01-04"]),
        ("2026-11-16", "2026-11-22", Bucket.WEEK, ["2026-11-16"]),
        ("2026-01-31", "2026-03-01", Bucket.MONTH, ["2026-01-01", "2026-02-01", "2026-03-01"]),
        ("2026-12-31", "2027-01-01", Bucket.MONTH, ["2026-12-01", "2027-01-01"]),
        ("2024-02-28", "2024-03-01", Bucket.DAY, ["2024-02-28", "2024-02-29", "2024-03-01"]),
        ("2026-05-05", "2026-05-05", Bucket.DAY, ["2026-05-05"]),
    ],
)
def test_buckets_begin_where_people_expect(
    start: str, end: str, bucket: Bucket, starts: list[str]
) -> None:
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert bucket_starts(period, bucket) == [date.fromisoformat(day) for day in starts]


@QUICK
@given(days, st.integers(0, 3_000), st.sampled_from(BUCKETS))
def test_each_day_lies_in_exactly_one_bucket(start: date, length: int, bucket: Bucket) -> None:
    period = Period(start, start + timedelta(days=length))
    starts = bucket_starts(period, bucket)
    touched = {bucket.first_day(start + timedelta(days=day)) for day in range(length + 1)}
    assert starts == sorted(touched)
    if bucket is Bucket.WEEK:
        assert {day.isoweekday() for day in starts} == {1}
    if bucket is Bucket.MONTH:
        assert {day.day for day in starts} == {1}


@pytest.mark.parametrize(("bucket", "days_each"), [(Bucket.DAY, 1), (Bucket.WEEK, 7)])
def test_four_thousand_buckets_are_taken_and_one_more_is_not(
    bucket: Bucket, days_each: int
) -> None:
    monday = date(1901, 1, 7)
    assert monday.isoweekday() == 1
    most = {
        "start": monday.isoformat(),
        "end": (monday + timedelta(days=MAX_BUCKETS * days_each - 1)).isoformat(),
        "bucket": bucket.value,
    }
    assert MAX_BUCKETS == 4_000
    assert len(Filters.parse(most).buckets()) == 4_000
    more = most | {"end": (monday + timedelta(days=MAX_BUCKETS * days_each)).isoformat()}
    error = refused({**more})
    assert (error.code, error.params["limit"]) == ("too_many_buckets", 4_000)
    assert error.params["count"] == 4_001


def test_a_long_period_by_day_is_refused_and_by_month_is_not() -> None:
    whole: dict[str, object] = {"start": "1900-01-01", "end": "2100-12-31"}
    assert refused(whole | {"bucket": "day"}).code == "too_many_buckets"
    assert refused(whole | {"bucket": "week"}).code == "too_many_buckets"
    assert Filters.parse(whole | {"bucket": "month"}).bucket is Bucket.MONTH


# --- the period -------------------------------------------------------------------------------


def test_the_default_period_is_the_30_days_that_end_on_the_newest() -> None:
    newest, today = date(2026, 11, 20), date(2026, 12, 24)
    assert Filters().with_period(today, None, newest).span == Period(date(2026, 10, 22), newest)
    # What is dated in the future moves nothing: the 30 days end today.
    future = date(2027, 5, 1)
    until_today = Period(date(2026, 11, 25), today)
    assert Filters().with_period(today, None, future).span == until_today
    assert Filters().with_period(today, None, None).span == Period(date(2026, 11, 25), today)
    given_one = Filters(Period(FIRST, FIRST))
    assert given_one.with_period(today, None, newest) is given_one
    with pytest.raises(LookupError):
        _ = Filters().span
