"""The language of a reader: texts, and formats of numbers and dates."""

from dataclasses import dataclass
from typing import Self

from components.formats import Formats
from components.texts import Texts


@dataclass(frozen=True, slots=True)
class Locale:
    """The texts and the formats of one language."""

    texts: Texts
    formats: Formats

    @classmethod
    def of(cls, language: str) -> Self:
        """Return the locale of ``language``. Raises ``LookupError`` for one that is not known."""
        return cls(Texts(language), Formats(language))

    @property
    def language(self) -> str:
        return self.texts.language
