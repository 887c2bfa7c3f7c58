"""The panel ``failures``: messages that failed, by error code, and what to do about each code."""

from collections import Counter, defaultdict
from typing import Final

import pandas as pd
from sqlalchemy import func, select

from queries.columns import Column, Kind, names, pgettext_noop
from queries.frames import frame_of
from queries.panel import PanelRequest, SummaryQuery
from queries.result import ResultSet
from queries.selected_rows import selected_messages
from queries.sql_functions import Statement
from queries.tables import messages
from queries.whatsapp_errors import ACTIONS, action

COLUMNS: Final = (
    Column(
        "action",
        Kind.CODE,
        pgettext_noop("column", "What to do"),
        "what to do about the failure: `retry` (send the same message later), `fix_number`, "
        "`fix_template` (change the template or the content), `billing` (settle the account's "
        "payment), `stop` (send nothing more: it is useless or makes it worse), `other` (the code "
        "is not in the list); null where there is no code. `queries/whatsapp_errors.py` has the "
        "list of codes and the reasons",
        vocabulary="action",
    ),
    Column(
        "error_code",
        Kind.TEXT,
        pgettext_noop("column", "Error code"),
        "the code that the provider gave; null where it gave none",
    ),
    Column(
        "error_title",
        Kind.TEXT,
        pgettext_noop("column", "Error"),
        "the most frequent title of these messages, of equally frequent ones the first "
        "alphabetically; null where none of them has a title",
    ),
    Column("messages", Kind.COUNT, pgettext_noop("column", "Messages"), "how many messages failed"),
)
_NAMES: Final = names(COLUMNS)


def query(request: PanelRequest) -> Statement:
    """Return a SELECT of ``error_code, error_title, messages``, one row for each pair, unordered.

    ``messages`` counts the outgoing messages with the status ``failed`` that filters and scope
    select; code and title may be null. It reads ``messages``, because the roll-ups have no error
    codes; failed messages are few. Phones in codes and titles are masked after the rows are read:
    ``shape`` then joins what looks the same.
    """
    code, title = messages.c.error_code, messages.c.error_title
    return (
        select(code, title, func.count().label("messages"))
        .where(
            selected_messages(request.filters, request.scope),
            messages.c.direction == "out",
            messages.c.status == "failed",
        )
        .group_by(code, title)
    )


def shape(result: ResultSet, _request: PanelRequest) -> pd.DataFrame:
    """Return a frame of ``COLUMNS`` from the rows of ``query``, with what to do about each code.

    Messages without a code are one row. ``error_title`` is the most frequent title of the code's
    messages (of equally frequent ones the first alphabetically), None where none has a title. Rows
    are in the order of ``whatsapp_errors.ACTIONS``; those of one action have most messages first,
    then go by code. In the row of messages without a code the action is None; it comes last.
    """
    titles: dict[str | None, Counter[str | None]] = defaultdict(Counter)
    for code, title, number in result.rows:
        titles[code][title] += int(number)
    rows = [
        (action(code), code, _most_frequent(counted), counted.total())
        for code, counted in titles.items()
    ]
    rows.sort(key=lambda row: (_action_rank(row[0]), -row[3], row[1] or ""))
    return frame_of(rows, _NAMES)


def _most_frequent(counted: Counter[str | None]) -> str | None:
    known = [(-number, title) for title, number in counted.items() if title is not None]
    return min(known)[1] if known else None


def _action_rank(of_action: str | None) -> int:
    return len(ACTIONS) if of_action is None else ACTIONS.index(of_action)


PANEL: Final = SummaryQuery(
    slug="failures",
    summary="The selected outgoing messages that failed, one row for each error code. Rows are in "
    "the order of actions below, those without a code last; rows of one action by messages, most "
    "first, then by code.",
    columns=COLUMNS,
    needs=("outgoing", "confirmed"),
    query=query,
    shape=shape,
)
