"""Texts made safe for printing to a terminal."""

import pytest

from app.terminal import printable


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Ação — 100 % “ok” 日本 😀", "Ação — 100 % “ok” 日本 😀"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\r\nb\tc\x00", r"a\r\nb\tc\x00"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("\u202eabc\u2066\u200b\ufeff", r"\u202eabc\u2066\u200b\ufeff"),
        ("\udcff", r"\udcff"),
        ("a\u00a0b", r"a\xa0b"),
        ("", ""),
    ],
)
def test_control_and_invisible_characters_are_escaped(given: str, shown: str) -> None:
    assert printable(given) == shown
    assert printable(shown) == shown
