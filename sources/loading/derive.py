"""Third step of a load: computes the values that depend on other messages of a case or phone.

All rules about 24 hours stand here, with one constant for them (``SERVICE_WINDOW``):

- session: a message at most 24 h after the one before it, of the same case and contact phone,
  belongs to the same session (``_derive_messages``);
- open window: an HSM was sent at most 24 h after the customer's last message (``sent_in_window``);
- answered: an HSM that was delivered or read is the latest to its contact phone before a customer
  message that came at most 24 h later (``_judge_answers``);
- which stored messages of other cases such a rule can reach (``_gather_exchange``).

How long customers waited is derived here too (``_find_waits``); how much is left of the window
depends on the present and is computed by the panel (``queries/panels/waiting.py``).

"After" and "before" mean the order of the pair (``sent_at``, ``message_id``); ``ord`` is the place
of a message in it.
"""

from datetime import datetime, timedelta
from typing import Final

from queries.service_window import SERVICE_WINDOW
from queries.vocabulary import ARRIVED
from sources.loading import masked_texts
from sources.loading.load_connection import LoadConnection
from sources.loading.merge import MESSAGE_COLUMNS

#: The columns of a case that files bring, and its keys.
_CASE_COLUMNS: Final = """case_key, account, case_id, case_number, person_id, channel, case_type,
    team, opened_at, closed_at, csat_rating"""
#: ``SERVICE_WINDOW`` in SQL.
_WINDOW: Final = f"interval {SERVICE_WINDOW // timedelta(hours=1)} hours"


def sent_in_window(exchange: str, order: str) -> str:
    """Return an SQL select of the HSMs in ``exchange`` that were sent in an open window.

    A window is open until 24 hours, inclusive, after the customer's last message. ``exchange`` is
    what follows ``from`` in SQL; it gives customer messages and HSMs with the columns ``account``,
    ``contact`` (the contact phone, or ``case <key>`` if there is none), ``direction`` and
    ``sent_at``. The result has all columns of ``exchange``. ``order`` names the columns by which
    messages are in order.
    """
    return f"""select * exclude (heard_at) from (
            select *, max(sent_at) filter (direction = 'in') over (
                partition by account, contact order by {order}
                rows between unbounded preceding and current row) as heard_at
            from {exchange})
        where direction = 'out' and sent_at <= heard_at + {_WINDOW}"""


def find_cases_to_derive(load: LoadConnection) -> None:
    """Make ``cases_to_derive``: the cases that changed themselves or have a changed message.

    Needs ``changed_cases`` and ``changed_messages`` of ``merge``. Removed cases, and cases with
    removed messages, are among them.
    """
    load.execute(
        """create temp table cases_to_derive as
        select case_key from changed_cases union select case_key from changed_messages
        union select case_key from removed_cases union select case_key from removed_messages"""
    )


def derive(load: LoadConnection) -> None:
    """Compute all derived values of the cases in ``cases_to_derive`` and of their messages.

    It reads the temporary tables that ``read`` and ``merge`` made, and writes others, which
    ``write`` reads; all are listed in ``sources/loading/__init__.py``. Raises ``duckdb.Error``.
    """
    _gather_case_rows(load)
    _add_stored_messages(load)
    _order_messages(load)
    _derive_messages(load)
    _find_waits(load)
    _derive_cases(load)
    load.progress("deriving answers", 0)
    first, last = _times_of_change(load)
    _gather_exchange(load, first, last)
    _judge_answers(load)
    _judge_windows(load)
    _find_changed_flags(load, first, last)


def _gather_case_rows(load: LoadConnection) -> None:
    """Make ``case_rows``: the cases with their columns as they will be."""
    load.execute(
        f"""create temp table case_rows as
        select *, local_at(opened_at)::date as opened_day,
            hour(local_at(opened_at)) as opened_hour from (
            select {_CASE_COLUMNS} from changed_cases
            union all
            select {_CASE_COLUMNS} from cases
            where case_key in (select case_key from cases_to_derive)
                and case_key not in (select case_key from changed_cases)
                and case_key not in (select case_key from removed_cases))"""
    )


def _add_stored_messages(load: LoadConnection) -> None:
    """Add the stored messages of the cases to those of the file, under lines below all others."""
    columns = ", ".join(MESSAGE_COLUMNS)
    load.execute(
        f"""create temp table unchanged_messages as
        with replaced as (
            select m.account, m.message_id
            from checked_messages m join changed_messages using (line)
            union all
            select account, message_id from removed_messages
        )
        select least(0, (select min(line) from checked_messages)) - row_number() over () as line,
            case_key, {columns} from messages m
        where case_key in (select case_key from cases_to_derive)
            and not exists (select 1 from replaced r
                where r.account = m.account and r.message_id = m.message_id)"""
    )
    load.execute(
        f"insert into checked_messages by name select line, {columns} from unchanged_messages"
    )
    load.execute("insert into changed_messages select line, case_key, null from unchanged_messages")
    load.execute("drop table unchanged_messages")


