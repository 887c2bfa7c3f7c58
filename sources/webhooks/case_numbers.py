"""Reads a case's number from the text that a sender may add to a message."""

from typing import Any, Final

from sources.webhooks.values import text_of

_MOST_CHARACTERS: Final = 60
#: Signs of JSON and of lists: such a text is data of another program, and no number of a case.
_OF_OTHER_PROGRAMS: Final = frozenset('{}[]"<>|\\')


def case_number_of(callback_data: Any) -> str | None:
    """Return the case's number in ``biz_opaque_callback_data``, or None where there is none.

    It is the whole text, where that has up to 60 signs that can be seen, and is not the data of
    another program, as JSON.
    """
    text = text_of(callback_data)
    if text is None or len(text) > _MOST_CHARACTERS or not text.isprintable():
        return None
    return None if _OF_OTHER_PROGRAMS & set(text) else text
