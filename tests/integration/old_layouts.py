"""Stores as earlier versions wrote them: the layouts 1 to 6, written down as they were.

Nothing here comes from the product: neither tables nor values follow when its schema changes. Each
store holds the same few cases and messages. ``CASES`` and ``MESSAGES`` are the rows as they were
imported; ``DERIVED_CASES`` and ``DERIVED_MESSAGES`` are what those versions derived of them in the
time zone of São Paulo.
"""

from pathlib import Path
from typing import Final

import duckdb

LAYOUTS: Final = ("1", "2", "3", "4", "5", "6")

_TYPES: Final = (
    "create type direction_code as enum ('out', 'in')",
    "create type status_code as enum ('new', 'sent', 'delivered', 'read', 'failed', 'unknown')",
    "create type kind_code as enum ('hsm', 'session')",
    "create type session_type_code as enum ('hsm', 'customer', 'business')",
)
_MESSAGES_1: Final = """create table messages (
    sent_at timestamp, sent_day date, opened_day date, case_key bigint, person_id integer,
    direction direction_code, status status_code, kind kind_code,
    session_type session_type_code, answered boolean, is_bot boolean, billable boolean,
    seq integer, account varchar, channel varchar, case_type varchar, team varchar,
    last_agent varchar, template_name varchar, template_category varchar,
    pricing_category varchar, business_number varchar, error_code varchar,
    error_title varchar, agent varchar, phone varchar, contact_phone varchar,
    message_id varchar, body varchar)"""
_MESSAGES_3: Final = _MESSAGES_1.replace("answered boolean", "answered boolean, in_window boolean")
_CASES_1: Final = """create table cases (
    case_key bigint, account varchar, case_id varchar, case_number varchar, person_id integer,
    channel varchar, case_type varchar, team varchar, opened_at timestamp, opened_day date,
    closed_at timestamp, counted boolean, first_attended_at timestamp, attended_day date,
    last_agent varchar, response_day date, first_response_seconds double)"""
_CASES_2: Final = f"{_CASES_1.removesuffix(')')}, first_day date, last_day date)"
_CASES_3: Final = (
    f"{_CASES_2.removesuffix(')')}, waiting_since timestamp, last_customer_at timestamp)"
)
_CASES_4: Final = f"{_CASES_3.removesuffix(')')}, number_order varchar, masked_number varchar)"
_CASES_5: Final = (
    f"{_CASES_4.removesuffix(')')}, opened_hour smallint, attended_hour smallint, "
    "responded_at timestamp, response_hour smallint)"
)
_MESSAGES_5: Final = (
    f"{_MESSAGES_3.removesuffix(')')}, sent_hour smallint, begins_wait boolean, "
    "reply_seconds double, reply_agent varchar)"
)
_CASES_6: Final = f"{_CASES_5.removesuffix(')')}, csat_rating smallint)"
_MESSAGES_6: Final = (
    f"{_MESSAGES_5.removesuffix(')')}, is_survey boolean, pricing_type varchar, country varchar, "
    "business_account varchar, bsuid varchar, whatsapp_id varchar)"
)
_MESSAGE_DAYS_2: Final = """create table message_days (
    sent_day date, opened_day date, account varchar, channel varchar, case_type varchar,
    team varchar, direction direction_code, status status_code, kind kind_code,
    template_name varchar, messages integer, answered integer)"""
_MESSAGE_DAYS_3: Final = """create table message_days (
    sent_day date, opened_day date, account varchar, channel varchar, case_type varchar,
    team varchar, direction direction_code, status status_code, kind kind_code,
    template_name varchar, template_category varchar, messages integer, answered integer,
    in_window integer)"""
