"""The store's tables as SQLAlchemy Core sees them; engines create them in their own way.

Days are local days of the deployment's time zone, times are UTC without an offset. What the data
contract calls ``case_id`` of a message is ``case_key`` here, the store's own number of a case.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

people = Table(
    "people",
    metadata,
    Column("person_id", Integer),
    Column("person_name", String),
    Column("folded", String),
    # Both with the phones in the name masked; null of a name without one.
    Column("masked_name", String),
    Column("masked_folded", String),
)

cases = Table(
    "cases",
    metadata,
    Column("case_key", BigInteger),
    Column("account", String),
    Column("case_id", String),
    Column("case_number", String),
    Column("person_id", Integer),
    # Puts cases in the order of their numbers: by value, then what is no number by its text.
    Column("number_order", String),
    # The number with the phones in it masked; null of one without.
    Column("masked_number", String),
    Column("channel", String),
    Column("case_type", String),
    Column("team", String),
    Column("opened_at", DateTime),
    Column("opened_day", Date),
    Column("closed_at", DateTime),
    # Belongs to the product: has a WhatsApp message, or a channel named "whatsapp…".
    Column("counted", Boolean),
    Column("first_attended_at", DateTime),
    Column("attended_day", Date),
    Column("last_agent", String),
    Column("response_day", Date),
    Column("first_response_seconds", Double),
    # The first and the last day on which it was opened or had a message.
    Column("first_day", Date),
    Column("last_day", Date),
    # The first customer message after the last outgoing one, of an open case only.
    Column("waiting_since", DateTime),
    Column("last_customer_at", DateTime),
)

messages = Table(
    "messages",
    metadata,
    Column("sent_at", DateTime),
    Column("sent_day", Date),
    Column("opened_day", Date),
    Column("case_key", BigInteger),
    Column("person_id", Integer),
    Column("direction", String),
    Column("status", String),
    Column("kind", String),
    Column("session_type", String),
    Column("answered", Boolean),
    # Of an outgoing HSM: sent while the window of its contact phone was open.
    Column("in_window", Boolean),
    Column("is_bot", Boolean),
    Column("billable", Boolean),
    Column("seq", Integer),
    Column("account", String),
    Column("channel", String),
    Column("case_type", String),
    Column("team", String),
    Column("last_agent", String),
    Column("template_name", String),
    Column("template_category", String),
    Column("pricing_category", String),
    Column("business_number", String),
    Column("error_code", String),
    Column("error_title", String),
    Column("agent", String),
    Column("phone", String),
    Column("contact_phone", String),
    Column("message_id", String),
    Column("body", String),
)

#: How many messages there are of each kind, by day: what most panels need, in far fewer rows.
message_days = Table(
    "message_days",
    metadata,
    Column("sent_day", Date),
    Column("opened_day", Date),
    Column("account", String),
    Column("channel", String),
    Column("case_type", String),
    Column("team", String),
    Column("direction", String),
    Column("status", String),
    Column("kind", String),
    Column("template_name", String),
    Column("template_category", String),
    Column("messages", BigInteger),
    Column("answered", BigInteger),
    Column("in_window", BigInteger),
)

#: Cases by day: opened on it (and of those attended by now), and first attended on it.
case_days = Table(
    "case_days",
    metadata,
    Column("day", Date),
    Column("account", String),
    Column("channel", String),
    Column("case_type", String),
    Column("team", String),
    Column("created", BigInteger),
    Column("attended_by_now", BigInteger),
    Column("attended", BigInteger),
)

#: Cases by a day on which they were opened or had a message, and the last such day before it.
#: Distinct cases of a period are those whose previous day is null or before the period's start.
active_days = Table(
    "active_days",
    metadata,
    Column("day", Date),
    Column("previous_day", Date),
    Column("account", String),
    Column("channel", String),
    Column("case_type", String),
    Column("team", String),
    Column("cases", BigInteger),
)

message_events = Table(
    "message_events",
    metadata,
    Column("account", String),
    Column("message_id", String),
    Column("status", String),
    Column("occurred_at", DateTime),
    Column("error_code", String),
)

loads = Table(
    "loads",
    metadata,
    Column("load_id", BigInteger),
    Column("ticket", String),
    Column("content_hash", String),
    Column("source", String),
    Column("account", String),
    Column("demo", Boolean),
    Column("loaded_at", DateTime),
    Column("rows_in", BigInteger),
    Column("rows_rejected", BigInteger),
    # Replaced by a later row of the same file; null of loads before there was this column.
    Column("rows_superseded", BigInteger),
    Column("cases_written", BigInteger),
    Column("messages_written", BigInteger),
    Column("replaced_demo", Boolean),
)

rejects = Table(
    "rejects",
    metadata,
    Column("load_id", BigInteger),
    Column("file", String),
    Column("line", BigInteger),
    Column("column", String),
    Column("reason", String),
)

store_facts = Table(
    "store_facts",
    metadata,
    Column("name", String),
    Column("value", String),
)
