"""Makes demonstration data: an invented Brazilian support operation of any size.

It is written as two Parquet files with the import columns of the data contract, and then imported
as real data is. Every name, number and sentence is made up. First everything is decided about the
cases, in arrays over all cases (some hundred bytes a case). Then messages are made and written for
one batch of cases after the other, so that memory does not grow with the texts. Times are
milliseconds since the epoch until they are written.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray

from queries.service_window import SERVICE_WINDOW
from queries.vocabulary import DIRECTIONS, KINDS, STATUSES
from sources.contract import DEFAULT_ACCOUNT
from sources.demo_operation import (
    AGENTS,
    AREA_CODES,
    BOTS,
    BUSINESS_NUMBERS,
    BUSINESS_OF_CHANNEL,
    CASE_TYPES,
    CHANNELS,
    ERROR_CODES,
    ERROR_TITLES,
    FIRST_NAMES,
    FREE_TEXT_ERRORS,
    LAST_NAMES,
    MARKETING,
    MARKETING_ERRORS,
    MIDDLE_NAMES,
    NAME_STEP,
    PEOPLE_AT_MOST,
    PHONE_CALL,
    PHONE_CALL_SHARE,
    PHONE_STEP,
    PHONES,
    REOPENING,
    SENTENCES,
    SURVEY,
    TEAM_QUEUE,
    TEAM_SIZES,
    TEAMS,
    TEMPLATE_ERRORS,
    TEMPLATES,
    UTILITY,
    WINDOW_CLOSED,
    ZIPF_EXPONENT,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ACCOUNT: Final = DEFAULT_ACCOUNT
#: The zone of the operation's working hours.
ZONE: Final = ZoneInfo("America/Sao_Paulo")
#: About how many messages are made and written at a time.
ROW_GROUP_ROWS: Final = 100_000
#: The average, over the cases that have messages.
MESSAGES_PER_CASE: Final = 8

_SECOND_MS: Final = 1_000
_MINUTE_MS: Final = 60 * _SECOND_MS
_HOUR_MS: Final = 60 * _MINUTE_MS
_DAY_MS: Final = 24 * _HOUR_MS
_WINDOW_MS: Final = SERVICE_WINDOW // timedelta(milliseconds=1)

_TIME: Final = pa.timestamp("us", tz="UTC")
CASE_SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("account", "case_id", "case_number", "person_name")),
        *((name, pa.string()) for name in ("channel", "case_type", "team")),
        ("opened_at", _TIME),
        ("closed_at", _TIME),
    ]
)
MESSAGE_SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("account", "message_id", "case_id", "direction")),
        *((name, pa.string()) for name in ("status", "kind", "template_name")),
        *((name, pa.string()) for name in ("template_category", "business_number")),
        *((name, pa.string()) for name in ("phone", "body")),
        ("sent_at", _TIME),
        ("agent", pa.string()),
        ("is_bot", pa.bool_()),
        ("error_code", pa.string()),
        ("error_title", pa.string()),
        ("billable", pa.bool_()),
        ("pricing_category", pa.string()),
    ]
)

# --- the shape of time ----------------------------------------------------------------------------

_WEEKDAY_WEIGHTS: Final = np.array([1.15, 1.05, 1.0, 1.0, 0.95, 0.3, 0.11])  # from Monday
_HOUR_WEIGHTS: Final = np.array(
    [
        *(0.1, 0.05, 0.03, 0.03, 0.04, 0.08, 0.3, 1.0, 3.4, 5.0, 5.6, 5.2),
        *(4.0, 4.3, 5.2, 5.2, 4.8, 4.2, 3.2, 2.4, 1.5, 0.7, 0.4, 0.2),
    ]
)
_HOLIDAYS: Final = frozenset(  # month and day, nationwide
    {(1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25)}
)
_HOLIDAY_FACTOR: Final = 0.15
_GROWTH_PER_YEAR: Final = 0.25
#: How many cases are always opened in the last hour, so that a demonstration is never out of date.
_LIVE_CASES: Final = 12
#: How many hours ago those customers wrote whose 24 h window closes soon, the latest first.
_WAITING_HOURS: Final = (18.5, 20.0, 21.5, 22.25, 23.0, 23.75)

_HSM_START, _CUSTOMER_START, _BUSINESS_START = 0, 1, 2
_START_SHARES: Final = (0.40, 0.49, 0.11)
#: How a case continues after its first message: a conversation; a message of the company that the
#: customer never answers; one of the customer that the company never answers; a conversation with a
#: bot only; a phone call without messages.
_TALK, _SILENT, _UNANSWERED, _BOT_ONLY, _CALL = range(5)

_NEW, _SENT, _DELIVERED, _READ, _FAILED = (
    STATUSES.index(name) for name in ("new", "sent", "delivered", "read", "failed")
)
_PLAN_STREAM, _PEOPLE_STREAM, _FIRST_BATCH_STREAM = range(3)


def write_demo(
    folder: Path,
    messages: int,
    seed: int,
    until: datetime,
    progress: Callable[[int], None] | None = None,
) -> tuple[Path, Path]:
    """Write ``cases.parquet`` and ``messages.parquet`` into ``folder``; return their paths.

    Exactly ``messages`` messages are written, and about an eighth as many cases. The newest message
    is in the minute before ``until``. The same ``messages``, ``seed`` and ``until`` give the same
    rows. ``progress`` is called after each batch with the number of messages written so far.
    ``folder`` is made if it does not exist; files of these names in it are replaced.

    Raises ``ValueError`` for fewer than one message, a negative seed, or an ``until`` without a
    time zone, and ``OSError`` if the files cannot be written.
    """
    if messages < 1:
        raise ValueError(f"at least one message, not {messages}")
    if until.tzinfo is None:
        raise ValueError("until needs a time zone")
    folder.mkdir(parents=True, exist_ok=True)
    until_ms = int(until.timestamp() * _SECOND_MS)
    plan = _plan(messages, until_ms, _random(seed, messages, _PLAN_STREAM))
    people = _people(plan.people_count, _random(seed, messages, _PEOPLE_STREAM))
    bodies = _bodies()
    closed_ms = np.full(plan.size, -1, dtype=np.int64)  # -1: still open

    messages_path, cases_path = folder / "messages.parquet", folder / "cases.parquet"
    with pq.ParquetWriter(messages_path, MESSAGE_SCHEMA, compression="zstd") as writer:
        for number, (first, last) in enumerate(_batches(plan)):
            rng = _random(seed, messages, _FIRST_BATCH_STREAM + number)
            batch = _Batch(plan, first, last, rng)
            talk = _talk(batch, rng)
            closed_ms[batch.cases] = talk.closed_ms
            writer.write_table(_message_table(batch, talk, people, bodies, rng))
            if progress:
                progress(batch.first_number + batch.size - 1)
    _close_calls(plan, closed_ms)
    with pq.ParquetWriter(cases_path, CASE_SCHEMA, compression="zstd") as writer:
        for first in range(0, plan.size, ROW_GROUP_ROWS):
            rows = np.arange(first, min(first + ROW_GROUP_ROWS, plan.size))
            writer.write_table(_case_table(plan, people, closed_ms, rows))
    return cases_path, messages_path


def span_days(messages: int) -> int:
    """Return how many days demonstration data of ``messages`` messages covers.

    That is 30 for up to 1,000 messages, 90 for 50,000, and 1,096 (three years) from 5 million on.
    In between the days grow with the logarithm of ``messages``.
    """
    sizes, days = [1_000, 50_000, 5_000_000], [30, 90, 1_096]
    return round(float(np.interp(np.log10(messages), np.log10(sizes), days)))


def _random(seed: int, messages: int, stream: int) -> Generator:
    """Return the random generator of one part of the work, which ``stream`` numbers.

    How many numbers other parts draw does not change its numbers.
    """
    return Generator(PCG64(SeedSequence([seed, messages, stream])))


# --- cases ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """What is decided about every case before its messages are made.

    Each array has one value for each case, in the order of opening. Values such as ``team`` and
    ``template`` are positions in the lists of ``demo_operation``; ``person`` is a position in
    ``_People``. Times and delays are in milliseconds.
    """

    until_ms: int
    people_count: int
    opened_ms: Ints
    message_count: Ints
    start: Ints  # who begins, one of the three starts
    course: Ints  # _TALK, _SILENT …
    template: Ints  # of the HSM that begins it
    case_type: Ints
    channel: Ints
    team: Ints
    agent: Ints
    second_agent: Ints  # after a handover; mostly the same
    person: Ints
    pause_days: Ints  # whole days of silence in the middle
    closes: Bools  # is closed some time after its last message
    close_delay_ms: Ints
    customer_ends: Bools  # the last word is the customer's

    @property
    def size(self) -> int:
        """How many cases there are, those without messages included."""
        return len(self.opened_ms)


def _plan(messages: int, until_ms: int, rng: Generator) -> _Plan:
    """Return what is decided about the cases of a demonstration of so many messages."""
    with_messages = -(-messages // MESSAGES_PER_CASE)
    size = with_messages + int(with_messages * PHONE_CALL_SHARE)
    opened_ms = _opening_times(rng, size, span_days(messages), until_ms)
    start = _pick(rng, _START_SHARES, size)
    start[-1] = _CUSTOMER_START
    template = _pick(rng, _zipf_weights(), size)
    course = _courses(rng, start, template, calls=size - with_messages)
    _let_wait(opened_ms, start, course, until_ms)
    age_ms = until_ms - opened_ms
    pause_days = _pauses(rng, course, opened_ms, until_ms)
    counts = _message_counts(rng, course, pause_days, age_ms, messages)
    case_type = _case_types(rng, start, template)
    channel = _pick_by_row(rng, [kind.channels for kind in CASE_TYPES], case_type)
    channel[course == _CALL] = PHONE_CALL
    team = _pick_by_row(rng, [kind.teams for kind in CASE_TYPES], case_type)
    agent, second_agent = _agents(rng, team)
    closes, customer_ends = _endings(rng, course, age_ms)
    people_count = min(PEOPLE_AT_MOST, with_messages, round(100_000 * (messages / 1e7) ** 0.7) + 1)
    return _Plan(
        until_ms=until_ms,
        people_count=people_count,
        opened_ms=opened_ms,
        message_count=counts,
        start=start,
        course=course,
        template=template,
        case_type=case_type,
        channel=channel,
        team=team,
        agent=agent,
        second_agent=second_agent,
        # The power makes a few people open many cases and most people one.
        person=(people_count * rng.random(size) ** 1.5).astype(np.int64),
        pause_days=pause_days,
        closes=closes,
        close_delay_ms=_close_delays(rng, course),
        customer_ends=customer_ends,
    )


def _opening_times(rng: Generator, size: int, days: int, until_ms: int) -> Ints:
    """Return ``size`` sorted opening times: more in busy hours, days and months (see ``_hours``).

    A few are in the last hour before ``until_ms``.
    """
    latest_ms = until_ms - 10 * _MINUTE_MS
    starts, weights = _hours(rng, days, until_ms)
    kept = starts < latest_ms
    edges = np.append(starts[kept], latest_ms).astype(np.float64)
    masses = weights[kept] * np.diff(edges)
    distribution = np.concatenate([[0.0], np.cumsum(masses)])
    drawn = rng.random(size) * distribution[-1]
    opened: Ints = np.interp(drawn, distribution, edges).astype(np.int64)
    live = max(1, min(_LIVE_CASES, size // 20))
    opened[-live:] = until_ms - rng.integers(8 * _MINUTE_MS, 55 * _MINUTE_MS, live)
    opened.sort()
    opened[-1] = until_ms - 6 * _MINUTE_MS
    return opened


def _hours(rng: Generator, days: int, until_ms: int) -> tuple[Ints, Floats]:
    """Return start (ms) and weight of each local hour of the ``days`` that end at ``until_ms``."""
    newest = datetime.fromtimestamp(until_ms / _SECOND_MS, ZONE).date()
    dates = [newest - timedelta(days=days - 1 - i) for i in range(days)]
    midnights = np.array([_midnight_ms(day) for day in dates], dtype=np.int64)
    weekday = _WEEKDAY_WEIGHTS[[day.weekday() for day in dates]]
    holiday = np.array([(day.month, day.day) in _HOLIDAYS for day in dates])
    growth = np.exp(np.log1p(_GROWTH_PER_YEAR) * np.arange(days) / 365.25)
    noise = rng.lognormal(0.0, 0.07, days)
    daily = weekday * growth * noise * np.where(holiday, _HOLIDAY_FACTOR, 1.0)
    starts = midnights[:, None] + np.arange(24) * _HOUR_MS
    return starts.ravel(), (daily[:, None] * _HOUR_WEIGHTS).ravel()


def _midnight_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp() * _SECOND_MS)


def _zipf_weights() -> Floats:
    return 1.0 / np.arange(1, len(TEMPLATES) + 1, dtype=np.float64) ** ZIPF_EXPONENT


def _courses(rng: Generator, start: Ints, template: Ints, calls: int) -> Ints:
    """Return how each case continues. The newest is a talk: it can have any number of messages."""
    chance = rng.random(len(start))
    answered_share = (_DELIVERY * _ANSWER)[template]
    course = np.select(
        [
            (start == _HSM_START) & (chance >= answered_share),
            (start == _CUSTOMER_START) & (chance < 0.05),
            (start == _CUSTOMER_START) & (chance < 0.17),
        ],
        [_SILENT, _UNANSWERED, _BOT_ONLY],
        _TALK,
    ).astype(np.int64)
    if calls:
        course[rng.choice(len(start) - 1, calls, replace=False)] = _CALL
    course[-1] = _TALK
    return course


def _let_wait(opened_ms: Ints, start: Ints, course: Ints, until_ms: int) -> None:
    """Change some cases so that their customers wait and their windows close soon after ``until``.

    For each moment, the last case opened before it is opened at it instead, so that the times stay
    sorted. In small demonstrations fewer cases are changed.
    """
    count = min(len(_WAITING_HOURS), len(opened_ms) // 20)
    following = len(opened_ms) - 1
    for hours in _WAITING_HOURS[len(_WAITING_HOURS) - count :]:
        moment = until_ms - int(hours * _HOUR_MS)
        place = min(int(np.searchsorted(opened_ms, moment, side="right")), following) - 1
        if place < 0:
            return
        following = place
        opened_ms[place] = moment
        if course[place] != _CALL:
            start[place], course[place] = _CUSTOMER_START, _UNANSWERED


def _pauses(rng: Generator, course: Ints, opened_ms: Ints, until_ms: int) -> Ints:
    """Return the days of silence within each case, mostly 0. A pause never ends on a weekend."""
    size = len(course)
    days = _pick(rng, (0, 60, 25, 15), size)
    # Monday is 0; the epoch began on a Thursday at 21 h in São Paulo, UTC-3.
    landing = ((opened_ms - 3 * _HOUR_MS) // _DAY_MS + 3 + days) % 7
    days += np.select([landing == 5, landing == 6], [2, 1], 0)
    share = np.select([course == _TALK, course == _SILENT], [0.11, 0.15], 0.0)
    fits = opened_ms + (days + 1) * _DAY_MS < until_ms
    return np.where((rng.random(size) < share) & fits, days, 0)


def _message_counts(
    rng: Generator, course: Ints, pause_days: Ints, age_ms: Ints, messages: int
) -> Ints:
    """Return how many messages each case has: ``messages`` in all, none only in phone calls."""
    size = len(course)
    talk = np.clip(2 + rng.poisson(rng.gamma(2.0, 4.6, size)), 2, 80)
    talk = np.where(pause_days > 0, np.maximum(talk, 4), talk)
    # There is no time for many messages in a case that is minutes old.
    talk = np.minimum(talk, 2 + age_ms // (4 * _MINUTE_MS))
    counts = np.select(
        [course == _TALK, course == _SILENT, course == _UNANSWERED, course == _BOT_ONLY],
        [talk, 1 + (pause_days > 0), 1 + rng.poisson(0.6, size), 3 + rng.poisson(2.0, size)],
        0,
    ).astype(np.int64)
    while excess := int(counts.sum()) - messages:
        if excess > 0:
            shorter = rng.permutation(np.flatnonzero(counts > 1))[:excess]
            counts[shorter] -= 1
        else:
            longer = np.flatnonzero((course == _TALK) & (age_ms > _DAY_MS))
            if not len(longer):
                longer = np.array([size - 1])
            counts += np.bincount(rng.choice(longer, -excess), minlength=size)
    return counts


def _case_types(rng: Generator, start: Ints, template: Ints) -> Ints:
    """Return the type of each case; one begun by an HSM has mostly the type of the template."""
    names = [kind.name for kind in CASE_TYPES]
    drawn = _pick(rng, [kind.share for kind in CASE_TYPES], len(start))
    meant = np.array([names.index(item.case_type) for item in TEMPLATES])[template]
    return np.where((start == _HSM_START) & (rng.random(len(start)) < 0.7), meant, drawn)


def _agents(rng: Generator, team: Ints) -> tuple[Ints, Ints]:
    """Return the first and the second agent of each case, in nine of ten cases the same."""
    sizes = np.array(TEAM_SIZES)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    agent = firsts[team] + (sizes[team] * rng.random(len(team)) ** 1.4).astype(np.int64)
    other = firsts[team] + (sizes[team] * rng.random(len(team))).astype(np.int64)
    return agent, np.where(rng.random(len(team)) < 0.1, other, agent)


def _endings(rng: Generator, course: Ints, age_ms: Ints) -> tuple[Bools, Bools]:
    """Return for each case whether it is closed, and whether the last message is the customer's."""
    recent = age_ms < _DAY_MS
    closes = rng.random(len(course)) < np.where(recent, 0.55, 0.86)
    closes &= ~((course == _UNANSWERED) & recent)
    closes[-1] = False
    share = np.select([closes, recent], [0.25, 0.55], 0.06)
    customer_ends = rng.random(len(course)) < share
    customer_ends[-1] = False
    return closes, customer_ends


