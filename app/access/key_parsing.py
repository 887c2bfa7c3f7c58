"""Makes the keys of tokens from secrets and from files of public keys, and refuses weak ones.

A key is bound to one algorithm by its kind. What a token says of its algorithm never decides how it
is checked: else a public key, which everybody knows, could be taken for a secret.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from app.access.strict_json import json_object

Algorithm = Literal["HS256", "EdDSA", "RS256", "ES256"]
PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

_LEAST_SECRET_BYTES: Final = 32
_LEAST_RSA_BITS: Final = 2_048
#: A block of PEM: what it holds, and all of it.
_PEM_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_PEM_BEGIN: Final = b"-----BEGIN "
#: What public keys are called in PEM: of any kind, and of RSA in its older form.
_PEM_KINDS: Final = (b"PUBLIC KEY", b"RSA PUBLIC KEY")
#: The members of a JSON web key that only a private key has (RFC 7518, 6.2.2 and 6.3.2).
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})
#: What makes a key of a JSON web key, by its kind and, where the kind has some, its curve.
_JWK_READERS: Final[Mapping[str, Callable[[dict[str, Any]], Any]]] = {
    "RSA": RSAAlgorithm.from_jwk,
    "EC P-256": ECAlgorithm.from_jwk,
    "OKP Ed25519": OKPAlgorithm.from_jwk,
}


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key that checks signatures of tokens by ``algorithm``, and by no other.

    ``material`` is the secret of HS256, else a public key. ``key_id`` is what a token signed with
    it has as ``kid``; None where such a token has none.
    """

    algorithm: Algorithm
    material: bytes | PublicKey = field(repr=False)
    key_id: str | None = None


def secret_bytes(secret: str, name: str) -> bytes:
    """Return the key of HS256 that the text ``secret`` is.

    Raises ``ValueError`` with a sentence about ``name``, without the secret, where it has under 32
    bytes or is the text of a public key, which is no secret.
    """
    try:
        # Python gives bytes of the environment that are no UTF-8 as lone surrogates.
        found = secret.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ValueError(f"{name} holds signs that no text has") from None
    if len(found) < _LEAST_SECRET_BYTES:
        raise ValueError(f"{name} takes a key of at least {_LEAST_SECRET_BYTES} bytes")
    try:
        jwt.get_algorithm_by_name("HS256").prepare_key(found)
    except jwt.InvalidKeyError:
        raise ValueError(f"{name} takes a secret, not a public key or a certificate") from None
    return found


def public_keys(content: bytes) -> tuple[TokenKey, ...]:
    """Return the keys in ``content``: public keys in PEM, one after the other, or one JWKS.

    Keys of a JWKS have their ``kid`` as ``key_id``; those that are for something else (another
    algorithm, encryption) are left out. Raises ``ValueError`` with the rest of a sentence that
    begins with the name of the file and holds nothing of it: where it has a private or symmetric
    key, one that is too short or cannot be read, or none that can be used.
    """
    is_jwks = content.lstrip().startswith(b"{")
    found = tuple(_of_jwks(content) if is_jwks else _of_pem(content))
    if not found:
        raise ValueError("holds no key for EdDSA, RS256 or ES256")
    return found


# --- PEM ------------------------------------------------------------------------------------------


def _of_pem(content: bytes) -> Iterator[TokenKey]:
    blocks = list(_PEM_BLOCK.finditer(content))
    if any(b"PRIVATE" in block[1] for block in blocks):
        raise _private_key()
    if len(blocks) != content.count(_PEM_BEGIN):
        raise _unreadable()
    for block in blocks:
        if block[1] not in _PEM_KINDS:
            raise ValueError("holds something other than public keys")
        try:
            key = load_pem_public_key(block[0])
        except (ValueError, UnsupportedAlgorithm):
            raise _unreadable() from None
        if not isinstance(key, PublicKey):
            raise _unusable_kind()
        yield _token_key(key)


# --- JWKS -----------------------------------------------------------------------------------------


def _of_jwks(content: bytes) -> Iterator[TokenKey]:
    try:
        keys = json_object(content.decode()).get("keys")
    except ValueError:
        keys = None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ValueError('is no JWKS: a JSON object with "keys", a list of objects')
    # All are looked at before one is used: a secret in the file is refused wherever it stands.
    if any(key.get("kty") == "oct" or "k" in key for key in keys):
        raise ValueError("holds a symmetric key: that belongs into CONSUMO_TOKEN_SECRET")
    if any(_PRIVATE_MEMBERS & key.keys() for key in keys):
        raise _private_key()
    yield from _of_json_web_keys(keys)


def _of_json_web_keys(keys: Iterable[dict[str, Any]]) -> Iterator[TokenKey]:
    for members in keys:
        kind = " ".join(str(members[name]) for name in ("kty", "crv") if name in members)
        if kind not in _JWK_READERS or not _is_for_signatures(members):
            continue
        try:
            key = _JWK_READERS[kind](members)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _unreadable() from None
        token_key = _token_key(key, _key_id(members))
        if members.get("alg", token_key.algorithm) == token_key.algorithm:
            yield token_key


def _is_for_signatures(members: Mapping[str, Any]) -> bool:
    operations = members.get("key_ops", ["verify"])
    can_verify = isinstance(operations, list) and "verify" in operations
    return can_verify and members.get("use", "sig") == "sig"


def _key_id(members: Mapping[str, Any]) -> str | None:
    key_id = members.get("kid")
    if "kid" in members and not isinstance(key_id, str):
        raise ValueError('has a key whose "kid" is no text')
    return key_id


# --- both -----------------------------------------------------------------------------------------


def _token_key(key: PublicKey, key_id: str | None = None) -> TokenKey:
    """Return ``key`` with the algorithm of its kind; raise ``ValueError`` for one that is weak."""
    if isinstance(key, RSAPublicKey):
        if key.key_size < _LEAST_RSA_BITS:
            raise ValueError(
                f"holds an RSA key of {key.key_size} bits: at least {_LEAST_RSA_BITS} are needed"
            )
        return TokenKey("RS256", key, key_id)
    if isinstance(key, Ed25519PublicKey):
        return TokenKey("EdDSA", key, key_id)
    if not isinstance(key.curve, SECP256R1):
        raise _unusable_kind()
    return TokenKey("ES256", key, key_id)


def _private_key() -> ValueError:
    return ValueError("holds a private key: it takes public keys only")


def _unreadable() -> ValueError:
    return ValueError("has a key that cannot be read")


def _unusable_kind() -> ValueError:
    return ValueError("has a key that is neither RSA nor EC P-256 nor Ed25519")
