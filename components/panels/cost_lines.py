"""What each message costs: for the API and for downloads. The page shows the sums of it."""

from typing import Final

from components import value_formats
from components.html_tree import Td, Tr
from components.locale import Locale
from components.panels.view import Panel, PanelView, fact, facts, heading, list_table
from components.texts import gettext_noop
from queries.panels import cost_lines
from queries.reader import Answer

_SHOWN: Final = ("message_id", "category", "rule", "rate", "amount")


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the rows of the page, with their rule, price and cost."""
    total = answer.total or 0
    label = locale.texts.ngettext("message", "messages", total)
    cells = [
        value_formats.page_cells(PANEL.query.column(name), answer.frame, locale) for name in _SHOWN
    ]
    rows = [Tr([Td(cell) for cell in row]) for row in zip(*cells, strict=True)]
    heads = [heading(PANEL, name, locale) for name in _SHOWN]
    return PanelView(
        words=[facts([fact(locale.formats.count(total), label)])],
        caption=f"{locale.formats.count(total)} {label}",
        cards=[list_table(locale.texts.gettext(PANEL.title), heads, (), rows)],
    )


PANEL: Final = Panel(
    query=cost_lines.PANEL,
    title=gettext_noop("Costs by message"),
    definition=gettext_noop("What each message of the selection costs, and why."),
    place=86,
    view=view,
    is_empty=lambda answer: answer.frame.empty,
    kind="list",
    is_shown=False,
)
