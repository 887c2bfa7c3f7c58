"""Phones are masked for some readers and formatted for others."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.phone_masks import PHONES_IN_NAME, PHONES_IN_TEXT, is_masked, mask_phone
from queries.phones import joined_phone, spaced_phone


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
def test_masked_phones(phone: str, shown: str) -> None:
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
def test_whole_phones(phone: str, shown: str) -> None:
    assert spaced_phone(phone) == shown


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_whole_phone_keeps_its_digits_and_is_found_when_typed(phone: str) -> None:
    shown = spaced_phone(phone)
    assert " " in shown
    for start in range(len(shown)):
        typed = shown[start : start + 6]
        assert (joined_phone(typed) or "?") in phone
    assert joined_phone(shown) == phone


@pytest.mark.parametrize("text", ["", "-", "+", "( )", "ramal 12", "%", "11_9", "\u0661"])
def test_texts_that_are_part_of_no_phone(text: str) -> None:
    assert joined_phone(text) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("5511987654321@s.whatsapp.net", "*****-4321@s.whatsapp.net"),
        ("351912345678@c.us", "*****-5678@c.us"),
        ("5511987654321:12@s.whatsapp.net", "*****-4321:12@s.whatsapp.net"),
        ("5511987654321-1600000000@g.us", "*****-4321-*****-0000@g.us"),
        ("true_5511977776666@c.us", "true_*****-6666@c.us"),
        ("+55 11 98765-4321", "*****-4321"),
        ("+1 415 555 2671, ok", "*****-2671, ok"),
        ("Falha para +5511977776666", "Falha para *****-6666"),
        ("5511977776666-x", "*****-6666-x"),
        ("5511987654321;5511987654322", "*****-4321;*****-4322"),
        ("+5511987654321+5511987654322", "*****-4321*****-4322"),
        ("whatsapp:+14155238886", "whatsapp:*****-8886"),
        ("https://wa.me/351912345678?text=oi", "https://wa.me/*****-5678?text=oi"),
        ("Tel: 351 912 345 678", "Tel: *****-5678"),
        ("João (11) 98765-4321 e 21 98888-7777", "João *****-4321 e *****-7777"),
        ("11987654321", "*****-4321"),
        ("0055 11 98765 4321", "*****-4321"),
        ("551133334444", "*****-4444"),
        ("11 3333-4444", "*****-4444"),
        ("11 98765 - 4301", "*****-4301"),
        ("(11) 98765 - 4302", "*****-4302"),
        ("11 9876-54303", "*****-4303"),
        ("11 987 654 304", "*****-4304"),
        ("+55_11_98765_4305", "*****-4305"),
        ("+55 11 98765 ... 4308", "*****-4308"),
        ("11 98765\u200b-4309", "*****-4309"),
        ("(415) 555-4312", "*****-4312"),
        ("1 415 555 4311", "*****-4311"),
        ("Zap: 447911123456", "Zap: *****-3456"),
        *(
            (same, same)
            for same in (
                *("", "48213", "CASE 2026-000123", "20261126000123", "1732600000000"),
                *("R$ 1.234.567,89", "2026-11-20 10:00:00", "10/11/2026 12:34", "131026"),
                *("11-2026-0457", "11.2025.0457", "21.2345.6789", "Pedido 123 456 7890"),
                *("hotel: 20/11/2026", "D+2 20/11/2026", "Telefone: 20/11/2026 10:00"),
                *("iPhone: 12345678", "10/11/2026 a 12/11/2026"),
                *("Pedido 00012345678", "*****-4321", "123e4567-e89b-12d3-a456-426614174000"),
            )
        ),
    ],
)
def test_phones_inside_texts(text: str, shown: str) -> None:
    assert PHONES_IN_TEXT(text) == shown
    assert PHONES_IN_TEXT(shown) == shown
    assert is_masked(shown) == (shown != text or "*****" in text)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana 351912345678", "Ana *****-5678"),
        ("Ana 98765-4321", "Ana *****-4321"),
        ("+5511987654321", "*****-4321"),
        ("Ana 44 7911 124310", "Ana *****-4310"),
        ("Ana 00 351 912 344 316", "Ana *****-4316"),
        ("Ana 9 8765-4319", "Ana *****-4319"),
        ("Loja 24 Horas", "Loja 24 Horas"),
        ("Turma 2024-2025", "Turma 2024-2025"),
    ],
)
def test_phones_inside_names(name: str, shown: str) -> None:
    assert PHONES_IN_NAME(name) == shown


_SEPARATORS = st.sampled_from(["", " ", "-", ".", ") ", "\u00a0", "\u2011"])


@given(st.from_regex(r"[1-9][0-9]{7,14}", fullmatch=True), st.lists(_SEPARATORS, min_size=14))
def test_no_more_than_four_digits_of_a_phone_with_a_plus_are_seen(
    digits: str, separators: list[str]
) -> None:
    written = "+" + "".join(
        digit + sign
        for digit, sign in zip(digits, [*separators[: len(digits) - 1], ""], strict=True)
    )
    shown = PHONES_IN_TEXT(f"de {written} hoje")
    assert re.sub(r"\D", "", shown) == digits[-4:]
    assert shown.startswith("de *****-")
    assert shown.endswith(" hoje")


def test_long_sequences_of_digits_take_linear_time() -> None:
    # With a pattern that tries every end of every start, these would take hours.
    digits = "1" * 200_000
    assert PHONES_IN_TEXT(digits) == digits
    assert PHONES_IN_NAME(digits) == "*****-1111"
    assert PHONES_IN_TEXT(f"+{digits}").startswith("*****-1111")
