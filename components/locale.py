"""How things are said and written for one reader."""

from dataclasses import dataclass
from typing import Self

from components.formats import Formats
from components.texts import Texts


@dataclass(frozen=True, slots=True)
class Locale:
    """Words and formats of one language. Colours are named, and the browser knows their values."""

    texts: Texts
    formats: Formats

    @classmethod
    def of(cls, language: str) -> Self:
        """Return the locale of ``language``. Raises ``LookupError`` for one that is not known."""
        return cls(Texts(language), Formats(language))

    @property
    def language(self) -> str:
        return self.texts.language
