"""What a load derives of the texts by which people know a person or a case; as DuckDB's SQL.

One SQL each, for loads and for upgrades of older stores.
"""

from typing import Final

from queries.engines.duckdb import masked_sql
from queries.masking import TEXT_ORDER
from queries.phones import FEWEST_DIGITS, HIDDEN, PHONES_IN_NAME, PHONES_IN_TEXT

#: What has more digits is put in order as a text.
_MOST_DIGITS: Final = 999


def masked_name(name: str) -> str:
    """The name with the phones in it masked; null where it has none."""
    return f"nullif({masked_sql(name, PHONES_IN_NAME)}, {name})"


def number_order(number: str) -> str:
    """A text that puts case numbers in order: digits by their value, then others by their text.

    The count of digits stands before the digits, so that texts compare as the numbers do.
    """
    digits = f"ltrim({number}, '0')"
    return f"""case when regexp_full_match({number}, '[0-9]{{1,{_MOST_DIGITS}}}')
        then lpad(length({digits})::varchar, 3, '0') || {digits}
        else '{TEXT_ORDER}' || strip_accents(lower({number})) end"""


def masked_numbers(cases: str, contacts: str) -> str:
    """Rows of ``case_key, masked_number``, of those of ``cases`` in whose number a phone stands.

    ``cases`` gives ``case_key, case_number``; ``contacts`` gives ``case_key, contact_phone``. The
    digits of a case's own contact are a phone whatever their shape.
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
