"""Phones as who may not see them gets them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.phones import mask_phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+5511987654471", "+55 11 *****-4471"),
        ("+551187654471", "+55 11 *****-4471"),  # without its ninth digit
        ("+552133334444", "+55 21 *****-4444"),
        ("+14155550123", "*****-0123"),
        ("+351912345678", "*****-5678"),
        ("+55119876544712", "*****-4712"),  # too long for a Brazilian one
        ("+12345678", "*****-5678"),
        ("+1234567", "*****"),
        ("+1", "*****"),
        ("", "*****"),
        ("(11) 98765-4471", "*****-4471"),
        ("anonymous", "*****"),
    ],
)
def test_masked(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@given(st.from_regex(r"\+[0-9]{1,15}", fullmatch=True))
def test_never_more_than_the_last_four_digits_and_a_brazilian_area(phone: str) -> None:
    shown = mask_phone(phone)
    last = re.search(r"-(\d{4})$", shown)
    if last:
        assert phone.endswith(last[1])
        assert len(phone) > 8
    visible = re.sub(r"\D", "", shown)
    if shown.startswith("+55 "):
        assert phone.startswith("+55" + visible[2:4])
        assert len(visible) == 8
    else:
        assert len(visible) in (0, 4)
