"""What is counted of waits, each with its first message, for the panels that have such figures.

A wait begins with the customer's first message of a case, or the first after a human message, and
ends with the next human message (``messages.begins_wait``, ``messages.reply_seconds``).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from queries.filters import Basis
from queries.panel import PanelRequest
from queries.result import local, stored_minute
from queries.selected_rows import selected_messages
from queries.sql_functions import percentiles
from queries.tables import messages


def selected_waits(request: PanelRequest) -> ColumnElement[bool]:
    """Return the SQL condition for rows of ``messages`` with which a selected wait begins.

    Waits of the period and of the days before (``PanelRequest.before``) are selected.
    """
    return and_(
        messages.c.begins_wait,
        selected_messages(request.filters, request.scope, messages, request.before),
    )


def wait_counts(request: PanelRequest) -> Mapping[str, ColumnElement[Any]]:
    """Return the SQL expressions of what is counted in a group of messages that begin waits.

    ``waits``: how many. ``replies``: those that ended. ``judged_waits``: those that ended or are
    older than the target; ``replies_in_time``: those that ended within it. ``reply_times``: an
    array of the median and the 90th percentile of how long the ended ones lasted, in seconds, or
    null.
    """
    seconds, target = messages.c.reply_seconds, request.reply_target
    ended = seconds.is_not(None)
    deadline = _deadline(request)
    judged = ended if deadline is None else or_(ended, messages.c.sent_at < deadline)
    return {
        "waits": func.count(),
        "replies": func.count(seconds),
        "judged_waits": func.count() if deadline is None else func.count().filter(judged),
        "replies_in_time": func.count().filter(seconds <= target.total_seconds()),
        "reply_times": percentiles(seconds),
    }


def _deadline(request: PanelRequest) -> datetime | None:
    """Return the time before which a wait has begun that is older than the target, in UTC.

    None where all selected waits have: then the SELECT does not change with every minute, and the
    cache has its answer for longer. With the basis ``opened`` that is not known, because a wait may
    begin long after its case was opened.
    """
    deadline = stored_minute(request.now) - request.reply_target
    day = local(deadline, request.time_zone).date()
    has_passed = request.filters.basis is Basis.SENT and request.filters.span.end < day
    return None if has_passed else deadline
