"""Builds plotly figures as plain dicts: layout, bars, axis of counts, texts.

The panels with a graph put their figures together from these parts; ``time_steps`` has the time
axis.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

from components.locale import Locale
from components.panels.view import FAILED, Figure
from components.theme import colour

#: The height of a line in a text of plotly, as a multiple of the font's size.
_LINE: Final = 1.3
FONT: Final = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
#: The size of the figures' texts, in pixels.
SMALL: Final = 12
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
