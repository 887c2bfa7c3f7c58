"""Tells the countries of customers' phones that no source told, for what messages cost.

A calling code that belongs to one country names it; SQL does that. For the few calling codes that
several countries share, such as 1 and 7, each different phone is looked up.
"""

from typing import Final

import phonenumbers
import pyarrow as pa

from sources.countries import country_of
from sources.loading.load_connection import LoadConnection

_LONGEST_CODE: Final = 3
#: What phonenumbers calls the calling codes that belong to no country.
_NO_COUNTRY: Final = "001"
#: The country of each calling code that only one country has.
_CODES: Final = {
    str(code): regions[0]
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    if len(regions) == 1 and regions[0] != _NO_COUNTRY
}


def add_phone_countries(load: LoadConnection, messages: str) -> None:
    """Make ``phone_countries``: ``phone, country`` of the phones in a table without a country.

    ``messages`` is the name of a table with ``contact`` (a phone in E.164 or null), ``country`` and
    ``needs_country``. Phones whose country nobody knows are left out.
    """
    load.execute(
        f"""create temp table phone_countries as
        select distinct contact as phone, null::varchar as country from {messages}
        where needs_country and country is null and contact is not null"""
    )
    codes = pa.table({"code": list(_CODES), "country": list(_CODES.values())})
    load.connection.register("calling_codes", codes)
    try:
        for length in range(1, _LONGEST_CODE + 1):
            load.execute(
                f"""update phone_countries p set country = c.country from calling_codes c
                where length(c.code) = {length} and substr(p.phone, 2, {length}) = c.code"""
            )
    finally:
        load.connection.unregister("calling_codes")
    _look_up_others(load)


def _look_up_others(load: LoadConnection) -> None:
    phones = [
        row[0]
        for row in load.connection.execute(
            "select phone from phone_countries where country is null"
        ).fetchall()
    ]
    if not phones:
        return
    found = pa.table(
        {
            "phone": pa.array(phones, pa.string()),
            "country": pa.array([country_of(phone, None) for phone in phones], pa.string()),
        }
    )
    load.connection.register("looked_up", found)
    try:
        load.execute(
            """update phone_countries p set country = f.country from looked_up f
            where f.phone = p.phone"""
        )
    finally:
        load.connection.unregister("looked_up")
