"""The texts of the page in each language, looked up with gettext.

The English text is the key of its translations. The catalogues are
``components/translations/<locale>/LC_MESSAGES/messages.po``; each is read once a process, as it is,
so that no step of a build compiles them. A text that other languages translate in several ways
carries a context.
"""

import re
from functools import cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES: Final = ("pt-BR", "en", "es")
DEFAULT_LANGUAGE: Final = "pt-BR"
#: The language of the keys, which therefore has no catalogue.
SOURCE_LANGUAGE: Final = "en"
#: What each language calls itself.
LANGUAGE_NAMES: Final = MappingProxyType(
    {"pt-BR": "Português (Brasil)", "en": "English", "es": "Español"}
)

#: The space of "24 h" and "2 min": a line must not break between a number and its unit.
_SPACE_BEFORE_UNIT: Final = re.compile(r"(?<=\d) (?=(?:h|min|s|d)\b)")
_NO_BREAK_SPACE: Final = "\u00a0"
_FOLDER: Final = Path(__file__).parent / "translations"


def gettext_noop(text: str) -> str:
    """Return ``text`` unchanged; this marks it for the catalogues where it is looked up later."""
    return text


def pgettext_noop(context: str, text: str) -> tuple[str, str]:
    """Return both arguments; this marks them for the catalogues where they are looked up later."""
    return context, text


def ngettext_noop(one: str, many: str) -> tuple[str, str]:
    """Return both forms; this marks them for the catalogues where they are looked up later."""
    return one, many


class Texts:
    """Texts in one language. A number and its unit never stand on different lines.

    Raises ``LookupError`` for a language that is not known.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise LookupError(f"no such language: {language}")
        self.language = language

    def gettext(self, text: str, **params: object) -> str:
        """Return ``text`` in this language, with ``params`` in its ``{places}``."""
        return _filled(_translated(self.language, text), params)

    def pgettext(self, context: str, text: str, **params: object) -> str:
        """Like ``gettext``, for a text whose translation depends on its ``context``; "" is none."""
        return _filled(_translated_in_context(self.language, context, text), params)

    def ngettext(self, one: str, many: str, number: int, **params: object) -> str:
        """Return ``one`` or ``many`` in this language, as its plural rule asks for ``number``."""
        # The counts of a result are NumPy's whole numbers, which gettext does not take for some.
        text = _translations(self.language).ngettext(one, many, int(number))
        return _filled(_unbroken(text), params)


def read_catalogue(language: str) -> Catalog:
    """Return the catalogue of ``language`` as its file has it; the source language has none."""
    locale = language.replace("-", "_")
    with (_FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


@cache
def _translations(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


# A page of the table looks texts up thousands of times. The texts are those of the code, a few
# hundred, so that the caches do not grow with the data.
@cache
def _translated(language: str, text: str) -> str:
    return _unbroken(_translations(language).gettext(text))


@cache
def _translated_in_context(language: str, context: str, text: str) -> str:
    if not context:
        return _translated(language, text)
    return _unbroken(_translations(language).pgettext(context, text))


@cache
def _unbroken(text: str) -> str:
    return _SPACE_BEFORE_UNIT.sub(_NO_BREAK_SPACE, text)


def _filled(text: str, params: dict[str, object]) -> str:
    return text.format(**params) if params else text
