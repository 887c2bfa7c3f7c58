"""Messages that failed, by their error code and by what to do about it."""

from typing import Final

import pandas as pd
from sqlalchemy import func, select

from queries.columns import Column, Kind, names, pgettext_noop
from queries.frames import frame_of
from queries.panel import PanelRequest, SummaryQuery
from queries.result import ResultSet
from queries.sql_functions import Statement, whole_sum
from queries.tables import messages
from queries.visibility import visible_title
from queries.whatsapp_errors import ACTIONS, action
from queries.where import selected_messages

COLUMNS: Final = (
    Column(
        "action",
        Kind.CODE,
        pgettext_noop("column", "What to do"),
        "what to do about it: `retry` (the same message later), `fix_number`, `fix_template` (what "
        "is sent has to change), `billing`, `stop` (to go on is useless or makes it worse), "
        "`other` for codes that nobody knows; null where no code is known. "
        "`queries/whatsapp_errors.py` has the codes and the reasons",
        vocabulary="action",
    ),
    Column(
        "error_code",
        Kind.TEXT,
        pgettext_noop("column", "Error code"),
        "as the provider gave it; null where it gave none",
    ),
    Column(
        "error_title",
        Kind.TEXT,
        pgettext_noop("column", "Error"),
        "the title that most of these messages bear, of equals the first by its text; null where "
        "none bears one",
    ),
    Column("messages", Kind.COUNT, pgettext_noop("column", "Messages"), "how many failed"),
)
_NAMES: Final = names(COLUMNS)


def query(request: PanelRequest) -> Statement:
    """Rows of ``error_code, error_title, messages`` of the selected failed outgoing messages.

    Each code once, with the title that most of its selected messages bear (of equals the first
    by its text); null where none bears one. It reads messages and not the roll-ups, which have no
    error codes; failed messages are few.
    """
    code = visible_title(messages.c.error_code, request.scope).label("error_code")
    title = visible_title(messages.c.error_title, request.scope).label("error_title")
    number = func.count()
    titled = (
        select(
            code,
            title,
            number.label("messages"),
            func.row_number()
            .over(partition_by=code, order_by=(title.is_(None), number.desc(), title))
            .label("rank"),
        )
        .where(
            selected_messages(request.filters, request.scope),
            messages.c.direction == "out",
            messages.c.status == "failed",
        )
        .group_by(code, title)
        .subquery("titled")
    )
    return select(
        titled.c.error_code,
        func.max(titled.c.error_title).filter(titled.c.rank == 1).label("error_title"),
        whole_sum(titled.c.messages).label("messages"),
    ).group_by(titled.c.error_code)


def shape(result: ResultSet, _request: PanelRequest) -> pd.DataFrame:
    """``COLUMNS`` in the order of actions, then by messages descending, then by code.

    Messages without a code have no action, and come last.
    """
    rows = [(action(code), code, title, number) for code, title, number in result.rows]
    rows.sort(key=lambda row: (_action_rank(row[0]), -row[3], row[1] or ""))
    return frame_of(rows, _NAMES)


def _action_rank(of_action: str | None) -> int:
    return len(ACTIONS) if of_action is None else ACTIONS.index(of_action)


PANEL: Final = SummaryQuery(
    slug="failures",
    summary="The selected outgoing messages that failed, one row a code; in the order of actions "
    "as below, inside by messages descending, then by code.",
    columns=COLUMNS,
    query=query,
    shape=shape,
)
