"""What can go wrong with a question; the edge turns each into a sentence for the reader."""

from collections.abc import Mapping
from typing import Final


class FilterError(ValueError):
    """A question that cannot be taken as it was put.

    ``code`` is one of ``CODES``; ``params`` fill the sentence that belongs to it. Values in
    ``params`` come from the outside: shorten and escape them where they are shown.
    """

    CODES: Final = frozenset(
        {
            "bad_date",  # name, value
            "bad_number",  # name, value, minimum, maximum
            "bad_value",  # name, value, allowed
            "empty_value",  # name
            "masked_column",  # column
            "not_json",
            "period_incomplete",
            "period_reversed",  # start, end
            "repeated",  # name
            "too_deep",  # limit
            "too_long",  # name, count, limit
            "too_many_buckets",  # count, limit
            "too_many_rows",  # count, limit
            "too_many_values",  # name, count, limit
            "unknown_column",  # column
            "unknown_parameter",  # name
            "unusable_text",  # name
            "wrong_type",  # name
            "year_out_of_range",  # name, value, minimum, maximum
        }
    )

    def __init__(self, code: str, **params: object) -> None:
        if code not in self.CODES:
            raise LookupError(f"not a code of FilterError: {code}")
        super().__init__(code, params)
        self.code = code
        self.params: Mapping[str, object] = params


class StoreUnavailable(RuntimeError):
    """The store cannot answer now: not opened yet, owned by another process, or gone."""


class StoreChanged(RuntimeError):
    """A load was published while an answer was read without a transaction: read it in one."""


class TooBusy(RuntimeError):
    """As much of this is under way as the server takes at a time."""


class QueryTimeout(RuntimeError):
    """A query ran past its time limit and was cancelled."""
