"""Second step of a load: finds the rows that are new or differ from what the store holds."""

from dataclasses import dataclass
from typing import Final

from queries.tables import cases, cost_days, cost_lines, message_events, messages, people
from sources.contract import MESSAGES, UnreadableFile
from sources.loading import masked_texts, outbox
from sources.loading.load_connection import LoadConnection
from sources.loading.rollups import ROLLUPS

#: The columns of a message that files bring; the store keeps their case as ``case_key``.
MESSAGE_COLUMNS: Final = tuple(c.name for c in MESSAGES.columns if c.name != "case_id")


@dataclass(frozen=True, slots=True)
class MergedRows:
    """How many rows of a file were taken, and how many were superseded.

    A row is superseded if a later row of the same file has the same account and id. ``new`` is how
    many of the taken events the store did not have.
    """

    taken: int
    superseded: int
    new: int = 0


def empty_store(load: LoadConnection) -> None:
    """Remove all cases, people and messages, and everything that is derived from them.

    The tables of loads and of their rejects stay, and what webhooks told: demonstration data has
    none of it.
    """
    rollups = [rollup.table for rollup in ROLLUPS]
    for table in (messages, cases, people, message_events, cost_lines, cost_days, *rollups):
        load.execute(f"delete from {table.name}")
    outbox.drop(load.connection)


def check_sum(load: LoadConnection, rows_in: int, *merged: MergedRows) -> None:
    """Raise ``UnreadableFile`` if not every row was taken, superseded, kept aside or rejected.

    ``rows_in`` is how many rows were read from all files; ``merged`` are the counts of each file;
    the rejected rows are in the table ``rejected``, those kept aside in ``kept``. This finds errors
    of ours that would lose rows.
    """
    rejected, kept = load.count("rejected"), load.count("kept")
    taken = sum(rows.taken for rows in merged)
    superseded = sum(rows.superseded for rows in merged)
    if rows_in != taken + superseded + kept + rejected:
        raise UnreadableFile(
            f"{rows_in:,} rows were read, but {taken:,} taken, {superseded:,} superseded, "
            f"{kept:,} kept aside and {rejected:,} rejected: "
            "the numbers do not add up, so nothing was loaded"
        )


def merge_cases(load: LoadConnection) -> MergedRows:
    """Make ``changed_cases``: the cases of the file that are new or differ from the store.

    Each has its ``case_key``. If several rows have the same account and ``case_id``, the last is
    taken. Also adds new names to ``people``, and drops ``checked_cases``. The returned counts
    include rows that are equal to what is stored.
    """
    merged = _count_cases(load)
    load.progress("merging cases", 0)
    add_people(load, "checked_cases")
    load.execute(
        """create temp table changed_cases as
        with given as (
            select * from checked_cases
            qualify row_number() over (partition by account, case_id order by line desc) = 1
        ), compared as (
            select g.account, g.case_id, coalesce(g.case_number, g.case_id) as case_number,
                p.person_id, g.channel, g.case_type, g.team, g.opened_at, g.closed_at,
                g.csat_rating, c.case_key
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
                and c.closed_at is not distinct from n.closed_at
                and c.csat_rating is not distinct from n.csat_rating)"""
    )
    load.execute("drop table checked_cases")
    return merged


def merge_messages(load: LoadConnection, *, joins_stored: bool, moves: bool = False) -> MergedRows:
    """Make ``changed_messages``: the messages of the file that are new or differ from the store.

    Each has its ``line`` in the file and its ``case_key``. Messages of an unknown case are
    rejected; with ``joins_stored`` the cases in the store are known, too. An id belongs to the case
    of the stored message, or else of the first row that has it; rows with this id in another case
    are rejected. With ``moves`` it belongs to the case of its last row, and stored messages that
    get another case are added to ``removed_messages``. The last row of an id is taken.
    ``best_status`` is the highest status of all rows of the id and of the stored message; null if
    the row's own status holds. The returned counts
    include rows that are equal to what is stored.
    """
    load.progress("merging messages", 0)
    _find_cases_of_messages(load, joins_stored=joins_stored)
    _find_repeated_ids(load, moves=moves)
    _take_messages(load)
    if moves:
        _find_moved(load)
    merged = MergedRows(
        load.count("changed_messages"),
        int(
            load.value(
                """select count(*) from (
                    select line < max(line) over (partition by account, message_id) as replaced
                    from repeated_ids where case_key = owner_key
                ) where replaced"""
            )
        ),
    )
    _drop_equal_messages(load)
    for table in ("message_cases", "repeated_ids", "stored_messages"):
        load.execute(f"drop table {table}")
    return merged


def add_people(load: LoadConnection, names: str) -> None:
    """Add the names that the table ``people`` does not have.

    ``names`` is the name of a table with the names in its column ``person_name``.
    """
    highest = load.value("select coalesce(max(person_id), 0) from people")
    load.execute(
        f"""insert into people by name
        select (select coalesce(max(person_id), 0) from people)
                + row_number() over (order by person_name) as person_id,
            person_name, strip_accents(lower(person_name)) as folded,
            masked_name, strip_accents(lower(masked_name)) as masked_folded
        from (select person_name, {masked_texts.masked_name("person_name")} as masked_name
            from (select distinct person_name from {names}
                where person_name not in (select person_name from people)))"""
    )
    outbox.note(load, "people", f"select person_id from people where person_id > {highest}")


