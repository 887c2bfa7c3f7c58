"""The closed vocabularies of the data contract, each in its one order.

``STATUSES`` stands in life-cycle order, the order in which people read it; ``STATUS_RANK`` is the
order in which a status wins over another that was heard of the same outgoing message.
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

#: Outgoing statuses that say nothing yet of whether the message left: not "sent out".
NOT_SENT_OUT: Final = ("new", "unknown")
#: Outgoing statuses of a message that reached the customer.
ARRIVED: Final = ("delivered", "read")
