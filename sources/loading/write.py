"""Last step of a load: writes the cases, their messages, the roll-ups and the log of loads."""

from datetime import datetime
from typing import Final

from queries.vocabulary import REMOVALS
from sources.loading import outbox
from sources.loading.costs import CostChange
from sources.loading.load_connection import LoadConnection
from sources.loading.load_order import LoadOrder, LoadReport
from sources.loading.merge import MESSAGE_COLUMNS
from sources.loading.rollups import Recount

#: How many messages are sorted and written by one statement: more at once would not fit in memory.
_WRITTEN_AT_ONCE: Final = 1_000_000


def write(load: LoadConnection) -> None:
    """Replace the cases in ``cases_to_derive`` and their messages, and correct the roll-ups.

    The new rows are those that ``derive`` made. HSMs of other cases get the values in
    ``changed_flags``. Raises ``duckdb.Error``.
    """
    load.execute(
        """create temp table cases_to_count as
        select case_key from cases_to_derive union select case_key from changed_flags"""
    )
    outbox.note(load, "cases", "from cases_to_count")
    recount = Recount(load.execute, "cases_to_count", lambda days: outbox.note(load, "days", days))
    costs = CostChange(load, "cases_to_count")
    recount.take_out()
    costs.begin()
    _write_rows(load)
    load.progress("counting", 0)
    recount.put_back()
    costs.end()


def log_load(load: LoadConnection, order: LoadOrder, report: LoadReport, now: datetime) -> None:
    """Add the load to the table ``loads``, its rejected rows to ``rejects``, kept ones to theirs.

    ``now`` is the time of the load, with a zone. If cases or messages were written, the store's
    fact ``holds`` becomes ``demo`` or ``real``.
    """
    load.execute(
        """insert into loads by name select $load_id as load_id, $ticket as ticket,
        $content_hash as content_hash, $source as source, $name as name,
        $account as account, $demo as demo, $seconds as seconds,
        $now::timestamptz::timestamp as loaded_at, $rows_in as rows_in,
        $rows_superseded as rows_superseded, $rows_kept as rows_kept,
        $rows_rejected as rows_rejected,
        $cases as cases_written, $messages as messages_written,
        $replaced as replaced_demo""",
        {
            "load_id": report.load_id,
            "ticket": order.ticket,
            "content_hash": order.content_hash,
            "source": order.source,
            "name": order.source_name,
            "seconds": report.seconds,
            "account": order.account,
            "demo": order.demo,
            "now": now,
            "rows_in": report.rows_in,
            "rows_superseded": report.rows_superseded,
            "rows_rejected": report.rows_rejected,
            "rows_kept": report.rows_kept,
            "cases": report.cases_written,
            "messages": report.messages_written,
            "replaced": report.replaced_demo,
        },
    )
    load.execute(
        "insert into rejects select ?, * from rejected order by file, line", [report.load_id]
    )
    load.execute("insert into kept_payloads select ?, * from kept", [report.load_id])
    if order.source in REMOVALS:
        # These change rows of every table.
        outbox.drop(load.connection)
    outbox.drop_if_too_long(load)
    if report.cases_written or report.messages_written:
        load.execute("delete from store_facts where name = 'holds'")
        held = "demo" if order.demo else "real"
        load.execute("insert into store_facts values ('holds', ?)", [held])


def _write_rows(load: LoadConnection) -> None:
    """Remove the stored rows of the derived cases, and write their new rows in order."""
    for table in ("messages", "cases"):
        load.execute(
            f"delete from {table} where case_key in (select case_key from cases_to_derive)"
        )
    _count_unsorted(load)
    load.execute("insert into cases by name select * from derived_cases order by case_key")
    columns = ", ".join(f"m.{name}" for name in MESSAGE_COLUMNS if name != "status")
    parts = load.count("message_facts") // _WRITTEN_AT_ONCE + 1
    for part in range(parts):
        load.progress("writing", part * _WRITTEN_AT_ONCE)
        load.execute(
            f"""insert into messages by name
            select {columns}, local_at(m.sent_at)::date as sent_day,
                hour(local_at(m.sent_at)) as sent_hour, c.opened_day, c.case_key,
                c.person_id, c.channel, c.case_type, c.team, f.status, f.seq, f.session_type,
                f.contact_phone, f.last_agent, a.ord is not null as answered,
                w.ord is not null as in_window, b.ord is not null as begins_wait,
                epoch_us(b.ended_at - b.began_at) / 1e6 as reply_seconds, b.reply_agent
            from (from message_facts where ord between $first and $last) f
            join checked_messages m on m.line = f.line
            join case_rows c on c.case_key = f.case_key
            left join (from answered_hsms where ord between $first and $last) a on a.ord = f.ord
            left join (from hsms_in_window where ord between $first and $last) w on w.ord = f.ord
            left join (from waits where ord between $first and $last) b on b.ord = f.ord
            order by f.ord""",
            {"first": part * _WRITTEN_AT_ONCE, "last": (part + 1) * _WRITTEN_AT_ONCE - 1},
        )
    load.execute(
        """update messages set answered = f.answered, in_window = f.in_window
        from changed_flags f where messages.rowid = f.stored_row"""
    )


def _count_unsorted(load: LoadConnection) -> None:
    """Add to the store's fact ``unsorted`` the messages that are older than the newest stored one.

    They will not lie where a sorted table has them; ``store_copies.needs_compaction`` reads it.
    """
    load.execute(
        """create temp table unsorted as
        select count(*) + coalesce(
            (select value::bigint from store_facts where name = 'unsorted'), 0) as messages
        from ordered_messages where sent_at < (select max(sent_at) from messages)"""
    )
    load.execute("delete from store_facts where name = 'unsorted'")
    load.execute("insert into store_facts select 'unsorted', messages::varchar from unsorted")
