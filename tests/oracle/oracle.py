"""``Oracle`` computes every number of the product a second time, in plain Python.

It starts from the rows of the CSV files and follows the contract with loops over lists: no SQL, no
pandas, no import from ``queries`` or ``sources``. It is slow, and short enough to compare with the
contract by reading. Tests compare the answers of every panel with those of the oracle.
"""

import csv
import json
import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.costs import Costs, Line, Sent

#: The parameters of a request: filters and others, by name.
Query = Mapping[str, str | list[str]]
#: A row of an answer, by column.
Row = dict[str, Any]

#: Statuses of outgoing messages that were sent, and of those that reached the customer.
SENT_OUT = ("sent", "delivered", "read", "failed")
ARRIVED = ("delivered", "read")
#: All statuses in the order of answers.
LIFE_CYCLE = ("new", "sent", "delivered", "read", "failed", "unknown")
#: All statuses by rank: of several that are reported for a message, the last one here is kept.
RANK = ("unknown", "new", "sent", "failed", "delivered", "read")
#: The values of what ``breakdown`` compares, where they are weekdays (1 is Monday) or hours.
TIMES: dict[str, list[Hashable]] = {
    "weekday": list(range(1, 8)),
    "hour": list(range(24)),
    "weekday_hour": [(weekday, hour) for weekday in range(1, 8) for hour in range(24)],
}
CASE_FILTERS = ("person", "channel", "case_type", "case", "team", "agent")
MESSAGE_FILTERS = ("direction", "status", "kind", "template")
#: The actions of the panel ``failures`` in the order of its rows, with their error codes. A code
#: that is not here has the action "other"; a failure without a code has none.
ACTIONS = {
    "retry": "130429 131000 131016 131049 131056",
    "fix_number": "131021 131026",
    "fix_template": ("131047 131051 131053 132000 132001 132005 132007 132012 132015 132016"),
    "billing": "131042",
    "stop": "368 130472 131031 131048 131050",
    "other": "",
}
#: The days of each preset on a day ``today``, in any order; ``all`` depends on the data.
PRESETS: dict[str, Callable[[date], list[date]]] = {
    "today": lambda today: [today],
    "yesterday": lambda today: _last(today, 2)[:1],
    "last7": lambda today: _last(today, 7),
    "last30": lambda today: _last(today, 30),
    "last90": lambda today: _last(today, 90),
    "this_week": lambda today: [day for day in _last(today, 7) if _week(day) == _week(today)],
    "last_week": lambda today: [
        day for day in _last(today, 14) if _week(day) == _week(today - timedelta(days=7))
    ],
    "this_month": lambda today: [day for day in _last(today, 31) if day.month == today.month],
    "last_month": lambda today: [
        day for day in _last(today, 62) if (today.month - day.month) % 12 == 1
    ],
    "all": lambda _today: [],
}
#: How much of a case's 24 h window is left, most first.
WINDOWS = ("over_6h", "from_2h_to_6h", "under_2h", "expired")
ONE_DAY = timedelta(hours=24)
#: The greatest offset from UTC that the import accepts, before or behind.
LONGEST_OFFSET = timedelta(hours=14)

CASE_COLUMNS = (
    "account",
    "case_id",
    "case_number",
    "person_name",
    "channel",
    "case_type",
    "team",
    "opened_at",
    "closed_at",
)
MESSAGE_COLUMNS = (
    "account",
    "message_id",
    "case_id",
    "direction",
    "status",
    "kind",
    "template_name",
    "template_category",
    "business_number",
    "phone",
    "body",
    "sent_at",
    "agent",
    "is_bot",
    "error_code",
    "error_title",
    "billable",
    "pricing_category",
)


class RejectedRow(ValueError):
    """A row that the import rejects; the argument is the column whose value is the reason."""


@dataclass(frozen=True)
class Reject:
    """One rejected row: name of the file, line on which it begins (from 1), column at fault."""

    file: str
    line: int
    column: str


@dataclass(eq=False)
class Case:
    """A case, its messages in order of time, and what is derived from them. Times are UTC.

    Fields are None where the file has no value or no message gives one. ``responded_at`` and
    ``response_seconds`` are those of the first response; ``waiting_since`` is set for an open case
    with a wait that nobody ended.
    """

    account: str
    case_id: str
    number: str
    person: str
    channel: str
    case_type: str
    team: str | None
    opened_at: datetime
    closed_at: datetime | None
    messages: list["Message"] = field(default_factory=list)
    first_attended_at: datetime | None = None
    last_agent: str | None = None
    responded_at: datetime | None = None
    response_seconds: float | None = None
    waiting_since: datetime | None = None
    last_customer_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether the case counts as one of WhatsApp, by its messages or its channel's name."""
        return bool(self.messages) or self.channel.lower().startswith("whatsapp")


#: What the file says of a case; everything else is derived.
_GIVEN = (
    *("account", "case_id", "number", "person", "channel", "case_type", "team"),
    *("opened_at", "closed_at"),
)


@dataclass(eq=False)
class Message:
    """A message of the file, and what is derived from the messages around it. Times are UTC.

    ``category`` is that of the template. Derived are ``status`` of an incoming message, and all
    fields from ``seq`` on. ``reply`` is the human message that ended the wait which begins here.
    """

    case: Case
    message_id: str
    direction: str
    status: str
    kind: str
    template: str | None
    phone: str | None
    body: str | None
    sent_at: datetime
    agent: str | None
    is_bot: bool
    category: str | None
    error_code: str | None
    error_title: str | None
    billable: bool | None = None
    pricing_category: str | None = None
    business_number: str | None = None
    seq: int = 0
    contact_phone: str | None = None
    session_type: str = ""
    answered: bool = False
    in_window: bool = False
    begins_wait: bool = False
    reply: "Message | None" = None

    @property
    def reply_seconds(self) -> float | None:
        """Seconds that the wait lasted which begins here; None where nobody ended one."""
        return self.reply and (self.reply.sent_at - self.sent_at).total_seconds()

    @property
    def order(self) -> tuple[datetime, str]:
        """The pair by which messages are sorted; "before" and "after" compare it."""
        return (self.sent_at, self.message_id)

    @property
    def is_human(self) -> bool:
        """Whether a person of the company, no bot, sent the message."""
        return self.direction == "out" and self.agent is not None and not self.is_bot

    @property
    def is_hsm(self) -> bool:
        """Whether it is an outgoing HSM."""
        return self.direction == "out" and self.kind == "hsm"


