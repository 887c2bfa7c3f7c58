"""The words of the page, by gettext catalogues; the English text is the key of its translations.

Catalogues are ``components/translations/<locale>/LC_MESSAGES/messages.po``, read as they are once a
process. A text that stands for several things in other languages carries a context.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel.messages.pofile import read_po

LANGUAGES: Final = ("pt-BR", "en", "es")
DEFAULT_LANGUAGE: Final = "pt-BR"
#: What each language calls itself.
LANGUAGE_NAMES: Final = MappingProxyType(
    {"pt-BR": "Português (Brasil)", "en": "English", "es": "Español"}
)

#: The space of "24 h", "2 min": a unit at the beginning of a line tells nothing.
_BEFORE_UNIT: Final = re.compile(r"(?<=\d) (?=(?:h|min|s|d)\b)")
_FOLDER: Final = Path(__file__).parent / "translations"


def gettext_noop(text: str) -> str:
    """``text`` itself; marks it for the catalogues where it is looked up later."""
    return text


def pgettext_noop(context: str, text: str) -> tuple[str, str]:
    """``(context, text)``; marks it for the catalogues where it is looked up later."""
    return context, text


def ngettext_noop(one: str, many: str) -> tuple[str, str]:
    """``(one, many)``; marks both forms for the catalogues where they are looked up later."""
    return one, many


class Texts:
    """The words in one language, whose numbers stay in one line with their units.

    Raises ``LookupError`` for a language that is not known.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise LookupError(f"no such language: {language}")
        self.language = language
        self._forms = catalogue(language)

    def gettext(self, text: str, **params: object) -> str:
        """``text`` in this language, with ``params`` in its ``{places}``."""
        return self._fill("", text, 0, params)

    def pgettext(self, context: str, text: str, **params: object) -> str:
        """Like ``t`` for a text whose translation depends on what it stands for."""
        return self._fill(context, text, 0, params)

    def ngettext(self, one: str, many: str, number: float, **params: object) -> str:
        """``one`` or ``many`` in this language, as ``number`` asks (one for exactly 1)."""
        if not self._forms:
            return self._fill("", one if number == 1 else many, 0, params)
        return self._fill("", one, 0 if number == 1 else 1, params)

    def _fill(self, context: str, text: str, form: int, params: Mapping[str, object]) -> str:
        forms = self._forms.get((context, text), (text,))
        found = _unbroken(forms[form])
        return found.format(**params) if params else found


@cache
def _unbroken(text: str) -> str:
    return _BEFORE_UNIT.sub("\u00a0", text)


@cache
def catalogue(language: str) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Translations by context and English text: one form, or singular and plural.

    Empty for English, which is its own key.
    """
    if language == "en":
        return MappingProxyType({})
    path = _FOLDER / language.replace("-", "_") / "LC_MESSAGES" / "messages.po"
    forms: dict[tuple[str, str], tuple[str, ...]] = {}
    with path.open("rb") as file:
        for message in read_po(file, locale=language.replace("-", "_")):
            key = message.id[0] if isinstance(message.id, list | tuple) else message.id
            given = message.string
            if key and given:
                texts = (given,) if isinstance(given, str) else tuple(given)
                forms[(message.context or "", key)] = texts
    return MappingProxyType(forms)
