"""Writes an identity as JSON and reads it back, field by field.

A server of another version may have written it, while servers are upgraded one after the other.
Such an identity may say what this version does not know, as a further limit of what somebody may
see. So one with any other fields than these is refused.
"""

from typing import Any, Final

from app.access.identity import Identity
from queries.user_scope import Scope

_LISTS: Final = ("accounts", "teams", "channels")
_RIGHTS: Final = ("see_phones", "see_texts", "may_export")
_FIELDS: Final = frozenset({"subject", "name", "expires_at", *_LISTS, *_RIGHTS})


def to_json(identity: Identity) -> dict[str, object]:
    """Return ``identity`` as values that JSON has."""
    scope = identity.scope
    return {
        "subject": identity.subject,
        "name": identity.name,
        "expires_at": identity.expires_at,
        "accounts": _listed(scope.accounts),
        "teams": _listed(scope.teams),
        "channels": _listed(scope.channels),
        "see_phones": scope.see_phones,
        "see_texts": scope.see_texts,
        "may_export": scope.may_export,
    }


def from_json(content: Any) -> Identity:
    """Return the identity that ``to_json`` wrote.

    Raises ``ValueError`` for anything else, other fields or other types among it.
    """
    if not isinstance(content, dict) or set(content) != _FIELDS:
        raise ValueError("no identity")
    is_right = (
        isinstance(content["subject"], str)
        and isinstance(content["name"], str | None)
        and isinstance(content["expires_at"], int | float | None)
        and not isinstance(content["expires_at"], bool)
        and all(isinstance(content[name], bool) for name in _RIGHTS)
    )
    if not is_right:
        raise ValueError("no identity")
    accounts, teams, channels = (_values(content[name]) for name in _LISTS)
    scope = Scope(accounts, teams, channels, *(content[name] for name in _RIGHTS))
    return Identity(content["subject"], scope, content["name"], content["expires_at"])


def _listed(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _values(listed: object) -> tuple[str, ...] | None:
    if listed is None:
        return None
    if not isinstance(listed, list) or not all(isinstance(value, str) for value in listed):
        raise ValueError("no identity")
    return tuple(listed)
