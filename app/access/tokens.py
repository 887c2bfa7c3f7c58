"""Verifies the signed tokens (JWT) of the portal, and reads from them who may see what.

PyJWT checks signatures. Everything else is checked here: PyJWT takes times that are texts or lie
ten thousand years ahead, and asks the machine's own clock.
"""

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, get_args

import jwt

from app.access.identity import Identity
from app.access.key_parsing import Algorithm, TokenKey
from app.access.strict_json import json_object
from app.access.token_keys import TokenKeys
from queries.user_scope import Scope
from sources.contract import DEFAULT_ACCOUNT

#: Why a token is refused. ``form``: it is no JWT, or has a critical header; ``claims``: a claim is
#: missing or has another type; ``lifetime``: it is valid for no time, or for over an hour.
Reason = Literal[
    "missing",
    "form",
    "algorithm",
    "key",
    "signature",
    "expired",
    "not_yet",
    "issuer",
    "audience",
    "claims",
    "lifetime",
]

_ALGORITHMS: Final = frozenset(get_args(Algorithm))
_MOST_CHARACTERS: Final = 8 * 1024
_MOST_SECONDS: Final = 3_600
#: How far the portal's clock may be from ours.
_LEEWAY_SECONDS: Final = 30
_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*")
#: What no text of the store can hold.
_NO_TEXT: Final = re.compile(r"[\0\ud800-\udfff]")


class TokenRefused(Exception):
    """A token is not accepted; ``reason`` is why. The text holds nothing of the token."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class TokenVerifier:
    """Verifies tokens that ``issuer`` signed for ``audience`` with one of ``keys``.

    ``clock`` returns the present time in seconds since 1970. Threads may share it.
    """

    def __init__(
        self, keys: TokenKeys, issuer: str, audience: str, clock: Callable[[], float]
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._signatures = jwt.PyJWS(algorithms=list(_ALGORITHMS))

    def identity(self, token: str) -> Identity:
        """Return who holds ``token``, and what this person may see.

        Raises ``TokenRefused``, and nothing else, for a token that is not accepted.
        """
        claims = self.claims(token)
        return Identity(
            subject=claims["sub"],
            scope=_scope(claims),
            name=claims.get("name"),
            expires_at=float(claims["exp"]) + _LEEWAY_SECONDS,
        )

    def claims(self, token: str) -> Mapping[str, Any]:
        """Return the claims of ``token``; those that this module knows have the types they need.

        Raises ``TokenRefused`` for a token that is not accepted.
        """
        if not token:
            raise TokenRefused("missing")
        claims = _json_object(self._payload(token))
        _check_types(claims)
        if claims["iss"] != self._issuer:
            raise TokenRefused("issuer")
        if self._audience not in _listed(claims["aud"]):
            raise TokenRefused("audience")
        _check_times(claims, self._clock())
        return claims

    def _payload(self, token: str) -> str:
        """Return the payload of ``token``, whose signature is that of one of the keys."""
        form = _FORM.fullmatch(token) if len(token) <= _MOST_CHARACTERS else None
        if form is None:
            raise TokenRefused("form")
        keys = self._fitting_keys(_json_object(_decoded(form[1])))
        if not any(self._is_signed(token, key) for key in keys):
            raise TokenRefused("signature")
        return _decoded(form[2])

    def _fitting_keys(self, header: Mapping[str, Any]) -> list[TokenKey]:
        """Return the keys that the token's header allows: of its ``kid``, bound to its ``alg``."""
        key_id, algorithm = header.get("kid"), header.get("alg")
        if "crit" in header or ("kid" in header and not isinstance(key_id, str)):
            raise TokenRefused("form")
        if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
            raise TokenRefused("algorithm")
        keys = self._keys.with_id(key_id)
        if not keys:
            raise TokenRefused("key")
        fitting = [key for key in keys if key.algorithm == algorithm]
        if not fitting:
            raise TokenRefused("algorithm")
        return fitting

    def _is_signed(self, token: str, key: TokenKey) -> bool:
        """Return whether ``key`` signed ``token``."""
        try:
            self._signatures.decode_complete(token, key.material, algorithms=[key.algorithm])
        except jwt.InvalidSignatureError:
            return False
        except jwt.PyJWTError:
            raise TokenRefused("form") from None
        return True


# --- reading --------------------------------------------------------------------------------------


def _decoded(segment: str) -> str:
    """Return the text of a part of a token, which is UTF-8 in base64url without padding."""
    try:
        return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise TokenRefused("form") from None


def _json_object(text: str) -> dict[str, Any]:
    try:
        return json_object(text)
    except ValueError:
        raise TokenRefused("form") from None


# --- claims ---------------------------------------------------------------------------------------


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not _NO_TEXT.search(value)


def _is_name(value: object) -> bool:
    return _is_text(value) and value != ""


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


_REQUIRED: Final = frozenset({"iss", "aud", "sub", "exp", "iat"})
#: Whether the value of a claim has the type that it needs, by the claim's name. Others are ignored.
_TYPES: Final[Mapping[str, Callable[[object], bool]]] = {
    "iss": _is_name,
    "aud": lambda value: _is_name(value) or (isinstance(value, list) and all(map(_is_name, value))),
    "sub": _is_name,
    "exp": _is_number,
    "iat": _is_number,
    "nbf": _is_number,
    "name": _is_text,
    "account": lambda value: _is_text(value) or _are_texts(value),
    "teams": _are_texts,
    "channels": _are_texts,
    "capabilities": _are_texts,
}


def _check_types(claims: Mapping[str, Any]) -> None:
    """Raise ``TokenRefused`` where a claim is missing or has another type than it needs."""
    if not claims.keys() >= _REQUIRED:
        raise TokenRefused("claims")
    if not all(has_type(claims[name]) for name, has_type in _TYPES.items() if name in claims):
        raise TokenRefused("claims")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    """Raise ``TokenRefused`` where the token is not valid at ``now``, or is valid for too long."""
    issued_at, expires_at = float(claims["iat"]), float(claims["exp"])
    if not 0 < expires_at - issued_at <= _MOST_SECONDS:
        raise TokenRefused("lifetime")
    if max(issued_at, float(claims.get("nbf", issued_at))) > now + _LEEWAY_SECONDS:
        raise TokenRefused("not_yet")
    if now > expires_at + _LEEWAY_SECONDS:
        raise TokenRefused("expired")


def _scope(claims: Mapping[str, Any]) -> Scope:
    """Return what ``claims``, whose types are checked, let their holder see and do."""
    channels = claims.get("channels")
    return Scope.with_capabilities(
        claims.get("capabilities", ()),
        accounts=_listed(claims.get("account", DEFAULT_ACCOUNT)),
        teams=tuple(claims.get("teams", ())),
        channels=None if channels is None else tuple(channels),
    )


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
