"""The adapters that developers of portals copy: what they take, and what they refuse."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable

import pytest

from app.access.identity import Identity
from app.access.token_keys import TokenKeys
from app.access.tokens import TokenVerifier
from examples.adapters import salesforce, zendesk
from queries.user_scope import Scope
from tests.unit.access.signing import (
    AUDIENCE,
    ISSUER,
    SECRET,
    b64,
    by_rsa,
    by_secret,
    pem,
    rsa_key,
    token,
)

HOST = "acme.zendesk.com"
AGENT = f"https://{HOST}/api/v2/users/7.json"
NOT_SET = ...


def identity(ours: str) -> Identity:
    """Who holds the token that an adapter gave, as the page finds out."""
    keys = TokenKeys.of(SECRET, None, None)
    return TokenVerifier(keys, ISSUER, AUDIENCE, time.time).identity(ours)


def scope(teams: tuple[str, ...], *, see_texts: bool = False, may_export: bool = False) -> Scope:
    """What somebody with these teams and capabilities sees, and no phones."""
    return Scope(("default",), teams, see_texts=see_texts, may_export=may_export)


# --- Zendesk --------------------------------------------------------------------------------------

RIGHTS = {
    "Suporte N1": zendesk.Rights(("Suporte",), ("reveal_text",)),
    "Vendas": zendesk.Rights(("Vendas", "Suporte"), ("export", "reveal_text")),
    "Direção": zendesk.Rights(capabilities=("all_teams",)),
}


def of_zendesk(**changed: object) -> dict[str, object]:
    """The claims of Zendesk's token; one that is changed to ``NOT_SET`` is left out."""
    now = int(time.time())
    usual = {
        "iss": HOST,
        "aud": f"https://{HOST}/api/v2/apps/installations/42.json",
        "sub": AGENT,
        "iat": now,
        "nbf": now,
        "exp": now + 120,
        "qsh": "0",
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not NOT_SET}


def signed_by_zendesk(**changed: object) -> str:
    return token(of_zendesk(**changed), by_rsa(rsa_key()), alg="RS256")


def zendesk_token(sent: str, groups_of: Callable[[str], Iterable[str]]) -> str:
    app = zendesk.Zendesk(pem(rsa_key()).decode(), "acme", 42)
    dashboard = zendesk.Dashboard(SECRET, ISSUER, AUDIENCE)
    return zendesk.dashboard_token(sent, app, dashboard, groups_of, RIGHTS)


def test_an_agent_of_zendesk_sees_what_the_groups_give() -> None:
    asked = []

    def groups_of(agent: str) -> list[str]:
        asked.append(agent)
        return ["Suporte N1", "Vendas", "Suporte n1", "*", "all_teams"]

    found = identity(zendesk_token(signed_by_zendesk(), groups_of))
    assert asked == [AGENT] == [found.subject]
    assert found.scope == scope(("Suporte", "Vendas"), see_texts=True, may_export=True)
    both = signed_by_zendesk(iss=f"https://{HOST}")
    assert identity(zendesk_token(both, lambda _: ["Direção"])).scope.teams is None


@pytest.mark.parametrize("groups", [[], ["Outro"], ["vendas", "Vendas ", "suporte n1"]])
def test_unknown_groups_of_zendesk_give_nothing(groups: list[str]) -> None:
    assert identity(zendesk_token(signed_by_zendesk(), lambda _: groups)).scope == scope(())


def nobody_asks(_agent: str) -> list[str]:
    pytest.fail("groups were asked for before the token was verified")


def tampered() -> str:
    head, _, signature = signed_by_zendesk().split(".")
    return f"{head}.{b64(json.dumps(of_zendesk(sub='other')).encode())}.{signature}"


NOW = time.time


