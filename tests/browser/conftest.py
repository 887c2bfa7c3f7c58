"""Fixtures for browser tests: the real server on a small store, and tabs that report any error."""

import math
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    Route,
    ViewportSize,
    sync_playwright,
)
from werkzeug.serving import make_server

from app.factory import create_app, parts_of
from app.settings import Settings
from components.panels import PANELS
from tests.browser.data import rows
from tests.chromium import find_chromium
from tests.oracle.oracle import Oracle
from tests.panels import SHOWN_SLUGS
from tests.services import CHROMIUM, ROOT, import_rows, need

CASE_URL = "https://portal.test/cases/{case_id}?n={case_number}"
WIDE_SCREEN: ViewportSize = {"width": 1280, "height": 900}
WAIT_MS = 20_000
#: How often a page in a frame is looked at: off the screen it draws none of the frames that
#: Playwright would wait for.
POLL_MS = 100
#: How long a server may take to start; a busy machine was seen to need 54 seconds.
START_SECONDS = 180
Scheme = Literal["light", "dark"]
#: The panels that are asked for wherever the reader looks.
ALL_PANELS = sorted(panel.slug for panel in PANELS if panel.is_shown and not panel.is_asked_near)
NEAR_PANELS = {panel.slug for panel in PANELS if panel.is_asked_near}
_UPDATE = "_dash-update-component"
#: The addresses of callback requests.
CALLS = f"**/{_UPDATE}*"
QUIET_SECONDS = 0.5
#: The output of the callback that answers for all panels.
ANSWERS = "answers.data"
#: Whether every panel has its answer and every graph is drawn. The texts of a graph are drawn after
#: its layout is set, and slowly on a machine with few fonts, so that they are checked too.
DRAWN = """() => {
  const isDrawn = (graph) => {
    const words = [...graph.querySelectorAll('.annotation-text')];
    const wanted = (graph.layout.annotations || []).map((one) => one.text);
    const lines = words.filter((one) => one.querySelectorAll('tspan.line').length > 1);
    return graph.layout.font && words.length === wanted.length &&
      lines.length === wanted.filter((text) => text.includes('<br>')).length;
  };
  return document.querySelectorAll('.panel').length >= PANELS &&
    !document.querySelector('.panel.state-waiting:not([data-far])') &&
    // Laid out, not only painted.
    !document.querySelector('[data-unrendered]') &&
    // Drawn by plotly, not only at first.
    !document.querySelector('.panel-graph.state-ready .light-graph') &&
    [...document.querySelectorAll('.panel-graph.state-ready .js-plotly-plot')].every(isDrawn);
}""".replace("PANELS", str(len(SHOWN_SLUGS)))
#: Waits until the page has done all that follows from what it does now: its tasks go before one in
#: the background. What it does later by timers is not waited for.
TASKS_DONE = """for (let turn = 0; turn < 3; turn += 1) {
  await scheduler.postTask(() => {}, {priority: 'background'});
}"""
#: Makes the browser that of a reader who saves data.
SAVES_DATA = "Object.defineProperty(navigator.connection, 'saveData', {value: true})"
#: The address of a portal, and the origins that may show the page in a frame. Browsers do not let a
#: public site embed a page of this machine, so the frames are served from its name localhost.
PORTAL = "http://portal.test"
FRAMING = "http://localhost:*"
#: For tests with a server in this process: flask-compress leaves files to the garbage collector.
in_process = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_runtest_setup() -> None:
    """Skip the test where there is no browser, before any fixture starts a server for it."""
    need(CHROMIUM)


