"""Keeps parsed SQL, so that the same SQL with other parameters is parsed once.

DuckDB takes about as long to parse a long SELECT as to run it on a roll-up.
"""

import threading
from collections import OrderedDict
from typing import Final

import duckdb

#: How much SQL is kept in all, in characters; a parsed statement takes some 50 bytes a character.
#: All statements of a page have some 16,000.
_CHARACTERS_KEPT: Final = 300_000


class ParsedStatements:
    """Parsed statements by their SQL; those used least recently are dropped.

    Several threads, and connections to several databases, may use it: parsing looks at no table.
    ``characters_kept`` is how much SQL is kept in all.
    """

    def __init__(self, characters_kept: int = _CHARACTERS_KEPT) -> None:
        self._characters_kept = characters_kept
        self._characters = 0
        self._guard = threading.Lock()
        self._statements: OrderedDict[str, duckdb.Statement] = OrderedDict()

    def __len__(self) -> int:
        return len(self._statements)

    def parsed(self, sql: str, cursor: duckdb.DuckDBPyConnection) -> duckdb.Statement:
        """Return the one statement of ``sql``, parsed with ``cursor`` where it is not kept.

        Raises ``duckdb.Error`` where ``sql`` cannot be parsed, and ``ValueError`` where it is not
        one statement.
        """
        with self._guard:
            if (kept := self._statements.get(sql)) is not None:
                self._statements.move_to_end(sql)
                return kept
        # Not under the lock: others need not wait for it. Two threads may parse the same.
        [statement] = cursor.extract_statements(sql)
        with self._guard:
            if sql not in self._statements:
                self._statements[sql] = statement
                self._characters += len(sql)
            while self._characters > self._characters_kept:
                dropped, _ = self._statements.popitem(last=False)
                self._characters -= len(dropped)
        return statement
