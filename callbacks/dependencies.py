"""The parts that all callbacks share, and the log of their failures."""

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
    """The parts that all callbacks share, given to each ``register``.

    ``reader`` answers from the store; ``scope_for`` returns what the person who sent the current
    request may see; ``clock`` returns the present time with a time zone; ``time_zone`` is that of
    the days that are counted; ``default_language`` holds where the page asks for no other;
    ``deployment`` is what the settings change on the page.
    """

    reader: Reader
    scope_for: Callable[[], Scope]
    clock: Callable[[], datetime]
    time_zone: ZoneInfo
    default_language: str
    deployment: Deployment

    def locale(self) -> Locale:
        """Return the locale of the language that the page asks for in a header of its request.

        It is the default one where the header is missing or unknown, or outside a request.
        """
        requested = request.headers.get(LANGUAGE_HEADER) if has_request_context() else None
        return Locale.of(requested if requested in LANGUAGES else self.default_language)

    def today(self) -> date:
        """Return the present day in the deployment's time zone."""
        return self.clock().astimezone(self.time_zone).date()


def log_failure(error: BaseException, where: str) -> None:
    """Log that ``where`` (a panel's slug, or a part of the page) failed, in one line.

    The line has the type of the error and the last four functions that it passed, and not its
    message, which may hold phones and texts.
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    _LOG.error("%s failed: %s at %s", where, type(error).__name__, place)
