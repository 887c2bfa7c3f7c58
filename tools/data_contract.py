"""Writes the tables of panels in docs/data-contract.md from the panels' declarations.

``make documents`` writes it; a test compares it with the declarations.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from components.panels import PANELS
from queries.columns import Column, Kind
from queries.panel import PanelQuery

CONTRACT: Final = Path(__file__).parents[1] / "docs" / "data-contract.md"
#: The lines of docs/data-contract.md between which the generated part stands.
BEGIN: Final = "<!-- panels: written by make documents -->"
END: Final = "<!-- end of panels -->"

_ONLY_DOWNLOAD: Final = " (only in the download)"


def undocumented(query: PanelQuery) -> list[str]:
    """Return the names of the columns of ``query`` that have no ``meaning``.

    Only columns that the API or a download has are looked at.
    """
    return [column.name for column in _public(query) if not column.meaning.strip()]


def panels_text(queries: Iterable[PanelQuery]) -> str:
    """Return the part of docs/data-contract.md about panels, in Markdown.

    For each of ``queries`` it has the summary and a table of the columns that the API or a download
    has.
    """
    return "\n".join(line for query in queries for line in _panel_lines(query))


def with_panels(contract: str, queries: Iterable[PanelQuery]) -> str:
    """Return ``contract``, the text of docs/data-contract.md, with its part about panels anew.

    This part, made by ``panels_text``, stands between the lines ``BEGIN`` and ``END``. Raises
    ``ValueError`` where one of these is missing or occurs twice.
    """
    before, rest = contract.split(f"{BEGIN}\n")
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{panels_text(queries)}\n{END}{after}"


def _panel_lines(query: PanelQuery) -> Iterator[str]:
    yield ""
    yield f"**`{query.slug}`**: {query.summary}"
    yield ""
    yield "| column | kind | what it holds |"
    yield "|---|---|---|"
    for column in _public(query):
        limit = "" if column.in_api else _ONLY_DOWNLOAD
        yield f"| `{column.name}` | {_kind(column)} | {column.meaning}{limit} |"


def _public(query: PanelQuery) -> list[Column]:
    return [column for column in query.columns if column.in_api or column.in_download]


def _kind(column: Column) -> str:
    return "code" if column.kind is Kind.STATUS else column.kind.value


if __name__ == "__main__":
    text = CONTRACT.read_text(encoding="utf-8")
    CONTRACT.write_text(with_panels(text, [panel.query for panel in PANELS]), encoding="utf-8")
