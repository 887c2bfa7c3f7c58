"""The layout of the page: header, filters, empty panels, drawers, and the browser's stores.

It is what the browser shows before the server has answered any callback.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from components import ids
from components.bootstrap import with_attributes
from components.case_timeline import timeline_drawer
from components.deployment import Deployment
from components.downloads import download_lines, print_button
from components.empty_states import cover
from components.filter_bar import filter_bar
from components.first_run import empty_store
from components.help import help_drawer
from components.html_tree import (
    H2,
    A,
    Button,
    Children,
    Details,
    Div,
    Element,
    Figcaption,
    HtmlFigure,
    Li,
    Ol,
    Span,
    StaticHtml,
    Summary,
    painted,
)
from components.labels import control_labels
from components.lacking import folded_sentence, notes
from components.locale import Locale
from components.menus import button_entry, link_entry, menu
from components.panels import details
from components.panels.view import Panel
from components.signed_in import Viewer, signed_in_line
from components.sources import sources_drawer
from components.template_trend import trend_drawer
from components.texts import LANGUAGE_NAMES, gettext_noop
from components.widgets import chip_labels, tip
from queries.capabilities import Need
from queries.filters import LISTS

PAGE_TITLE: Final = "Consumo WhatsApp"
#: The choices of the theme menu, by the code that the address has.
THEMES: Final = {
    "auto": gettext_noop("Same as the system"),
    "light": gettext_noop("Light"),
    "dark": gettext_noop("Dark"),
}


def layout(
    locale: Locale,
    status: Mapping[str, Any] | None,
    fresh: Children,
    viewer: Viewer,
    deployment: Deployment,
    panels: Sequence[Panel],
) -> Component:
    """Return the whole page in the language of ``locale``, its panels still without data.

    ``panels`` stand in the order given. ``status`` are the facts about the store that the browser
    keeps, None while the store cannot be read; ``fresh`` is the sentence in the header on how new
    the data is (``callbacks.freshness.store_status`` returns both). ``viewer`` says what the reader
    may do.
    """
    lacks = status["lacks"] if status else ()
    page = dbc.Container(
        [
            *_stores(status, locale, deployment),
            *_choice_stores(panels),
            _skip_link(locale),
            *_breadcrumb(deployment, locale),
            _header(locale, fresh, viewer, demo=bool(status and status["demo"])),
            filter_bar(locale),
            _selection(locale),
            html.Main(
                [
                    empty_store(
                        locale,
                        deployment,
                        is_empty=bool(status and status["empty"]),
                        is_signed_in=viewer.signed_in is not None,
                    ),
                    *(
                        _details(panel, locale, viewer, deployment.case_url)
                        if panel.kind == "table"
                        else _panel(panel, panels, viewer, locale, lacks)
                        for panel in panels
                    ),
                ],
                id=ids.PANELS,
                className="panels",
            ),
            *timeline_drawer(locale),
            *trend_drawer(locale),
            *sources_drawer(locale),
            help_drawer(locale, panels),
        ],
        fluid=True,
        class_name="consumo",
        style={
            "--mend-filter": json.dumps(
                locale.texts.gettext("Correct the filter above"), ensure_ascii=False
            )
        },
    )
    return with_attributes(
        page,
        **{
            "data-words": json.dumps(chip_labels(locale), ensure_ascii=False),
            "data-query-seconds": deployment.query_seconds,
            "data-asks-ahead": str(deployment.asks_ahead).lower(),
            "data-control-words": json.dumps(control_labels(locale), ensure_ascii=False),
        },
    )


def _skip_link(locale: Locale) -> Component:
    """Return the link that skips the filters; it is visible only while it has the focus."""
    text = locale.texts.gettext("Go to the numbers")
    return StaticHtml(
        [A(text, href=f"#{ids.PANELS}", className="skip-link", **{"data-action": "skip"})]
    )


def _selection(locale: Locale) -> Component:
    """Return the part below the filters: alerts and notes about the selection."""
    too_long = locale.texts.gettext(
        "Selection too long for the address: it holds in this tab only and cannot be shared"
    )
    note = _closed_alert(too_long, ids.ADDRESS_NOTE, "address-note")
    return html.Div(
        [
            StaticHtml(
                [painted(Div(id=ids.ALERT, className="alert-line", role="alert"))],
                className="as-one",
            ),
            _closed_alert(None, ids.PERIOD_ALERT, "period-error"),
            with_attributes(note, role="status"),
            StaticHtml(id=ids.PRINTED, className="printed-selection"),
        ],
        className="selection",
        role="region",
        **{"aria-label": locale.texts.gettext("Selection")},
    )


def _stores(
    status: Mapping[str, Any] | None, locale: Locale, deployment: Deployment
) -> list[Component]:
    return [
        dcc.Store(id=ids.STATUS, data=dict(status) if status else None),
        dcc.Store(id=ids.NEWER_STATUS),
        dcc.Store(id=ids.HELD, data={}),
        dcc.Store(id=ids.APPLIED),
        dcc.Store(id=ids.TABLE_QUESTION),
        dcc.Store(id=ids.QUESTION),
        dcc.Store(id=ids.ANSWERS),
        dcc.Store(id=ids.AHEAD_QUESTION),
        dcc.Store(id=ids.AHEAD_ANSWERS),
        dcc.Store(id=ids.THEME),
        dcc.Store(id=ids.ACTION),
        dcc.Store(id=ids.AS_TABLE, data=[]),
        *(dcc.Store(id=ids.asked(name)) for name in LISTS),
        *(dcc.Store(id=ids.found(name)) for name in LISTS),
        dcc.Store(
            id=ids.TABLE_ALL_COLUMNS, data=details.column_definitions(locale, deployment.case_url)
        ),
        dcc.Interval(id=ids.MINUTE, interval=60_000),
        dcc.Interval(id=ids.POLL, interval=deployment.refresh_seconds * 1_000),
    ]


def _choice_stores(panels: Sequence[Panel]) -> list[Component]:
    """Return the stores of what readers choose in list panels: rows, how many, and their order."""
    stores = [
        *(ids.choice(panel.slug, panel.choice.name) for panel in panels if panel.choice),
        *(ids.more(panel.slug) for panel in panels if panel.shows_more),
        *(ids.order(panel.slug) for panel in panels if panel.orders),
        *(ids.by(panel.slug) for panel in panels if panel.compares),
        *(ids.columns(panel.slug) for panel in panels if panel.compares),
    ]
    return [dcc.Store(id=store) for store in stores]


def _breadcrumb(deployment: Deployment, locale: Locale) -> list[Component]:
    """Return the breadcrumb, or an empty list where the deployment names none."""
    if not deployment.breadcrumb:
        return []
    steps = [
        Li([A(step.name, href=step.address, target="_top") if step.address else step.name])
        for step in deployment.breadcrumb
    ]
    name = {"aria-label": locale.texts.gettext("Where you are")}
    return [StaticHtml([Ol(steps)], tag="nav", className="breadcrumb-line", **name)]


def _header(locale: Locale, fresh: Children, viewer: Viewer, *, demo: bool) -> Component:
    news = Span(locale.texts.gettext("New data: the numbers are up to date"), hidden=True)
    gettext = locale.texts.gettext
    outdated = gettext(
        "The server does not answer as it should: showing the last numbers received. Trying again…"
    )
    # assets/scripts/connection.js shows the second where no panel has had an answer yet.
    lost = StaticHtml(
        [Span(outdated), Span(gettext("The server does not answer as it should. Trying again…"))],
        className="as-one",
    )
    return html.Header(
        [
            StaticHtml([PAGE_TITLE], tag="h1"),
            dbc.Badge(
                locale.texts.gettext("Demonstration data"),
                id=ids.DEMO_BADGE,
                color="",
                pill=True,
                class_name=demo_badge_class(is_demo=demo),
            ),
            StaticHtml(signed_in_line(viewer.signed_in, locale), className="as-one"),
            StaticHtml([news], id=ids.NEWS, className="news", role="status"),
            _closed_alert(lost, ids.LOST_NOTE, "lost-note"),
            StaticHtml(fresh, id=ids.FRESHNESS, className="freshness"),
            StaticHtml([_copy_button(locale)], className="as-one"),
            _language_menu(locale),
            _theme_menu(locale),
            StaticHtml([_help_button(locale)], className="as-one"),
        ],
        className="page-header",
    )


def _closed_alert(children: Component | str | None, id_: str, class_name: str) -> Component:
    """Return an alert that a script opens by ``is_open``; its role is alert."""
    return dbc.Alert(children, id=id_, class_name=class_name, is_open=False, fade=False)


def demo_badge_class(*, is_demo: bool) -> str:
    """Return the class names of the badge "Demonstration data"; they hide it unless ``is_demo``."""
    return "demo-badge" if is_demo else "demo-badge d-none"


def _help_button(locale: Locale) -> Element:
    action = {"data-action": "open-drawer", "data-value": ids.HELP, "aria-haspopup": "dialog"}
    return Button(locale.texts.gettext("Help"), type="button", className="quiet-button", **action)


def _copy_button(locale: Locale) -> Element:
    """Return the button that copies the address of this view, in a portal that of the portal."""
    gettext = locale.texts.gettext
    return Button(
        gettext("Copy link"),
        type="button",
        className="quiet-button copy-link",
        **{"data-action": "copy-link", "data-done": gettext("Link copied")},
    )


def _language_menu(locale: Locale) -> Component:
    entries = [
        link_entry(
            name,
            id_=ids.language_link(language),
            href=f"?lang={language}",
            lang=language,
            **({"aria-current": "true"} if language == locale.language else {}),
        )
        for language, name in LANGUAGE_NAMES.items()
    ]
    face = locale.language.split("-")[0].upper()
    return menu(face, locale.texts.gettext("Language"), entries, ids.LANGUAGE_MENU)


def _theme_menu(locale: Locale) -> Component:
    entries = [
        button_entry(locale.texts.gettext(text), **{"data-action": "theme", "data-value": theme})
        for theme, text in THEMES.items()
    ]
    return menu("◐", locale.texts.gettext("Theme"), entries, ids.THEME_MENU)


def _panel(
    panel: Panel,
    panels: Sequence[Panel],
    viewer: Viewer,
    locale: Locale,
    lacks: Collection[Need],
) -> Component:
    """Return the card of ``panel``, folded from the start where the store ``lacks`` what it needs.

    The cards of the indicators, which are one of ``panels``, hold one of others too.
    """
    need = panel.query.lacking(lacks)
    title = locale.texts.gettext(panel.title)
    heading = ids.panel_title(panel.slug)
    if panel.kind == "cards":
        body = _indicators(panel, panels, locale, lacks)
    else:
        body = _graph(panel) if panel.kind == "graph" else _list(panel)
    head = [
        H2(title, id=heading),
        *_definition(panel, title, locale),
        *_panel_menu(panel, title, viewer, locale),
    ]
    heights = {"--height": f"{panel.height}px", "--narrow-height": f"{panel.narrow_height}px"}
    near = {"data-near": panel.slug} if panel.is_asked_near else {}
    return StaticHtml(
        [
            Div(head, className="panel-head"),
            *([Div(panel.tools(locale), className="panel-tools")] if panel.tools else []),
            painted(Div(id=ids.words(panel.slug), className="panel-words")),
            Div([body, _notice(panel, locale, need)], className="panel-body", style=heights),
        ],
        id=ids.panel(panel.slug),
        className=panel.class_name("folded" if need else "waiting"),
        role="region",
        **{"aria-labelledby": heading},
        **near,
    )


def _indicators(
    panel: Panel, panels: Sequence[Panel], locale: Locale, lacks: Collection[Need]
) -> Element:
    """Return the row of indicators without numbers; cards that other panels add come first.

    Each added card is a part of the panel that adds it. Below stand the notes on numbers that stay
    unknown because the store ``lacks`` something.
    """
    added = [
        painted(
            Div(other.card.blank(locale), id=ids.indicator_card(other.slug), className="as-one")
        )
        for other in panels
        if other.card
    ]
    own = painted(Div(panel.blank(locale), id=ids.cards(panel.slug), className="cards"))
    unknown = painted(Div(notes(lacks, locale), id=ids.LACKS, className="lacks"))
    return Div([Div([*added, own], className="band"), unknown])


def _list(panel: Panel) -> Element:
    return painted(Div(id=ids.cards(panel.slug), className="list"))


def _graph(panel: Panel) -> Element:
    return HtmlFigure(
        [
            Div(id=ids.graph(panel.slug), className="graph"),
            painted(Figcaption(id=ids.caption(panel.slug), className="visually-hidden")),
            painted(Div(id=ids.numbers(panel.slug), className="numbers-holder")),
        ]
    )


def _notice(panel: Panel, locale: Locale, need: Need | None = None) -> Element:
    """Return the cover of ``panel``, which is visible while it is empty, folded or failed.

    ``need`` is what the data lack, so that the panel is folded.
    """
    slug = panel.slug
    sentence = folded_sentence(need, locale) if need else ""
    again = Button(
        locale.texts.gettext("Try again"),
        type="button",
        className="soft-button only-error",
        **{"data-action": "retry", "data-value": slug},
    )
    covered = painted(Div(cover(slug, sentence), id=ids.cover(slug), className="as-one"))
    return Div([covered, again], className="notice")


def _definition(panel: Panel, title: str, locale: Locale) -> list[Element]:
    """Return the tip with a panel's definition; none for indicators, whose cards have one each."""
    if panel.kind == "cards":
        return []
    return [tip(panel.slug, title, locale.texts.gettext(panel.definition), locale)]


