"""The page as it stands before the first answer."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component

from components import ids
from components.chips import chip_words
from components.control_words import control_words
from components.downloads import download_lines, print_button
from components.empty import cover, empty_store
from components.filter_bar import filter_bar
from components.help import help_drawer
from components.look import Look
from components.panels import SECTIONS, details, waiting
from components.panels.shown import Section
from components.plain import (
    H2,
    A,
    Button,
    Children,
    Details,
    Div,
    I,
    Li,
    Ol,
    P,
    Part,
    Span,
    Still,
    Summary,
)
from components.site import Site
from components.texts import LANGUAGE_NAMES, mark
from components.timeline import timeline_drawer
from components.tip import tip
from queries.filters import LISTS
from queries.reader import StoreStatus

#: Data older than this is said to be old.
OLD_SECONDS: Final = 24 * 3_600

PAGE_TITLE: Final = "Consumo WhatsApp"
THEMES: Final = {"auto": mark("As the system"), "light": mark("Light"), "dark": mark("Dark")}


def layout(
    look: Look,
    status: Mapping[str, Any] | None,
    fresh: Children,
    masked: frozenset[str],
    site: Site,
) -> Component:
    """The whole page in one language.

    ``status`` is what the browser keeps of the store (see ``callbacks.freshness``), None while the
    store is away; ``fresh`` are the words about it; ``masked`` columns the reader may not see.
    """
    return html.Div(
        [
            *_stores(status, look, site),
            _skip_link(look),
            *_breadcrumb(site, look),
            _header(look, fresh, demo=bool(status and status["demo"])),
            filter_bar(look),
            _selection(look),
            html.Main(
                [
                    empty_store(look, site, is_empty=bool(status and status["empty"])),
                    *(_panel(section, look) for section in SECTIONS),
                    _details(look, masked, site.case_url),
                ],
                id=ids.PANELS,
                className="panels",
            ),
            *timeline_drawer(look),
            help_drawer(look),
        ],
        className="consumo",
        style={
            "--mend-filter": json.dumps(
                look.texts.t("Correct the filter above"), ensure_ascii=False
            )
        },
        **{
            "data-words": json.dumps(chip_words(look), ensure_ascii=False),
            "data-query-seconds": site.query_seconds,
            "data-control-words": json.dumps(control_words(look), ensure_ascii=False),
        },
    )


def _skip_link(look: Look) -> Component:
    """The way past the filters; it is seen while it has the focus."""
    text = look.texts.t("Go to the numbers")
    return Still([A(text, href=f"#{ids.PANELS}", className="skip-link", **{"data-action": "skip"})])


def _selection(look: Look) -> Component:
    """What is selected, what is wrong with it, and whether its address can be shared."""
    too_long = look.texts.t(
        "This selection is too long for an address: it stays on this page, but cannot "
        "be shared or downloaded by address."
    )
    note = Div(too_long, id=ids.ADDRESS_NOTE, className="address-note", role="status", hidden=True)
    mistyped = P(id=ids.PERIOD_ALERT, className="period-error", role="alert", hidden=True)
    return html.Div(
        [
            Still(id=ids.CHIPS, className="chips"),
            Still(id=ids.ALERT, className="alert-line", role="alert"),
            Still([mistyped]),
            Still([note]),
            Still(id=ids.PRINTED, className="printed-selection"),
        ],
        className="selection",
        role="region",
        **{"aria-label": look.texts.t("Selection")},
    )


def freshness(status: StoreStatus, now: datetime, look: Look) -> Children:
    """Dados até 22/11 15:40 · atualizado 15:42 · horário de Brasília; ``now`` is aware."""
    t, formats = look.texts.t, look.formats
    if status.newest_at is None:
        return [t("No data yet")]
    here = now.astimezone(status.newest_at.tzinfo)
    old = is_old(status, now)
    said = t("No new data since {moment}") if old else t("Data until {moment}")
    parts = [said.format(moment=formats.recent(status.newest_at, here))]
    if status.loaded_at:
        parts.append(t("updated {time}", time=formats.clock_time(status.loaded_at, here)))
    parts.append(formats.zone(status.newest_at))
    return [
        I(className="dot old" if old else "dot", **{"aria-hidden": "true"}),
        Span(" · ".join(parts)),
    ]


def is_old(status: StoreStatus, now: datetime) -> bool:
    """Whether nothing new came for over 24 h."""
    newest = status.newest_at
    return newest is not None and (now - newest).total_seconds() > OLD_SECONDS


def graph_config(look: Look) -> dict[str, Any]:
    """Plotly's settings: none of its tools, and nothing that leaves the house."""
    return {
        "displaylogo": False,
        "showSendToCloud": False,
        "showEditInChartStudio": False,
        # Its picture would hold neither title nor filters; that of the panel's menu does.
        "displayModeBar": False,
        "doubleClick": False,
        "locale": look.language,
    }


