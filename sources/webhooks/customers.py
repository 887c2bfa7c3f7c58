"""Reads who a customer of WhatsApp is: phone and business-scoped user id."""

import re
from typing import Any, Final

#: A phone as webhooks write it: digits, with or without a plus. Business numbers may have blanks.
_DIGITS: Final = re.compile(r"\+?([0-9]{8,15})")
_BETWEEN_DIGITS: Final = re.compile(r"[\s()-]")
#: A business-scoped user id: the country, then perhaps a kind (``ENT``), then an id.
_BSUID: Final = re.compile(r"([A-Z]{2})\.[A-Za-z0-9.]{1,200}")


def phone_of(value: Any) -> str | None:
    """Return the phone in ``value`` as ``+`` and 8 to 15 digits, or None where it holds none."""
    if not isinstance(value, str):
        return None
    match = _DIGITS.fullmatch(_BETWEEN_DIGITS.sub("", value))
    return f"+{match[1]}" if match else None


def bsuid_of(*values: Any) -> str | None:
    """Return the first of ``values`` that is a business-scoped user id, or None."""
    for value in values:
        if isinstance(value, str) and _BSUID.fullmatch(value):
            return value
    return None
