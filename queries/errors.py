"""What can go wrong with a query. ``app`` turns each error into a sentence for the reader."""

from collections.abc import Mapping
from typing import Final


class FilterError(ValueError):
    """A filter or another parameter of a request that cannot be used.

    ``code`` is one of ``CODES`` and names the sentence for the reader; ``params`` are the values
    that the sentence mentions. They come from the request: shorten and escape them when they are
    shown.
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
    """The store cannot answer: it is not open yet, another process owns it, or its file is gone."""


class StoreChanged(RuntimeError):
    """A load was published while rows were read without a transaction: read them in one."""


class TooBusy(RuntimeError):
    """The server already does as many requests of this kind as it allows at a time."""


class QueryTimeout(RuntimeError):
    """A query ran past its time limit and was cancelled."""
