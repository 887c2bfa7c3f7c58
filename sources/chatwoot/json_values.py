"""Reads Chatwoot's JSON columns, and texts, as values that can be stored."""

import json
from collections.abc import Mapping
from typing import Any, Final

#: How often an object may be written as a text inside of JSON: Chatwoot has done it once.
_MOST_LAYERS: Final = 3
#: The longest text that the contract takes, but for the texts of messages.
_MOST_CHARACTERS: Final = 10_000


def json_object(value: Any) -> Mapping[str, Any]:
    """Return the object of a JSON column; {} where there is none.

    The column holds the object itself, or a text that holds it as JSON once more.
    """
    for _ in range(_MOST_LAYERS):
        if isinstance(value, Mapping):
            return value
        if not isinstance(value, str):
            break
        try:
            value = json.loads(value)
        except ValueError:
            break
    return {}


def clean_text(value: Any) -> str | None:
    """Return a text without white space around it, as far as it can be stored; None if it is empty.

    Numbers become texts, and true and false their English words; other values are written as JSON.
    """
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return storable(text).strip()[:_MOST_CHARACTERS] or None


def storable(text: str) -> str:
    """Return ``text`` without what no database takes: NUL and halves of surrogate pairs."""
    return text.replace("\0", "").encode(errors="ignore").decode()
