"""How ClickHouse spells the functions of ``queries.sql_functions`` and the types of the tables.

Compiled SQL has ``%s`` for each parameter, which ``with_values`` replaces by literals, and
``{version:Identifier}`` in place of the database: the server fills in the name that comes with each
question.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy.dialect import ClickHouseDialect
from clickhouse_connect.cc_sqlalchemy.sql.compiler import ChStatementCompiler
from clickhouse_connect.driver.binding import format_str, quote_identifier
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Cast,
    ColumnClause,
    Date,
    DateTime,
    Double,
    Integer,
    Null,
    Select,
    SmallInteger,
    String,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import OPERATORS, SQLCompiler
from sqlalchemy.sql.elements import BindParameter, Grouping
from sqlalchemy.types import TypeEngine

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

_NAME: Final = ClickHouseDialect.name
#: Stands for the database in compiled SQL; the parameter's name is ``VERSION``.
VERSION: Final = "version"
_IN_VERSION: Final = f"{{{VERSION}:Identifier}}."
#: The names of types. Values may be null, except for those of arrays. ``Date`` and ``DateTime``
#: begin in 1970; times are UTC wherever the server is.
_TYPES: Final[Mapping[type[TypeEngine[Any]], str]] = {
    SmallInteger: "Nullable(Int16)",
    Integer: "Nullable(Int32)",
    BigInteger: "Nullable(Int64)",
    Double: "Nullable(Float64)",
    Boolean: "Nullable(Bool)",
    String: "Nullable(String)",
    Date: "Nullable(Date32)",
    DateTime: "Nullable(DateTime64(6, 'UTC'))",
    ARRAY: "Array(Float64)",
    Code: "LowCardinality(Nullable(String))",
}


def _called(name: str) -> Callable[..., str]:
    """Return what compiles a function as one of another name."""

    def compiled(compiler: SQLCompiler, function: Any, **options: Any) -> str:
        return f"{name}({compiler.process(function.clauses, **options)})"

    return compiled


class _Compiler(ChStatementCompiler):
    """Compiles what ClickHouse writes or means otherwise than other databases."""

    def visit_table(self, table: Any, *args: Any, **options: Any) -> str:
        text: str = super().visit_table(table, *args, **options)  # type: ignore[no-untyped-call]
        return f"{_IN_VERSION}{text}" if options.get("asfrom") else text

    def visit_label(self, label: Any, *args: Any, **options: Any) -> str:
        """Make conditions true or false, and counts signed.

        A comparison gives 0 or 1, which is no flag to who reads it. Whole numbers get one of many
        types by their size, and those with and without a sign cannot be in one column of a UNION.
        """
        text: str = super().visit_label(label, *args, **options)  # type: ignore[no-untyped-call]
        element = label.element
        if not options.get("within_columns_clause") or isinstance(element, ColumnClause | Cast):
            return text
        value, _, name = text.rpartition(" AS ")
        if isinstance(label.type, Boolean):
            return f"CAST({value} AS Nullable(Bool)) AS {name}"
        return f"toInt64({value}) AS {name}" if isinstance(label.type, Integer) else text

    def visit_cast(self, cast: Any, *args: Any, **options: Any) -> str:
        """Return an empty array for a missing one: arrays are never null."""
        if isinstance(cast.type, ARRAY) and isinstance(cast.clause, Null):
            return "CAST([] AS Array(Float64))"
        text: str = super().visit_cast(cast, *args, **options)  # type: ignore[no-untyped-call]
        return text

    def visit_in_op_binary(self, binary: Any, operator: Any, **options: Any) -> str:
        """Write a long list as one literal: ClickHouse reads it faster than rows of an array."""
        keys = _array_of(binary.right)
        if keys is not None:
            left = self.process(binary.left, **options)
            return f"{left} IN {self.process(keys, **options)}"
        text: str = self._generate_generic_binary(binary, OPERATORS[operator], **options)
        return text

    def visit_contains_op_binary(self, binary: Any, operator: Any, **options: Any) -> str:  # noqa: ARG002
        """Search by position: patterns have no ESCAPE."""
        part = self.process(binary.right, **options)
        if escape := binary.modifiers.get("escape"):
            part = f"replaceRegexpAll({part}, '(?s){escape}(.)', '\\\\1')"
        return f"positionUTF8({self.process(binary.left, **options)}, {part}) > 0"

    def visit_extract(self, extract: Any, **options: Any) -> str:
        """Return the seconds between two times, of ``extract("epoch", later - earlier)``."""
        difference = _without_brackets(extract.expr)
        is_difference = getattr(difference, "operator", None) is operators.sub
        if extract.field != "epoch" or not is_difference:
            raise NotImplementedError(extract.field)
        begin = self.process(difference.right, **options)
        end = self.process(difference.left, **options)
        return f"dateDiff('microsecond', {begin}, {end}) / 1e6"

    # These count characters; those of the usual names count bytes.
    visit_length_func = _called("lengthUTF8")
    visit_right_func = _called("rightUTF8")
    visit_strpos_func = _called("positionUTF8")
    visit_substr_func = _called("substringUTF8")
    visit_replace_func = _called("replaceAll")


class _Dialect(ClickHouseDialect):
    statement_compiler = _Compiler
    #: Nothing that compiles here depends on values, so SQL may be kept.
    supports_statement_cache = True


def make_dialect() -> Dialect:
    """Return SQLAlchemy's dialect of ClickHouse, with ``%s`` for each parameter."""
    dialect: Dialect = _Dialect(paramstyle="format")
    return dialect


