"""Names of downloaded files: panel and time in the reader's language, safe for file systems."""

import re
import unicodedata
from typing import Final

#: The longest part of a name that tells the panel; file systems and mail programs cut long names.
_LONGEST_TITLE: Final = 60


def file_name(title: str, when: str, kind: str) -> str:
    """Return the name of a file, as ``consumo-detalhado-2026-10-01-2026-10-31.xlsx``.

    ``title`` is the translated title of the panel, ``when`` the time of its rows in digits and
    hyphens, ``kind`` the ending of the name. The result has only small Latin letters without
    accents, digits, hyphens and one dot.
    """
    return f"consumo-{_plain(title)}-{when}.{kind}"


def _plain(title: str) -> str:
    """Return ``title`` in small letters without accents, with hyphens between its words.

    assets/scripts/picture.js names pictures by the same rule.
    """
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", letters)[:_LONGEST_TITLE].strip("-") or "painel"