def _close_delays(rng: Generator, course: Ints) -> Ints:
    """Return the time from last message to closing: minutes after a talk, else a day or more."""
    hours = np.where(course == _SILENT, 30.0, 0.4) * rng.lognormal(0.0, 0.6, len(course))
    return (hours * _HOUR_MS).astype(np.int64) + _MINUTE_MS


def _close_calls(plan: _Plan, closed_ms: Ints) -> None:
    """Set when phone calls are closed; without messages, they are in no batch."""
    calls = plan.course == _CALL
    ends = plan.opened_ms + plan.close_delay_ms
    calls &= plan.closes & (ends <= plan.until_ms)
    closed_ms[calls] = ends[calls]


# --- messages -------------------------------------------------------------------------------------


class _Batch:
    """The messages of the cases ``first`` to ``last`` - 1 of the plan, in the order of cases.

    ``owner`` (the position of a message's case in ``cases``), ``place`` (the place of the message
    in its case, from 0), ``index`` and ``is_last`` have a value for each message; ``cases``,
    ``counts``, ``starts`` and ``pause_place`` one for each case that has messages.
    """

    def __init__(self, plan: _Plan, first: int, last: int, rng: Generator) -> None:
        self.plan = plan
        #: Cases with messages, as positions in the plan.
        self.cases: Ints = first + np.flatnonzero(plan.message_count[first:last])
        self.counts: Ints = plan.message_count[self.cases]
        self.size = int(self.counts.sum())
        #: Running number of the first message, from 1.
        self.first_number = 1 + int(plan.message_count[:first].sum())
        #: Index of each case's first message in the batch.
        self.starts: Ints = np.cumsum(self.counts) - self.counts
        self.index: Ints = np.arange(self.size)
        self.owner: Ints = np.repeat(np.arange(len(self.cases)), self.counts)
        self.place: Ints = self.index - self.starts[self.owner]
        self.is_last: Bools = self.place == self.counts[self.owner] - 1
        #: The pause of a case lies before the message at this place, never before the first answer.
        room = np.maximum(self.counts - 2, 1)
        talk_pause = 2 + (room * rng.random(len(room))).astype(np.int64)
        silent = plan.course[self.cases] == _SILENT
        self.pause_place: Ints = np.where(silent, 1, np.minimum(talk_pause, self.counts - 1))

    def spread(self, of_cases: Ints) -> Ints:
        """Return for each message the value of its case in ``of_cases``.

        ``of_cases`` is an array of the plan: one value for each case.
        """
        return of_cases[self.cases][self.owner]

    @cached_property
    def start(self) -> Ints:
        """For each message, who began its case."""
        return self.spread(self.plan.start)

    @cached_property
    def course(self) -> Ints:
        """For each message, how its case continues."""
        return self.spread(self.plan.course)

    def latest_of_case(self, mask: Bools) -> Ints:
        """Return for each message the index of its case's last message for which ``mask`` is true.

        It is an index in this batch, and may be that of a later message than the one it is given
        for; it is -1 where ``mask`` is true for no message of the case.
        """
        latest: Ints = np.maximum.reduceat(np.where(mask, self.index, -1), self.starts)
        return latest[self.owner]


