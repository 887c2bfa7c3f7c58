"""``check``: what it counts, against plain Python over plain rows; how it ends; what it prints."""

import csv
import random
import re
import statistics
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from sources.checking.check import Checked
from sources.checking.checks import CHECKS
from sources.checking.run import checked
from tests.integration.conftest import Here, running_server
from tests.services import import_rows

pytestmark = pytest.mark.integration

Row = dict[str, str]
#: How many things are odd, and how many were looked at.
Counts = tuple[int, int]
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")
CUSTOMER, CUSTOMER_PHONE = "Marina Souza Prado", "+5511987650001"

# --- plain rows -------------------------------------------------------------------------------


def awkward_rows(seed: int) -> tuple[list[Row], list[Row]]:
    """Rows of cases and messages in which everything that a check looks for comes about."""
    rng = random.Random(seed)
    cases = [_case(rng, number) for number in range(150)]
    messages: list[Row] = []
    for case in cases:
        for place in range(rng.choice((0, 1, 3, 6, 9))):
            messages.append(_message(rng, case, place))
            if rng.random() < 0.1:
                messages.append(
                    {**messages[-1], "message_id": f"{messages[-1]['message_id']}-again"}
                )
    for number in range(25):
        fast, asked = _answered_at_once(number)
        cases.append(fast)
        messages += asked
    return cases, messages


def _answered_at_once(number: int) -> tuple[Row, list[Row]]:
    """A case whose customer wrote, and got an answer two seconds later."""
    opened = datetime(2026, 7, 1, 10, 20, 30, tzinfo=UTC) + timedelta(hours=number)
    case = _case(random.Random(number), number) | {
        "case_id": f"fast{number}",
        "opened_at": opened.isoformat(),
    }
    asked = _message(random.Random(number), case, 0) | {
        "message_id": f"fast{number}-0",
        "direction": "in",
        "status": "",
        "sent_at": opened.isoformat(),
    }
    answer = asked | {
        "message_id": f"fast{number}-1",
        "direction": "out",
        "agent": "Rápido",
        "is_bot": "",
        "sent_at": (opened + timedelta(seconds=2)).isoformat(),
    }
    return case, [asked, answer]


def _case(rng: random.Random, number: int) -> Row:
    day = rng.choice((*range(70), *range(90, 180)))  # a hole, and some days after ``NOW``
    opened = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=day, seconds=rng.randrange(86_400))
    if rng.random() < 0.2:
        opened = opened.replace(hour=rng.choice((0, 3)), minute=0, second=0)
    closed = opened + timedelta(hours=rng.randrange(-5, 200))
    return {
        "account": rng.choice(("", "other")),
        "case_id": f"c{number}",
        "case_number": str(rng.randrange(100, 400)),
        "person_name": rng.choice(
            (
                CUSTOMER,
                "Contato",
                "Contato",
                "+55 11 98765-0001",
                "(11) 3333-4444",
                "2026",
                "João 2",
            )
        ),
        "channel": rng.choice(("WhatsApp", "whatsapp", "WhatsApp Vendas", "E-mail", "Canal WA 2")),
        "case_type": rng.choice(("Troca", "troca", "2ª via", "Reclamação", "Reclamacao")),
        "team": rng.choice(("", "Suporte", "suporte", "Vendas")),
        "opened_at": opened.isoformat(),
        "closed_at": rng.choice(("", closed.isoformat())),
    }