@pytest.mark.parametrize(
    "sent",
    [
        tampered,
        lambda: "",
        lambda: "a.b.c",
        lambda: "\udcff",
        lambda: token(of_zendesk(), by_rsa(rsa_key("other")), alg="RS256"),
        # With the public key as a secret, and with the secret that ``client.request`` uses.
        lambda: token(of_zendesk(), by_secret(pem(rsa_key()))),
        lambda: token(of_zendesk(), by_secret()),
        lambda: token(of_zendesk(), lambda _message: b"", alg="none"),
        lambda: token(of_zendesk(), by_rsa(rsa_key()), alg="RS512"),
        lambda: signed_by_zendesk(iat=NOW() - 200, exp=NOW() - 60),
        lambda: signed_by_zendesk(exp=NOW() + 4_000),
        lambda: signed_by_zendesk(exp=10**30),
        lambda: signed_by_zendesk(exp=10**400),
        lambda: signed_by_zendesk(exp="tomorrow"),
        lambda: signed_by_zendesk(exp=[1]),
        lambda: signed_by_zendesk(iat=NOW() + 60),
        lambda: signed_by_zendesk(nbf=NOW() + 60),
        lambda: signed_by_zendesk(aud=f"https://{HOST}/api/v2/apps/installations/43.json"),
        lambda: signed_by_zendesk(aud="https://evil.zendesk.com/api/v2/apps/installations/42.json"),
        lambda: signed_by_zendesk(aud=[f"https://{HOST}/api/v2/apps/installations/42.json"]),
        lambda: signed_by_zendesk(iss="evil.zendesk.com"),
        lambda: signed_by_zendesk(iss=f"{HOST}.evil.example"),
        lambda: signed_by_zendesk(sub=""),
        lambda: signed_by_zendesk(sub=7),
        lambda: signed_by_zendesk(sub=NOT_SET),
        lambda: signed_by_zendesk(aud=NOT_SET),
        lambda: signed_by_zendesk(iss=NOT_SET),
        lambda: signed_by_zendesk(exp=NOT_SET),
        lambda: signed_by_zendesk(iat=NOT_SET),
    ],
)
def test_tokens_that_are_not_zendesks_are_refused(sent: Callable[[], str]) -> None:
    with pytest.raises(zendesk.Refused):
        zendesk_token(sent(), nobody_asks)


# --- Salesforce -----------------------------------------------------------------------------------

CONSUMER_SECRET = "1818663124211010887"
ORGANIZATION = "00Dx00000001hxyEAA"
USER = "005x0000001SyyEAAS"
ROLE = "00Ex0000000jzptEAA"
ROLES = {ROLE: salesforce.Rights(("Suporte",), ("export",))}


def of_salesforce(**changed: object) -> dict[str, object]:
    """The signed JSON, with members of "User" changed or left out."""
    user = {"userId": USER, "fullName": "Ana Lima", "roleId": ROLE, "profileId": "00ex0000000jzpt"}
    members = {**user, **changed}
    return {
        "algorithm": "HMACSHA256",
        "issuedAt": None,
        "userId": USER,
        "context": {
            "organization": {"organizationId": ORGANIZATION, "name": "Acme"},
            "user": {name: value for name, value in members.items() if value is not NOT_SET},
        },
        "client": {"instanceUrl": "https://acme.my.salesforce.example", "oauthToken": "00Dx!x"},
    }


def signed_by_salesforce(
    request: object = NOT_SET, secret: str = CONSUMER_SECRET, digest: str = "sha256"
) -> str:
    shown = of_salesforce() if request is NOT_SET else request
    content = base64.b64encode(shown if isinstance(shown, bytes) else json.dumps(shown).encode())
    signature = base64.b64encode(hmac.new(secret.encode(), content, digest).digest())
    return f"{signature.decode()}.{content.decode()}"


class Used:
    """Remembers digests of requests, as a table with a unique key does."""

    def __init__(self) -> None:
        self.digests: set[str] = set()

    def is_new(self, digest: str) -> bool:
        known = len(self.digests)
        self.digests.add(digest)
        return len(self.digests) > known


def salesforce_token(sent: str, used: Used | None = None) -> str:
    return salesforce.dashboard_token(
        sent,
        salesforce.Salesforce(CONSUMER_SECRET, ORGANIZATION),
        salesforce.Dashboard(SECRET, ISSUER, AUDIENCE),
        (used or Used()).is_new,
        salesforce.role_of,
        ROLES,
    )


def test_a_user_of_salesforce_sees_what_the_role_gives() -> None:
    found = identity(salesforce_token(signed_by_salesforce()))
    assert found.subject == USER
    assert found.scope == scope(("Suporte",), may_export=True)


