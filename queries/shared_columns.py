"""The columns that several panels have, each declared once.

A panel whose API leaves such a column out has it as ``replace(TEAM, in_api=False)``.
"""

from typing import Final

from queries.columns import Column, Kind, key_column, pgettext_noop

PERIOD: Final = Column(
    "period", Kind.DAY, pgettext_noop("column", "Period from"), "first day of the step"
)
DIRECTION: Final = Column(
    "direction",
    Kind.CODE,
    pgettext_noop("column", "Origin"),
    "`out` (to the customer) or `in`",
    vocabulary="direction",
)
MESSAGES: Final = Column(
    "messages", Kind.COUNT, pgettext_noop("column", "Messages"), "how many messages"
)
CASE_NUMBER: Final = Column(
    "case_number",
    Kind.TEXT,
    pgettext_noop("column", "Case"),
    "the number that people use for the case",
)
CASE_TYPE: Final = Column(
    "case_type", Kind.TEXT, pgettext_noop("column", "Type"), "the type of the case"
)
TEAM: Final = Column("team", Kind.TEXT, pgettext_noop("column", "Team"), "the team of the case")
PERSON_NAME: Final = Column(
    "person_name", Kind.TEXT, pgettext_noop("column", "Requester"), "who opened the case"
)
LAST_AGENT: Final = Column(
    "last_agent",
    Kind.TEXT,
    pgettext_noop("column", "Last agent"),
    "the agent of the case's last message that a person sent (no bot)",
)
#: The page sends it back to ask for the time line of the case.
CASE_KEY: Final = key_column("case_key", "the case's key in the store")