@dataclass(frozen=True)
class _Talk:
    """Who wrote each message of a batch, when, and of which kind.

    The arrays have a value for each message; only ``closed_ms`` has one for each case, the time of
    closing, -1 while it is open.
    """

    incoming: Bools
    by_bot: Bools
    sent_ms: Ints
    closed_ms: Ints
    window_open: Bools
    is_hsm: Bools
    template: Ints
    out_of_window: Bools  # free text that should have been a template


def _batches(plan: _Plan) -> Iterator[tuple[int, int]]:
    """Yield the first case of each batch and of the next; each has some ``ROW_GROUP_ROWS`` rows."""
    totals = np.cumsum(plan.message_count)
    marks = np.arange(ROW_GROUP_ROWS, totals[-1], ROW_GROUP_ROWS)
    edges = np.unique([0, *np.searchsorted(totals, marks), plan.size])
    yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)


def _talk(batch: _Batch, rng: Generator) -> _Talk:
    """Return who writes the messages of ``batch``, when, and which are templates."""
    incoming = _incoming(batch, rng)
    by_bot = _by_bot(batch, incoming, rng)
    sent_ms = _sending_times(batch, _gaps(batch, incoming, by_bot, rng), rng)
    closed_ms = _closing_times(batch, sent_ms)

    latest_in = np.maximum.accumulate(np.where(incoming, batch.index, -1))
    customer_wrote = latest_in >= batch.starts[batch.owner]
    window_open = customer_wrote & (sent_ms - sent_ms[latest_in] <= _WINDOW_MS)
    closed_window = ~incoming & customer_wrote & ~window_open
    forgotten = closed_window & (rng.random(batch.size) < 0.04)
    survey = _surveys(batch, incoming, window_open, closed_ms, rng)
    by_bot |= survey
    unanswered_hsm = (batch.start == _HSM_START) & ~customer_wrote & ~incoming
    is_hsm = unanswered_hsm | (closed_window & ~forgotten) | survey
    template = np.select(
        [survey, closed_window],
        [_template_index(SURVEY), _reopening_templates(rng, batch.size)],
        batch.spread(batch.plan.template),
    )
    return _Talk(
        incoming=incoming,
        by_bot=by_bot,
        sent_ms=sent_ms,
        closed_ms=closed_ms,
        window_open=window_open,
        is_hsm=is_hsm,
        template=template,
        out_of_window=forgotten,
    )


