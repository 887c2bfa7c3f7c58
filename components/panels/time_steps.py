"""The time axis of a graph: its steps and their names, what a press on one sets, and holidays.

A step is a day, an ISO week or a month; of a period of one day, an hour. Graphs over time draw step
number n at the position n of plotly's x axis.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from typing import Any, Final, Self, TypedDict

from babel.dates import format_date

from components.holidays import holiday
from components.html_tree import Element, Span
from components.locale import Locale
from components.panels.figures import SMALL, room_for, text
from components.panels.view import Figure
from components.theme import colour
from queries.filters import Filters
from queries.reader import Answer
from queries.time_axis import Bucket

#: Most labels on a time axis.
_MOST_LABELS: Final = 6
#: The length of the time axis on the narrowest screen of each drawing (``PanelView``), in pixels.
_SPANS: Final = {"wide": 426, "medium": 306, "narrow": 236}
#: The width of a step's label with a gap, in pixels.
_LABEL_ROOMS: Final = {Bucket.HOUR: 34, Bucket.DAY: 40, Bucket.WEEK: 40, Bucket.MONTH: 58}
#: The size of the names of holidays, in pixels.
_NAME_SIZE: Final = 11


class Drawings(TypedDict):
    """A plotly figure for each width of the screen; pass them to ``PanelView`` as keywords.

    ``medium`` or ``narrow`` is None where that figure would be equal to ``wide``.
    """

    wide: Figure
    medium: Figure | None
    narrow: Figure | None


# No slots: what follows from the steps is computed once, and several parts of a graph need it.
@dataclass(frozen=True)
class TimeSteps:
    """The steps of the time axis of an answer.

    ``starts`` are the first days of the steps, or the beginnings of hours, ascending. ``filters``
    are those of the answer, and ``now`` its minute, in the zone of the days.
    """

    starts: tuple[date, ...]
    filters: Filters
    now: datetime

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Return the steps of ``answer``, whose frame has their first days as ``period``."""
        return cls(
            tuple(dict.fromkeys(answer.frame["period"].tolist())), answer.filters, answer.now
        )

    @cached_property
    def positions(self) -> list[int]:
        """The positions of the steps on the axis: 0, 1, 2 and so on."""
        return list(range(len(self.starts)))

    @cached_property
    def running(self) -> int | None:
        """The position of the step in which ``now`` lies; None where the period leaves it out.

        That step has only a part of its numbers.
        """
        today, span = self.now.date(), self.filters.span
        if not span.start <= today <= span.end:
            return None
        if self._bucket is Bucket.HOUR:
            return self.now.hour
        return max(place for place, start in enumerate(self.starts) if start <= today)

    def names(self, locale: Locale) -> list[str]:
        """Return the translated name of each step.

        Examples for a day, a week and a month: "dom., 15/11/2026 · Proclamação da República
        (feriado)", "Semana de 09/11 a 15/11/2026", "nov. de 2026". Days of national holidays name
        the holiday. Hours are named by their beginning and end. The running step says until when it
        goes: "qui., 26/11/2026 · parcial, até 15:42".
        """
        names = [step_name(start, self._bucket, locale) for start in self.starts]
        if self.running is not None:
            until = locale.texts.gettext("partial, until {time}", time=f"{self.now:%H:%M}")
            names[self.running] += f" · {until}"
        return names

    @cached_property
    def presses(self) -> list[list[str]]:
        """The filters that a press on each step sets, as in ``view.Press``.

        They narrow the period to the days of the step; days of the step outside the period stay
        outside. Example: ["start", "2026-11-01", "end", "2026-11-07"]. A press on an hour sets
        nothing.
        """
        if self._bucket is Bucket.HOUR:
            return [[] for _start in self.starts]
        return [self._slice(start) for start in self.starts]

    def hatched(self, trace: Figure) -> Figure:
        """Return the plotly trace of bars ``trace`` with the bar of the running step hatched."""
        if self.running is None:
            return trace
        pattern = {
            "shape": ["/" if place == self.running else "" for place in self.positions],
            "fgcolor": colour("card"),
            "fillmode": "overlay",
            "size": 6,
            "solidity": 0.4,
        }
        return trace | {"marker": trace["marker"] | {"pattern": pattern}}

    def words(self, locale: Locale) -> list[Element]:
        """Return the translated note "by hour", "by week" or "by month", in a list.

        The list is empty where the steps are days.
        """
        words = {
            Bucket.HOUR: locale.texts.gettext("by hour"),
            Bucket.WEEK: locale.texts.gettext("by week"),
            Bucket.MONTH: locale.texts.gettext("by month"),
        }
        return [Span(words[self._bucket], className="steps")] if self._bucket in words else []

    def drawings(self, figure: Figure, locale: Locale) -> Drawings:
        """Return a copy of ``figure`` for each width of the screen, with a time axis that fits it.

        Holidays have a dotted line, and above it their names where there is room. ``figure`` must
        have a ``layout``; its ``xaxis``, ``shapes`` and ``annotations`` are replaced, and its upper
        margin where holidays are named.
        """
        marked: Figure = figure["layout"] | {"shapes": self._holiday_lines()}

        def layout_of(drawing: str) -> Figure:
            names = self._holiday_names(_SPANS[drawing], locale)
            room = {"annotations": names, "margin": marked["margin"] | {"t": 22}}
            axis = time_axis(self.starts, self._bucket, locale, drawing)
            return marked | {"xaxis": axis} | (room if names else {})

        layouts = {drawing: layout_of(drawing) for drawing in _SPANS}

        def other(drawing: str) -> Figure | None:
            layout = layouts[drawing]
            return figure | {"layout": layout} if layout != layouts["wide"] else None

        return {
            "wide": figure | {"layout": layouts["wide"]},
            "medium": other("medium"),
            "narrow": other("narrow"),
        }

    @cached_property
    def _bucket(self) -> Bucket:
        return self.filters.effective_bucket

    def _slice(self, start: date) -> list[str]:
        span = self.filters.span
        last = self._bucket.next_first_day(start) - timedelta(days=1)
        return ["start", max(start, span.start).isoformat(), "end", min(last, span.end).isoformat()]

    @cached_property
    def _holidays(self) -> list[tuple[int, str]]:
        """Return the positions and the English names of the national holidays of Brazil.

        There are none where the steps are weeks or months.
        """
        if self._bucket is not Bucket.DAY:
            return []
        names = ((position, holiday(start)) for position, start in enumerate(self.starts))
        return [(position, name) for position, name in names if name]

    def _holiday_lines(self) -> list[Figure]:
        """Return plotly shapes: a dotted vertical line at each holiday."""
        return [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": position,
                "x1": position,
                "y0": 0,
                "y1": 1,
                "layer": "below",
                "line": {"color": colour("quiet"), "width": 1, "dash": "dot"},
                "opacity": 0.6,
            }
            for position, _name_of_day in self._holidays
        ]

    def _holiday_names(self, span: int, locale: Locale) -> list[Figure]:
        """Return plotly annotations: the names of holidays above an axis of ``span`` pixels.

        A name that would touch the one before it is left out.
        """
        annotations = []
        free_from = 0.0
        for position, name in self._holidays:
            # "All Souls' Day (holiday)": the dotted line says that it is a holiday.
            words = locale.texts.gettext(name).partition(" (")[0]
            width = room_for([words], _NAME_SIZE)
            middle = span * (position + 0.6) / (len(self.starts) + 0.2)
            left = max(min(middle - width / 2, span - width), 0)
            if left < free_from:
                continue
            free_from = left + width
            annotations.append(_above(words, (left + width / 2) / span))
        return annotations


