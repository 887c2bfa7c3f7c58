"""Builds plotly figures as plain dicts: layout, bars, axes, labels of buckets, holiday lines.

The panels with a graph put their figures together from these parts. A bucket is a step of the time
axis: a day, an ISO week or a month.
"""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, TypedDict

from babel.dates import format_date

from components.holidays import holiday
from components.html_tree import Element, Span
from components.locale import Locale
from components.panels.view import FAILED, Figure
from components.theme import colour
from queries.filters import Filters
from queries.time_axis import Bucket

#: The height of a line in a text of plotly, as a multiple of the font's size.
_LINE: Final = 1.3
FONT: Final = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
#: The size of the figures' texts, in pixels.
SMALL: Final = 12
#: Most labels on a time axis.
_MOST_LABELS: Final = 6
#: The length of the time axis on the narrowest screen of each drawing (``PanelView``), in pixels.
_SPANS: Final = {"wide": 426, "medium": 306, "narrow": 236}
#: The width of a bucket's label with a gap, in pixels.
_LABEL_ROOMS: Final = {Bucket.DAY: 40, Bucket.WEEK: 40, Bucket.MONTH: 58}
#: Steps of an axis are one of these, times a power of ten.
_ROUND: Final = (1, 2, 2.5, 5, 10)


def layout(**more: Any) -> Figure:
    """Return the plotly layout that all figures share, with the properties ``more``.

    A property of ``more`` replaces the whole shared one of that name. The left margin has room for
    the labels (``ticktext``) of the property ``yaxis``.
    """
    return {
        "paper_bgcolor": colour("card"),
        "plot_bgcolor": colour("card"),
        "font": {"family": FONT, "size": SMALL, "color": colour("text")},
        "showlegend": False,
        "dragmode": False,
        "barcornerradius": 2,
        "bargap": 0.28,
        "hoverlabel": {
            "bgcolor": colour("card"),
            "bordercolor": colour("line"),
            "font": {"family": FONT, "size": SMALL, "color": colour("text")},
            "align": "left",
        },
        "margin": {"l": _left(more.get("yaxis", {})), "r": 18, "t": 8, "b": 28},
    } | more


def room_for(labels: Sequence[str], size: int = SMALL) -> int:
    """Return the estimated width in pixels that the longest of ``labels`` needs.

    ``size`` is the size of the font in pixels. The width is estimated because plotly would draw the
    figure twice to measure the labels.
    """
    return round(8 + 0.6 * size * max(map(len, labels), default=0))


def _left(axis: Figure) -> int:
    return max(40, room_for(axis.get("ticktext", ())))


def bars(fill: str | list[str], hover: Sequence[str], **more: Any) -> Figure:
    """Return a plotly trace of bars.

    ``fill`` is the colour of all bars, or a list with the colour of each (``var(--…)``); ``hover``
    has the hover text of each bar; ``more`` are further properties of the trace, such as ``x`` and
    ``y``. If ``fill`` is the one colour of failures, the bars are striped as well, for people who
    cannot tell colours apart.
    """
    marker: Figure = {"color": fill, "line": {"width": 0}}
    if fill == FAILED:
        marker["pattern"] = {
            "shape": "/",
            "fgcolor": colour("card"),
            "fillmode": "overlay",
            "size": 5,
            "solidity": 0.25,
        }
    return {
        "type": "bar",
        "marker": marker,
        "hovertext": list(hover),
        "hoverinfo": "text",
    } | more


def nice_steps(highest: float, steps: int = 4) -> list[int]:
    """Return round whole numbers for an axis: from 0 to the first that is not below ``highest``.

    They are equally far apart, and at most ``steps`` are above 0. Example: ``nice_steps(437)`` is
    [0, 200, 400, 600]. Where ``highest`` is 0 or less, the result is [0, 1].
    """
    if highest <= 0:
        return [0, 1]
    rough = highest / steps
    power = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = max(1, int(next(m * power for m in _ROUND if m * power >= rough and m * power % 1 == 0)))
    return list(range(0, step * math.ceil(highest / step) + 1, step))


def count_axis(steps: Sequence[int], locale: Locale) -> Figure:
    """Return plotly's ``yaxis`` for counts, with a label and a line at each of ``steps``.

    Negative steps are counts that are drawn downwards, and are labelled without a minus. Raises
    ``ValueError`` where ``steps`` is empty.
    """
    return {
        "tickvals": list(steps),
        "ticktext": [locale.formats.count(abs(step)) for step in steps],
        "range": [min(steps) * 1.02, max(steps) * 1.02],
        "fixedrange": True,
        "gridcolor": colour("line"),
        "gridwidth": 1,
        "zeroline": True,
        "zerolinecolor": colour("quiet"),
        "zerolinewidth": 1,
        "tickfont": {"color": colour("quiet"), "size": SMALL},
    }