def _incoming(batch: _Batch, rng: Generator) -> Bools:
    """Return which messages are the customer's; in two of three cases the writer changes."""
    place, start, course = batch.place, batch.start, batch.course
    alone = (course == _SILENT) | (course == _UNANSWERED)
    turns = rng.random(batch.size) < 0.68
    turns |= (place == 1) & ((start == _HSM_START) | (rng.random(batch.size) < 0.8))
    turns |= course == _BOT_ONLY
    turns &= ~alone & (place > 0)
    total = np.cumsum(turns)
    odd = (total - total[batch.starts[batch.owner]]) % 2 == 1
    incoming = (start == _CUSTOMER_START) ^ odd
    ends = batch.is_last & (place >= 2) & (course == _TALK)
    customer_ends = batch.plan.customer_ends[batch.cases][batch.owner]
    result: Bools = np.where(ends, customer_ends, incoming)
    return result


def _by_bot(batch: _Batch, incoming: Bools, rng: Generator) -> Bools:
    """Return which messages bots wrote: notices, first greetings and whole simple cases."""
    chance = rng.random(batch.size)
    notice = (batch.start == _HSM_START) & (batch.place == 0) & (chance < 0.75)
    reminder = (batch.course == _SILENT) & (batch.place > 0)
    greeting = (batch.start == _CUSTOMER_START) & (batch.place == 1) & (chance < 0.7)
    by_bot: Bools = ~incoming & (notice | reminder | greeting | (batch.course == _BOT_ONLY))
    return by_bot


