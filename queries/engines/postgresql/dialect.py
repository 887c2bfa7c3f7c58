"""How PostgreSQL spells the functions of ``queries.sql_functions`` and the types of the tables."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles

from queries.phone_masks import EIGHT_DIGITS, PHONES_IN_NAME, PHONES_IN_TEXT, Mask
from queries.sql_functions import (
    fold,
    iso_weekday,
    local_day_text,
    masked_name_in,
    masked_text_in,
    percentiles,
)
from queries.tables import Code

#: The collation of all stored texts: by their bytes, as DuckDB compares them.
COLLATION: Final = '"C"'
#: The letters in lower case whatever the database's own collation, which may know only ASCII.
_ANY_LANGUAGE: Final = '"und-x-icu"'
_LAST_CODE_POINT: Final = 0x10FFFF
_MARKS: Final = ("Mn", "Mc", "Me")
#: How the pattern of a phone may begin, and how PostgreSQL is told the same. It prefers the longest
#: match, where others prefer the first alternative: a bracket at the very beginning of the text
#: would count as the sign before the phone, instead of as a part of it.
_BEGINNING: Final = (
    r"(^|[^0-9])0?\(?[1-9]",
    r"(^|^[^0-9(]|^[(](?![1-9])|(?<=.)[^0-9])0?\(?[1-9]",
)
#: Letters that are alike whatever their case, beyond those that differ in one bit.
_FURTHER_CASES: Final = {"k": "\u212a", "s": "\u017f"}


def make_dialect() -> Dialect:
    """Return SQLAlchemy's dialect of PostgreSQL, with placeholders ``%s``."""
    dialect: Dialect = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]
    return dialect


@compiles(Code, "postgresql")
def _code(_element: Code, _compiler: Any, **_options: Any) -> str:
    """Return the type of a code: a text, because parameters that it is compared with are texts."""
    return "TEXT"


@compiles(fold, "postgresql")
def _fold(element: fold, compiler: Any, **options: Any) -> str:
    return folded_sql(compiler.process(element.clauses, **options))


def folded_sql(text: str) -> str:
    """Return the SQL expression of ``text``, itself one, in lower case and without accents.

    The database's own function ``unaccent`` would replace more than DuckDB does, such as Æ. Marks
    are taken away as there: a letter is parted from its marks, and what remains is composed again.
    A capital sigma becomes the same small one wherever it stands, also at the end of a word. A test
    compares all letters. Those that were added to Unicode later than the server knows, or than
    Python does, stay as they are.
    """
    lower = f"lower(replace({text}, '\u03a3', '\u03c3') collate {_ANY_LANGUAGE})"
    bare = f"regexp_replace(normalize({lower}, NFD) collate {COLLATION}, '{_marks()}', '', 'g')"
    # Most texts are ASCII, which takes a fraction of the time.
    is_ascii = f"octet_length({text}) = char_length({text})"
    return (
        f"case when {is_ascii} then lower({text} collate {COLLATION}) "
        f"else normalize({bare}, NFC) end"
    )


@cache
def _marks() -> str:
    """Return the regular expression of one or more of all marks, which combine with a letter."""
    return "[" + "".join(_ranges_of_marks()) + "]+"


def _ranges_of_marks() -> Iterator[str]:
    first = None
    for code in range(_LAST_CODE_POINT + 2):
        is_mark = code <= _LAST_CODE_POINT and unicodedata.category(chr(code)) in _MARKS
        if is_mark and first is None:
            first = code
        elif not is_mark and first is not None:
            yield f"{chr(first)}-{chr(code - 1)}" if first < code - 1 else chr(first)
            first = None


@compiles(local_day_text, "postgresql")
def _local_day_text(element: local_day_text, compiler: Any, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM-DD DD/MM/YYYY')"


@compiles(iso_weekday, "postgresql")
def _iso_weekday(element: iso_weekday, compiler: Any, **options: Any) -> str:
    return f"extract(isodow from {compiler.process(element.clauses, **options)})::integer"


@compiles(percentiles, "postgresql")
def _percentiles(element: percentiles, compiler: Any, **options: Any) -> str:
    number = compiler.process(element.clauses, **options)
    return f"percentile_cont(array[0.5, 0.9]) within group (order by {number})"


@compiles(masked_text_in, "postgresql")
def _masked_text(element: masked_text_in, compiler: Any, **options: Any) -> str:
    return masked_sql(compiler.process(element.clauses, **options), PHONES_IN_TEXT)


@compiles(masked_name_in, "postgresql")
def _masked_name(element: masked_name_in, compiler: Any, **options: Any) -> str:
    return masked_sql(compiler.process(element.clauses, **options), PHONES_IN_NAME)


def masked_sql(text: str, mask: Mask) -> str:
    """Return the SQL expression that masks phones in ``text``, itself an SQL expression.

    ``mask`` says which texts are phones, and gives the same result in Python.
    """
    masked = text
    for pattern, replacement in mask.steps:
        masked = f"regexp_replace({masked}, '{_translated(pattern)}', '{replacement}', 'g')"
    # Most texts hold no phone, and one search costs far less than all replacements.
    return f"case when {text} ~ '{EIGHT_DIGITS}' then {masked} else {text} end"


def _translated(pattern: str) -> str:
    """Return a pattern of ``queries.phone_masks`` as PostgreSQL's regular expressions spell it."""
    spelled = pattern.replace(*_BEGINNING)
    return re.sub(r"\(\?i:([^)]*)\)", lambda found: f"(?:{_any_case(found[1])})", spelled)


def _any_case(words: str) -> str:
    """Return the part of a pattern with each letter in both cases: there is no flag for a part."""
    return re.sub(
        "[a-z]",
        lambda letter: f"[{letter[0]}{letter[0].upper()}{_FURTHER_CASES.get(letter[0], '')}]",
        words,
    )
