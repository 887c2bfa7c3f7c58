"""Upgrades a store to layout 4: masked names and case numbers, sorted case numbers, E.164 phones.

Earlier versions kept phones as they were written, and took two spellings of a phone for two phones.
"""

import duckdb

from sources.contract import WHITE_SPACE
from sources.loading import value_parsing
from sources.loading.masked_texts import masked_name, masked_numbers, number_order

_PHONE_COLUMNS = ("phone", "business_number")


def migrate(connection: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    """Add and fill the masked columns, ``number_order`` and ``rows_superseded``; rewrite phones.

    Cases in which a phone changes are added to ``outdated_cases``. ``connection`` is in the
    transaction of the upgrade; ``time_zone`` is that of the store.
    """
    for table, column in (
        ("people", "masked_name varchar"),
        ("people", "masked_folded varchar"),
        ("cases", "number_order varchar"),
        ("cases", "masked_number varchar"),
        # Null for earlier loads, in which it was not counted.
        ("loads", "rows_superseded bigint"),
    ):
        connection.execute(f"alter table {table} add column {column}")
    _rewrite_phones(connection, time_zone)
    _fill_masks(connection)


def _rewrite_phones(connection: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    """Write stored phones in E.164, as a load does; a text that is no phone becomes null.

    The cases of changed messages are added to ``outdated_cases``.
    """
    for macro in value_parsing.macros(time_zone):
        connection.execute(macro)
    read = {name: f"read_phone(trim({name}, $white))" for name in _PHONE_COLUMNS}
    changes = " or ".join(f"{name} is distinct from {phone}" for name, phone in read.items())
    white = {"white": WHITE_SPACE}
    connection.execute(
        f"insert into outdated_cases select distinct case_key from messages where {changes}", white
    )
    phones = ", ".join(f"{name} = {phone}" for name, phone in read.items())
    connection.execute(f"update messages set {phones} where {changes}", white)


def _fill_masks(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"update people set masked_name = {masked_name('person_name')}")
    connection.execute("update people set masked_folded = strip_accents(lower(masked_name))")
    connection.execute(f"update cases set number_order = {number_order('case_number')}")
    connection.execute(
        f"""update cases set masked_number = m.masked_number
        from ({masked_numbers("cases", "messages")}) m where m.case_key = cases.case_key"""
    )
