"""Makes the filter bar: period, reference date, and a dropdown for each list filter.

Also the options of the dropdowns, as the browser gets them.
"""

from collections.abc import Iterable
from typing import Final

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from components import ids
from components.bootstrap import with_attributes
from components.html_tree import Button, Div, Element, Input, P, Span, StaticHtml, Summary
from components.labels import BASES, FILTERS, all_label, filter_label, vocabulary
from components.locale import Locale
from components.period_presets import PRESETS
from queries.filters import Basis
from queries.options import Option

#: The filters whose dropdowns are always in view, in order.
BAR: Final = ("person", "channel", "case_type", "case")
#: The filters behind the button "More filters", in order.
MORE: Final = ("team", "agent", "direction", "status", "kind", "template")
#: The filters whose values come from a closed vocabulary and not from the data.
FIXED: Final = ("direction", "status", "kind")


def filter_bar(locale: Locale) -> Component:
    """Return the bar with all filters, none of which has a value yet but the reference date.

    The browser then sets them to what the page's address says.
    """
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
            dbc.Row(
                [
                    _period(locale),
                    _basis(locale),
                    *(dropdown(name, locale) for name in BAR),
                    _more(locale),
                    _foot(locale),
                ],
                class_name="controls",
            ),
            _chip_line(locale),
        ],
        id=ids.FILTER_BAR,
        className="filter-bar",
        role="search",
        **{"aria-label": locale.texts.gettext("Filters")},
    )


def _chip_line(locale: Locale) -> Component:
    """Return the line below the controls: chips of what is selected, and what a press has done.

    It hangs below the bar, where the page has room for it in any case: so nothing moves when chips
    come or go.
    """
    note = [Span(), Button(type="button", className="link-button", **{"data-action": "undo"})]
    return html.Div(
        [
            StaticHtml(id=ids.CHIPS, className="chips"),
            StaticHtml(
                [Div(note, id=ids.PRESSED_NOTE, className="pressed-note", hidden=True)],
                role="status",
            ),
        ],
        className="chip-line",
        role="group",
        **{"aria-label": locale.texts.gettext("Chosen filters")},
    )


def _foot(locale: Locale) -> Component:
    """Return the foot of the filters on a phone: see so many cases, and close.

    The browser writes the number of cases (assets/scripts/filter_sheet.js); the stylesheet shows
    the foot only where the filters are unfolded.
    """
    gettext, ngettext = locale.texts.gettext, locale.texts.ngettext
    words = {
        "data-show": gettext("See {cases}"),
        "data-one": ngettext("{count} case", "{count} cases", 1, count=1),
        "data-many": ngettext("{count} case", "{count} cases", 2, count="{count}"),
    }
    close = Button(
        gettext("Close"),
        type="button",
        className="quiet-button",
        **{"data-action": "fold-filters", "data-value": "close"},
    )
    return html.Div(
        [
            StaticHtml(
                [gettext("See the numbers")],
                id=ids.SHOW_CASES,
                tag="button",
                type="button",
                className="soft-button",
                **{"data-action": "fold-filters", "data-value": "see", **words},
            ),
            StaticHtml([close], className="as-one"),
        ],
        className="filter-foot",
    )


def dropdown(name: str, locale: Locale) -> Component:
    """Return the dropdown of a filter, with its label and without options.

    ``name`` is one of ``BAR`` and ``MORE``. The browser asks the server for the options when the
    reader is about to open the dropdown (assets/scripts/options.js).
    """
    control = dbc.Col(
        [
            dbc.Label(
                _label_parts(locale.texts.gettext(FILTERS[name])),
                id=f"{ids.control(name)}-label",
                html_for=ids.control(name),
            ),
            dcc.Dropdown(
                id=ids.control(name),
                multi=True,
                options=[],
                value=[],
                placeholder=all_label(name, locale),
                labels=_dropdown_labels(locale),
                optionHeight="auto",
                maxHeight=320,
                search_order="original",
                persistence=False,
            ),
        ],
        width="auto",
        class_name=f"control control-{name.replace('_', '-')}",
    )
    return with_attributes(control, **{"data-filter": name})


def _label_parts(label: str) -> list[Component | str]:
    """Split a label before its bracket, so that the stylesheet can hide the bracket."""
    name, bracket, rest = label.partition(" (")
    return [name, html.Span(bracket + rest, className="label-rest")] if rest else [name]


def options(name: str, choices: Iterable[Option], locale: Locale) -> list[list[str]]:
    """Return ``[value, label, text beside the label]`` for each of ``choices``.

    ``choices`` are the options of the filter ``name``. The text beside the label is the number of
    cases; for the filter ``case`` it is requester, type and opening day. The choices keep their
    order, but codes of the filters in ``FIXED`` stand in the order of their vocabulary. The browser
    makes the dropdown's options from the result (assets/scripts/options.js).
    """
    return [
        [option.value, filter_label(name, option.value, locale), _beside(name, option, locale)]
        for option in _in_order(name, choices, locale)
    ]


