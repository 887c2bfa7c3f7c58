"""Phones as readers get them, in full and in part."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.phones import joined_phone, mask_phone, spaced_phone


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


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+5511900000002", "+55 11 90000-0002"),
        ("+551140000000", "+55 11 4000-0000"),
        ("+558001234567", "+55 8001234567"),  # 0800 and its like have no area
        ("+5540041234", "+55 40041234"),
        ("+14155550123", "+1 4155550123"),
        ("+79161234567", "+7 9161234567"),
        ("+351912345678", "+351 912345678"),
        ("+5491122334455", "+54 91122334455"),
        ("+595981123456", "+595 981123456"),
        ("+123456789012345", "+1 23456789012345"),
        *(
            (same, same)
            for same in (
                *("", "—", "+1", "+55", "0800 123", "5511900000002", "+1234567890123456"),
                *("+0551190000000", "+55 11 90000-0002", "+55 11 *****-4471", "*****-0123"),
                *("=1+2", "+5511900000002\n", "+55119000\u0660\u0660\u0660\u0660\u0660"),
            )
        ),
    ],
)
def test_in_full(phone: str, shown: str) -> None:
    assert spaced_phone(phone) == shown


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_in_full_no_digit_is_lost_and_what_is_typed_from_it_is_found(phone: str) -> None:
    shown = spaced_phone(phone)
    assert " " in shown
    for start in range(len(shown)):
        typed = shown[start : start + 6]
        assert (joined_phone(typed) or "?") in phone
    assert joined_phone(shown) == phone


@pytest.mark.parametrize("text", ["", "-", "+", "( )", "ramal 12", "%", "11_9", "\u0661"])
def test_what_is_of_no_phone(text: str) -> None:
    assert joined_phone(text) is None
