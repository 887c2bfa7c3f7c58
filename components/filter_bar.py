"""The filter bar: period, reference date, and one dropdown a filter."""

from collections.abc import Iterable
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from components import ids
from components.html_tree import Button, Element, P, Span, StaticHtml, Summary
from components.labels import BASES, FILTERS, filter_label, vocabulary
from components.locale import Locale
from components.texts import gettext_noop
from queries.filters import Basis
from queries.options import Option

#: Always in view, and behind "more filters".
BAR: Final = ("person", "channel", "case_type", "case")
MORE: Final = ("team", "agent", "direction", "status", "kind", "template")
FIXED: Final = ("direction", "status", "kind")

PRESETS: Final = {
    "today": gettext_noop("Today"),
    "yesterday": gettext_noop("Yesterday"),
    "last7": gettext_noop("Last 7 days"),
    "last30": gettext_noop("Last 30 days"),
    "last90": gettext_noop("Last 90 days"),
    "this_month": gettext_noop("This month"),
    "last_month": gettext_noop("Last month"),
    "all": gettext_noop("Everything"),
}


def filter_bar(locale: Locale) -> Component:
    """The bar as it stands before the address is read."""
    return html.Div(
        [
            StaticHtml(
                [
                    Summary(
                        [
                            Span(locale.texts.gettext("Filters")),
                            Span(id=ids.FOLD_COUNT, className="count-badge"),
                        ],
                        className="fold-button",
                    ),
                ],
                id=ids.FOLD,
                tag="details",
                className="fold",
            ),
            html.Div(
                [
                    _period(locale),
                    _basis(locale),
                    *(dropdown(name, locale) for name in BAR),
                    _more(locale),
                ],
                className="controls",
            ),
        ],
        id=ids.FILTER_BAR,
        className="filter-bar",
        role="search",
        **{"aria-label": locale.texts.gettext("Filters")},
    )


def dropdown(name: str, locale: Locale) -> Component:
    """The dropdown of one list filter; its options come with the first answer."""
    label = locale.texts.gettext(FILTERS[name])
    return html.Div(
        [
            StaticHtml(
                _label_parts(label),
                id=f"{ids.control(name)}-label",
                tag="label",
                htmlFor=ids.control(name),
            ),
            dcc.Dropdown(
                id=ids.control(name),
                multi=True,
                options=[],
                value=[],
                placeholder=locale.texts.gettext("All"),
                labels=_dropdown_labels(locale),
                optionHeight="auto",
                maxHeight=320,
                search_order="original",
                persistence=False,
            ),
        ],
        className=f"control control-{name.replace('_', '-')}",
        **{"data-filter": name},
    )


def _label_parts(label: str) -> list[Element | str]:
    """A label; what it says in brackets is left out where room is scarce."""
    name, bracket, rest = label.partition(" (")
    return [name, Span(bracket + rest, className="label-rest")] if rest else [name]


def options(name: str, found: Iterable[Option], locale: Locale) -> list[list[str]]:
    """What a dropdown offers, each as value, label and what stands beside it.

    The browser makes options of them: it knows what is selected meanwhile and what was typed.
    """
    return [
        [option.value, filter_label(name, option.value, locale), _beside(name, option, locale)]
        for option in _in_order(name, found, locale)
    ]


def _in_order(name: str, found: Iterable[Option], locale: Locale) -> list[Option]:
    """Values of a closed vocabulary in its own order, so that none moves when counts change."""
    if name not in FIXED:
        return list(found)
    order = list(vocabulary(name, locale))
    return sorted(found, key=lambda option: order.index(option.value))


def _beside(name: str, option: Option, locale: Locale) -> str:
    return _case_words(option, locale) if name == "case" else locale.formats.count(option.cases)


def _case_words(option: Option, locale: Locale) -> str:
    opened = locale.formats.day(option.opened_at.date()) if option.opened_at else None
    return " · ".join(part for part in (option.person_name, option.case_type, opened) if part)


