"""``Identity``: the person who sent the current request, and what this person may see."""

from dataclasses import dataclass
from typing import Final

from flask import g, has_request_context

from queries.user_scope import Scope


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sent a request, and what this person may see.

    ``subject`` is the claim ``sub`` of a token, or the name that a proxy gave; "" where there is no
    sign-in. ``name`` is shown on the page; None where no name was given. ``expires_at`` is when the
    sign-in ends, in seconds since 1970: the claim ``exp`` and the leeway for clocks that differ;
    None where it does not end.
    """

    subject: str
    scope: Scope
    name: str | None = None
    expires_at: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether somebody signed in; False where everybody may see the page."""
        return bool(self.subject)


#: What is seen by code that runs outside a request that passed the gate: no case at all.
_NOTHING: Final = Scope(
    accounts=(), teams=(), channels=(), see_phones=False, see_texts=False, may_export=False
)
_NOBODY: Final = Identity("", _NOTHING)


def current_identity() -> Identity:
    """Return who sent the current request, as the gate found out.

    Where no request passed the gate, as when the page is warmed up, it is an identity that may see
    nothing.
    """
    identity: Identity = g.get("identity", _NOBODY) if has_request_context() else _NOBODY
    return identity


def current_scope() -> Scope:
    """Return what the person who sent the current request may see."""
    return current_identity().scope
