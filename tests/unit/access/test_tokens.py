"""Which tokens are accepted, and what each of them lets its holder see."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.identity import Identity
from app.access.token_keys import TokenKeys
from app.access.tokens import TokenRefused, TokenVerifier
from queries.user_scope import Scope
from tests.unit.access.signing import (
    AUDIENCE,
    ISSUER,
    NOW,
    SECRET,
    as_json,
    b64,
    by_ec,
    by_rsa,
    by_secret,
    claims,
    der,
    ec_key,
    ed_key,
    jwk,
    jwks,
    pem,
    rsa_key,
    token,
)


def verifier(
    *, secret: str | None = SECRET, before: str | None = None, file: Path | None = None
) -> TokenVerifier:
    return TokenVerifier(TokenKeys.of(secret, before, file), ISSUER, AUDIENCE, lambda: NOW)


def reason(sent: str, by: TokenVerifier | None = None) -> str:
    """Why a token is refused."""
    with pytest.raises(TokenRefused) as refused:
        (by or verifier()).identity(sent)
    assert str(refused.value) == refused.value.reason
    assert refused.value.__cause__ is None
    return refused.value.reason


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A JWKS with a key of each kind, each with an id."""
    path = tmp_path / "keys.json"
    path.write_bytes(
        jwks(
            jwk(rsa_key(), kid="rsa", use="sig", alg="RS256"),
            jwk(ec_key(), kid="ec", key_ops=["verify"]),
            jwk(ed_key(), kid="ed"),
        )
    )
    return path


# --- good tokens ----------------------------------------------------------------------------------


def test_a_token_says_who_its_holder_is_and_what_this_person_sees() -> None:
    sent = token(claims(name="Ana Lima", channels=["WhatsApp"], capabilities=["export"]))
    assert verifier().identity(sent) == Identity(
        subject="u-1",
        scope=Scope(("default",), ("Suporte",), ("WhatsApp",), False, False, True),
        name="Ana Lima",
        expires_at=NOW + 590 + 30,
    )


def test_tokens_of_all_algorithms(key_file: Path) -> None:
    by = verifier(file=key_file)
    for sent in (
        token(),
        token(sign=by_rsa(rsa_key()), alg="RS256", kid="rsa"),
        token(sign=by_ec(ec_key()), alg="ES256", kid="ec"),
        token(sign=ed_key().sign, alg="EdDSA", kid="ed"),
    ):
        assert by.identity(sent).subject == "u-1"


def test_keys_in_pem_are_for_tokens_without_an_id(tmp_path: Path) -> None:
    path = tmp_path / "keys.pem"
    keys = (rsa_key("other"), ec_key(), ed_key(), rsa_key())
    path.write_bytes(b"# the portal's keys\n" + b"\n".join(map(pem, keys)))
    by = verifier(secret=None, file=path)
    assert by.identity(token(sign=by_rsa(rsa_key()), alg="RS256")).subject == "u-1"
    assert by.identity(token(sign=by_ec(ec_key()), alg="ES256")).subject == "u-1"
    assert by.identity(token(sign=ed_key().sign, alg="EdDSA")).subject == "u-1"
    assert reason(token(sign=by_rsa(rsa_key()), alg="RS256", kid="rsa"), by) == "key"


def test_the_secret_before_is_accepted_as_long_as_it_is_set() -> None:
    sent = token(sign=by_secret("the secret before it, also 32 b.!"))
    assert reason(sent) == "signature"
    both = verifier(before="the secret before it, also 32 b.!")
    assert both.identity(sent).subject == "u-1"
    assert both.identity(token()).subject == "u-1"


ALL = ["reveal_phone", "reveal_text", "export", "all_teams"]


