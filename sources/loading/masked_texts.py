"""DuckDB's SQL for names and case numbers: their phones masked, and numbers in order.

Loads and upgrades of older stores use the same SQL.
"""

from typing import Final

from queries.engines.duckdb.dialect import masked_sql
from queries.phone_masks import FEWEST_DIGITS, HIDDEN, PHONES_IN_NAME, PHONES_IN_TEXT
from queries.visibility import TEXT_ORDER

#: A case number of more digits is sorted as a text.
_MOST_DIGITS: Final = 999


def masked_name(name: str) -> str:
    """Return SQL: the SQL ``name`` with its phones masked; null where it holds none."""
    return f"nullif({masked_sql(name, PHONES_IN_NAME)}, {name})"


def number_order(number: str) -> str:
    """Return SQL: a text by which the case numbers of the SQL ``number`` are sorted.

    Whole numbers come first, by their value: the count of digits stands before the digits, so that
    the texts compare as the numbers do. Other numbers follow, by their text.
    """
    digits = f"ltrim({number}, '0')"
    return f"""case when regexp_full_match({number}, '[0-9]{{1,{_MOST_DIGITS}}}')
        then lpad(length({digits})::varchar, 3, '0') || {digits}
        else '{TEXT_ORDER}' || strip_accents(lower({number})) end"""


def masked_numbers(cases: str, contacts: str) -> str:
    """Return a select of ``case_key, masked_number``: the cases whose number holds a phone.

    The table ``cases`` gives ``case_key, case_number``, the table ``contacts`` gives
    ``case_key, contact_phone``. The digits of a case's own contact count as a phone whatever their
    shape.
    """
    return f"""with own as (
            select c.case_key, list(substr(p.contact_phone, 2)) as phones
            from {cases} c join (select distinct case_key, contact_phone from {contacts}) p
                on p.case_key = c.case_key
                and contains(c.case_number, substr(p.contact_phone, 2))
            where length(p.contact_phone) > {FEWEST_DIGITS}
            group by c.case_key
        ), without_own as (
            select c.case_key, c.case_number, coalesce(
                list_reduce(o.phones, lambda text, phone:
                    replace(text, phone, '{HIDDEN}-' || right(phone, 4)), c.case_number),
                c.case_number) as number
            from {cases} c left join own o on o.case_key = c.case_key
        )
        select * from (
            select case_key, {masked_sql("number", PHONES_IN_TEXT)} as masked_number, case_number
            from without_own)
        where masked_number <> case_number"""
