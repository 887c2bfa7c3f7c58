"""Reads single values of a payload, which may have any type, as texts and times."""

from datetime import UTC, datetime
from typing import Any, Final

from sources.webhooks.facts import Json

_MOST_CHARACTERS: Final = 10_000
#: 1 January 1970 to 29 December 2100: the years that the store takes, in any time zone.
_SECONDS: Final = range(86_400 * 2, 4_133_894_400)


def text_of(value: Any) -> str | None:
    """Return ``value`` as a text without white space around it; None where nothing is left.

    Whole numbers are written out; other types hold no text. What no engine stores is left out: NUL
    characters, and halves of surrogate pairs.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).replace("\0", "").encode("utf-8", "ignore").decode("utf-8").strip()
    return text[:_MOST_CHARACTERS] or None


def time_of(value: Any) -> datetime | None:
    """Return the moment of ``value``, seconds since 1970 as a text or number, or None."""
    text = text_of(value)
    if text is None or not (text.isascii() and text.isdigit()) or int(text[:20]) not in _SECONDS:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def object_of(value: Any) -> Json:
    """Return ``value`` where it is an object of JSON, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[Json]:
    """Return the objects in ``value``, a list; those of another type are left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
