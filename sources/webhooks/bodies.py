"""Reads the text of a message, as webhooks and requests to send one write it."""

from typing import Any, Final

from sources.webhooks.facts import Json

_MEDIA: Final = ("image", "video", "document", "audio", "sticker", "voice")
#: Of an interactive message: where the customer's choice or the company's question stands.
_CHOICES: Final = ("button_reply", "list_reply")
_MOST_CHARACTERS: Final = 200_000


def body_of(message: Json) -> str | None:
    """Return the text of ``message`` that a reader would quote, or None where it has none.

    It is the text itself, the caption of a picture or file, or the title of what the customer
    chose. Voice notes, stickers, places and contacts have none. What no engine stores is left out:
    NUL characters, halves of surrogate pairs, and what is beyond 200,000 characters.
    """
    kind = message.get("type")
    content = message.get(kind) if isinstance(kind, str) else None
    if not isinstance(content, dict):
        return None
    text = _text_of(str(kind), content)
    if not isinstance(text, str):
        return None
    sound = text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    return sound[:_MOST_CHARACTERS] or None


def _text_of(kind: str, content: Json) -> Any:
    if kind == "text":
        return content.get("body")
    if kind in _MEDIA:
        return content.get("caption")
    if kind in ("button", "order"):
        return content.get("text")
    if kind == "interactive":
        return _text_of_interactive(content)
    return None


def _text_of_interactive(content: Json) -> Any:
    for choice in _CHOICES:
        if isinstance(chosen := content.get(choice), dict):
            return chosen.get("title")
    for part in ("nfm_reply", "body"):  # an answered form; what the company asked
        if isinstance(asked := content.get(part), dict):
            return asked.get("body") or asked.get("text")
    return None
