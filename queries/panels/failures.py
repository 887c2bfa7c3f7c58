"""Messages that failed, by their error code and by what to do about it."""

from typing import Final

import pandas as pd
from sqlalchemy import func, select

from queries.filters import Filters
from queries.frames import frame_of
from queries.masking import visible_title
from queries.result import ResultSet
from queries.scope import Scope
from queries.sql_functions import Statement, whole_sum
from queries.tables import messages
from queries.whatsapp_errors import ACTIONS, action
from queries.where import selected_messages

SLUG: Final = "failures"
COLUMNS: Final = ("action", "error_code", "error_title", "messages")


def query(filters: Filters, scope: Scope) -> Statement:
    """Rows of ``error_code, error_title, messages`` of the selected failed outgoing messages.

    Each code once, with the title that most of its selected messages bear (of equals the first
    by its text); null where none bears one. Roll-ups know no codes: failures are few.
    """
    code = visible_title(messages.c.error_code, scope).label("error_code")
    title = visible_title(messages.c.error_title, scope).label("error_title")
    number = func.count()
    titled = (
        select(
            code,
            title,
            number.label("messages"),
            func.row_number()
            .over(partition_by=code, order_by=(title.is_(None), number.desc(), title))
            .label("place"),
        )
        .where(
            selected_messages(filters, scope),
            messages.c.direction == "out",
            messages.c.status == "failed",
        )
        .group_by(code, title)
        .subquery("titled")
    )
    return select(
        titled.c.error_code,
        func.max(titled.c.error_title).filter(titled.c.place == 1).label("error_title"),
        whole_sum(titled.c.messages).label("messages"),
    ).group_by(titled.c.error_code)


def shape(found: ResultSet, _filters: Filters) -> pd.DataFrame:
    """``COLUMNS`` in the order of actions, then by messages descending, then by code.

    What has no code has no action, and is last.
    """
    rows = [(action(code), code, title, number) for code, title, number in found.rows]
    rows.sort(key=lambda row: (_place(row[0]), -row[3], row[1] or ""))
    return frame_of(rows, COLUMNS)


def _place(of_action: str | None) -> int:
    return len(ACTIONS) if of_action is None else ACTIONS.index(of_action)
