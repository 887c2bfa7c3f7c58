"""Takes import files into the store: checks, merges, derives, writes; one transaction a load.

The steps are SQL over temporary tables. Rows of the files become typed and checked, then only
what changes anything; the cases that it touches are derived anew from all their messages.
Order is that of the pair (``sent_at``, ``message_id``) throughout; ``ord`` is its rank.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from queries.vocabulary import ARRIVED
from sources import checking, derived_texts
from sources.batches import Reject
from sources.checking import Rows
from sources.contract import CASES, MESSAGES, WHITE_SPACE, ImportFile, UnreadableFile
from sources.files import read_batches
from sources.kinds import is_parquet
from sources.parquet import plain_rows
from sources.rollups import ROLLUPS, Recount
from sources.windows import sent_while_open

#: Tells how far a load is: a step's name, and rows so far where the step counts them.
Progress = Callable[[str, int], None]

_MESSAGE_COLUMNS: Final = tuple(c.name for c in MESSAGES.columns if c.name != "case_id")
_WRITTEN_AT_ONCE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What is to be loaded, and as what. ``ticket`` names this handing-in for ever."""

    ticket: str
    content_hash: str
    source: str
    account: str
    demo: bool
    files: Mapping[str, Path]
    #: Where the clocks stand whose times have no offset.
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did.

    ``rows_in`` counts rows read: each is taken (the store says now what it says), superseded (a
    later row of the same file has its key) or rejected. Written are those new or changed.
    ``without_offset`` names the files in which no time has an offset.
    """

    load_id: int
    rows_in: int
    rows_superseded: int
    rows_rejected: int
    cases_written: int
    messages_written: int
    replaced_demo: bool
    done_before: bool = False
    without_offset: tuple[str, ...] = ()

    @property
    def rows_taken(self) -> int:
        return self.rows_in - self.rows_superseded - self.rows_rejected


class LoadAbandoned(Exception):
    """The load was told to stop; the store is as it was, and the hand-in waits."""


class _EngineRefuses(Exception):
    """The engine cannot read a Parquet file by itself."""


class RealDataKept(ValueError):
    """Demonstration data was offered to a store that holds real data."""


def load(
    connection: duckdb.DuckDBPyConnection,
    order: LoadOrder,
    *,
    time_zone: str,
    now: datetime,
    progress: Progress,
) -> LoadReport:
    """Take ``order`` in, all of it or nothing; a ticket or newest content met before is not again.

    ``now`` is an aware time. Raises ``UnreadableFile``, ``RealDataKept`` or ``duckdb.Error``,
    each with the store as it was.
    """
    if done := _done_before(connection, order):
        return done
    step = _Load(connection, order, time_zone, progress)
    try:
        return _all_or_nothing(connection, lambda: step.run(now), progress)
    except _EngineRefuses:
        # One value may be the reason; row by row, it is one reject.
        step = _Load(connection, order, time_zone, progress, by_engine=False)
        return _all_or_nothing(connection, lambda: step.run(now), progress)


def _all_or_nothing(
    connection: duckdb.DuckDBPyConnection, run: Callable[[], LoadReport], progress: Progress
) -> LoadReport:
    connection.execute("begin")
    try:
        report = run()
        progress("committing", 0)
        connection.execute("commit")
    except BaseException:
        # A commit that failed, as on a full disk, has ended the transaction by itself.
        with suppress(duckdb.TransactionException):
            connection.execute("rollback")
        raise
    finally:
        _drop_temporary(connection)
    return report


def read_phones_again(connection: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    """Read the phones of stored messages as a load reads them, and derive their cases anew.

    Older versions kept phones as they were written: two spellings of one were two phones. What
    cannot be read as a phone becomes unknown. Needs a transaction.
    """
    nothing = LoadOrder("", "", "", "", demo=False, files={})
    try:
        _Load(connection, nothing, time_zone, lambda *_: None).read_phones_again()
    finally:
        _drop_temporary(connection)


def _done_before(connection: duckdb.DuckDBPyConnection, order: LoadOrder) -> LoadReport | None:
    """The report of the load that took this ticket, or of the newest load if it was the same.

    An older load of the same content is no reason to skip: a later one may have replaced rows.
    """
    row = connection.execute(
        """select load_id, rows_in, coalesce(rows_superseded, 0), rows_rejected, cases_written,
            messages_written, replaced_demo
        from loads
        where ticket = $ticket
            or (content_hash = $hash and load_id = (select max(load_id) from loads))
        order by ticket = $ticket desc limit 1""",
        {"ticket": order.ticket, "hash": order.content_hash},
    ).fetchall()
    return replace(LoadReport(*row[0]), done_before=True) if row else None


def _drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    names = connection.execute("select table_name from duckdb_tables() where temporary").fetchall()
    for (name,) in names:
        connection.execute(f'drop table if exists temp."{name}"')


class _Staging:
    """The rows of a file on their way into the store, rejects among them.

    Rejects stream as the rows do: there may be as many of them.
    """

    def __init__(self, path: Path, file: ImportFile, progress: Progress) -> None:
        self._path = path
        self._file = file
        self._progress = progress
        self.rows = 0
        self.failure: BaseException | None = None

    def stream(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._schema, self._batches())

    @property
    def _schema(self) -> pa.Schema:
        names = (*self._file.column_names, "told_fault", "told_reason")
        return pa.schema([("line", pa.int64()), *((name, pa.string()) for name in names)])

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in read_batches(self._path, self._file):
                self.rows += batch.table.num_rows + len(batch.rejects)
                for rows in (batch.table, self._told(batch.rejects)):
                    yield from self._complete(rows).combine_chunks().to_batches()
                self._progress(f"reading {self._file.name}", self.rows)
        except BaseException as failure:
            # The engine would make another error of it.
            self.failure = failure
            raise

    def _complete(self, rows: pa.Table) -> pa.Table:
        """``rows`` with all columns of the stream, null where they have none."""
        have = rows.column_names
        nulls = pa.nulls(rows.num_rows, pa.string())
        columns = [rows[name] if name in have else nulls for name in self._schema.names]
        return pa.table(columns, schema=self._schema)

    def _told(self, rejects: tuple[Reject, ...]) -> pa.Table:
        return pa.table(
            {
                "line": pa.array([reject.line for reject in rejects], pa.int64()),
                "told_fault": pa.array([reject.column for reject in rejects], pa.string()),
                "told_reason": pa.array([reject.reason for reject in rejects], pa.string()),
            }
        )


class _Load:
    """One load inside its transaction. The methods stand in the order in which they run."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        order: LoadOrder,
        time_zone: str,
        progress: Progress,
        *,
        by_engine: bool = True,
    ) -> None:
        self._connection = connection
        self._order = order
        self._time_zone = time_zone
        self._progress = progress
        self._by_engine = by_engine
        self._joins_stored = True
        self._messages_written = 0
        self._rows_taken = 0
        self._rows_superseded = 0
        self._without_offset: list[str] = []

    def run(self, now: datetime) -> LoadReport:
        holds = self._value("select value from store_facts where name = 'holds'")
        if self._order.demo and holds == "real":
            raise RealDataKept
        self._prepare()
        rows_in = self._read(CASES) + self._read(MESSAGES)
        replaces_demo = holds == "demo" and self._anything_acceptable()
        if replaces_demo:
            self._empty_store()
        # Real messages never join demonstration cases.
        self._joins_stored = holds != "demo" or self._order.demo
        self._count_cases()
        self._merge_cases()
        self._merge_messages()
        self._account_for(rows_in)
        self._find_touched()
        self._derive_and_write()
        return self._log(now, rows_in, replaced_demo=replaces_demo and not self._order.demo)

    def read_phones_again(self) -> None:
        """As ``run`` of no file, with all cases touched that have phones in another form."""
        self._prepare()
        either = " or ".join(
            f"{name} is distinct from read_phone(trim({name}, $white))"
            for name in ("phone", "business_number")
        )
        white = {"white": WHITE_SPACE}
        self._sql(
            f"create temp table touched as select distinct case_key from messages where {either}",
            white,
        )
        if not self._count("touched"):
            return
        self._sql(
            f"""update messages set phone = read_phone(trim(phone, $white)),
                business_number = read_phone(trim(business_number, $white)) where {either}""",
            white,
        )
        self._read(CASES)
        self._read(MESSAGES)
        self._merge_cases()
        self._merge_messages()
        self._gather_cases()
        self._derive_and_write()

    def _prepare(self) -> None:
        for macro in checking.macros(self._time_zone, self._order.time_zone):
            self._sql(macro)
        self._sql(
            "create temp table rejected (file varchar, line bigint, fault varchar, reason varchar)"
        )

    def _derive_and_write(self) -> None:
        self._carry()
        self._order_messages()
        self._derive_messages()
        self._derive_cases()
        self._derive_answers()
        self._write()

    # --- reading ---------------------------------------------------------------------------

    def _read(self, file: ImportFile) -> int:
        """``checked_<file>``: its sound rows, typed; the others are rejects. How many they are."""
        rows = self._checked(file)
        if self._value(f"select count(*) > 0 and not bool_or(has_offset) from checked_{file.name}"):
            self._without_offset.append(file.name)
        self._sql(
            f"""insert into rejected select '{file.name}', line, fault, reason
            from checked_{file.name} where fault is not null"""
        )
        self._sql(f"delete from checked_{file.name} where fault is not null")
        return rows

    def _checked(self, file: ImportFile) -> int:
        path = self._order.files.get(file.name)
        if path is None:
            self._check(file, Rows(f"(select {_no_row(file)} where false)"))
            return 0
        if self._by_engine and is_parquet(path) and (plain := plain_rows(path, file)):
            return self._read_plain(path, file, plain)
        return self._stream(path, file)

    def _read_plain(self, path: Path, file: ImportFile, rows: Rows) -> int:
        """Rows that the engine reads from the file by itself."""
        self._progress(f"reading {file.name}", 0)
        try:
            self._check(file, rows)
        except (duckdb.OutOfMemoryException, duckdb.InterruptException):
            raise
        except duckdb.Error as error:
            raise _EngineRefuses from error
        return int(pq.read_metadata(path).num_rows)

    def _stream(self, path: Path, file: ImportFile) -> int:
        """Rows that come through Python, a few thousand at a time."""
        staging = _Staging(path, file, self._progress)
        # One statement over a stream: batches of their own would all be held until the commit.
        self._connection.register("arrow_stream", staging.stream())
        try:
            self._check(file, Rows("arrow_stream", told=True))
        except duckdb.Error:
            if staging.failure:
                raise staging.failure from None
            raise
        finally:
            # A failed transaction refuses even this, and goes with all that it holds.
            with suppress(duckdb.Error):
                self._connection.unregister("arrow_stream")
        return staging.rows

    def _check(self, file: ImportFile, rows: Rows) -> None:
        self._sql(
            f"create temp table checked_{file.name} as {checking.checked(file, rows)}",
            checking.parameters(self._order.account),
        )

    # --- accounting ------------------------------------------------------------------------

    def _count_cases(self) -> None:
        """Of the sound rows of cases, the last of each key is taken."""
        self._rows_taken += int(
            self._value(
                "select count(*) from (select distinct account, case_id from checked_cases)"
            )
        )
        self._rows_superseded += int(
            self._value(
                """select count(*) from checked_cases c semi join (
                    select account, case_id, max(line) as last from checked_cases
                    group by all having count(*) > 1
                ) k on k.account = c.account and k.case_id = c.case_id and k.last > c.line"""
            )
        )

    def _account_for(self, rows_in: int) -> None:
        """Undo the load unless every row that was read is taken, superseded or rejected."""
        rejected = self._count("rejected")
        if rows_in != self._rows_taken + self._rows_superseded + rejected:
            raise UnreadableFile(
                f"{rows_in:,} rows were read, but {self._rows_taken:,} taken, "
                f"{self._rows_superseded:,} superseded and {rejected:,} rejected: "
                "the numbers do not add up, so nothing was loaded"
            )

    # --- merging ---------------------------------------------------------------------------

    def _anything_acceptable(self) -> bool:
        return bool(self._value("select exists (from checked_cases)"))

    def _empty_store(self) -> None:
        rollups = [rollup.table for rollup in ROLLUPS]
        for table in ("messages", "cases", "people", "message_events", *rollups):
            self._sql(f"delete from {table}")

    def _merge_cases(self) -> None:
        """``new_cases``: rows that are new or differ, with their key; the last row of one wins."""
        self._progress("merging cases", 0)
        self._sql(
            f"""insert into people by name
            select (select coalesce(max(person_id), 0) from people)
                    + row_number() over (order by person_name) as person_id,
                person_name, strip_accents(lower(person_name)) as folded,
                {derived_texts.masked_name("person_name")} as masked_name,
                strip_accents(lower(masked_name)) as masked_folded
            from (select distinct person_name from checked_cases
                where person_name not in (select person_name from people))"""
        )
        self._sql(
            """create temp table new_cases as
            with given as (
                select * from checked_cases
                qualify row_number() over (partition by account, case_id order by line desc) = 1
            ), compared as (
                select g.account, g.case_id, coalesce(g.case_number, g.case_id) as case_number,
                    p.person_id, g.channel, g.case_type, g.team, g.opened_at, g.closed_at,
                    c.case_key
                from given g
                join people p using (person_name)
                left join cases c on c.account = g.account and c.case_id = g.case_id
            )
            select * exclude (case_key), coalesce(case_key,
                (select coalesce(max(case_key), 0) from cases) + row_number() over (
                    partition by case_key is null order by opened_at, account, case_id)) as case_key
            from compared n
            where not exists (
                select 1 from cases c where c.case_key = n.case_key
                    and c.case_number = n.case_number and c.person_id = n.person_id
                    and c.channel = n.channel and c.case_type = n.case_type
                    and c.team is not distinct from n.team and c.opened_at = n.opened_at
                    and c.closed_at is not distinct from n.closed_at)"""
        )
        self._sql("drop table checked_cases")

    def _merge_messages(self) -> None:
        """``taken``: lines that are new or differ, with their case; the rest is rejected.

        Most ids come once and are new. The others (``contested``) are settled apart: the case of
        the stored row, else of the first row, keeps the id; the last row replaces the others and
        the status of the greatest rank stays (``heard``, where it is not the row's own).
        """
        self._progress("merging messages", 0)
        self._sql(
            """create temp table placed as
            select m.line, m.account, m.message_id, coalesce(n.case_key, c.case_key) as case_key
            from checked_messages m
            left join new_cases n on n.account = m.account and n.case_id = m.case_id
            left join (from cases where $joins_stored) c
                on c.account = m.account and c.case_id = m.case_id""",
            {"joins_stored": self._joins_stored},
        )
        self._sql(
            """insert into rejected select 'messages', line, 'case_id', 'unknown case'
            from placed where case_key is null"""
        )
        self._sql("delete from placed where case_key is null")
        self._sql(
            """create temp table stored as
            select * from messages where rowid in (
                select m.rowid from messages m semi join placed p
                    on p.account = m.account and p.message_id = m.message_id)"""
        )
        self._sql(
            """create temp table contested as
            with ids as (
                select account, message_id from placed
                group by all having count(*) > 1
                union select account, message_id from stored
            )
            select p.*, m.direction, m.status,
                case when s.direction = 'out' then s.status end as kept,
                coalesce(s.case_key, first_value(p.case_key) over (
                    partition by p.account, p.message_id order by p.line)) as owner_key
            from placed p
            join ids using (account, message_id)
            join checked_messages m on m.line = p.line
            left join stored s on s.account = p.account and s.message_id = p.message_id"""
        )
        self._sql(
            """insert into rejected
            select 'messages', line, 'message_id', 'the id belongs to another case'
            from contested where case_key <> owner_key"""
        )
        self._sql(
            """create temp table taken as
            with heard as (
                select *, arg_max(status, status_rank(status)) filter (direction = 'out')
                    over (partition by account, message_id) as given
                from contested where case_key = owner_key
            )
            select p.line, p.case_key, null::status_code as heard from placed p
            where not exists (select 1 from contested c
                where c.account = p.account and c.message_id = p.message_id)
            union all
            select line, case_key,
                case when status_rank(kept) > status_rank(given) then kept else given end
            from heard
            qualify row_number() over (partition by account, message_id order by line desc) = 1"""
        )
        self._rows_taken += self._count("taken")
        self._rows_superseded += int(
            self._value(
                """select count(*) from (
                    select line < max(line) over (partition by account, message_id) as replaced
                    from contested where case_key = owner_key
                ) where replaced"""
            )
        )
        self._sql(
            f"""delete from taken where line in (
                select n.line from (
                    select m.* replace (coalesce(t.heard, m.status) as status)
                    from checked_messages m join taken t using (line)
                ) n join stored s on s.account = n.account and s.message_id = n.message_id
                where {_same_message("n", "s")})"""
        )
        for table in ("placed", "contested", "stored"):
            self._sql(f"drop table {table}")

    # --- deriving --------------------------------------------------------------------------

    def _find_touched(self) -> None:
        """Cases to derive anew."""
        self._sql(
            """create temp table touched as
            select case_key from new_cases union select case_key from taken"""
        )
        self._messages_written = self._count("taken")
        self._gather_cases()

    def _gather_cases(self) -> None:
        """The touched cases with their columns as they will be."""
        columns = """case_key, account, case_id, case_number, person_id, channel, case_type, team,
            opened_at, closed_at"""
        self._sql(
            f"""create temp table case_rows as
            select *, local_at(opened_at)::date as opened_day from (
                select {columns} from new_cases
                union all
                select {columns} from cases
                where case_key in (select case_key from touched)
                    and case_key not in (select case_key from new_cases))"""
        )

    def _carry(self) -> None:
        """Stored messages of touched cases join those of the file, under lines below zero."""
        columns = ", ".join(_MESSAGE_COLUMNS)
        self._sql(
            f"""create temp table carried as
            with replaced as (
                select m.account, m.message_id from checked_messages m join taken using (line)
            )
            select -row_number() over () as line, case_key, {columns} from messages m
            where case_key in (select case_key from touched)
                and not exists (select 1 from replaced r
                    where r.account = m.account and r.message_id = m.message_id)"""
        )
        self._sql(f"insert into checked_messages by name select line, {columns} from carried")
        self._sql("insert into taken select line, case_key, null from carried")
        self._sql("drop table carried")

    def _order_messages(self) -> None:
        """``gathered``: what is needed to derive, of every message of the touched cases, in order.

        ``ord`` is a message's place; ``line`` leads to its whole row.
        """
        self._progress("ordering messages", 0)
        self._sql(
            """create temp table gathered as
            select row_number() over () - 1 as ord, * from (
                select m.line, t.case_key, m.account, m.message_id, m.sent_at, m.direction, m.kind,
                    case when m.direction = 'out' then coalesce(t.heard, m.status) end as status,
                    m.phone, c.closed_at is not null as is_closed,
                    case when m.direction = 'out' and not m.is_bot then m.agent end as human
                from checked_messages m
                join taken t using (line)
                join case_rows c on c.case_key = t.case_key
                order by m.sent_at, m.message_id, m.account)"""
        )

    def _derive_messages(self) -> None:
        """Order within the case, contact phone, session type, status of the incoming."""
        self._progress("deriving messages", 0)
        self._sql(
            """create temp table case_facts as
            select case_key, count(*) as messages,
                min(sent_at) as first_at, max(sent_at) as last_at,
                min(ord) filter (direction = 'in') as first_in,
                min(sent_at) filter (direction = 'in') as first_in_at,
                max(sent_at) filter (direction = 'in') as last_in_at,
                max(ord) filter (direction = 'out') as last_out,
                arg_max(human, ord) filter (human is not null) as last_agent
            from gathered group by case_key"""
        )
        self._sql(
            """create temp table contacts as
            select ord, case_key, sent_at,
                case when direction = 'in' then 'customer' when kind = 'hsm' then 'hsm'
                    else 'business' end as session_kind,
                row_number() over in_order as seq,
                coalesce(phone, last_value(phone ignore nulls) over in_order,
                    first_value(phone ignore nulls) over (partition by case_key order by ord
                        rows between current row and unbounded following)) as contact_phone
            from gathered
            window in_order as (partition by case_key order by ord
                rows between unbounded preceding and current row)"""
        )
        self._sql(
            """create temp table message_facts as
            with spaced as (
                select *, coalesce(
                    sent_at <= lag(sent_at) over conversation + interval 24 hours, false) as goes_on
                from contacts
                window conversation as (partition by case_key, contact_phone order by ord)
            )
            select s.ord, g.line, s.case_key, s.seq, s.contact_phone,
                last_value(case when not goes_on then session_kind end ignore nulls) over (
                    partition by s.case_key, s.contact_phone order by s.ord
                    rows between unbounded preceding and current row) as session_type,
                case when g.direction = 'out' then g.status
                    when g.is_closed or c.last_out > s.ord then 'read' else 'new' end as status,
                c.last_agent
            from spaced s
            join gathered g using (ord)
            join case_facts c on c.case_key = s.case_key"""
        )
        self._sql("drop table contacts")

    def _derive_cases(self) -> None:
        """When a human first attended and first responded, and since when the customer waits.

        What waits are incoming messages that are still ``new``: no outgoing message came after
        them, and the case is open.
        """
        self._progress("deriving cases", 0)
        masked_numbers = derived_texts.masked_numbers("case_rows", "message_facts")
        self._sql(f"create temp table masked_numbers as {masked_numbers}")
        self._sql(
            f"""create temp table derived_cases as
            with human as (
                select g.case_key,
                    min(g.sent_at) filter (g.kind = 'session' or g.ord > c.first_in) as attended_at,
                    min(g.sent_at) filter (g.ord > c.first_in) as responded_at
                from gathered g join case_facts c using (case_key)
                where g.human is not null group by g.case_key
            ), waiting as (
                select g.case_key, min(g.sent_at) as since
                from gathered g join message_facts f using (ord)
                where g.direction = 'in' and f.status = 'new' group by g.case_key
            )
            select r.case_key, r.account, r.case_id, r.case_number,
                {derived_texts.number_order("r.case_number")} as number_order,
                n.masked_number, r.person_id, r.channel, r.case_type, r.team,
                r.opened_at, r.opened_day, r.closed_at,
                f.messages is not null or starts_with(lower(r.channel), 'whatsapp') as counted,
                h.attended_at as first_attended_at,
                local_at(h.attended_at)::date as attended_day,
                f.last_agent,
                local_at(h.responded_at)::date as response_day,
                epoch_us(h.responded_at - f.first_in_at) / 1e6 as first_response_seconds,
                least(r.opened_day, local_at(f.first_at)::date) as first_day,
                greatest(r.opened_day, local_at(f.last_at)::date) as last_day,
                w.since as waiting_since, f.last_in_at as last_customer_at
            from case_rows r
            left join case_facts f using (case_key)
            left join human h using (case_key)
            left join waiting w using (case_key)
            left join masked_numbers n using (case_key)"""
        )

    def _derive_answers(self) -> None:
        """``answered``: HSMs that are the latest of their contact phone before an answer;
        ``windows``: those sent while its window was open.

        Phones know no cases, so messages of other cases with the same phones take part: what
        lies within 24 h of the first and the last time at which anything changes. An HSM is
        answered by what comes after it, and finds a window open by what came before it. So of
        the stored HSMs of other cases (``flipped`` where they change)

        - answers are judged anew of those up to the last change: whatever could answer them has
          been read, and those after it have nothing new behind them;
        - windows of those from the first change on: what could open them, at most 24 h earlier,
          has been read, and those before it have nothing new in front of them.

        HSMs of touched cases lie between the two times, so both hold for them.
        """
        self._progress("deriving answers", 0)
        first, last = self._times_of_change()
        self._sql(
            """create temp table phones as
            select distinct g.account, f.contact_phone
            from gathered g join message_facts f using (ord) where f.contact_phone is not null
            union
            select account, contact_phone from messages
            where case_key in (select case_key from touched) and contact_phone is not null"""
        )
        self._sql(
            """create temp table exchange as
            select row_number() over (order by sent_at, message_id) as place, * from (
                select g.ord, g.case_key, g.account, g.message_id, g.sent_at, g.direction,
                    f.status, coalesce(f.contact_phone, 'case ' || g.case_key) as contact,
                    null::boolean as was_answered, null::boolean as was_in_window,
                    null::bigint as stored_row
                from gathered g join message_facts f using (ord)
                where g.direction = 'in' or g.kind = 'hsm'
                union all
                select null, m.case_key, m.account, m.message_id, m.sent_at, m.direction,
                    m.status, m.contact_phone, m.answered, m.in_window, m.rowid
                from messages m semi join phones p
                    on p.account = m.account and p.contact_phone = m.contact_phone
                where (m.direction = 'in' or m.kind = 'hsm')
                    and m.sent_at between $first::timestamp - interval 24 hours
                        and $last::timestamp + interval 24 hours
                    and m.case_key not in (select case_key from touched))""",
            {"first": first, "last": last},
        )
        arrived = ", ".join(f"'{status}'" for status in ARRIVED)
        self._sql(
            f"""create temp table answers as
            select h.* from exchange h semi join (
                select h.place
                from (from exchange where direction = 'in') i
                asof join (from exchange where direction = 'out') h
                    on h.account = i.account and h.contact = i.contact and i.place > h.place
                where i.sent_at <= h.sent_at + interval 24 hours
            ) a on a.place = h.place
            where h.status in ({arrived})"""
        )
        narrow = "(select place, ord, account, contact, direction, sent_at from exchange)"
        self._sql(
            f"""create temp table windows as
            select place, ord from ({sent_while_open(narrow, "place")})"""
        )
        self._sql(
            """create temp table flipped as
            select * from (
                select e.case_key, e.stored_row, e.was_answered, e.was_in_window,
                    case when e.sent_at <= $last::timestamp then a.place is not null
                        else e.was_answered end as answered,
                    case when e.sent_at >= $first::timestamp then w.place is not null
                        else e.was_in_window end as in_window
                from exchange e
                left join answers a using (place)
                left join windows w on w.place = e.place
                where e.ord is null and e.direction = 'out')
            where answered <> was_answered or in_window <> was_in_window""",
            {"first": first, "last": last},
        )

    def _times_of_change(self) -> tuple[datetime | None, datetime | None]:
        """The first and the last message of the touched cases, as they were and as they will be."""
        row = self._connection.execute(
            """select min(sent_at), max(sent_at) from (
                select sent_at from gathered
                union all
                select sent_at from messages where case_key in (select case_key from touched))"""
        ).fetchall()[0]
        return row[0], row[1]

    # --- writing ---------------------------------------------------------------------------

    def _write(self) -> None:
        self._sql(
            """create temp table cases_changed as
            select case_key from touched union select case_key from flipped"""
        )
        recount = Recount(self._sql, "cases_changed")
        recount.take_out()
        self._write_rows()
        self._progress("counting", 0)
        recount.put_back()

    def _write_rows(self) -> None:
        self._sql("delete from messages where case_key in (select case_key from touched)")
        self._sql("delete from cases where case_key in (select case_key from touched)")
        self._count_unsorted()
        self._sql("insert into cases by name select * from derived_cases order by case_key")
        kept = ", ".join(f"m.{name}" for name in _MESSAGE_COLUMNS if name != "status")
        # Whole rows are sorted a part at a time: all at once they would not fit in memory.
        parts = self._count("message_facts") // _WRITTEN_AT_ONCE + 1
        for part in range(parts):
            self._progress("writing", part * _WRITTEN_AT_ONCE)
            self._sql(
                f"""insert into messages by name
                select {kept}, local_at(m.sent_at)::date as sent_day, c.opened_day, c.case_key,
                    c.person_id, c.channel, c.case_type, c.team, f.status, f.seq, f.session_type,
                    f.contact_phone, f.last_agent, a.ord is not null as answered,
                    w.ord is not null as in_window
                from (from message_facts where ord between $first and $last) f
                join checked_messages m on m.line = f.line
                join case_rows c on c.case_key = f.case_key
                left join (from answers where ord between $first and $last) a on a.ord = f.ord
                left join (from windows where ord between $first and $last) w on w.ord = f.ord
                order by f.ord""",
                {"first": part * _WRITTEN_AT_ONCE, "last": (part + 1) * _WRITTEN_AT_ONCE - 1},
            )
        self._sql(
            """update messages set answered = f.answered, in_window = f.in_window
            from flipped f where messages.rowid = f.stored_row"""
        )

    def _count_unsorted(self) -> None:
        """How many messages will not lie where a sorted table has them; for compaction."""
        self._sql(
            """create temp table unsorted as
            select count(*) + coalesce(
                (select value::bigint from store_facts where name = 'unsorted'), 0) as messages
            from gathered where sent_at < (select max(sent_at) from messages)"""
        )
        self._sql("delete from store_facts where name = 'unsorted'")
        self._sql("insert into store_facts select 'unsorted', messages::varchar from unsorted")

    def _log(self, now: datetime, rows_in: int, *, replaced_demo: bool) -> LoadReport:
        """The load's row in the log, its rejects, and what the store now holds."""
        cases_written = self._count("new_cases")
        messages_written = self._messages_written
        load_id = int(self._value("select coalesce(max(load_id), 0) + 1 from loads"))
        report = LoadReport(
            load_id,
            rows_in,
            self._rows_superseded,
            self._count("rejected"),
            cases_written,
            messages_written,
            replaced_demo,
            without_offset=tuple(self._without_offset),
        )
        self._sql(
            """insert into loads by name select $load_id as load_id, $ticket as ticket,
            $content_hash as content_hash, $source as source, $account as account, $demo as demo,
            $now::timestamptz::timestamp as loaded_at, $rows_in as rows_in,
            $rows_superseded as rows_superseded, $rows_rejected as rows_rejected,
            $cases as cases_written, $messages as messages_written,
            $replaced as replaced_demo""",
            {
                "load_id": load_id,
                "ticket": self._order.ticket,
                "content_hash": self._order.content_hash,
                "source": self._order.source,
                "account": self._order.account,
                "demo": self._order.demo,
                "now": now,
                "rows_in": rows_in,
                "rows_superseded": report.rows_superseded,
                "rows_rejected": report.rows_rejected,
                "cases": cases_written,
                "messages": messages_written,
                "replaced": replaced_demo,
            },
        )
        self._sql("insert into rejects select ?, * from rejected order by file, line", [load_id])
        if cases_written or messages_written:
            self._sql("delete from store_facts where name = 'holds'")
            held = "demo" if self._order.demo else "real"
            self._sql("insert into store_facts values ('holds', ?)", [held])
        return report

    def _count(self, table: str) -> int:
        return int(self._value(f"select count(*) from {table}"))

    def _value(self, sql: str) -> Any:
        rows = self._connection.execute(sql).fetchall()
        return rows[0][0] if rows else None

    def _sql(self, sql: str, parameters: object = None) -> None:
        self._connection.execute(sql, parameters).fetchall()


def _no_row(file: ImportFile) -> str:
    nulls = ", ".join(f"null::varchar as {name}" for name in file.column_names)
    return f"0::bigint as line, {nulls}"


def _same_message(left: str, right: str) -> str:
    """Whether two rows of one id say the same; an incoming message's status is not compared."""
    same = " and ".join(
        f"{left}.{name} is not distinct from {right}.{name}"
        for name in _MESSAGE_COLUMNS
        if name != "status"
    )
    return f"{same} and ({left}.direction = 'in' or {left}.status = {right}.status)"
