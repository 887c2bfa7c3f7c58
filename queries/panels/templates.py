"""HSM templates: how often each was sent, and how far its messages got."""

from typing import Final

import pandas as pd
from sqlalchemy import func, select

from queries.constructs import Statement
from queries.filters import Filters
from queries.scope import Scope
from queries.tables import messages
from queries.vocabulary import ARRIVED, NOT_SENT_OUT
from queries.where import selected_messages

SLUG: Final = "templates"
COLUMNS: Final = ("template_name", "sent", "delivered", "read", "failed", "answered")


def query(filters: Filters, scope: Scope) -> Statement:
    """One row a template of the selected outgoing HSMs, in the order of the contract.

    ``sent`` counts those whose status is neither new nor unknown (failed included),
    ``delivered`` those delivered or read; HSMs without a name are one row with null.
    """
    status, name = messages.c.status, messages.c.template_name
    sent = func.count().filter(status.not_in(NOT_SENT_OUT)).label("sent")
    return (
        select(
            name,
            sent,
            func.count().filter(status.in_(ARRIVED)).label("delivered"),
            func.count().filter(status == "read").label("read"),
            func.count().filter(status == "failed").label("failed"),
            func.count().filter(messages.c.answered).label("answered"),
        )
        .where(
            selected_messages(filters, scope),
            messages.c.direction == "out",
            messages.c.kind == "hsm",
        )
        .group_by(name)
        .order_by(sent.desc(), name.nulls_last())
    )


def shape(frame: pd.DataFrame, _filters: Filters) -> pd.DataFrame:
    """The rows as they are counted."""
    return frame
