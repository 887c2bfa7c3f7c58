"""How DuckDB spells the functions of ``queries.sql_functions`` and the types of the tables."""

from typing import Any

from duckdb_sqlalchemy import Dialect as DuckDBDialect
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles

from queries.phone_masks import PHONES_IN_NAME, PHONES_IN_TEXT, Mask
from queries.sql_functions import (
    fold,
    iso_weekday,
    local_day_text,
    masked_name_in,
    masked_text_in,
    percentiles,
)
from queries.tables import Code


def make_dialect() -> Dialect:
    """Return SQLAlchemy's dialect of DuckDB, with numbered placeholders (``$1``)."""
    dialect: Dialect = DuckDBDialect(paramstyle="numeric_dollar")
    return dialect


def masked_sql(text: str, mask: Mask) -> str:
    """Return the SQL expression that masks phones in ``text``, itself an SQL expression.

    ``mask`` says which texts are phones, and gives the same result in Python.
    """
    masked = text
    for pattern, replacement in mask.steps:
        masked = f"regexp_replace({masked}, '{pattern}', '{replacement}', 'g')"
    # Most texts hold no phone, and one search costs far less than all replacements.
    return f"case when regexp_matches({text}, '{mask.any_pattern}') then {masked} else {text} end"


@compiles(Code, "duckdb")
def _code(element: Code, _compiler: Any, **_options: Any) -> str:
    """Return the name of the enum type, which ``schema.create_statements`` makes."""
    return element.name


@compiles(fold, "duckdb")
def _fold(element: fold, compiler: Any, **options: Any) -> str:
    return f"strip_accents(lower({compiler.process(element.clauses, **options)}))"


@compiles(local_day_text, "duckdb")
def _local_day_text(element: local_day_text, compiler: Any, **options: Any) -> str:
    return f"strftime({compiler.process(element.clauses, **options)}, '%Y-%m-%d %d/%m/%Y')"


@compiles(iso_weekday, "duckdb")
def _iso_weekday(element: iso_weekday, compiler: Any, **options: Any) -> str:
    return f"isodow({compiler.process(element.clauses, **options)})"


@compiles(percentiles, "duckdb")
def _percentiles(element: percentiles, compiler: Any, **options: Any) -> str:
    return f"quantile_cont({compiler.process(element.clauses, **options)}, [0.5, 0.9])"


@compiles(masked_text_in, "duckdb")
def _masked_text(element: masked_text_in, compiler: Any, **options: Any) -> str:
    return masked_sql(compiler.process(element.clauses, **options), PHONES_IN_TEXT)


@compiles(masked_name_in, "duckdb")
def _masked_name(element: masked_name_in, compiler: Any, **options: Any) -> str:
    return masked_sql(compiler.process(element.clauses, **options), PHONES_IN_NAME)
