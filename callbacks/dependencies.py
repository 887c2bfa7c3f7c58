"""What all callbacks share, and how they log their failures."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import has_request_context, request

from callbacks.ahead_counts import AheadCounts
from callbacks.side_by_side import SideBySide
from components.deployment import Deployment
from components.index import LANGUAGE_HEADER
from components.locale import Locale
from components.signed_in import SignedIn, Viewer
from components.texts import LANGUAGES
from queries.reader import Reader
from queries.user_scope import Scope

_LOG = logging.getLogger("consumo.page")


@dataclass(frozen=True)
class Dependencies:
    """What all callbacks share; each ``register`` gets it.

    ``reader`` answers from the store. ``scope_for`` returns what the person who sent the current
    request may see, and ``signed_in_for`` what the page says of this person, None without a
    sign-in. ``clock`` returns the present time with a time zone. ``time_zone`` decides on
    which day a moment counts. ``default_language`` is used if the page does not ask for a language.
    ``deployment`` holds the settings that the page needs. ``side_by_side`` reads panels at once.
    ``reader_in_advance`` answers as ``reader`` does, but raises ``NotInAdvance`` where an answer
    would have to be recorded. ``ahead_counts`` count the panels that are answered for the page.
    """

    reader: Reader
    scope_for: Callable[[], Scope]
    signed_in_for: Callable[[], SignedIn | None]
    clock: Callable[[], datetime]
    time_zone: ZoneInfo
    default_language: str
    deployment: Deployment
    side_by_side: SideBySide
    reader_in_advance: Reader
    ahead_counts: AheadCounts

    def locale(self) -> Locale:
        """Return the locale of the language that the page names in a header of the current request.

        If the header is missing or names an unknown language, or if there is no request, it is the
        locale of ``default_language``.
        """
        requested = request.headers.get(LANGUAGE_HEADER) if has_request_context() else None
        return Locale.of(requested if requested in LANGUAGES else self.default_language)

    def viewer(self) -> Viewer:
        """Return what the page must know of the person who sent the current request."""
        scope = self.scope_for()
        return Viewer(scope.masked_columns, scope.may_export, self.signed_in_for())

    def today(self) -> date:
        """Return today's date in ``time_zone``."""
        return self.clock().astimezone(self.time_zone).date()


def log_failure(error: BaseException, where: str) -> None:
    """Log in one line that ``where`` failed, a panel's slug or the name of a part of the page.

    The line has the type of ``error`` and the last four functions that it passed, the innermost
    first. The error's text is left out, because it may hold phones and texts of messages.
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    _LOG.error("%s failed: %s at %s", where, type(error).__name__, place)
