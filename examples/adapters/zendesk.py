"""Gives the agents of a Zendesk account tokens of Consumo WhatsApp: copy it into your app's server.

It needs PyJWT with cryptography and nothing of Consumo WhatsApp. A server-side app of Zendesk whose
manifest has ``"signedUrls": true`` is opened with a POST, whose form field ``token`` is a token
that Zendesk has signed (ZAF JWT). ``dashboard_token`` verifies it and returns a token of ours:

    @app.post("/consumo")
    def consumo():
        try:
            token = dashboard_token(request.form["token"], ZENDESK, DASHBOARD, groups_of, RIGHTS)
        except Refused:
            return "", 401
        return jsonify(token=token)

Zendesk sends its token once, when the app is opened, and it ends within minutes. So keep a session
of your own for the agent, and call ``signed_token`` in it whenever the page asks for a new token.

What is known of the format is from Zendesk's developer documentation: "Building a server-side app,
Part 5: Securing the app" (signedUrls, the form field, RS256, the public key of the app, the claim
``aud``) and "Using the Apps framework, JWT claims" (``iss``, ``sub``, ``exp``, ``nbf``, ``iat``).
The token says who the agent is, and not which groups the agent is in: ask Zendesk's API or your own
tables for these (``groups_of``), on the server. Tokens that an app makes with ``client.request``
have other claims, which the agent's browser chooses, and another signature (HS256 with a setting of
the app): they prove nothing about the agent, and are refused here.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import jwt

_LEEWAY_SECONDS = 30
_MOST_SECONDS = 3_600
_OUR_SECONDS = 600


class Refused(Exception):
    """Zendesk's token proves nothing: answer 401."""


@dataclass(frozen=True)
class Zendesk:
    """The app as it is installed in one Zendesk account.

    ``public_key`` is the app's public key in PEM, ``subdomain`` is that of the account
    (``acme`` of acme.zendesk.com), ``installation_id`` the id of the installation.
    """

    public_key: str
    subdomain: str
    installation_id: int


@dataclass(frozen=True)
class Dashboard:
    """The settings CONSUMO_TOKEN_SECRET, CONSUMO_TOKEN_ISSUER and CONSUMO_TOKEN_AUDIENCE."""

    secret: str
    issuer: str
    audience: str


@dataclass(frozen=True)
class Rights:
    """What a group of the portal gives: names of teams as they are in the data, and capabilities.

    Capabilities are ``reveal_phone``, ``reveal_text``, ``export`` and ``all_teams``.
    """

    teams: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()


def dashboard_token(
    zendesk_token: str,
    zendesk: Zendesk,
    dashboard: Dashboard,
    groups_of: Callable[[str], Iterable[str]],
    rights: Mapping[str, Rights],
) -> str:
    """Return a token of Consumo WhatsApp for the agent whom ``zendesk_token`` names.

    ``groups_of`` gets the claim ``sub``, which names the agent, and returns the agent's groups.
    ``rights`` says what each group gives; a group that is not in it gives nothing. Raises
    ``Refused``.
    """
    agent = verified_agent(zendesk_token, zendesk)
    return signed_token(agent, rights_of(groups_of(agent), rights), dashboard)


def verified_agent(zendesk_token: str, zendesk: Zendesk) -> str:
    """Return the claim ``sub`` of a token that Zendesk signed for this installation of the app.

    Raises ``Refused`` for any other token, and for one that has expired.
    """
    host = f"{zendesk.subdomain}.zendesk.com"
    try:
        claims = jwt.decode(
            zendesk_token,
            zendesk.public_key,
            algorithms=["RS256"],  # never the one that the token itself names
            audience=f"https://{host}/api/v2/apps/installations/{zendesk.installation_id}.json",
            issuer=[host, f"https://{host}"],
            leeway=_LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "sub", "exp", "iat"], "strict_aud": True},
        )
        is_short = float(claims["exp"]) - float(claims["iat"]) <= _MOST_SECONDS
    except (jwt.InvalidTokenError, TypeError, ValueError, OverflowError):
        raise Refused("the token is not one of Zendesk for this app") from None
    if not is_short or not claims["sub"]:
        raise Refused("the token is valid for over an hour, or names nobody")
    return str(claims["sub"])


def rights_of(groups: Iterable[str], rights: Mapping[str, Rights]) -> Rights:
    """Return what ``groups`` give together. Names match exactly; unknown ones give nothing."""
    known = [rights[group] for group in groups if group in rights]
    return Rights(
        tuple(dict.fromkeys(team for found in known for team in found.teams)),
        tuple(dict.fromkeys(word for found in known for word in found.capabilities)),
    )


def signed_token(subject: str, rights: Rights, dashboard: Dashboard) -> str:
    """Return a token of Consumo WhatsApp, valid for ten minutes, with exactly these rights."""
    now = int(time.time())
    claims = {
        "iss": dashboard.issuer,
        "aud": dashboard.audience,
        "sub": subject,
        "iat": now,
        "exp": now + _OUR_SECONDS,
        "teams": list(rights.teams),
        "capabilities": list(rights.capabilities),
    }
    return jwt.encode(claims, dashboard.secret, algorithm="HS256")
