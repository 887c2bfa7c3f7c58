"""What the figures of all graphs share: axes, steps, hovers, holidays. They are plain dicts."""

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
from queries.period import Bucket

#: How far plotly sets the lines of one text apart, in its font's size.
_LINE: Final = 1.3
FONT: Final = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
SMALL: Final = 12
_MOST_LABELS: Final = 6
#: Pixels between the ends of a time axis in the narrowest of each drawing, see ``PanelView``.
_SPANS: Final = {"wide": 426, "medium": 306, "narrow": 236}
#: Pixels that the label of a bucket needs with some air.
_LABEL_ROOMS: Final = {Bucket.DAY: 40, Bucket.WEEK: 40, Bucket.MONTH: 58}
_ROUND: Final = (1, 2, 2.5, 5, 10)


def layout(**more: Any) -> Figure:
    """The quiet frame that all figures share."""
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
    """Pixels for the labels of a vertical axis, estimated: to measure them plotly draws twice."""
    return round(8 + 0.6 * size * max(map(len, labels), default=0))


def _left(axis: Figure) -> int:
    return max(40, room_for(axis.get("ticktext", ())))


def bars(fill: str | list[str], hover: Sequence[str], **more: Any) -> Figure:
    """One series of bars, without outlines, of one colour or one a bar; that of failures is striped
    as well as coloured.
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
    """Whole round numbers from 0 to at least ``highest``, about ``steps`` apart from 0."""
    if highest <= 0:
        return [0, 1]
    rough = highest / steps
    power = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = max(1, int(next(m * power for m in _ROUND if m * power >= rough and m * power % 1 == 0)))
    return list(range(0, step * math.ceil(highest / step) + 1, step))


def count_axis(steps: Sequence[int], locale: Locale) -> Figure:
    """A vertical axis of counts; negative steps are written without their sign."""
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
    """A horizontal axis with one position a bucket; as many of them have a label as there is room
    for in the drawing of this width.
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
    """One figure for each width of the screen, as ``PanelView`` takes it."""

    wide: Figure
    medium: Figure | None
    narrow: Figure | None


def by_width(figure: Figure, starts: Sequence[date], bucket: Bucket, locale: Locale) -> Drawings:
    """``figure`` with its time axis for each width; None where it is the same as the wide one."""
    axes = {name: time_axis(starts, bucket, locale, name) for name in _SPANS}

    def drawn(name: str) -> Figure:
        return figure | {"layout": figure["layout"] | {"xaxis": axes[name]}}

    def other(name: str) -> Figure | None:
        return drawn(name) if axes[name] != axes["wide"] else None

    return {"wide": drawn("wide"), "medium": other("medium"), "narrow": other("narrow")}


def bucket_name(start: date, bucket: Bucket, locale: Locale) -> str:
    """What a bucket is called in full, with its holiday where it is a day."""
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
    """The filters of a press on the bucket that begins at ``start``: its days inside the period."""
    bucket, span = filters.effective_bucket, filters.span
    last = bucket.next_first_day(start) - timedelta(days=1)
    return ["start", max(start, span.start).isoformat(), "end", min(last, span.end).isoformat()]


def holiday_marks(starts: Sequence[date], bucket: Bucket) -> list[Figure]:
    """A dotted line behind each day that is a national holiday of Brazil."""
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
    """A text inside a figure, at a point of its axes."""
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
    """A column of words beside bars that lie ``step`` pixels apart, the first at 0.

    It is one text with a line for each bar, because each text costs the browser a layout of the
    page, whatever its length.
    """
    spaced = "<br>".join(f'<span style="font-size:{size}px">{line}</span>' for line in lines)
    column = text(spaced, x, (len(lines) - 1) / 2, **more)
    return column | {
        "align": column["xanchor"],
        "font": column["font"] | {"size": round(step / _LINE, 4)},
    }


def in_colour(words: str, name: str) -> str:
    """A part of a text in a colour of its own."""
    return f'<span style="color:{colour(name)}">{words}</span>'


def steps_words(filters: Filters, locale: Locale) -> list[Element]:
    """The words that say how wide the steps of the time axis are, where they are not days."""
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
    """dez/26; in English with an apostrophe, since Dec 26 is a day as well."""
    locale = Locale.of(language).formats.locale
    name = format_date(date(year, month, 1), "MMM", locale=locale).rstrip(".")
    return f"{name} \u2019{year % 100:02}" if language == "en" else f"{name}/{year % 100:02}"
