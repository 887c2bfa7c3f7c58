"""Finds the name or the phone of a person inside texts, and puts a neutral mark in its place."""

import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterator
from functools import cache
from typing import Final, Protocol

from queries.phone_masks import FEWEST_DIGITS, SIGNS_BETWEEN_DIGITS

#: Stands in place of what was erased.
MARK: Final = "[***]"
#: A shorter name would be found in too many words that are not meant.
_FEWEST_LETTERS: Final = 3

_BETWEEN: Final = f"[{SIGNS_BETWEEN_DIGITS.replace('-', chr(92) + '-')}]{{0,5}}"
#: From so many digits on, a row of digits that holds the number is it, whatever stands beside it.
_UNMISTAKABLE: Final = 11
#: The fewest digits of a number without its country code that is looked for.
_FEWEST_NATIONAL: Final = 9
#: A Brazilian mobile number in E.164: area code, the ninth digit or not, the eight others. Before
#: the ninth digit came, mobile numbers began with 6 to 9; others are of landlines.
_BRAZILIAN_MOBILE: Final = re.compile(r"55([1-9][1-9])(9?)([6-9][0-9]{7})")
#: A number in E.164 without its plus: country code and national number.
_COUNTRY: Final = re.compile(
    r"([17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2})([0-9]+)"
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_URL_SAFE: Final = str.maketrans("-_", "+/")


class PersonalValue(Protocol):
    """A name or a phone that is to be erased."""

    def masked(self, text: str) -> str:
        """Return ``text`` with ``MARK`` wherever the value stands in it."""


class NameInTexts:
    """The name of a person; it is found whatever the case and the accents, as whole words.

    A name with fewer than three letters, and fewer digits than a phone, is never found: it would be
    taken for other words. ``words`` are those of the name, () where it is never found.
    """

    def __init__(self, name: str) -> None:
        letters = sum(sign.isalpha() for sign in name)
        digits = sum(sign.isdigit() for sign in name)
        is_sought = letters >= _FEWEST_LETTERS or digits >= FEWEST_DIGITS
        self.words = tuple(name.split()) if is_sought else ()
        folded = fold(name).split() if is_sought else []
        self._pattern = re.compile(_whole_words(folded)) if folded else None

    def masked(self, text: str) -> str:
        """Return ``text`` with ``MARK`` in place of the name."""
        if self._pattern is None:
            return text
        folded, places = _fold_with_places(text)
        parts, done = [], 0
        for match in self._pattern.finditer(folded):
            start, end = places[match.start()], places[match.end() - 1] + 1
            while end < len(text) and _is_mark(text[end]):
                end += 1
            parts += [text[done:start], MARK]
            done = end
        return "".join([*parts, text[done:]]) if parts else text


class PhoneInTexts:
    """A phone in E.164; it is found however it is written, and in base64 as in Meta's message ids.

    ``numbers`` are the phone in E.164 and, of a Brazilian mobile phone, the same without or with
    its ninth digit. ``national`` are these without plus and country code; texts have them, too.
    ``last_digits`` stand in every way of writing it. ``encoded`` are parts of base64 of which one
    stands in every base64 of a number.
    """

    def __init__(self, phone: str) -> None:
        digits = _with_and_without_ninth_digit(phone.removeprefix("+"))
        national = [match[2] for one in digits if (match := _COUNTRY.fullmatch(one))]
        self.numbers = tuple(f"+{one}" for one in digits)
        self.national = tuple(one for one in national if len(one) >= _FEWEST_NATIONAL)
        self.last_digits = digits[0][-FEWEST_DIGITS:]
        self.encoded = tuple(part for one in digits for part in _base64_parts(one))
        self._digits = digits
        self._pattern = re.compile("|".join(_written(digits, self.national)))

    def masked(self, text: str) -> str:
        """Return ``text`` with ``MARK`` in place of the phone; in base64 zeros take its place."""
        if any(part in text for part in self.encoded):
            text = _BASE64.sub(lambda match: self._masked_base64(match[0]), text)
        return self._pattern.sub(MARK, text)

    def _masked_base64(self, text: str) -> str:
        # The base64 may begin somewhere in the text.
        for start in range(4):
            decoded = _decoded(text[start:])
            if found := next((one for one in self._digits if one.encode() in decoded), None):
                zeros = b"0" * len(found)
                encoded = b64encode(decoded.replace(found.encode(), zeros)).decode()
                whole = encoded.rstrip("=")[: len(text) - start]
                return text[:start] + _like(whole, text) + text[start + len(whole) :]
        return text


def spaced_pattern(digits: str) -> str:
    """Return a regular expression for ``digits`` with signs between them, for Python and SQL."""
    return _BETWEEN.join(digits)


def fold(text: str) -> str:
    """Return ``text`` in lower case and without accents."""
    return _fold_with_places(text)[0]


def _fold_with_places(text: str) -> tuple[str, list[int] | range]:
    """Return the folded text, and for each of its characters the place in ``text``."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded, places = [], []
    for place, sign in enumerate(text):
        for part in _folded_sign(sign):
            folded.append(part)
            places.append(place)
    return "".join(folded), places


@cache
def _folded_sign(sign: str) -> str:
    parts = unicodedata.normalize("NFD", sign.lower())
    return "".join(part for part in parts if not _is_mark(part))


def _is_mark(sign: str) -> bool:
    """Return whether ``sign`` is an accent or the like, which belongs to the sign before it."""
    return unicodedata.category(sign).startswith("M")


def _whole_words(words: list[str]) -> str:
    """Return the pattern of ``words`` in their order, where they are no parts of longer words."""
    pattern = r"\s+".join(map(re.escape, words))
    before = r"(?<!\w)" if _ends_at_spaces(words[0][0]) else ""
    after = r"(?!\w)" if _ends_at_spaces(words[-1][-1]) else ""
    return f"{before}{pattern}{after}"


def _ends_at_spaces(sign: str) -> bool:
    """Return whether a word that ends in ``sign`` ends there in a text; not so in Chinese."""
    return bool(re.match(r"\w", sign)) and unicodedata.east_asian_width(sign) not in ("W", "F")


def _with_and_without_ninth_digit(digits: str) -> tuple[str, ...]:
    mobile = _BRAZILIAN_MOBILE.fullmatch(digits)
    if not mobile:
        return (digits,)
    area, ninth, rest = mobile.groups()
    return digits, f"55{area}{'' if ninth else '9'}{rest}"


def _written(digits: tuple[str, ...], national: tuple[str, ...]) -> Iterator[str]:
    """Yield the patterns of a phone in texts, those that match more first."""
    for one in sorted(digits, key=len, reverse=True):
        yield rf"(?<![0-9])\(?(?:(?:\+|00){_BETWEEN})?{spaced_pattern(one)}(?![0-9])"
    for one in sorted(national, key=len, reverse=True):
        # Behind a plus it would be the number of another country.
        yield rf"(?<![0-9+])(?<!\+[ (])\(?(?:0{_BETWEEN})?{spaced_pattern(one)}(?![0-9])"
    for one in sorted(digits, key=len, reverse=True):
        if len(one) >= _UNMISTAKABLE:
            yield rf"\+?{one}"


def _base64_parts(digits: str) -> Iterator[str]:
    """Yield what every base64 of a text with ``digits`` has, for each of the three ways to begin.

    A character of base64 holds six bits. Those at the ends belong to other characters, too.
    """
    for before in range(3):
        encoded = b64encode(b"\0" * before + digits.encode()).decode()
        yield encoded[-(-before * 8 // 6) : (before + len(digits)) * 8 // 6]


def _decoded(text: str) -> bytes:
    """Return the bytes of a base64 text, of which a last lone character is left out."""
    whole = text.translate(_URL_SAFE)
    whole = whole[: len(whole) - (len(whole) % 4 == 1)]
    return b64decode(whole + "=" * (-len(whole) % 4))


def _like(encoded: str, text: str) -> str:
    """Return base64 with ``-`` and ``_`` in place of ``+`` and ``/`` where ``text`` has these."""
    if "-" in text or "_" in text:
        return encoded.replace("+", "-").replace("/", "_")
    return encoded
