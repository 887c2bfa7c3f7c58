"""The columns of the table of messages: the panel ``details`` and what its requests may name."""

from typing import Final

from queries.columns import Column, Kind, key_column, pgettext_noop

TABLE_COLUMNS: Final = (
    Column(
        "message_id",
        Kind.TEXT,
        pgettext_noop("column", "Message ID"),
        "the message's id within its account",
        on_page=False,
    ),
    Column(
        "case_number",
        Kind.TEXT,
        pgettext_noop("column", "Case"),
        "the number that people use for the case",
    ),
    Column("case_type", Kind.TEXT, pgettext_noop("column", "Type"), "the type of the case"),
    Column(
        "channel",
        Kind.TEXT,
        pgettext_noop("column", "Channel"),
        "`WhatsApp` in every row",
    ),
    Column(
        "kind",
        Kind.CODE,
        pgettext_noop("column", "HSM/WApp"),
        "`hsm` or `session`",
        vocabulary="kind",
    ),
    Column(
        "template_name",
        Kind.TEXT,
        pgettext_noop("column", "Template used"),
        "the template of an HSM; null for other messages",
    ),
    Column(
        "status",
        Kind.STATUS,
        pgettext_noop("column", "Status"),
        "how far an outgoing message has come; of an incoming one `new` (waiting) or `read` "
        "(handled)",
    ),
    Column(
        "phone",
        Kind.PHONE,
        pgettext_noop("column", "Phone"),
        "the customer's phone",
    ),
    Column(
        "reply",
        Kind.TEXT,
        pgettext_noop("column", "Replies"),
        "the text of an outgoing message; null for incoming ones",
    ),
    Column(
        "seq",
        Kind.COUNT,
        pgettext_noop("column", "Message order"),
        "which message of its case it is, from 1",
    ),
    Column(
        "opened_at",
        Kind.MOMENT,
        pgettext_noop("column", "Creation date"),
        "when the case was opened",
    ),
    Column(
        "last_agent",
        Kind.TEXT,
        pgettext_noop("column", "Last agent"),
        "who sent the case's last message of a person",
    ),
    Column(
        "session_type",
        Kind.CODE,
        pgettext_noop("column", "Session type"),
        "who began the session: `hsm`, `customer` or `business`",
        vocabulary="session_type",
    ),
    Column(
        "sent_at",
        Kind.MOMENT,
        pgettext_noop("column", "Message date"),
        "time of the message",
    ),
    Column(
        "person_name",
        Kind.TEXT,
        pgettext_noop("column", "Requester"),
        "who asked",
        in_api=False,
    ),
    Column(
        "direction",
        Kind.CODE,
        pgettext_noop("column", "Origin"),
        "`out` (to the customer) or `in`",
        vocabulary="direction",
        in_api=False,
    ),
    Column(
        "customer_message",
        Kind.TEXT,
        pgettext_noop("column", "Customer's message"),
        "the text of an incoming message; null for outgoing ones",
        in_api=False,
    ),
    Column(
        "team",
        Kind.TEXT,
        pgettext_noop("column", "Team"),
        "the team of the case",
        in_api=False,
    ),
    Column(
        "case_state",
        Kind.CODE,
        pgettext_noop("column", "Case state"),
        "`open` or `closed`",
        vocabulary="case_state",
        in_api=False,
    ),
    Column(
        "business_number",
        Kind.PHONE,
        pgettext_noop("column", "Business number"),
        "the number of the business",
        in_api=False,
    ),
    Column(
        "error",
        Kind.TEXT,
        pgettext_noop("column", "Error"),
        "code and title of a failure, as far as they are known",
        in_api=False,
    ),
)
#: By it the page asks for the case in the portal; the table may be sorted and filtered by it, too.
CASE_ID: Final = Column(
    "case_id",
    Kind.TEXT,
    ("", ""),
    "the case's id within its account",
    in_api=False,
    in_download=False,
    on_page=False,
)
#: By it the page asks for the messages of the case.
CASE_KEY: Final = key_column("case_key", "the case's key in the store")
