"""The header of an import file: which of its columns holds which column of the contract."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from sources.contract import WHITE_SPACE, ImportFile
from sources.words import COLUMN_WORDS, joined

#: A file with more columns is refused.
MAX_COLUMNS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file, in their order.

    ``given`` are the names in the file, without white space around them; ``names`` are the same,
    but with the contract's name where a column holds one of its columns.
    """

    given: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, given: Sequence[str], file: ImportFile) -> Self:
        """Return the header of a file that has the columns ``given`` and is read as ``file``."""
        stripped = tuple(name.strip(WHITE_SPACE) for name in given)
        if len(stripped) > MAX_COLUMNS:
            return cls(stripped, stripped)
        found = contract_names(stripped, file)
        return cls(stripped, tuple(found.get(at, name) for at, name in enumerate(stripped)))

    def with_names_only(self) -> "Header":
        """Return this header without the columns that have no name."""
        named = [at for at, name in enumerate(self.given) if name]
        return Header(tuple(self.given[at] for at in named), tuple(self.names[at] for at in named))

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a name in the file and the contract's column that was read from it."""
        pairs = zip(self.given, self.names, strict=True)
        return tuple((given, name) for given, name in pairs if given != name)


def contract_names(names: Sequence[str], file: ImportFile) -> Mapping[int, str]:
    """Return the contract's column for each column of a file that holds one, by place from 0.

    A column with the contract's own name is taken before one that is spelt otherwise (``Case_ID``),
    and that before one with another word for it (``Número do Caso``, see ``sources.words``). Each
    column is taken once, for required columns first; those that hold none are not in the result.
    """
    spelt = [joined(name) for name in names]
    own = {place for place, name in enumerate(names) if name in file.column_names}
    found: dict[int, str] = {}
    for column in sorted(file.columns, key=lambda column: not column.required):
        if column.name in names:
            found |= {at: column.name for at, name in enumerate(names) if name == column.name}
            continue
        for place in _places(spelt, column.name):
            if place not in own and place not in found:
                found[place] = column.name
                break
    return found


def _places(spelt: Sequence[str], column: str) -> Iterator[int]:
    """Yield the places of the names that may stand for ``column``, the best first.

    ``spelt`` are the names of a file's columns as ``joined`` gives them.
    """
    for word in (joined(column), *COLUMN_WORDS.get(column, ())):
        yield from (place for place, name in enumerate(spelt) if name == word)
