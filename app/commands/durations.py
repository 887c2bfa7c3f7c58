"""Durations as people type them: ``2s``, ``5m``, ``1h``."""

import re
from datetime import timedelta
from typing import Any, Final

import click

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_WRITTEN: Final = re.compile(r"([0-9]{1,6})([smhd])")


class Duration(click.ParamType[timedelta]):
    """A parameter that is a duration of a second at least, as ``2s``, ``5m``, ``1h`` or ``1d``."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        """Return the duration; ``fail`` of click ends the command where it is none."""
        if isinstance(value, timedelta):
            return value
        found = _WRITTEN.fullmatch(str(value))
        if not found or not int(found[1]):
            self.fail("it takes a duration as 2s, 5m, 1h or 1d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


#: The type of parameters that are durations.
DURATION: Final = Duration()
