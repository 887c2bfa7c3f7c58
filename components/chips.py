"""What is selected, as chips that can be taken away one by one."""

from dash import html
from dash.development.base_component import Component

from components.chip import chip
from components.filter_bar import MORE
from components.formats import shortened
from components.look import Look
from components.words import SHORT_FILTERS, filter_word
from queries.filters import LISTS, Filters

_LIMIT = 40
#: Chips of one filter before the rest is told as a number.
_MOST = 6


def chips(filters: Filters, look: Look) -> list[Component]:
    """A chip a selected value, and "clear filters" where the question is not the default one."""
    shown = [one for name in LISTS for one in _of_filter(name, filters, look)]
    return [] if filters == Filters() else [*shown, clear_all(look)]


def clear_all(look: Look) -> Component:
    return html.Button(
        look.texts.t("Clear filters"),
        type="button",
        className="link-button",
        **{"data-action": "clear"},
    )


def selected_count(filters: Filters) -> int:
    """How many filters narrow the page, the period apart."""
    return sum(1 for name in LISTS if getattr(filters, name))


def _of_filter(name: str, filters: Filters, look: Look) -> list[Component]:
    values: tuple[str, ...] = getattr(filters, name)
    label = look.texts.t(SHORT_FILTERS[name])
    shown = [_chip(name, label, value, look) for value in values[:_MOST]]
    if (rest := len(values) - _MOST) > 0:
        more = look.texts.t("{label}: {count} more", label=label, count=look.formats.count(rest))
        shown.append(html.Span(more, className="chip chip-rest"))
    return shown


def _chip(name: str, label: str, value: str, look: Look) -> Component:
    text = f"{label}: {shortened(filter_word(name, value, look), _LIMIT)}"
    title = value if len(value) > _LIMIT else None
    return chip(text, look, action="remove", name=name, value=value, title=title)


def more_count(filters: Filters) -> int:
    """How many of the filters behind "more filters" are set."""
    return sum(1 for name in MORE if getattr(filters, name))
