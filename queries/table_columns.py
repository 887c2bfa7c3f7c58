"""The declarations of the columns of the panel ``details``, the table of messages.

They are not in the panel's module because ``queries.table_request``, which the panel imports,
checks names of columns by them.
"""

from dataclasses import replace
from typing import Final

from queries.columns import Column, Kind, pgettext_noop
from queries.shared_columns import CASE_NUMBER, CASE_TYPE, DIRECTION, LAST_AGENT, PERSON_NAME, TEAM

#: The columns that are shown, in the order of the API.
TABLE_COLUMNS: Final = (
    Column(
        "message_id",
        Kind.TEXT,
        pgettext_noop("column", "Message ID"),
        "the message's id within its account",
        on_page=False,
    ),
    CASE_NUMBER,
    CASE_TYPE,
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
        "of an outgoing message how far it has come: `new`, `sent`, `delivered`, `read`, `failed` "
        "or `unknown`; of an incoming one `new` (waiting) or `read` (handled)",
    ),
    Column(
        "phone",
        Kind.PHONE,
        pgettext_noop("column", "Phone"),
        "the customer's phone; null where the message has none",
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
        "the number of the message within its case, from 1, in the order of time",
    ),
    Column(
        "opened_at",
        Kind.MOMENT,
        pgettext_noop("column", "Creation date"),
        "when the case was opened",
    ),
    LAST_AGENT,
    Column(
        "session_type",
        Kind.CODE,
        pgettext_noop("column", "Session type"),
        "how the message's session began: with an HSM (`hsm`), a message of the customer "
        "(`customer`) or free text of the company (`business`)",
        vocabulary="session_type",
    ),
    Column(
        "sent_at",
        Kind.MOMENT,
        pgettext_noop("column", "Message date"),
        "time of the message",
    ),
    replace(PERSON_NAME, in_api=False),
    replace(DIRECTION, in_api=False),
    Column(
        "customer_message",
        Kind.TEXT,
        pgettext_noop("column", "Customer's message"),
        "the text of an incoming message; null for outgoing ones",
        in_api=False,
    ),
    replace(TEAM, in_api=False),
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
        "the company's phone",
        in_api=False,
    ),
    Column(
        "error",
        Kind.TEXT,
        pgettext_noop("column", "Error"),
        "code and title of a failure (`code: title`), or the one that is known",
        in_api=False,
    ),
)
#: The columns of the page, in its order, which is also that of the downloads: first what leads look
#: for. It has every column with ``on_page``.
PAGE_ORDER: Final = (
    *("case_number", "sent_at", "person_name", "direction", "status", "error", "case_type", "team"),
    *("reply", "customer_message", "template_name", "last_agent", "phone", "kind", "session_type"),
    *("seq", "opened_at", "case_state", "channel", "business_number"),
)
#: Filters the table by the error code of a failure: exactly, where other columns contain the text.
#: ``NO_ERROR_CODE`` stands for messages without a code. The column ``error`` shows the code.
ERROR_CODE: Final = Column(
    "error_code",
    Kind.TEXT,
    pgettext_noop("column", "Error code"),
    "the code of a failure",
    in_api=False,
    in_download=False,
    on_page=False,
)
NO_ERROR_CODE: Final = "—"
#: Makes the link to the case in the portal. The table can also be sorted and filtered by it.
CASE_ID: Final = Column(
    "case_id",
    Kind.TEXT,
    ("", ""),
    "the case's id within its account",
    in_api=False,
    in_download=False,
    on_page=False,
)
