"""DuckDB's SQL that reads the texts of import files as values and tells which rows are rejects."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from queries.engines.duckdb.literals import text_literal
from queries.tables import DIRECTION_CODE, KIND_CODE, STATUS_CODE
from queries.vocabulary import STATUS_RANK
from sources.contract import NOT_READ, UTC_NAMES, WHITE_SPACE, Holds, ImportColumn, ImportFile
from sources.words import CODE_WORDS, FLAG_WORDS

_WHITE_ENDS: Final = (
    r"^[\s\pZ\x0b\x1c-\x1f\x85\x{200b}\x{2060}\x{feff}]"
    r"|[\s\pZ\x0b\x1c-\x1f\x85\x{200b}\x{2060}\x{feff}]$"
)
_OFFSET: Final = r"(?:Z|[+-](?:(?:0\d|1[0-3])(?::?[0-5]\d)?|14(?::?00)?))"
#: The form that nearly all times have, and that DuckDB itself reads fast.
_USUAL_TIME: Final = r"\d{4}-\d{2}-\d{2}[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?"
_BASIC_DAY: Final = r"\d{4}(?:\d{4}|W\d{3}|\d{3})"
_EXTENDED_DAY: Final = r"\d{4}-(?:\d{2}-\d{2}|W\d{2}-\d|\d{3})"
_CLOCK: Final = r"\d{2}(?::?[0-5]\d(?::?(?:[0-5]\d|60))?)?(?:[.,]\d+)?"
_ANY_TIME: Final = f"(?:{_BASIC_DAY}|{_EXTENDED_DAY})(?:[T ]{_CLOCK}{_OFFSET}?)?"
#: The parts of a time that matches ``_ANY_TIME``, which has checked its hyphens and colons.
_PARTS: Final = (
    r"^(\d{4})(?:-?(\d{2})-?(\d{2})|-?W(\d{2})-?(\d)|-?(\d{3}))"
    r"(?:[T ](\d{2})(?::?(\d{2})(?::?(\d{2}))?)?(?:[.,](\d+))?)?"
    rf"({_OFFSET}?)$"
)
_PART_NAMES: Final = (
    "['year', 'month', 'day', 'week', 'weekday', 'ordinal', 'hour', 'minute', 'second',"
    " 'fraction', 'zone']"
)
#: Characters that people write between the digits of a phone: blanks, dashes and brackets.
_BETWEEN_DIGITS: Final = (
    r"[\s\pZ\p{Pd}\x{2212}()\[\]\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]"
)
_AROUND_PHONE: Final = r"^whatsapp:|@.*$"
#: The macros that read values that are no texts.
_READERS: Final = {Holds.TIME: "read_time", Holds.FLAG: "read_flag", Holds.PHONE: "read_phone"}
#: The SQL types of columns that hold one of a few words.
_WORD_TYPES: Final = {
    "direction": DIRECTION_CODE.name,
    "status": STATUS_CODE.name,
    "kind": KIND_CODE.name,
    "csat_rating": "smallint",
}
#: Flags that are false where there is no value.
_USUALLY_FALSE: Final = ("is_bot", "is_survey")


def macros(time_zone: str, zone_of_times: str = "UTC") -> Iterator[str]:
    """Yield SQL statements that create DuckDB's macros for reading values from texts.

    ``read_time`` returns a time in UTC, ``read_flag`` true or false, and ``read_phone`` a phone in
    E.164; each returns null if the text is not one. ``local_at`` turns a time in UTC into the local
    time in ``time_zone``; ``status_rank`` returns the rank of a status (``STATUS_RANK``).

    Times are written in ISO 8601; their year in ``time_zone`` must be 1900 to 2100. Times without
    an offset are in ``zone_of_times``. When its clocks are set back, a time that they show twice is
    read as the later one; when they are set forward by an hour, a time that they skip is read as
    one hour later.
    """
    zone, given = text_literal(time_zone), text_literal(zone_of_times)
    yield f"create or replace temp macro local_at(t) as timezone({zone}, timezone('UTC', t))"
    yield (
        f"""create or replace temp macro without_offset(t) as
        timezone('UTC', timezone({given}, t::timestamp))"""
        if zone_of_times not in UTC_NAMES
        else "create or replace temp macro without_offset(t) as t::timestamp"
    )
    yield (
        """create or replace temp macro within_years(t) as case
            when t >= timestamp '1900-01-03' and t < timestamp '2100-12-30' then t
            when year(local_at(t)) between 1900 and 2100 then t end"""
    )
    yield from _macros_of_times()
    yield (
        """create or replace temp macro has_offset(x) as case
            when right(x, 1) in ('Z', 'z') then true
            else regexp_matches(x, '[Tt ].*[-+\\x{2212}]') end"""
    )
    flags = " ".join(
        f"when {_folded('x')} in {_listed(FLAG_WORDS[is_])} then {is_}" for is_ in (True, False)
    )
    yield f"create or replace temp macro read_flag(x) as case {flags} end"
    yield (
        f"""create or replace temp macro read_written_phone(x) as
        nullif('+' || regexp_extract(regexp_replace(
            regexp_replace(x, '{_AROUND_PHONE}', '', 'gi'), '{_BETWEEN_DIGITS}', '', 'g'),
            '^\\+?([0-9]{{8,15}})$', 1), '+')"""
    )
    yield (
        r"""create or replace temp macro read_phone(x) as case
            when regexp_full_match(x, '\+[0-9]{8,15}') then x else read_written_phone(x) end"""
    )
    ranks = " ".join(f"when '{status}' then {rank}" for status, rank in STATUS_RANK.items())
    yield f"create or replace temp macro status_rank(s) as case s {ranks} end"


def _macros_of_times() -> Iterator[str]:
    """Yield the macros that read ISO 8601: DuckDB reads most times; they read the rest by parts."""
    # 28 December is in the last of a year's 52 or 53 weeks.
    yield (
        """create or replace temp macro weeks_of(year) as
            weekofyear(make_date(year::int, 12, 28))"""
    )
    yield (
        """create or replace temp macro day_of(p) as case
            when p.month <> '' then
                try_cast(p.year || '-' || p.month || '-' || p.day as date)
            when p.week <> '' then
                case when p.week::int <= weeks_of(p.year) then try_strptime(
                    p.year || '-' || p.week || '-' || p.weekday, '%G-%V-%u')::date end
            when p.ordinal between '001' and '366' then
                case when year(make_date(p.year::int, 1, 1) + (p.ordinal::int - 1)) = p.year::int
                then make_date(p.year::int, 1, 1) + (p.ordinal::int - 1) end end"""
    )
    # A fraction belongs to the last part that is given. Twelve digits are finer than microseconds.
    yield (
        """create or replace temp macro microseconds_of(p) as
            coalesce(try_cast(p.hour as bigint), 0) * 3_600_000_000
            + coalesce(try_cast(p.minute as bigint), 0) * 60_000_000
            + coalesce(try_cast(p.second as bigint), 0) * 1_000_000
            + rpad(left(p.fraction, 12), 12, '0')::bigint * case when p.second <> '' then 1
                when p.minute <> '' then 60 else 3_600 end // 1_000_000"""
    )
    yield (
        """create or replace temp macro offset_minutes(zone) as
            case when zone in ('', 'Z') then 0 else
                (zone[2:3]::int * 60 + coalesce(try_cast(right(replace(zone[4:], ':', ''), 2)
                    as int), 0)) * case when zone[1] = '-' then -1 else 1 end end"""
    )
    yield (
        """create or replace temp macro moment_of(p) as
            case when p.zone = ''
            then without_offset(day_of(p) + to_microseconds(microseconds_of(p)))
            else day_of(p) + to_microseconds(microseconds_of(p))
                - to_minutes(offset_minutes(p.zone)) end"""
    )
    # The engine plans a macro's argument again for each place where the macro names it, but the
    # argument of a lambda once. Without the lambdas below, the plan for one column of times would
    # take a tenth of a second.
    #
    # A leap second is the last second of a UTC day; it is stored as the first of the next day.
    yield (
        """create or replace temp macro moment_of_parts(p) as case
            when p.hour < '24' or (p.hour = '24' and microseconds_of(p) <= 86_400_000_000)
            then list_transform([moment_of(p)], lambda t: case when p.second <> '60'
                or date_trunc('second', t) = date_trunc('day', t) then t end)[1] end"""
    )
    yield (
        f"""create or replace temp macro read_written_time(x) as case
            when regexp_full_match(x, '{_ANY_TIME}')
            then list_transform([regexp_extract(x, '{_PARTS}', {_PART_NAMES})],
                lambda p: moment_of_parts(p))[1] end"""
    )
    yield (
        f"""create or replace temp macro read_time(x) as list_transform([case
            when regexp_full_match(x, '{_USUAL_TIME}{_OFFSET}')
            then try_cast(x as timestamptz)::timestamp
            when regexp_full_match(x, '{_USUAL_TIME}')
            then without_offset(try_cast(x as timestamp))
            else read_written_time(replace(upper(x), chr(8722), '-')) end],
            lambda t: within_years(t))[1]"""
    )


