"""Joins the texts and the formats of one language, for functions that need both."""

from dataclasses import dataclass
from typing import Self

from components.formats import Formats
from components.texts import Texts


@dataclass(frozen=True, slots=True)
class Locale:
    """One language of the page: ``texts`` translates, ``formats`` writes numbers and dates."""

    texts: Texts
    formats: Formats

    @classmethod
    def of(cls, language: str) -> Self:
        """Return the locale of ``language``: "pt-BR", "en" or "es".

        Raises ``LookupError`` for any other language.
        """
        return cls(Texts(language), Formats(language))

    @property
    def language(self) -> str:
        """The code of the language, for example "pt-BR"."""
        return self.texts.language