def _gaps(batch: _Batch, incoming: Bools, by_bot: Bools, rng: Generator) -> Floats:
    """Return the seconds since the message before, or the opening: log-normal, by who waits."""
    first = batch.place == 0
    after_own = np.concatenate([[False], incoming[1:] == incoming[:-1]])
    to_hsm = incoming & (batch.start == _HSM_START) & (batch.place == 1)
    queue = np.array(TEAM_QUEUE)[batch.spread(batch.plan.team)]
    from_queue = batch.place <= 2
    cases = [first, after_own, by_bot, to_hsm, incoming, from_queue]
    median = np.select(cases, [25.0, 18.0, 3.0, 1_500.0, 140.0, 420.0 * queue], 170.0 * queue)
    sigma = np.select(cases, [0.7, 0.6, 0.4, 1.4, 1.2, 1.1], 1.0)
    gaps = np.clip(median * np.exp(sigma * rng.standard_normal(batch.size)), 1.0, 6 * 3_600.0)
    # After days of silence a case continues at about the same time of day.
    pauses = batch.spread(batch.plan.pause_days) * 86_400.0
    pauses += np.clip(rng.standard_normal(batch.size), -2, 2) * 5_400.0
    paused = (batch.place == batch.pause_place[batch.owner]) & (pauses > 40_000.0)
    return np.where(paused, pauses, gaps)


