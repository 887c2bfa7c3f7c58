"""Writes import files with every difficulty that real data may have, and queries about them.

``write_awkward`` writes the two files, ``random_queries`` yields filters with values from them. The
same seed gives the same files and queries on every machine.
"""

import csv
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.oracle.oracle import (
    CASE_COLUMNS,
    CASE_FILTERS,
    MESSAGE_COLUMNS,
    MESSAGE_FILTERS,
    PRESETS,
    RANK,
    Oracle,
)

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MICROSECOND = timedelta(microseconds=1)
#: The present time of the data, after which few things happen; the machine's clock is not used.
NEWEST = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)

PEOPLE = (
    "João da Silva",
    "Joao da Silva",
    "joão da silva",
    "JOÃO DA SILVA",
    "Jose\u0301 Nu\u0301n\u0303ez",  # decomposed accents: not the same text as the next
    "José Núñez",
    "Zoë 😀👩‍👩‍👧",
    "Silva, Maria",
    "Silva; Maria",
    'Ana "Aninha" O\'Brien',
    '<a href="https://evil.test">x</a>',
    "[x](javascript:alert(1))",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "{{7*7}} ${x} %s %(a)s",
    "100%",
    "a_b",
    "C:\\pasta\\",
    "NULL",
    "NaN",
    "NA",
    "None",
    "true",
    "0",
    "007",
    "7",
    "1e3",
    "2025-01-01",
    "Maria\nSouza",
    "Maria  Souza",
    "李小龍",
    "שלום עולם",
    "Ñandú " * 300 + "fim",
    "x" * 5_000,
)
CHANNELS = (
    "WhatsApp",
    "WhatsApp",
    "WhatsApp X",
    "whatsapp vendas",
    "WHATSAPP",
    "WhatsAppé, Sul",
    "Telefone",
    "Telefone",
    "E-mail",
    "Pré-WhatsApp",
)
CASE_TYPES = ("Dúvida", "duvida", "Reclamação", "[x](javascript:alert(1))", "Troca, dano", "NA")
TEAMS = ("", "", "N1", "n1", "Suporte", "Vendas; Sul", "null", "-")
AGENTS = ("", "Ana", "ana", "Bruno Ávila", "<b>Caio</b>", "007")
BOT = "Robô 🤖"
TEMPLATES = (
    "",
    "boas_vindas",
    "Boas_Vindas",
    "cobrança",
    "cobranca",
    "aviso, 1",
    "NaN",
    "<i>oferta</i>",
    "z" * 200,
    "10",
    "9",
)
#: Error codes of every action, unknown ones, and none.
ERROR_CODES = (
    "131026",
    "131026",
    "131047",
    "131048",
    "131049",
    "131050",
    "131042",
    "131042",
    "132000",
    "132012",
    "0131026",
    "codigo é",
    "1e6",
    "=2+2",
    "",
)
ERROR_TITLES = ("", "Message undeliverable, sorry", "Não entregue", "não entregue", "=1+1", "<b>")
BODIES = (
    "",
    "   ",
    " começa e termina com espaço ",
    "uma linha",
    "duas\nlinhas",
    "com\r\nretorno",
    "aspas \"duplas\" e 'simples'",
    "vírgula, ponto e vírgula; tabulação\t.",
    "emoji 😀🇧🇷",
    '<img src=x onerror="alert(1)">',
    "[x](javascript:alert(1))",
    "Olá, João!",
    "OLÁ JOAO",
    "100%_\\",
    "NULL",
    "NaN",
    "=1+1",
    "-1",
)
GAPS = (
    timedelta(0),
    MICROSECOND,
    timedelta(seconds=1),
    timedelta(minutes=7, milliseconds=250),
    timedelta(hours=1),
    timedelta(hours=23, minutes=59, seconds=59),
    timedelta(hours=24) - MICROSECOND,
    timedelta(hours=24),
    timedelta(hours=24) + MICROSECOND,
    timedelta(hours=25),
    timedelta(days=2),
    timedelta(days=40),
)
#: Days on which São Paulo's clocks were put forward or back at midnight, and days of summer time.
CLOCK_CHANGES = (
    date(2018, 2, 18),
    date(2018, 11, 4),
    date(2018, 12, 25),
    date(2019, 1, 10),
    date(2019, 2, 17),
)
#: Times that the import rejects. The last two lie in the local years 2101 and 1899.
UNREADABLE_TIMES = (
    "2025-06-10T10:00+99:99",
    "2025-06-10T10:00-15:00",
    "ontem",
    "2025-02-30T10:00:00Z",
    "31/12/2025 10:00",
    "2101-01-01T03:00:00Z",
    "1900-01-01T02:00:00Z",
)

