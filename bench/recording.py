"""What our page asks of its server at a filter change, and what it then shows."""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request

from bench.browser import VIEWPORT, change, opened
from bench.pages import OurPage
from bench.query_layer import panels_of_the_period
from components import ids
from components.panels import PANELS

UPDATE_PATH: Final = "/_dash-update-component"
#: What stands in a recorded request for the start, the end and the channel of a question.
START, END, CHANNEL = "@start@", "@end@", "@channel@"
#: Further back than anything that is timed: what was recorded has its answers in the cache.
_DAYS_AGO: Final = 620
_GRAPHS: Final = tuple(panel.slug for panel in PANELS if panel.kind == "graph")
_FIGURE: Final = """(id) => {
    const { data, layout } = document.querySelector(`#${id} .js-plotly-plot`);
    return JSON.parse(JSON.stringify({ data, layout }));
}"""


@dataclass(frozen=True, slots=True)
class Recording:
    """The requests of one change, with signs for what changes, and what the page showed.

    ``panels`` are the bodies of the panels' requests, ``others`` those of the rest: options of
    the filters, chips. ``shown`` has an entry a channel, as ``bench.empty_page`` shows it.
    """

    headers: dict[str, str]
    panels: tuple[str, ...]
    others: tuple[str, ...]
    shown: tuple[dict[str, Any], ...]


def record(browser: Browser, address: str, channels: tuple[str, ...]) -> Recording:
    """Visit the page and choose each channel once."""
    target = OurPage(address)
    context = browser.new_context(viewport=VIEWPORT)
    try:
        page, _, _ = opened(context, target)
        heard: list[Request] = []

        def hear(request: Request) -> None:
            heard.append(request)

        page.on("request", hear)
        shown = []
        for channel in channels:
            heard.clear()
            change(page, target, _DAYS_AGO, channel)
            asked = [one for one in heard if urlsplit(one.url).path == UPDATE_PATH]
            asked = [one for one in asked if channel in _question(one).get("channel", ())]
            shown.append(_shown(page, asked) | {"channel": channel})
        panels = [one for one in asked if _panel(one)]
        if sorted(_panel(one) for one in panels) != sorted(panels_of_the_period()):
            raise RuntimeError(f"the page asked for {[_panel(one) for one in panels]}")
        return Recording(
            headers=_headers(panels[0]),
            panels=tuple(_template(one) for one in panels),
            others=tuple(_template(one) for one in asked if not _panel(one)),
            shown=tuple(shown),
        )
    finally:
        context.close()


def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = request.post_data_json or {}
    return body


def _question(request: Request) -> dict[str, Any]:
    """The raw filters that a request asks with."""
    for given in _body(request)["inputs"]:
        if given["id"] == ids.APPLIED and given.get("value"):
            raw: dict[str, Any] = given["value"]["raw"]
            return raw
    return {}


def _panel(request: Request) -> str:
    """The slug of the panel that a request is for, or nothing."""
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
    body = _body(request)
    for given in body["inputs"]:
        if given["id"] == ids.APPLIED:
            given["value"]["raw"] |= {"start": [START], "end": [END], "channel": [CHANNEL]}
    return json.dumps(body)


def _headers(request: Request) -> dict[str, str]:
    """Those that decide what the server does."""
    wanted = ("accept", "accept-encoding", "content-type", "x-consumo-language")
    return {name: text for name, text in request.all_headers().items() if name in wanted}


def _shown(page: Page, asked: list[Request]) -> dict[str, Any]:
    answers: dict[str, dict[str, Any]] = {}
    for request in asked:
        if _panel(request) and (response := request.response()):
            answers |= response.json()["response"]
    return {
        "figures": {slug: page.evaluate(_FIGURE, ids.graph(slug)) for slug in _GRAPHS},
        "cards": [_component(part) for part in answers[ids.cards("indicators")]["content"]],
        "rows": answers[ids.TABLE]["data"],
    }


def _component(part: Any) -> Any:
    """An element of ``components.html_tree`` as a component of Dash's own, as pages have them."""
    if isinstance(part, str):
        return part
    children = [_component(child) for child in part["children"]]
    return {
        "namespace": "dash_html_components",
        "type": part["tag"].capitalize(),
        "props": part["attributes"] | {"children": children},
    }