def _sending_times(batch: _Batch, gaps: Floats, rng: Generator) -> Ints:
    """Return times, ascending within each case; gaps that would pass ``until`` are shortened."""
    total = np.cumsum(gaps)
    before = (total - gaps)[batch.starts]
    offsets = total - before[batch.owner]
    lengths = offsets[batch.starts + batch.counts - 1]
    opened = batch.plan.opened_ms[batch.cases]
    room = (batch.plan.until_ms - opened) / _SECOND_MS
    share = rng.uniform(0.3, 0.98, len(room))
    pace = np.where(lengths > room * 0.98, room * share / lengths, 1.0)
    newest = batch.cases == batch.plan.size - 1
    pace = np.where(newest, (room - 20.0) / lengths, pace)
    sent: Ints = (offsets * pace[batch.owner] * _SECOND_MS).astype(np.int64) + opened[batch.owner]
    return sent


def _closing_times(batch: _Batch, sent_ms: Ints) -> Ints:
    """Return when each case of the batch is closed, -1 for those that are still open."""
    closed = sent_ms[batch.starts + batch.counts - 1] + batch.plan.close_delay_ms[batch.cases]
    happens = batch.plan.closes[batch.cases] & (closed <= batch.plan.until_ms)
    return np.where(happens, closed, -1)


def _surveys(
    batch: _Batch, incoming: Bools, window_open: Bools, closed_ms: Ints, rng: Generator
) -> Bools:
    """Return which messages are a survey: some closed cases end with one, in an open window."""
    closed = (closed_ms >= 0)[batch.owner]
    ends = batch.is_last & (batch.place >= 2) & ~incoming & window_open & closed
    surveys: Bools = ends & (rng.random(batch.size) < 0.06)
    return surveys


def _template_index(name: str) -> int:
    return [template.name for template in TEMPLATES].index(name)


def _reopening_templates(rng: Generator, size: int) -> Ints:
    choices = np.array([_template_index(name) for name in REOPENING])
    return choices[_pick(rng, (6, 3, 1), size)]


def _statuses(batch: _Batch, talk: _Talk, rng: Generator) -> Ints:
    """Return positions in ``STATUSES``; messages of customers are new or read."""
    outgoing = _outgoing_status(batch, talk, rng)
    return np.where(talk.incoming, _incoming_status(batch, talk), outgoing)


def _incoming_status(batch: _Batch, talk: _Talk) -> Ints:
    """Return read for messages that were answered or whose case is closed, else new."""
    answered = batch.latest_of_case(~talk.incoming) > batch.index
    return np.where(answered | (talk.closed_ms >= 0)[batch.owner], _READ, _NEW)


def _outgoing_status(batch: _Batch, talk: _Talk, rng: Generator) -> Ints:
    """Return statuses by quality of the template, receipts of the customer, and age."""
    answered = batch.latest_of_case(talk.incoming) > batch.index
    share_failed, share_sent, share_read = _status_shares(talk, answered)
    chance = rng.random(batch.size)
    reads = rng.random(batch.size) < share_read
    # Some customers have switched receipts off: their messages stay delivered.
    reads &= (batch.spread(batch.plan.person) * 7_919 % 100) >= 7
    status = np.select(
        [chance < share_failed, chance < share_failed + share_sent, reads],
        [_FAILED, _SENT, _READ],
        _DELIVERED,
    )
    status = np.where(talk.out_of_window, _FAILED, status)
    fresh = (talk.sent_ms > batch.plan.until_ms - _HOUR_MS) & ~answered
    stage = rng.random(batch.size)
    status = np.where(fresh & (stage < 0.3), _SENT, status)
    status = np.where(fresh & (stage < 0.18), _NEW, status)
    newest = batch.is_last & (batch.cases[batch.owner] == batch.plan.size - 1)
    return np.where(newest, _NEW, status)