def _order_messages(load: LoadConnection) -> None:
    """Make ``ordered_messages``: the columns of the cases' messages that are used here, in order.

    ``ord`` is a message's place; ``line`` leads to its whole row in ``checked_messages``.
    """
    load.progress("ordering messages", 0)
    load.execute(
        """create temp table ordered_messages as
        select row_number() over () - 1 as ord, * from (
            select m.line, t.case_key, m.account, m.message_id, m.sent_at, m.direction, m.kind,
                case when m.direction = 'out' then coalesce(t.best_status, m.status) end as status,
                m.phone, c.closed_at is not null as is_closed,
                case when m.direction = 'out' and not m.is_bot then m.agent end as human
            from checked_messages m
            join changed_messages t using (line)
            join case_rows c on c.case_key = t.case_key
            order by m.sent_at, m.message_id, m.account)"""
    )


def _derive_messages(load: LoadConnection) -> None:
    """Make ``message_facts``: place in the case, contact phone, session type, final status.

    The contact phone is the message's own, else the last one before it in the case, else the first
    one after it. An incoming message is ``read`` once its case is closed or an outgoing message
    follows, else ``new``.
    """
    load.progress("deriving messages", 0)
    load.execute(
        """create temp table case_facts as
        select case_key, count(*) as messages,
            min(sent_at) as first_at, max(sent_at) as last_at,
            min(ord) filter (direction = 'in') as first_in,
            min(sent_at) filter (direction = 'in') as first_in_at,
            max(sent_at) filter (direction = 'in') as last_in_at,
            max(ord) filter (direction = 'out') as last_out,
            arg_max(human, ord) filter (human is not null) as last_agent
        from ordered_messages group by case_key"""
    )
    load.execute(
        """create temp table contacts as
        select ord, case_key, sent_at,
            case when direction = 'in' then 'customer' when kind = 'hsm' then 'hsm'
                else 'business' end as session_kind,
            row_number() over in_order as seq,
            coalesce(phone, last_value(phone ignore nulls) over in_order,
                first_value(phone ignore nulls) over (partition by case_key order by ord
                    rows between current row and unbounded following)) as contact_phone
        from ordered_messages
        window in_order as (partition by case_key order by ord
            rows between unbounded preceding and current row)"""
    )
    load.execute(
        f"""create temp table message_facts as
        with spaced as (
            select *, coalesce(
                sent_at <= lag(sent_at) over conversation + {_WINDOW}, false) as goes_on
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
        join ordered_messages g using (ord)
        join case_facts c on c.case_key = s.case_key"""
    )
    load.execute("drop table contacts")


def _find_waits(load: LoadConnection) -> None:
    """Make ``waits``: the messages with which a wait begins, and how it ended.

    It begins with the customer's first message of the case, or the first after a human message,
    and ends with the next human message: ``ended_at`` and ``reply_agent`` are null without one.
    A human message is one that a person of the company (no bot) sent. Bots end no wait.
    """
    load.execute(
        """create temp table waits as
        with turns as (
            select ord, case_key, sent_at, direction, human from ordered_messages
            where direction = 'in' or human is not null
            qualify direction is distinct from
                lag(direction) over (partition by case_key order by ord)
        )
        select ord, case_key, sent_at as began_at, lead(sent_at) over in_case as ended_at,
            lead(human) over in_case as reply_agent
        from turns
        window in_case as (partition by case_key order by ord)
        qualify direction = 'in'"""
    )


def _derive_cases(load: LoadConnection) -> None:
    """Make ``derived_cases``: whole rows of ``cases``.

    A case waits while it is open and has a wait that nobody ended, which can only be its last.
    """
    load.progress("deriving cases", 0)
    masked_numbers = masked_texts.masked_numbers("case_rows", "message_facts")
    load.execute(f"create temp table masked_numbers as {masked_numbers}")
    load.execute(
        f"""create temp table derived_cases as
        with human as (
            select g.case_key,
                min(g.sent_at) filter (g.kind = 'session' or g.ord > c.first_in) as attended_at,
                min(g.sent_at) filter (g.ord > c.first_in) as responded_at
            from ordered_messages g join case_facts c using (case_key)
            where g.human is not null group by g.case_key
        )
        select r.case_key, r.account, r.case_id, r.case_number,
            {masked_texts.number_order("r.case_number")} as number_order,
            n.masked_number, r.person_id, r.channel, r.case_type, r.team,
            r.opened_at, r.opened_day, r.opened_hour, r.closed_at,
            f.messages is not null or starts_with(lower(r.channel), 'whatsapp') as counted,
            h.attended_at as first_attended_at,
            local_at(h.attended_at)::date as attended_day,
            hour(local_at(h.attended_at)) as attended_hour,
            f.last_agent,
            h.responded_at,
            local_at(h.responded_at)::date as response_day,
            hour(local_at(h.responded_at)) as response_hour,
            epoch_us(h.responded_at - f.first_in_at) / 1e6 as first_response_seconds,
            least(r.opened_day, local_at(f.first_at)::date) as first_day,
            greatest(r.opened_day, local_at(f.last_at)::date) as last_day,
            case when r.closed_at is null then w.began_at end as waiting_since,
            f.last_in_at as last_customer_at,
            r.csat_rating
        from case_rows r
        left join case_facts f using (case_key)
        left join human h using (case_key)
        left join (from waits where ended_at is null) w using (case_key)
        left join masked_numbers n using (case_key)"""
    )