Row = dict[str, str]
Queries = dict[str, str | list[str]]


@dataclass
class _Sheet:
    """The rows of both files before they are written.

    ``cases`` and ``messages`` are written in any order, ``later_cases`` and ``later_messages``
    behind them. ``message_ids`` are those that were drawn already.
    """

    rng: random.Random
    cases: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    later_cases: list[Row] = field(default_factory=list)
    later_messages: list[Row] = field(default_factory=list)
    message_ids: set[str] = field(default_factory=set)

    def new_message_id(self) -> str:
        """Return a new id, drawn by chance, so that ids of one instant have any order."""
        while True:
            lead = self.rng.choice("0aAzZé9_")
            message_id = f"{lead}{self.rng.randrange(16**6):06x}"
            if message_id not in self.message_ids:
                self.message_ids.add(message_id)
                return message_id


def write_awkward(folder: Path, seed: int, cases: int = 400) -> tuple[Path, Path]:
    """Write ``cases.csv`` and ``messages.csv`` into ``folder`` and return their paths.

    ``cases`` is roughly how many cases there are; some rows are repeated or must be rejected. Odd
    seeds write semicolons and a byte order mark, even seeds commas.
    """
    rng = random.Random(seed)
    sheet = _Sheet(rng)
    phones = _phones(rng)
    for number in range(cases):
        _add_case(sheet, number, phones)
    _add_shared_ids(sheet)
    _add_landmarks(sheet)
    _add_repeats(sheet)
    rng.shuffle(sheet.cases)
    rng.shuffle(sheet.messages)
    _add_rejects(sheet)
    cases_path, messages_path = folder / "cases.csv", folder / "messages.csv"
    odd = bool(seed % 2)
    _write(cases_path, rng, sheet.cases + sheet.later_cases, CASE_COLUMNS, semicolons=odd)
    _write(
        messages_path, rng, sheet.messages + sheet.later_messages, MESSAGE_COLUMNS, semicolons=odd
    )
    return cases_path, messages_path


# --- one case ---------------------------------------------------------------------------------


def _phones(rng: random.Random) -> list[str]:
    """Return a few phones in E.164, so few that cases and people share them."""
    mobile = [f"+55{rng.choice((11, 21, 71))}9{rng.randrange(10**8):08d}" for _ in range(14)]
    landline = [f"+55{rng.choice((11, 85))}3{rng.randrange(10**7):07d}" for _ in range(5)]
    return [*mobile, *landline, "+14155550123", "+55123456", "+551198765447123", "+351912345678"]


def _opening(rng: random.Random) -> datetime:
    """Return when a case is opened: mostly lately, often around a local midnight."""
    era = rng.random()
    if era < 0.5:
        return NEWEST - timedelta(seconds=rng.randrange(100 * 86_400))
    if era < 0.65:
        return NEWEST - timedelta(microseconds=rng.randrange(3 * 365 * 86_400 * 10**6))
    if era < 0.8:
        return _near_midnight(rng, rng.choice(CLOCK_CHANGES))
    return _near_midnight(rng, (NEWEST - timedelta(days=rng.randrange(120))).date())


