"""Which keys are accepted, and how they are renewed while a server runs."""

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given
from hypothesis import strategies as st

from app.access.key_parsing import public_keys
from app.access.token_keys import TokenKeys
from tests.unit.access.signing import (
    SECRET,
    as_json,
    b64,
    der,
    ec_key,
    ed_key,
    jwk,
    jwks,
    pem,
    private_pem,
    rsa_key,
)

FILE = "the file of CONSUMO_TOKEN_PUBLIC_KEYS"


def ids(keys: TokenKeys, *names: str | None) -> dict[str | None, list[str]]:
    """The algorithms of the keys by their id."""
    return {name: [key.algorithm for key in keys.with_id(name)] for name in names}


def of_file(path: Path) -> TokenKeys:
    return TokenKeys.of(None, None, path)


def refusal(path: Path) -> str:
    with pytest.raises(ValueError, match=r"^\S+") as refused:
        of_file(path)
    assert refused.value.__cause__ is None
    return str(refused.value)


# --- secrets --------------------------------------------------------------------------------------


def test_secrets_of_32_bytes_are_keys_of_hs256() -> None:
    keys = TokenKeys.of("é" * 16, "b" * 32, None)
    assert [(key.algorithm, key.material) for key in keys.with_id(None)] == [
        ("HS256", b"\xc3\xa9" * 16),
        ("HS256", b"b" * 32),
    ]
    assert keys.with_id("") == ()


def test_a_secret_of_bytes_that_are_no_text_is_taken_as_it_is() -> None:
    """The environment may hold any bytes."""
    secret = bytes(range(128, 160)).decode("utf-8", "surrogateescape")
    assert TokenKeys.of(secret, "", None).with_id(None)[0].material == bytes(range(128, 160))


@pytest.mark.parametrize(
    ("secret", "before", "sentence"),
    [
        (lambda: "x" * 31, None, "CONSUMO_TOKEN_SECRET takes a key of at least 32 bytes"),
        (lambda: SECRET, "short", "CONSUMO_TOKEN_SECRET_BEFORE takes a key of at least 32 bytes"),
        (lambda: "\ud800" * 40, None, "CONSUMO_TOKEN_SECRET holds signs that no text has"),
        (
            lambda: pem(ed_key()).decode(),
            None,
            "CONSUMO_TOKEN_SECRET takes a secret, not a public key or a certificate",
        ),
        (
            lambda: der(ed_key()).decode("utf-8", "surrogateescape"),
            None,
            "CONSUMO_TOKEN_SECRET takes a secret, not a public key or a certificate",
        ),
        (
            lambda: None,
            "",
            "tokens need a key: set CONSUMO_TOKEN_SECRET or CONSUMO_TOKEN_PUBLIC_KEYS",
        ),
    ],
)
def test_secrets_that_are_refused(
    secret: Callable[[], str | None], before: str | None, sentence: str
) -> None:
    with pytest.raises(ValueError, match=r"^\S+") as refused:
        TokenKeys.of(secret(), before, None)
    assert str(refused.value) == sentence
    assert refused.value.__cause__ is None


def test_a_key_does_not_show_its_secret() -> None:
    assert SECRET not in repr(TokenKeys.of(SECRET, None, None).with_id(None))


# --- files of public keys -------------------------------------------------------------------------