@dataclass
class Group:
    """What a selection has of one value of ``breakdown``: messages and waits, and its cases.

    ``waits`` are the messages with which they begin.
    """

    messages: list[Message] = field(default_factory=list)
    waits: list[Message] = field(default_factory=list)
    created: list[Case] = field(default_factory=list)
    attended: list[Case] = field(default_factory=list)
    responded: list[Case] = field(default_factory=list)


@dataclass(frozen=True)
class Selection:
    """The cases and messages that filters select.

    ``start`` to ``end`` is the period, in local days, both included; of ``end`` only what happened
    at ``until`` or before it, where that is not None. ``basis`` is the date that must lie in the
    period: ``sent`` (of the message) or ``opened`` (of the case).
    """

    start: date
    end: date
    until: datetime | None
    basis: str
    cases: list[Case]
    messages: list[Message]

    @cached_property
    def templates(self) -> dict[Case, set[str | None]]:
        """The templates of the selected HSMs of each case."""
        found: dict[Case, set[str | None]] = {case: set() for case in self.cases}
        for message in self.messages:
            if message.kind == "hsm":
                found[message.case].add(message.template)
        return found


def read_rows(path: Path) -> tuple[list[dict[str, str]], list[int]]:
    """Return the rows of a CSV file by column, and the line on which each begins, from 1.

    Cells may be separated by commas or semicolons; a byte order mark is dropped.
    """
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline()
        delimiter = ";" if ";" in header else ","
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter)
        names = next(reader)
        rows, lines = [], []
        begins = reader.line_num + 1
        for cells in reader:
            if cells:
                rows.append(dict(zip(names, cells, strict=False)))
                lines.append(begins)
            begins = reader.line_num + 1
    return rows, lines


def mask(phone: str | None) -> str | None:
    """Return a phone in E.164 as readers see it who may not see phones; None for None."""
    if phone is None:
        return None
    digits = "".join(character for character in phone if character.isdigit())
    if phone.startswith("+55") and len(digits) in (12, 13):
        return f"+55 {digits[2:4]} *****-{digits[-4:]}"
    return f"*****-{digits[-4:]}" if len(digits) >= 8 else "*****"


def fold(text: str) -> str:
    """Return ``text`` in lower case and without accents, as searches compare it."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which ``share`` (0 to 1) of ``values`` lie, or None without values.

    Between two neighbouring values it is interpolated linearly.
    """
    if not values:
        return None
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    low = math.floor(position)
    high = math.ceil(position)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def ratio(part: int, whole: int) -> float | None:
    """Return ``part`` ÷ ``whole``, or None where ``whole`` is 0."""
    return part / whole if whole else None


