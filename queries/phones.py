"""Phones as a reader without the right to see them gets them."""

import re
from typing import Final

_BRAZILIAN: Final = re.compile(r"\+55(\d{2})\d{4,5}(\d{4})")


def mask_phone(phone: str) -> str:
    """``+55 11 *****-4471`` of a Brazilian number; of others no more than the last four digits.

    A number under eight digits shows none of them: four would be half of it.
    """
    if brazilian := _BRAZILIAN.fullmatch(phone):
        return f"+55 {brazilian[1]} *****-{brazilian[2]}"
    digits = re.sub(r"\D", "", phone)
    return f"*****-{digits[-4:]}" if len(digits) >= 8 else "*****"
