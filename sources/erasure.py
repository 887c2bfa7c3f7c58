"""Finds what ``erase`` removes and rewords in the store: all of a person, or of a phone.

``find_value`` writes to temporary tables only; ``reword`` changes what ``remove`` does not.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from sources.loading.load_connection import LoadConnection
from sources.loading.merge import MESSAGE_COLUMNS, add_people
from sources.personal_values import NameInTexts, PhoneInTexts, spaced_pattern
from sources.removal_orders import RemovalOrder, RemovalReport

#: How many texts are looked through at a time.
_TEXTS_AT_ONCE: Final = 10_000
#: The columns of a case and of a message in which a name or a phone may stand.
_OF_CASES: Final = ("case_id", "case_number", "person_name")
_OF_MESSAGES: Final = ("message_id", "whatsapp_id", "body", "error_title")
#: The same for what webhooks told of a message, beside what the message itself has.
_OF_WEBHOOKS: Final = ("contact_name", "body", "error_title", "case_number")
_IN_ACCOUNT: Final = "($account::varchar is null or account = $account)"
_NOT_REMOVED: Final = "case_key not in (select case_key from removed_cases)"


class StoredValue:
    """What an order erases: how it is found in the store, and masked in texts.

    Raises ``ValueError`` where ``order`` names neither a person nor a phone.
    """

    def __init__(self, order: RemovalOrder) -> None:
        if order.person is None and order.phone is None:
            raise ValueError("neither a person nor a phone")
        self.person = order.person
        self.phone = PhoneInTexts(order.phone) if order.phone else None
        self.name = NameInTexts(order.person) if order.person else None
        self.account = {"account": order.account}

    def masked(self, text: str) -> str:
        """Return ``text`` with a mark wherever the value stands in it."""
        for value in (self.name, self.phone):
            if value:
                text = value.masked(text)
        return text

    def likely(self, column: str) -> str:
        """Return an SQL condition that is true of all texts of ``column`` that hold the value.

        It may be true of others. Run it with ``parameters``.
        """
        if self.phone:
            return f"(regexp_matches({column}, $digits) or regexp_matches({column}, $encoded))"
        words = range(len(self.name.words)) if self.name else ()
        folded = "strip_accents(lower({}))".format
        found = [f"contains({folded(column)}, {folded(f'$word_{place}')})" for place in words]
        return f"({' and '.join(found) or 'false'})"

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of ``likely``."""
        if self.phone:
            encoded = "|".join(map(re.escape, self.phone.encoded))
            return {"digits": spaced_pattern(self.phone.last_digits), "encoded": encoded}
        words = self.name.words if self.name else ()
        return {f"word_{place}": word for place, word in enumerate(words)}


def find_value(load: LoadConnection, value: StoredValue) -> RemovalReport:
    """Find what is to be removed and reworded, and return how much it is.

    Fills ``removed_cases`` and ``removed_messages``; makes ``reworded_cases`` and
    ``reworded_messages``, and for webhooks ``untimed_messages``, ``reworded_webhooks`` and
    ``reworded_payloads``. Raises ``duckdb.Error``.
    """
    _find_cases(load, value)
    load.execute(
        """insert into removed_messages select case_key, account, message_id from messages
        where case_key in (select case_key from removed_cases)"""
    )
    _find_untimed(load, value)
    texts = _find_texts_of_cases(load, value) + _find_texts_of_messages(load, value)
    texts += _find_texts_of_webhooks(load, value)
    _find_payloads(load, value)
    return RemovalReport(
        cases=load.count("removed_cases"),
        messages=load.count("removed_messages") + load.count("untimed_messages"),
        texts=texts + _names_without_case(load, value),
        similar=_count_similar(load, value),
        payloads=load.count("reworded_payloads"),
    )


def reword(load: LoadConnection) -> None:
    """Hand the reworded cases and messages on to ``remove``, as changed rows.

    What webhooks told is reworded at once; payloads that were kept aside go as a whole. Needs the
    tables of ``find_value``. Ids stay unique: one that would be taken gets a number.
    """
    _reword_webhooks(load)
    _reword_cases(load)
    _reword_messages(load)


def _find_cases(load: LoadConnection, value: StoredValue) -> None:
    """Fill ``removed_cases``: those of the person, or those with a message of the phone.

    A message without a phone is of the phone that was told with its business-scoped user id.
    """
    if value.phone:
        load.execute(
            f"""insert into removed_cases select distinct case_key from messages
            where {_IN_ACCOUNT} and (list_contains($numbers, phone)
                or list_contains($numbers, contact_phone)
                or (phone is null and bsuid in (select bsuid from messages
                    where list_contains($numbers, phone))))""",
            {**value.account, "numbers": list(value.phone.numbers)},
        )
        return
    load.execute(
        f"""insert into removed_cases select case_key from cases
        where {_IN_ACCOUNT}
            and person_id in (select person_id from people where person_name = $person)""",
        {**value.account, "person": value.person},
    )


