"""The closed vocabularies: directions, kinds, statuses, session types, removals of data."""

from typing import Final

#: ``out`` is from the company to the customer.
DIRECTIONS: Final = ("out", "in")
#: A message from a template that Meta approved (HSM), or any other.
KINDS: Final = ("hsm", "session")
#: In the order of a message's life cycle, in which people see them.
STATUSES: Final = ("new", "sent", "delivered", "read", "failed", "unknown")
#: How a session began: with an HSM, a message of the customer, or free text of the company.
SESSION_TYPES: Final = ("hsm", "customer", "business")

#: Of several statuses reported for one outgoing message, the one with the greatest rank is kept.
STATUS_RANK: Final = {
    status: rank
    for rank, status in enumerate(("unknown", "new", "sent", "failed", "delivered", "read"))
}

#: Statuses of outgoing messages that are not known to have been sent; rates leave them out.
NOT_SENT_OUT: Final = ("new", "unknown")
#: Statuses of outgoing messages that reached the customer.
ARRIVED: Final = ("delivered", "read")

#: The ``source`` of rows of ``loads`` that brought no data, but removed some.
ERASE: Final = "erase"
PURGE: Final = "purge"
REMOVALS: Final = (ERASE, PURGE)

#: The names of the two ways in which webhooks come, among the sources of the table ``loads``.
RECEIVER: Final = "receiver"
WEBHOOK_FILES: Final = "import-webhooks"

#: Why a load was refused as a whole: a file cannot be read, demonstration data beside real data,
#: the memory or the disk is too small, the process died at it several times, anything else.
REFUSALS: Final = ("unreadable", "real_data_kept", "memory", "disk_full", "deadly", "unexpected")
