"""``TokenKeys``: the keys that may have signed a token. Their file may change at any time."""

import logging
import stat
import threading
from pathlib import Path
from typing import Final, Self

from app.access.key_parsing import TokenKey, public_keys, secret_bytes

log = logging.getLogger(__name__)

_FILE: Final = "the file of CONSUMO_TOKEN_PUBLIC_KEYS"
_MOST_BYTES: Final = 256 * 1024
#: What changes when a file is written or replaced: two times in nanoseconds, size and inode.
_Stamp = tuple[int, int, int, int]


class TokenKeys:
    """The keys that may have signed a token: secrets, and those of a file of public keys.

    The file is read again when it changes, so keys are renewed without a restart. Where the changed
    file cannot be used, the keys before stay in use, and one line of the log says so. Threads may
    share it.
    """

    def __init__(self, secrets: tuple[TokenKey, ...], file: "_PublicKeyFile | None") -> None:
        """Do not call this: ``of`` does."""
        self._secrets = secrets
        self._file = file

    @classmethod
    def of(cls, secret: str | None, secret_before: str | None, public_keys: Path | None) -> Self:
        """Return the keys that three settings name; None and an empty text name none.

        ``secret`` and ``secret_before`` are HS256 keys, ``public_keys`` is the path of a file with
        public keys, PEM or JWKS. Raises ``ValueError`` with one sentence that holds nothing secret:
        where a key is too short or cannot be read, where the file has a private or symmetric key,
        or where there is no key at all.
        """
        named = (
            (secret, "CONSUMO_TOKEN_SECRET"),
            (secret_before, "CONSUMO_TOKEN_SECRET_BEFORE"),
        )
        secrets = tuple(TokenKey("HS256", secret_bytes(text, name)) for text, name in named if text)
        file = _PublicKeyFile(public_keys) if public_keys else None
        if not secrets and not file:
            raise ValueError(
                "tokens need a key: set CONSUMO_TOKEN_SECRET or CONSUMO_TOKEN_PUBLIC_KEYS"
            )
        return cls(secrets, file)

    def with_id(self, key_id: str | None) -> tuple[TokenKey, ...]:
        """Return the keys for a token whose ``kid`` is ``key_id``, or that has none (None).

        A key without an id is for tokens without ``kid`` only, and one with an id for tokens with
        that ``kid`` only. So secrets and keys in PEM are for tokens without ``kid``.
        """
        keys = self._secrets + (self._file.keys() if self._file else ())
        return tuple(key for key in keys if key.key_id == key_id)


class _PublicKeyFile:
    """A file of public keys, which is read again when it changes."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises ``ValueError`` with a sentence where it cannot be used."""
        self._path = path
        self._lock = threading.Lock()
        self._stamp = _stamp(path)
        self._keys = _read(path)

    def keys(self) -> tuple[TokenKey, ...]:
        """Return the keys in the file, or those before where the file cannot be used now."""
        if _stamp(self._path) != self._stamp:
            with self._lock:
                self._renew()
        return self._keys

    def _renew(self) -> None:
        # The stamp is that of before reading: a file that changes meanwhile is read once more.
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        try:
            self._keys = _read(self._path)
            log.info("public keys of tokens were renewed")
        except ValueError as error:
            log.warning("the public keys before stay in use: %s", error)
        self._stamp = stamp


def _stamp(path: Path) -> _Stamp | None:
    """Return what tells one state of the file at ``path`` from another; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _read(path: Path) -> tuple[TokenKey, ...]:
    """Return the keys in the file at ``path``; raise ``ValueError`` with a sentence."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError(f"{_FILE} is no regular file")
        with path.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{_FILE} cannot be read: {error.strerror}") from None
    if len(content) > _MOST_BYTES:
        raise ValueError(f"{_FILE} is longer than {_MOST_BYTES:,} bytes")
    try:
        return public_keys(content)
    except ValueError as error:
        raise ValueError(f"{_FILE} {error}") from None
