"""Conversion of stored times to local ones."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from queries.result import local


@pytest.mark.parametrize(
    ("stored", "zone", "shown"),
    [
        ("2026-11-20T12:00:00", "America/Sao_Paulo", "2026-11-20T09:00:00-03:00"),
        # Sao Paulo was 3:06:28 behind until 1914; 3:06 is the nearest that can be written.
        ("1910-05-01T12:00:00", "America/Sao_Paulo", "1910-05-01T08:54:00-03:06"),
        ("1914-01-01T12:00:00", "America/Sao_Paulo", "1914-01-01T09:00:00-03:00"),
        # Monrovia was 44:30 behind until 1972, and is at UTC since.
        ("1972-01-01T12:00:00", "Africa/Monrovia", "1972-01-01T11:16:00-00:44"),
        ("1972-02-01T12:00:00", "Africa/Monrovia", "1972-02-01T12:00:00+00:00"),
        ("1910-05-01T12:00:00", "UTC", "1910-05-01T12:00:00+00:00"),
    ],
)
def test_offsets_are_of_whole_minutes(stored: str, zone: str, shown: str) -> None:
    found = local(datetime.fromisoformat(stored), ZoneInfo(zone))
    assert found.isoformat() == shown
    assert found == datetime.fromisoformat(stored).replace(tzinfo=UTC)
