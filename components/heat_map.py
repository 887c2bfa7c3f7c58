"""Draws one figure of each hour of the week: a table of numbers whose ground is deeper for more."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from components.comparison_figures import Figure, Row, change, figure, written
from components.html_tree import Button, Div, Element, Table, Tbody, Td, Th, Thead, Tr
from components.locale import Locale

#: How much of the colour the greatest number has; with more, its text could not be read.
_DEEPEST: Final = 45
WEEKDAYS: Final = range(1, 8)
HOURS: Final = range(24)
#: The cell that the Tab key reaches; arrow keys lead on from there.
_FIRST: Final = (1, 0)


def heat_map(
    rows: Sequence[Row], shown: Figure, told: Sequence[str], name: str, locale: Locale
) -> list[Element]:
    """Return the table, and the line below it in which a press on a cell tells its figures.

    ``rows`` are those of ``weekday_hour``, ``shown`` is the figure that is drawn, ``told`` are the
    names of the figures that a press tells. ``name`` is read out by screen readers, translated.
    """
    cells = {(row["weekday"], row["hour"]): row for row in rows}
    greatest = max((row[shown.name] or 0 for row in rows), default=0)
    head = [Td("")]
    head += [Th(f"{hour:02}", scope="col", className="number") for hour in HOURS]
    body = []
    for weekday in WEEKDAYS:
        line = [Th(locale.formats.weekday_name(weekday, short=True), scope="row")]
        for hour in HOURS:
            row = cells[weekday, hour]
            text = _told(row, told, locale)
            line.append(_cell(row, shown, greatest, text, locale))
        body.append(Tr(line))
    table = Table([Thead([Tr(head)]), Tbody(body)], className="heat-map", **{"aria-label": name})
    hint = locale.texts.gettext("Press an hour to read its figures; the arrow keys lead on.")
    return [
        Div([table], className="heat-scroll"),
        Div([hint], className="heat-told", role="status"),
    ]


def peak(rows: Sequence[Row], shown: Figure) -> Row | None:
    """Return the row with the greatest number of the figure; None where none is above 0."""
    return max(
        (row for row in rows if row[shown.name]), key=lambda row: row[shown.name], default=None
    )


def hour_name(hour: int) -> str:
    """Return the hour of a day as "14:00"."""
    return f"{hour:02}:00"


def hour_span(hour: int) -> str:
    """Return the begin and the end of an hour, with a dash between."""
    return f"{hour_name(hour)}\u2013{hour_name(hour + 1)}"


def when(row: Mapping[str, Any], locale: Locale) -> str:
    """Return the name of an hour of the week, such as "ter., 14:00" with its end."""
    weekday = locale.formats.weekday_name(row["weekday"], short=True)
    return f"{weekday}, {hour_span(row['hour'])}"


def _told(row: Row, told: Sequence[str], locale: Locale) -> str:
    """Return the figures of an hour in one line, each with its change."""
    texts = []
    for one in map(figure, told):
        changed = change(one, row, locale)
        more = f" ({changed.text})" if changed else ""
        heading = locale.texts.pgettext(*one.heading)
        texts.append(f"{heading} {written(one, row[one.name], locale)}{more}")
    return f"{when(row, locale)} · " + " · ".join(texts)


def _cell(row: Row, shown: Figure, greatest: float, told: str, locale: Locale) -> Element:
    value = row[shown.name]
    depth = round(_DEEPEST * (value or 0) / greatest) if greatest else 0
    button = Button(
        written(shown, value, locale) if value else "",
        type="button",
        className="heat-cell",
        tabIndex=0 if (row["weekday"], row["hour"]) == _FIRST else -1,
        **{"data-action": "tell", "data-value": told, "aria-label": told},
    )
    return Td([button], style={"--depth": str(depth)})
