"""Names and phones are found in texts however they are written, and nothing else is."""

from base64 import b64decode, b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.personal_values import MARK, NameInTexts, PhoneInTexts

PHONE = "+5511987654471"
META_ID_START, META_ID_END = b"\x1c\x18\x0d", b"\x15\x02\x00\x12\x18\x143AA9D648F16B291CD40A\x00"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("João da Silva", MARK),
        ("oi, JOAO DA SILVA!", f"oi, {MARK}!"),
        ("Joa\u0303o da Silva\u0301.", f"{MARK}."),
        ("joão  da\nsilva", MARK),
        ("João da Silva e joao da silva", f"{MARK} e {MARK}"),
        ("“João da Silva”", f"“{MARK}”"),
        ("João da Silva-Souza", f"{MARK}-Souza"),
        ("João da Silvas", None),
        ("xJoão da Silva", None),
        ("João Silva", None),
        ("da Silva, João", None),
        ("ßJoão da Silva", None),
        ("", None),
    ],
)
def test_a_name_is_found_as_whole_words_whatever_its_case_and_accents(
    text: str, masked: str | None
) -> None:
    assert NameInTexts("João da Silva").masked(text) == (text if masked is None else masked)


@pytest.mark.parametrize(
    ("name", "text", "masked"),
    [
        ("李小龍", "李小龍先生", f"{MARK}先生"),  # no blanks between words
        ("Zoë 😀\ufe0f", "a zoe 😀 b", f"a {MARK} b"),
        ('Ana "Aninha" O\'Brien', 'ana "aninha" o\'brien', MARK),
        ("<b>Ana</b>", "x<b>ana</b>y", f"x{MARK}y"),
        ("a_b.*c", "a_b.*c a_bxxc", f"{MARK} a_bxxc"),
        ("11 98765-4471", "tel 11 98765-4471", f"tel {MARK}"),
    ],
)
def test_a_name_of_any_signs_is_taken_as_it_is(name: str, text: str, masked: str) -> None:
    assert NameInTexts(name).masked(text) == masked


@pytest.mark.parametrize("name", ["7", "Li", "-", "1234567", "a b", ""])
def test_a_name_that_would_be_taken_for_other_words_is_not_looked_for(name: str) -> None:
    found = NameInTexts(name)
    assert found.words == ()
    assert found.masked(f"x {name} y") == f"x {name} y"


@given(
    st.text(), st.text(), st.sampled_from(["José Núñez", "JOSE NUNEZ", "jose\u0301 nun\u0303ez"])
)
def test_a_name_between_any_texts_is_gone(before: str, after: str, way: str) -> None:
    text = f"{before} {way} {after}"
    masked = NameInTexts("José Núñez").masked(text)
    assert MARK in masked
    assert NameInTexts("José Núñez").masked(masked) == masked


@pytest.mark.parametrize(
    "way",
    [
        "+5511987654471",
        "5511987654471",
        "005511987654471",
        "+55 11 98765-4471",
        "+55 (11) 9 8765.4471",
        "55\u00a011\u00a098765\u20104471",
        "(11) 98765-4471",
        "11987654471",
        "011 98765 4471",
        "0 11 98765-4471",
        # Before the ninth digit came.
        "+551187654471",
        "(11) 8765-4471",
        "1187654471",
    ],
)
def test_a_phone_is_found_however_it_is_written(way: str) -> None:
    for phone in (PHONE, "+551187654471"):
        for before, after in (
            ("", ""),
            ("tel:", "."),
            ("a ", "@c.us"),
            ("x", "x"),
            ("n. 7 ", " 8"),
        ):
            assert PhoneInTexts(phone).masked(before + way + after) == before + MARK + after


@pytest.mark.parametrize(
    "text",
    [
        "98765-4471",  # of any area code
        "+11987654471",  # of another country
        "+ 11 98765-4471",
        "119876544710",
        "21187654471",
        "+5511987654472",
        "+5521987654471",
    ],
)
def test_other_numbers_are_left(text: str) -> None:
    assert PhoneInTexts(PHONE).masked(text) == text


def test_the_whole_number_is_found_inside_longer_rows_of_digits() -> None:
    assert PhoneInTexts(PHONE).masked("20251101551198765447100") == f"20251101{MARK}00"


@pytest.mark.parametrize(
    ("phone", "numbers", "national"),
    [
        (PHONE, (PHONE, "+551187654471"), ("11987654471", "1187654471")),
        ("+551187654471", ("+551187654471", PHONE), ("1187654471", "11987654471")),
        # A landline has no ninth digit, nor has a mobile phone whose eight digits look like one.
        ("+551132654471", ("+551132654471",), ("1132654471",)),
        ("+5511932654471", ("+5511932654471",), ("11932654471",)),
        ("+351912345678", ("+351912345678",), ("912345678",)),
        ("+14155552671", ("+14155552671",), ("4155552671",)),
        ("+4712345678", ("+4712345678",), ()),  # eight digits may be anything
        ("+12345678", ("+12345678",), ()),
    ],
)
def test_the_numbers_of_a_phone(
    phone: str, numbers: tuple[str, ...], national: tuple[str, ...]
) -> None:
    found = PhoneInTexts(phone)
    assert found.numbers == numbers
    assert found.national == national
    assert all(number.endswith(found.last_digits) for number in numbers)


@pytest.mark.parametrize("skipped", range(3))
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("phone", ["5511987654471", "551187654471"])
def test_a_phone_in_base64_becomes_zeros(skipped: int, encode: object, phone: str) -> None:
    """The end of the id, which tells it from others, stays."""
    start = META_ID_START[skipped:] + b"\xff\xfe"[:skipped]
    text = encode(start + phone.encode() + META_ID_END).decode()  # type: ignore[operator]
    zeros = encode(start + b"0" * len(phone) + META_ID_END).decode()  # type: ignore[operator]
    assert PhoneInTexts(PHONE).masked(f"id wamid.{text}, {text}") == f"id wamid.{zeros}, {zeros}"
    assert PhoneInTexts(PHONE).masked(f"wamid.{text.rstrip('=')}") == f"wamid.{zeros.rstrip('=')}"
    assert PhoneInTexts("+5511900000002").masked(text) == text


@given(st.binary(max_size=12), st.binary(max_size=12))
def test_no_base64_of_the_phone_is_missed(before: bytes, after: bytes) -> None:
    digits = PHONE[1:].encode()
    text = b64encode(before + digits + after).decode()
    masked = PhoneInTexts(PHONE).masked(text)
    assert len(masked) == len(text)
    assert digits not in b64decode(masked)
