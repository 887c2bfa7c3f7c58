"""A step of a load: makes cases and messages of all that webhooks ever told of messages.

The facts of a message are merged column by column, in a way in which neither order nor repetition
matters (``_MERGED``). Then the sessions of the customers that a new fact is about are computed
anew, from all facts of these customers. So the store is the same in whatever order, how often and
in whatever parts payloads are loaded.

- A session is all messages of one business number and customer with no gap over 24 h. It is one
  case, unless the company added a case's number to a message: this number then holds for the
  messages from there until another number comes, and for those before the first one.
- A customer is a group, else a phone, else a business-scoped user id. An id that was ever told
  together with a phone stands for this phone.
- Messages with a number belong to the portal's case of this number, else to a case made for it.

The temporary tables, in the order in which they are made (``told`` comes from ``told_parts``):

==================== ==============================================================================
table                one row for
==================== ==============================================================================
told                 a fact of this load
touched_numbers      a case number that stood in facts of the load's messages before it
touched              a customer whose sessions are computed anew
customer_phones      a business-scoped user id with the phone that it stands for
told_messages        a message of these customers, with its case
==================== ==============================================================================
"""

from datetime import timedelta
from typing import Final

from queries.service_window import SERVICE_WINDOW
from sources.contract import SESSION_CASE
from sources.loading.load_connection import LoadConnection
from sources.loading.merge import MergedRows
from sources.webhooks.told_parts import TOLD_COLUMNS

#: How the facts of one message are merged: SQL for each column of ``webhook_messages``. Whatever is
#: not here is the least value: the facts of one message do not contradict each other, and where
#: they do, any choice will do that does not depend on their order.
_MERGED: Final = {
    "is_out": "bool_or(is_out)",
    "is_deleted": "bool_or(is_deleted)",
    "is_template": "bool_or(is_template)",
    "is_accepted": "bool_or(is_accepted)",
    "billable": "bool_or(billable)",
    "edited_at": "max(edited_at)",
    "body": "(max({'at': coalesce(body_at, '-infinity'::timestamp), 'body': body}) "
    "filter (body is not null)).body",
    "body_at": "max(body_at) filter (body is not null)",
}
#: A status is no fact of the message itself: the events have it.
_COLUMNS: Final = tuple(
    name for name in TOLD_COLUMNS if name not in ("whatsapp_id", "status", "occurred_at")
)
_WINDOW: Final = f"interval {SERVICE_WINDOW // timedelta(hours=1)} hours"
_NUMBERED_CASE: Final = f"{SESSION_CASE}case:"
#: All messages that webhooks told of, each with its customer.
_WITH_CUSTOMERS: Final = """
    select w.*, coalesce(w.group_id, w.phone, p.phone, w.bsuid, w.whatsapp_id) as customer
    from webhook_messages w
    left join customer_phones p on p.account = w.account and p.bsuid = w.bsuid"""


def convert(load: LoadConnection) -> MergedRows:
    """Take the facts in ``told`` into the store; add rows to ``checked_cases`` and the like.

    The rows are those of the cases and messages that may change, and of the events that were told.
    Parts that were kept before are removed from ``kept``, and counted as superseded in the returned
    numbers, in which every fact is taken. Raises ``duckdb.Error``.
    """
    repeated = _drop_known_kept(load)
    load.progress("reading sessions", 0)
    load.execute(
        "create temp table touched_numbers as select distinct w.account, w.case_number "
        "from webhook_messages w semi join told t on t.account = w.account "
        "and t.whatsapp_id = w.whatsapp_id where w.case_number is not null"
    )
    load.execute("create temp table touched (account varchar, customer varchar)")
    _find_customer_phones(load)
    _touch_customers_of_told(load)
    _merge_facts(load)
    _find_customer_phones(load)
    _touch_customers_of_told(load)
    _touch_customers_of_numbers(load)
    _find_cases(load)
    _add_cases(load)
    _add_messages(load)
    _add_events(load)
    _move_texts(load)
    return MergedRows(load.count("told"), repeated)