def parameters(account: str) -> dict[str, str]:
    """Return the parameters with which the select that ``checked`` returns is run.

    ``account`` is the account of rows that name none.
    """
    return {"white": WHITE_SPACE, "account": account}


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file as SQL, before their values are read.

    ``sql`` is what follows ``from``; it gives ``line`` and the columns of the file. The columns in
    ``typed`` hold Booleans or times in UTC, all others texts. ``zoned`` are the columns whose times
    had a zone in the file. ``faults`` are conditions that reject a row: triples of SQL, column and
    reason, checked before those of ``checked``. With ``has_faults`` the rows also have
    ``given_fault`` and ``given_reason``, the column and the reason of rows that are rejected
    already, else null.
    """

    sql: str
    typed: frozenset[str] = frozenset()
    zoned: frozenset[str] = frozenset()
    faults: tuple[tuple[str, str, str], ...] = ()
    has_faults: bool = False


def checked(file: ImportFile, rows: Rows) -> str:
    """Return an SQL select of ``rows`` with their values read, and what is wrong with each row.

    Its columns are ``line``, the columns of ``file``, ``has_offset`` (whether any time of the row
    has an offset), ``fault`` (the columns that are wrong, "" if it is the whole row, null if
    nothing is wrong) and ``reason``, which names the columns where there are several. It needs the
    ``macros`` to be created; run it with ``parameters``.
    """
    trimmed = ", ".join(
        f"{_trimmed(column)} as {column.name}"
        for column in file.columns
        if column.name not in rows.typed
    )
    read = "".join(
        f", {_reader(column, rows)} as {column.name}_read"
        for column in file.columns
        if column.holds in _READERS or column.holds is Holds.WORD
    )
    typed = ", ".join(f"{_typed(column)} as {column.name}" for column in file.columns)
    faults = [fault for column in file.columns for fault in _faults(column)]
    # Rows that are rejected already lack their values: nothing more is said of them.
    fault = f"coalesce({_columns_at_fault(rows.faults)}, {_columns_at_fault(faults)})"
    reason = f"coalesce({_reasons(rows.faults)}, {_reasons(faults)})"
    if rows.has_faults:
        fault, reason = f"coalesce(given_fault, {fault})", f"coalesce(given_reason, {reason})"
    times = [column for column in file.columns if column.holds is Holds.TIME]
    offsets = " or ".join(_has_offset(column, rows) for column in times) or "false"
    return f"""select line, {typed}, {offsets} as has_offset, {fault} as fault, {reason} as reason
        from (select *{read} from (select * replace ({trimmed}) from {rows.sql}))"""


def _columns_at_fault(faults: Sequence[tuple[str, str, str]]) -> str:
    """Return SQL that gives the columns that are wrong, with commas between; null if none is."""
    return _where_any(faults, _joined(", ", [(test, name) for test, name, _ in faults]))


def _reasons(faults: Sequence[tuple[str, str, str]]) -> str:
    """Return SQL that gives what is wrong: the reason, or each after its column; null if nothing.

    With a column that is missing and one that is no time it is ``case_id: missing; sent_at: not a
    time …``.
    """
    columns = _joined(", ", [(test, name) for test, name, _ in faults])
    single = _joined("", [(test, reason) for test, _, reason in faults])
    several = _joined("; ", [(test, f"{name}: {reason}") for test, name, reason in faults])
    return _where_any(
        faults, f"case when contains({columns}, ', ') then {several} else {single} end"
    )


def _where_any(faults: Sequence[tuple[str, str, str]], then: str) -> str:
    """Return SQL that gives ``then`` where a fault's condition holds, else null.

    Nearly all rows have none, so ``then`` may be slow.
    """
    if not faults:
        return "null::varchar"
    return f"case when {' or '.join(test for test, _, _ in faults)} then {then} end"


def _joined(between: str, texts: list[tuple[str, str]]) -> str:
    """Return SQL that joins the texts whose conditions hold; a text has its quotes doubled."""
    parts = (f"case when {test} then '{text}' end" for test, text in texts)
    return f"concat_ws('{between}', {', '.join(parts)})"


def _reader(column: ImportColumn, rows: Rows) -> str:
    """Return SQL for the value of a trimmed column that holds times, flags or phones.

    It gives null where the value cannot be read.
    """
    if column.holds is Holds.WORD:
        return _word(column)
    if column.name not in rows.typed:
        return f"{_READERS[column.holds]}({column.name})"
    return f"within_years({column.name})" if column.holds is Holds.TIME else column.name


def _word(column: ImportColumn) -> str:
    """Return SQL for the code that the text of ``column`` stands for; null if it is none.

    Most texts are codes already; only the others are folded and looked up in ``CODE_WORDS``.
    """
    name = column.name
    words = CODE_WORDS.get(name, {})
    others = " ".join(
        f"when {_folded(name)} in {_listed(words[code])} then '{code}'" for code in words
    )
    return f"case when {name} in {_listed(column.words)} then {name} {others} end"


def _folded(text: str) -> str:
    """Return SQL for ``text`` without accents and capital letters, as ``sources.words.folded``."""
    return f"strip_accents(lower({text}))"


def _listed(words: Iterable[str]) -> str:
    return f"({', '.join(map(text_literal, words))})"


def _has_offset(column: ImportColumn, rows: Rows) -> str:
    """Return an SQL condition: the column's time had an offset or a zone in the file."""
    if column.name in rows.typed:
        return str(column.name in rows.zoned).lower()
    return f"coalesce(has_offset({column.name}), false)"