_OTHER_ROLLUPS: Final = (
    """create table case_days (
    day date, account varchar, channel varchar, case_type varchar, team varchar,
    created integer, attended_by_now integer, attended integer)""",
    """create table active_days (
    day date, previous_day date, account varchar, channel varchar, case_type varchar,
    team varchar, cases integer)""",
)
_PEOPLE_1: Final = "create table people (person_id integer, person_name varchar, folded varchar)"
_PEOPLE_4: Final = f"{_PEOPLE_1.removesuffix(')')}, masked_name varchar, masked_folded varchar)"
_LOADS_1: Final = """create table loads (
    load_id bigint, ticket varchar, content_hash varchar, source varchar, account varchar,
    demo boolean, loaded_at timestamp, rows_in bigint, rows_rejected bigint,
    cases_written bigint, messages_written bigint, replaced_demo boolean)"""
_LOADS_4: Final = f"{_LOADS_1.removesuffix(')')}, rows_superseded bigint)"
_LOADS_6: Final = f"{_LOADS_4.removesuffix(')')}, rows_kept bigint, name varchar, seconds double)"
_SOURCES_6: Final = (
    """create table webhook_messages (
    account varchar, whatsapp_id varchar, sent_at timestamp, is_out boolean,
    business_account varchar, business_number varchar, phone varchar, bsuid varchar,
    group_id varchar, country varchar, contact_name varchar, agent varchar, body varchar,
    body_at timestamp, edited_at timestamp, is_deleted boolean, is_template boolean,
    is_accepted boolean, template_name varchar, template_category varchar, error_code varchar,
    error_title varchar, billable boolean, pricing_category varchar, pricing_type varchar,
    case_number varchar)""",
    """create table kept_payloads (
    load_id bigint, account varchar, kind varchar, occurred_at timestamp, payload varchar)""",
    """create table missing_rows (
    source varchar, account varchar, kind varchar, row_id varchar, missed_at timestamp)""",
    "create table source_states (name varchar, state varchar, noted_at timestamp)",
    """create table refused_loads (
    name varchar, refused bigint, reason varchar, refused_at timestamp)""",
)
_REST: Final = (
    """create table message_events (
    account varchar, message_id varchar, status status_code, occurred_at timestamp,
    error_code varchar)""",
    """create table rejects (
    load_id bigint, file varchar, line bigint, "column" varchar, reason varchar)""",
    "create table store_facts (name varchar, value varchar)",
)
TABLES: Final = {
    "1": (_PEOPLE_1, _LOADS_1, _CASES_1, _MESSAGES_1),
    "2": (_PEOPLE_1, _LOADS_1, _CASES_2, _MESSAGES_1, _MESSAGE_DAYS_2, *_OTHER_ROLLUPS),
    "3": (_PEOPLE_1, _LOADS_1, _CASES_3, _MESSAGES_3, _MESSAGE_DAYS_3, *_OTHER_ROLLUPS),
    "4": (_PEOPLE_4, _LOADS_4, _CASES_4, _MESSAGES_3, _MESSAGE_DAYS_3, *_OTHER_ROLLUPS),
    "5": (_PEOPLE_4, _LOADS_4, _CASES_5, _MESSAGES_5, _MESSAGE_DAYS_3, *_OTHER_ROLLUPS),
    "6": (
        *(_PEOPLE_4, _LOADS_6, _CASES_6, _MESSAGES_6, _MESSAGE_DAYS_3, *_OTHER_ROLLUPS),
        *_SOURCES_6,
    ),
}

