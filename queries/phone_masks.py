"""Masks phones for readers who may not see them.

A phone may stand on its own or inside another text: a name, a case number, the id of a message, the
title of an error. The patterns here define what counts as a phone inside a text. Python and the
engines must read them alike, so they use no look-ahead, no look-behind and only numbered groups.
"""

import re
from dataclasses import dataclass
from typing import Final

_BRAZILIAN: Final = re.compile(r"\+55(\d{2})\d{4,5}(\d{4})")
#: Fewer digits in a row are not taken for a phone.
FEWEST_DIGITS: Final = 8
#: Stands in the place of the hidden digits; ``is_masked`` recognises masked texts by it.
HIDDEN: Final = "*****"
_DIGIT: Final = "[0-9]"
#: What people write between the digits of a phone, invisible characters included.
_SIGN: Final = "[ \t_.\\-()\u00a0\u200b-\u200d\u2009\u2010-\u2015\u202f\u2060]"
_LAST_FOUR: Final = f"{_SIGN}{{0,5}}".join([f"({_DIGIT})"] * 4)
_EIGHT_OR_MORE: Final = f"(?:{_SIGN}{{0,5}}{_DIGIT}){{4,14}}{_SIGN}{{0,5}}{_LAST_FOUR}"
_TEN_OR_MORE: Final = f"{_DIGIT}(?:{_SIGN}{{0,3}}{_DIGIT}){{5,14}}{_SIGN}{{0,3}}{_LAST_FOUR}"
_BEFORE: Final = "(^|[^0-9])"
_AFTER: Final = "($|[^0-9])"
_AREA: Final = f"0?\\(?[1-9][1-9]\\)?{_SIGN}{{0,3}}"
_MOBILE: Final = f"9(?:{_SIGN}{{0,3}}{_DIGIT}){{4}}{_SIGN}{{0,3}}{_LAST_FOUR}"
_ANY_BRAZILIAN: Final = (
    f"(?:9{_SIGN}?)?[2-9](?:{_SIGN}{{0,3}}{_DIGIT}){{3}}{_SIGN}{{0,3}}{_LAST_FOUR}"
)
#: The replacement for a pattern of ``_BEFORE``, ``_LAST_FOUR`` and ``_AFTER``.
_LEFT: Final = f"\\1{HIDDEN}-\\2\\3\\4\\5\\6"
_ANNOUNCED: Final = (
    "((?:^|[^A-Za-z])(?i:whatsapp|wa\\.me|zap|tel|telefone|phone|fone|cel|celular|sms|contato)"
    "(?: ?[:=/] ?))"
)

#: Every phone that is masked has eight digits or more. Most texts do not, and are not searched on.
_EIGHT_DIGITS: Final = re.compile(f"{_DIGIT}(?:{_SIGN}{{0,5}}{_DIGIT}){{7}}")
#: Two phones may share the character between them. The first match takes it, so that a second round
#: is needed to find the second phone.
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True)
class Mask:
    """Masks the phones in one kind of text.

    ``replacements`` are pairs of a pattern and the replacement for everything that it matches.
    """

    replacements: tuple[tuple[str, str], ...]

    @property
    def any_pattern(self) -> str:
        """One pattern that matches in every text that has something to mask."""
        return "|".join(pattern for pattern, _ in self.replacements)

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """The replacements in the order in which they are made, one after the other."""
        return self.replacements * _ROUNDS

    def __call__(self, text: str) -> str:
        """Return ``text`` with at most the last four digits of each phone in it."""
        if not _EIGHT_DIGITS.search(text):
            return text
        for pattern, replacement in self.steps:
            text = re.sub(pattern, replacement, text)
        return text


#: Masks phones inside any text: digits after a plus, after a word such as “tel”, before the @ of a
#: WhatsApp address, and numbers in Brazilian or North American form. Other rows of digits may be
#: numbers of orders or cases, and stay.
PHONES_IN_TEXT: Final = Mask(
    (
        (f"[+\uff0b]{_EIGHT_OR_MORE}", f"{HIDDEN}-\\1\\2\\3\\4"),
        (f"{_ANNOUNCED}{_EIGHT_OR_MORE}", f"\\1{HIDDEN}-\\2\\3\\4\\5"),
        # The limit is longer than any phone. Without one, long rows of digits would take forever.
        (f"{_DIGIT}{{6,20}}({_DIGIT}{{4}})((?:[:\\-]{_DIGIT}{{1,20}})?@)", f"{HIDDEN}-\\1\\2"),
        (f"{_BEFORE}(?:00|0)?55{_SIGN}{{0,3}}{_AREA}{_ANY_BRAZILIAN}{_AFTER}", _LEFT),
        (f"{_BEFORE}{_AREA}{_MOBILE}{_AFTER}", _LEFT),
        (
            (
                f"{_BEFORE}(?:0?\\([1-9][1-9]\\) ?|[1-9][1-9] )[2-5]{_DIGIT}{{3}}[ .\\-]?"
                f"{_LAST_FOUR}{_AFTER}"
            ),
            _LEFT,
        ),
        (
            (
                f"{_BEFORE}(?:1[ .\\-])?(?:\\([2-9]{_DIGIT}{{2}}\\) ?|[2-9]{_DIGIT}{{2}}[ .\\-])"
                f"[2-9]{_DIGIT}{{2}}[ .\\-]{_LAST_FOUR}{_AFTER}"
            ),
            _LEFT,
        ),
    )
)
#: Masks phones inside a name or a title, where a long row of digits can be nothing else.
PHONES_IN_NAME: Final = Mask(
    (
        *PHONES_IN_TEXT.replacements,
        (f"{_DIGIT}{{4,}}({_DIGIT}{{4}})", f"{HIDDEN}-\\1"),
        (_TEN_OR_MORE, f"{HIDDEN}-\\1\\2\\3\\4"),
        (f"{_BEFORE}(?:9[ .\\-]?{_DIGIT}{{4}}|9{_DIGIT}{{4}})[ .\\-]{_LAST_FOUR}{_AFTER}", _LEFT),
    )
)


def is_masked(text: str) -> bool:
    """Return whether a phone was masked in ``text``."""
    return HIDDEN in text


def mask_phone(phone: str) -> str:
    """Return ``+55 11 *****-4471`` for a Brazilian number, for others the last four digits.

    Of fewer than eight digits none is shown: four would be half of them.
    """
    if brazilian := _BRAZILIAN.fullmatch(phone):
        return f"+55 {brazilian[1]} *****-{brazilian[2]}"
    digits = re.sub(r"\D", "", phone)
    return f"*****-{digits[-4:]}" if len(digits) >= 8 else "*****"