def _count_cases(load: LoadConnection) -> MergedRows:
    """Return how many rows of ``checked_cases`` are taken, and how many are superseded."""
    return MergedRows(
        int(
            load.value("select count(*) from (select distinct account, case_id from checked_cases)")
        ),
        int(
            load.value(
                """select count(*) from checked_cases c semi join (
                    select account, case_id, max(line) as last from checked_cases
                    group by all having count(*) > 1
                ) k on k.account = c.account and k.case_id = c.case_id and k.last > c.line"""
            )
        ),
    )


def _find_cases_of_messages(load: LoadConnection, *, joins_stored: bool) -> None:
    """Make ``message_cases``, and reject the messages whose case is unknown."""
    load.execute(
        """create temp table message_cases as
        select m.line, m.account, m.message_id, coalesce(n.case_key, c.case_key) as case_key
        from checked_messages m
        left join changed_cases n on n.account = m.account and n.case_id = m.case_id
        left join (from cases where $joins_stored) c
            on c.account = m.account and c.case_id = m.case_id""",
        {"joins_stored": joins_stored},
    )
    load.execute(
        """insert into rejected select 'messages', line, 'case_id', 'unknown case'
        from message_cases where case_key is null"""
    )
    load.execute("delete from message_cases where case_key is null")


def _find_repeated_ids(load: LoadConnection, *, moves: bool) -> None:
    """Make ``stored_messages`` and ``repeated_ids``; reject rows whose id is of another case.

    With ``moves`` none is: the id then belongs to the case of its last row.
    """
    owner = """coalesce(s.case_key, first_value(p.case_key) over (
        partition by p.account, p.message_id order by p.line))"""
    if moves:
        owner = "p.case_key"
        load.execute(
            """update message_cases p set case_key = l.case_key from (
                select account, message_id, arg_max(case_key, line) as case_key
                from message_cases group by all having count(*) > 1
            ) l where l.account = p.account and l.message_id = p.message_id"""
        )
    load.execute(
        """create temp table stored_messages as
        select * from messages where rowid in (
            select m.rowid from messages m semi join message_cases p
                on p.account = m.account and p.message_id = m.message_id)"""
    )
    load.execute(
        f"""create temp table repeated_ids as
        with ids as (
            select account, message_id from message_cases
            group by all having count(*) > 1
            union select account, message_id from stored_messages
        )
        select p.*, m.direction, m.status,
            case when s.direction = 'out' then s.status end as stored_status,
            {owner} as owner_key
        from message_cases p
        join ids using (account, message_id)
        join checked_messages m on m.line = p.line
        left join stored_messages s on s.account = p.account and s.message_id = p.message_id"""
    )
    load.execute(
        """insert into rejected
        select 'messages', line, 'message_id', 'the id belongs to another case'
        from repeated_ids where case_key <> owner_key"""
    )


def _take_messages(load: LoadConnection) -> None:
    """Make ``changed_messages`` of one row for each message of the file, equal ones included.

    Of several statuses of a message, the greatest by ``queries.vocabulary.STATUS_RANK`` is taken.
    """
    load.execute(
        """create temp table changed_messages as
        with ranked as (
            select *, arg_max(status, status_rank(status)) filter (direction = 'out')
                over (partition by account, message_id) as given_status
            from repeated_ids where case_key = owner_key
        )
        select p.line, p.case_key, null::status_code as best_status from message_cases p
        where not exists (select 1 from repeated_ids c
            where c.account = p.account and c.message_id = p.message_id)
        union all
        select line, case_key,
            case when status_rank(stored_status) > status_rank(given_status)
                then stored_status else given_status end
        from ranked
        qualify row_number() over (partition by account, message_id order by line desc) = 1"""
    )


def _find_moved(load: LoadConnection) -> None:
    """Add to ``removed_messages`` what gets another case: the old case must be derived anew."""
    load.execute(
        """insert into removed_messages
        select s.case_key, s.account, s.message_id
        from stored_messages s
        join checked_messages m on m.account = s.account and m.message_id = s.message_id
        join changed_messages t on t.line = m.line
        where t.case_key <> s.case_key"""
    )


def _drop_equal_messages(load: LoadConnection) -> None:
    """Remove from ``changed_messages`` the rows that say what is stored already."""
    load.execute(
        f"""delete from changed_messages where line in (
            select n.line from (
                select m.* replace (coalesce(t.best_status, m.status) as status), t.case_key
                from checked_messages m join changed_messages t using (line)
            ) n join stored_messages s on s.account = n.account and s.message_id = n.message_id
            where n.case_key = s.case_key and {_is_same_message("n", "s")})"""
    )


def _is_same_message(left: str, right: str) -> str:
    """Return an SQL condition: the rows ``left`` and ``right`` of a message have equal values.

    The status of an incoming message is derived, so it is not compared.
    """
    same = " and ".join(
        f"{left}.{name} is not distinct from {right}.{name}"
        for name in MESSAGE_COLUMNS
        if name != "status"
    )
    return f"{same} and ({left}.direction = 'in' or {left}.status = {right}.status)"