def _stores(status: Mapping[str, Any] | None, look: Look, site: Site) -> list[Component]:
    return [
        dcc.Store(id=ids.STATUS, data=dict(status) if status else None),
        dcc.Store(id=ids.HELD, data={}),
        dcc.Store(id=ids.APPLIED),
        dcc.Store(id=ids.TABLE_QUESTION),
        dcc.Store(id=ids.THEME),
        dcc.Store(id=ids.ACTION),
        dcc.Store(id=ids.AS_TABLE, data=[]),
        dcc.Store(id=ids.WAITING_WINDOW),
        *(dcc.Store(id=ids.asked(name)) for name in LISTS),
        *(dcc.Store(id=ids.found(name)) for name in LISTS),
        dcc.Store(id=ids.TABLE_ALL_COLUMNS, data=details.column_definitions(look, site.case_url)),
        dcc.Interval(id=ids.MINUTE, interval=60_000),
        dcc.Interval(id=ids.POLL, interval=site.refresh_seconds * 1_000),
    ]


def _breadcrumb(site: Site, look: Look) -> list[Component]:
    """The way to this page; nothing where the deployment names none."""
    if not site.breadcrumb:
        return []
    steps = [
        Li([A(step.name, href=step.address, target="_top") if step.address else step.name])
        for step in site.breadcrumb
    ]
    name = {"aria-label": look.texts.t("Where you are")}
    return [Still([Ol(steps)], tag="nav", className="breadcrumb-line", **name)]


def _header(look: Look, fresh: Children, *, demo: bool) -> Component:
    news = Span(look.texts.t("New data: the numbers are up to date"), hidden=True)
    t = look.texts.t
    said = t(
        "The server does not answer as it should: these are the numbers of before. Trying again…"
    )
    # The other sentence is for a page whose panels never had an answer.
    lost = Span(
        [Span(said), Span(t("The server does not answer as it should. Trying again…"))],
        id=ids.LOST_NOTE,
        className="lost-note",
        role="alert",
        hidden=True,
    )
    return html.Header(
        [
            Still([PAGE_TITLE], tag="h1"),
            html.Span(
                look.texts.t("Demonstration data"),
                id=ids.DEMO_BADGE,
                className="demo-badge",
                hidden=not demo,
            ),
            Still([news], id=ids.NEWS, className="news", role="status"),
            Still([lost], className="as-one"),
            Still(fresh, id=ids.FRESHNESS, className="freshness"),
            _menu(
                look.language.split("-")[0].upper(),
                look.texts.t("Language"),
                [
                    A(
                        name,
                        id=ids.language_link(language),
                        href=f"?lang={language}",
                        className="menu-item",
                        lang=language,
                        **({"aria-current": "true"} if language == look.language else {}),
                    )
                    for language, name in LANGUAGE_NAMES.items()
                ],
                ids.LANGUAGE_MENU,
            ),
            _menu(
                "◐",
                look.texts.t("Theme"),
                [
                    Button(
                        look.texts.t(text),
                        type="button",
                        className="menu-item",
                        **{"data-action": "theme", "data-value": theme},
                    )
                    for theme, text in THEMES.items()
                ],
                ids.THEME_MENU,
            ),
            Still([_help_button(look)], className="as-one"),
        ],
        className="page-header",
    )


def _help_button(look: Look) -> Part:
    action = {"data-action": "open-drawer", "data-value": ids.HELP, "aria-haspopup": "dialog"}
    return Button(look.texts.t("Help"), type="button", className="quiet-button", **action)


def _menu(face: str, name: str, entries: Children, id_: str) -> Component:
    summary = Summary(face, className="quiet-button with-arrow", title=name, **{"aria-label": name})
    return Still(
        [summary, Div(entries, className="menu-body menu-right")],
        id=id_,
        tag="details",
        className="menu",
    )


def _panel(panel: Section, look: Look) -> Component:
    title = look.texts.t(panel.title)
    heading = f"{panel.slug}-title"
    bodies = {"graph": _graph, "cards": _band, "list": _list}
    body = bodies[panel.kind](panel, look)
    return html.Section(
        [
            Still(
                [
                    H2(title, id=heading),
                    *_definition(panel, title, look),
                    _panel_menu(panel, title, look),
                ],
                className="panel-head",
            ),
            Still(id=ids.words(panel.slug), className="panel-words"),
            html.Div(
                [body, _notice(panel.slug, look)],
                className="panel-body",
                style={
                    "--height": f"{panel.height}px",
                    "--narrow-height": f"{panel.narrow_height}px",
                },
            ),
        ],
        id=ids.panel(panel.slug),
        className=panel_class(panel, "waiting"),
        **{"aria-labelledby": heading},
    )


