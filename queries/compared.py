"""What the panel ``breakdown`` compares (``By``): whose values become its rows."""

from enum import StrEnum
from typing import Final


class By(StrEnum):
    """What the rows of ``breakdown`` are: one for each channel, each hour of the day, and so on."""

    CHANNEL = "channel"
    CASE_TYPE = "case_type"
    TEAM = "team"
    AGENT = "agent"
    """The case's last agent; of waits the agent who ended them."""
    TEMPLATE = "template"
    WEEKDAY = "weekday"
    """From 1, Monday, to 7."""
    HOUR = "hour"
    """Of the local day, from 0 to 23."""
    WEEKDAY_HOUR = "weekday_hour"
    """Both together: 168 rows."""

    @property
    def is_of_time(self) -> bool:
        """Whether the rows are weekdays or hours, which are always all there."""
        return self in _OF_TIME

    @property
    def has_hours(self) -> bool:
        """Whether the rows tell hours apart."""
        return self in (By.HOUR, By.WEEKDAY_HOUR)

    @property
    def is_of_case(self) -> bool:
        """Whether a case has one value of it: so each case counts in one row."""
        return not self.is_of_time and self is not By.TEMPLATE


_OF_TIME: Final = frozenset({By.WEEKDAY, By.HOUR, By.WEEKDAY_HOUR})