def _find_texts_of_cases(load: LoadConnection, value: StoredValue) -> int:
    """Make ``reworded_cases``; return how many values change.

    A name is not looked for in the names of others, who may be called so in part.
    """
    columns = _OF_CASES if value.phone else ("case_id", "case_number")
    rows = f"""select case_key, case_id, case_number, person_name
        from cases join people using (person_id)
        where {_IN_ACCOUNT} and {_NOT_REMOVED}"""
    return _find_texts(load, value, "cases", rows, columns)


def _find_texts_of_messages(load: LoadConnection, value: StoredValue) -> int:
    """Make ``reworded_messages``; return how many values change."""
    rows = f"""select rowid as stored_row, message_id, whatsapp_id, body, error_title
        from messages where {_IN_ACCOUNT} and {_NOT_REMOVED}"""
    return _find_texts(load, value, "messages", rows, _OF_MESSAGES)


def _find_untimed(load: LoadConnection, value: StoredValue) -> None:
    """Make ``untimed_messages``: what webhooks told of messages of the phone that have no row yet.

    No time of such a message is known, so it is in no case (``sources.webhooks.conversion``).
    """
    load.execute(
        f"""create temp table untimed_messages as
        select rowid as stored_row from webhook_messages
        where {_IN_ACCOUNT} and sent_at is null and list_contains($numbers, phone)""",
        {**value.account, "numbers": list(value.phone.numbers) if value.phone else []},
    )


def _find_texts_of_webhooks(load: LoadConnection, value: StoredValue) -> int:
    """Make ``reworded_webhooks``; return how many values change."""
    columns = ", ".join(_OF_WEBHOOKS)
    rows = f"""select rowid as stored_row, {columns} from webhook_messages
        where {_IN_ACCOUNT} and whatsapp_id not in (
            select coalesce(whatsapp_id, message_id) from messages
            where case_key in (select case_key from removed_cases))"""
    return _find_texts(load, value, "webhooks", rows, _OF_WEBHOOKS)


def _find_payloads(load: LoadConnection, value: StoredValue) -> None:
    """Make ``reworded_payloads``: the payloads that were kept aside and hold the value."""
    rows = f"select rowid as stored_row, payload from kept_payloads where {_IN_ACCOUNT}"
    _find_texts(load, value, "payloads", rows, ("payload",))


def _find_texts(
    load: LoadConnection, value: StoredValue, table: str, rows: str, columns: tuple[str, ...]
) -> int:
    """Make ``reworded_<table>`` of those ``rows``, a select, in which the value stands.

    ``columns`` are those in which it is masked. Return in how many values it stands.
    """
    step = f"looking through {table}"
    load.progress(step, 0)
    is_likely = " or ".join(map(value.likely, columns))
    load.execute(
        f"create temp table likely_{table} as select row_number() over () - 1 as place, * from "
        f"(select * from ({rows}) where {is_likely})",
        {**value.account, **value.parameters},
    )
    load.execute(
        f"""create temp table reworded_{table} as
        select * exclude (place) from likely_{table} limit 0"""
    )
    texts = 0
    for batch in _batches(load, f"likely_{table}"):
        reworded = [row for row in (_reworded(one, columns, value) for one in batch) if row]
        texts += sum(changes for _, changes in reworded)
        _insert(load, f"reworded_{table}", [row for row, _ in reworded])
        load.progress(step, texts)
    load.execute(f"drop table likely_{table}")
    return texts