def with_values(sql: str, parameters: Iterable[object]) -> str:
    """Return compiled ``sql`` with each value of ``parameters``, in order, as a literal."""
    return sql % tuple(literal(value) for value in parameters)


def literal(value: object) -> str:
    """Return ``value`` as ClickHouse's literal. Times are UTC without an offset."""
    if value is None or isinstance(value, bool):
        return str(value).lower() if value is not None else "NULL"
    if isinstance(value, datetime):
        at = value.isoformat(" ", "microseconds")
        return f"toDateTime64('{at}', 6, 'UTC')"
    if isinstance(value, date):
        return f"toDate32('{value.isoformat()}')"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, int | float):
        return repr(value)
    return str(format_str(str(value)))


def quoted(name: str) -> str:
    """Return ``name``, of a database, table or column, as SQL."""
    return str(quote_identifier(name))


def folded_sql(text: str) -> str:
    """Return the SQL expression of ``text``, itself one, in lower case and without accents.

    It gives what DuckDB's ``strip_accents(lower(text))`` gives, for all letters of Unicode 15:
    marks of all sorts go, and what is composed of letters stays composed. A sigma at the end of a
    word becomes the same letter as elsewhere.
    """
    lower = f"lowerUTF8(replaceAll({text}, '\u03a3', '\u03c3'))"
    return f"normalizeUTF8NFC(replaceRegexpAll(normalizeUTF8NFD({lower}), '\\\\p{{M}}', ''))"


def _without_brackets(element: Any) -> Any:
    while isinstance(element, Grouping):
        element = element.element
    return element


def _array_of(element: Any) -> BindParameter[Any] | None:
    """Return the parameter of ``select(func.unnest(parameter))``, None for anything else."""
    inner = getattr(_without_brackets(element), "element", element)
    if not isinstance(inner, Select):
        return None
    [*columns] = inner.selected_columns
    if len(columns) != 1 or getattr(columns[0], "name", "") != "unnest":
        return None
    found = next(iter(getattr(columns[0], "clauses", ())), None)
    return found if isinstance(found, BindParameter) else None


def _masked_sql(text: str, mask: Mask) -> str:
    masked = text
    for pattern, replacement in mask.steps:
        masked = f"replaceRegexpAll({masked}, {_escaped(pattern)}, {_escaped(replacement)})"
    return f"if(match({text}, {_escaped(mask.any_pattern)}), {masked}, {text})"


def _escaped(text: str) -> str:
    """Return a literal for compiled SQL, in which a sign of per cent is written twice."""
    return literal(text).replace("%", "%%")


def _register(type_: type[TypeEngine[Any]], name: str) -> None:
    @compiles(type_, _NAME)
    def compiled(_type: Any, _compiler: Any, **_options: Any) -> str:
        return name


for _type, _type_name in _TYPES.items():
    _register(_type, _type_name)


@compiles(fold, _NAME)
def _fold(element: fold, compiler: Any, **options: Any) -> str:
    return folded_sql(compiler.process(element.clauses, **options))


@compiles(local_day_text, _NAME)
def _local_day_text(element: local_day_text, compiler: Any, **options: Any) -> str:
    day = compiler.process(element.clauses, **options)
    return f"formatDateTime({day}, '%%Y-%%m-%%d %%d/%%m/%%Y')"


@compiles(iso_weekday, _NAME)
def _iso_weekday(element: iso_weekday, compiler: Any, **options: Any) -> str:
    return f"toDayOfWeek({compiler.process(element.clauses, **options)})"


@compiles(percentiles, _NAME)
def _percentiles(element: percentiles, compiler: Any, **options: Any) -> str:
    """Return an empty array where all numbers are null; the reader makes it null."""
    number = compiler.process(element.clauses, **options)
    both = f"quantilesExactInclusive(0.5, 0.9)({number})"
    return f"if(count({number}) = 0, CAST([] AS Array(Float64)), {both})"


@compiles(masked_text_in, _NAME)
def _masked_text(element: masked_text_in, compiler: Any, **options: Any) -> str:
    return _masked_sql(compiler.process(element.clauses, **options), PHONES_IN_TEXT)


@compiles(masked_name_in, _NAME)
def _masked_name(element: masked_name_in, compiler: Any, **options: Any) -> str:
    return _masked_sql(compiler.process(element.clauses, **options), PHONES_IN_NAME)
