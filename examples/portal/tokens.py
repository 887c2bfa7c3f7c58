"""Signs the tokens that say what a user of the portal may see in the dashboard."""

import time
from dataclasses import dataclass

import jwt

#: How long a token is valid. The page asks for the next one by itself; at most an hour is accepted.
_SECONDS = 10 * 60


@dataclass(frozen=True)
class User:
    """A user of the portal, with the claims of this user's tokens.

    ``teams`` are names of teams as they stand in the data; ``capabilities`` are words out of
    ``reveal_phone``, ``reveal_text``, ``export`` and ``all_teams``.
    """

    id: str
    name: str
    teams: tuple[str, ...]
    capabilities: tuple[str, ...]


#: The names of teams are those of the demonstration data.
USERS = {
    user.id: user
    for user in (
        User("ana", "Ana Lima", ("Vendas",), ("export",)),
        User("bruno", "Bruno Reis", (), ("all_teams", "reveal_phone", "reveal_text", "export")),
    )
}
#: What the attribute ``context`` of an element may name, with the only channels that this copy of
#: the page then shows.
CONTEXTS = {
    "support": ("WhatsApp Suporte",),
    "sales": ("WhatsApp Vendas",),
}


@dataclass(frozen=True)
class Signer:
    """Signs tokens with ``secret``; the three are settings of the dashboard, too (CONSUMO_TOKEN_…).

    ``issuer`` names the portal, ``audience`` the dashboard.
    """

    secret: str
    issuer: str
    audience: str

    def token(self, user: User, context: str | None) -> str:
        """Return a token for ``user``. Raises ``KeyError`` for an unknown ``context``."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": user.id,
            "iat": now,
            "exp": now + _SECONDS,
            "name": user.name,
            "teams": list(user.teams),
            "capabilities": list(user.capabilities),
        }
        if context is not None:
            claims["channels"] = list(CONTEXTS[context])
        return jwt.encode(claims, self.secret, algorithm="HS256")
