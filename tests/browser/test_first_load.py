"""What a first visit costs, with either plotly.js, and that nothing of it is asked for twice."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Route
from plotly.offline import get_plotlyjs_version

from app.factory import create_app, parts_of
from app.page_files import BASIC_PLOTLY
from app.settings import Settings
from tests.browser.conftest import WAIT_MS, Served, Visit, expected, serving, watched
from tests.browser.data import rows
from tests.panels import GRAPHS, SHOWN_SLUGS
from tests.services import import_rows

pytestmark = pytest.mark.filterwarnings(
    # flask-compress leaves closing files to the collector.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)

SENTENCE = "no small plotly.js: make setup fetches it where there is npm"
MOST_REQUESTS = 25
#: With the small plotly.js, and with the whole one.
MOST_BYTES = {True: 1_100_000, False: 2_000_000}
#: A file of the page's own, with the digest of its content.
OURS = re.compile(r"\.[0-9a-f]{20}\.js$")
UPDATE = "/_dash-update-component"
#: Whether every panel is drawn, and the dropdowns offer something.
PAINTED = f"""() =>
  document.querySelectorAll('.panel').length === {len(SHOWN_SLUGS)} &&
  !document.querySelector('.panel.state-waiting:not([data-far])') &&
  [...document.querySelectorAll('.js-plotly-plot')].filter(
    (graph) => graph.querySelector('.barlayer path')).length === {len(GRAPHS)} &&
  document.querySelectorAll('#details-table td').length > 50 &&
  document.querySelectorAll('#indicators-cards .card-value').length > 0"""
#: One whose options all come at once, and one that is searched on the server.
OFFERED = ("channel", "person")
#: What a page that stays open asks every few seconds.
POLL = '"changedPropIds":["poll.n_intervals"]'


@dataclass
class Load:
    """What the browser asked for, by address; ``bytes`` as they crossed the network."""

    asked: list[str] = field(default_factory=list)
    from_cache: list[str] = field(default_factory=list)
    bytes: int = 0

    @property
    def sent(self) -> list[str]:
        """Addresses of what the server sent, each as often as it was sent."""
        return list((Counter(self.asked) - Counter(self.from_cache)).elements())

    @property
    def fetched(self) -> set[str]:
        """Paths of what the server sent, and never from the browser's cache."""
        return {urlsplit(url).path for url in set(self.asked) - set(self.from_cache)}