def _message(rng: random.Random, case: Row, place: int) -> Row:
    day = datetime.fromisoformat(case["opened_at"])
    sent = day + timedelta(seconds=rng.randrange(-10_000, 60_000), minutes=7 * place)
    odd = rng.random()
    if odd < 0.1:
        sent = sent.replace(hour=rng.choice((0, 3)), minute=0, second=0)
    elif odd < 0.3:
        sent = sent.replace(minute=rng.choice((0, sent.minute)), second=0)
    elif odd < 0.32:
        sent = datetime(1970, 1, 1, tzinfo=UTC)
    out = rng.random() < 0.6
    hsm = rng.random() < 0.3
    phone = rng.choice(("", CUSTOMER_PHONE, "+551187650001", "+551133330000", "+5511999990000"))
    return {
        "account": case["account"],
        "message_id": f"{case['case_id']}-{place}",
        "case_id": case["case_id"],
        "direction": "out" if out else "in",
        "status": rng.choice(("new", "sent", "delivered", "read", "failed", "")) if out else "",
        "kind": "hsm" if hsm else "session",
        "template_name": rng.choice(("", "boas_vindas", "Boas Vindas", "lembrete")),
        "template_category": rng.choice(("", "utility")),
        "phone": phone,
        "business_number": rng.choice(("", "+551133330000")),
        "body": rng.choice(("", "Olá", "Bom dia")),
        "sent_at": sent.isoformat(),
        "agent": rng.choice(
            ("", "Bia", "bia", "Roberto Abbott", "Robô Ana", "SuporteBot", "Rápido")
        )
        if out or rng.random() < 0.1
        else "",
        "is_bot": "true" if out and rng.random() < 0.1 else "",
        "error_code": rng.choice(("", "131026")),
        "whatsapp_id": rng.choice(("", f"wamid.{rng.randrange(300)}")),
    }


# --- the same counts in plain Python ----------------------------------------------------------


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def local(text: str) -> datetime:
    return at(text).astimezone(ZONE)


def is_midnight(text: str) -> bool:
    return time() in (at(text).time(), local(text).time())


def plain(text: str) -> str:
    """The text in lower case and without accents."""
    parted = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in parted if not unicodedata.combining(sign))


def by_name_a_bot(agent: str) -> bool:
    words = re.findall(r"[a-z]+", plain(agent))
    return "robo" in words or "bot" in words or "eBot" in agent


def alike(values: Iterable[str]) -> Counts:
    distinct = {value for value in values if value}
    groups = Counter(re.sub(r"[\s_.-]", "", plain(value)) for value in distinct)
    return sum(number for number in groups.values() if number > 1), len(distinct)


class Plain:
    """Counts of every check over ``cases`` and ``messages``, all of them of WhatsApp or not."""

    def __init__(self, cases: list[Row], messages: list[Row]) -> None:
        self.every_case = cases
        self.messages = messages
        self.of_case: Mapping[str, list[Row]] = defaultdict(list)
        for message in sorted(messages, key=lambda row: (at(row["sent_at"]), row["message_id"])):
            self.of_case[message["case_id"]].append(message)
        self.cases = [
            case
            for case in cases
            if self.of_case.get(case["case_id"]) or case["channel"].lower().startswith("whatsapp")
        ]
        self.out = [row for row in messages if row["direction"] == "out"]
        self.incoming = [row for row in messages if row["direction"] == "in"]
        self.hsm = [row for row in self.out if row["kind"] == "hsm"]
        self.sent_out = [row for row in self.out if row["status"] not in ("new", "")]
        self.by_agents = [row for row in self.out if row["agent"] and not row["is_bot"]]
        self.closed = [case for case in self.cases if case["closed_at"]]
        self.open = [case for case in self.cases if not case["closed_at"]]

    def customer_times(self, case: Row) -> list[datetime]:
        rows = self.of_case.get(case["case_id"], [])
        return [at(row["sent_at"]) for row in rows if row["direction"] == "in"]

    def times(self, case: Row) -> list[datetime]:
        return [at(row["sent_at"]) for row in self.of_case.get(case["case_id"], [])]

    def replies(self) -> Mapping[str, list[float]]:
        """Seconds of each wait that a person ended, by that person."""
        found: Mapping[str, list[float]] = defaultdict(list)
        for rows in self.of_case.values():
            began = None
            for row in rows:
                if row["direction"] == "in":
                    began = began or at(row["sent_at"])
                elif row["agent"] and not row["is_bot"]:
                    if began:
                        found[row["agent"]].append((at(row["sent_at"]) - began).total_seconds())
                    began = None
        return found

    def days_in_holes(self) -> Counts:
        days = sorted(
            {
                local(row["sent_at"]).date()
                for row in self.messages
                if at(row["sent_at"]) <= NOW and local(row["sent_at"]).date() >= date(2009, 5, 1)
            }
        )
        if not days:
            return 0, 0
        free = [(later - day).days - 1 for day, later in pairwise(days)]
        return sum(gap for gap in free if gap >= 7), (days[-1] - days[0]).days + 1