def _batches(load: LoadConnection, table: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a table with ``place``, from 0, some thousand at a time."""
    for first in range(0, load.count(table), _TEXTS_AT_ONCE):
        rows = load.connection.execute(
            f"select * exclude (place) from {table} where place >= ? and place < ?",
            [first, first + _TEXTS_AT_ONCE],
        )
        names = [column[0] for column in rows.description or ()]
        yield [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def _reworded(
    row: dict[str, Any], columns: tuple[str, ...], value: StoredValue
) -> tuple[dict[str, Any], int] | None:
    """Return the row with the value masked, and in how many columns it stood; None for none."""
    masked = {name: value.masked(row[name]) for name in columns if row[name] is not None}
    changes = sum(text != row[name] for name, text in masked.items())
    return ({**row, **masked}, changes) if changes else None


def _insert(load: LoadConnection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        load.connection.register("rows_to_insert", pa.Table.from_pylist(rows))
        load.execute(f"insert into {table} by name from rows_to_insert")
        load.connection.unregister("rows_to_insert")


def _names_without_case(load: LoadConnection, value: StoredValue) -> int:
    """Return how many names hold the value and belong to no case; ``remove`` removes all such."""
    rows = load.connection.execute(
        f"""select person_name from people
        where person_id not in (select person_id from cases)
            and ({value.likely("person_name")} or person_name = $person)""",
        {**value.parameters, "person": value.person},
    ).fetchall()
    return sum(name == value.person or value.masked(name) != name for (name,) in rows)


def _count_similar(load: LoadConnection, value: StoredValue) -> int:
    """Return how many names differ in case or accents only, or how many cases lack the country."""
    if value.phone:
        sql = f"""select count(distinct case_key) from messages
            where {_IN_ACCOUNT} and {_NOT_REMOVED} and (list_contains($numbers, phone)
                or list_contains($numbers, contact_phone))"""
        numbers = [f"+{number}" for number in value.phone.national]
        parameters: dict[str, Any] = {**value.account, "numbers": numbers}
    else:
        sql = """select count(*) from people where person_name <> $person
            and folded = strip_accents(lower($person))
            and person_id in (select person_id from cases)"""
        parameters = {"person": value.person}
    return int(load.connection.execute(sql, parameters).fetchall()[0][0])


def _reword_webhooks(load: LoadConnection) -> None:
    masked = ", ".join(f"{name} = r.{name}" for name in _OF_WEBHOOKS)
    load.execute(
        f"""update webhook_messages w set {masked} from reworded_webhooks r
        where r.stored_row = w.rowid"""
    )
    for table, rows in (
        ("webhook_messages", "untimed_messages"),
        ("kept_payloads", "reworded_payloads"),
    ):
        load.execute(f"delete from {table} where rowid in (select stored_row from {rows})")


def _reword_cases(load: LoadConnection) -> None:
    load.execute(
        """update reworded_cases r set case_id = r.case_id || '-' || r.case_key
        from cases c where c.case_key = r.case_key and c.case_id <> r.case_id and (
            exists (select 1 from cases o where o.account = c.account and o.case_id = r.case_id)
            or r.case_id in (
                select case_id from reworded_cases group by all having count(*) > 1))"""
    )
    add_people(load, "reworded_cases")
    load.execute(
        """insert into changed_cases by name
        select c.case_key, c.account, r.case_id, r.case_number, p.person_id, c.channel,
            c.case_type, c.team, c.opened_at, c.closed_at, c.csat_rating
        from reworded_cases r join cases c using (case_key) join people p using (person_name)"""
    )


def _reword_messages(load: LoadConnection) -> None:
    load.execute(
        """update reworded_messages r set message_id = r.message_id || '-' || r.stored_row
        from messages m where m.rowid = r.stored_row and m.message_id <> r.message_id and (
            exists (select 1 from messages o
                where o.account = m.account and o.message_id = r.message_id)
            or r.message_id in (
                select message_id from reworded_messages group by all having count(*) > 1))"""
    )
    load.execute(
        """create temp table renamed_messages as
        select m.case_key, m.account, m.message_id, r.message_id as new_id,
            coalesce(m.whatsapp_id, m.message_id) as event_id,
            coalesce(r.whatsapp_id, r.message_id) as new_event_id
        from reworded_messages r join messages m on m.rowid = r.stored_row
        where m.message_id <> r.message_id or m.whatsapp_id <> r.whatsapp_id"""
    )
    for table, column in (("message_events", "message_id"), ("webhook_messages", "whatsapp_id")):
        load.execute(
            f"""update {table} e set {column} = r.new_event_id from renamed_messages r
            where r.account = e.account and r.event_id = e.{column}"""
        )
    load.execute(
        """insert into removed_messages
        select case_key, account, message_id from renamed_messages where message_id <> new_id"""
    )
    kept = ", ".join(f"m.{name}" for name in MESSAGE_COLUMNS if name not in _OF_MESSAGES)
    reworded = ", ".join(f"r.{name}" for name in _OF_MESSAGES)
    load.execute(
        f"""create temp table reworded_rows as
        select row_number() over () as line, m.case_key, {kept}, {reworded}
        from reworded_messages r join messages m on m.rowid = r.stored_row"""
    )
    load.execute(
        "insert into checked_messages by name select * exclude (case_key) from reworded_rows"
    )
    load.execute("insert into changed_messages select line, case_key, null from reworded_rows")