@contextmanager
def listening(visit: Visit) -> Iterator[Load]:
    """All that the tab asks for from here on."""
    load = Load()
    addresses: dict[str, str] = {}
    session = visit.page.context.new_cdp_session(visit.page)

    def on_request(event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        if url.startswith("http") and POLL not in event["request"].get("postData", ""):
            addresses[event["requestId"]] = url
            load.asked.append(url)

    def on_cache(event: dict[str, Any]) -> None:
        load.from_cache.append(addresses.get(event["requestId"], ""))

    def on_response(event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            load.from_cache.append(event["response"]["url"])

    def on_end(event: dict[str, Any]) -> None:
        if event["requestId"] in addresses:
            load.bytes += int(event["encodedDataLength"])

    session.send("Network.enable")
    session.on("Network.requestWillBeSent", on_request)
    session.on("Network.requestServedFromCache", on_cache)
    session.on("Network.responseReceived", on_response)
    session.on("Network.loadingFinished", on_end)
    yield load
    session.detach()


@pytest.fixture
def fresh(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has never been here."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    yield context
    context.close()


@pytest.fixture(params=["small", "whole"])
def plotly(request: pytest.FixtureRequest) -> Path | None:
    """Which plotly.js is served."""
    if request.param == "whole":
        return None
    if not BASIC_PLOTLY.is_file():
        pytest.skip(SENTENCE)
    return BASIC_PLOTLY


@pytest.fixture
def served_with(tmp_path: Path, plotly: Path | None) -> Iterator[str]:
    """A server in this process with the one plotly.js or the other, as warm as a real one."""
    app = create_app(Settings(store_url=import_rows(tmp_path, *rows())), basic_plotly=plotly)
    app.test_client().get("/")
    parts_of(app).static_files.compress()
    with serving(app) as url:
        yield url


def paint(visit: Visit) -> None:
    visit.open(start="2026-09-01", end="2026-12-31")
    visit.page.wait_for_function(PAINTED, timeout=WAIT_MS)
    visit.rest()


def assert_offered(visit: Visit) -> None:
    """The dropdowns have their options without asking for them when they open."""
    for name in OFFERED:
        visit.page.click(f"#filter-{name}")
        visit.page.locator(".dash-dropdown-option").first.wait_for(timeout=WAIT_MS)
        visit.page.keyboard.press("Escape")
        visit.page.locator(".dash-dropdown-option").first.wait_for(state="detached")


def test_a_first_visit_is_light(
    fresh: BrowserContext, served_with: str, plotly: Path | None
) -> None:
    with watched(fresh, served_with) as visit, listening(visit) as load:
        paint(visit)
        assert_offered(visit)
        assert len(load.asked) <= MOST_REQUESTS, load.asked
        assert 300_000 < load.bytes <= MOST_BYTES[plotly is not None], load.asked
        assert {urlsplit(url).netloc for url in load.asked} == {urlsplit(served_with).netloc}
        # Nothing that a component asks for late, and nothing twice, but for the callbacks.
        once = [url for url in load.sent if UPDATE not in url]
        late = [url for url in once if "/async-" in url and not OURS.search(url)]
        assert late + [url for url in once if "plotly.min.js" in url] == []
        assert sum("/async-table." in url for url in once) == 1
        assert len(once) == len(set(once))
        assert sum("plotly" in url for url in once) == 1


def test_a_second_visit_fetches_the_page_and_its_numbers_only(
    fresh: BrowserContext, served: Served
) -> None:
    with watched(fresh, served.url) as visit, listening(visit) as load:
        paint(visit)
        visit.shows(expected(served.oracle, start="2026-09-01", end="2026-12-31"))
    assert len(load.asked) <= MOST_REQUESTS
    assert load.bytes <= MOST_BYTES[BASIC_PLOTLY.is_file()]
    with watched(fresh, served.url) as visit, listening(visit) as load:
        paint(visit)
    assert load.fetched == {"/", "/_dash-dependencies", "/_dash-layout", UPDATE}
    assert load.bytes < 100_000


def test_graphs_do_what_they_do_with_either_plotly_js(
    fresh: BrowserContext, served_with: str, plotly: Path | None
) -> None:
    with watched(fresh, served_with) as visit:
        paint(visit)
        page = visit.page
        assert page.evaluate("Plotly.version") == get_plotlyjs_version()
        kinds: int = page.evaluate("Object.keys(Plotly.PlotSchema.get().traces).length")
        assert (kinds < 10) == (plotly is not None)
        # A kind of trace that is not there would be drawn as another.
        drawn: list[list[str]] = page.evaluate(
            """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap((graph) =>
                 graph._fullData.map((trace) => [trace._input.type, trace.type]))"""
        )
        assert drawn
        assert [pair for pair in drawn if pair[0] != pair[1]] == []
        page.click("#panel-cases .panel-menu > summary")
        with page.expect_download() as by_menu:
            page.click("#panel-cases >> text=Imagem (PNG)")
        assert by_menu.value.path().read_bytes().startswith(b"\x89PNG")


def test_the_layout_is_asked_for_while_the_scripts_are_on_their_way(
    fresh: BrowserContext, served: Served
) -> None:
    page = fresh.new_page()
    page.route("**/dash-renderer.*.js", lambda _unanswered: None)
    with (
        page.expect_request("**/_dash-layout") as layout,
        page.expect_request("**/_dash-dependencies"),
    ):
        page.goto(f"{served.url}/?lang=es", wait_until="commit")
    assert layout.value.headers["x-consumo-language"] == "es"
    page.close()


def test_a_screen_may_be_turned_while_the_page_is_on_its_way(
    fresh: BrowserContext, served: Served
) -> None:
    """Theme and width are applied again with what the page holds, which is nothing yet."""
    with watched(fresh, served.url) as visit:
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        visit.page.route("**/_dash-layout", hold)
        visit.page.goto(visit.home)
        visit.page.wait_for_function("() => window.dash_component_api && window.dash_stores")
        visit.page.set_viewport_size({"width": 400, "height": 800})
        visit.page.emulate_media(color_scheme="dark")
        visit.page.evaluate("() => new Promise(requestAnimationFrame)")
        held[0].continue_()
        visit.settle()
        assert visit.page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


#: Sums what moves without anybody having pressed anything; Chromium counts it as browsers score it.
MOVED = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("width", [360, 900, 1280])
@pytest.mark.parametrize("query", [{}, {"kind": "hsm", "start": "2026-10-01", "end": "2026-10-20"}])
def test_nothing_moves_while_the_page_loads(
    visit: Visit, width: int, query: dict[str, str]
) -> None:
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.page.add_init_script(MOVED)
    visit.open(**query)
    assert visit.page.evaluate("window.moved") < 0.05