def _panel_menu(panel: Panel, title: str, viewer: Viewer, locale: Locale) -> list[Element]:
    """Return the menu of a panel, or [] where it would have no entry."""
    entries = _view_entries(panel, locale) if panel.kind == "graph" else []
    if panel.kind in ("graph", "list"):
        entries.append(_picture_entry(panel, locale))
    if viewer.may_export:
        link = A(
            locale.texts.gettext("Data (CSV)"),
            id=ids.csv(panel.slug),
            href=f"/export/{panel.slug}.csv",
            className="menu-item",
            download="",
            **{"data-action": "fetch-file"},
        )
        entries.append(link)
        if panel.rows_slug:
            entries.append(_rows_link(panel.rows_slug, locale))
        if panel.query.sheet_title:
            entries.append(_workbook_link(panel.slug, locale))
    if not entries:
        return []
    name = locale.texts.gettext("Options of {panel}", panel=title)
    menu_of_panel = Details(
        [
            Summary("⋯", className="quiet-button", title=name, **{"aria-label": name}),
            Div(entries, className="menu-body menu-right"),
        ],
        className="menu panel-menu",
    )
    return [menu_of_panel]


def _rows_link(slug: str, locale: Locale) -> Element:
    return A(
        locale.texts.gettext("Every message behind the figures (CSV)"),
        id=ids.csv(slug),
        href=f"/export/{slug}.csv",
        className="menu-item",
        download="",
        **{"data-action": "fetch-file"},
    )