def _in_order(name: str, choices: Iterable[Option], locale: Locale) -> list[Option]:
    """Return codes in the order of their vocabulary, so that none moves when counts change.

    Values from the data keep the order in which they came.
    """
    if name not in FIXED:
        return list(choices)
    order = list(vocabulary(name, locale))
    return sorted(choices, key=lambda option: order.index(option.value))


def _beside(name: str, option: Option, locale: Locale) -> str:
    return _case_text(option, locale) if name == "case" else locale.formats.count(option.cases)


def _case_text(option: Option, locale: Locale) -> str:
    opened = locale.formats.day(option.opened_at.date()) if option.opened_at else None
    return " · ".join(part for part in (option.person_name, option.case_type, opened) if part)


def cases_placeholder(total: int, locale: Locale) -> str:
    """Return the text of the case dropdown while no case is selected, for example "1.610 casos".

    ``total`` is the number of cases that the other filters leave.
    """
    return locale.texts.ngettext(
        "{count} case", "{count} cases", total, count=locale.formats.count(total)
    )


def _period(locale: Locale) -> Component:
    """Return the button that names the period, with the menu of presets and the calendar."""
    label = FILTERS["period"]
    return dbc.Col(
        [
            StaticHtml(
                [locale.texts.gettext(label)],
                id=f"{ids.PERIOD}-label",
                tag="span",
                className="control-label",
            ),
            dcc.Store(id=ids.PERIOD),
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
        width="auto",
        class_name="control control-period",
    )


def _presets(locale: Locale) -> Component:
    return StaticHtml(
        [_preset(name, text, locale) for name, text in PRESETS.items()], className="presets"
    )


def _days(locale: Locale) -> Component:
    """Return the fields in which days are typed, and the box of the calendar.

    ``assets/scripts/typed_period.js`` reads the fields, ``assets/scripts/calendar.js`` draws the
    calendar.
    """
    gettext = locale.texts.gettext
    label = gettext("Custom period")
    swap = Button(
        gettext("Swap"),
        id=ids.PERIOD_SWAP,
        type="button",
        className="link-button",
        **{"data-action": "swap-typed"},
    )
    return StaticHtml(
        [
            Span(label, className="control-label"),
            Div(
                [
                    _day_field(ids.PERIOD_START, gettext("start"), locale),
                    Span("\u2013", **{"aria-hidden": "true"}),
                    _day_field(ids.PERIOD_END, gettext("end"), locale),
                ],
                className="day-fields",
            ),
            Div(
                [P(id=ids.PERIOD_ERROR), swap],
                className="period-error",
                hidden=True,
            ),
            Div(id=ids.CALENDAR, className="calendar"),
        ],
        className="other-days",
        role="group",
        **{"aria-label": label},
    )


def _day_field(field_id: str, name: str, locale: Locale) -> Element:
    return Input(
        id=field_id,
        type="text",
        inputMode="numeric",
        autoComplete="off",
        spellCheck=False,
        placeholder=locale.texts.gettext("dd/mm/yyyy"),
        **{"aria-label": name},
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
    return dbc.Col(
        [
            dbc.Label(locale.texts.gettext(label), id=f"{ids.BASIS}-label", html_for=ids.BASIS),
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
        width="auto",
        class_name="control control-basis",
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
            html.Div(
                [dropdown(name, locale) for name in MORE],
                className="menu-body menu-right more-body",
            ),
        ],
        className="menu more",
        id=ids.MORE,
    )


def list_texts(locale: Locale) -> dict[str, str]:
    """Return the translated texts of an open list of options, by the names that scripts use.

    ``shown`` says how many of all options are there, ``too_many`` why all cannot be marked at once,
    ``no_name`` and ``no_case`` that the period has none that is searched for, ``all_periods`` that
    the search is one without the period. ``all``, ``everywhere``, ``select_all``, ``select_shown``
    are texts of buttons. Scripts fill places such as ``{total}``.
    """
    gettext = locale.texts.gettext
    return {
        "shown": gettext("{count} of {total}"),
        "all": gettext("all {total}"),
        "too_many": gettext("a filter takes at most {limit} values: refine the search"),
        "no_name": gettext("No name in this period"),
        "no_case": gettext("No case in this period"),
        "everywhere": gettext("Search in all periods"),
        "all_periods": gettext("in all periods"),
        "select_all": gettext("Select all"),
        "select_shown": gettext("Select the {count} shown"),
    }


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
