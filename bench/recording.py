"""Record the requests that our page sends at a filter change, and what it shows afterwards."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request

from bench.browser import VIEWPORT, measure_change, open_tab
from bench.pages import OurPage, period
from components import ids
from components.panels import PANELS

UPDATE_PATH: Final = "/_dash-update-component"
#: Placeholders in a recorded request for the start, the end and the channel of the filters.
START, END, CHANNEL = "@start@", "@end@", "@channel@"
#: Further back than any period that is timed, because the recording fills the server's cache.
_DAYS_AGO: Final = 620
_GRAPHS: Final = tuple(panel.slug for panel in PANELS if panel.kind == "graph")
#: Gives the figure of a graph on the page as plain JSON.
_FIGURE: Final = """(id) => {
    const { data, layout } = document.querySelector(`#${id} .js-plotly-plot`);
    return JSON.parse(JSON.stringify({ data, layout }));
}"""
#: Gives the content of an element as the JSON of components of ``dash.html``.
_COMPONENTS: Final = """(id) => {
    const prop = (name) => name === "class" ? "className" : name;
    const component = (node) => node.nodeType === Node.TEXT_NODE ? node.data : {
        namespace: "dash_html_components",
        type: node.localName[0].toUpperCase() + node.localName.slice(1),
        props: {
            ...Object.fromEntries([...node.attributes].map((one) => [prop(one.name), one.value])),
            children: [...node.childNodes].map(component),
        },
    };
    return [...document.getElementById(id).childNodes].map(component);
}"""
_ROWS: Final = "(id) => dash_component_api.getLayout(id).props.data"


@dataclass(frozen=True, slots=True)
class Recording:
    """The requests of one filter change, and what the page showed after it.

    ``panel_requests`` are the bodies of the requests whose answers the panels show;
    ``other_requests`` are the bodies of all others that carry the filters, such as that for the
    options of a filter. Both hold placeholders for the filters. ``headers`` are those of every
    request. ``panel_contents`` has an entry for each channel: ``channel``, ``figures``, ``cards``,
    ``rows``.
    """

    headers: dict[str, str]
    panel_requests: tuple[str, ...]
    other_requests: tuple[str, ...]
    panel_contents: tuple[dict[str, Any], ...]


def record(browser: Browser, address: str, channels: tuple[str, ...]) -> Recording:
    """Open the page, choose each channel once, and record the last change and all panel contents.

    Raises ``RuntimeError`` where the page asks for no panels.
    """
    target = OurPage(address)
    context = browser.new_context(viewport=VIEWPORT)
    try:
        tab, _ = open_tab(context, target)
        page = tab.page
        sent: list[Request] = []

        def on_request(request: Request) -> None:
            sent.append(request)

        page.on("request", on_request)
        contents = []
        for channel in channels:
            sent.clear()
            measure_change(tab, _DAYS_AGO, channel)
            contents.append(_panel_contents(page) | {"channel": channel})
        filtered = [
            request
            for request in sent
            if urlsplit(request.url).path == UPDATE_PATH and channel in _texts(_body(request))
        ]
        for_panels = [request for request in filtered if not _is_for_filters(request)]
        if not for_panels:
            raise RuntimeError("the page asked for no panels")
        others = [request for request in filtered if _is_for_filters(request)]
        return Recording(
            headers=_headers(for_panels[0]),
            panel_requests=tuple(_template(request, channel) for request in for_panels),
            other_requests=tuple(_template(request, channel) for request in others),
            panel_contents=tuple(contents),
        )
    finally:
        context.close()


def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = request.post_data_json or {}
    return body


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts within a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in _texts(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _texts(part))


def _is_for_filters(request: Request) -> bool:
    """Return whether the answer changes controls of the filters alone, such as their options."""
    outputs = _body(request)["outputs"]
    changed = outputs if isinstance(outputs, list) else [outputs]
    return all(str(output["id"]).startswith(ids.control("")) for output in changed)


def _template(request: Request, channel: str) -> str:
    """Return the body of a request with placeholders in place of period and channel."""
    recorded = period(_DAYS_AGO)
    placeholders = {
        recorded.start.isoformat(): START,
        recorded.end.isoformat(): END,
        channel: CHANNEL,
    }
    return json.dumps(_with_placeholders(_body(request), placeholders))


def _with_placeholders(value: Any, placeholders: Mapping[str, str]) -> Any:
    """Return a value of JSON with every text that ``placeholders`` names replaced."""
    if isinstance(value, str):
        return placeholders.get(value, value)
    if isinstance(value, dict):
        return {name: _with_placeholders(part, placeholders) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_placeholders(part, placeholders) for part in value]
    return value


def _headers(request: Request) -> dict[str, str]:
    """Return the headers that affect what the server does."""
    wanted = ("accept", "accept-encoding", "content-type", "x-consumo-language")
    return {name: text for name, text in request.all_headers().items() if name in wanted}


def _panel_contents(page: Page) -> dict[str, Any]:
    """Return figures, cards and table rows as the page shows them."""
    return {
        "figures": {slug: page.evaluate(_FIGURE, ids.graph(slug)) for slug in _GRAPHS},
        "cards": page.evaluate(_COMPONENTS, ids.cards("indicators")),
        "rows": page.evaluate(_ROWS, ids.TABLE),
    }
