"""The list "Comparison": the figures of the period by channel, type, team and so on."""

from typing import Final

from components.formats import NOTHING, known
from components.html_tree import Element, Td, Th, Tr
from components.locale import Locale
from components.panels.view import Panel, PanelView, fact, facts, heading, list_table
from components.texts import gettext_noop
from queries.panels import breakdown
from queries.reader import Answer


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the list of values, most messages first."""
    frame = answer.frame
    rows = [
        _row(value, messages, locale)
        for value, messages in zip(frame.iloc[:, 0], frame["messages"], strict=True)
    ]
    total = locale.formats.count(int(frame["messages"].sum()))
    label = locale.texts.gettext("Messages").lower()
    table = list_table(
        locale.texts.gettext(PANEL.title),
        [heading(PANEL, "value", locale)],
        [heading(PANEL, "messages", locale)],
        rows,
    )
    return PanelView(words=[facts([fact(total, label)])], caption=f"{total} {label}", cards=[table])


def _row(value: object, messages: int, locale: Locale) -> Element:
    name = str(value) if known(value) else NOTHING
    return Tr([Th([name], scope="row"), Td(locale.formats.count(messages), className="number")])


def _is_empty(answer: Answer) -> bool:
    counted = answer.frame[["messages", "cases_created", "cases_attended"]]
    return not counted.astype(int).to_numpy().any()


PANEL: Final = Panel(
    query=breakdown.PANEL,
    title=gettext_noop("Comparison"),
    definition=gettext_noop("The figures of the period side by side."),
    place=70,
    view=view,
    is_empty=_is_empty,
    kind="list",
    height=430,
    narrow_height=430,
)
