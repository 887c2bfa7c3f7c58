"""``Identity``: who sent a request."""

from dataclasses import dataclass

from queries.user_scope import Scope


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sent a request, and what this person may see.

    ``subject`` is the claim ``sub`` of a token, or the name that a proxy gives. ``name`` is the
    claim ``name``, which the page shows; None where there is none. ``expires_at`` is when the token
    ends, in seconds since 1970; None without a token.
    """

    subject: str
    scope: Scope
    name: str | None = None
    expires_at: float | None = None