@dataclass(frozen=True)
class Served:
    """A server on a store, and the oracle that computes its expected answers independently."""

    url: str
    store_url: str
    oracle: Oracle


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run `python -m app serve` as a separate process on the data of ``tests.browser.data``."""
    case_rows, message_rows = rows()
    store_url = import_rows(tmp_path_factory.mktemp("page"), case_rows, message_rows)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", str(port)],
        cwd=ROOT,
        env={
            **os.environ,
            "CONSUMO_STORE_URL": store_url,
            "CONSUMO_CASE_URL": CASE_URL,
            "CONSUMO_BREADCRUMB": f"Analytics={PORTAL}/reports > Consumo WhatsApp",
            "CONSUMO_FRAME_ANCESTORS": f"'self' {FRAMING}",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url)
        yield Served(url, store_url, Oracle(case_rows, message_rows))
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def served_here(tmp_path: Path) -> Iterator[str]:
    """Run a server in this process, whose parts a test can replace or break; yield its URL."""
    with serving(create_app(Settings(store_url=import_rows(tmp_path, *rows())))) as url:
        yield url


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve ``app`` in a thread of this process, yield its URL, and close it afterwards."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        parts_of(app).close()


@pytest.fixture(scope="session")
def playwright_here() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def shared_tabs(
    playwright_here: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """Yield a browser context for the tabs of most tests, which share its cache.

    It has a profile on the disk, as users' browsers have: there Chromium keeps scripts compiled,
    which saves a fifth of the work of each tab. Its language is English, so that tests notice a
    page that takes its language from the browser.
    """
    context = playwright_here.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=find_chromium(),
        args=["--no-sandbox"],
        viewport=WIDE_SCREEN,
        locale="en-US",
    )
    yield context
    context.close()


@pytest.fixture
def tabs(request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """Yield the browser context for the test's tabs.

    A test that moves the clock (marker ``clock``) has one of its own: all tabs of a context have
    the same clock, and a test that fails would leave it standing for those after it.
    """
    if request.node.get_closest_marker("clock") is None:
        yield request.getfixturevalue("shared_tabs")
        return
    browser: Browser = request.getfixturevalue("browser")
    with browser.new_context(viewport=WIDE_SCREEN, locale="en-US") as context:
        yield context


@pytest.fixture(scope="session")
def browser(playwright_here: Playwright) -> Iterator[Browser]:
    """Yield a browser for tests that need a context of their own."""
    browser = playwright_here.chromium.launch(
        executable_path=find_chromium(), args=["--no-sandbox"]
    )
    yield browser
    browser.close()


def output_of(request: Request) -> str:
    """Return the output of the callback that ``request`` calls, "" where it calls none."""
    call = request.post_data_json if _UPDATE in request.url else None
    return str((call or {}).get("output", ""))


def asks_panels(request: Request) -> bool:
    """Return whether ``request`` is the call for panels."""
    return output_of(request) == ANSWERS


def hold_calls(
    page: Page, is_held: Callable[[Request], bool], most: float = math.inf
) -> list[Route]:
    """Hold the callback requests that ``is_held`` picks, the first ``most`` of them.

    Return the list of those that are held: it grows.
    """
    held: list[Route] = []

    def hold(route: Route) -> None:
        if len(held) < most and is_held(route.request):
            held.append(route)
        else:
            route.continue_()

    page.route(CALLS, hold)
    return held


@dataclass
class Visit:
    """One tab that a test works with; ``home`` is the server's URL.

    ``updates`` has the outputs of each callback request to the server, ``questions`` what was asked
    in those for panels. ``errors`` has errors and
    warnings of the console, script errors and requests to other machines; a test fails where there
    are any at its end (``watched``). ``unanswered`` has the address and the reason of each request
    without an answer, and of each answer that is an error: it explains the errors. ``under_way`` is
    how many callback requests have no answer yet, ``last_call`` when one was sent or answered last.
    """

    page: Page
    home: str
    updates: list[str] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    under_way: int = 0
    last_call: float = 0.0

    def open(self, path: str = "/", **query: Any) -> None:
        """Open an address of the server and wait until all panels are drawn."""
        self.page.goto(self.home + path + (f"?{urlencode(query, doseq=True)}" if query else ""))
        self.settle()

    def settle(self) -> None:
        """Wait until every panel has its answer, every graph is drawn and all requests are done."""
        self.page.wait_for_function(DRAWN, timeout=WAIT_MS)
        self.rest()
        # The last answer may change the width of a graph, which is then drawn again.
        self.page.wait_for_function(DRAWN, timeout=WAIT_MS)

    def stop_clock(self) -> None:
        """Let the time of the page, whose clock is installed, pass by ``clock.run_for`` only."""
        soon: int = self.page.evaluate("Date.now() + 1000")
        self.page.clock.pause_at(soon / 1_000)

    def rest(self) -> None:
        """Wait until the page has sent no request for half a second."""
        self.page.wait_for_load_state("networkidle")

    def shows(self, expected: Mapping[str, int]) -> None:
        """Wait until the panels show the ``expected`` numbers; fail with the difference.

        Numbers may be there before the page has changed its controls and its address; it has when
        this returns.
        """
        end = time.monotonic() + WAIT_MS / 1_000
        while (seen := numbers(self.page)) != expected and time.monotonic() < end:
            self.page.wait_for_timeout(100)
        assert seen == expected
        self.page.evaluate(f"async () => {{ {TASKS_DONE} }}")

    def quiet(self) -> None:
        """Wait until the page has sent no callback request for half a second, and has all answers.

        Other than ``rest`` it also waits long after the page was loaded.
        """
        end = time.monotonic() + WAIT_MS / 1_000
        self.last_call = time.monotonic()
        while self.under_way > 0 or time.monotonic() - self.last_call < QUIET_SECONDS:
            self.page.wait_for_timeout(50)
            assert time.monotonic() < end, "the page goes on asking"

    def says(self, selector: str, words: str) -> None:
        """Wait until the text of the element ``selector`` begins with ``words``."""
        self.page.wait_for_function(
            """([selector, words]) => {
              const found = document.querySelector(selector);
              return found && found.innerText.trim().startsWith(words);
            }""",
            arg=[selector, words],
            timeout=WAIT_MS,
        )

    def choose(self, name: str, *values: str) -> None:
        """Choose values in the dropdown of the filter ``name`` with clicks, as a user does."""
        control = f"#filter-{name.replace('_', '-')}"
        if not self.page.locator(control).is_visible():
            self.page.click("#filter-more > summary")
        self.page.click(control)
        for value in values:
            option = self.page.locator(".dash-dropdown-content input[type=checkbox]")
            option.and_(self.page.locator(f"[value={_css_text(value)}]")).first.click()
        self.page.keyboard.press("Escape")

    def pick(self, control: str, text: str) -> None:
        """Choose the option with this text in the dropdown ``control``, which takes one value."""
        self.page.click(control)
        self.page.locator(".dash-dropdown-option", has_text=text).first.click()

    def note(self, call: Mapping[str, Any]) -> None:
        """Note a callback request with this body."""
        self.under_way += 1
        self.last_call = time.monotonic()
        self.updates.append(call["output"])
        if call["output"] == ANSWERS:
            self.questions.append(call["inputs"][0]["value"])

    def note_end(self, request: Request) -> None:
        """Note that ``request`` has an answer, or gets none."""
        if _UPDATE in request.url:
            self.under_way -= 1
            self.last_call = time.monotonic()

    def forget_calls(self) -> None:
        self.updates.clear()
        self.questions.clear()

    def panel_calls(self, *, near: bool = False) -> list[str]:
        """Return the slugs of the panels that were requested since ``forget_calls``, in order.

        With ``near``, also of those that are requested when they come near the screen.
        """
        # A question that waits is for panels that were late: how many depends on the machine.
        asked = [question for question in self.questions if not question["waits"]]
        slugs = [slug for question in asked for slug in question["parts"]]
        return [slug for slug in slugs if near or slug not in NEAR_PANELS]

    def option_calls(self) -> list[str]:
        """Return the names of the filters whose options were requested, in order."""
        found = [re.match(r"\.*filter-([a-z-]+)-found\.data", output) for output in self.updates]
        return [match.group(1) for match in found if match]

    def other_calls(self) -> list[str]:
        """Return the outputs of requests that are not for panels, options or newer data."""
        known = r"\.*(answers\.data|filter-[a-z-]+-found\.data|newer-status\.data)"
        return [output for output in self.updates if not re.match(known, output)]


@pytest.fixture
def visit(tabs: BrowserContext, served: Served) -> Iterator[Visit]:
    """Return a tab on the shared server, with the light theme, 1280 by 900 pixels."""
    with watched(tabs, served.url) as visit:
        yield visit


@pytest.fixture
def visit_here(tabs: BrowserContext, served_here: str) -> Iterator[Visit]:
    """Return a tab on the test's own server in this process."""
    with watched(tabs, served_here) as visit:
        yield visit