def _near_midnight(rng: random.Random, day: date) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=SAO_PAULO).astimezone(UTC)
    away = rng.choice(
        (
            timedelta(0),
            MICROSECOND,
            timedelta(seconds=1),
            timedelta(minutes=59),
            timedelta(hours=1),
            timedelta(hours=3),
        )
    )
    return midnight + rng.choice((-1, 1)) * away


def _add_case(sheet: _Sheet, number: int, phones: list[str]) -> None:
    rng = sheet.rng
    branch = rng.random() < 0.08  # a second account, with ids that the first one has too
    number = rng.randrange(number) if branch and number else number
    case_id = f"c{number:04d}"
    if branch and any(row["case_id"] == case_id and row["account"] for row in sheet.cases):
        return
    opened = _opening(rng)
    row = {
        "account": "filial" if branch else "",
        "case_id": case_id,
        "case_number": rng.choice((f"{number:05d}", f"{number:05d}", f"CC-{number}", "", "00042")),
        "person_name": rng.choice(PEOPLE),
        "channel": rng.choice(CHANNELS),
        "case_type": rng.choice(CASE_TYPES),
        "team": rng.choice(TEAMS),
        "opened_at": _text(rng, opened),
        "closed_at": _text(rng, opened + rng.choice(GAPS)) if rng.random() < 0.4 else "",
    }
    sheet.cases.append(row)
    shape = rng.choices(
        (_nothing, _walk, _hsm_and_answer, _one_instant, _phone_gaps), (20, 45, 20, 8, 12)
    )[0]
    shape(sheet, row, opened, phones)


def _message(
    sheet: _Sheet, case: Row, at: datetime, direction: str, phone: str, **more: str
) -> Row:
    """Add a message to ``case`` and return its row; ``more`` replaces values of columns."""
    rng = sheet.rng
    outgoing = direction == "out"
    hsm = outgoing and rng.random() < 0.4
    bot = outgoing and rng.random() < 0.2
    status = rng.choice((*RANK, "")) if outgoing else rng.choice(("", "", "read", "delivered"))
    message_id = sheet.new_message_id()
    code, title = _error(message_id, failed=status == "failed")
    row = {
        "account": case["account"],
        "message_id": message_id,
        "case_id": case["case_id"],
        "direction": direction,
        "status": status,
        "kind": "hsm" if hsm else rng.choice(("", "session")),
        "template_name": rng.choice(TEMPLATES) if hsm else "",
        "template_category": rng.choice(("MARKETING", "UTILITY", "")) if hsm else "",
        "business_number": rng.choice(("+551140000000", "+551140000001", "")),
        "phone": _written(phone, message_id),
        "body": rng.choice(BODIES),
        "sent_at": _text(rng, at),
        "agent": (BOT if bot else rng.choice(AGENTS)) if outgoing else "",
        "is_bot": "true" if bot else rng.choice(("", "false")),
        "error_code": code,
        "error_title": title,
        "billable": rng.choice(("true", "false", "")) if outgoing else "",
        "pricing_category": "",
    } | more
    sheet.messages.append(row)
    return row


def _written(phone: str, message_id: str) -> str:
    """Return ``phone`` in one of the ways in which systems write it; the id decides which."""
    forms = ("{}", "{}", "{1}", "whatsapp:{}", "{1}@s.whatsapp.net", "+{2} ({3}) {4}-{5}")
    parts = phone[1:], phone[1:3], phone[3:5], phone[5:-4], phone[-4:]
    form = random.Random(message_id).choice(forms)
    return form.replace("{}", "{0}").format(phone, *parts) if phone else ""


def _error(message_id: str, *, failed: bool) -> tuple[str, str]:
    """Return error code and title, which the id decides; a few messages that did not fail have
    them as well.
    """
    draw = random.Random(message_id)
    if not failed and draw.random() < 0.95:
        return "", ""
    return draw.choice(ERROR_CODES), draw.choice(ERROR_TITLES)


def _nothing(_sheet: _Sheet, _case: Row, _opened: datetime, _phones: list[str]) -> None:
    """Add no message: such a case counts only where its channel is one of WhatsApp."""


