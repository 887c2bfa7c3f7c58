"""The tables of the store: their columns, types, meanings, and the order in which rows are sorted.

Queries are SQLAlchemy selects of these tables. Each engine makes the tables from here (for DuckDB
``queries/engines/duckdb/schema.py``), copies are sorted by ``copy_order``, and ``make documents``
writes ``docs/store.md`` from the comments.

Days and hours (0 to 23) are local ones of the deployment's time zone; times are UTC without an
offset. A message has ``case_key``, the store's own number of a case, where import files have
``case_id``.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
)
from sqlalchemy.types import TypeEngine

from queries.vocabulary import CERTAINTIES, CHARGES, DIRECTIONS, KINDS, SESSION_TYPES, STATUSES

#: The number of this layout. Whoever changes a table raises it and adds a step to
#: ``sources/migrations``, which brings stores of the layout before to this one.
SCHEMA_VERSION: Final = "8"

metadata = MetaData()


class Code(String):
    """The type of a text column that only ever holds one of ``values``.

    ``name`` is the name of the type. An engine may store such texts in less space: DuckDB makes an
    enum of that name.
    """

    def __init__(self, name: str = "", values: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.name = name
        self.values = values


DIRECTION_CODE: Final = Code("direction_code", DIRECTIONS)
STATUS_CODE: Final = Code("status_code", STATUSES)
KIND_CODE: Final = Code("kind_code", KINDS)
SESSION_TYPE_CODE: Final = Code("session_type_code", SESSION_TYPES)
CHARGE_CODE: Final = Code("charge_code", CHARGES)
CERTAINTY_CODE: Final = Code("certainty_code", CERTAINTIES)
#: The types of all columns with closed vocabularies.
CODES: Final = (
    DIRECTION_CODE,
    STATUS_CODE,
    KIND_CODE,
    SESSION_TYPE_CODE,
    CHARGE_CODE,
    CERTAINTY_CODE,
)


def _column(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]], comment: str) -> Column[Any]:
    return Column(name, type_, comment=comment)


def _table(name: str, comment: str, order: tuple[str, ...], *columns: Column[Any]) -> Table:
    """Return a table of the store; ``order`` names the columns by which a copy of it is sorted."""
    return Table(name, metadata, *columns, comment=comment, info={"order": order})


def copy_order(table: Table) -> tuple[str, ...]:
    """Return the names of the columns by which copies of the store sort the rows of ``table``.

    Back-ups and compaction make copies. Queries read rows in this order fastest.
    """
    order: tuple[str, ...] = table.info["order"]
    return order


people = _table(
    "people",
    "One row for each different name of the persons who opened cases (filter `person`).",
    ("person_id",),
    _column("person_id", Integer, "the store's own number of the name"),
    _column("person_name", String, "the name as it was imported"),
    _column("folded", String, "the name in lower case and without accents, for search"),
    _column(
        "masked_name", String, "the name with the phones in it masked; null where it holds none"
    ),
    _column("masked_folded", String, "`masked_name` in lower case and without accents"),
)

cases = _table(
    "cases",
    "One row for each case, with the values that a load derives from its messages.",
    ("case_key",),
    _column("case_key", BigInteger, "the store's own number of the case"),
    _column("account", String, "the account that the case belongs to"),
    _column("case_id", String, "the case's id in its source; unique within the account"),
    _column("case_number", String, "the number that people use; `case_id` where none was given"),
    _column("person_id", Integer, "who opened the case: a row of `people`"),
    _column(
        "number_order",
        String,
        "sorts cases by number: whole numbers by their value, then other texts alphabetically",
    ),
    _column(
        "masked_number", String, "`case_number` with its phones masked; null where it holds none"
    ),
    _column("channel", String, "the channel through which the case was opened"),
    _column("case_type", String, "the type of the case"),
    _column("team", String, "the team that handles the case"),
    _column("opened_at", DateTime, "when the case was opened"),
    _column("opened_day", Date, "the local day of `opened_at`"),
    _column("opened_hour", SmallInteger, "the local hour of `opened_at`"),
    _column("closed_at", DateTime, "when the case was closed; null while it is open"),
    _column(
        "counted",
        Boolean,
        "whether the case counts as one of WhatsApp: it has a message, or the name of its channel "
        "begins with “whatsapp”",
    ),
    _column(
        "first_attended_at",
        DateTime,
        "when the case was attended: the time of the first message of a person of the company (no "
        "bot) that is free text or comes after a message of the customer; null without one",
    ),
    _column("attended_day", Date, "the local day of `first_attended_at`"),
    _column("attended_hour", SmallInteger, "the local hour of `first_attended_at`"),
    _column(
        "last_agent",
        String,
        "the agent of the case's last message that a person of the company (no bot) sent",
    ),
    _column(
        "responded_at",
        DateTime,
        "the time of the first response: the first message of a person of the company after the "
        "customer's first message; null without one",
    ),
    _column("response_day", Date, "the local day of `responded_at`"),
    _column("response_hour", SmallInteger, "the local hour of `responded_at`"),
    _column(
        "first_response_seconds",
        Double,
        "seconds from the customer's first message to the first response; null without one",
    ),
    _column("first_day", Date, "the first day on which the case was opened or had a message"),
    _column("last_day", Date, "the last day on which the case was opened or had a message"),
    _column(
        "waiting_since",
        DateTime,
        "of an open case with a wait that nobody ended: when that wait began, the time of the "
        "first customer message after the last message of a person of the company; else null",
    ),
    _column("last_customer_at", DateTime, "the time of the customer's last message"),
    _column(
        "csat_rating",
        SmallInteger,
        "how content the customer was, from 1 (not at all) to 5, where the customer said so",
    ),
)

messages = _table(
    "messages",
    "One row for each message, with the columns of its case by which filters select. The text is "
    "the last column, because it is long and seldom read.",
    ("sent_at", "message_id", "account"),
    _column("sent_at", DateTime, "when the message was sent or received"),
    _column("sent_day", Date, "the local day of `sent_at`"),
    _column("sent_hour", SmallInteger, "the local hour of `sent_at`"),
    _column("opened_day", Date, "the local day on which the case was opened"),
    _column("case_key", BigInteger, "the case: a row of `cases`"),
    _column("person_id", Integer, "who opened the case: a row of `people`"),
    _column("direction", DIRECTION_CODE, "sent by the company (`out`) or by the customer (`in`)"),
    _column(
        "status",
        STATUS_CODE,
        "of an outgoing message the highest status that was ever reported; of an incoming one "
        "`new` until it is answered or the case is closed, then `read`",
    ),
    _column("kind", KIND_CODE, "an HSM (`hsm`) or any other message (`session`)"),
    _column(
        "session_type",
        SESSION_TYPE_CODE,
        "how the message's session began: with an HSM (`hsm`), a message of the customer "
        "(`customer`) or free text of the company (`business`)",
    ),
    _column(
        "answered",
        Boolean,
        "whether the message is an HSM, delivered or read, after which the customer wrote from its "
        "contact phone within 24 h, with no other HSM in between",
    ),
    _column(
        "in_window",
        Boolean,
        "whether the message is an outgoing HSM that was sent at most 24 h after a customer "
        "message from its contact phone, while free text was allowed",
    ),
    _column(
        "begins_wait",
        Boolean,
        "whether a wait begins with the message: it is the customer's first of the case, or the "
        "first after a message of a person of the company (no bot)",
    ),
    _column(
        "reply_seconds",
        Double,
        "of a message that begins a wait: seconds to the next message of a person of the company "
        "in the case, which ends the wait; null where nobody answered",
    ),
    _column("reply_agent", String, "who sent the message that ended the wait"),
    _column("is_bot", Boolean, "whether a bot wrote the message"),
    _column("is_survey", Boolean, "whether the message asks how content the customer was"),
    _column("billable", Boolean, "whether WhatsApp charges for the message"),
    _column("seq", Integer, "the number of the message within its case, from 1, by time and id"),
    _column("account", String, "the account that the message belongs to"),
    _column("channel", String, "the case's channel"),
    _column("case_type", String, "the case's type"),
    _column("team", String, "the case's team"),
    _column("last_agent", String, "the case's last agent"),
    _column("template_name", String, "the template of an HSM"),
    _column("template_category", String, "the template's category at Meta"),
    _column("pricing_category", String, "the category by which WhatsApp charges"),
    _column(
        "pricing_type",
        String,
        "why WhatsApp charges or not: `regular`, `free_customer_service`, `free_entry_point`",
    ),
    _column("country", String, "the country of the customer's phone, in two letters"),
    _column("business_account", String, "the company's business account at WhatsApp"),
    _column("business_number", String, "the company's phone"),
    _column("error_code", String, "WhatsApp's code of the message's failure"),
    _column("error_title", String, "WhatsApp's text of the message's failure"),
    _column("agent", String, "the person or bot who sent an outgoing message"),
    _column("phone", String, "the customer's phone as it was imported, in E.164"),
    _column(
        "contact_phone",
        String,
        "`phone`; where it is null, the last known phone before it in the case, else the first "
        "known in the case",
    ),
    _column(
        "bsuid", String, "WhatsApp's id of the customer for this company; there without a phone too"
    ),
    _column("whatsapp_id", String, "the message's id at WhatsApp, where the source says it"),
    _column("message_id", String, "the message's id in its source; unique within the account"),
    _column("body", String, "the text of the message"),
)

message_days = _table(
    "message_days",
    "Roll-up: how many messages there are on each day with the same values of all other columns. "
    "Most panels read only this.",
    ("sent_day", "opened_day", "channel", "case_type"),
    _column("sent_day", Date, "the day of the messages"),
    _column("opened_day", Date, "the day on which their cases were opened"),
    _column("account", String, "their account"),
    _column("channel", String, "the channel of their cases"),
    _column("case_type", String, "the type of their cases"),
    _column("team", String, "the team of their cases"),
    _column("direction", DIRECTION_CODE, "their direction"),
    _column("status", STATUS_CODE, "their status"),
    _column("kind", KIND_CODE, "their kind"),
    _column("template_name", String, "their template"),
    _column("template_category", String, "the category of their template"),
    _column("messages", Integer, "how many messages"),
    _column("answered", Integer, "how many of them are answered HSMs"),
    _column("in_window", Integer, "how many of them are HSMs that were sent in an open window"),
)

case_days = _table(
    "case_days",
    "Roll-up: how many cases were opened and how many first attended on each day, by account, "
    "channel, type and team.",
    ("day", "channel", "case_type"),
    _column("day", Date, "the day"),
    _column("account", String, "the account of the cases"),
    _column("channel", String, "their channel"),
    _column("case_type", String, "their type"),
    _column("team", String, "their team"),
    _column("created", Integer, "how many were opened on the day"),
    _column("attended_by_now", Integer, "how many of those opened on the day are attended by now"),
    _column("attended", Integer, "how many were first attended on the day"),
)

active_days = _table(
    "active_days",
    "Roll-up: how many cases were opened or had a message on each day. To count each case of a "
    "period once, add up the rows whose `previous_day` is null or lies before the period.",
    ("day", "previous_day", "channel", "case_type"),
    _column("day", Date, "a day on which the cases were opened or had a message"),
    _column("previous_day", Date, "the last such day before it; null where there is none"),
    _column("account", String, "the account of the cases"),
    _column("channel", String, "their channel"),
    _column("case_type", String, "their type"),
    _column("team", String, "their team"),
    _column("cases", Integer, "how many cases"),
)


def _of_cost() -> tuple[Column[Any], ...]:
    """Return the columns that ``cost_lines`` and ``cost_days`` share, made for one of them."""
    return (
        _column("account", String, "the account of the message"),
        _column("channel", String, "the channel of its case"),
        _column("case_type", String, "the type of its case"),
        _column("team", String, "the team of its case"),
        _column("direction", DIRECTION_CODE, "its direction, always `out`"),
        _column("status", STATUS_CODE, "its status"),
        _column("kind", KIND_CODE, "its kind"),
        _column("template_name", String, "its template"),
        _column("template_category", String, "the category of its template"),
        _column(
            "category",
            String,
            "the category of the charge: `pricing_category`, else that of the template, else "
            "`service`; null where none is known",
        ),
        _column(
            "charge",
            CHARGE_CODE,
            "whether it is charged: `charged`, `perhaps` (if it was delivered, or if no free entry "
            "point came before it: the source does not say), `free`",
        ),
        _column(
            "certainty",
            CERTAINTY_CODE,
            "what `amount` is: `exact`, `upper_bound` (it costs this or less), `unknown`",
        ),
        _column(
            "reason",
            String,
            "why `amount` is not exact: of `COST_REASONS` in queries/vocabulary.py; null where "
            "it is",
        ),
        _column("currency", String, "the currency of `amount`; null where no price is known"),
    )


cost_rates = _table(
    "cost_rates",
    "One row for each price of the price lists that were imported (`rates import`). A price holds "
    "from its day until the day of a later list for the same category and country. Amounts are "
    "whole millionths of the currency (docs/costs.md).",
    ("valid_from", "category", "country", "from_message"),
    _column("valid_from", Date, "the first day on which the price holds"),
    _column("category", String, "the category of the price"),
    _column("country", String, "the recipient's country in two letters; `*` for every other one"),
    _column("currency", String, "the currency in three letters"),
    _column(
        "from_message",
        BigInteger,
        "the first message of the month that has this price: 1, or where a volume tier begins",
    ),
    _column("price", BigInteger, "the price of a message, in millionths of the currency"),
    _column("is_maximum", Boolean, "whether a message may be billed below the price"),
)

cost_rules = _table(
    "cost_rules",
    "One row for each rule that says whether messages are charged, and by which price. A rule "
    "holds from its day until the day of a later one for the same category and case.",
    ("valid_from", "category", "applies"),
    _column("valid_from", Date, "the first day on which the rule holds"),
    _column("category", String, "the category of the messages; `*` for every category"),
    _column(
        "applies",
        String,
        "in which case: a word of `RULE_CASES` in queries/vocabulary.py",
    ),
    _column("charge", String, "what follows: a word of `RULE_CHARGES` in queries/vocabulary.py"),
    _column(
        "rate_category", String, "the category whose price holds; null for that of the message"
    ),
    _column(
        "free_each_month",
        BigInteger,
        "how many messages a business number may send free in a calendar month; 0 for none",
    ),
)

business_accounts = _table(
    "business_accounts",
    "One row for each business account at WhatsApp whose time zone was imported. Others have the "
    "time zone of the store.",
    ("business_account",),
    _column("business_account", String, "the id of the business account"),
    _column("time_zone", String, "the zone of its days and months"),
)

cost_lines = _table(
    "cost_lines",
    "One row for each message of the company that is or may be charged, or that a rule makes free: "
    "what it costs, and why. Derived at load; every figure of costs is a sum of these rows. "
    "Amounts are whole millionths of the currency.",
    ("sent_at", "message_id", "account"),
    _column("sent_at", DateTime, "when the message was sent"),
    _column("sent_day", Date, "the local day of `sent_at`"),
    _column("opened_day", Date, "the local day on which the case was opened"),
    _column("case_key", BigInteger, "the case: a row of `cases`"),
    _column("person_id", Integer, "who opened the case: a row of `people`"),
    _column("last_agent", String, "the case's last agent"),
    *_of_cost(),
    _column("message_id", String, "the message's id in its source; unique within the account"),
    _column("in_window", Boolean, "whether it is an HSM that was sent in an open 24 h window"),
    _column("business_account", String, "the company's business account at WhatsApp"),
    _column("business_number", String, "the company's phone"),
    _column("charged_day", Date, "the day of `sent_at` in the business account's time zone"),
    _column("month", Date, "the first day of the month of `charged_day`"),
    _column("country", String, "the recipient's country in two letters; null where unknown"),
    _column("rule", String, "the rule that holds: its day, category and case"),
    _column("rate", BigInteger, "the price that the message has, or would have if it were charged"),
    _column("rate_from", Date, "the day from which that price holds"),
    _column("amount", BigInteger, "what the message costs; null where that is unknown"),
    _column("allowance", BigInteger, "how many such messages of the number are free in the month"),
    _column("allowance_place", BigInteger, "the place of the message among these, from 1"),
    _column(
        "extra_amount",
        BigInteger,
        "of an HSM in an open window: `amount` less what a service message would have cost in its "
        "place; null where one of the two is unknown",
    ),
)

cost_days = _table(
    "cost_days",
    "Roll-up of `cost_lines`: how many messages there are on each day with the same values of all "
    "other columns, and the sums of their amounts.",
    ("sent_day", "opened_day", "channel", "case_type"),
    _column("sent_day", Date, "the day of the messages"),
    _column("opened_day", Date, "the day on which their cases were opened"),
    *_of_cost(),
    _column("messages", BigInteger, "how many messages"),
    _column("amount", BigInteger, "the sum of `amount`"),
    _column("list_amount", BigInteger, "the sum of `rate`: what they cost if none is free"),
    _column("in_window", BigInteger, "how many of them are HSMs in an open window"),
    _column("compared", BigInteger, "how many of these have an `extra_amount`"),
    _column("extra_amount", BigInteger, "the sum of `extra_amount`"),
)

message_events = _table(
    "message_events",
    "One row for each change of a message's status, where the source reports changes.",
    ("occurred_at", "message_id"),
    _column("account", String, "the account of the message"),
    _column(
        "message_id",
        String,
        "the message: its `whatsapp_id`, or its `message_id` where that is null",
    ),
    _column("status", STATUS_CODE, "the new status"),
    _column("occurred_at", DateTime, "when the status changed"),
    _column("error_code", String, "WhatsApp's code, where the new status is a failure"),
)

webhook_messages = _table(
    "webhook_messages",
    "One row for each message that WhatsApp's webhooks told of, with all that they told. Cases and "
    "messages are made of it (`sources/webhooks`). It goes with its message.",
    ("whatsapp_id",),
    _column("account", String, "the account of the message"),
    _column("whatsapp_id", String, "the message's id at WhatsApp"),
    _column("sent_at", DateTime, "the earliest known time of the message; null without one"),
    _column("is_out", Boolean, "whether the company sent it"),
    _column("business_account", String, "the company's business account at WhatsApp"),
    _column("business_number", String, "the company's phone"),
    _column("phone", String, "the customer's phone"),
    _column("bsuid", String, "WhatsApp's id of the customer for this company"),
    _column("group_id", String, "the group in which the message was written"),
    _column("country", String, "the country of the customer's phone, in two letters"),
    _column("contact_name", String, "the name in the customer's profile when the message came"),
    _column("agent", String, "who sent it, where it was typed on the company's own phone"),
    _column("body", String, "the text, while no time of the message is known"),
    _column("body_at", DateTime, "since when the message has its text"),
    _column("edited_at", DateTime, "when the text was last changed; null if it never was"),
    _column("is_deleted", Boolean, "whether its sender took it back"),
    _column("is_template", Boolean, "whether it is an HSM for certain"),
    _column("is_accepted", Boolean, "whether WhatsApp took it to send it"),
    _column("template_name", String, "the template of an HSM"),
    _column("template_category", String, "the template's category at Meta"),
    _column("error_code", String, "WhatsApp's code of its failure"),
    _column("error_title", String, "WhatsApp's text of its failure"),
    _column("billable", Boolean, "whether WhatsApp charges for it"),
    _column("pricing_category", String, "the category by which WhatsApp charges"),
    _column("pricing_type", String, "why WhatsApp charges or not"),
    _column("case_number", String, "the case's number, where the sender added it to the message"),
)

kept_payloads = _table(
    "kept_payloads",
    "One row for each thing that a source told and of which the product makes no use yet.",
    ("load_id",),
    _column("load_id", BigInteger, "the load: a row of `loads`"),
    _column("account", String, "the account"),
    _column("kind", String, "what it is, by the source's own name"),
    _column("occurred_at", DateTime, "when it happened; null where it is not said"),
    _column("payload", String, "what the source told, as JSON"),
)

missing_rows = _table(
    "missing_rows",
    "One row for each stored message or case that its source did not have when they were last "
    "compared. What is missing twice is removed.",
    ("source", "row_id"),
    _column("source", String, "the name of the source"),
    _column("account", String, "the account of the message or case"),
    _column("kind", String, "`messages` or `cases`"),
    _column("row_id", String, "the `message_id` or `case_id`"),
    _column("missed_at", DateTime, "when it was first missed"),
)

source_states = _table(
    "source_states",
    "One row for each source that data comes from by itself: how far it was read, and how it went.",
    ("name",),
    _column("name", String, "the name of the source"),
    _column("state", String, "what the source notes of itself, as JSON"),
    _column("noted_at", DateTime, "when it was noted"),
)

refused_loads = _table(
    "refused_loads",
    "One row for each source of which something was refused as a whole: how often, and why last.",
    ("name",),
    _column("name", String, "the name of the source, as in `loads`"),
    _column("refused", BigInteger, "how many loads were refused since the store was made"),
    _column("reason", String, "why the newest was: a word of `REFUSALS` in queries/vocabulary.py"),
    _column("refused_at", DateTime, "when that was"),
)

loads = _table(
    "loads",
    "One row for each load, and for each time that data was erased or purged. The greatest "
    "`load_id` is the store's `data_version`.",
    ("load_id",),
    _column("load_id", BigInteger, "the number of the load, from 1"),
    _column("ticket", String, "the name of the inbox's folder that was loaded; sorts by time"),
    _column("content_hash", String, "a hash of the files and of how they were read"),
    _column("source", String, "where the data came from; `erase` or `purge` where it was removed"),
    _column(
        "name",
        String,
        "the name of the source among several of one kind, else the same as `source`",
    ),
    _column("account", String, "the account that rows without an account were given"),
    _column("demo", Boolean, "whether it was demonstration data"),
    _column("loaded_at", DateTime, "when the load was done"),
    _column(
        "seconds",
        Double,
        "how long it took; null of loads by versions that did not note it, and of removals",
    ),
    _column("rows_in", BigInteger, "how many rows were read"),
    _column("rows_rejected", BigInteger, "how many of them were rejected"),
    _column(
        "rows_superseded",
        BigInteger,
        "how many of them a later row of the same file replaced; null of loads by versions that "
        "did not count them",
    ),
    _column(
        "rows_kept",
        BigInteger,
        "how many of them were only kept aside, in `kept_payloads`; null of loads by versions that "
        "kept nothing aside",
    ),
    _column("cases_written", BigInteger, "how many cases were new, changed or removed"),
    _column("messages_written", BigInteger, "how many messages were new, changed or removed"),
    _column("replaced_demo", Boolean, "whether the load removed demonstration data"),
)

rejects = _table(
    "rejects",
    "One row for each rejected row of a load.",
    ("load_id", "file", "line"),
    _column("load_id", BigInteger, "the load: a row of `loads`"),
    _column("file", String, "the kind of file: `cases` or `messages`"),
    _column("line", BigInteger, "the line of a CSV, or the number of a row of Parquet"),
    _column("column", String, "the column whose value was the reason"),
    _column("reason", String, "why the row was rejected, without the value"),
)

outbox_cases = _table(
    "outbox_cases",
    "One row for each case that a load wrote or removed, until it is published. This and the other "
    "outboxes are empty in a store that is not published.",
    ("load_id", "case_key"),
    _column("load_id", BigInteger, "the load: a row of `loads`"),
    _column("case_key", BigInteger, "the case: a row of `cases`, or one that was removed"),
)

outbox_days = _table(
    "outbox_days",
    "One row for each day of which a load wrote the roll-ups anew, until it is published.",
    ("load_id", "day"),
    _column("load_id", BigInteger, "the load"),
    _column("day", Date, "the day"),
)

outbox_costs = _table(
    "outbox_costs",
    "One row for each day of which a load changed `cost_lines`, until it is published.",
    ("load_id", "day"),
    _column("load_id", BigInteger, "the load"),
    _column("day", Date, "the day"),
)

outbox_events = _table(
    "outbox_events",
    "One row for each message whose events a load changed, until it is published.",
    ("load_id", "account", "message_id"),
    _column("load_id", BigInteger, "the load"),
    _column("account", String, "the account of the message"),
    _column("message_id", String, "the message, as in `message_events`"),
)

outbox_people = _table(
    "outbox_people",
    "One row for each person that a load added or removed, until it is published.",
    ("load_id", "person_id"),
    _column("load_id", BigInteger, "the load"),
    _column("person_id", Integer, "the person: a row of `people`, or one that was removed"),
)

store_facts = _table(
    "store_facts",
    "Facts about the whole store: a value for each name.",
    ("name",),
    _column(
        "name",
        String,
        "`schema_version` (the number of the layout), `time_zone` (the zone of the days), "
        "`lineage` (a random name that a store keeps for life, and a back-up does not share), "
        "`holds` (`demo` or `real` data), `unsorted` (how many messages are stored out of order), "
        "`rewritten` (the newest load when the file was last written as a whole), `outbox_after` "
        "(the outboxes hold all changes after this load; without it they hold nothing)",
    ),
    _column("value", String, "the value, as a text"),
)

#: The tables of what is still to be published.
OUTBOXES: Final = (outbox_cases, outbox_costs, outbox_days, outbox_events, outbox_people)

#: The tables that readers of a published store ask, with the columns that name the rows which a
#: publication replaces. ``()`` stands for a short table, which is replaced as a whole.
PUBLISHED_KEYS: Final[Mapping[Table, tuple[str, ...]]] = {
    people: ("person_id",),
    cases: ("case_key",),
    messages: ("case_key",),
    message_days: ("sent_day",),
    case_days: ("day",),
    active_days: ("day",),
    cost_lines: ("sent_day",),
    cost_days: ("sent_day",),
    message_events: ("account", "message_id"),
    loads: ("load_id",),
    kept_payloads: ("load_id",),
    source_states: (),
    refused_loads: (),
    store_facts: (),
}
