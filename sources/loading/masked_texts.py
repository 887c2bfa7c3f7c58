"""SQL of DuckDB that masks phones in names and case numbers, and that sorts case numbers.

Loads and upgrades of older stores use the same SQL. Arguments and results are texts of SQL; an
expression may be the name of a column.
"""

from typing import Final

from queries.engines.duckdb.dialect import masked_sql
from queries.phone_masks import FEWEST_DIGITS, HIDDEN, PHONES_IN_NAME, PHONES_IN_TEXT
from queries.visibility import TEXT_ORDER

#: A case number of more digits is sorted as a text.
_MOST_DIGITS: Final = 999


def masked_name(name: str) -> str:
    """Return an SQL expression for a person's name in which phones are masked.

    ``name`` is the SQL expression of the name. The result is null for a name that holds no phone.
    """
    return f"nullif({masked_sql(name, PHONES_IN_NAME)}, {name})"


def number_order(number: str) -> str:
    """Return an SQL expression for a text that sorts case numbers in their natural order.

    ``number`` is the SQL expression of the case number. Whole numbers of up to 999 digits come
    first, by their value: the text has the count of digits before the digits, as ``00237`` for
    ``0037``. All other case numbers follow, sorted by their text without accents and in lower case.
    """
    digits = f"ltrim({number}, '0')"
    return f"""case when regexp_full_match({number}, '[0-9]{{1,{_MOST_DIGITS}}}')
        then lpad(length({digits})::varchar, 3, '0') || {digits}
        else '{TEXT_ORDER}' || strip_accents(lower({number})) end"""


def masked_numbers(cases: str, contacts: str) -> str:
    """Return an SQL select of the cases whose case number holds a phone.

    Its columns are ``case_key``, ``masked_number`` (the case number with its phones masked) and
    ``case_number``. ``cases`` names a table with ``case_key`` and ``case_number``; ``contacts``
    names a table with ``case_key`` and ``contact_phone``, the contact phones of each case. The
    digits of these phones are masked wherever they stand; other phones only where
    ``PHONES_IN_TEXT`` finds them.
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