class Oracle:
    """Imports the rows of two files and computes the answers of every panel from them.

    ``account`` is that of rows without one. ``cases`` and ``messages`` are those that count as ones
    of WhatsApp; ``cases_taken`` is how many cases were imported, others included; ``rejects`` are
    the rejected rows in the order of the files. ``now`` is the present time, with a zone: tests may
    set another.
    """

    def __init__(
        self,
        cases_rows: list[dict[str, str]],
        messages_rows: list[dict[str, str]],
        time_zone: str = "America/Sao_Paulo",
        account: str = "default",
        *,
        cases_lines: list[int] | None = None,
        messages_lines: list[int] | None = None,
    ) -> None:
        self.zone = ZoneInfo(time_zone)
        self.now = datetime.now(UTC)
        self.reply_target = timedelta(minutes=15)
        self.account = account
        self.rejects: list[Reject] = []
        self._days: dict[datetime, date] = {}
        self._same_times: dict[tuple[date, time], datetime] = {}
        self._selections: dict[Hashable, Selection] = {}
        self._answers: dict[Hashable, list[Row]] = {}
        self._cases: dict[tuple[str, str], Case] = {}
        self._messages: dict[tuple[str, str], Message] = {}
        self._import("cases.csv", cases_rows, cases_lines, self._take_case)
        self._import("messages.csv", messages_rows, messages_lines, self._take_message)
        self._derive()
        self.cases_taken = len(self._cases)
        self.cases = [case for case in self._cases.values() if case.counts]
        self.messages = [message for case in self.cases for message in case.messages]

    @classmethod
    def of_files(
        cls, cases: Path, messages: Path, time_zone: str = "America/Sao_Paulo"
    ) -> "Oracle":
        """Return the oracle of two CSV files; its rejects have the line numbers of the files."""
        cases_rows, cases_lines = read_rows(cases)
        messages_rows, messages_lines = read_rows(messages)
        return cls(
            cases_rows,
            messages_rows,
            time_zone,
            cases_lines=cases_lines,
            messages_lines=messages_lines,
        )

    def seen_by(
        self,
        accounts: Sequence[str] | None,
        teams: Sequence[str] | None,
        channels: Sequence[str] | None,
        *,
        own_answers: bool = False,
    ) -> "Oracle":
        """Return the oracle of a store that holds only the cases that a scope may see.

        Each list has exact values; None stands for all. Of a list of teams, a case without a team
        is in none. Everything is derived anew, but ``answered`` and ``in_window``: they are facts
        about a phone in all cases of its account, also those that this scope may not see. With
        ``own_answers`` they are derived anew as well.
        """
        seen = Oracle([], [], self.zone.key, self.account)
        seen.now, seen.reply_target = self.now, self.reply_target
        for key, case in self._cases.items():
            values = ((accounts, case.account), (teams, case.team), (channels, case.channel))
            if all(allowed is None or value in allowed for allowed, value in values):
                seen._cases[key] = Case(**{name: getattr(case, name) for name in _GIVEN})
        for key, message in self._messages.items():
            home = seen._cases.get((message.case.account, message.case.case_id))
            if home is not None:
                seen._messages[key] = replace(
                    message,
                    case=home,
                    answered=False,
                    in_window=False,
                    begins_wait=False,
                    reply=None,
                )
        seen._derive()
        seen.cases = [case for case in seen._cases.values() if case.counts]
        seen.messages = [message for case in seen.cases for message in case.messages]
        for key, message in seen._messages.items() if not own_answers else ():
            of_all = self._messages[key]
            message.answered, message.in_window = of_all.answered, of_all.in_window
        return seen

    # --- import -------------------------------------------------------------------------------

    def _import(
        self,
        file: str,
        rows: list[dict[str, str]],
        lines: list[int] | None,
        take: Callable[[dict[str, str]], None],
    ) -> None:
        numbers: Iterable[int] = lines if lines is not None else range(2, len(rows) + 2)
        for line, row in zip(numbers, rows, strict=True):
            try:
                take(row)
            except RejectedRow as fault:
                self.rejects.append(Reject(file, line, str(fault)))

    def _take_case(self, row: dict[str, str]) -> None:
        case_id = _required(row, "case_id")
        case = Case(
            account=_optional(row, "account") or self.account,
            case_id=case_id,
            number=_optional(row, "case_number") or case_id,
            person=_required(row, "person_name"),
            channel=_required(row, "channel"),
            case_type=_required(row, "case_type"),
            team=_optional(row, "team"),
            opened_at=self._time(row, "opened_at", _required(row, "opened_at")),
            closed_at=self._optional_time(row, "closed_at"),
        )
        self._cases[case.account, case.case_id] = case

    def _take_message(self, row: dict[str, str]) -> None:
        account = _optional(row, "account") or self.account
        message_id = _required(row, "message_id")
        case = self._cases.get((account, _required(row, "case_id")))
        if case is None:
            raise RejectedRow("case_id")
        direction = _word(row, "direction", _required(row, "direction"), ("out", "in"))
        status = _word(row, "status", _optional(row, "status") or "unknown", RANK)
        kind = _word(row, "kind", _optional(row, "kind") or "session", ("hsm", "session"))
        sent_at = self._time(row, "sent_at", _required(row, "sent_at"))
        is_bot = _truth(row, "is_bot") or False
        billable = _truth(row, "billable")
        phone = _phone(row, "phone")
        business_number = _phone(row, "business_number")
        earlier = self._messages.get((account, message_id))
        if earlier is not None and earlier.case is not case:
            raise RejectedRow("message_id")
        if direction == "in":
            status = "unknown"  # an incoming message's status is never given, but derived
        elif earlier is not None:
            status = max(status, earlier.status, key=RANK.index)
        self._messages[account, message_id] = Message(
            case=case,
            message_id=message_id,
            direction=direction,
            status=status,
            kind=kind,
            template=_optional(row, "template_name"),
            phone=phone,
            body=row.get("body") or None,
            sent_at=sent_at,
            agent=_optional(row, "agent"),
            is_bot=is_bot,
            category=_optional(row, "template_category"),
            error_code=_optional(row, "error_code"),
            error_title=_optional(row, "error_title"),
            billable=billable,
            pricing_category=_optional(row, "pricing_category"),
            business_number=business_number,
        )

    def _optional_time(self, row: dict[str, str], column: str) -> datetime | None:
        text = _optional(row, column)
        return None if text is None else self._time(row, column, text)

    def _time(self, row: dict[str, str], column: str, text: str) -> datetime:
        """Return the time ``text`` of ``column`` in UTC; without an offset it is UTC already.

        Raises ``RejectedRow`` where it cannot be read, its local year is outside 1900 to 2100, or
        its offset is greater than 14 hours.
        """
        try:
            given = datetime.fromisoformat(text)
            aware = given if given.tzinfo else given.replace(tzinfo=UTC)
            local_year = aware.astimezone(self.zone).year
            in_utc = aware.astimezone(UTC)
        except (ValueError, OverflowError):
            raise RejectedRow(column) from None
        if not 1900 <= local_year <= 2100 or abs(aware.utcoffset() or timedelta()) > LONGEST_OFFSET:
            raise RejectedRow(column)
        return in_utc

    # --- what follows from the rows -----------------------------------------------------------

    def _derive(self) -> None:
        for message in sorted(self._messages.values(), key=lambda message: message.order):
            message.case.messages.append(message)
        for case in self._cases.values():
            for seq, message in enumerate(case.messages, start=1):
                message.seq = seq
            _derive_contact_phones(case.messages)
            _derive_sessions(case.messages)
            _derive_incoming_statuses(case)
            _derive_attendance(case)
            _derive_waits(case)
        self._derive_answers_and_windows()

    def _derive_answers_and_windows(self) -> None:
        """Set ``answered`` of HSMs that a customer's message followed within 24 h, and
        ``in_window`` of HSMs that followed one within 24 h.

        Both look at conversations: all messages of one contact phone in one account or, where no
        phone is known, of one case.
        """
        conversations: dict[tuple[str, str | None, str | None], list[Message]] = defaultdict(list)
        for message in sorted(self._messages.values(), key=lambda message: message.order):
            case_id = message.case.case_id if message.contact_phone is None else None
            key = (message.case.account, message.contact_phone, case_id)
            conversations[key].append(message)
        for conversation in conversations.values():
            latest_hsm: Message | None = None
            latest_incoming: Message | None = None
            for message in conversation:
                if message.direction == "in":
                    latest_incoming = message
                elif message.is_hsm and latest_incoming is not None:
                    message.in_window = message.sent_at - latest_incoming.sent_at <= ONE_DAY
                if message.is_hsm:
                    latest_hsm = message
                elif (
                    message.direction == "in"
                    and latest_hsm is not None
                    and message.sent_at - latest_hsm.sent_at <= ONE_DAY
                    and latest_hsm.status in ARRIVED
                ):
                    latest_hsm.answered = True

    # --- selection ----------------------------------------------------------------------------

    def hour(self, moment: datetime) -> int:
        """Return the local hour of ``moment``, 0 to 23."""
        return moment.astimezone(self.zone).hour

    def day(self, moment: datetime) -> date:
        """Return the local day of ``moment``."""
        known = self._days.get(moment)
        if known is None:
            known = self._days[moment] = moment.astimezone(self.zone).date()
        return known

    @property
    def today(self) -> date:
        """The present local day."""
        return self.now.astimezone(self.zone).date()

    def period(self, query: Query) -> tuple[date, date]:
        """Return the first and the last day of the period of ``query``.

        Without a period in ``query`` it is the 30 days that end on the newest day of a message
        (basis ``opened``: of an opening), or on ``today`` where that is earlier. The preset ``all``
        begins on the oldest day and ends likewise.
        """
        if "start" in query:
            return date.fromisoformat(str(query["start"])), date.fromisoformat(str(query["end"]))
        if query.get("basis", "sent") == "sent":
            days = [self.day(message.sent_at) for message in self.messages]
        else:
            days = [self.day(case.opened_at) for case in self.cases]
        end = min(max(days, default=self.today), self.today)
        if "period" not in query:
            return end - timedelta(days=29), end
        if query["period"] == "all":
            return min(min(days, default=end), end), end
        meant = PRESETS[str(query["period"])](self.today)
        return min(meant), max(meant)

    def before(self, query: Query) -> tuple[date, date, datetime | None]:
        """Return the first and the last day with whose figures those of ``query`` are compared.

        Also the time of the last day after which nothing counts, None where all of it does.
        """
        start, end = self.period(query)
        months = 0
        is_so_far = end == self.today and start == end.replace(day=1)
        if start.day == 1 and (is_so_far or (end + timedelta(days=1)).day == 1):
            while _earlier_by_months(end.replace(day=1), months) >= start:
                months += 1
        shift = timedelta(days=7)
        while shift.days < (end - start).days + 1:
            shift += timedelta(days=7)

        def earlier(day: date) -> date:
            return _earlier_by_months(day, months) if months else day - shift

        if start <= self.today <= end:
            last = earlier(self.today)
            return earlier(start), last, self._same_time(last)
        return earlier(start), start - timedelta(days=1) if months else earlier(end), None

    def previous(self, query: Query) -> dict[str, str | None]:
        """Return the days before as API answers say them."""
        start, end, until = self.before(query)
        written = until.astimezone(self.zone).isoformat(timespec="minutes") if until else None
        # Offsets of the 19th century have seconds, which ISO 8601 has not.
        shown = written and written[: len("2026-11-26T15:42-03:00")]
        return {"start": start.isoformat(), "end": end.isoformat(), "until": shown}

    def _same_time(self, day: date) -> datetime:
        """Return the first moment of ``day`` at which local clocks show the minute of ``now``.

        Where they skip it, it is the moment at which they would have shown it.
        """
        minute = self.now.astimezone(self.zone).time().replace(second=0, microsecond=0, fold=0)
        if (day, minute) not in self._same_times:
            wanted = datetime.combine(day, minute)
            moment = wanted.replace(tzinfo=UTC) - timedelta(hours=20)
            while (shown := self._shown(moment + timedelta(minutes=1))) < wanted:
                moment += timedelta(minutes=1)
            if shown == wanted:
                moment += timedelta(minutes=1)
            self._same_times[day, minute] = moment + (wanted - self._shown(moment))
        return self._same_times[day, minute]

    def _shown(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def select(
        self, query: Query, period: tuple[date, date, datetime | None] | None = None
    ) -> Selection:
        """Return the cases and messages that ``query`` selects, in ``period`` instead of its own
        where that is given: as ``before`` returns it.
        """
        start, end, until = period or (*self.period(query), None)
        basis = str(query.get("basis", "sent"))
        wanted = {name: _values(query, name) for name in CASE_FILTERS + MESSAGE_FILTERS}
        key = (start, end, until, basis, *map(tuple, wanted.values()))
        if key not in self._selections:
            nothing = Selection(start, end, until, basis, [], [])
            self._selections[key] = self._select(nothing, wanted)
        return self._selections[key]

    def is_in_time(self, selection: Selection, moment: datetime) -> bool:
        """Return whether ``moment`` is not too late for ``selection``."""
        is_last_day = self.day(moment) >= selection.end
        return selection.until is None or not is_last_day or moment <= selection.until

    def _is_inside(self, selection: Selection, moment: datetime) -> bool:
        is_within = selection.start <= self.day(moment) <= selection.end
        return is_within and self.is_in_time(selection, moment)

    def _select(self, nothing: Selection, wanted: dict[str, list[str]]) -> Selection:
        """Return the selection that has period and basis of ``nothing``."""
        basis = nothing.basis
        about_messages = any(wanted[name] for name in MESSAGE_FILTERS)
        cases: list[Case] = []
        messages: list[Message] = []
        for case in self.cases:
            if not all(_keeps(wanted[name], _of_case(case, name)) for name in CASE_FILTERS):
                continue
            opened_inside = self._is_inside(nothing, case.opened_at)
            if basis == "opened" and not opened_inside:
                continue
            kept = [
                message
                for message in case.messages
                if (basis == "opened" or self._is_inside(nothing, message.sent_at))
                and self.is_in_time(nothing, message.sent_at)
                and all(
                    _keeps(wanted[name], _of_message(message, name)) for name in MESSAGE_FILTERS
                )
            ]
            if kept or (opened_inside and not about_messages):
                cases.append(case)
                messages.extend(kept)
        return replace(nothing, cases=cases, messages=messages)

    def options(self, name: str, query: Query) -> list[tuple[str, int]]:
        """Return the values that the filter ``name`` offers, each with its number of cases.

        The values of ``name`` in ``query`` do not matter. Most cases first, then by value.
        """
        others = {key: value for key, value in query.items() if key != name}
        selection = self.select(others)
        counts: Counter[str] = Counter()
        if name in CASE_FILTERS:
            counts.update(
                value for case in selection.cases if (value := _of_case(case, name)) is not None
            )
        else:
            pairs = {
                (value, message.case.account, message.case.case_id)
                for message in selection.messages
                if (value := _of_message(message, name)) is not None
            }
            counts.update(value for value, _, _ in pairs)
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    # --- answers ------------------------------------------------------------------------------

    @classmethod
    def computes(cls, slug: str) -> bool:
        """Return whether the panel ``slug`` has a method here: ``panel_`` and its name."""
        return callable(getattr(cls, _method(slug), None))

    def answer(self, slug: str, query: Query) -> list[Row]:
        """Return the rows of the panel ``slug`` as the API's JSON has them.

        Not of ``waiting``, which depends on the present time: call ``panel_waiting``. An answer is
        kept: tests ask for the same of servers with and without a cache.
        """
        key = (slug, json.dumps(query, sort_keys=True), self.now, self.reply_target)
        if key not in self._answers:
            self._answers[key] = getattr(self, _method(slug))(query)
        return [dict(row) for row in self._answers[key]]

    def total(self, query: Query) -> int:
        """Return how many rows ``details`` has on all pages together."""
        return len(self._table(query))

    @cached_property
    def lines(self) -> dict[tuple[str, str], Line]:
        """What each message costs without prices, by account and id."""
        found: dict[tuple[str, str], Line] = {}
        for account in {message.case.account for message in self.messages}:
            sent = [
                Sent(
                    message.message_id,
                    message.sent_at,
                    message.status,
                    message.kind,
                    template_category=message.category,
                    business_number=message.business_number,
                    billable=message.billable,
                    pricing_category=message.pricing_category,
                    in_window=message.in_window,
                )
                for message in self.messages
                if message.case.account == account and message.direction == "out"
            ]
            lines = Costs((), (), zone=str(self.zone)).lines(sent)
            found |= {(account, name): line for name, line in lines.items()}
        return found

    def panel_cost(self, query: Query) -> list[Row]:
        groups: dict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)
        for message in self.select(query).messages:
            line = self.lines.get((message.case.account, message.message_id))
            if line is None:
                continue
            day = self.day(message.sent_at).isoformat()
            for by, value in (
                ("total", None),
                ("category", line.category),
                ("template", message.template),
                ("day", day),
            ):
                counts = groups[by, value]
                counts["billable"] += line.charge != "free"
                counts["perhaps"] += line.charge == "perhaps"
                counts["free"] += line.charge == "free"
        rows = [
            {
                "by": by,
                "value": value,
                "currency": None,
                "billable": counts["billable"],
                "perhaps": counts["perhaps"],
                "free": counts["free"],
                "unpriced": counts["billable"],
                "amount": None if counts["billable"] else 0,
                "certainty": "unknown" if counts["billable"] else "exact",
            }
            for (by, value), counts in groups.items()
        ]
        order = ("total", "category", "template", "day")
        return sorted(
            rows,
            key=lambda row: (
                order.index(row["by"]),
                row["value"] if row["by"] == "day" else "",
                -row["billable"],
                row["value"] is None,
                row["value"] or "",
            ),
        )

    def panel_cost_lines(self, query: Query) -> list[Row]:
        chosen = self.select(query).messages
        kept = sorted(chosen, key=lambda message: message.order, reverse=True)
        rows = []
        for message in kept:
            line = self.lines.get((message.case.account, message.message_id))
            if line is not None:
                rows.append(self._line_row(message, line))
        page, size = int(str(query.get("page", "0"))), int(str(query.get("page_size", "20")))
        return rows[page * size : (page + 1) * size]

    def _line_row(self, message: Message, line: Line) -> Row:
        return {
            "message_id": message.message_id,
            "case_number": message.case.number,
            "sent_at": message.sent_at.astimezone(self.zone).isoformat(),
            "charged_day": self.day(message.sent_at).isoformat(),
            "business_number": message.business_number,
            "template_name": message.template,
            "category": line.category,
            "country": None,
            "charge": line.charge,
            "rule": None,
            "allowance_place": 0,
            "allowance": 0,
            "rate": None,
            "rate_from": None,
            "currency": None,
            "amount": line.amount,
            "certainty": line.certainty,
            "reason": line.reason,
        }

    def panel_waiting(self, query: Query, now: datetime) -> Row:
        """Return the API's answer at ``now``: ``rows`` of one page, ``total`` and ``windows``.

        ``windows`` counts all waiting cases by how much of their 24 h window is left. Seconds of
        ``now`` are cut off. Period and filters of the message are ignored.
        """
        minute = now.replace(second=0, microsecond=0)
        waiting = [
            case
            for case in self.cases
            if case.waiting_since is not None
            and all(_keeps(_values(query, name), _of_case(case, name)) for name in CASE_FILTERS)
        ]
        waiting.sort(key=lambda c: (c.waiting_since, c.number, c.account, c.case_id))
        if query.get("order", "closing") == "closing":
            closes = {case: (case.last_customer_at or minute) + ONE_DAY for case in waiting}
            open_ones = [case for case in waiting if closes[case] >= minute]
            closed_ones = [case for case in waiting if closes[case] < minute]
            waiting = [*sorted(open_ones, key=closes.__getitem__), *closed_ones]
        rows = [self._waiting_row(case, minute) for case in waiting]
        counts = Counter(row["window"] for row in rows)
        page, size = int(str(query.get("page", "0"))), int(str(query.get("page_size", "20")))
        return {
            "rows": rows[page * size : (page + 1) * size],
            "total": len(rows),
            "windows": {name: counts[name] for name in WINDOWS},
        }

    def _waiting_row(self, case: Case, minute: datetime) -> Row:
        last, since = case.last_customer_at, case.waiting_since
        assert last
        assert since
        left = last + ONE_DAY - minute
        window = "over_6h"
        if left <= timedelta(hours=6):
            window = "from_2h_to_6h"
        if left < timedelta(hours=2):
            window = "under_2h"
        if left < timedelta(0):
            window = "expired"
        return {
            "case_number": case.number,
            "case_type": case.case_type,
            "channel": case.channel,
            "team": case.team,
            "person_name": case.person,
            "last_agent": case.last_agent,
            "waiting_since": since.astimezone(self.zone).isoformat(),
            "last_message_at": last.astimezone(self.zone).isoformat(),
            "window_closes_at": (last + ONE_DAY).astimezone(self.zone).isoformat(),
            "window": window,
        }

    def panel_messages_by_origin(self, query: Query) -> list[Row]:
        selection = self.select(query)
        counts: Counter[tuple[date, str]] = Counter()
        width = _bucket_of(query, selection)
        for message in selection.messages:
            moment = message.sent_at if selection.basis == "sent" else message.case.opened_at
            counts[_first_day(self.day(moment), width), message.direction] += 1
        return [
            {"period": first, "direction": direction, "messages": counts[day, direction]}
            for day in _bucket_days(selection, width)
            for first in [day.isoformat()]
            for direction in ("out", "in")
        ]

    def panel_messages_by_status(self, query: Query) -> list[Row]:
        counts = Counter((m.direction, m.status) for m in self.select(query).messages)
        return [
            {"status": status, "direction": direction, "messages": counts[direction, status]}
            for direction in ("out", "in")
            for status in LIFE_CYCLE
        ]

    def rates_by_kind(self, query: Query) -> Row:
        """Return delivery rate and read rate of HSMs and of all other outgoing messages apart.

        They are columns of ``indicators`` that only the page and the download have.
        """
        rates: Row = {}
        for kind in ("hsm", "session"):
            out = [
                m for m in self.select(query).messages if m.direction == "out" and m.kind == kind
            ]
            arrived = sum(message.status in ARRIVED for message in out)
            sent_out = sum(message.status in SENT_OUT for message in out)
            rates[f"{kind}_delivery_rate"] = ratio(arrived, sent_out)
            rates[f"{kind}_read_rate"] = ratio(sum(m.status == "read" for m in out), arrived)
        return rates

    def _created_and_attended(self, selection: Selection) -> tuple[list[date], list[date]]:
        """Return a local day for each case that counts as created, and for each attended one."""
        if selection.basis == "opened":
            created = [self.day(case.opened_at) for case in selection.cases]
            attended = [
                self.day(case.opened_at)
                for case in selection.cases
                if case.first_attended_at is not None
                and self.is_in_time(selection, case.first_attended_at)
            ]
            return created, attended
        opened = [case.opened_at for case in selection.cases]
        spoken = [case.first_attended_at for case in selection.cases if case.first_attended_at]
        return self._days_inside(selection, opened), self._days_inside(selection, spoken)

    def _days_inside(self, selection: Selection, moments: list[datetime]) -> list[date]:
        return [self.day(moment) for moment in moments if self._is_inside(selection, moment)]

    def panel_cases(self, query: Query) -> list[Row]:
        selection = self.select(query)
        width = _bucket_of(query, selection)
        created, attended = (
            Counter(_first_day(day, width) for day in days)
            for days in self._created_and_attended(selection)
        )
        return [
            {"period": day.isoformat(), "created": created[day], "attended": attended[day]}
            for day in _bucket_days(selection, width)
        ]

    def panel_templates(self, query: Query) -> list[Row]:
        sends: dict[str | None, list[Message]] = defaultdict(list)
        for message in self.select(query).messages:
            if message.is_hsm:
                sends[message.template].append(message)
        rows: list[Row] = [
            {
                "template_name": name,
                "sent": sum(message.status in SENT_OUT for message in messages),
                "delivered": sum(message.status in ARRIVED for message in messages),
                "read": sum(message.status == "read" for message in messages),
                "failed": sum(message.status == "failed" for message in messages),
                "answered": sum(message.answered for message in messages),
            }
            for name, messages in sends.items()
        ]
        rows.sort(key=lambda row: (row["template_name"] is None, row["template_name"] or ""))
        return sorted(rows, key=lambda row: -int(row["sent"]))

    def answerable(self, query: Query) -> dict[str | None, int]:
        """Return how many selected sends of each template can still become answered, now.

        They are at most 24 h old, did not fail and are not answered.
        """
        minute = self.now.replace(second=0, microsecond=0)
        found: Counter[str | None] = Counter()
        for message in self.select(query).messages:
            is_young = message.sent_at >= minute - timedelta(hours=24)
            if message.is_hsm and is_young and not message.answered:
                found[message.template] += message.status in ("sent", "delivered", "read")
        return {name: count for name, count in found.items() if count}

    def panel_failures(self, query: Query) -> list[Row]:
        failed: dict[str | None, list[Message]] = defaultdict(list)
        for message in self.select(query).messages:
            if message.direction == "out" and message.status == "failed":
                failed[message.error_code].append(message)
        rows: list[Row] = [
            {
                "action": _action(code),
                "error_code": code,
                "error_title": _most_frequent(message.error_title for message in messages),
                "messages": len(messages),
            }
            for code, messages in failed.items()
        ]
        actions: list[str | None] = [*ACTIONS, None]
        rows.sort(key=lambda row: row["error_code"] or "")
        rows.sort(key=lambda row: -row["messages"])
        return sorted(rows, key=lambda row: actions.index(row["action"]))

    def panel_hsm_in_window(self, query: Query) -> list[Row]:
        sent: dict[str | None, list[Message]] = defaultdict(list)
        for message in self.select(query).messages:
            if message.is_hsm and message.status in SENT_OUT:
                sent[message.category].append(message)
        rows: list[Row] = [
            {
                "template_category": category,
                "sent": len(messages),
                "in_window": sum(message.in_window for message in messages),
            }
            for category, messages in sent.items()
        ]
        rows.sort(
            key=lambda row: (row["template_category"] is None, row["template_category"] or "")
        )
        return sorted(rows, key=lambda row: -int(row["sent"]))

    def panel_indicators(self, query: Query) -> list[Row]:
        row = self._figures(query, (*self.period(query), None))
        before = self._figures(query, self.before(query))
        return [row | {f"previous_{name}": value for name, value in before.items()}]

    def _figures(self, query: Query, period: tuple[date, date, datetime | None]) -> Row:
        selection = self.select(query, period)
        out = [message for message in selection.messages if message.direction == "out"]
        sent_out = sum(message.status in SENT_OUT for message in out)
        arrived = sum(message.status in ARRIVED for message in out)
        created, attended = self._created_and_attended(selection)
        seconds = [
            case.response_seconds
            for case in selection.cases
            if case.response_seconds is not None
            and case.responded_at is not None
            and self.is_in_time(selection, case.responded_at)
            and (selection.basis == "opened" or self._is_inside(selection, case.responded_at))
        ]
        share = ratio(len(attended), len(created)) if selection.basis == "opened" else None
        return {
            "messages": len(selection.messages),
            "sent_messages": len(out),
            "received_messages": len(selection.messages) - len(out),
            "delivery_rate": ratio(arrived, sent_out),
            "read_rate": ratio(sum(message.status == "read" for message in out), arrived),
            "failure_rate": ratio(sum(message.status == "failed" for message in out), sent_out),
            "cases_created": len(created),
            "cases_attended": len(attended),
            "attended_share": share,
            "median_first_response_seconds": percentile(seconds, 0.5),
            "p90_first_response_seconds": percentile(seconds, 0.9),
            **self.wait_figures([m for m in selection.messages if m.begins_wait]),
        }

    def wait_figures(self, begins: list[Message]) -> Row:
        """Return the figures of the waits that begin with these messages, at the minute of now."""
        minute = self.now.replace(second=0, microsecond=0)
        replies = [m.reply_seconds for m in begins if m.reply_seconds is not None]
        too_old = sum(m.reply is None and minute - m.sent_at > self.reply_target for m in begins)
        in_time = sum(seconds <= self.reply_target.total_seconds() for seconds in replies)
        return {
            "waits": len(begins),
            "median_reply_seconds": percentile(replies, 0.5),
            "within_target_share": ratio(in_time, len(replies) + too_old),
        }

    def panel_breakdown(self, query: Query) -> list[Row]:
        by = str(query.get("by", "channel"))
        now = self._groups(query, by, (*self.period(query), None))
        before = self._groups(query, by, self.before(query))
        waiting = Counter(
            _of_case(case, by)
            for case in self.cases
            if by in CASE_FILTERS
            and case.waiting_since is not None
            and all(_keeps(_values(query, name), _of_case(case, name)) for name in CASE_FILTERS)
        )
        rows = [
            _named(value, by)
            | self._group_figures(now.get(value, Group()))
            | {"waiting": waiting[value] if by in CASE_FILTERS else None}
            | {
                f"previous_{name}": figure
                for name, figure in self._group_figures(before.get(value, Group())).items()
            }
            for value in TIMES.get(by) or {*now, *before}
        ]
        if by in TIMES:
            return rows
        rows.sort(key=lambda row: (row["value"] is None, row["value"] or ""))
        return sorted(rows, key=lambda row: -int(row["messages"]))

    def _groups(
        self, query: Query, by: str, period: tuple[date, date, datetime | None]
    ) -> dict[Hashable, "Group"]:
        """Return what the selection has of each value of ``by``, where it has anything."""
        selection = self.select(query, period)
        groups: dict[Hashable, Group] = defaultdict(Group)
        for message in selection.messages:
            for value in self._values_of_message(selection, by, message):
                groups[value].messages.append(message)
            for value in self._values_of_wait(selection, by, message):
                groups[value].waits.append(message)
        for case in selection.cases:
            for cases, moment in (
                ("created", case.opened_at),
                ("attended", case.first_attended_at),
                ("responded", case.responded_at),
            ):
                if moment is not None and self._counts(selection, case, moment):
                    for value in self._values_of_case(selection, by, case, moment):
                        getattr(groups[value], cases).append(case)
        return groups

    def _values_of_message(
        self, selection: Selection, by: str, message: Message
    ) -> Iterable[Hashable]:
        if by == "template":
            return [message.template] if message.kind == "hsm" else []
        return self._values_of_case(selection, by, message.case, message.sent_at)

    def _values_of_wait(
        self, selection: Selection, by: str, message: Message
    ) -> Iterable[Hashable]:
        if not message.begins_wait:
            return []
        if by == "agent" and message.reply is not None:
            return [message.reply.agent]
        return self._values_of_message(selection, by, message)

    def _values_of_case(
        self, selection: Selection, by: str, case: Case, moment: datetime
    ) -> Iterable[Hashable]:
        """Return the values for which a case counts, of something that happened at ``moment``."""
        if by in TIMES:
            at = case.opened_at if selection.basis == "opened" else moment
            return [self._weekday_and_hour(by, at)]
        if by == "template":
            return selection.templates[case]
        return [_of_case(case, by)]

    def _counts(self, selection: Selection, case: Case, moment: datetime) -> bool:
        """Return whether what happened to a case at ``moment`` counts."""
        if selection.basis == "opened":
            return self._is_inside(selection, case.opened_at) and self.is_in_time(selection, moment)
        return self._is_inside(selection, moment)

    def _weekday_and_hour(self, by: str, moment: datetime) -> Hashable:
        local = moment.astimezone(self.zone)
        pair = (local.isoweekday(), local.hour)
        return {"weekday": pair[0], "hour": pair[1], "weekday_hour": pair}[by]

    def _group_figures(self, group: "Group") -> Row:
        """Return the figures of ``breakdown`` of one value in one period, but ``waiting``."""
        out = Counter(m.status for m in group.messages if m.direction == "out")
        sent_out, arrived = (sum(out[name] for name in some) for some in (SENT_OUT, ARRIVED))
        return {
            "messages": len(group.messages),
            "sent_messages": out.total(),
            "received_messages": len(group.messages) - out.total(),
            "cases_created": len(group.created),
            "cases_attended": len(group.attended),
            "delivery_rate": ratio(arrived, sent_out),
            "read_rate": ratio(out["read"], arrived),
            "failure_rate": ratio(out["failed"], sent_out),
            "median_first_response_seconds": percentile(_response_seconds(group.responded), 0.5),
            **self.wait_figures(group.waits),
        }

    def _table(self, query: Query) -> list[Message]:
        """Return all messages of the table, newest first, as filters of columns leave them."""
        kept = self.select(query).messages
        for name, text in query.items():
            if name.startswith("where."):
                column = name.removeprefix("where.")
                if column == "error_code":  # as a whole; "—" for none
                    kept = [m for m in kept if (m.error_code or "—") == text]
                    continue
                kept = [m for m in kept if fold(str(text)) in fold(_table_text(m, column))]
        return sorted(kept, key=lambda message: message.order, reverse=True)

    def panel_details(self, query: Query) -> list[Row]:
        page, size = int(str(query.get("page", "0"))), int(str(query.get("page_size", "20")))
        rows = self._table(query)[page * size : (page + 1) * size]
        return [self._details_row(message) for message in rows]

    def _details_row(self, message: Message) -> Row:
        case = message.case
        return {
            "message_id": message.message_id,
            "case_number": case.number,
            "case_type": case.case_type,
            "channel": "WhatsApp",
            "kind": message.kind,
            "template_name": message.template,
            "status": message.status,
            "phone": mask(message.phone),
            "reply": message.body if message.direction == "out" else None,
            "seq": message.seq,
            "opened_at": case.opened_at.astimezone(self.zone).isoformat(),
            "last_agent": case.last_agent,
            "session_type": message.session_type,
            "sent_at": message.sent_at.astimezone(self.zone).isoformat(),
        }


