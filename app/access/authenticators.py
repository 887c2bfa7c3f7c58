"""Finds out who sent a request, in each of the modes of ``CONSUMO_AUTH``."""

import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from flask import Request

from app.access import cookie_sessions
from app.access.identity import Identity
from app.access.tokens import TokenRefused, TokenVerifier
from queries.errors import SessionEnded
from queries.user_scope import Scope

_BEARER: Final = "bearer"
_LONGEST_NAME: Final = 200

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class NotSignedIn(SessionEnded):
    """Nobody is known to have sent the request; it is answered with 401.

    ``reason`` is a word for the log and for developers of portals, that of ``TokenRefused`` or
    ``proxy``; it holds nothing of the token.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Authenticator(Protocol):
    """Finds out who sent a request."""

    def identity(self, request: Request) -> Identity:
        """Return who sent ``request``. Raises ``NotSignedIn``."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """Lets everybody in, with the same ``scope``."""

    scope: Scope

    def identity(self, _request: Request) -> Identity:
        """Return an identity without a name."""
        return Identity("", self.scope)


@dataclass(frozen=True, slots=True)
class TokenHolders:
    """Lets in who sends a token of the portal: in the header Authorization, or in a cookie."""

    verifier: TokenVerifier

    def identity(self, request: Request) -> Identity:
        """Return whom the token names. Raises ``NotSignedIn`` without a valid token.

        Where the header is there, the cookie is not looked at.
        """
        token = bearer_token(request)
        if token is None:
            token = cookie_sessions.token_of(request)
        return verified(self.verifier, token)


@dataclass(frozen=True, slots=True)
class ProxyUsers:
    """Lets in whom a reverse proxy names in the header ``header``.

    The header is believed only from the addresses ``networks``. With a ``verifier`` it must hold a
    token, with or without "Bearer" before it; without one it holds the name of the reader, who may
    see ``scope``.
    """

    header: str
    networks: tuple[Network, ...]
    scope: Scope
    verifier: TokenVerifier | None = None

    def identity(self, request: Request) -> Identity:
        """Return whom the proxy names. Raises ``NotSignedIn`` if it is not the proxy, or no name.

        A header that is there twice names nobody: a proxy that adds its own behind one of the
        client would otherwise be fooled.
        """
        if not _is_within(request.remote_addr, self.networks):
            raise NotSignedIn("proxy")
        values = request.headers.getlist(self.header)
        if len(values) != 1 or not (value := values[0].strip()):
            raise NotSignedIn("proxy")
        if self.verifier:
            kind, _, rest = value.partition(" ")
            return verified(self.verifier, rest.strip() if kind.lower() == _BEARER else value)
        if len(value) > _LONGEST_NAME or "," in value or not value.isprintable():
            raise NotSignedIn("proxy")
        return Identity(value, self.scope, name=value)


def bearer_token(request: Request) -> str | None:
    """Return the bearer token of the header Authorization; None without such a header.

    It is "" where the header holds something else, or is there twice.
    """
    values = request.headers.getlist("Authorization")
    if not values:
        return None
    kind, _, token = values[0].partition(" ")
    return token.strip() if len(values) == 1 and kind.lower() == _BEARER else ""


def verified(verifier: TokenVerifier, token: str | None) -> Identity:
    """Return whom ``token`` names. Raises ``NotSignedIn`` for None and for a refused token."""
    if not token:
        raise NotSignedIn("missing")
    try:
        return verifier.identity(token)
    except TokenRefused as refused:
        raise NotSignedIn(refused.reason) from None


def _is_within(address: str | None, networks: Iterable[Network]) -> bool:
    with suppress(ValueError):
        parsed = ipaddress.ip_address(address or "")
        # A socket of IPv6 that also takes IPv4 shows 127.0.0.1 as ::ffff:127.0.0.1.
        plain = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(plain in network for network in networks)
    return False