def withdraw_texts(load: LoadConnection) -> None:
    """Remove the texts that their senders took back from ``checked_messages``.

    A portal's own messages keep theirs: the portal decides about them.
    """
    load.execute(
        """update checked_messages m set body = null from told_messages t
        where t.is_deleted and t.account = m.account and t.whatsapp_id = m.message_id"""
    )


def _drop_known_kept(load: LoadConnection) -> int:
    """Remove from ``kept`` what is there twice, or was kept before; return how many rows."""
    before = load.count("kept")
    load.execute("create temp table kept_once as select distinct * from kept")
    load.execute("delete from kept")
    load.execute(
        """insert into kept select * from kept_once n where not exists (
            select 1 from kept_payloads k where k.account = n.account and k.kind = n.kind
                and k.payload = n.payload)"""
    )
    load.execute("drop table kept_once")
    return before - load.count("kept")


def _find_customer_phones(load: LoadConnection) -> None:
    load.execute(
        """create or replace temp table customer_phones as
        select account, bsuid, min(phone) as phone from webhook_messages
        where bsuid is not null and phone is not null group by all"""
    )


def _touch_customers_of_told(load: LoadConnection) -> None:
    """Add the customers of the told messages, and of all that have one of their user ids."""
    load.execute(
        f"""insert into touched
        with customers as ({_WITH_CUSTOMERS})
        select c.account, c.customer from customers c
        semi join told t on t.account = c.account and t.whatsapp_id = c.whatsapp_id
        union
        select c.account, c.customer from customers c
        semi join told t on t.account = c.account and t.bsuid = c.bsuid
        except select account, customer from touched"""
    )


def _merge_facts(load: LoadConnection) -> None:
    """Merge ``told`` into ``webhook_messages``."""
    merged = ", ".join(f"{_MERGED.get(name, f'min({name})')} as {name}" for name in _COLUMNS)
    columns = ", ".join(_COLUMNS)
    load.execute(
        f"""create temp table merged_facts as
        select account, whatsapp_id, {merged} from (
            select account, whatsapp_id, {columns} from told
            union all by name
            select w.* replace (coalesce(w.body, m.body) as body) from webhook_messages w
            left join messages m on m.account = w.account and m.message_id = w.whatsapp_id
            semi join told t on t.account = w.account and t.whatsapp_id = w.whatsapp_id
        ) group by all"""
    )
    load.execute(
        """delete from webhook_messages w using merged_facts f
        where f.account = w.account and f.whatsapp_id = w.whatsapp_id"""
    )
    load.execute("insert into webhook_messages by name from merged_facts")
    load.execute("drop table merged_facts")


def _touch_customers_of_numbers(load: LoadConnection) -> None:
    """Add the customers that share a case number with a touched one, and so on."""
    before = -1
    while before != (before := load.count("touched")):
        load.execute(
            f"""insert into touched
            with customers as (from ({_WITH_CUSTOMERS}) where case_number is not null),
            numbers as (
                select account, case_number from touched_numbers
                union select c.account, c.case_number from customers c
                semi join touched t on t.account = c.account and t.customer = c.customer
            )
            select distinct c.account, c.customer from customers c
            semi join numbers n on n.account = c.account and n.case_number = c.case_number
            except select account, customer from touched"""
        )