def cases_placeholder(total: int, locale: Locale) -> str:
    """What stands in the empty list of cases: 1.610 casos."""
    return locale.texts.ngettext(
        "{count} case", "{count} cases", total, count=locale.formats.count(total)
    )


def _period(locale: Locale) -> Component:
    """A button that says the period; behind it the presets, and then a calendar for any days."""
    label = FILTERS["period"]
    return html.Div(
        [
            StaticHtml(
                [locale.texts.gettext(label)],
                id=f"{ids.PERIOD}-label",
                tag="span",
                className="control-label",
            ),
            html.Details(
                [
                    StaticHtml(
                        [Span(id=ids.PERIOD_FACE)],
                        tag="summary",
                        className="period-button with-arrow",
                        **{"aria-labelledby": f"{ids.PERIOD}-label {ids.PERIOD_FACE}"},
                    ),
                    html.Div([_presets(locale), _days(locale)], className="menu-body period-body"),
                ],
                className="menu",
            ),
        ],
        className="control control-period",
    )


def _presets(locale: Locale) -> Component:
    return StaticHtml(
        [_preset(name, text, locale) for name, text in PRESETS.items()], className="presets"
    )


def _days(locale: Locale) -> Component:
    return html.Div(
        [
            StaticHtml(
                [locale.texts.gettext("Other days")],
                tag="label",
                className="control-label",
                htmlFor=ids.PERIOD_START,
            ),
            dcc.DatePickerRange(
                id=ids.PERIOD,
                start_date_id=ids.PERIOD_START,
                end_date_id=ids.PERIOD_END,
                updatemode="bothdates",
                display_format="DD/MM/YYYY",
                month_format="MMMM YYYY",
                first_day_of_week=0 if locale.language == "pt-BR" else 1,
                minimum_nights=0,
                number_of_months_shown=1,
                clearable=False,
                start_date_placeholder_text=locale.texts.gettext("start"),
                end_date_placeholder_text=locale.texts.gettext("end"),
                persistence=False,
            ),
            StaticHtml([P(id=ids.PERIOD_ERROR, className="period-error", hidden=True)]),
        ],
        className="other-days",
    )


def _preset(name: str, text: str, locale: Locale) -> Element:
    return Button(
        locale.texts.gettext(text),
        type="button",
        className="menu-item",
        **{"data-action": "preset", "data-value": name},
    )


def _basis(locale: Locale) -> Component:
    label = FILTERS["basis"]
    return html.Div(
        [
            StaticHtml(
                [locale.texts.gettext(label)],
                id=f"{ids.BASIS}-label",
                tag="label",
                htmlFor=ids.BASIS,
            ),
            dcc.Dropdown(
                id=ids.BASIS,
                options=[
                    {"label": locale.texts.gettext(text), "value": value}
                    for value, text in BASES.items()
                ],
                value=Basis.SENT.value,
                clearable=False,
                searchable=False,
                persistence=False,
            ),
        ],
        className="control control-basis",
    )


def _more(locale: Locale) -> Component:
    return html.Details(
        [
            StaticHtml(
                [
                    Span(locale.texts.gettext("More filters")),
                    Span(id=ids.MORE_COUNT, className="count-badge"),
                ],
                tag="summary",
                className="more-button with-arrow",
            ),
            html.Div([dropdown(name, locale) for name in MORE], className="menu-body more-body"),
        ],
        className="menu more",
        id=ids.MORE,
    )


def _dropdown_labels(locale: Locale) -> dict[str, str]:
    gettext = locale.texts.gettext
    return {
        "select_all": gettext("Select all"),
        "deselect_all": gettext("Deselect all"),
        "selected_count": gettext("{num_selected} selected"),
        "search": gettext("Search"),
        "clear_search": gettext("Clear search"),
        "clear_selection": gettext("Clear selection"),
        "no_options_found": gettext("Nothing found"),
    }
