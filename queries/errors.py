"""The errors that queries raise. ``app.errors`` answers each with a status and a message."""

from collections.abc import Mapping
from typing import Final


class FilterError(ValueError):
    """A filter or another parameter of a request has a value that cannot be used.

    ``code`` is one of ``CODES`` and says what is wrong. ``params`` are the values that the message
    to the user mentions; the comments in ``CODES`` list their names. Most come from the request:
    shorten and escape them before they are shown. ``components.error_messages`` has the messages.

    Making an error with any other code raises ``LookupError``.
    """

    #: Each code, and the names of its ``params``.
    CODES: Final = frozenset(
        {
            "bad_date",  # name, value
            "bad_number",  # name, value, minimum, maximum
            "bad_value",  # name, value, allowed
            "empty_value",  # name
            "masked_column",  # column
            "not_json",
            "period_doubled",
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
    """The store cannot answer now: it is not open, or its file cannot be opened or used.

    For example, another process has the file open, or it was made for another time zone.
    """


class StoreChanged(RuntimeError):
    """A load was published while an optimistic snapshot was in use, so its rows may be outdated.

    ``queries.runner.Runner.read`` catches it and reads again in a transaction.
    """


class TooBusy(RuntimeError):
    """The server already works on the most requests of this kind that it allows at one time."""


class NotAllowed(RuntimeError):
    """The user lacks the capability that the request needs, such as ``export``."""


class OneAccountOnly(RuntimeError):
    """The user may see several accounts, and each of them is stored by itself."""


class SessionEnded(RuntimeError):
    """Nobody is signed in any more: there is no valid token, or what it allowed has ended."""


class TooManyRequests(RuntimeError):
    """The user sent more requests of one kind in a minute than allowed.

    ``retry_after_seconds`` is how long to wait before the next one.
    """

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


class RevealNotRecorded(RuntimeError):
    """Phones or texts are not shown, because the audit record of it could not be written."""


class NotInAdvance(RuntimeError):
    """An answer would reveal phones or texts, so it is not read before somebody asks to see it."""


class QueryTimeout(RuntimeError):
    """A query ran longer than its time limit (``EngineLimits.query_seconds``) and was cancelled."""
