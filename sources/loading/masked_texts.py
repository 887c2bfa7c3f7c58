"""DuckDB's SQL that masks phones in names and case numbers, and by which case numbers are sorted.

Loads and upgrades of older stores use the same SQL. "SQL" as an argument or result is an
expression, such as the name of a column.
"""

from typing import Final

from queries.engines.duckdb.dialect import masked_sql
from queries.phone_masks import FEWEST_DIGITS, HIDDEN, PHONES_IN_NAME, PHONES_IN_TEXT
from queries.visibility import TEXT_ORDER

#: A case number of more digits is sorted as a text.
_MOST_DIGITS: Final = 999


def masked_name(name: str) -> str:
    """Return SQL for the name that the SQL ``name`` gives, with its phones masked.

    It gives null for a name that holds no phone.
    """
    return f"nullif({masked_sql(name, PHONES_IN_NAME)}, {name})"


def number_order(number: str) -> str:
    """Return SQL for a text by which the case numbers that the SQL ``number`` gives are sorted.

    Whole numbers come first, by their value: the count of digits stands before the digits (``0037``
    gives ``00237``), so that the texts compare as the numbers do. Other case numbers follow, by
    their text without accents and in lower case.
    """
    digits = f"ltrim({number}, '0')"
    return f"""case when regexp_full_match({number}, '[0-9]{{1,{_MOST_DIGITS}}}')
        then lpad(length({digits})::varchar, 3, '0') || {digits}
        else '{TEXT_ORDER}' || strip_accents(lower({number})) end"""


def masked_numbers(cases: str, contacts: str) -> str:
    """Return a select of the cases whose number holds a phone.

    Its columns are ``case_key``, ``masked_number`` (the case number with these phones masked) and
    ``case_number``. ``cases`` is the name of a table with ``case_key, case_number``, ``contacts``
    of one with ``case_key, contact_phone``, the phones with which the case has messages: their
    digits count as a phone whatever stands around them.
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