def time_axis(
    starts: Sequence[date], bucket: Bucket, locale: Locale, drawing: str = "wide"
) -> Figure:
    """Return plotly's ``xaxis`` for time, with steps at the positions 0, 1, 2 and so on.

    ``starts`` are the first days of the steps, ascending. Not every step has a label, but the
    newest always has. ``drawing`` says for which width of the screen the axis is: "wide", "medium"
    or "narrow", each with fewer labels than the one before or as many. Raises ``KeyError`` for any
    other text.
    """
    most = min(_MOST_LABELS, _SPANS[drawing] // _LABEL_ROOMS[bucket])
    every = max(1, math.ceil(len(starts) / most))
    if bucket is Bucket.DAY and every > 1:
        every = math.ceil(every / 7) * 7 if len(starts) > 14 else every
    # Counted from the newest end, which is the one that people read first; hours from midnight.
    positions = list(range(len(starts) - 1, -1, -every))[::-1]
    if bucket is Bucket.HOUR:
        positions = list(range(0, len(starts), every))
    return {
        "tickvals": positions,
        "ticktext": [_label(starts[position], bucket, locale) for position in positions],
        "range": [-0.6, len(starts) - 0.4],
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"color": colour("quiet"), "size": SMALL},
        "tickangle": 0,
    }


def _above(words: str, x: float) -> dict[str, Any]:
    """Return a plotly annotation above the graph; ``x`` is a share of the axis, from 0 to 1."""
    return text(
        words,
        x,
        1,
        anchor="center",
        xref="paper",
        yref="paper",
        yanchor="bottom",
        font={"color": colour("quiet"), "size": _NAME_SIZE},
    )


def step_name(start: date, bucket: Bucket, locale: Locale) -> str:
    formats = locale.formats
    if bucket is Bucket.HOUR:
        return f"{start:%H:%M}\u2013{start + timedelta(hours=1):%H:%M}"
    if bucket is Bucket.MONTH:
        return formats.month(start)
    if bucket is Bucket.WEEK:
        return locale.texts.gettext(
            "Week from {start} to {end}",
            start=formats.short_day(start),
            end=formats.day(start + timedelta(days=6)),
        )
    name = holiday(start)
    return formats.weekday(start) + (f" · {locale.texts.gettext(name)}" if name else "")


def _label(start: date, bucket: Bucket, locale: Locale) -> str:
    if bucket is Bucket.HOUR:
        return f"{start:%H}".removeprefix("0") + "\u00a0h"
    if bucket is Bucket.MONTH:
        return _short_month(locale.language, start.year, start.month)
    return locale.formats.short_day(start)


@cache
def _short_month(language: str, year: int, month: int) -> str:
    """Return a month as "dez/26"; in English with an apostrophe, because "Dec 26" is also a day."""
    locale = Locale.of(language).formats.locale
    name = format_date(date(year, month, 1), "MMM", locale=locale).rstrip(".")
    return f"{name} \u2019{year % 100:02}" if language == "en" else f"{name}/{year % 100:02}"