#: The rows of the import files; what is absent is empty.
CASES: Final[list[dict[str, str]]] = [
    {"case_id": "c1", "case_number": "1001", "person_name": "Ana Souza", "channel": "WhatsApp",
     "case_type": "Dúvida", "team": "A", "opened_at": "2026-11-01T12:00:00Z"},
    # Opened in the evening of 1 November, local time.
    {"case_id": "c2", "case_number": "5511987654321-7", "person_name": "Bento 11 98765-4321",
     "channel": "whatsapp vendas", "case_type": "Venda", "opened_at": "2026-11-02T02:30:00Z",
     "closed_at": "2026-11-06T12:00:00Z"},
    {"case_id": "c3", "case_number": "abc", "person_name": "Ana Souza", "channel": "E-mail",
     "case_type": "Dúvida", "team": "A", "opened_at": "2026-11-03T12:00:00Z"},
    {"case_id": "c4", "case_number": "20", "person_name": "Davi", "channel": "WhatsApp",
     "case_type": "Dúvida", "team": "B", "opened_at": "2026-11-04T12:00:00Z"},
    {"case_id": "c5", "case_number": "3", "person_name": "Davi", "channel": "WhatsApp",
     "case_type": "Cobrança", "team": "B", "opened_at": "2026-11-05T08:00:00Z"},
    {"case_id": "c6", "case_number": "6", "person_name": "Davi", "channel": "WhatsApp",
     "case_type": "Dúvida", "opened_at": "2026-11-05T23:00:00Z"},
]  # fmt: skip
_ANA, _BENTO = "+5511987654321", "+5521912345678"
MESSAGES: Final[list[dict[str, str]]] = [
    {"message_id": "m1", "case_id": "c1", "direction": "out", "status": "delivered", "kind": "hsm",
     "template_name": "boas_vindas", "template_category": "utility", "phone": _ANA,
     "body": "Oi, Ana", "sent_at": "2026-11-01T12:05:00Z", "is_bot": "true"},
    {"message_id": "m2", "case_id": "c1", "direction": "in", "phone": _ANA, "body": "Olá",
     "sent_at": "2026-11-01T12:30:00Z"},
    {"message_id": "m3", "case_id": "c1", "direction": "out", "status": "read", "phone": _ANA,
     "body": "Como posso ajudar?", "sent_at": "2026-11-01T12:40:00Z", "agent": "Bruno"},
    {"message_id": "m4", "case_id": "c1", "direction": "in", "phone": _ANA, "body": "Meu pedido",
     "sent_at": "2026-11-01T13:00:00Z"},
    # Without a phone: its contact is the first that is known of the case.
    {"message_id": "m5", "case_id": "c2", "direction": "in", "body": "Quanto custa?",
     "sent_at": "2026-11-02T03:10:00Z"},
    # The window of its contact is open.
    {"message_id": "m6", "case_id": "c2", "direction": "out", "status": "failed", "kind": "hsm",
     "template_name": "oferta", "template_category": "marketing", "phone": _BENTO,
     "business_number": "+551130000000", "body": "Oferta", "sent_at": "2026-11-02T04:00:00Z",
     "error_code": "131047", "error_title": "Re-engagement", "is_bot": "true",
     "billable": "false", "pricing_category": "marketing"},
    # More than 24 h later, in a session of its own; its source has no receipts.
    {"message_id": "m7", "case_id": "c2", "direction": "out", "status": "unknown",
     "phone": _BENTO, "body": "Bom dia", "sent_at": "2026-11-04T15:00:00Z", "agent": "Carla"},
    # Answered by a message of another case.
    {"message_id": "m8", "case_id": "c5", "direction": "out", "status": "delivered", "kind": "hsm",
     "template_name": "boas_vindas", "template_category": "utility", "phone": _ANA,
     "body": "Oi, Davi", "sent_at": "2026-11-05T09:00:00Z", "agent": "Bruno"},
    {"message_id": "m9", "case_id": "c1", "direction": "in", "phone": _ANA, "body": "Alguém?",
     "sent_at": "2026-11-05T10:00:00Z"},
    # Waits, in a case that no upgrade has to derive anew.
    {"message_id": "m10", "case_id": "c4", "direction": "in", "phone": "+5531933334444",
     "body": "Bom dia", "sent_at": "2026-11-04T13:00:00Z"},
    # A person answered after ten minutes and a bot later: to these versions nobody waits any more.
    {"message_id": "m11", "case_id": "c6", "direction": "in", "phone": "+5531933335555",
     "body": "Oi", "sent_at": "2026-11-05T23:05:00Z"},
    {"message_id": "m12", "case_id": "c6", "direction": "out", "status": "read", "body": "Olá",
     "phone": "+5531933335555", "sent_at": "2026-11-05T23:15:00Z", "agent": "Carla"},
    {"message_id": "m13", "case_id": "c6", "direction": "in", "phone": "+5531933335555",
     "body": "E o boleto?", "sent_at": "2026-11-06T02:50:00Z"},
    {"message_id": "m14", "case_id": "c6", "direction": "out", "status": "read",
     "phone": "+5531933335555", "body": "Um momento", "sent_at": "2026-11-06T02:51:00Z",
     "agent": "Robô", "is_bot": "true"},
]  # fmt: skip

