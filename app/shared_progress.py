"""The progress of downloads in Redis, so that any server can tell it, and stop the download.

A download itself never waits for Redis: one thread tells Redis about all downloads of this server.
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import redis

from app.cache_backends import RedisLink
from app.download_progress import ID_LENGTH, KEPT_SECONDS, MOST_NAMES, Progress, ProgressBoard

log = logging.getLogger(__name__)

#: How often Redis is told how far a download is, and asked whether it was stopped.
_TELL_SECONDS: Final = 0.25
#: Redis forgets a running download of which nothing was told for so long: its server has died.
SILENT_SECONDS: Final = 15.0
_PROGRESS: Final = "consumo-shared:progress:"
_STOP: Final = "consumo-shared:stop:"

#: Writes how far a download is, and returns whether it was asked to stop. Without a claim (the last
#: value) it returns -1 where a newer download has taken the name. Values begin with the id of their
#: download.
_TELL: Final = """
local kept = redis.call('get', KEYS[1])
if ARGV[4] == '' and kept and string.sub(kept, 1, string.len(ARGV[1])) ~= ARGV[1] then
    return -1
end
redis.call('set', KEYS[1], ARGV[1] .. ARGV[2], 'PX', ARGV[3])
return redis.call('exists', KEYS[2])
"""


class SharedBoard:
    """Keeps the progress of downloads in the Redis of ``link``; see ``download_progress.Board``.

    While Redis does not answer, only downloads of this server are known here. ``clock`` returns
    monotonic seconds. A thread tells Redis about the downloads; ``close`` ends it.
    """

    def __init__(self, link: RedisLink, clock: Callable[[], float] = time.monotonic) -> None:
        self._link = link
        self._local = ProgressBoard(clock)
        #: Downloads of this server that Redis does not know to have ended, by their ids: the name
        #: of the entry in Redis, and the progress.
        self._running: dict[str, tuple[str, Progress]] = {}
        #: The ids of those whose name is theirs in Redis.
        self._claimed: set[str] = set()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._tell_all, name="progress", daemon=True)
        self._thread.start()

    def begin(self, download: tuple[str, str]) -> Progress:
        """Return the progress of a new download (``waiting``, 0 rows).

        If the reader used the name before, it now stands for the new download, on all servers.
        """
        progress = self._local.begin(download)
        entry = _entry(download)
        with suppress(redis.RedisError):  # the thread tries again
            self._tell(entry, progress)
        with self._changed:
            while len(self._running) >= MOST_NAMES:
                self._running.pop(next(iter(self._running)))
            self._running[progress.id] = entry, progress
            self._changed.notify()
        return progress

    def of(self, download: tuple[str, str]) -> Progress | None:
        """Return the progress of a download, on whichever server it is; None if it is unknown."""
        local = self._local.of(download)
        try:
            kept = self._link.call(lambda client: client.get(_entry(download)))
        except redis.RedisError:
            return local
        told = _read(kept)
        is_here = told is None or (local is not None and local.id == told.id)
        return local if is_here else told

    def stop(self, download: tuple[str, str]) -> Progress | None:
        """Let a download end soon, on whichever server it is; return its progress as it is."""
        progress = self.of(download)
        if progress:
            progress.asked_to_stop = True  # where the download is here
            with suppress(redis.RedisError):
                self._link.call(
                    lambda client: client.set(_STOP + progress.id, b"1", ex=round(KEPT_SECONDS))
                )
        return progress

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._closed.set()
        with self._changed:
            self._changed.notify()
        self._thread.join()

    def _tell_all(self) -> None:
        while not self._closed.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._running or self._closed.is_set())
                running = list(self._running.values())
            for entry, progress in running:
                with suppress(redis.RedisError):  # the next turn tries again
                    self._tell(entry, progress)
            self._closed.wait(_TELL_SECONDS)

    def _tell(self, entry: str, progress: Progress) -> None:
        """Tell Redis how far a download is, and the download if it is to stop."""
        has_ended = progress.has_ended
        kept_seconds = KEPT_SECONDS if has_ended else SILENT_SECONDS
        claim = "" if progress.id in self._claimed else "claim"
        keys = (entry, _STOP + progress.id)
        values = (progress.id, json.dumps(progress.shown()), round(kept_seconds * 1_000), claim)
        answer = self._link.call(lambda client: client.eval(_TELL, 2, *keys, *values))
        if answer == 1:
            progress.asked_to_stop = True
        with self._changed:
            self._claimed.add(progress.id)
            if has_ended or answer == -1:
                self._running.pop(progress.id, None)
                self._claimed.discard(progress.id)


def _entry(download: tuple[str, str]) -> str:
    """Return the key of a download: no name of a reader is in it."""
    return _PROGRESS + hashlib.sha256(json.dumps(download).encode()).hexdigest()


def _read(kept: Any) -> Progress | None:
    """Return what a server has told of a download; None for nothing, and for what is not ours."""
    if not isinstance(kept, bytes):
        return None
    try:
        told = json.loads(kept[ID_LENGTH:])
        return Progress(
            str(told["state"]),  # type: ignore[arg-type] # it is only shown
            int(told["rows"]),
            None if told["total"] is None else int(told["total"]),
            told.get("message"),
            id=kept[:ID_LENGTH].decode("ascii"),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        log.warning("a value of Redis is not ours", extra={"event": "progress_refused"})
        return None