@pytest.mark.parametrize(
    ("given", "scope"),
    [
        ({"teams": ...}, Scope(("default",), (), None, False, False, False)),
        ({"teams": []}, Scope(("default",), (), None, False, False, False)),
        ({"teams": ["*"]}, Scope(("default",), ("*",), None, False, False, False)),
        (
            {"teams": ["x' or 1=1 --", '"; drop table cases', ""]},
            Scope(
                ("default",),
                ("x' or 1=1 --", '"; drop table cases', ""),
                None,
                False,
                False,
                False,
            ),
        ),
        ({"teams": ["A"], "capabilities": ALL}, Scope(("default",), None, None, True, True, True)),
        (
            {"teams": ..., "capabilities": ["all_teams", "root", "ALL"]},
            Scope(("default",), None, None, False, False, False),
        ),
        ({"capabilities": []}, Scope(("default",), ("Suporte",), None, False, False, False)),
        (
            {"capabilities": ["Export", "export "]},
            Scope(("default",), ("Suporte",), None, False, False, False),
        ),
        ({"account": "a"}, Scope(("a",), ("Suporte",), None, False, False, False)),
        ({"account": ["a", "b"]}, Scope(("a", "b"), ("Suporte",), None, False, False, False)),
        ({"account": []}, Scope((), ("Suporte",), None, False, False, False)),
        ({"channels": []}, Scope(("default",), ("Suporte",), (), False, False, False)),
        (
            {"aud": ["other", AUDIENCE]},
            Scope(("default",), ("Suporte",), None, False, False, False),
        ),
        (
            {"scope": "*", "admin": None},
            Scope(("default",), ("Suporte",), None, False, False, False),
        ),
    ],
)
def test_what_claims_let_their_holder_see(given: dict[str, object], scope: Scope) -> None:
    assert verifier().identity(token(claims(**given))).scope == scope


@pytest.mark.parametrize(
    "given",
    [
        {"iat": NOW + 30, "exp": NOW + 31},
        {"iat": NOW - 3_630, "exp": NOW - 30},
        {"iat": NOW, "exp": NOW + 3_600},
        {"iat": NOW - 0.5, "exp": NOW + 0.25},
        {"nbf": NOW + 30},
        {"nbf": 0},
    ],
)
def test_times_at_the_edge_are_accepted(given: dict[str, object]) -> None:
    assert verifier().identity(token(claims(**given))).subject == "u-1"


# --- tokens that are refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"iat": NOW + 31, "exp": NOW + 60}, "not_yet"),
        ({"iat": NOW - 3_631, "exp": NOW - 31}, "expired"),
        ({"iat": NOW, "exp": NOW + 3_601}, "lifetime"),
        ({"iat": NOW, "exp": NOW}, "lifetime"),
        ({"iat": NOW, "exp": NOW - 1}, "lifetime"),
        ({"exp": NOW + 10 * 365 * 86_400}, "lifetime"),
        ({"exp": 10**30}, "lifetime"),
        ({"iat": -1e308, "exp": 1e308}, "lifetime"),
        ({"exp": 10**400}, "claims"),
        ({"nbf": NOW + 31}, "not_yet"),
        ({"iss": "https://other.example"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"aud": "consumo"}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": ["other", AUDIENCE + "2"]}, "audience"),
    ],
)
def test_times_issuers_and_audiences_that_are_refused(given: dict[str, object], why: str) -> None:
    assert reason(token(claims(**given))) == why


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "exp", "iat"])
def test_a_claim_that_is_missing(claim: str) -> None:
    assert reason(token(claims(**{claim: ...}))) == "claims"


NO_TEXT = (None, 1, True, [], {}, "\0", "a\0b", "\ud800")
NO_NUMBER = (None, True, "1800000000", [], {}, str(NOW))
NO_TEXTS = (
    None,
    "*",
    "Suporte",
    True,
    0,
    {},
    {"0": "A"},
    [None],
    [1],
    [["A"]],
    ["A", "a\0"],
    ["\udfff"],
)
WRONG: list[tuple[str, object]] = [
    *(("sub", value) for value in (*NO_TEXT, "", ["u-1"])),
    *(("iss", value) for value in (*NO_TEXT, "", [ISSUER])),
    *(("aud", value) for value in (None, 1, True, {}, "", [1], [AUDIENCE, None], [AUDIENCE, ""])),
    *((name, value) for name in ("exp", "iat", "nbf") for value in NO_NUMBER),
    *(("name", value) for value in NO_TEXT),
    *(("account", value) for value in NO_TEXTS if not isinstance(value, str)),
    ("account", "\0"),
    *((name, value) for name in ("teams", "channels", "capabilities") for value in NO_TEXTS),
]


@pytest.mark.parametrize(("claim", "value"), WRONG)
def test_a_claim_of_another_type(claim: str, value: object) -> None:
    assert reason(token(claims(**{claim: value}))) == "claims"
    # The right to all teams makes no claim superfluous.
    assert reason(token(claims(**{"capabilities": ALL, claim: value}))) == "claims"