@contextmanager
def watched(
    tabs: BrowserContext, home: str, scheme: Scheme = "light", *, asks_ahead: bool = False
) -> Iterator[Visit]:
    """Open a tab, and fail at its end where it had errors (see ``Visit.errors``).

    Only with ``asks_ahead`` may the page ask in advance; else the requests are those of the test.
    """
    visit = Visit(tabs.new_page(), home)
    visit.page.add_init_script("" if asks_ahead else SAVES_DATA)
    visit.page.emulate_media(color_scheme=scheme)
    hosts = {urlsplit(home).hostname, urlsplit(FRAMING.removesuffix(":*")).hostname}

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.hostname not in hosts:
            visit.errors.append(f"request to {request.url}")
        if _UPDATE in request.url:
            visit.note(request.post_data_json or {})

    def on_response(answer: Response) -> None:
        if answer.status >= HTTPStatus.BAD_REQUEST:
            visit.unanswered.append(f"{answer.url}: status {answer.status}")

    def on_failure(request: Request) -> None:
        visit.unanswered.append(f"{request.url}: {request.failure}")
        visit.note_end(request)

    visit.page.on("request", on_request)
    visit.page.on("response", on_response)
    visit.page.on("requestfailed", on_failure)
    visit.page.on("requestfinished", visit.note_end)
    visit.page.on("pageerror", lambda error: visit.errors.append(f"error: {error}"))

    def on_console(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            visit.errors.append(f"console: {said.text}")

    visit.page.on("console", on_console)
    try:
        yield visit
        if not visit.page.is_closed():
            visit.page.evaluate("null")  # all that the page said before this has arrived
    finally:
        # Closing the tab breaks off requests under way, of which Dash complains.
        visit.page.remove_listener("console", on_console)
        visit.page.close()
    assert visit.errors == [], visit.unanswered


def wait_until_still(page: Page, element_id: str) -> None:
    """Wait until the page has an element of this id whose animations have ended."""
    page.wait_for_function(
        "(id) => document.getElementById(id)?.getAnimations().length === 0", arg=element_id
    )


def wait_for_focus(page: Page, text: str) -> None:
    """Wait until the element with the focus has this text.

    A drawer gives the focus back when it has left the screen, some time after it began to.
    """
    page.wait_for_function("(text) => document.activeElement.textContent === text", arg=text)


def violations(page: Page) -> list[str]:
    """Return the accessibility violations that axe finds on the page in its present state."""
    # The page gives accessible names to controls of libraries in an idle moment after they change.
    page.evaluate(
        """async () => {
          await new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)));
          await new Promise((on) => requestIdleCallback(on));
        }"""
    )
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found
        for node in violation["nodes"]
    ]