def some(rows: Iterable[Row], odd: Callable[[Row], object]) -> Counts:
    listed = list(rows)
    return sum(bool(odd(row)) for row in listed), len(listed)


def none_has(rows: list[Row], *statuses: str) -> Counts:
    return 0 if any(row["status"] in statuses for row in rows) else len(rows), len(rows)


def fast_agents(data: Plain) -> Counts:
    judged = {agent: took for agent, took in data.replies().items() if len(took) >= 20}
    fast = [
        agent
        for agent, took in judged.items()
        if statistics.median(took) < 5 and not by_name_a_bot(agent)
    ]
    return len(fast), len(judged)


def same_number(data: Plain) -> Counts:
    numbers = Counter((case["account"], case["case_number"]) for case in data.cases)
    return sum(times for times in numbers.values() if times > 1), len(data.cases)


def repeats(data: Plain) -> Counts:
    keys = ("case_id", "direction", "kind", "sent_at", "body")
    texts = [tuple(row[key] for key in keys) for row in data.messages if row["body"]]
    return len(texts) - len(set(texts)), len(texts)


def repeated_ids(data: Plain) -> Counts:
    ids = [(row["account"], row["whatsapp_id"]) for row in data.messages if row["whatsapp_id"]]
    return len(ids) - len(set(ids)), len(ids)


def two_ways(data: Plain) -> Counts:
    phones = {row["phone"] for row in data.messages if row["phone"]}
    groups = Counter(
        phone[:5] + phone[6:] if re.fullmatch(r"\+55\d\d9\d{8}", phone) else phone
        for phone in phones
    )
    return sum(number for number in groups.values() if number > 1), len(phones)


def is_a_phone(case: Row) -> bool:
    name = case["person_name"]
    return name[:1] in "+(0123456789" and set(name) <= set("+0123456789 ().-") and len(name) >= 8


def forgotten(data: Plain) -> Counts:
    edge = NOW.date() - timedelta(days=30)
    return some(
        data.open,
        lambda case: all(
            moment.astimezone(ZONE).date() < edge
            for moment in (at(case["opened_at"]), *data.times(case))
        ),
    )