def _times_of_change(load: LoadConnection) -> tuple[datetime | None, datetime | None]:
    """Return when the first and the last message of the cases was sent, before and after the load.

    Both are None where the cases have no messages.
    """
    row = load.connection.execute(
        """select min(sent_at), max(sent_at) from (
            select sent_at from ordered_messages
            union all
            select sent_at from messages
            where case_key in (select case_key from cases_to_derive))"""
    ).fetchall()[0]
    return row[0], row[1]


def _gather_exchange(load: LoadConnection, first: datetime | None, last: datetime | None) -> None:
    """Make ``exchange``: the customer messages and HSMs that decide about answers and windows.

    Customers have one phone and perhaps many cases, so messages of other cases with the same
    contact phones take part: those sent within 24 h of ``first`` and ``last``, between which
    everything lies that changes.
    """
    load.execute(
        """create temp table phones_to_judge as
        select distinct g.account, f.contact_phone
        from ordered_messages g join message_facts f using (ord) where f.contact_phone is not null
        union
        select account, contact_phone from messages
        where case_key in (select case_key from cases_to_derive) and contact_phone is not null"""
    )
    load.execute(
        f"""create temp table exchange as
        select row_number() over (order by sent_at, message_id) as place, * from (
            select g.ord, g.case_key, g.account, g.message_id, g.sent_at, g.direction,
                f.status, coalesce(f.contact_phone, 'case ' || g.case_key) as contact,
                null::boolean as was_answered, null::boolean as was_in_window,
                null::bigint as stored_row
            from ordered_messages g join message_facts f using (ord)
            where g.direction = 'in' or g.kind = 'hsm'
            union all
            select null, m.case_key, m.account, m.message_id, m.sent_at, m.direction,
                m.status, m.contact_phone, m.answered, m.in_window, m.rowid
            from messages m semi join phones_to_judge p
                on p.account = m.account and p.contact_phone = m.contact_phone
            where (m.direction = 'in' or m.kind = 'hsm')
                and m.sent_at between $first::timestamp - {_WINDOW}
                    and $last::timestamp + {_WINDOW}
                and m.case_key not in (select case_key from cases_to_derive))""",
        {"first": first, "last": last},
    )


def _judge_answers(load: LoadConnection) -> None:
    """Make ``answered_hsms``: delivered HSMs that are the latest of their contact before an answer.

    An answer is a customer message at most 24 h later.
    """
    arrived = ", ".join(f"'{status}'" for status in ARRIVED)
    load.execute(
        f"""create temp table answered_hsms as
        select h.* from exchange h semi join (
            select h.place
            from (from exchange where direction = 'in') i
            asof join (from exchange where direction = 'out') h
                on h.account = i.account and h.contact = i.contact and i.place > h.place
            where i.sent_at <= h.sent_at + {_WINDOW}
        ) a on a.place = h.place
        where h.status in ({arrived})"""
    )


def _judge_windows(load: LoadConnection) -> None:
    """Make ``hsms_in_window``: HSMs that were sent while the window of their contact was open."""
    narrow = "(select place, ord, account, contact, direction, sent_at from exchange)"
    load.execute(
        f"""create temp table hsms_in_window as
        select place, ord from ({sent_in_window(narrow, "place")})"""
    )


def _find_changed_flags(
    load: LoadConnection, first: datetime | None, last: datetime | None
) -> None:
    """Make ``changed_flags``: stored HSMs of other cases of which one of two values changes.

    The values are ``answered`` and ``in_window``.

    ``exchange`` holds only messages near the change, and an HSM is answered by what comes after
    it, but finds a window open because of what came before it. So

    - ``answered`` is judged anew for HSMs up to ``last``: everything that could answer them was
      read; HSMs after ``last`` have nothing new after them;
    - ``in_window`` is judged anew for HSMs from ``first`` on: everything that could have opened
      their window, at most 24 h earlier, was read; HSMs before ``first`` have nothing new before
      them.

    HSMs of the cases themselves lie between the two times, so both hold for them.
    """
    load.execute(
        """create temp table changed_flags as
        select * from (
            select e.case_key, e.stored_row, e.was_answered, e.was_in_window,
                case when e.sent_at <= $last::timestamp then a.place is not null
                    else e.was_answered end as answered,
                case when e.sent_at >= $first::timestamp then w.place is not null
                    else e.was_in_window end as in_window
            from exchange e
            left join answered_hsms a using (place)
            left join hsms_in_window w on w.place = e.place
            where e.ord is null and e.direction = 'out')
        where answered <> was_answered or in_window <> was_in_window""",
        {"first": first, "last": last},
    )