def numbers(page: Page) -> dict[str, int]:
    """Return the numbers that the panels show, by name; an empty panel gives zeros."""
    texts: dict[str, list[str]] = page.evaluate(
        """() => {
          const texts = (selector) =>
            [...document.querySelectorAll(selector)].map((found) => found.textContent);
          const of = (slug) => texts(`#${slug}-words .fact strong`);
          return {origin: of('messages-by-origin'), status: of('messages-by-status'),
                  cases: of('cases'), templates: of('templates'),
                  indicators: texts('#indicators-cards .card-value'),
                  details: texts('#details-total')};
        }"""
    )

    def at(name: str, place: int) -> int:
        found = texts[name]
        digits = re.sub(r"\D", "", found[place]) if len(found) > place else ""
        return int(digits or 0)

    return {
        "sent": at("origin", 0),
        "received": at("origin", 1),
        "messages by status": at("status", 0),
        "created": at("cases", 0),
        "attended": at("cases", 1),
        "template sends": at("templates", 0),
        "messages": at("indicators", 0),
        "cases created": at("indicators", 4),
        "rows": at("details", 0),
    }


def expected(oracle: Oracle, **query: str | list[str]) -> dict[str, int]:
    """Return the numbers that the panels must show, which the oracle computes."""
    origin = oracle.answer("messages-by-origin", query)
    status = oracle.answer("messages-by-status", query)
    cases = oracle.answer("cases", query)
    indicators = oracle.answer("indicators", query)[0]
    return {
        "sent": sum(row["messages"] for row in origin if row["direction"] == "out"),
        "received": sum(row["messages"] for row in origin if row["direction"] == "in"),
        "messages by status": sum(row["messages"] for row in status),
        "created": sum(row["created"] for row in cases),
        "attended": sum(row["attended"] for row in cases),
        "template sends": sum(row["sent"] for row in oracle.answer("templates", query)),
        "messages": indicators["messages"],
        "cases created": indicators["cases_created"],
        "rows": oracle.total(query),
    }


def import_one_message(folder: Path) -> None:
    """Import one more outgoing message into the store of ``folder`` with the command ``import``."""
    path = folder / "more.csv"
    path.write_text("message_id,case_id,direction,sent_at\nnew-1,c1,out,2026-10-01T12:00:00Z\n")
    subprocess.run(
        [sys.executable, "-m", "app", "import", "--messages", str(path)],
        cwd=ROOT,
        env={**os.environ, "CONSUMO_STORE_URL": f"duckdb:///{folder / 'store.duckdb'}"},
        check=True,
        capture_output=True,
    )


def _css_text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _wait_until_ready(url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:  # also a time-out, on a busy machine
            time.sleep(0.1)
    pytest.fail("the server did not become ready")
