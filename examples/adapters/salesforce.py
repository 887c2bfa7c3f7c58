"""Gives users of Salesforce tokens of Consumo WhatsApp: copy it into the server of your canvas app.

It needs PyJWT and nothing of Consumo WhatsApp. A canvas app with the access method "Signed Request"
is opened with a POST, whose form field ``signed_request`` Salesforce has signed.
``dashboard_token`` verifies it and returns a token of ours:

    @app.post("/consumo")
    def consumo():
        try:
            token = dashboard_token(
                request.form["signed_request"], SALESFORCE, DASHBOARD, is_new, role_of, RIGHTS
            )
        except Refused:
            return "", 401
        return jsonify(token=token)

Salesforce sends the request when the app is opened. So keep a session of your own for the user, and
call ``signed_token`` in it whenever the page asks for a new token.

What is known of the format is from Salesforce's "Canvas Developer Guide": "Verifying and Decoding a
Signed Request" (two parts in Base64 with a point between them; the first is the HMAC-SHA256 of the
second, made with the consumer secret), "CanvasRequest" (``algorithm``, ``userId``, ``issuedAt``),
"User" (``userId``, ``fullName``, ``profileId``, ``roleId``) and "Organization"
(``organizationId``). ``issuedAt`` is "for internal use only" and often no time at all, so nothing
in a signed request says when it ends: whoever gets hold of one could use it for ever. Therefore
each is taken once (``is_new``). One consumer secret may serve several organizations, so the request
must also name yours.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

_ALGORITHM = "HMACSHA256"
_OUR_SECONDS = 600


class Refused(Exception):
    """The signed request proves nothing: answer 401."""


@dataclass(frozen=True)
class Salesforce:
    """Your canvas app: its consumer secret, and the id of your organization (18 characters)."""

    consumer_secret: str
    organization_id: str


@dataclass(frozen=True)
class Dashboard:
    """The settings CONSUMO_TOKEN_SECRET, CONSUMO_TOKEN_ISSUER and CONSUMO_TOKEN_AUDIENCE."""

    secret: str
    issuer: str
    audience: str


@dataclass(frozen=True)
class Rights:
    """What a role of the portal gives: names of teams as they are in the data, and capabilities.

    Capabilities are ``reveal_phone``, ``reveal_text``, ``export`` and ``all_teams``.
    """

    teams: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()


def dashboard_token(
    signed_request: str,
    salesforce: Salesforce,
    dashboard: Dashboard,
    is_new: Callable[[str], bool],
    roles_of: Callable[[Mapping[str, Any]], Iterable[str]],
    rights: Mapping[str, Rights],
) -> str:
    """Return a token of Consumo WhatsApp for the user whom ``signed_request`` names.

    ``is_new`` gets a digest of what was signed and returns whether it never got it before, as an
    insert into a table with a unique key tells. ``roles_of`` gets what Salesforce says of the user,
    such as ``roleId``, and returns the user's roles (``role_of``, or a look-up of your own).
    ``rights`` says what each role gives; a role that is not in it gives nothing. Raises
    ``Refused``.
    """
    user = verified_user(signed_request, salesforce)
    # Of what was signed only: the signature itself can be written in several ways.
    content = signed_request.partition(".")[2]
    if not is_new(hashlib.sha256(content.encode()).hexdigest()):
        raise Refused("the request was used before")
    return signed_token(user["userId"], rights_of(roles_of(user), rights), dashboard)


def verified_user(signed_request: str, salesforce: Salesforce) -> Mapping[str, Any]:
    """Return the object "User" of a request that Salesforce signed in your organization.

    Raises ``Refused`` for any other request. Whether it was used before is not checked.
    """
    request = _verified_request(signed_request, salesforce.consumer_secret)
    try:
        context = request["context"]
        organization_id = context["organization"]["organizationId"]
        user: Mapping[str, Any] = context["user"]
        user_id = user["userId"]
    except (KeyError, TypeError):
        raise Refused("the request names no user or no organization") from None
    if organization_id != salesforce.organization_id:
        raise Refused("the request is one of another organization")
    if not isinstance(user_id, str) or not user_id or user_id != request.get("userId"):
        raise Refused("the request names no user, or two")
    return user


def _verified_request(signed_request: str, consumer_secret: str) -> dict[str, Any]:
    """Return the JSON in a signed request. Nothing of it is read before the signature is right."""
    if not consumer_secret:
        raise ValueError("the consumer secret is empty: anybody could sign with it")
    signature, _, content = signed_request.partition(".")
    try:
        expected = hmac.new(consumer_secret.encode(), content.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(base64.b64decode(signature, validate=True), expected):
            raise Refused("the signature is not that of the consumer secret")
        request = json.loads(base64.b64decode(content, validate=True))
    except ValueError:
        raise Refused("the request is no signed JSON") from None
    if not isinstance(request, dict) or request.get("algorithm") != _ALGORITHM:
        raise Refused("the request names another algorithm")
    return request


def role_of(user: Mapping[str, Any]) -> list[str]:
    """Return the id of the user's role (18 characters) as the only role; [] without one."""
    role = user.get("roleId")
    return [role] if isinstance(role, str) else []


def rights_of(roles: Iterable[str], rights: Mapping[str, Rights]) -> Rights:
    """Return what ``roles`` give together. Names match exactly; unknown ones give nothing."""
    known = [rights[role] for role in roles if role in rights]
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