_PEOPLE: Final = {
    1: ("Ana Souza", "ana souza"),
    2: ("Bento 11 98765-4321", "bento 11 98765-4321"),
    3: ("Davi", "davi"),
}
#: By case: key, person, day of opening, whether it counts, first attended, last agent, seconds to
#: the first response, first and last day, waiting since, last customer message.
DERIVED_CASES: Final = {
    "c1": (1, 1, "2026-11-01", True, "2026-11-01 12:40", "Bruno", 600.0, "2026-11-01",
           "2026-11-05", "2026-11-01 13:00", "2026-11-05 10:00"),
    "c2": (2, 2, "2026-11-01", True, "2026-11-04 15:00", "Carla", 215_400.0, "2026-11-01",
           "2026-11-04", None, "2026-11-02 03:10"),
    "c3": (3, 1, "2026-11-03", False, None, None, None, "2026-11-03", "2026-11-03", None, None),
    "c4": (4, 3, "2026-11-04", True, None, None, None, "2026-11-04", "2026-11-04",
           "2026-11-04 13:00", "2026-11-04 13:00"),
    "c5": (5, 3, "2026-11-05", True, None, "Bruno", None, "2026-11-05", "2026-11-05", None, None),
    "c6": (6, 3, "2026-11-05", True, "2026-11-05 23:15", "Carla", 600.0, "2026-11-05",
           "2026-11-05", None, "2026-11-06 02:50"),
}  # fmt: skip
#: By message: day, status, place in its case, session type, answered, in an open window, contact.
DERIVED_MESSAGES: Final = {
    "m1": ("2026-11-01", "delivered", 1, "hsm", True, False, _ANA),
    "m2": ("2026-11-01", "read", 2, "hsm", False, False, _ANA),
    "m3": ("2026-11-01", "read", 3, "hsm", False, False, _ANA),
    "m4": ("2026-11-01", "new", 4, "hsm", False, False, _ANA),
    "m5": ("2026-11-02", "read", 1, "customer", False, False, _BENTO),
    "m6": ("2026-11-02", "failed", 2, "customer", False, True, _BENTO),
    "m7": ("2026-11-04", "unknown", 3, "business", False, False, _BENTO),
    "m8": ("2026-11-05", "delivered", 1, "hsm", True, False, _ANA),
    "m9": ("2026-11-05", "new", 5, "customer", False, False, _ANA),
    "m10": ("2026-11-04", "new", 1, "customer", False, False, "+5531933334444"),
    "m11": ("2026-11-05", "read", 1, "customer", False, False, "+5531933335555"),
    "m12": ("2026-11-05", "read", 2, "customer", False, False, "+5531933335555"),
    "m13": ("2026-11-05", "read", 3, "customer", False, False, "+5531933335555"),
    "m14": ("2026-11-05", "read", 4, "customer", False, False, "+5531933335555"),
}  # fmt: skip
#: By case, as layout 5 has it: waiting since, first response, local hours of opening and of the
#: first response; each of these cases was attended by its first response.
HOURS_OF_CASES: Final = {
    "c1": ("2026-11-01 13:00", "2026-11-01 12:40", 9, 9),
    "c2": (None, "2026-11-04 15:00", 23, 12),
    "c3": (None, None, 9, None),
    "c4": ("2026-11-04 13:00", None, 9, None),
    "c5": (None, None, 5, None),
    "c6": ("2026-11-06 02:50", "2026-11-05 23:15", 20, 20),
}
#: By message, as layout 5 has it: local hour, and whether a wait begins with it, the seconds until
#: a person answered, and who that was.
WAITS_OF_MESSAGES: Final = {
    "m1": (9, False, None, None),
    "m2": (9, True, 600.0, "Bruno"),
    "m3": (9, False, None, None),
    "m4": (10, True, None, None),
    "m5": (0, True, 215_400.0, "Carla"),
    "m6": (1, False, None, None),
    "m7": (12, False, None, None),
    "m8": (6, False, None, None),
    "m9": (7, False, None, None),
    "m10": (10, True, None, None),
    "m11": (20, True, 600.0, "Carla"),
    "m12": (20, False, None, None),
    "m13": (23, True, None, None),
    "m14": (23, False, None, None),
}
#: The phone of m2 as it was written, which these versions took for another phone: it was no answer
#: to m1, and no part of its session.
AS_WRITTEN: Final = """update messages set phone = '5511 98765-4321',
    contact_phone = '5511 98765-4321', session_type = 'customer' where message_id = 'm2'"""