def _walk(sheet: _Sheet, case: Row, opened: datetime, phones: list[str]) -> None:
    """Add messages of any direction and gap that begin before, at or long after the opening."""
    rng = sheet.rng
    at = opened + rng.choice(
        (-timedelta(days=3), -MICROSECOND, timedelta(0), timedelta(hours=1), timedelta(days=30))
    )
    phone = rng.choice(phones)
    for _ in range(rng.randrange(1, 12)):
        if rng.random() < 0.12:
            phone = rng.choice(phones)
        _message(sheet, case, at, rng.choice(("out", "in")), rng.choice((phone, phone, phone, "")))
        at += rng.choice(GAPS)


def _hsm_and_answer(sheet: _Sheet, case: Row, opened: datetime, phones: list[str]) -> None:
    """Add an HSM, at times a second one, and an answer up to 24 h later or a little more, at times
    in another case.
    """
    rng = sheet.rng
    phone = rng.choice((*phones, ""))
    first: dict[str, str] = {"kind": "hsm", "template_name": rng.choice(TEMPLATES)}
    _message(sheet, case, opened, "out", phone, **first, status=rng.choice(("delivered", "read")))
    if rng.random() < 0.4:
        again = opened + rng.choice(GAPS[:6])
        _message(sheet, case, again, "out", phone, **first, status=rng.choice(RANK))
    answered = opened + rng.choice(GAPS[4:10])
    others = [row for row in sheet.cases if row["account"] == case["account"]]
    answering = rng.choice(others) if phone and rng.random() < 0.3 else case
    _message(sheet, answering, answered, "in", phone)
    if rng.random() < 0.6:
        _message(sheet, case, answered + rng.choice(GAPS), "out", phone, agent="Ana")


def _one_instant(sheet: _Sheet, case: Row, opened: datetime, phones: list[str]) -> None:
    """Add several messages of the same microsecond, which only their ids put in order."""
    rng = sheet.rng
    phone = rng.choice(phones)
    for direction in rng.choices(("out", "in"), k=rng.randrange(3, 7)):
        _message(sheet, case, opened, direction, phone)


def _phone_gaps(sheet: _Sheet, case: Row, opened: datetime, phones: list[str]) -> None:
    """Add messages of which the first, the last, some or all have no phone."""
    rng = sheet.rng
    a, b = rng.sample(phones, 2)
    pattern = rng.choice((("", a, a), (a, "", a), (a, a, ""), ("", a, "", b, ""), ("", "", "")))
    at = opened
    for phone in pattern:
        _message(sheet, case, at, rng.choice(("out", "in")), phone)
        at += rng.choice(GAPS)


# --- the whole --------------------------------------------------------------------------------