def _last(today: date, days: int) -> list[date]:
    """Return so many days that end ``today``."""
    return [today - timedelta(days=number) for number in reversed(range(days))]


def _week(day: date) -> tuple[int, int]:
    """Return year and number of the ISO week, which begins on Monday."""
    return day.isocalendar()[:2]


def _response_seconds(cases: list[Case]) -> list[float]:
    return [case.response_seconds for case in cases if case.response_seconds is not None]


def _named(value: Hashable, by: str) -> Row:
    """Return the columns of ``breakdown`` that name a row."""
    if isinstance(value, tuple):
        return dict(zip(("weekday", "hour"), value, strict=True))
    return {"value": value}


def _method(slug: str) -> str:
    return f"panel_{slug.replace('-', '_')}"


def _action(code: str | None) -> str | None:
    if code is None:
        return None
    return next((action for action, codes in ACTIONS.items() if code in codes.split()), "other")


def _most_frequent(titles: Iterable[str | None]) -> str | None:
    """Return the most frequent text, of equally frequent ones the first alphabetically, or None."""
    counts = Counter(title for title in titles if title is not None)
    return min(counts, key=lambda title: (-counts[title], title), default=None)


# --- cells ------------------------------------------------------------------------------------


def _optional(row: dict[str, str], column: str) -> str | None:
    return (row.get(column) or "").strip() or None


