"""Words of the page's own vocabularies are never cut in the table; texts of others may be."""

import pytest

from tests.browser.conftest import Visit

WORDS = "channel,kind,status,session_type,direction,case_state"


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
def test_no_word_of_a_vocabulary_is_cut(visit: Visit, language: str) -> None:
    period = {"start": "2026-09-01", "end": "2026-12-31"}
    visit.open(**period, lang=language, columns=f"case_number,{WORDS}")
    said, cut = visit.page.evaluate(
        """(names) => {
             const found = [...document.querySelectorAll('#details-table td')]
               .filter((cell) => names.includes(cell.dataset.dashColumn));
             const cut = (cell) => [cell, ...cell.querySelectorAll('*')]
               .some((part) => part.scrollWidth > part.clientWidth && part.clientWidth > 0);
             const text = (cell) => cell.textContent;
             return [found.map(text), found.filter(cut).map(text)];
           }""",
        WORDS.split(","),
    )
    assert any("HSM " in text for text in said), "the longest of the words is there"
    assert cut == []
