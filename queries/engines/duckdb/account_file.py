"""Takes the rows of one account out of a store's file: ``StoreCopy``."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import duckdb

from queries.engines.duckdb.clean_files import CleanFiles
from queries.engines.duckdb.literals import text_literal

#: The name under which the store's file is attached.
_WHOLE: Final = "whole_store"
#: Facts that a reader needs. The lineage is made for each account.
_FACTS: Final = ("schema_version", "time_zone", "holds")
#: Whether a row is of the account that is being written.
_OWN: Final = "account = getvariable('account')"
#: Which rows of each table an account may know. Tables that are not named stay empty: what sources
#: note of themselves, and what was refused, is about all accounts at once.
_OF_ACCOUNT: Final[Mapping[str, str]] = {
    "people": f"person_id in (select person_id from cases where {_OWN})",
    "cases": _OWN,
    "messages": _OWN,
    "message_days": _OWN,
    "case_days": _OWN,
    "active_days": _OWN,
    "cost_lines": _OWN,
    "cost_days": _OWN,
    "message_events": _OWN,
    "kept_payloads": _OWN,
}
#: Where the newest load is another account's, a row without rows and names stands for it.
_LOADS: Final = f"""
    from loads where {_OWN}
    union all by name
    select load_id, source, source as name, getvariable('account') as account, demo, loaded_at,
        0 as rows_in, 0 as rows_rejected, 0 as cases_written, 0 as messages_written,
        false as replaced_demo
    from loads
    where load_id = (select max(load_id) from loads)
        and account is distinct from getvariable('account')"""
#: A hash of the cases of each account, by which an account is found whose cases went.
_ACCOUNTS: Final = """
    select account, concat(count(*), '-', bit_xor(hash(case_key))) from cases group by account"""
#: The accounts of which the loads after ``$after`` changed something.
_CHANGED: Final = """
    select account from cases
        where case_key in (select case_key from outbox_cases where load_id > $after)
    union select account from outbox_events where load_id > $after
    union select account from loads where load_id > $after and account is not null
    union select account from kept_payloads where load_id > $after
    union select account from cases where exists (
        from loads where source = 'rates' and load_id > $after)"""


class StoreCopy:
    """A copy of a store's file, which nobody else has open. Close it at the end.

    ``time_zone`` of the sessions is UTC, so times are written as they are. All methods raise
    ``duckdb.Error``.
    """

    def __init__(self, path: Path) -> None:
        # A connection that was opened for reading only could write no other file either.
        self._connection = duckdb.connect(":memory:")
        self._connection.execute(f"attach {text_literal(path)} as {_WHOLE} (read_only)")
        self._connection.execute(f"use {_WHOLE}")
        self._connection.execute("set TimeZone = 'UTC'")
        self._files = CleanFiles()

    def close(self) -> None:
        """Close the file."""
        self._files.close()
        self._connection.close()

    def accounts(self) -> dict[str, str]:
        """Return a hash of the cases of each account that has any."""
        return dict(self._connection.execute(_ACCOUNTS).fetchall())

    def changed(self, after: int) -> set[str]:
        """Return the accounts of which something changed after the load ``after``.

        Those of which all that happened is that cases went are not among them.
        """
        rows = self._connection.execute(_CHANGED, {"after": after}).fetchall()
        return {account for (account,) in rows}

    def write(self, account: str, path: Path) -> None:
        """Write a store to ``path`` that holds the rows of ``account`` and nothing else.

        Its data version is that of this store. Where the newest load is another account's, a row
        without rows and names stands for it.
        """
        self._connection.execute("set variable account = ?", [account])
        self._files.write(self._connection, path, dict(self._rows(account)))

    def _rows(self, account: str) -> Iterator[tuple[str, str]]:
        """Yield the name of each table that is not empty, and the SELECT of its rows."""
        for name, condition in _OF_ACCOUNT.items():
            columns = "* replace (null as payload)" if name == "kept_payloads" else "*"
            yield name, f"select {columns} from {name} where {condition}"
        yield "loads", _LOADS
        yield "store_facts", self._facts(account)

    def _facts(self, account: str) -> str:
        [(lineage,)] = self._connection.execute(
            "select value from store_facts where name = 'lineage'"
        ).fetchall()
        own = hashlib.blake2b(f"{lineage} {account}".encode("utf-8", "surrogatepass"))
        names = ", ".join(f"'{name}'" for name in _FACTS)
        return f"""select name, value from store_facts where name in ({names})
            union all select 'lineage', '{own.hexdigest()[:32]}'"""