def _add_shared_ids(sheet: _Sheet) -> None:
    """Give messages of the second account ids that messages of the first account have as well."""
    ids = [row["message_id"] for row in sheet.messages if not row["account"]]
    others = [row for row in sheet.messages if row["account"]]
    for row, message_id in zip(others, sheet.rng.sample(ids, len(others) // 2), strict=False):
        row["message_id"] = message_id


def _add_landmarks(sheet: _Sheet) -> None:
    """Add single rows that chance would hardly give: first and last years, a long text."""
    plain = {"account": "", "case_number": "", "person_name": "Marco", "case_type": "Dúvida"}
    plain |= {"team": "", "closed_at": ""}
    # The first and the last local years that are taken. The last is never counted: no message.
    for case_id, channel, opened in (
        ("year-1900", "WhatsApp", "1900-01-01T12:00:00Z"),
        ("year-2100", "Telefone", "2101-01-01T02:59:59.999999Z"),
        ("year-2018", "whatsapp", "2018-11-04T03:00:00Z"),
    ):
        sheet.cases.append({**plain, "case_id": case_id, "channel": channel, "opened_at": opened})
    # 2025-10-17 00:00:22 UTC is 16 October in São Paulo.
    eve = datetime(2025, 10, 17, 0, 0, 22, tzinfo=UTC)
    case = {**plain, "case_id": "eve", "channel": "Telefone", "opened_at": eve.isoformat()}
    sheet.cases.append(case)
    _message(sheet, case, eve, "in", "+5511987654471")
    _message(sheet, case, eve, "out", "", body="muito longo " * 12_000)


def _add_repeats(sheet: _Sheet) -> None:
    """Add rows that replace an earlier row of the same case or message."""
    rng = sheet.rng
    for row in rng.choices(sheet.cases, k=len(sheet.cases) // 30):
        changes = {"person_name": rng.choice(PEOPLE), "team": rng.choice(TEAMS), "closed_at": ""}
        if row["case_id"].startswith("c"):
            changes |= {"channel": rng.choice(CHANNELS), "opened_at": _text(rng, _opening(rng))}
        sheet.later_cases.append(row | changes)
    for row in rng.choices(sheet.messages, k=len(sheet.messages) // 12):
        changes = {"body": rng.choice(BODIES), "error_code": "", "error_title": ""}
        if row["direction"] == "out":
            changes |= {"status": rng.choice((*RANK, "")), "agent": rng.choice(AGENTS)}
            changes["is_bot"] = ""
        if rng.random() < 0.3:
            changes["sent_at"] = _text(rng, _opening(rng))
        sheet.later_messages.append(row | changes)


def _add_rejects(sheet: _Sheet) -> None:
    """Add rows that the import must reject, each for one reason, anywhere in the files."""
    rng = sheet.rng
    good_cases = [row for row in sheet.cases if not row["account"]]
    good_messages = [row for row in sheet.messages if not row["account"]]
    for changes in _case_faults():
        # Half of these have the key of a good row, which a rejected row must not replace.
        key = {} if rng.random() < 0.5 else {"case_id": f"bad{rng.randrange(10**9)}"}
        _insert(rng, sheet.cases, rng.choice(good_cases) | key | changes)
        if key and "case_id" not in changes:  # a message of a rejected case is rejected as well
            orphan = rng.choice(good_messages) | key | {"message_id": sheet.new_message_id()}
            _insert(rng, sheet.messages, orphan)
    for changes in _message_faults():
        key = {} if rng.random() < 0.5 else {"message_id": sheet.new_message_id()}
        _insert(rng, sheet.messages, rng.choice(good_messages) | key | changes)
    # The id of a rejected row can be used again: the row with a bad time comes first.
    same_id = {"message_id": sheet.new_message_id()}
    sheet.messages.insert(0, rng.choice(good_messages) | same_id | {"sent_at": "amanhã"})
    sheet.later_messages.append(rng.choice(good_messages) | same_id)
    # An id that already belongs to another case: the first stays.
    for row in rng.sample(good_messages, 12):
        elsewhere = rng.choice([o for o in good_messages if o["case_id"] != row["case_id"]])
        sheet.later_messages.append(row | {"case_id": elsewhere["case_id"]})


def _case_faults() -> list[dict[str, str]]:
    return [
        *({name: " "} for name in ("case_id", "person_name", "channel", "case_type", "opened_at")),
        *({"opened_at": text} for text in UNREADABLE_TIMES),
        {"closed_at": "2025-13-01T00:00:00Z"},
    ]


def _message_faults() -> list[dict[str, str]]:
    return [
        *({name: ""} for name in ("message_id", "case_id", "direction", "sent_at")),
        *({"sent_at": text} for text in UNREADABLE_TIMES),
        {"direction": "para fora"},
        {"direction": "in", "status": "visto"},
        {"direction": "out", "status": "despachado"},
        {"kind": "template"},
        {"case_id": "no such case"},
        {"is_bot": "talvez"},
        {"billable": "?"},
        {"phone": "5,51199E+12"},
        {"phone": "+55 1234"},
        {"business_number": "ramal 12"},
    ]


def _insert(rng: random.Random, rows: list[Row], row: Row) -> None:
    rows.insert(rng.randrange(len(rows) + 1), row)


# --- writing ----------------------------------------------------------------------------------


def _text(rng: random.Random, moment: datetime) -> str:
    """Return ``moment`` in ISO 8601 with ``Z``, with an offset, or in UTC without one."""
    match rng.randrange(4):
        case 0:
            return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case 1:
            hours = rng.choice((-3.0, -2.0, 5.5, 14.0, -12.0))
            return moment.astimezone(timezone(timedelta(hours=hours))).isoformat()
        case 2:
            return moment.astimezone(UTC).replace(tzinfo=None).isoformat()
        case _:
            return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _write(
    path: Path, rng: random.Random, rows: list[Row], names: tuple[str, ...], *, semicolons: bool
) -> None:
    """Write ``rows`` as CSV, the columns in any order, with white space around some values."""
    columns = rng.sample(names, len(names))
    encoding, delimiter, end = ("utf-8-sig", ";", "\n") if semicolons else ("utf-8", ",", "\r\n")
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_padded(rng, name, row[name]) for name in columns])


def _padded(rng: random.Random, name: str, value: str) -> str:
    if name == "body" or rng.random() < 0.93:
        return value
    blanks = (" ", "  ", "\t", "\n", "\u00a0", "\u2003")
    return rng.choice(("", *blanks)) + value + rng.choice(("", *blanks))


# --- questions --------------------------------------------------------------------------------


def random_queries(rng: random.Random, data: Oracle) -> Iterator[Queries]:
    """Yield parameters of requests about ``data``, endlessly: each filter alone, then mixtures."""
    values = {
        name: known
        for name in CASE_FILTERS + MESSAGE_FILTERS
        if (known := _known_values(name, data))
    }
    everything = {"start": "2018-01-01", "end": "2026-12-31"}
    for basis in ("sent", "opened"):
        for name, known in values.items():
            yield {**everything, "basis": basis, name: rng.choice(known)}
            yield {**everything, "basis": basis, name: rng.sample(known, min(2, len(known)))}
    while True:
        query: Queries = dict(_period(rng, data))
        if rng.random() < 0.8:
            query["basis"] = rng.choice(("sent", "opened"))
        for name in rng.sample(list(values), rng.choice((0, 1, 1, 1, 2, 2, 3, 4))):
            query[name] = _choice(rng, name, values)
        query |= _bucket(rng, query)
        yield query


def random_now(rng: random.Random, data: Oracle) -> datetime:
    """Return a present time near the days of ``data``, often such that something else ends there.

    Days of clock changes, the ends of months, midnights; and a time a week, two weeks or a month
    after a message or an opening, to the same minute, so that the days before stop right there.
    """
    moments = [rng.choice(data.messages).sent_at, rng.choice(data.cases).opened_at]
    recent = [moment for moment in moments if moment.year >= 2018] or [NEWEST]
    moment = rng.choice(recent)
    local = moment.astimezone(data.zone).replace(tzinfo=None)
    pick = rng.random()
    if pick < 0.35:
        return moment + timedelta(days=rng.choice((7, 14, 28, 35, 91)))
    if pick < 0.5:
        month_later = (local.replace(day=1) + timedelta(days=32)).replace(day=min(local.day, 28))
        return month_later.replace(tzinfo=data.zone)
    day = local.date()
    if pick < 0.65:
        day = rng.choice(CLOCK_CHANGES) + timedelta(days=rng.choice((-1, 0, 1, 7, 14, 28)))
    elif pick < 0.8:
        day = day.replace(day=1) + timedelta(days=rng.choice((-1, 0, 27, 28, 29, 30, 31)))
    minute = rng.choice(((0, 0, 0), (0, 0, 59), (0, 30, 0), (23, 59, 59), (15, 42, 7), (23, 30, 0)))
    return datetime.combine(day, time(*minute), data.zone)


def running_queries(rng: random.Random, data: Oracle) -> Iterator[Queries]:
    """Yield parameters of requests about the days around ``data.now``, endlessly."""
    values = {
        name: known
        for name in CASE_FILTERS + MESSAGE_FILTERS
        if (known := _known_values(name, data))
    }
    while True:
        query: Queries = dict(_running_period(rng, data.today))
        query["basis"] = rng.choice(("sent", "opened"))
        for name in rng.sample(list(values), rng.choice((0, 0, 0, 1, 1, 2))):
            query[name] = _choice(rng, name, values)
        yield query


def _running_period(rng: random.Random, today: date) -> dict[str, str]:
    """Return a preset, or a period that holds ``today`` or lies right beside it."""
    if rng.random() < 0.5:
        return {"period": rng.choice(list(PRESETS))}
    month = today.replace(day=1)
    next_month = (month + timedelta(days=31)).replace(day=1)
    length = rng.choice((1, 2, 7, 8, 28, 30, 31, 90))
    start = today - timedelta(days=rng.randrange(-1, length + 1))
    start, end = rng.choice(
        (
            (month, next_month - timedelta(days=1)),
            ((month - timedelta(days=1)).replace(day=1), next_month - timedelta(days=1)),
            ((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
            (month, today + timedelta(days=1)),
            (start, start + timedelta(days=length - 1)),
            (start, start + timedelta(days=length - 1)),
        )
    )
    return {"start": start.isoformat(), "end": end.isoformat()}


def _known_values(name: str, data: Oracle) -> list[str]:
    """Return all values of the filter ``name`` that the data have, sorted."""
    if name in MESSAGE_FILTERS:
        values = {getattr(message, name) for message in data.messages}
    else:
        attribute = {"case": "number", "agent": "last_agent"}.get(name, name)
        values = {getattr(case, attribute) for case in data.cases}
    return sorted(values - {None})


def _choice(rng: random.Random, name: str, values: Mapping[str, list[str]]) -> str | list[str]:
    """Return one value of the filter ``name``, several, or (of free texts) an unknown one."""
    known = values[name]
    is_free_text = name not in ("direction", "status", "kind")
    chance = rng.random()
    if chance < 0.1 and is_free_text:
        return rng.choice(("no such value", "JOÃO", "NULL;--", "WhatsApp ", "%", "' OR 1=1 --"))
    if chance < 0.45:
        return rng.choice(known)
    chosen = rng.sample(known, rng.randrange(1, len(known) + 1))
    if is_free_text and chance < 0.6:
        chosen.append("no such value")
    return chosen[:300]


def _period(rng: random.Random, data: Oracle) -> dict[str, str]:
    """Return a period around days of messages and openings or far from them, or none."""
    pick = rng.random()
    if pick < 0.08:
        return {}
    moments = [rng.choice(data.messages).sent_at, rng.choice(data.cases).opened_at]
    day = data.day(rng.choice(moments))
    if day.year < 1990:
        day = date(2026, 11, 1)
    if pick < 0.2:
        start = end = day
    elif pick < 0.3:
        start = end = rng.choice(CLOCK_CHANGES) - timedelta(days=rng.randrange(2))
    elif pick < 0.36:
        start, end = date(1950, 5, 1), date(1950, 5, 1 + rng.randrange(31))
    elif pick < 0.5:
        start = day - timedelta(days=rng.randrange(3 * 365))
        end = start + timedelta(days=3 * 365)
    elif pick < 0.53:
        start, end = date(1900, 1, 1), date(2100, 12, 31)
    else:
        length = rng.choice((2, 7, 30, 61, 62, 63, 90, 365, 366, 367))
        start = day - timedelta(days=rng.randrange(length))
        end = start + timedelta(days=length - 1)
    return {"start": start.isoformat(), "end": end.isoformat()}


def _bucket(rng: random.Random, query: Queries) -> dict[str, str]:
    """Return a step of the time axis at times, never one that gives more than 4,000 steps."""
    if rng.random() > 0.3:
        return {}
    days = 30
    if "start" in query:
        first, last = (date.fromisoformat(str(query[name])) for name in ("start", "end"))
        days = (last - first).days + 1
    fits = ("day", "week", "month") if days <= 4_000 else ("month",)
    return {"bucket": rng.choice(fits)}
