"""Reads who a customer of WhatsApp is: phone, business-scoped user id, country."""

import re
from functools import lru_cache
from typing import Any, Final

import phonenumbers

#: A phone as webhooks write it: digits, with or without a plus. Business numbers may have blanks.
_DIGITS: Final = re.compile(r"\+?([0-9]{8,15})")
_BETWEEN_DIGITS: Final = re.compile(r"[\s()-]")
#: A business-scoped user id: the country, then perhaps a kind (``ENT``), then an id.
_BSUID: Final = re.compile(r"([A-Z]{2})\.[A-Za-z0-9.]{1,200}")
_KNOWN_AT_ONCE: Final = 100_000


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


def country_of(phone: str | None, bsuid: str | None) -> str | None:
    """Return the two letters of a customer's country, or None where neither id names one.

    Of a phone in E.164 it is the country whose numbering plan has it; a business-scoped user id
    begins with it.
    """
    named = _country_of_phone(phone) if phone else None
    return named or (bsuid[:2] if bsuid else None)


@lru_cache(_KNOWN_AT_ONCE)
def _country_of_phone(phone: str) -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return None