def test_keys_of_a_jwks_have_ids_and_those_of_pem_have_none(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(
        jwks(
            jwk(rsa_key(), kid="1"),
            jwk(ec_key(), kid="1", alg="ES256"),
            jwk(ed_key(), kid="2"),
            jwk(ed_key("other")),
        )
    )
    keys = TokenKeys.of(SECRET, None, path)
    assert ids(keys, None, "1", "2", "3") == {
        None: ["HS256", "EdDSA"],
        "1": ["RS256", "ES256"],
        "2": ["EdDSA"],
        "3": [],
    }
    path.write_bytes(pem(rsa_key()) + pem(ed_key()) + pem(ec_key()))
    assert ids(keys, None, "1") == {None: ["HS256", "RS256", "EdDSA", "ES256"], "1": []}


def test_keys_of_a_jwks_that_are_for_something_else_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    others = [
        jwk(rsa_key(), kid="1", use="enc"),
        jwk(rsa_key(), kid="1", key_ops=["encrypt"]),
        jwk(rsa_key(), kid="1", key_ops=7),
        jwk(rsa_key(), kid="1", alg="RS512"),
        jwk(rsa_key(), kid="1", alg="HS256"),
        jwk(rsa_key(), kid="1", alg=None),
        jwk(ec_key(), kid="1", alg="RS256"),
        jwk(ec_key(), kid="1", crv="P-384"),
        jwk(ed_key(), kid="1", crv="X25519"),
        jwk(ed_key(), kid="1", kty=["OKP"]),
        {"kty": "NEW"},
        {},
    ]
    path.write_bytes(jwks(*others, jwk(ed_key(), kid="1")))
    assert ids(of_file(path), "1", None) == {"1": ["EdDSA"], None: []}
    path.write_bytes(jwks(*others))
    assert refusal(path) == f"{FILE} holds no key for EdDSA, RS256 or ES256"


def certificate_like(key: bytes) -> bytes:
    return key.replace(b"PUBLIC KEY", b"CERTIFICATE")


def weak() -> RSAPrivateKey:
    return rsa_key("weak", 1_024)


PRIVATE = f"{FILE} holds a private key: it takes public keys only"
UNREADABLE = f"{FILE} has a key that cannot be read"
NO_KEY = f"{FILE} holds no key for EdDSA, RS256 or ES256"
KIND = f"{FILE} has a key that is neither RSA nor EC P-256 nor Ed25519"
SHORT = f"{FILE} holds an RSA key of 1024 bits: at least 2048 are needed"
SYMMETRIC = f"{FILE} holds a symmetric key: that belongs into CONSUMO_TOKEN_SECRET"
NO_JWKS = f'{FILE} is no JWKS: a JSON object with "keys", a list of objects'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (lambda: b"", NO_KEY),
        (lambda: b"secret text, no key at all", NO_KEY),
        (lambda: b"\xff\xfe\x00", NO_KEY),
        (lambda: private_pem(ed_key()), PRIVATE),
        (lambda: pem(ed_key()) + private_pem(rsa_key()), PRIVATE),
        (lambda: pem(ed_key()) + pem(rsa_key())[:-20], UNREADABLE),
        (lambda: pem(ed_key()).replace(b"MC", b"XX"), UNREADABLE),
        (lambda: certificate_like(pem(ed_key())), f"{FILE} holds something other than public keys"),
        (lambda: pem(weak()), SHORT),
        (lambda: pem(rsa_key()) + pem(weak()), SHORT),
        (lambda: pem(ec.generate_private_key(ec.SECP384R1())), KIND),
        (lambda: pem(ed448.Ed448PrivateKey.generate()), KIND),
        (lambda: b"{}", NO_JWKS),
        (lambda: b'{"keys": {}}', NO_JWKS),
        (lambda: b'{"keys": ["x"]}', NO_JWKS),
        (lambda: b'{"keys": [], "keys": []}', NO_JWKS),
        (lambda: b'{"keys": [', NO_JWKS),
        (lambda: b'{"keys":' + b"[" * 100_000, NO_JWKS),
        (lambda: b'{"keys": [\xff]}', NO_JWKS),
        (lambda: as_json(jwk(ed_key())), NO_JWKS),
        (jwks, NO_KEY),
        (lambda: jwks({"kty": "oct", "k": b64(SECRET.encode())}), SYMMETRIC),
        (lambda: jwks(jwk(ed_key()), {"kty": "oct"}), SYMMETRIC),
        (lambda: jwks(jwk(ed_key()), {"kty": "RSA", "k": "x"}), SYMMETRIC),
        (lambda: jwks(jwk(ed_key(), d=b64(ed_key().private_bytes_raw()))), PRIVATE),
        (lambda: jwks(jwk(rsa_key()), jwk(rsa_key("other"), p="x", use="enc")), PRIVATE),
        (lambda: jwks(jwk(weak())), SHORT),
        (lambda: jwks(jwk(ed_key(), x="AAAA")), UNREADABLE),
        (lambda: jwks(jwk(ed_key(), x=7)), UNREADABLE),
        (lambda: jwks({"kty": "OKP", "crv": "Ed25519"}), UNREADABLE),
        (lambda: jwks(jwk(rsa_key(), e=b64(b"\1"))), UNREADABLE),
        (lambda: jwks(jwk(rsa_key(), n="")), UNREADABLE),
        (lambda: jwks(jwk(ec_key(), y=jwk(ec_key("other"))["y"])), UNREADABLE),
        (lambda: jwks(jwk(ed_key(), kid=1)), f'{FILE} has a key whose "kid" is no text'),
        (lambda: jwks(jwk(ed_key(), kid=None)), f'{FILE} has a key whose "kid" is no text'),
        (lambda: b" " * (256 * 1024 + 1), f"{FILE} is longer than 262,144 bytes"),
    ],
)
def test_files_that_are_refused(
    tmp_path: Path, content: Callable[[], bytes], sentence: str
) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content())
    assert refusal(path) == sentence


