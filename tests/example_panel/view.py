"""Messages by weekday and hour of the day: a table with a row for each day of the week."""

from datetime import date
from typing import Final

from babel.dates import format_date

from components.html_tree import Element, Td, Th, Tr
from components.locale import Locale
from components.panels.view import Panel, PanelView, fact, facts, heading, list_table
from components.texts import gettext_noop
from queries.reader import Answer
from tests.example_panel import query as messages_by_hour

#: A Monday. The seven days from it have the names of all weekdays.
_MONDAY: Final = date(2024, 1, 1)


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return a table of weekdays: each with its messages and the hour that has most of them."""
    count = locale.formats.count
    total = int(answer.frame["messages"].sum())
    label = locale.texts.ngettext("message", "messages", total)
    frame = answer.frame.astype(int)
    busiest = frame.loc[frame.groupby("weekday")["messages"].idxmax()].set_index("weekday")["hour"]
    by_day = frame.groupby("weekday")["messages"].sum()
    rows = [
        Tr(
            [
                Th([_day_name(weekday, locale)], scope="row"),
                Td(count(int(number)), className="number"),
                Td(f"{busiest[weekday]} h", className="number"),
            ]
        )
        for weekday, number in by_day.items()
    ]
    return PanelView(
        words=[facts([fact(count(total), label)])],
        caption="; ".join(
            f"{_day_name(weekday, locale)}: {count(int(number))}"
            for weekday, number in by_day.items()
        ),
        cards=[_table(rows, locale)],
    )


def _table(rows: list[Element], locale: Locale) -> Element:
    heads = [heading(PANEL, "weekday", locale)]
    numbers = [heading(PANEL, name, locale) for name in ("messages", "hour")]
    return list_table(locale.texts.gettext(PANEL.title), heads, numbers, rows)


def _day_name(weekday: int, locale: Locale) -> str:
    day = _MONDAY.replace(day=weekday)
    return str(format_date(day, "EEEE", locale=locale.formats.locale))


PANEL: Final = Panel(
    query=messages_by_hour.PANEL,
    title=gettext_noop("Messages by weekday and hour"),
    definition=gettext_noop("Messages of the selection by the weekday and hour of the message."),
    place=95,
    view=view,
    is_empty=lambda answer: answer.frame.empty,
    kind="list",
)
