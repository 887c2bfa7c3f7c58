"""The filter bar: period, reference date, and one dropdown a filter."""

from collections.abc import Iterable
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from components import ids
from components.look import Look
from components.plain import Button, P, Part, Span, Still, Summary
from components.texts import mark
from components.words import BASES, FILTERS, filter_word, vocabulary
from queries.filters import Basis
from queries.options import Option

#: Always in view, and behind "more filters".
BAR: Final = ("person", "channel", "case_type", "case")
MORE: Final = ("team", "agent", "direction", "status", "kind", "template")
FIXED: Final = ("direction", "status", "kind")

PRESETS: Final = {
    "today": mark("Today"),
    "yesterday": mark("Yesterday"),
    "last7": mark("Last 7 days"),
    "last30": mark("Last 30 days"),
    "last90": mark("Last 90 days"),
    "this_month": mark("This month"),
    "last_month": mark("Last month"),
    "all": mark("Everything"),
}


def filter_bar(look: Look) -> Component:
    """The bar as it stands before the address is read."""
    return html.Div(
        [
            Still(
                [
                    Summary(
                        [
                            Span(look.texts.t("Filters")),
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
                    _period(look),
                    _basis(look),
                    *(dropdown(name, look) for name in BAR),
                    _more(look),
                ],
                className="controls",
            ),
        ],
        id=ids.FILTER_BAR,
        className="filter-bar",
        role="search",
        **{"aria-label": look.texts.t("Filters")},
    )


def dropdown(name: str, look: Look) -> Component:
    """The dropdown of one list filter; its options come with the first answer."""
    label = look.texts.t(FILTERS[name])
    return html.Div(
        [
            Still(
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
                placeholder=look.texts.t("All"),
                labels=_dropdown_labels(look),
                optionHeight="auto",
                maxHeight=320,
                search_order="original",
                persistence=False,
            ),
        ],
        className=f"control control-{name.replace('_', '-')}",
        **{"data-filter": name},
    )


def _label_parts(label: str) -> list[Part | str]:
    """A label; what it says in brackets is left out where room is scarce."""
    name, bracket, rest = label.partition(" (")
    return [name, Span(bracket + rest, className="label-rest")] if rest else [name]


def options(name: str, found: Iterable[Option], look: Look) -> list[list[str]]:
    """What a dropdown offers, each as value, label and what stands beside it.

    The browser makes options of them: it knows what is selected meanwhile and what was typed.
    """
    return [
        [option.value, filter_word(name, option.value, look), _beside(name, option, look)]
        for option in _in_order(name, found, look)
    ]


def _in_order(name: str, found: Iterable[Option], look: Look) -> list[Option]:
    """Values of a closed vocabulary in its own order, so that none moves when counts change."""
    if name not in FIXED:
        return list(found)
    order = list(vocabulary(name, look))
    return sorted(found, key=lambda option: order.index(option.value))


def _beside(name: str, option: Option, look: Look) -> str:
    return _case_words(option, look) if name == "case" else look.formats.count(option.cases)


def _case_words(option: Option, look: Look) -> str:
    opened = look.formats.day(option.opened_at.date()) if option.opened_at else None
    return " · ".join(part for part in (option.person_name, option.case_type, opened) if part)


def cases_placeholder(total: int, look: Look) -> str:
    """What stands in the empty list of cases: 1.610 casos."""
    return look.texts.tn("{count} case", "{count} cases", total, count=look.formats.count(total))


def _period(look: Look) -> Component:
    """A button that says the period; behind it the presets, and then a calendar for any days."""
    label = FILTERS["period"]
    return html.Div(
        [
            Still(
                [look.texts.t(label)],
                id=f"{ids.PERIOD}-label",
                tag="span",
                className="control-label",
            ),
            html.Details(
                [
                    Still(
                        [Span(id=ids.PERIOD_FACE)],
                        tag="summary",
                        className="period-button with-arrow",
                        **{"aria-labelledby": f"{ids.PERIOD}-label {ids.PERIOD_FACE}"},
                    ),
                    html.Div([_presets(look), _days(look)], className="menu-body period-body"),
                ],
                className="menu",
            ),
        ],
        className="control control-period",
    )


def _presets(look: Look) -> Component:
    return Still([_preset(name, text, look) for name, text in PRESETS.items()], className="presets")


def _days(look: Look) -> Component:
    return html.Div(
        [
            Still(
                [look.texts.t("Other days")],
                tag="label",
                className="control-label",
                htmlFor=f"{ids.PERIOD}-start",
            ),
            dcc.DatePickerRange(
                id=ids.PERIOD,
                start_date_id=f"{ids.PERIOD}-start",
                end_date_id=f"{ids.PERIOD}-end",
                updatemode="bothdates",
                display_format="DD/MM/YYYY",
                month_format="MMMM YYYY",
                first_day_of_week=0 if look.language == "pt-BR" else 1,
                minimum_nights=0,
                number_of_months_shown=1,
                clearable=False,
                start_date_placeholder_text=look.texts.t("start"),
                end_date_placeholder_text=look.texts.t("end"),
                persistence=False,
            ),
            Still([P(id=ids.PERIOD_ERROR, className="period-error", hidden=True)]),
        ],
        className="other-days",
    )


def _preset(name: str, text: str, look: Look) -> Part:
    return Button(
        look.texts.t(text),
        type="button",
        className="menu-item",
        **{"data-action": "preset", "data-value": name},
    )


def _basis(look: Look) -> Component:
    label = FILTERS["basis"]
    return html.Div(
        [
            Still([look.texts.t(label)], id=f"{ids.BASIS}-label", tag="label", htmlFor=ids.BASIS),
            dcc.Dropdown(
                id=ids.BASIS,
                options=[
                    {"label": look.texts.t(text), "value": value} for value, text in BASES.items()
                ],
                value=Basis.SENT.value,
                clearable=False,
                searchable=False,
                persistence=False,
            ),
        ],
        className="control control-basis",
    )


def _more(look: Look) -> Component:
    return html.Details(
        [
            Still(
                [
                    Span(look.texts.t("More filters")),
                    Span(id=ids.MORE_COUNT, className="count-badge"),
                ],
                tag="summary",
                className="more-button with-arrow",
            ),
            html.Div([dropdown(name, look) for name in MORE], className="menu-body more-body"),
        ],
        className="menu more",
        id=ids.MORE,
    )


def _dropdown_labels(look: Look) -> dict[str, str]:
    t = look.texts.t
    return {
        "select_all": t("Select all"),
        "deselect_all": t("Deselect all"),
        "selected_count": t("{num_selected} selected"),
        "search": t("Search"),
        "clear_search": t("Clear search"),
        "clear_selection": t("Clear selection"),
        "no_options_found": t("Nothing found"),
    }