INDEPENDENT: Mapping[str, Callable[[Plain], Counts]] = {
    "future_messages": lambda d: some(d.messages, lambda m: at(m["sent_at"]) > NOW),
    "future_cases": lambda d: some(d.cases, lambda c: at(c["opened_at"]) > NOW),
    "before_whatsapp": lambda d: some(d.messages, lambda m: at(m["sent_at"]).year < 2009),
    "messages_at_midnight": lambda d: some(d.messages, lambda m: is_midnight(m["sent_at"])),
    "cases_at_midnight": lambda d: some(d.cases, lambda c: is_midnight(c["opened_at"])),
    "messages_on_whole_hours": lambda d: some(
        d.messages,
        lambda m: at(m["sent_at"]).strftime("%M%S") == "0000" and not is_midnight(m["sent_at"]),
    ),
    "messages_on_whole_minutes": lambda d: some(
        (m for m in d.messages if at(m["sent_at"]).strftime("%M%S") != "0000"),
        lambda m: at(m["sent_at"]).second == 0,
    ),
    "written_at_night": lambda d: some(
        (m for m in d.by_agents if at(m["sent_at"]).time() != time()),
        lambda m: local(m["sent_at"]).hour < 6,
    ),
    "days_without_messages": Plain.days_in_holes,
    "no_agents": lambda d: some((m for m in d.out if not m["is_bot"]), lambda m: not m["agent"]),
    "bots_by_name": lambda d: some(d.by_agents, lambda m: by_name_a_bot(m["agent"])),
    "bots_by_speed": fast_agents,
    "only_bots": lambda d: some(d.out, lambda m: m["is_bot"]),
    "agents_of_customers": lambda d: some(d.incoming, lambda m: m["agent"]),
    "agents_spelled_alike": lambda d: alike(m["agent"] for m in d.messages),
    "no_status": lambda d: some(d.out, lambda m: not m["status"]),
    "never_delivered": lambda d: none_has(d.sent_out, "delivered", "read"),
    "never_read": lambda d: none_has(
        [m for m in d.out if m["status"] in ("delivered", "read")], "read"
    ),
    "never_failed": lambda d: none_has(d.sent_out, "failed"),
    "still_new": lambda d: some(
        (m for m in d.out if at(m["sent_at"]) < NOW - timedelta(days=1)),
        lambda m: m["status"] == "new",
    ),
    "failures_without_code": lambda d: some(
        (m for m in d.out if m["status"] == "failed"), lambda m: not m["error_code"]
    ),
    "one_direction_out": lambda d: (len(d.out), len(d.messages)),
    "one_direction_in": lambda d: (len(d.incoming), len(d.messages)),
    "no_hsm": lambda d: (0 if d.hsm else len(d.out), len(d.out)),
    "hsm_without_template": lambda d: some(d.hsm, lambda m: not m["template_name"]),
    "hsm_without_category": lambda d: some(d.hsm, lambda m: not m["template_category"]),
    "templates_without_hsm": lambda d: some(
        (m for m in d.out if m["kind"] != "hsm"), lambda m: m["template_name"]
    ),
    "templates_spelled_alike": lambda d: alike(m["template_name"] for m in d.messages),
    "rejected_rows": lambda d: (0, len(d.every_case) + len(d.messages)),
    "cases_without_messages": lambda d: some(d.cases, lambda c: not d.times(c)),
    "cases_of_other_channels": lambda d: (len(d.every_case) - len(d.cases), len(d.every_case)),
    "strange_channels": lambda d: some(d.cases, lambda c: c["channel"] == "E-mail"),
    "channels_spelled_alike": lambda d: alike(c["channel"] for c in d.cases),
    "types_spelled_alike": lambda d: alike(c["case_type"] for c in d.cases),
    "teams_spelled_alike": lambda d: alike(c["team"] for c in d.cases),
    "no_team": lambda d: some(d.cases, lambda c: not c["team"]),
    "never_closed": lambda d: (len(d.open), len(d.cases)),
    "forgotten_cases": forgotten,
    "closed_before_opening": lambda d: some(
        d.closed, lambda c: at(c["closed_at"]) < at(c["opened_at"])
    ),
    "written_after_closing": lambda d: some(
        d.closed, lambda c: any(one > at(c["closed_at"]) for one in d.customer_times(c))
    ),
    "messages_before_opening": lambda d: some(
        (c for c in d.cases if d.times(c)),
        lambda c: d.times(c)[0] < at(c["opened_at"]) - timedelta(hours=1),
    ),
    "shared_case_numbers": same_number,
    "names_that_are_phones": lambda d: some(d.cases, is_a_phone),
    "one_requester": lambda d: (
        max(Counter(c["person_name"] for c in d.cases).values(), default=0),
        len(d.cases),
    ),
    "twice": repeats,
    "whatsapp_ids_twice": repeated_ids,
    "no_phone": lambda d: some(d.messages, lambda m: not m["phone"]),
    "own_phones": lambda d: some(
        (m for m in d.messages if m["phone"] and m["business_number"]),
        lambda m: m["phone"] == m["business_number"],
    ),
    "phones_with_and_without_nine": two_ways,
    "no_business_number": lambda d: some(d.messages, lambda m: not m["business_number"]),
    "no_text": lambda d: some(d.messages, lambda m: not m["body"]),
}
#: All checks, telling whatever they find.
EAGER = tuple(replace(check, least=1, least_among=1, least_share=0.0) for check in CHECKS)


