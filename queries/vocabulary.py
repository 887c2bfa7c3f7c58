"""The closed vocabularies of the data contract: directions, kinds, statuses, session types.

``STATUSES`` is in life-cycle order, in which people read it. ``STATUS_RANK`` decides between
several reports about one outgoing message: the status with the greatest rank wins.
"""

from typing import Final

DIRECTIONS: Final = ("out", "in")
KINDS: Final = ("hsm", "session")
STATUSES: Final = ("new", "sent", "delivered", "read", "failed", "unknown")
SESSION_TYPES: Final = ("hsm", "customer", "business")

STATUS_RANK: Final = {
    status: rank
    for rank, status in enumerate(("unknown", "new", "sent", "failed", "delivered", "read"))
}

#: Statuses of outgoing messages that are not known to have been sent.
NOT_SENT_OUT: Final = ("new", "unknown")
#: Statuses of outgoing messages that reached the customer.
ARRIVED: Final = ("delivered", "read")
