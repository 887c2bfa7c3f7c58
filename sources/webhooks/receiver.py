"""The receiver of webhooks: checks what comes, keeps it, hands it in and forwards it."""

import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from sources.inbox import Inbox
from sources.webhooks.forwarding import Forwarder
from sources.webhooks.intake import Intake
from sources.webhooks.journal import Journal, Record

#: The largest body that WhatsApp sends, in bytes.
MOST_BODY_BYTES: Final = 3 * 2**20
_SIGNATURE: Final = "sha256="


class WrongSignature(ValueError):
    """A body is not signed with the app's secret."""


class NotAnObject(ValueError):
    """A signed body is no object of JSON."""


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """What a receiver needs to know.

    ``secret`` is that of the app at Meta, which signs the bodies; ``verify_token`` is the text by
    which Meta finds out whose address this is. Messages belong to ``account``. With ``forward_url``
    each body is passed on to that address.
    """

    secret: str
    verify_token: str
    account: str
    forward_url: str = ""


class Receiver:
    """The receiver of the store at ``store_path``, whose journal lies beside the store."""

    def __init__(
        self,
        settings: ReceiverSettings,
        store_path: Path,
        inbox: Inbox,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._clock = clock
        folder = store_path.with_name(f"{store_path.name}.webhooks")
        self.forwarder = (
            Forwarder(settings.forward_url, folder / "forward") if settings.forward_url else None
        )
        self._journal = Journal(folder, self.forwarder.add if self.forwarder else lambda _: None)
        self._intake = Intake(self._journal, inbox, settings.account)
        self._newest_at: float | None = None

    def start(self) -> None:
        """Start the threads. Raises ``OSError`` if the journal's folder cannot be made."""
        if self.forwarder:
            self.forwarder.start()
        self._journal.start()
        self._intake.start()

    def stop(self) -> None:
        """End the threads. What was answered is on the disk, and is loaded at the next start."""
        self._journal.stop()
        self._intake.stop()
        if self.forwarder:
            self.forwarder.stop()

    def knows(self, verify_token: str) -> bool:
        """Return whether ``verify_token`` is ours."""
        return hmac.compare_digest(verify_token.encode(), self._settings.verify_token.encode())

    def take(self, body: bytes, signature: str) -> None:
        """Keep ``body``; when this returns it is on the disk.

        ``signature`` is the header ``X-Hub-Signature-256``. Raises ``WrongSignature``,
        ``NotAnObject``, and ``OSError`` if it cannot be written.
        """
        expected = hmac.new(self._settings.secret.encode(), body, sha256).hexdigest()
        if not hmac.compare_digest(signature.encode(), (_SIGNATURE + expected).encode()):
            raise WrongSignature
        self._journal.append(Record(_object_text(body), signature))
        self._newest_at = self._clock()

    def waiting_bytes(self) -> int:
        """Return how many bytes of the journal are not loaded yet."""
        return self._journal.waiting_bytes()

    def newest_age_seconds(self) -> float | None:
        """Return how long ago the last event came; None where none came since the start."""
        return None if self._newest_at is None else self._clock() - self._newest_at


def _object_text(body: bytes) -> str:
    """Return the text of ``body``. Raises ``NotAnObject`` where it is no object of JSON."""
    try:
        text = body.decode("utf-8")
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAnObject from None
    if not isinstance(content, dict):
        raise NotAnObject
    return text