def with_text(old: str, new: str) -> bytes:
    """The payload of a good token, with a part of its text changed."""
    text = json.dumps(claims())
    assert old in text
    return text.replace(old, new).encode()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b'"text"',
        b"null",
        b"{",
        with_text('"sub"', '"teams": ["Vendas"], "sub"'),
        with_text('"sub"', '"x": {"a": 1, "a": 2}, "sub"'),
        with_text(str(int(NOW) + 590), "Infinity"),
        with_text(str(int(NOW) + 590), "-Infinity"),
        with_text(str(int(NOW) + 590), "NaN"),
        with_text('"Suporte"', '"' + "é" * 3 + '"').decode().encode("latin-1"),
        json.dumps(claims()).encode("utf-16"),
        b"\xef\xbb\xbf" + as_json(claims()),
        b"[" * 3_000,
        b'{"a":' * 1_000,
    ],
)
def test_payloads_that_are_no_object_of_strict_json(payload: bytes) -> None:
    assert reason(token(payload)) == "form"


def test_a_number_that_is_too_great_for_a_float_is_refused() -> None:
    assert reason(token(with_text(str(int(NOW) + 590), "1e999"))) == "claims"


def signed_by(secret: bytes, **header: object) -> str:
    return token(sign=by_secret(secret), **header)


def test_forms_that_are_refused() -> None:
    good = token()
    head, body, signature = good.split(".")
    table = {
        "": "missing",
        " ": "form",
        "undefined": "form",
        "a.b.c": "form",
        "a" * 1_000_000: "form",
        f" {good}": "form",
        f"{good}\n": "form",
        f"{good}=": "form",
        f"{good}.": "form",
        f"{good}.{signature}": "form",
        f"{head}.{body}": "form",
        f"{head}..{signature}": "form",
        f".{body}.{signature}": "form",
        f"{head}.{body}.": "signature",
        f"{head}.{body}.{signature[:-3]}": "signature",
        f"{head}.{body}é.{signature}": "form",
        f"{head}.{body}+/.{signature}": "form",
        f"{head}.{body[:-4]}.{signature}": "signature",
        f"{head}.{b64(as_json(claims(sub='u-2')))}.{signature}": "signature",
    }
    assert {sent: reason(sent) for sent in table} == table


def test_headers_that_are_refused() -> None:
    table = [
        ({"alg": "none"}, "algorithm"),
        ({"alg": "None"}, "algorithm"),
        ({"alg": "hs256"}, "algorithm"),
        ({"alg": "HS512"}, "algorithm"),
        ({"alg": "PS256"}, "algorithm"),
        ({"alg": "RS256"}, "algorithm"),  # no such key is set
        ({"alg": None}, "algorithm"),
        ({"alg": ["HS256"]}, "algorithm"),
        ({"alg": {}}, "algorithm"),
        ({"kid": "1"}, "key"),
        ({"kid": ""}, "key"),
        ({"kid": None}, "form"),
        ({"kid": ["1"]}, "form"),
        ({"crit": []}, "form"),
        ({"crit": ["b64"], "b64": True}, "form"),
        ({"crit": ["exp"]}, "form"),
        ({"crit": None}, "form"),
        ({"b64": False}, "form"),
        ({"raw": b"{}"}, "algorithm"),
        ({"raw": b"[]"}, "form"),
        ({"raw": b"HS256"}, "form"),
        ({"raw": b"{" * 4_000}, "form"),
        ({"raw": b'{"alg": "HS256", "alg": "HS256"}'}, "form"),
        ({"raw": b'{"alg": "HS256", "kid": "1", "kid": "1"}'}, "form"),
    ]
    for header, why in table:
        assert reason(token(**header)) == why, header


def test_a_token_without_a_signature_is_refused() -> None:
    unsigned = token(sign=lambda _message: b"", alg="none")
    assert unsigned.endswith(".")
    assert reason(unsigned) == "algorithm"
    assert reason(token(sign=lambda _message: b"")) == "signature"


def test_a_public_key_is_never_taken_for_a_secret(tmp_path: Path) -> None:
    """Whoever knows the public key could else sign with its text."""
    for key, name in ((rsa_key(), "RS256"), (ec_key(), "ES256"), (ed_key(), "EdDSA")):
        path = tmp_path / f"{name}.pem"
        path.write_bytes(pem(key))
        for text in (pem(key), pem(key).strip(), der(key)):
            assert reason(signed_by(text), verifier(secret=None, file=path)) == "algorithm"
            assert reason(signed_by(text), verifier(file=path)) == "signature"
            assert reason(signed_by(text, alg=name), verifier(file=path)) == "signature"