def found_in(url: str, account: str | None = None) -> Checked:
    path = url.removeprefix("duckdb:///")
    with duckdb.connect(path, read_only=True) as connection:
        return checked(connection, account, NOW, lambda _step, _done: None, EAGER)


def assert_counts(result: Checked, data: Plain) -> None:
    expected = {name: count(data) for name, count in INDEPENDENT.items()}
    told = {name: counts for name, counts in expected.items() if counts[0]}
    assert {one.name: (one.found, one.among) for one in result.findings} == told
    assert (result.cases, result.messages) == (len(data.cases), len(data.messages))


# --- what is counted --------------------------------------------------------------------------


def test_every_check_has_an_independent_count() -> None:
    assert set(INDEPENDENT) == {check.name for check in CHECKS}


def test_the_awkward_rows_have_all_that_is_looked_for() -> None:
    data = Plain(*awkward_rows(1))
    missed = {name for name, count in INDEPENDENT.items() if not count(data)[0]}
    # The last is tried with rows that are rejected, the others with all messages of one kind.
    assert missed <= {*ONE_SIDED, "rejected_rows"}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_counts_are_those_of_plain_python(tmp_path: Path, seed: int) -> None:
    cases, messages = awkward_rows(seed)
    url = import_rows(tmp_path, cases, messages)
    assert_counts(found_in(url), Plain(cases, messages))


def test_one_account_is_counted_alone(tmp_path: Path) -> None:
    cases, messages = awkward_rows(3)
    url = import_rows(tmp_path, cases, messages)
    of_other = [[row for row in rows if row["account"]] for rows in (cases, messages)]
    result = found_in(url, "other")
    findings = [one for one in result.findings if one.name != "rejected_rows"]
    assert_counts(replace(result, findings=tuple(findings)), Plain(*of_other))


ONE_SIDED: Mapping[str, Callable[[Row], Row]] = {
    "one_direction_out": lambda row: {**row, "direction": "out"},
    "one_direction_in": lambda row: {**row, "direction": "in", "status": ""},
    "no_hsm": lambda row: {**row, "kind": "session"},
    "only_bots": lambda row: {**row, "is_bot": "true" if row["direction"] == "out" else ""},
    "never_delivered": lambda row: {**row, "status": row["status"] and "sent"},
    "never_read": lambda row: {**row, "status": row["status"] and "delivered"},
    "never_failed": lambda row: {**row, "status": row["status"] and "read"},
}


@pytest.mark.parametrize("name", ONE_SIDED)
def test_what_is_so_of_all_messages_is_told(tmp_path: Path, name: str) -> None:
    cases, rows = awkward_rows(4)
    messages = [ONE_SIDED[name](row) for row in rows]
    result = found_in(import_rows(tmp_path, cases, messages))
    assert_counts(result, Plain(cases, messages))
    assert name in {one.name for one in result.findings}


def test_rejected_rows_are_counted(tmp_path: Path, here: Here) -> None:
    cases, messages = awkward_rows(5)
    store = tmp_path / "store.duckdb"
    import_rows(tmp_path, cases, messages)
    strays = [
        {**row, "message_id": f"new-{row['message_id']}", "case_id": "none"} for row in messages
    ]
    path = tmp_path / "strays.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, strays[0])
        writer.writeheader()
        writer.writerows(strays)
    here("import", "--messages", path, store=store)
    [finding] = [
        one for one in found_in(f"duckdb:///{store}").findings if one.name == "rejected_rows"
    ]
    assert (finding.found, finding.among) == (len(strays), len(cases) + 2 * len(messages))


# --- what is printed, and how the command ends ------------------------------------------------


