"""Passes what the receiver got on to one further address, as it came, with its signature.

Segments of the journal that are to be forwarded are linked into a folder of their own. A thread
sends their bodies in order and removes them afterwards. A process that was killed begins its oldest
segment anew, so that the other side may get a body twice, as it may from WhatsApp.
"""

import logging
import os
import shutil
import threading
import urllib.error
import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from sources.webhooks.journal import Record, records_in, size_of

log = logging.getLogger(__name__)

SIGNATURE_HEADER: Final = "X-Hub-Signature-256"
_TIMEOUT_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.5
#: How long ``stop`` waits for an answer of the other side.
_END_SECONDS: Final = 1.0
_FIRST_WAIT_SECONDS: Final = 0.5
_LONGEST_WAIT_SECONDS: Final = 60.0
#: More than this does not wait for an address that is away: the oldest is given up then.
_MOST_BYTES: Final = 256 * 2**20
#: Answers after which the same body is sent again; another refusal would only be repeated.
_AGAIN: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: what customers wrote goes to the address that was set, and no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Forwarder:
    """A thread that sends the bodies of segments to ``url``; their files are in ``folder``.

    ``most_bytes`` may wait at most. ``forwarded``, ``refused`` and ``given_up`` count the bodies
    that the address took, that it refused for good, and the segments that waited for too long.
    """

    def __init__(self, url: str, folder: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._url = url
        self._folder = folder
        self._most_bytes = most_bytes
        self.forwarded = 0
        self.refused = 0
        self.given_up = 0
        self._opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
        self._comes = threading.Event()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook-forwarder", daemon=True)

    def start(self) -> None:
        """Start the thread. Raises ``OSError`` if the folder cannot be made."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is not sent yet is at the next start."""
        self._ends.set()
        self._comes.set()
        if self._thread.is_alive():
            self._thread.join(_END_SECONDS)

    def add(self, segment: Path) -> None:
        """Let the bodies of ``segment`` be forwarded; the file itself may be removed afterwards.

        Raises ``OSError`` where there is no room for it.
        """
        linked = self._folder / segment.name
        try:
            os.link(segment, linked)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            shutil.copyfile(segment, linked)
        self._comes.set()

    def waiting_bytes(self) -> int:
        """Return the size of what is still to be forwarded."""
        return sum(map(size_of, self._waiting()))

    def _waiting(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"))

    def _run(self) -> None:
        while not self._ends.is_set():
            self._comes.clear()
            for path in self._waiting():
                self._give_up_oldest()
                if path.exists() and not self._forward_all(path):
                    return
            self._comes.wait(_POLL_SECONDS)

    def _forward_all(self, path: Path) -> bool:
        """Send the bodies of a segment, then remove it; return False where the thread ends."""
        try:
            for record in records_in(path):
                if not self._forward(record, path):
                    return not self._ends.is_set()
        except (ValueError, KeyError, OSError):
            log.exception("a segment cannot be read", extra={"event": "forward_failed"})
        path.unlink(missing_ok=True)
        return True

    def _forward(self, record: Record, path: Path) -> bool:
        """Send a body until it is taken or refused; False where thread or segment has ended."""
        wait = _FIRST_WAIT_SECONDS
        while not self._send(record):
            self._give_up_oldest()
            if self._ends.wait(wait) or not path.exists():
                return False
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
        return True

    def _send(self, record: Record) -> bool:
        """Send a body once; return whether that is all that is to be done for it."""
        request = urllib.request.Request(  # noqa: S310 - settings take https and loopback only
            self._url,
            data=record.body.encode(),
            headers={"Content-Type": "application/json", SIGNATURE_HEADER: record.signature},
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS):
                self.forwarded += 1
                return True
        except urllib.error.HTTPError as error:
            with error:
                is_final = (
                    error.code < HTTPStatus.INTERNAL_SERVER_ERROR and error.code not in _AGAIN
                )
            self.refused += is_final
            return is_final
        except (OSError, HTTPException):
            return False

    def _give_up_oldest(self) -> None:
        waiting = self._waiting()
        left = sum(map(size_of, waiting))
        for path in waiting[:-1]:
            if left <= self._most_bytes:
                return
            left -= size_of(path)
            path.unlink()
            self.given_up += 1
            log.error(
                "a segment waited for too long and is not forwarded",
                extra={"event": "forward_given_up"},
            )