def test_keys_and_ids_of_others_are_refused(key_file: Path) -> None:
    by = verifier(file=key_file)
    mine = by_rsa(rsa_key())
    table = {
        token(sign=by_secret("another secret of 32 or more bytes")): "signature",
        token(sign=by_rsa(rsa_key("other")), alg="RS256", kid="rsa"): "signature",
        token(sign=by_ec(ec_key("other")), alg="ES256", kid="ec"): "signature",
        token(sign=ed_key("other").sign, alg="EdDSA", kid="ed"): "signature",
        token(sign=mine, alg="RS256", kid="unknown"): "key",
        token(sign=mine, alg="RS256"): "algorithm",  # keys without an id are secrets here
        token(sign=mine, alg="RS256", kid="ec"): "algorithm",
        token(sign=mine, alg="ES256", kid="ec"): "signature",
        token(sign=mine, alg="HS256", kid="rsa"): "algorithm",
        token(kid="rsa"): "algorithm",
    }
    assert {sent: reason(sent, by) for sent in table} == table


def test_a_key_in_the_header_is_not_used() -> None:
    own = ed_key("other")
    for header in (
        {"jwk": jwk(own)},
        {"jku": "https://other.example/keys"},
        {"x5c": [b64(der(own))]},
    ):
        assert reason(token(sign=own.sign, alg="EdDSA", **header)) == "algorithm"


def test_a_token_of_8_kb_is_read_and_a_longer_one_is_not() -> None:
    limit = 8 * 1_024
    short = token(claims(name=""))
    sizes = {
        len(sent): sent
        for extra in range(2_000)
        if limit - 4 <= len(sent := token(claims(name="n" * (5_000 + extra)))) <= limit + 4
    }
    assert len(short) < 400
    longest = max(size for size in sizes if size <= limit)
    assert limit - longest < 4
    assert verifier().identity(sizes[longest]).subject == "u-1"
    assert reason(sizes[min(size for size in sizes if size > limit)]) == "form"


# --- whatever is sent -----------------------------------------------------------------------------

CLAIM_NAMES = (
    "iss",
    "aud",
    "sub",
    "exp",
    "iat",
    "nbf",
    "name",
    "account",
    "teams",
    "channels",
    "capabilities",
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
TEXTS = st.lists(st.sampled_from(["A", "B", "*", "", *ALL, "é"]), max_size=4)
CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        "teams": TEXTS,
        "channels": TEXTS,
        "capabilities": TEXTS,
        "account": TEXTS | st.sampled_from(["A", "*", ""]),
        "aud": st.just([AUDIENCE, "other"]),
        "exp": st.floats(NOW - 60, NOW + 4_000),
        "iat": st.floats(NOW - 60, NOW + 60),
    },
)
CHANGED_CLAIMS = st.dictionaries(st.sampled_from(CLAIM_NAMES), JSON, max_size=1)


def check(sent: str, payload: object) -> None:
    """A token is refused, or shows no more than its payload says."""
    try:
        found = verifier().identity(sent)
    except TokenRefused:
        return
    assert isinstance(payload, dict)
    assert payload["iss"] == ISSUER
    assert AUDIENCE in payload["aud"]
    assert found.subject == payload["sub"] != ""
    assert found.name == payload.get("name")
    assert found.expires_at == payload["exp"] + 30 >= NOW
    assert 0 < payload["exp"] - payload["iat"] <= 3_600
    capabilities = payload.get("capabilities", [])
    scope = found.scope
    assert not scope.see_phones or "reveal_phone" in capabilities
    assert not scope.see_texts or "reveal_text" in capabilities
    assert not scope.may_export or "export" in capabilities
    assert scope.accounts is not None
    account = payload.get("account", "default")
    assert set(scope.accounts) <= {*([account] if isinstance(account, str) else account)}
    if scope.teams is None:
        assert "all_teams" in capabilities
    else:
        assert set(scope.teams) <= {*payload.get("teams", [])}
    if scope.channels is None:
        assert "channels" not in payload
    else:
        assert set(scope.channels) <= {*payload["channels"]}


@given(CLAIMS, CHANGED_CLAIMS)
def test_no_token_shows_more_than_its_claims_say(
    given: dict[str, object], changed: dict[str, object]
) -> None:
    payload = claims(**{**given, **changed})
    check(token(payload), payload)


@given(JSON)
def test_any_json_as_payload_is_a_token_or_refused(payload: object) -> None:
    check(token(payload), payload)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_as_payload_header_or_token_are_refused(content: bytes | str) -> None:
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    text = raw.decode("latin-1") if isinstance(content, bytes) else content
    for sent in (token(raw), token(raw=raw), text, f"{text}.{text}.{text}"):
        check(sent, None)


@given(st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "typ", "jwk"]), JSON))
def test_any_header_is_one_of_a_token_or_refused(header: dict[str, object]) -> None:
    check(token(raw=as_json(header)), claims())
    check(token(**header), claims())