@pytest.mark.parametrize("role", [None, NOT_SET, "", ROLE.lower(), ROLE[:15], 7, [ROLE], {}])
def test_unknown_roles_of_salesforce_give_nothing(role: object) -> None:
    sent = signed_by_salesforce(of_salesforce(roleId=role))
    assert identity(salesforce_token(sent)).scope == scope(())


def test_a_signed_request_of_salesforce_is_taken_once() -> None:
    """It has no end of its own."""
    used = Used()
    sent = signed_by_salesforce()
    assert salesforce_token(sent, used)
    signature, _, content = sent.partition(".")
    # The last sign of the signature has two bits that mean nothing: the same request, written anew.
    other = next(
        f"{signature[:-2]}{last}=.{content}"
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        if last != signature[-2]
        and base64.b64decode(f"{signature[:-2]}{last}=") == base64.b64decode(signature)
    )
    for again in (sent, other):
        with pytest.raises(salesforce.Refused):
            salesforce_token(again, used)


def with_member(name: str, value: object) -> dict[str, object]:
    return {**of_salesforce(), name: value}


def with_context(**changed: object) -> dict[str, object]:
    request = of_salesforce()
    return {**request, "context": {**request["context"], **changed}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "sent",
    [
        lambda: "",
        lambda: ".",
        lambda: "é.é",
        lambda: "\udcff.\udcff",
        lambda: signed_by_salesforce().replace(".", ""),
        lambda: "." + signed_by_salesforce().partition(".")[2],
        lambda: signed_by_salesforce(secret="1818663124211010888"),
        lambda: signed_by_salesforce(secret=""),
        lambda: signed_by_salesforce(digest="sha1"),
        lambda: signed_by_salesforce(digest="sha512"),
        lambda: (
            signed_by_salesforce().partition(".")[0]
            + "."
            + base64.b64encode(json.dumps(of_salesforce(roleId="other")).encode()).decode()
        ),
        lambda: signed_by_salesforce(with_member("algorithm", "none")),
        lambda: signed_by_salesforce(with_member("algorithm", "HMACSHA1")),
        lambda: signed_by_salesforce(with_member("algorithm", None)),
        lambda: signed_by_salesforce(with_member("userId", "005x0000001SyyFAAS")),
        lambda: signed_by_salesforce(with_member("context", None)),
        lambda: signed_by_salesforce(with_context(organization={"organizationId": "00Dx"})),
        lambda: signed_by_salesforce(with_context(organization={"organizationId": None})),
        lambda: signed_by_salesforce(with_context(organization=None)),
        lambda: signed_by_salesforce(with_context(user=[])),
        lambda: signed_by_salesforce(of_salesforce(userId=NOT_SET)),
        lambda: signed_by_salesforce(of_salesforce(userId=None)),
        lambda: signed_by_salesforce({**of_salesforce(userId=""), "userId": ""}),
        lambda: signed_by_salesforce({**of_salesforce(userId=7), "userId": 7}),
        lambda: signed_by_salesforce([]),
        lambda: signed_by_salesforce(b"{"),
        lambda: signed_by_salesforce(b"\xff"),
    ],
)
def test_requests_that_are_not_salesforces_are_refused(sent: Callable[[], str]) -> None:
    used = Used()
    with pytest.raises(salesforce.Refused):
        salesforce_token(sent(), used)
    assert not used.digests


def test_an_empty_consumer_secret_is_an_error_and_no_key() -> None:
    with pytest.raises(ValueError, match="anybody could sign"):
        salesforce.verified_user(
            signed_by_salesforce(secret=""), salesforce.Salesforce("", ORGANIZATION)
        )


def test_the_signature_is_that_of_salesforces_own_description() -> None:
    """Two parts in Base64 with a point between them; the first signs the second as it is sent."""
    content = base64.b64encode(json.dumps(of_salesforce()).encode())
    mac = hmac.new(CONSUMER_SECRET.encode(), digestmod=hashlib.sha256)
    mac.update(content)
    assert signed_by_salesforce() == f"{base64.b64encode(mac.digest()).decode()}.{content.decode()}"
