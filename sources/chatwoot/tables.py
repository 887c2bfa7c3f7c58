"""The tables of Chatwoot that are read, with the columns that are read and no others.

docs/chatwoot.md grants the right to read exactly these.
"""

from typing import Final

from sqlalchemy import DateTime, column, table

#: Chatwoot keeps all times in UTC, without a zone.
_CREATED_AT: Final = "created_at"
_UPDATED_AT: Final = "updated_at"

accounts = table("accounts", column("id"))
inboxes = table(
    "inboxes",
    column("id"),
    column("account_id"),
    column("name"),
    column("channel_type"),
    column("channel_id"),
)
channel_whatsapp = table("channel_whatsapp", column("id"), column("phone_number"))
channel_twilio_sms = table(
    "channel_twilio_sms", column("id"), column("medium"), column("phone_number")
)
users = table("users", column("id"), column("name"))
teams = table("teams", column("id"), column("name"))
contacts = table(
    "contacts",
    column("id"),
    column("account_id"),
    column("name"),
    column("phone_number"),
    column(_UPDATED_AT, DateTime),
)
contact_inboxes = table(
    "contact_inboxes", column("id"), column("contact_id"), column("inbox_id"), column("source_id")
)
conversations = table(
    "conversations",
    column("id"),
    column("account_id"),
    column("inbox_id"),
    column("contact_id"),
    column("contact_inbox_id"),
    column("display_id"),
    column("status"),
    column("team_id"),
    column("cached_label_list"),
    column("custom_attributes"),
    column(_CREATED_AT, DateTime),
    column(_UPDATED_AT, DateTime),
)
messages = table(
    "messages",
    column("id"),
    column("account_id"),
    column("inbox_id"),
    column("conversation_id"),
    column("message_type"),
    column("private"),
    column("status"),
    column("content"),
    column("content_type"),
    column("content_attributes"),
    column("additional_attributes"),
    column("source_id"),
    column("sender_type"),
    column("sender_id"),
    column(_CREATED_AT, DateTime),
    column(_UPDATED_AT, DateTime),
)
reporting_events = table(
    "reporting_events",
    column("name"),
    column("account_id"),
    column("conversation_id"),
    column(_CREATED_AT, DateTime),
)
csat_survey_responses = table(
    "csat_survey_responses",
    column("conversation_id"),
    column("message_id"),
    column("rating"),
    column(_CREATED_AT, DateTime),
)
