"""Writes the table of words in docs/importing.md from ``sources.words``.

``make documents`` writes it; a test compares it with the words.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sources.words import CODE_WORDS, FLAG_WORDS

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "importing.md"
_BEGIN: Final = "<!-- words: made by make documents -->"
_END: Final = "<!-- end of words -->"


def with_words(document: str) -> str:
    """Return ``document``, the text of docs/importing.md, with its table of words anew.

    Raises ``ValueError`` where a line around the table is missing or occurs twice.
    """
    before, rest = document.split(f"{_BEGIN}\n")
    _, after = rest.split(_END)
    return f"{before}{_BEGIN}\n" + "\n".join(_lines()) + f"\n{_END}{after}"


def _lines() -> Iterator[str]:
    yield "| column | code | words, in any case, with or without accents |"
    yield "|---|---|---|"
    for column, codes in CODE_WORDS.items():
        for code, words in codes.items():
            yield f"| `{column}` | `{code}` | {', '.join(words)} |"
    for flag, words in FLAG_WORDS.items():
        yield f"| flags, as `is_bot` | {str(flag).lower()} | {', '.join(words)} |"


if __name__ == "__main__":
    DOCUMENT.write_text(with_words(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Wrote {DOCUMENT.relative_to(DOCUMENT.parents[1])}")