def panel_class(panel: Section, state: str) -> str:
    """The class names of a panel's card; ``state``: waiting, ready, empty, error."""
    return f"panel panel-{panel.kind} state-{state}"


def _band(panel: Section, look: Look) -> Component:
    """The indicators, the urgent one first: it is answered apart, since it looks at now."""
    first = Still(waiting.blank_card(look), id=ids.WAITING_CARD, className="as-one")
    rest = Still(panel.blank(look), id=ids.cards(panel.slug), className="cards")
    return html.Div([first, rest], className="band")


def _list(panel: Section, _look: Look) -> Component:
    return Still(id=ids.cards(panel.slug), className="list")


def _graph(panel: Section, look: Look) -> Component:
    return html.Figure(
        [
            dcc.Store(id=ids.figures(panel.slug)),
            dcc.Graph(
                id=ids.graph(panel.slug),
                figure={
                    "data": [],
                    "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}},
                },
                config=graph_config(look),
                responsive=True,
                style={"height": "var(--drawing-height)"},
            ),
            Still(id=ids.caption(panel.slug), tag="figcaption", className="visually-hidden"),
            Still(id=ids.numbers(panel.slug), className="numbers-holder"),
        ]
    )


def _notice(slug: str, look: Look) -> Component:
    """What covers a panel that has nothing to show; its buttons show in their state only."""
    return html.Div(
        [
            Still(cover(slug), id=ids.cover(slug), className="as-one"),
            html.Button(
                look.texts.t("Try again"),
                id=ids.retry(slug),
                type="button",
                className="soft-button only-error",
            ),
        ],
        className="notice",
    )


def _definition(panel: Section, title: str, look: Look) -> list[Part]:
    """What the panel shows; of the indicators each card tells for itself."""
    if panel.kind == "cards":
        return []
    return [tip(panel.slug, title, look.texts.t(panel.definition), look)]


def _panel_menu(panel: Section, title: str, look: Look) -> Part:
    entries = _graph_entries(panel, look) if panel.kind == "graph" else []
    entries.append(
        A(
            look.texts.t("Data (CSV)"),
            id=ids.csv(panel.slug),
            href=f"/export/{panel.slug}.csv",
            className="menu-item",
            download="",
        )
    )
    name = look.texts.t("Options of {panel}", panel=title)
    return Details(
        [
            Summary("⋯", className="quiet-button", title=name, **{"aria-label": name}),
            Div(entries, className="menu-body menu-right"),
        ],
        className="menu panel-menu",
    )


def _graph_entries(panel: Section, look: Look) -> list[Part]:
    """The same as a table and back, and as a picture."""
    t = look.texts.t
    views = {"table": t("See as a table"), "graph": t("See as a graph")}
    return [
        *(
            Button(
                text,
                type="button",
                className="menu-item",
                hidden=view == "graph",
                **{"data-action": "turn", "data-value": panel.slug, "data-view": view},
            )
            for view, text in views.items()
        ),
        Button(
            t("Image (PNG)"),
            type="button",
            className="menu-item",
            **{"data-action": "png", "data-value": panel.slug},
        ),
    ]


def _details(look: Look, masked: frozenset[str], case_url: str | None) -> Component:
    title = look.texts.t(details.TITLE)
    slug = ids.DETAILS
    definition = tip(slug, title, look.texts.t(details.DEFINITION), look)
    return html.Section(
        [
            html.Div(
                [
                    Still([title], id=f"{slug}-title", tag="h2"),
                    Still([definition], className="as-one"),
                    Still(id=ids.TABLE_TOTAL, tag="span", className="table-total", role="status"),
                    Still(id=ids.TABLE_CHIPS, className="chips table-chips"),
                    html.Div(
                        [*details.column_choice(look), _table_downloads(slug), print_button(look)],
                        className="table-tools",
                    ),
                ],
                className="panel-head",
            ),
            download_lines(look),
            html.Div(
                [details.table(look, masked, case_url), _notice(slug, look)],
                className="panel-body table-body",
            ),
            html.Div(
                [
                    Still(id=ids.TABLE_RANGE, className="table-range"),
                    *details.page_size_choice(look),
                ],
                className="table-foot",
            ),
            details.cell_note(look),
        ],
        id=ids.panel(slug),
        className=details_class("waiting"),
        **{"aria-labelledby": f"{slug}-title"},
    )


def _table_downloads(slug: str) -> Component:
    kinds = {"CSV": (ids.csv(slug), "csv"), "XLSX": (ids.XLSX, "xlsx")}
    return Still(
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


def details_class(state: str) -> str:
    return f"panel panel-table state-{state}"