ANSWER_LOST: Final = "update messages set answered = false where message_id = 'm1'"
#: By case, as layout 4 has it: what sorts its number, and the number with its phones masked.
NUMBERS: Final = {
    "c1": ("0041001", None),
    "c2": ("~5511987654321-7", "*****-4321-7"),
    "c3": ("~abc", None),
    "c4": ("00220", None),
    "c5": ("0013", None),
    "c6": ("0016", None),
}
#: By person, as layout 4 has it: the masked name as it is and folded.
MASKED_NAMES: Final = {2: ("Bento *****-4321", "bento *****-4321")}

#: The values of the columns that later layouts added to ``loads``.
_REST_OF_LOAD: Final = {"4": ", 0", "5": ", 0", "6": ", 0, null, 'files', null"}
_COUNT_MESSAGES: Final = {
    "2": """insert into message_days by name
        select sent_day, opened_day, account, channel, case_type, team, direction, status, kind,
            template_name, count(*) as messages, count(*) filter (answered) as answered
        from messages group by all""",
    "3": """insert into message_days by name
        select sent_day, opened_day, account, channel, case_type, team, direction, status, kind,
            template_name, template_category, count(*) as messages,
            count(*) filter (answered) as answered, count(*) filter (in_window) as in_window
        from messages group by all""",
}
_COUNT_CASES: Final = """insert into case_days by name
    with counted as (select * from cases where counted)
    select day, account, channel, case_type, team, sum(c)::integer as created,
        sum(n)::integer as attended_by_now, sum(a)::integer as attended
    from (
        select *, opened_day as day, 1 as c, (attended_day is not null)::int as n, 0 as a
        from counted
        union all by name
        select *, attended_day as day, 0 as c, 0 as n, 1 as a
        from counted where attended_day is not null)
    group by all"""
#: Day, day before it on which the case was active, and case: all but c3.
_ACTIVE_DAYS: Final = (
    ("2026-11-01", None, "c1"),
    ("2026-11-05", "2026-11-01", "c1"),
    ("2026-11-01", None, "c2"),
    ("2026-11-02", "2026-11-01", "c2"),
    ("2026-11-04", "2026-11-02", "c2"),
    ("2026-11-04", None, "c4"),
    ("2026-11-05", None, "c5"),
    ("2026-11-05", None, "c6"),
)


def write_store(path: Path, layout: str) -> None:
    """Write the store of ``layout`` to ``path``."""
    with duckdb.connect(str(path)) as connection:
        for statement in (*_TYPES, *_REST, *TABLES[layout]):
            connection.execute(statement)
        for number, (name, folded) in _PEOPLE.items():
            _insert(connection, "people", **_person(number, name, folded, layout))
        for case in CASES:
            _insert(connection, "cases", **_case(case, layout))
        for message in MESSAGES:
            _insert(connection, "messages", **_message(message, layout))
        if int(layout) < 4:
            connection.execute(AS_WRITTEN)
            connection.execute(ANSWER_LOST)
        if layout != "1":
            _fill_rollups(connection, layout)
        connection.execute(
            f"""insert into loads values (1, 'ticket', 'hash', 'files', 'default', false,
            '2026-11-06 12:00', 20, 0, 6, 14, false{_REST_OF_LOAD.get(layout, "")})"""
        )
        for name, value in (
            ("schema_version", layout),
            ("time_zone", "America/Sao_Paulo"),
            ("holds", "real"),
            ("unsorted", "0"),
        ):
            _insert(connection, "store_facts", name=name, value=value)


