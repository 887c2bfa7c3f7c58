"""Finds settings that exclude each other, so that a server never starts with less protection than
its settings seem to promise.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from app.store_addresses import is_server

if TYPE_CHECKING:
    from app.settings import Settings


def contradiction(settings: "Settings") -> str | None:
    """Return a sentence about settings that exclude each other, or None where there are none.

    Each value by itself must be accepted (``app.settings.RULES``). The sentence holds names of
    variables and no secret.
    """
    for is_wrong, sentence in _RULES:
        if is_wrong(settings):
            return sentence
    return None


def _has_claims(settings: "Settings") -> bool:
    return bool(settings.token_issuer and settings.token_audience)


def _has_proxy(settings: "Settings") -> bool:
    return bool(settings.proxy_header or settings.proxy_addresses)


#: Each rule: whether settings break it, and the sentence then.
_RULES: Final[tuple[tuple[Callable[["Settings"], object], str], ...]] = (
    (
        lambda given: given.work_url and not given.is_published,
        "CONSUMO_WORK_URL is for a published CONSUMO_STORE_URL: a duckdb:/// store is its own",
    ),
    (
        lambda given: given.store_password_file and not is_server(given.store_url),
        "CONSUMO_STORE_PASSWORD_FILE is for a CONSUMO_STORE_URL that names a server",
    ),
    (
        lambda given: given.auth == "token" and not given.uses_tokens,
        "CONSUMO_AUTH=token needs a key: set CONSUMO_TOKEN_SECRET or CONSUMO_TOKEN_PUBLIC_KEYS",
    ),
    (
        lambda given: given.token_secret_before and not given.token_secret,
        "CONSUMO_TOKEN_SECRET_BEFORE needs CONSUMO_TOKEN_SECRET, the key that took its place",
    ),
    (
        lambda given: given.uses_tokens and not _has_claims(given),
        "tokens need CONSUMO_TOKEN_ISSUER and CONSUMO_TOKEN_AUDIENCE: the claims iss and aud",
    ),
    (
        lambda given: (
            given.auth == "none"
            and (given.uses_tokens or given.token_issuer or given.token_audience)
        ),
        "CONSUMO_AUTH is none, so nobody would need a token: set CONSUMO_AUTH=token",
    ),
    (
        lambda given: given.auth == "proxy" and not (given.proxy_header and given.proxy_addresses),
        "CONSUMO_AUTH=proxy needs CONSUMO_PROXY_HEADER and CONSUMO_PROXY_ADDRESSES",
    ),
    (
        lambda given: given.auth != "proxy" and _has_proxy(given),
        "CONSUMO_PROXY_HEADER and CONSUMO_PROXY_ADDRESSES need CONSUMO_AUTH=proxy",
    ),
    (
        lambda given: given.capabilities and given.uses_tokens,
        "CONSUMO_CAPABILITIES cannot be set where tokens are used: each token names its own",
    ),
    (
        lambda given: given.auth != "none" and given.allow_unprotected,
        "CONSUMO_ALLOW_UNPROTECTED is for CONSUMO_AUTH=none only: remove it",
    ),
    (
        lambda given: bool(given.webhook_app_secret) != bool(given.webhook_verify_token),
        "webhooks need both CONSUMO_WEBHOOK_APP_SECRET and CONSUMO_WEBHOOK_VERIFY_TOKEN",
    ),
    (
        lambda given: given.webhook_forward_url and not given.webhook_app_secret,
        "CONSUMO_WEBHOOK_FORWARD_URL needs CONSUMO_WEBHOOK_APP_SECRET: nothing else is forwarded",
    ),
)