def time_axis(
    starts: Sequence[date], bucket: Bucket, locale: Locale, drawing: str = "wide"
) -> Figure:
    """Return plotly's ``xaxis`` for time, with buckets at the positions 0, 1, 2 and so on.

    ``starts`` are the first days of the buckets, ascending. Not every bucket has a label, but the
    newest always has. ``drawing`` says for which width of the screen the axis is: "wide", "medium"
    or "narrow", each with fewer labels than the one before or as many. Raises ``KeyError`` for any
    other text.
    """
    most = min(_MOST_LABELS, _SPANS[drawing] // _LABEL_ROOMS[bucket])
    every = max(1, math.ceil(len(starts) / most))
    if bucket is Bucket.DAY and every > 1:
        every = math.ceil(every / 7) * 7 if len(starts) > 14 else every
    # Counted from the newest end, which is the one that people read first.
    positions = list(range(len(starts) - 1, -1, -every))[::-1]
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


class Drawings(TypedDict):
    """A plotly figure for each width of the screen; pass them to ``PanelView`` as keywords.

    ``medium`` or ``narrow`` is None where that figure would be equal to ``wide``.
    """

    wide: Figure
    medium: Figure | None
    narrow: Figure | None


def by_width(figure: Figure, starts: Sequence[date], bucket: Bucket, locale: Locale) -> Drawings:
    """Return a copy of ``figure`` for each width of the screen, with a time axis that fits it.

    ``starts`` are the first days of the buckets, ascending. ``figure`` must have a ``layout``; its
    ``xaxis`` is replaced.
    """
    axes = {name: time_axis(starts, bucket, locale, name) for name in _SPANS}

    def drawn(name: str) -> Figure:
        return figure | {"layout": figure["layout"] | {"xaxis": axes[name]}}

    def other(name: str) -> Figure | None:
        return drawn(name) if axes[name] != axes["wide"] else None

    return {"wide": drawn("wide"), "medium": other("medium"), "narrow": other("narrow")}


def bucket_name(start: date, bucket: Bucket, locale: Locale) -> str:
    """Return the translated name of the bucket that begins on ``start``, its first day.

    Examples for a day, a week and a month: "dom., 15/11/2026 · Proclamação da República (feriado)",
    "Semana de 09/11 a 15/11/2026", "nov. de 2026". Days of national holidays name the holiday.
    """
    formats = locale.formats
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


def slice_of_time(start: date, filters: Filters) -> list[str]:
    """Return the filters that a press on a bucket sets, as in ``view.Press``.

    They narrow the period of ``filters`` to the days of the bucket; days of the bucket outside the
    period stay outside. ``start`` is the first day of the bucket. Example: ["start", "2026-11-01",
    "end", "2026-11-07"].
    """
    bucket, span = filters.effective_bucket, filters.span
    last = bucket.next_first_day(start) - timedelta(days=1)
    return ["start", max(start, span.start).isoformat(), "end", min(last, span.end).isoformat()]


def holiday_marks(starts: Sequence[date], bucket: Bucket) -> list[Figure]:
    """Return plotly shapes: a dotted vertical line at each national holiday of Brazil.

    ``starts`` are the first days of the buckets, at the positions 0, 1, 2 and so on of the time
    axis. There are no lines where the buckets are weeks or months.
    """
    if bucket is not Bucket.DAY:
        return []
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
        for position, start in enumerate(starts)
        if holiday(start)
    ]


def text(
    words: str, x: float, y: float, *, fill: str = "text", anchor: str = "left", **more: Any
) -> Figure:
    """Return a plotly annotation: the text ``words`` at the point (``x``, ``y``) of the axes.

    ``anchor``, "left", "center" or "right", is the part of the text that stands at ``x``; half its
    height is at ``y``. ``fill`` is the name of a colour of ``components.theme``. ``more`` adds
    properties of the annotation or replaces them. Plotly reads tags in ``words``, so texts that
    come from data must be escaped (``formats.escape``).
    """
    return {
        "text": words,
        "x": x,
        "y": y,
        "showarrow": False,
        "xanchor": anchor,
        "yanchor": "middle",
        "font": {"color": colour(fill), "size": SMALL},
    } | more


def rows_text(
    lines: Sequence[str], x: float, step: float, *, size: int = SMALL, **more: Any
) -> Figure:
    """Return a plotly annotation of several ``lines``, one beside each horizontal bar.

    The bars are at the positions 0, 1, 2 and so on, ``step`` pixels apart; the y axis of the figure
    must be reversed, so that they run from the top. ``x`` and ``more``, which may hold ``anchor``
    and ``fill``, are as for ``text``; ``size`` is that of the font in pixels. All lines are one
    annotation, because the browser lays out the page anew for each. Escape texts that come from
    data.
    """
    spaced = "<br>".join(f'<span style="font-size:{size}px">{line}</span>' for line in lines)
    column = text(spaced, x, (len(lines) - 1) / 2, **more)
    return column | {
        "align": column["xanchor"],
        "font": column["font"] | {"size": round(step / _LINE, 4)},
    }


def in_colour(words: str, name: str) -> str:
    """Return ``words`` in a tag that gives them a colour inside a text of plotly.

    ``name`` is that of a colour of ``components.theme``. Escape texts that come from data.
    """
    return f'<span style="color:{colour(name)}">{words}</span>'


def steps_words(filters: Filters, locale: Locale) -> list[Element]:
    """Return the translated note "by week" or "by month", in a list.

    It says what a step of the time axis of ``filters`` is. The list is empty where it is a day.
    """
    words = {
        Bucket.WEEK: locale.texts.gettext("by week"),
        Bucket.MONTH: locale.texts.gettext("by month"),
    }
    bucket = filters.effective_bucket
    return [Span(words[bucket], className="steps")] if bucket in words else []


def _label(start: date, bucket: Bucket, locale: Locale) -> str:
    if bucket is Bucket.MONTH:
        return _short_month(locale.language, start.year, start.month)
    return locale.formats.short_day(start)


@cache
def _short_month(language: str, year: int, month: int) -> str:
    """Return a month as "dez/26"; in English with an apostrophe, because "Dec 26" is also a day."""
    locale = Locale.of(language).formats.locale
    name = format_date(date(year, month, 1), "MMM", locale=locale).rstrip(".")
    return f"{name} \u2019{year % 100:02}" if language == "en" else f"{name}/{year % 100:02}"