def _find_cases(load: LoadConnection) -> None:
    """Make ``told_messages``: the messages of the touched customers, with their cases.

    ``is_last`` is whether a message belongs to the customer's last session with this number. Of
    ``portal_case``, the portal's case of the message's number, and ``portal_message``, whether the
    portal has told the message, the first is null where there is none. Messages of which no time is
    known are not among them.
    """
    load.execute(
        f"""create temp table told_messages as
        with placed as (
            select c.*, coalesce(sent_at <= lag(sent_at) over conversation + {_WINDOW}, false)
                as goes_on
            from ({_WITH_CUSTOMERS}) c
            semi join touched t on t.account = c.account and t.customer = c.customer
            where sent_at is not null
            window conversation as (
                partition by c.account, business_number, c.customer order by sent_at, whatsapp_id)
        ), counted as (
            select *, count(*) filter (not goes_on) over (
                partition by account, business_number, customer order by sent_at, whatsapp_id
                rows between unbounded preceding and current row) as session
            from placed
        ), numbered as (
            select *, min(sent_at) over session_rows as began_at,
                session = max(session) over (
                    partition by account, business_number, customer) as is_last,
                coalesce(
                    last_value(case_number ignore nulls) over (
                        session_rows order by sent_at, whatsapp_id
                        rows between unbounded preceding and current row),
                    first_value(case_number ignore nulls) over (
                        session_rows order by sent_at, whatsapp_id
                        rows between current row and unbounded following)) as number
            from counted
            window session_rows as (partition by account, business_number, customer, session)
        ), portal_cases as (
            select account, case_number, min(case_id) as case_id from cases
            where not starts_with(case_id, $session_case) group by all
        )
        select n.*, p.case_id as portal_case, m.message_id is not null as is_of_portal,
            coalesce(p.case_id, $numbered_case || n.number, concat($session_case,
                n.business_number, ':', n.customer, ':', epoch(n.began_at)::bigint)) as case_id
        from numbered n
        left join portal_cases p on p.account = n.account and p.case_number = n.number
        left join messages m on m.account = n.account and m.whatsapp_id = n.whatsapp_id
            and m.message_id <> m.whatsapp_id""",
        {"session_case": SESSION_CASE, "numbered_case": _NUMBERED_CASE},
    )


def _add_cases(load: LoadConnection) -> None:
    """Add the cases to make to ``checked_cases``; one whose messages are all a portal's is none."""
    load.execute(
        f"""insert into checked_cases by name
        select row_number() over () as line, account, case_id,
            coalesce(min(number), case_id) as case_number,
            coalesce(arg_max(contact_name, (sent_at, whatsapp_id))
                filter (contact_name is not null), min(customer)) as person_name,
            'WhatsApp' as channel, 'WhatsApp' as case_type, min(sent_at) as opened_at,
            case when not bool_or(is_last) then max(sent_at) + {_WINDOW} end as closed_at
        from told_messages where portal_case is null
        group by account, case_id having not bool_and(is_of_portal)"""
    )


def _add_messages(load: LoadConnection) -> None:
    load.execute(
        """insert into checked_messages by name
        select row_number() over () as line, account, whatsapp_id as message_id, whatsapp_id,
            case_id, case when is_out then 'out' else 'in' end as direction,
            case when is_accepted then 'new' else 'unknown' end as status,
            case when is_out and is_template then 'hsm' else 'session' end as kind,
            template_name, template_category, business_number, phone, body, sent_at, agent,
            false as is_bot, false as is_survey, error_code, error_title, billable,
            pricing_category, pricing_type, country, business_account, bsuid
        from told_messages"""
    )


def _add_events(load: LoadConnection) -> None:
    """Add the statuses of this load to ``checked_events``.

    Without those of a message that, as the portal says, the customer wrote.
    """
    load.execute(
        """insert into checked_events by name
        select row_number() over () as line, t.account, t.whatsapp_id as message_id, t.status,
            t.occurred_at, t.error_code
        from told t where t.status is not null and not exists (
            select 1 from messages m where m.account = t.account
                and m.whatsapp_id = t.whatsapp_id and m.message_id <> m.whatsapp_id
                and m.direction = 'in')"""
    )


def _move_texts(load: LoadConnection) -> None:
    """Leave the texts to the table of messages; only those without a time wait for one here."""
    load.execute(
        """update webhook_messages set body = null
        where body is not null and sent_at is not null"""
    )
