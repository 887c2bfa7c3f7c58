"""Tokens as the settings of this installation want them: verified, and signed for trying out."""

from collections.abc import Callable, Mapping
from pathlib import Path

import jwt

from app.access.key_parsing import secret_bytes
from app.access.token_keys import TokenKeys
from app.access.tokens import TokenVerifier
from app.settings import Settings


def token_verifier(settings: Settings, clock: Callable[[], float]) -> TokenVerifier:
    """Return what verifies tokens by the keys, issuer and audience of ``settings``.

    ``clock`` returns the present time in seconds since 1970. Raises ``ValueError`` with a sentence
    where no token is used or a key is not accepted.
    """
    file = settings.token_public_keys
    keys = TokenKeys.of(
        settings.token_secret, settings.token_secret_before, Path(file) if file else None
    )
    return TokenVerifier(keys, settings.token_issuer, settings.token_audience, clock)


def sign_token(settings: Settings, claims: Mapping[str, object], now: int, seconds: int) -> str:
    """Return a token with ``claims`` that is valid from ``now`` for so many ``seconds``.

    ``now`` is in seconds since 1970. The secret of ``settings`` signs it, for their issuer and
    audience. Raises ``ValueError`` with a sentence where there is no secret, and ``TokenRefused``
    where the page would refuse the token.
    """
    if not settings.token_secret:
        raise ValueError("only a secret can sign here: set CONSUMO_TOKEN_SECRET")
    usual = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "iat": now,
        "exp": now + seconds,
    }
    key = secret_bytes(settings.token_secret, "CONSUMO_TOKEN_SECRET")
    token = jwt.encode({**claims, **usual}, key, algorithm="HS256")
    token_verifier(settings, lambda: now).identity(token)
    return token