def _status_shares(talk: _Talk, answered: Bools) -> tuple[Floats, Floats, Floats]:
    """Return the shares of failed and of sent messages, and of read among those that arrived.

    An HSM that was answered has arrived, so those without an answer take all the failures: their
    shares are raised by ``1 / (1 - answered share)``, which keeps the template's rates as they are.
    """
    without_answer = 1.0 - _DELIVERY * _ANSWER
    failed = (_FAILURE / without_answer)[talk.template]
    sent = ((1.0 - _DELIVERY - _FAILURE) / without_answer)[talk.template]
    read = np.clip((_READING - 0.95 * _ANSWER) / (1.0 - _ANSWER), 0.1, 1.0)[talk.template]
    cases = [talk.is_hsm & answered, talk.is_hsm, answered]
    return (
        np.select(cases, [0.0, failed, 0.002], 0.013),
        np.select(cases, [0.0, sent, 0.0], 0.02),
        np.select(cases, [0.95, read, 0.97], 0.86),
    )


_DELIVERY, _READING, _ANSWER, _FAILURE = (
    np.array([getattr(template, name) for template in TEMPLATES])
    for name in ("delivery", "read", "answer", "failure")
)


def _errors(talk: _Talk, rng: Generator) -> Ints:
    """Return a position in ``ERROR_CODES`` for each message; only failed ones use it."""
    size = len(talk.template)
    marketing = np.array([item.category == MARKETING for item in TEMPLATES])[talk.template]
    return np.select(
        [talk.out_of_window, talk.is_hsm & marketing, talk.is_hsm],
        [
            WINDOW_CLOSED,
            _pick_error(rng, MARKETING_ERRORS, size),
            _pick_error(rng, TEMPLATE_ERRORS, size),
        ],
        _pick_error(rng, FREE_TEXT_ERRORS, size),
    )


def _pick_error(rng: Generator, weights: dict[str, int], size: int) -> Ints:
    codes = np.array([ERROR_CODES.index(code) for code in weights])
    return codes[_pick(rng, list(weights.values()), size)]


def _sentences(batch: _Batch, talk: _Talk, rng: Generator) -> Ints:
    """Return the sentence of each message: a position among all sentences, in order of groups."""
    chance = rng.random(batch.size)
    firsts, counts = _sentence_groups()

    def any_of(group: str) -> Ints:
        return firsts[group] + (chance * counts[group]).astype(np.int64)

    openings = counts["opening"] // len(CASE_TYPES)
    opening = batch.spread(batch.plan.case_type) * openings + (chance * openings).astype(np.int64)
    closed_end = batch.is_last & (talk.closed_ms >= 0)[batch.owner] & (batch.place >= 2)
    return np.select(
        [
            talk.is_hsm,
            talk.incoming & (batch.place == 0),
            talk.incoming & (batch.start == _HSM_START) & (batch.place == 1),
            talk.incoming & closed_end,
            talk.incoming,
            talk.by_bot & (batch.place <= 1),
            talk.by_bot,
            batch.place <= 2,
            closed_end,
        ],
        [
            firsts["hsm"] + talk.template,
            firsts["opening"] + opening,
            any_of("answer"),
            any_of("customer_end"),
            any_of("customer"),
            any_of("bot_greeting"),
            any_of("bot"),
            any_of("agent_first"),
            any_of("agent_end"),
        ],
        any_of("agent"),
    )


def _sentence_groups() -> tuple[dict[str, int], dict[str, int]]:
    """Return the position of each group's first sentence, and how many sentences it has."""
    counts = {group: len(texts) for group, texts in SENTENCES.items()}
    ends = np.cumsum(list(counts.values())).tolist()
    return {
        group: end - count for (group, count), end in zip(counts.items(), ends, strict=True)
    }, counts


# --- people and texts -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _People:
    """The customers, by position: full name, phone, and position of the first name."""

    names: pa.Array
    phones: pa.Array
    first_name: Ints


def _people(count: int, rng: Generator) -> _People:
    """Return ``count`` customers, all with different names and phones."""
    numbers = np.arange(count, dtype=np.int64)
    combination = (numbers * NAME_STEP + rng.integers(PEOPLE_AT_MOST)) % PEOPLE_AT_MOST
    rest, first = np.divmod(combination, len(FIRST_NAMES))
    last, middle = np.divmod(rest, len(MIDDLE_NAMES))
    names = pc.binary_join_element_wise(
        _texts(FIRST_NAMES, first), _texts(MIDDLE_NAMES, middle), _texts(LAST_NAMES, last), " "
    )
    digits = (numbers * PHONE_STEP + rng.integers(PHONES)) % PHONES + 1_000
    areas = [f"+55{code}90" for code in AREA_CODES]
    area = _texts(areas, rng.integers(len(areas), size=count))
    phones = pc.binary_join_element_wise(area, _padded(digits, 7), "")
    return _People(names, phones, first)


def _bodies() -> pa.Array:
    """Return each sentence with each first name, at ``sentence * number of first names + name``."""
    return pa.array(
        [
            sentence.replace("{nome}", name)
            for group in SENTENCES.values()
            for sentence in group
            for name in FIRST_NAMES
        ],
        pa.string(),
    )


# --- tables ---------------------------------------------------------------------------------------


