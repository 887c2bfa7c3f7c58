"""Makes tokens for tests by hand, good ones and others, without the library that checks them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

Sign = Callable[[bytes], bytes]

ISSUER = "https://portal.example"
AUDIENCE = "consumo-whatsapp"
SECRET = "a secret of the portal, 32 bytes!"
NOW = 1_800_000_000.0


@cache
def rsa_key(name: str = "first", bits: int = 2_048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, bits)


@cache
def ec_key(name: str = "first") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def ed_key(name: str = "first") -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def pem(key: Any) -> bytes:
    """The public half of a key in PEM."""
    return bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def der(key: Any) -> bytes:
    """The public half of a key in DER."""
    return bytes(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def private_pem(key: Any) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def jwk(key: Any, **members: object) -> dict[str, object]:
    """The public half of a key as a JSON web key, with further ``members``."""
    public = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = public.public_numbers()
        found = {"kty": "RSA", "n": b64(_bytes_of(numbers.n)), "e": b64(_bytes_of(numbers.e))}
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        point = public.public_numbers()
        x, y = b64(point.x.to_bytes(32, "big")), b64(point.y.to_bytes(32, "big"))
        found = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    else:
        found = {"kty": "OKP", "crv": "Ed25519", "x": b64(public.public_bytes_raw())}
    return {**found, **members}


def jwks(*keys: object) -> bytes:
    return json.dumps({"keys": keys}).encode()


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes_of(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


# --- signatures -----------------------------------------------------------------------------------


def by_secret(secret: str | bytes = SECRET) -> Sign:
    key = secret.encode() if isinstance(secret, str) else secret
    return lambda message: hmac.new(key, message, hashlib.sha256).digest()


def by_rsa(key: rsa.RSAPrivateKey) -> Sign:
    return lambda message: key.sign(message, padding.PKCS1v15(), SHA256())


def by_ec(key: ec.EllipticCurvePrivateKey) -> Sign:
    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def claims(**changed: object) -> dict[str, object]:
    """The claims of a good token; a claim that is changed to ``...`` is left out."""
    usual = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "u-1",
        "iat": int(NOW) - 10,
        "exp": int(NOW) + 590,
        "teams": ["Suporte"],
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not ...}


def token(payload: object = ..., sign: Sign | None = None, **header: object) -> str:
    """A token with this payload and header, signed with ``SECRET`` where ``sign`` is not given.

    Payload and header may be JSON objects, or bytes (``raw``) that stand for them.
    """
    content = claims() if payload is ... else payload
    raw = header.pop("raw", None)
    head = raw if isinstance(raw, bytes) else as_json({"typ": "JWT", "alg": "HS256", **header})
    body = content if isinstance(content, bytes) else as_json(content)
    message = f"{b64(head)}.{b64(body)}"
    return f"{message}.{b64((sign or by_secret())(message.encode()))}"


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()