def clean_rows() -> tuple[list[Row], list[Row]]:
    """Rows in which there is nothing odd."""
    opened = datetime(2024, 3, 4, 14, 3, 7, tzinfo=UTC)
    cases, messages = [], []
    for number in range(6):
        begin = opened + timedelta(hours=3 * number, minutes=number, seconds=7)
        case = {
            "case_id": f"c{number}",
            "person_name": f"{CUSTOMER} {'ABCDEF'[number]}",
            "channel": "WhatsApp",
            "case_type": "Troca",
            "team": "Suporte",
            "opened_at": begin.isoformat(),
            "closed_at": (begin + timedelta(days=1)).isoformat(),
        }
        both = {
            "case_id": case["case_id"],
            "phone": f"+551198765000{number}",
            "business_number": "+551133330000",
            "body": "Olá",
        }
        reply = {"direction": "out", "status": "read", "agent": "Bia"}
        template = {"kind": "hsm", "template_name": "oi", "template_category": "utility"}
        for place, kind in enumerate(({"direction": "in"}, reply, reply | template)):
            sent = begin + timedelta(minutes=11 * place)
            messages.append(
                both | kind | {"message_id": f"m{number}-{place}", "sent_at": sent.isoformat()}
            )
        cases.append(case)
    return cases, messages


def effect_of(name: str) -> str:
    [effect] = [check.effect for check in CHECKS if check.name == name]
    return effect


def test_nothing_odd_is_said_plainly(tmp_path: Path, here: Here) -> None:
    import_rows(tmp_path, *clean_rows())
    done = here("check", "--strict", store=tmp_path / "store.duckdb")
    said = f"Nothing odd: 6 cases and 18 messages were looked at, by {len(CHECKS)} rules.\n"
    assert (done.exit_code, done.stdout) == (0, said)


def test_a_finding_has_a_sentence_and_its_effect(tmp_path: Path, here: Here) -> None:
    cases, messages = clean_rows()
    for message in messages[:3]:
        message["status"] = ""
    for case in cases[:2]:
        case["opened_at"] = case["opened_at"][:11] + "00:00:00+00:00"
    cases[2]["opened_at"] = cases[2]["opened_at"][:11] + "03:00:00+00:00"
    import_rows(tmp_path, cases, messages)
    done = here("check", store=tmp_path / "store.duckdb")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"2 things are missing or odd in 6 cases and 18 messages, by {len(CHECKS)} rules:",
        "",
        "1. The opening of 3 of 6 cases (50%) is exactly midnight, as of a date without a time.",
        f"   {effect_of('cases_at_midnight')}",
        "",
        "2. No status is known of 2 of 12 outgoing messages (16.7%).",
        f"   {effect_of('no_status')}",
    ]
    assert here("check", "--strict", store=tmp_path / "store.duckdb").exit_code == 1


def test_agents_are_named_and_customers_are_not(tmp_path: Path, here: Here) -> None:
    import_rows(tmp_path, *awkward_rows(6))
    said = here("check", store=tmp_path / "store.duckdb").stdout
    assert 'By their names, "' in said
    assert 'By their speed, "Rápido" are bots' in said
    assert CUSTOMER not in said
    assert not re.search(r"[0-9]{5}", said)


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
def test_a_store_without_data_says_so(
    tmp_path: Path, here: Here, options: tuple[str, ...], code: int
) -> None:
    import_rows(tmp_path, *clean_rows())
    done = here("check", "--account", "nobody", *options, store=tmp_path / "store.duckdb")
    assert done.exit_code == code
    assert done.stdout.startswith("There is nothing to check: no case of WhatsApp of the account")


def test_without_a_store_it_ends_with_2(tmp_path: Path, here: Here) -> None:
    done = here("check", store=tmp_path / "none.duckdb")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "there is no store" in done.stderr


def test_a_server_that_holds_the_store_finds_the_same(tmp_path: Path, here: Here) -> None:
    store = tmp_path / "store.duckdb"
    import_rows(tmp_path, *awkward_rows(7))
    alone = here("check", store=store).stdout
    with running_server(store):
        assert here("check", store=store).stdout == alone
    assert "missing or odd" in alone
    left = list((tmp_path / "store.duckdb.inbox").iterdir())
    assert not left