def _workbook_link(slug: str, locale: Locale) -> Element:
    return A(
        locale.texts.gettext("Workbook (XLSX)"),
        id=ids.xlsx(slug),
        href=f"/export/{slug}.xlsx",
        className="menu-item",
        download="",
        **{"data-action": "fetch-file"},
    )


def _view_entries(panel: Panel, locale: Locale) -> list[Element]:
    """Return the menu entries of a graph that show it as a table, and as a graph again."""
    gettext = locale.texts.gettext
    views = {"table": gettext("See as a table"), "graph": gettext("See as a graph")}
    return [
        Button(
            text,
            type="button",
            className="menu-item",
            hidden=view == "graph",
            **{"data-action": "turn", "data-value": panel.slug, "data-view": view},
        )
        for view, text in views.items()
    ]


def _picture_entry(panel: Panel, locale: Locale) -> Element:
    return Button(
        locale.texts.gettext("Image (PNG)"),
        type="button",
        className="menu-item",
        **{"data-action": "png", "data-value": panel.slug},
    )


def _details(panel: Panel, locale: Locale, viewer: Viewer, case_url: str | None) -> Component:
    title = locale.texts.gettext(panel.title)
    slug = panel.slug
    definition = tip(slug, title, locale.texts.gettext(panel.definition), locale)
    return html.Div(
        [
            html.Div(
                [
                    StaticHtml([title], id=ids.panel_title(slug), tag="h2"),
                    StaticHtml([definition], className="as-one"),
                    StaticHtml(
                        [
                            painted(
                                Span(id=ids.TABLE_TOTAL, className="table-total", role="status")
                            ),
                            painted(Div(id=ids.TABLE_CHIPS, className="chips table-chips")),
                        ],
                        className="as-one",
                    ),
                    html.Div(
                        [
                            details.sort_choice(locale, viewer.masked),
                            *details.column_choice(locale),
                            *([_table_downloads(slug)] if viewer.may_export else []),
                            print_button(locale),
                        ],
                        className="table-tools",
                    ),
                ],
                className="panel-head",
            ),
            download_lines(locale),
            *details.folded_columns(locale),
            html.Div(
                [
                    details.table(locale, viewer.masked, case_url),
                    StaticHtml([_notice(panel, locale)], className="as-one"),
                ],
                className="panel-body table-body",
            ),
            html.Div(
                [
                    StaticHtml(
                        [painted(Div(id=ids.TABLE_RANGE, className="table-range"))],
                        className="as-one",
                    ),
                    *details.page_size_choice(locale),
                ],
                className="table-foot",
            ),
            details.cell_note(locale),
        ],
        id=ids.panel(slug),
        className=panel.class_name("waiting"),
        role="region",
        **{"aria-labelledby": ids.panel_title(slug)},
    )


def _table_downloads(slug: str) -> Component:
    kinds = {"CSV": (ids.csv(slug), "csv"), "XLSX": (ids.XLSX, "xlsx")}
    return StaticHtml(
        [
            A(
                face,
                id=id_,
                href=f"/export/{slug}.{kind}",
                className="quiet-button",
                download="",
                **{"data-action": "download", "data-value": face},
            )
            for face, (id_, kind) in kinds.items()
        ],
        className="as-one",
    )
