"""Translates the texts of the page with gettext.

The English text is the key of its translations. The catalogues are
``components/translations/<locale>/LC_MESSAGES/messages.po``. Each process reads each of them once,
so no build step has to compile them. A text that needs several translations is looked up with a
context.
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
#: The name of each language in that language.
LANGUAGE_NAMES: Final = MappingProxyType(
    {"pt-BR": "Português (Brasil)", "en": "English", "es": "Español"}
)

#: The space of "24 h" and "2 min": a line must not break between a number and its unit.
_SPACE_BEFORE_UNIT: Final = re.compile(r"(?<=\d) (?=(?:h|min|s|d)\b)")
_NO_BREAK_SPACE: Final = "\u00a0"
_FOLDER: Final = Path(__file__).parent / "translations"


def gettext_noop(text: str) -> str:
    """Return ``text`` unchanged, in English.

    The name of this function marks a text that is passed to ``Texts.gettext`` later. Tests check
    that the catalogues have every marked text.
    """
    return text


def pgettext_noop(context: str, text: str) -> tuple[str, str]:
    """Return ``(context, text)`` unchanged, in English.

    The name of this function marks a text that is passed to ``Texts.pgettext`` later.
    """
    return context, text


def ngettext_noop(one: str, many: str) -> tuple[str, str]:
    """Return ``(one, many)``, the singular and the plural of a text, unchanged, in English.

    The name of this function marks a text that is passed to ``Texts.ngettext`` later.
    """
    return one, many


class Texts:
    """Translates English texts into ``language``: "pt-BR", "en" or "es".

    Making one raises ``LookupError`` for any other language. A text without a translation stays
    English. The space between a number and its unit, as in "24 h", becomes a no-break space.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise LookupError(f"no such language: {language}")
        self.language = language

    def gettext(self, text: str, **params: object) -> str:
        """Return the translation of ``text``, with ``params`` in its places such as ``{count}``.

        Without any ``params``, places stay in the text as they are. Where some are given but one is
        missing, ``KeyError`` is raised; those without a place are ignored.
        """
        return _filled(_translated(self.language, text), params)

    def pgettext(self, context: str, text: str, **params: object) -> str:
        """Return the translation of ``text`` that belongs to ``context``.

        One English text may have several translations, such as "Closed" of a case and of a window:
        the context says which. With the context "" this is ``gettext``. ``params`` are filled in as
        by ``gettext``.
        """
        return _filled(_translated_in_context(self.language, context, text), params)

    def ngettext(self, one: str, many: str, number: int, **params: object) -> str:
        """Return the translation of a text in the singular or plural, as ``number`` needs it.

        ``one`` and ``many`` are its English singular and plural. The plural rule is that of the
        language. ``number`` itself is not filled in: where the text has a place for it, pass it in
        ``params``, formatted. ``params`` are filled in as by ``gettext``.
        """
        # Counts may be NumPy's integers, which gettext refuses.
        text = _translations(self.language).ngettext(one, many, int(number))
        return _filled(_unbroken(text), params)


def read_catalogue(language: str) -> Catalog:
    """Return the translations into ``language``, "pt-BR" or "es", read from their file.

    Raises ``FileNotFoundError`` for any other language, also for English, which has no file because
    the English texts are the keys.
    """
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