def _person(number: int, name: str, folded: str, layout: str) -> dict[str, object]:
    row: dict[str, object] = {"person_id": number, "person_name": name, "folded": folded}
    if layout >= "4":
        masked, masked_folded = MASKED_NAMES.get(number, (None, None))
        row |= {"masked_name": masked, "masked_folded": masked_folded}
    return row


def _case(case: dict[str, str], layout: str) -> dict[str, object]:
    key, person, opened, counted, attended, agent, seconds, *later = DERIVED_CASES[case["case_id"]]
    first, last, waiting, heard = later
    row: dict[str, object] = {
        **{name: value for name, value in case.items() if name != "person_name"},
        "account": "default",
        "case_key": key,
        "person_id": person,
        "opened_day": opened,
        "counted": counted,
        "first_attended_at": attended,
        "attended_day": attended and str(attended)[:10],
        "last_agent": agent,
        "first_response_seconds": seconds,
        "response_day": attended and str(attended)[:10],
    }
    if layout != "1":
        row |= {"first_day": first, "last_day": last}
    if layout >= "3":
        row |= {"waiting_since": waiting, "last_customer_at": heard}
    if layout >= "4":
        order, masked = NUMBERS[case["case_id"]]
        row |= {"number_order": order, "masked_number": masked}
    if layout >= "5":
        since, responded, opened_hour, response_hour = HOURS_OF_CASES[case["case_id"]]
        row |= {
            "waiting_since": since,
            "responded_at": responded,
            "opened_hour": opened_hour,
            "attended_hour": response_hour,
            "response_hour": response_hour,
        }
    return row


def _message(message: dict[str, str], layout: str) -> dict[str, object]:
    case = next(case for case in CASES if case["case_id"] == message["case_id"])
    key, person, opened, _, _, agent, *_ = DERIVED_CASES[message["case_id"]]
    day, status, seq, session, answered, in_window, contact = DERIVED_MESSAGES[
        message["message_id"]
    ]
    row: dict[str, object] = {
        "kind": "session",
        "is_bot": "false",
        **{name: value for name, value in message.items() if name != "case_id"},
        **{name: case.get(name) for name in ("channel", "case_type", "team")},
        "account": "default",
        "sent_day": day,
        "opened_day": opened,
        "case_key": key,
        "person_id": person,
        "status": status,
        "seq": seq,
        "session_type": session,
        "answered": answered,
        "contact_phone": contact,
        "last_agent": agent,
    }
    if layout >= "3":
        row |= {"in_window": in_window}
    if layout >= "5":
        names = ("sent_hour", "begins_wait", "reply_seconds", "reply_agent")
        row |= dict(zip(names, WAITS_OF_MESSAGES[message["message_id"]], strict=True))
    if layout >= "6":
        row |= {"is_survey": False}
    return row


def _fill_rollups(connection: duckdb.DuckDBPyConnection, layout: str) -> None:
    connection.execute(_COUNT_MESSAGES["2" if layout == "2" else "3"])
    connection.execute(_COUNT_CASES)
    for day, previous, case_id in _ACTIVE_DAYS:
        case = next(case for case in CASES if case["case_id"] == case_id)
        _insert(
            connection,
            "active_days",
            day=day,
            previous_day=previous,
            account="default",
            **{name: case.get(name) for name in ("channel", "case_type", "team")},
            cases=1,
        )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, **row: object) -> None:
    marks = ", ".join("?" for _ in row)
    connection.execute(
        f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values())
    )
