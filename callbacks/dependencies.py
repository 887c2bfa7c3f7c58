"""What the wiring of the page is given once, and what each call takes from its request."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import has_request_context, request

from components.deployment import Deployment
from components.index import LANGUAGE_HEADER
from components.locale import Locale
from components.texts import LANGUAGES
from queries.reader import Reader
from queries.scope import Scope

_LOG = logging.getLogger("consumo.page")


@dataclass(frozen=True)
class Dependencies:
    """The parts that all callbacks share.

    ``scope_for`` tells what the reader of the request at hand may see; ``clock`` gives the present
    as an aware time; ``site`` is what the deployment adds to the page.
    """

    reader: Reader
    scope_for: Callable[[], Scope]
    clock: Callable[[], datetime]
    time_zone: ZoneInfo
    default_language: str
    deployment: Deployment

    def locale(self) -> Locale:
        """Return the locale of the language that the page asked for, or the default one."""
        asked = request.headers.get(LANGUAGE_HEADER) if has_request_context() else None
        return Locale.of(asked if asked in LANGUAGES else self.default_language)

    def today(self) -> date:
        return self.clock().astimezone(self.time_zone).date()


def log_failure(error: BaseException, where: str) -> None:
    """One line without values: messages of errors may hold phones and texts."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    _LOG.error("%s failed: %s at %s", where, type(error).__name__, place)
