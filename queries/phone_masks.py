"""The patterns of phones inside texts, and the functions that hide their first digits.

A phone may be a value of its own or part of a name, a case number, a message id or the title of an
error. ``queries.visibility`` decides where and for whom phones are masked. The patterns run in
Python and in SQL, so they use no look-ahead, no look-behind and only numbered groups.
"""

import re
from dataclasses import dataclass
from typing import Final

_BRAZILIAN: Final = re.compile(r"\+55(\d{2})\d{4,5}(\d{4})")
#: The fewest digits that a phone has; fewer digits in a row are never masked as a phone.
FEWEST_DIGITS: Final = 8
#: Replaces the hidden digits. ``is_masked`` recognises masked texts by it.
HIDDEN: Final = "*****"
_DIGIT: Final = "[0-9]"
#: The characters that people write between the digits of a phone: blanks, dashes, brackets and the
#: like, invisible characters included.
SIGNS_BETWEEN_DIGITS: Final = (
    " \t_.-()\u00a0\u200b\u200c\u200d\u2009\u2010\u2011\u2012\u2013\u2014\u2015\u202f\u2060"
)
_SIGN: Final = f"[{SIGNS_BETWEEN_DIGITS.replace('-', chr(92) + '-')}]"
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
#: The replacement for patterns with the groups of ``_BEFORE``, ``_LAST_FOUR`` and ``_AFTER``.
_LEFT: Final = f"\\1{HIDDEN}-\\2\\3\\4\\5\\6"
_ANNOUNCED: Final = (
    "((?:^|[^A-Za-z])(?i:whatsapp|wa\\.me|zap|tel|telefone|phone|fone|cel|celular|sms|contato)"
    "(?: ?[:=/] ?))"
)

#: Eight digits, perhaps with signs between them. A text without them has no phone to mask, and most
#: texts have none: this one search saves all others.
EIGHT_DIGITS: Final = f"{_DIGIT}(?:{_SIGN}{{0,5}}{_DIGIT}){{7}}"
_EIGHT_DIGITS: Final = re.compile(EIGHT_DIGITS)
#: How often all replacements are made. Two phones may share the character between them; the match
#: of the first takes it, and only a second round finds the second phone.
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True)
class Mask:
    """The patterns of phones in one kind of text. Call it with a text to get the text masked.

    ``replacements`` are pairs of a regular expression and the text that replaces what it matches.
    The replacement names groups of the expression by their number.
    """

    replacements: tuple[tuple[str, str], ...]

    @property
    def any_pattern(self) -> str:
        """One regular expression that matches in every text that this mask would change."""
        return "|".join(pattern for pattern, _ in self.replacements)

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """The pairs of pattern and replacement to apply to a text, one after another.

        Each pair of ``replacements`` occurs twice, because two phones may share the character
        between them.
        """
        return self.replacements * _ROUNDS

    def __call__(self, text: str) -> str:
        """Return ``text`` with each phone reduced to its last four digits: ``*****-4471``."""
        if not _EIGHT_DIGITS.search(text):
            return text
        for pattern, replacement in self.steps:
            text = re.sub(pattern, replacement, text)
        return text


#: Masks phones inside any text: digits after a plus, after a word such as “tel”, before the @ of a
#: WhatsApp address, and numbers in Brazilian or North American form. Other rows of digits are not
#: masked, because they may be numbers of orders or cases.
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
#: Masks phones inside the name of a person or the title of an error: also any eight digits in a row
#: or more, which can hardly be anything else there.
PHONES_IN_NAME: Final = Mask(
    (
        *PHONES_IN_TEXT.replacements,
        (f"{_DIGIT}{{4,}}({_DIGIT}{{4}})", f"{HIDDEN}-\\1"),
        (_TEN_OR_MORE, f"{HIDDEN}-\\1\\2\\3\\4"),
        (f"{_BEFORE}(?:9[ .\\-]?{_DIGIT}{{4}}|9{_DIGIT}{{4}})[ .\\-]{_LAST_FOUR}{_AFTER}", _LEFT),
    )
)


def is_masked(text: str) -> bool:
    """Return whether ``text`` contains ``*****``, which stands in place of hidden digits."""
    return HIDDEN in text


def mask_phone(phone: str) -> str:
    """Return ``phone``, a text that is one phone and nothing else, with most digits hidden.

    A Brazilian number in E.164 becomes ``+55 11 *****-4471``, any other ``*****-4471``. A text of
    fewer than eight digits becomes ``*****``, because four digits would be half of it or more.
    """
    if brazilian := _BRAZILIAN.fullmatch(phone):
        return f"+55 {brazilian[1]} *****-{brazilian[2]}"
    digits = re.sub(r"\D", "", phone)
    return f"*****-{digits[-4:]}" if len(digits) >= 8 else "*****"
