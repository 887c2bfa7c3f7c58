"""What the data of a store can answer at all: some sources never say what a panel needs.

``Reader.lacks`` asks it once for each version of the data and each scope.
"""

from typing import Final, Literal

from sqlalchemy import ColumnElement, Table, and_, not_, or_, select

from queries.selected_rows import scope_conditions
from queries.sql_functions import Statement
from queries.tables import cases, cost_days, message_days, messages
from queries.user_scope import Scope
from queries.vocabulary import NOT_SENT_OUT

#: What a panel may need of the store:
#:
#: - ``received``: a message of a customer
#: - ``outgoing``: a message of the company
#: - ``confirmed``: an outgoing message that is known to have been sent out, or to have failed
#: - ``hsm``: an HSM
#: - ``sent_hsm``: an HSM that is known to have been sent out, or to have failed
#: - ``agents``: a message that names the person of the company who wrote it. Where no message is
#:   expected to (there is none of the company, or only a bot writes), this is not lacking.
#: - ``costs``: a message of which is known, or may be computed, whether it is charged
Need = Literal["received", "outgoing", "confirmed", "hsm", "sent_hsm", "agents", "costs"]
#: All of them. One of which another is a part comes before it.
NEEDS: Final[tuple[Need, ...]] = (
    "received",
    "outgoing",
    "confirmed",
    "hsm",
    "sent_hsm",
    "agents",
    "costs",
)


def held(scope: Scope) -> Statement:
    """Return a SELECT of one row with a column for each of ``NEEDS``: whether the store has it.

    It looks at what ``scope`` may see, in any period. All but ``agents`` come from a roll-up;
    ``agents`` reads cases up to the first that has one, and where none has, messages up to the
    first of the company that no bot wrote.
    """
    days = message_days.c
    outgoing = days.direction == "out"
    is_hsm = and_(outgoing, days.kind == "hsm")
    is_confirmed = and_(outgoing, days.status.not_in(NOT_SENT_OUT))
    by_no_bot = _exists(
        messages, and_(messages.c.direction == "out", not_(messages.c.is_bot)), scope
    )
    conditions: dict[Need, ColumnElement[bool]] = {
        "received": _exists(message_days, days.direction == "in", scope),
        "outgoing": _exists(message_days, outgoing, scope),
        "confirmed": _exists(message_days, is_confirmed, scope),
        "hsm": _exists(message_days, is_hsm, scope),
        "sent_hsm": _exists(message_days, and_(is_hsm, is_confirmed), scope),
        "agents": or_(
            _exists(cases, cases.c.last_agent.is_not(None), scope),
            not_(_exists(messages, by_no_bot, scope)),
        ),
        "costs": _exists(cost_days, cost_days.c.direction == "out", scope),
    }
    return select(*(conditions[need].label(need) for need in NEEDS))


def _exists(table: Table, condition: ColumnElement[bool], scope: Scope) -> ColumnElement[bool]:
    [first, *_] = table.c
    return select(first).where(condition, *scope_conditions(table, scope)).exists()
