"""Tells in which country a customer's phone is."""

from functools import lru_cache
from typing import Final

import phonenumbers

_KNOWN_AT_ONCE: Final = 100_000


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