def _required(row: dict[str, str], column: str) -> str:
    value = _optional(row, column)
    if value is None:
        raise RejectedRow(column)
    return value


def _phone(row: dict[str, str], column: str) -> str | None:
    """Return the phone of ``column`` as a plus and 8 to 15 digits, or None where it is empty.

    Raises ``RejectedRow`` where it cannot be read as a phone.
    """
    value = _optional(row, column)
    if value is None:
        return None
    bare = value.partition("@")[0]
    if bare.lower().startswith("whatsapp:"):
        bare = bare[len("whatsapp:") :]
    bare = "".join(sign for sign in bare if sign not in " -()[]")
    digits = bare.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 15):
        raise RejectedRow(column)
    return f"+{digits}"


def _word(row: dict[str, str], column: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise RejectedRow(column)
    return value


def _truth(row: dict[str, str], column: str) -> bool | None:
    value = _optional(row, column)
    if value is None:
        return None
    if value.lower() in ("true", "1"):
        return True
    if value.lower() in ("false", "0"):
        return False
    raise RejectedRow(column)


# --- within one case --------------------------------------------------------------------------


def _derive_contact_phones(messages: list[Message]) -> None:
    known = [message.phone for message in messages if message.phone is not None]
    phone = known[0] if known else None
    for message in messages:
        if message.phone is not None:
            phone = message.phone
        message.contact_phone = phone


def _derive_sessions(messages: list[Message]) -> None:
    last_of: dict[str | None, Message] = {}
    for message in messages:
        last = last_of.get(message.contact_phone)
        if last is not None and message.sent_at - last.sent_at <= ONE_DAY:
            message.session_type = last.session_type
        elif message.is_hsm:
            message.session_type = "hsm"
        else:
            message.session_type = "customer" if message.direction == "in" else "business"
        last_of[message.contact_phone] = message


def _derive_incoming_statuses(case: Case) -> None:
    handled = case.closed_at is not None
    for message in reversed(case.messages):
        if message.direction == "out":
            handled = True
        else:
            message.status = "read" if handled else "new"


def _derive_attendance(case: Case) -> None:
    asked_at: datetime | None = None
    for message in case.messages:
        if message.direction == "in":
            asked_at = asked_at or message.sent_at
        elif message.is_human:
            case.last_agent = message.agent
            if case.first_attended_at is None and (message.kind == "session" or asked_at):
                case.first_attended_at = message.sent_at
            if asked_at and case.responded_at is None:
                case.responded_at = message.sent_at
                case.response_seconds = (message.sent_at - asked_at).total_seconds()


def _derive_waits(case: Case) -> None:
    """Find the message with which each wait begins, and the human message that ended it."""
    open_wait: Message | None = None
    for message in case.messages:
        if message.direction == "in":
            case.last_customer_at = message.sent_at
            if open_wait is None:
                open_wait = message
                message.begins_wait = True
        elif message.is_human and open_wait is not None:
            open_wait.reply = message
            open_wait = None
    if open_wait is not None and case.closed_at is None:
        case.waiting_since = open_wait.sent_at


# --- filters and time axes --------------------------------------------------------------------


def _values(query: Query, name: str) -> list[str]:
    value = query.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _keeps(wanted: list[str], value: str | None) -> bool:
    return not wanted or value in wanted


def _of_case(case: Case, name: str) -> str | None:
    return {
        "person": case.person,
        "channel": case.channel,
        "case_type": case.case_type,
        "case": case.number,
        "team": case.team,
        "agent": case.last_agent,
    }[name]


def _of_message(message: Message, name: str) -> str | None:
    return {
        "direction": message.direction,
        "status": message.status,
        "kind": message.kind,
        "template": message.template,
    }[name]


def _table_text(message: Message, column: str) -> str:
    return {
        "message_id": message.message_id,
        "case_number": message.case.number,
        "case_type": message.case.case_type,
        "template_name": message.template,
        "reply": message.body if message.direction == "out" else None,
        "last_agent": message.case.last_agent,
    }[column] or ""


def _earlier_by_months(day: date, months: int) -> date:
    """Return the same day so many months earlier, in a shorter month its last day."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    days_of_it = [first + timedelta(days=number) for number in range(31)]
    return max(other for other in days_of_it if other.month == first.month and other.day <= day.day)


def _bucket_of(query: Query, selection: Selection) -> str:
    if "bucket" in query:
        return str(query["bucket"])
    days = (selection.end - selection.start).days + 1
    if days <= 62:
        return "day"
    return "week" if days <= 366 else "month"


def _first_day(day: date, width: str) -> date:
    if width == "day":
        return day
    return day - timedelta(days=day.weekday()) if width == "week" else date(day.year, day.month, 1)


def _bucket_days(selection: Selection, width: str) -> list[date]:
    """Return the first days of all steps of the time axis, ascending, day by day of the period."""
    length = (selection.end - selection.start).days + 1
    days = (selection.start + timedelta(days=number) for number in range(length))
    return sorted({_first_day(day, width) for day in days})
