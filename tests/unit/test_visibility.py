"""What readers may search for in stored texts, where phones are hidden from them."""

import pytest

from queries.phone_masks import PHONES_IN_NAME, is_masked
from queries.scope import Scope
from queries.visibility import can_search_stored

#: Written down by hand: what people write between the digits of a phone.
SIGNS = [
    *("\t", "_", ".", "-", "(", ")", "\u00a0", "\u200b", "\u200c", "\u200d", "\u2009"),
    *("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u202f", "\u2060"),
]


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_a_search_for_a_sign_of_phones_never_reads_stored_texts(sign: str) -> None:
    """The mask hides the sign, so a hit would tell how the hidden phone is written."""
    assert is_masked(PHONES_IN_NAME(f"Ana +55 11{sign}98765 4471"))
    hidden = Scope(see_phones=False)
    assert not can_search_stored(f"11{sign}9", hidden)
    assert not can_search_stored(sign, hidden)
    assert not can_search_stored(f"ana{sign}", hidden)
    assert can_search_stored(sign, Scope(see_phones=True))


@pytest.mark.parametrize("text", ["ana", "ana silva", "conceição", "olá, tudo bem?"])
def test_a_search_for_words_reads_stored_texts(text: str) -> None:
    assert can_search_stored(text, Scope(see_phones=False))


@pytest.mark.parametrize("text", ["", " ", "  ", "1", "*", "+55"])
def test_a_search_for_part_of_a_phone_reads_masked_texts(text: str) -> None:
    assert not can_search_stored(text, Scope(see_phones=False))
