"""The demonstration data: exact, repeatable, and shaped like a support operation."""

import tracemalloc
import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from queries.vocabulary import DIRECTIONS, KINDS
from queries.whatsapp_errors import ACTIONS, action
from sources.demo import CASE_SCHEMA, MESSAGE_SCHEMA, ROW_GROUP_ROWS, span_days, write_demo
from sources.demo_operation import CHANNELS, ERROR_TITLES, TEAMS

UNTIL = datetime(2026, 11, 18, 18, 40, tzinfo=UTC)  # a Wednesday, 15:40 in São Paulo
ZONE = ZoneInfo("America/Sao_Paulo")
SMALL = 50_000
LARGE = 250_000


class Demo(NamedTuple):
    cases: pd.DataFrame
    messages: pd.DataFrame
    cases_table: pa.Table
    messages_table: pa.Table
    messages_path: Path

    def joined(self) -> pd.DataFrame:
        return self.messages.merge(self.cases, on="case_id", validate="many_to_one")


def make(folder: Path, messages: int, seed: int = 7) -> Demo:
    cases_path, messages_path = write_demo(folder, messages, seed, UNTIL)
    cases_table, messages_table = pq.read_table(cases_path), pq.read_table(messages_path)
    return Demo(
        cases_table.to_pandas(),
        messages_table.to_pandas(),
        cases_table,
        messages_table,
        messages_path,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return make(tmp_path_factory.mktemp("small"), SMALL)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return make(tmp_path_factory.mktemp("large"), LARGE)


def local_days(times: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    days: pd.Series[pd.Timestamp] = times.dt.tz_convert(ZONE).dt.normalize()
    return days


# --- exact and repeatable -------------------------------------------------------------------------


@pytest.mark.parametrize("messages", [1, 2, 3, 7, 8, 9, 17, 160, 1_000, 12_345])
def test_there_are_exactly_as_many_messages_as_asked(tmp_path: Path, messages: int) -> None:
    made = make(tmp_path, messages)
    assert len(made.messages) == messages
    assert made.messages["message_id"].is_unique
    assert set(made.messages["case_id"]) <= set(made.cases["case_id"])


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    first = write_demo(tmp_path / "a", 20_000, 3, UNTIL)
    second = write_demo(tmp_path / "b", 20_000, 3, UNTIL)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_zone_of_until_does_not_matter(tmp_path: Path) -> None:
    first = write_demo(tmp_path / "a", 2_000, 3, UNTIL)
    second = write_demo(tmp_path / "b", 2_000, 3, UNTIL.astimezone(ZONE))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    one, other = make(tmp_path / "a", 2_000, seed=1), make(tmp_path / "b", 2_000, seed=2)
    assert not one.messages_table.equals(other.messages_table)
    assert not one.cases_table.equals(other.cases_table)


def test_files_of_an_earlier_run_are_replaced(tmp_path: Path) -> None:
    make(tmp_path, 2_000)
    assert len(make(tmp_path, 1_000).messages) == 1_000


@pytest.mark.parametrize(
    ("messages", "seed", "until", "reason"),
    [
        (0, 1, UNTIL, "at least one message"),
        (-5, 1, UNTIL, "at least one message"),
        (10, -1, UNTIL, "non-negative"),
        (10, 1, UNTIL.replace(tzinfo=None), "time zone"),
    ],
)
def test_impossible_demonstrations_are_refused(
    tmp_path: Path, messages: int, seed: int, until: datetime, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        write_demo(tmp_path, messages, seed, until)


def test_progress_rises_to_the_whole(tmp_path: Path) -> None:
    heard: list[int] = []
    write_demo(tmp_path, LARGE, 7, UNTIL, heard.append)
    assert all(earlier < later for earlier, later in pairwise(heard))
    assert len(heard) >= LARGE // ROW_GROUP_ROWS
    assert heard[-1] == LARGE


# --- the data contract ----------------------------------------------------------------------------


def test_columns_and_types_are_those_of_the_import(demo: Demo) -> None:
    assert demo.cases_table.schema.equals(CASE_SCHEMA)
    assert demo.messages_table.schema.equals(MESSAGE_SCHEMA)


@pytest.mark.parametrize("column", ["case_id", "person_name", "channel", "case_type", "opened_at"])
def test_required_columns_of_cases_are_filled(demo: Demo, column: str) -> None:
    assert demo.cases[column].notna().all()


@pytest.mark.parametrize(
    "column", ["message_id", "case_id", "direction", "sent_at", "status", "kind", "body", "is_bot"]
)
def test_columns_of_messages_are_filled(demo: Demo, column: str) -> None:
    assert demo.messages[column].notna().all()


def test_keys_are_unique_and_every_message_has_its_case(large: Demo) -> None:
    assert large.cases["case_id"].is_unique
    assert large.cases["case_number"].is_unique
    assert large.messages["message_id"].is_unique
    assert set(large.messages["case_id"]) <= set(large.cases["case_id"])
    assert large.cases["case_number"].iloc[0] == "100001"
    assert large.cases["case_id"].iloc[0] == "case-0000001"


def test_messages_lie_within_the_life_of_their_case(large: Demo) -> None:
    joined = large.joined()
    assert (joined["sent_at"] >= joined["opened_at"]).all()
    closed = joined[joined["closed_at"].notna()]
    assert (closed["sent_at"] <= closed["closed_at"]).all()
    ordered = joined.sort_values("message_id")
    gaps = ordered.groupby("case_id")["sent_at"].diff().dropna()
    assert (gaps >= pd.Timedelta(0)).all()


def test_nothing_happens_after_until_and_something_just_before(large: Demo) -> None:
    newest = large.messages["sent_at"].max()
    assert UNTIL - timedelta(minutes=1) <= newest <= UNTIL
    assert large.cases["closed_at"].max() <= UNTIL


@pytest.mark.parametrize(
    "until",
    [
        datetime(2026, 11, 22, 3, 5, tzinfo=ZONE),  # the night of a Sunday
        datetime(2026, 1, 1, 0, 0, 30, tzinfo=ZONE),
        datetime(2018, 11, 4, 15, 0, tzinfo=ZONE),  # summer time began that midnight
    ],
)
def test_there_are_recent_messages_at_any_time_of_day(tmp_path: Path, until: datetime) -> None:
    _, path = write_demo(tmp_path, 5_000, 7, until)
    sent_at = pq.read_table(path).to_pandas()["sent_at"]
    assert until - timedelta(minutes=1) <= sent_at.max() <= until
    assert (sent_at > until - timedelta(hours=1)).sum() >= 10


def test_every_value_of_the_vocabularies_occurs(demo: Demo) -> None:
    outgoing = demo.messages[demo.messages["direction"] == "out"]
    assert set(demo.messages["direction"]) == set(DIRECTIONS)
    assert set(demo.messages["kind"]) == set(KINDS)
    assert set(outgoing["status"]) == {"new", "sent", "delivered", "read", "failed"}
    assert set(demo.cases["channel"]) == set(CHANNELS)
    assert set(demo.cases["team"]) == set(TEAMS)
    assert demo.cases["case_type"].nunique() == 12


def test_the_status_of_incoming_messages_is_as_a_load_derives_it(large: Demo) -> None:
    joined = large.joined()
    outgoing = joined[joined["direction"] == "out"].groupby("case_id")["message_id"].max()
    incoming = joined[joined["direction"] == "in"]
    answered = outgoing.reindex(incoming["case_id"]).fillna("").to_numpy() > incoming["message_id"]
    handled = answered | incoming["closed_at"].notna()
    assert ((incoming["status"] == "read") == handled).all()
    assert ((incoming["status"] == "new") == ~handled).all()


def test_columns_of_one_direction_or_kind_are_empty_elsewhere(demo: Demo) -> None:
    messages = demo.messages
    incoming = messages["direction"] == "in"
    hsm = messages["kind"] == "hsm"
    assert (messages["agent"].isna() == incoming).all()
    assert not (hsm & incoming).any()
    assert not (messages["is_bot"] & incoming).any()
    assert (messages["template_name"].notna() == hsm).all()
    assert (messages["template_category"].notna() == hsm).all()


def test_only_failed_messages_have_errors_known_to_whatsapp(demo: Demo) -> None:
    failed = demo.messages["status"] == "failed"
    assert (demo.messages["error_code"].notna() == failed).all()
    errors = demo.messages.loc[failed, ["error_code", "error_title"]]
    assert (errors["error_code"].map(ERROR_TITLES) == errors["error_title"]).all()
    assert {"131026", "131047", "131049", "131056", "132001"} <= set(errors["error_code"])


def test_delivered_templates_are_priced(demo: Demo) -> None:
    messages = demo.messages
    priced = (messages["kind"] == "hsm") & messages["status"].isin(["delivered", "read"])
    assert (messages["billable"].notna() == priced).all()
    category = messages.loc[priced, "template_category"].str.lower()
    assert (messages.loc[priced, "pricing_category"] == category).all()
    assert set(category) == {"marketing", "utility", "authentication"}


def test_phone_numbers_belong_to_nobody(demo: Demo) -> None:
    phones = demo.messages["phone"]
    assert 0.003 < phones.isna().mean() < 0.03
    assert phones.dropna().str.fullmatch(r"\+55[1-9][0-9]90[0-9]{7}").all()
    assert demo.messages["business_number"].nunique() == 2
    assert not set(demo.messages["business_number"]) & set(phones.dropna())


def test_one_person_has_one_phone(demo: Demo) -> None:
    joined = demo.joined().dropna(subset="phone")
    assert (joined.groupby("person_name")["phone"].nunique() == 1).all()
    assert (joined.groupby("phone")["person_name"].nunique() == 1).all()


# --- the shape ------------------------------------------------------------------------------------


def test_span_grows_with_size() -> None:
    assert span_days(50_000) == 90
    assert span_days(5_000_000) == span_days(10_000_000) == 1_096
    assert 90 < span_days(500_000) < 1_096


def test_small_demonstration_covers_its_span(demo: Demo) -> None:
    days = local_days(demo.cases["opened_at"])
    assert (days.max() - days.min()).days == span_days(SMALL) - 1


def test_weekdays_are_busier_than_saturdays_and_those_than_sundays(large: Demo) -> None:
    days = local_days(large.messages["sent_at"])
    by_day = days.value_counts()
    by_weekday = by_day.groupby(pd.DatetimeIndex(by_day.index).day_of_week).mean()
    assert by_weekday.loc[0:4].min() > 2 * by_weekday[5] > 2 * by_weekday[6]


def test_most_messages_come_in_office_hours(large: Demo) -> None:
    hours = large.messages["sent_at"].dt.tz_convert(ZONE).dt.hour
    assert hours.between(8, 19).mean() > 0.8
    assert hours.between(0, 5).mean() < 0.03


def test_load_grows(large: Demo) -> None:
    days = local_days(large.messages["sent_at"])
    middle = days.min() + (days.max() - days.min()) / 2
    assert (days > middle).sum() > 1.05 * (days <= middle).sum()


def test_people_come_back_and_grow_in_number(demo: Demo, large: Demo) -> None:
    cases_of_person = demo.cases["person_name"].value_counts()
    assert (cases_of_person > 1).mean() > 0.3
    assert large.cases["person_name"].nunique() > 2 * len(cases_of_person)


def test_names_and_texts_have_accents(demo: Demo) -> None:
    for texts in (
        demo.cases["person_name"],
        demo.messages["agent"].dropna(),
        demo.messages["body"],
    ):
        unaccented = texts.map(lambda text: unicodedata.normalize("NFD", text) == text)
        assert not unaccented.all()
        assert (texts == texts.map(lambda text: unicodedata.normalize("NFC", text))).all()


def test_people_who_answer(demo: Demo) -> None:
    outgoing = demo.messages[demo.messages["direction"] == "out"]
    names = outgoing.groupby("is_bot")["agent"].nunique()
    assert names[False] == 40
    assert names[True] == 2
    assert (outgoing.groupby("agent")["is_bot"].nunique() == 1).all()


def test_about_eight_messages_a_case(demo: Demo) -> None:
    counts = demo.messages["case_id"].value_counts()
    assert 7.5 < counts.mean() < 8.5
    assert counts.max() > 30
    assert (counts == 1).any()


def test_some_cases_last_several_days(demo: Demo) -> None:
    days = local_days(demo.messages["sent_at"]).groupby(demo.messages["case_id"]).nunique()
    assert 0.05 < (days > 1).mean() < 0.2


def test_phone_calls_are_cases_without_messages(demo: Demo) -> None:
    calls = demo.cases.loc[demo.cases["channel"] == "Telefone", "case_id"]
    assert 0 < len(calls) < 0.05 * len(demo.cases)
    assert set(calls) == set(demo.cases["case_id"]) - set(demo.messages["case_id"])


def test_sessions_begin_in_all_three_ways(demo: Demo) -> None:
    first = demo.messages.sort_values("message_id").groupby("case_id").first()
    begins = first["direction"] + " " + first["kind"]
    assert (begins.value_counts(normalize=True) > 0.05).all()
    assert set(begins) == {"out hsm", "in session", "out session"}


def test_some_are_never_answered(demo: Demo) -> None:
    outgoing_share = (demo.messages["direction"] == "out").groupby(demo.messages["case_id"]).mean()
    assert (outgoing_share == 1).mean() > 0.1  # an HSM without an answer
    assert (outgoing_share == 0).mean() > 0.01  # a customer without one


@pytest.mark.parametrize(
    "until",
    [
        UNTIL,
        datetime(2026, 11, 22, 6, 40, tzinfo=UTC),  # Sunday, 3:40 in the morning
        datetime(2026, 11, 22, 23, 59, tzinfo=UTC),
        datetime(2026, 11, 23, 11, 0, tzinfo=UTC),  # Monday, 8:00
        datetime(2026, 12, 26, 3, 0, tzinfo=UTC),
    ],
    ids=str,
)
@pytest.mark.parametrize("messages", [2_000, SMALL])
def test_customers_wait_with_every_kind_of_window(
    tmp_path: Path, messages: int, until: datetime
) -> None:
    paths = write_demo(tmp_path, messages, 7, until)
    cases, said = (pq.read_table(path).to_pandas() for path in paths)
    last = said.sort_values(["sent_at", "message_id"]).groupby("case_id").tail(1)
    waiting = last[last["direction"] == "in"].merge(cases[cases["closed_at"].isna()], on="case_id")
    left = waiting["sent_at"] + timedelta(hours=24) - until
    for least, most in ((6, 24), (2, 6), (0, 2), (-10_000, 0)):
        some = (left > timedelta(hours=least)) & (left <= timedelta(hours=most))
        assert some.any(), (least, most)
    assert cases["opened_at"].is_monotonic_increasing


def test_failures_ask_for_every_action(large: Demo) -> None:
    codes = large.messages["error_code"].dropna()
    assert set(codes.map(action)) == set(ACTIONS)


def test_some_templates_of_every_category_find_a_window_open(large: Demo) -> None:
    """The customer's last message before them is at most 24 h old."""
    messages = large.messages.sort_values(["sent_at", "message_id"])
    heard = messages["sent_at"].where(messages["direction"] == "in")
    last_heard = heard.groupby(messages["phone"]).ffill()
    is_open = messages["sent_at"] - last_heard <= timedelta(hours=24)
    templates = messages[messages["kind"] == "hsm"]
    share = is_open[templates.index].groupby(templates["template_category"]).mean()
    assert len(share) == 3
    assert (share > 0).all()
    assert (share < 0.5).all()


def test_most_old_cases_are_closed_and_some_recent_ones_wait(large: Demo) -> None:
    age = UNTIL - large.cases["opened_at"]
    assert 0.8 < large.cases.loc[age > timedelta(days=7), "closed_at"].notna().mean() < 0.92
    waiting = large.messages[
        (large.messages["direction"] == "in") & (large.messages["status"] == "new")
    ]
    assert (waiting["sent_at"] > UNTIL - timedelta(days=1)).any()


def test_most_are_read_and_new_ones_are_of_the_last_hour(large: Demo) -> None:
    outgoing = large.messages[large.messages["direction"] == "out"]
    shares = outgoing["status"].value_counts(normalize=True)
    assert shares["read"] > shares["delivered"] > shares["failed"]
    assert shares["delivered"] > shares["sent"] > shares["new"]
    new = outgoing.loc[outgoing["status"] == "new", "sent_at"]
    assert (new > UNTIL - timedelta(hours=1)).all()


def test_templates_follow_zipf_and_differ_in_quality(large: Demo) -> None:
    hsm = large.messages[large.messages["kind"] == "hsm"]
    sends = hsm["template_name"].value_counts()
    assert len(sends) == 30
    assert sends.iloc[0] > 8 * sends.median()
    failed = (hsm["status"] == "failed").groupby(hsm["template_name"]).mean()
    assert failed["ultimo_aviso_v1"] > 0.15
    assert failed["confirmacao_agendamento"] < 0.05


def test_free_text_out_of_the_window_is_refused_by_whatsapp(large: Demo) -> None:
    ordered = large.messages.sort_values("message_id")
    heard = ordered["sent_at"].where(ordered["direction"] == "in")
    since = ordered["sent_at"] - heard.groupby(ordered["case_id"]).ffill()
    late = ordered[(since > timedelta(hours=24)) & (ordered["direction"] == "out")]
    late_texts = late[late["kind"] == "session"]
    assert len(late_texts) > 0
    assert (late_texts["status"] == "failed").all()
    assert (late_texts["error_code"] == "131047").all()


# --- size -----------------------------------------------------------------------------------------


def test_row_groups_are_bounded(large: Demo) -> None:
    metadata = pq.read_metadata(large.messages_path)
    rows = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert len(rows) == -(-LARGE // ROW_GROUP_ROWS)
    assert max(rows) < 1.01 * ROW_GROUP_ROWS


def test_memory_does_not_grow_with_the_texts(tmp_path: Path) -> None:
    def peak_bytes(messages: int) -> int:
        tracemalloc.start()
        write_demo(tmp_path, messages, 7, UNTIL)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    small, big = peak_bytes(200_000), peak_bytes(400_000)
    # Bytes a message: 10,000,000 of them stay far below 1 GiB; their rows alone take several.
    assert (big - small) / 200_000 < 60
    assert small < 150 * 2**20
