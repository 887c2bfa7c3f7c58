"""Record the requests that our page sends at a filter change, and what it shows afterwards."""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request

from bench.browser import VIEWPORT, measure_change, open_tab
from bench.pages import OurPage
from bench.query_layer import panels_of_the_period
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


@dataclass(frozen=True, slots=True)
class Recording:
    """The requests of one filter change, and what the page showed after it.

    ``panel_requests`` are the bodies of the requests for the panels that show the period;
    ``other_requests`` are the bodies of all others that carry the filters, such as the panel of
    waiting cases. Both hold placeholders for the filters. ``headers`` are those of every request.
    ``panel_contents`` has an entry for each channel: ``channel``, ``figures``, ``cards``, ``rows``.
    """

    headers: dict[str, str]
    panel_requests: tuple[str, ...]
    other_requests: tuple[str, ...]
    panel_contents: tuple[dict[str, Any], ...]


def record(browser: Browser, address: str, channels: tuple[str, ...]) -> Recording:
    """Open the page, choose each channel once, and record the last change and all panel contents.

    Raises ``RuntimeError`` where the page does not ask for each panel exactly once.
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
            updates = [request for request in sent if urlsplit(request.url).path == UPDATE_PATH]
            filtered = [
                request for request in updates if channel in _filters(request).get("channel", ())
            ]
            contents.append(_panel_contents(page, filtered) | {"channel": channel})
        for_panels = [request for request in filtered if _panel_slug(request)]
        slugs = [_panel_slug(request) for request in for_panels]
        if sorted(slugs) != sorted(panels_of_the_period()):
            raise RuntimeError(f"the page asked for other panels than expected: {slugs}")
        return Recording(
            headers=_headers(for_panels[0]),
            panel_requests=tuple(_template(request) for request in for_panels),
            other_requests=tuple(
                _template(request) for request in filtered if not _panel_slug(request)
            ),
            panel_contents=tuple(contents),
        )
    finally:
        context.close()


def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = request.post_data_json or {}
    return body


def _filters(request: Request) -> dict[str, Any]:
    """Return the raw filters that a request carries; an empty mapping where it carries none."""
    for item in _body(request)["inputs"]:
        if item["id"] == ids.APPLIED and item.get("value"):
            raw: dict[str, Any] = item["value"]["raw"]
            return raw
    return {}


def _panel_slug(request: Request) -> str:
    """Return the slug of the panel that a request is for; an empty text for any other request."""
    outputs = _body(request)["output"]
    return next(
        (
            slug
            for slug in panels_of_the_period()
            if outputs.startswith(f"..{ids.panel(slug)}.className.")
        ),
        "",
    )


def _template(request: Request) -> str:
    """Return the body of a request with placeholders in place of period and channel."""
    body = _body(request)
    for item in body["inputs"]:
        if item["id"] == ids.APPLIED:
            item["value"]["raw"] |= {"start": [START], "end": [END], "channel": [CHANNEL]}
    return json.dumps(body)


def _headers(request: Request) -> dict[str, str]:
    """Return the headers that affect what the server does."""
    wanted = ("accept", "accept-encoding", "content-type", "x-consumo-language")
    return {name: text for name, text in request.all_headers().items() if name in wanted}


def _panel_contents(page: Page, requests: list[Request]) -> dict[str, Any]:
    """Return the figures as the page shows them, and cards and table rows from the answers."""
    answers: dict[str, dict[str, Any]] = {}
    for request in requests:
        if _panel_slug(request) and (response := request.response()):
            answers |= response.json()["response"]
    return {
        "figures": {slug: page.evaluate(_FIGURE, ids.graph(slug)) for slug in _GRAPHS},
        "cards": [_component(element) for element in answers[ids.cards("indicators")]["content"]],
        "rows": answers[ids.TABLE]["data"],
    }


def _component(element: Any) -> Any:
    """Return an element of ``components.html_tree`` as the JSON of a component of ``dash.html``."""
    if isinstance(element, str):
        return element
    children = [_component(child) for child in element["children"]]
    return {
        "namespace": "dash_html_components",
        "type": element["tag"].capitalize(),
        "props": element["attributes"] | {"children": children},
    }