def _case_table(plan: _Plan, people: _People, closed_ms: Ints, rows: Ints) -> pa.Table:
    """Return the cases at the positions ``rows`` of the plan, with the columns of import files."""
    closed = closed_ms[rows]
    columns = {
        "account": pa.repeat(ACCOUNT, len(rows)),
        "case_id": _case_ids(rows),
        "case_number": pc.cast(pa.array(rows + 100_001), pa.string()),
        "person_name": people.names.take(pa.array(plan.person[rows])),
        "channel": _texts(CHANNELS, plan.channel[rows]),
        "case_type": _texts([kind.name for kind in CASE_TYPES], plan.case_type[rows]),
        "team": _texts(TEAMS, plan.team[rows]),
        "opened_at": _times(plan.opened_ms[rows]),
        "closed_at": _times(closed, null=closed < 0),
    }
    return pa.table(columns, schema=CASE_SCHEMA)


def _message_table(
    batch: _Batch, talk: _Talk, people: _People, bodies: pa.Array, rng: Generator
) -> pa.Table:
    """Return the messages of a batch, with the columns of import files."""
    plan, size = batch.plan, batch.size
    person = batch.spread(plan.person)
    status = _statuses(batch, talk, rng)
    priced = talk.is_hsm & ((status == _DELIVERED) | (status == _READ))
    categories = [template.category for template in TEMPLATES]
    free = np.array([category == UTILITY for category in categories])[talk.template]
    error = _errors(talk, rng)
    body = _sentences(batch, talk, rng) * len(FIRST_NAMES) + people.first_name[person]
    columns = {
        "account": pa.repeat(ACCOUNT, size),
        "message_id": _numbered("wamid.demo", batch.first_number + batch.index, 10),
        "case_id": _case_ids(batch.cases[batch.owner]),
        "direction": _texts(DIRECTIONS, talk.incoming.astype(np.int64)),
        "status": _texts(STATUSES, status),
        "kind": _texts(KINDS, 1 - talk.is_hsm.astype(np.int64)),
        "template_name": _texts([t.name for t in TEMPLATES], talk.template, null=~talk.is_hsm),
        "template_category": _texts(categories, talk.template, null=~talk.is_hsm),
        "business_number": _texts(
            BUSINESS_NUMBERS, np.array(BUSINESS_OF_CHANNEL)[batch.spread(plan.channel)]
        ),
        "phone": people.phones.take(pa.array(person, mask=_unknown_phones(batch, rng))),
        "body": bodies.take(pa.array(body)),
        "sent_at": _times(talk.sent_ms),
        "agent": _texts(AGENTS + BOTS, _senders(batch, talk), null=talk.incoming),
        "is_bot": pa.array(talk.by_bot),
        "error_code": _texts(ERROR_CODES, error, null=status != _FAILED),
        "error_title": _texts(list(ERROR_TITLES.values()), error, null=status != _FAILED),
        # Utility templates in an open window are not charged.
        "billable": pa.array(~(free & talk.window_open), mask=~priced),
        "pricing_category": _texts([c.lower() for c in categories], talk.template, null=~priced),
    }
    return pa.table(columns, schema=MESSAGE_SCHEMA)


def _unknown_phones(batch: _Batch, rng: Generator) -> Bools:
    """Return which messages have no phone: one in a hundred, mostly all of a case."""
    of_case = (rng.random(len(batch.cases)) < 0.007)[batch.owner]
    unknown: Bools = of_case | (rng.random(batch.size) < 0.003)
    return unknown


def _senders(batch: _Batch, talk: _Talk) -> Ints:
    """Return positions in agents and then bots. Agents hand a case over half-way through."""
    late = batch.place * 2 > batch.counts[batch.owner]
    human = np.where(late, batch.spread(batch.plan.second_agent), batch.spread(batch.plan.agent))
    bot = len(AGENTS) + talk.is_hsm
    return np.where(talk.by_bot, bot, human)


def _case_ids(cases: Ints) -> pa.Array:
    return _numbered("case-", cases + 1, 7)


def _numbered(prefix: str, numbers: Ints, width: int) -> pa.Array:
    return pc.binary_join_element_wise(prefix, _padded(numbers, width), "")


def _padded(numbers: Ints, width: int) -> pa.Array:
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")


def _texts(values: Sequence[str], positions: Ints, null: Bools | None = None) -> pa.Array:
    """Return the texts at ``positions`` of ``values``; null where ``null`` is true."""
    return pa.array(values, pa.string()).take(pa.array(positions, mask=null))


def _times(milliseconds: Ints, null: Bools | None = None) -> pa.Array:
    return pa.array(milliseconds * 1_000, mask=null).cast(_TIME)


# --- chance ---------------------------------------------------------------------------------------


def _pick(rng: Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Return ``size`` random positions in ``weights``, in proportion to them."""
    limits = np.cumsum(np.asarray(weights, dtype=np.float64))
    limits /= limits[-1]
    return np.searchsorted(limits[:-1], rng.random(size), side="right").astype(np.int64)


def _pick_by_row(rng: Generator, weights: Sequence[Sequence[float]], row: Ints) -> Ints:
    """Return for each ``row`` a random position, in proportion to that row of ``weights``."""
    limits = np.cumsum(np.array(weights, dtype=np.float64), axis=1)
    limits /= limits[:, -1:]
    chance = rng.random(len(row))
    picked = np.zeros(len(row), dtype=np.int64)
    for column in range(limits.shape[1] - 1):
        picked += chance >= limits[row, column]
    return picked
