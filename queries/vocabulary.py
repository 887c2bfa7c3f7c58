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

#: The ``source`` of rows of ``loads`` that brought prices and rules of costs.
RATES: Final = "rates"
#: The sources of rows of ``loads`` that brought no cases or messages.
BROUGHT_NO_MESSAGES: Final = (*REMOVALS, RATES)

#: Whether a message is charged: for certain, perhaps, or not.
CHARGES: Final = ("charged", "perhaps", "free")
#: What an amount is: what is billed, the most that is billed, or not known.
CERTAINTIES: Final = ("exact", "upper_bound", "unknown")
#: In which case a rule of costs holds, the most special first: what the provider says of the
#: message, or that it was sent in an open 24 h window; else always. ``group`` says how messages to
#: groups are charged, beside the other rules.
RULE_CASES: Final = (
    "free_entry_point",
    "free_customer_service",
    "open_window",
    "always",
    "group",
)
#: What a rule of costs says: the message is charged, is free, or (only ``group``) is charged once
#: for each recipient.
RULE_CHARGES: Final = ("charged", "free", "each_recipient")
#: Why an amount is unknown: no rule holds, no category or no country is known, no price was
#: imported, the number of recipients in a group is not known. Why it is an upper bound: nobody
#: says that the message was delivered, nobody says that it was charged, the number it was sent
#: from is not known, messages before it may not count, the price is a maximum.
COST_REASONS: Final = (
    "no_rule",
    "no_category",
    "no_country",
    "no_price",
    "group",
    "not_confirmed",
    "not_told",
    "no_number",
    "place",
    "maximum",
)