def test_paths_that_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == f"{FILE} cannot be read: No such file or directory"
    assert refusal(tmp_path) == f"{FILE} is no regular file"
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == f"{FILE} is no regular file"


def beginning(content: bytes) -> str:
    """How the sentence begins with which a file is refused, or ``keys`` where it is taken."""
    try:
        return "keys" if public_keys(content) else "none"
    except ValueError as error:
        return str(error)[:4]


@given(st.binary(max_size=300))
def test_any_bytes_hold_keys_or_are_refused(content: bytes) -> None:
    for tried in (
        content,
        b"{" + content,
        b"-----BEGIN PUBLIC KEY-----" + content,
        pem(ed_key()) + content,
    ):
        assert beginning(tried) in ("keys", "hold", "has ", "is n")


MEMBERS = st.dictionaries(
    st.sampled_from(["kty", "crv", "n", "e", "x", "y", "kid", "alg", "use", "key_ops"]),
    st.sampled_from(["RSA", "EC", "OKP", "P-256", "Ed25519", "", "AQAB", "=", "sig", "é"])
    | st.none()
    | st.booleans()
    | st.integers()
    | st.lists(st.text(max_size=3), max_size=2)
    | st.just({}),
)


@given(MEMBERS, st.sampled_from([rsa_key, ec_key, ed_key]))
def test_any_json_web_key_is_one_or_is_refused(
    members: dict[str, object], key: Callable[[], object]
) -> None:
    for tried in (members, {**jwk(key()), **members}):
        assert beginning(jwks(tried)) in ("keys", "hold", "has ")


# --- renewal --------------------------------------------------------------------------------------


def replace(path: Path, content: bytes) -> None:
    """Replace a file in one step, as a careful administrator does."""
    new = path.with_name("new")
    new.write_bytes(content)
    new.replace(path)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(jwks(jwk(ed_key(), kid="1")))
    keys = of_file(path)
    replace(path, jwks(jwk(ed_key(), kid="2")))  # the same size
    assert ids(keys, "1", "2") == {"1": [], "2": ["EdDSA"]}
    path.write_bytes(jwks(jwk(ed_key(), kid="2"), jwk(ec_key(), kid="3")))
    assert ids(keys, "2", "3") == {"2": ["EdDSA"], "3": ["ES256"]}


def test_a_file_that_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    """Keys are asked for with every token."""
    path = tmp_path / "keys"
    path.write_bytes(jwks(jwk(ed_key(), kid="1")))
    keys = of_file(path)
    assert keys.with_id("1")[0] is keys.with_id("1")[0]


def test_a_broken_file_keeps_the_keys_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "keys"
    path.write_bytes(jwks(jwk(ed_key(), kid="1")))
    keys = of_file(path)
    replace(path, private_pem(ed_key("other")))
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert ids(keys, "1") == {"1": ["EdDSA"]}
        assert caplog.messages == [f"the public keys before stay in use: {PRIVATE}"]
        path.unlink()
        assert ids(keys, "1") == ids(keys, "1") == {"1": ["EdDSA"]}
        assert caplog.messages[1:] == [
            f"the public keys before stay in use: {FILE} cannot be read: No such file or directory"
        ]
        path.write_bytes(jwks(jwk(ec_key(), kid="1")))
        assert ids(keys, "1") == {"1": ["ES256"]}
    assert caplog.messages[2:] == ["public keys of tokens were renewed"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "INFO"]
    text = json.dumps(caplog.messages)
    assert all(line not in text for line in private_pem(ed_key("other")).decode().split("\n")[1:-2])