def _trimmed(column: ImportColumn) -> str:
    """Return SQL for a column's text without white space around it; null where nothing is left.

    ``VERBATIM`` keeps its white space; ``account`` gets its default in place of null.
    """
    if column.holds is Holds.VERBATIM:
        return f"nullif({column.name}, '')"
    # ``trim`` with a list of characters is slow, and few texts need it: a pattern finds them first.
    trimmed = (
        f"nullif(case when regexp_matches({column.name}, '{_WHITE_ENDS}') "
        f"then trim({column.name}, $white) else {column.name} end, '')"
    )
    return f"coalesce({trimmed}, $account)" if column.name == "account" else trimmed


def _typed(column: ImportColumn) -> str:
    """Return SQL for the value of a trimmed column; null where it cannot be read.

    Where there is no value, flags of ``_USUALLY_FALSE`` are false, ``status`` is unknown and
    ``kind`` session.
    """
    match column.holds:
        case Holds.TIME | Holds.PHONE:
            return f"{column.name}_read"
        case Holds.FLAG:
            default = "false" if column.name in _USUALLY_FALSE else "null"
            return f"coalesce({column.name}_read, {default})"
        case Holds.WORD:
            word = f"try_cast({column.name}_read as {_WORD_TYPES[column.name]})"
            stand_in = {"status": "unknown", "kind": "session"}.get(column.name)
            return f"coalesce({word}, '{stand_in}')" if stand_in else word
        case _:
            return column.name


def _faults(column: ImportColumn) -> list[tuple[str, str, str]]:
    """Return what makes a row a reject because of ``column``: SQL condition, column, reason."""
    faults = []
    if column.required:
        faults.append((f"{column.name} is null", column.name, "missing"))
    match column.holds:
        case Holds.TIME | Holds.FLAG | Holds.PHONE:
            unreadable = f"{column.name} is not null and {column.name}_read is null"
            faults.append((unreadable, column.name, NOT_READ[column.holds]))
        case Holds.WORD:
            words = ", ".join(f"''{word}''" for word in column.words)
            unknown = f"{column.name} is not null and {column.name}_read is null"
            faults.append((unknown, column.name, f"not one of {words}"))
        case _:
            pass
    return faults
