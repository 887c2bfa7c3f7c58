"""The header and the frame: the way to the page, its help, the note of newer data, iframes."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page

from tests.browser.conftest import (
    PORTAL,
    WAIT_MS,
    Served,
    Visit,
    import_one_message,
    in_process,
    wait_for_focus,
    watched,
)


@dataclass(frozen=True)
class Portal:
    """A page of another origin that shows ours in a frame and keeps what it is told."""

    page: Page

    def show(self, home: str, query: str = "") -> FrameLocator:
        """Open ``home`` in a frame of 900 by 700."""
        body = f"""<html lang="en"><title>Portal</title><link rel="icon" href="data:,">
          <body style="margin:0"><script>
            window.told = [];
            addEventListener("message", (event) => told.push([event.origin, event.data]));
          </script>
          <iframe src="{home}/{query}" title="Consumo" style="border:0" width="900" height="700">
          </iframe>"""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        try:
            self.page.goto(f"http://localhost:{server.server_port}/")
        finally:
            thread.join()
            server.server_close()
        return self.page.frame_locator("iframe")


def test_the_help_explains_filters_graphs_and_columns(visit: Visit) -> None:
    visit.open()
    button = visit.page.get_by_role("button", name="Ajuda")
    button.press("Enter")
    drawer = visit.page.get_by_role("dialog", name="O que você encontra nesta página")
    drawer.wait_for(timeout=WAIT_MS)
    terms = drawer.locator("dt").all_inner_texts()
    for word in ("Lista de Casos", "Taxa de leitura", "Uso de templates HSM", "Tipo de Sessão"):
        assert word in terms
    visit.page.keyboard.press("Escape")
    drawer.wait_for(state="hidden", timeout=WAIT_MS)
    wait_for_focus(visit.page, "Ajuda")


def test_the_way_to_the_page(visit: Visit) -> None:
    visit.open()
    way = visit.page.get_by_role("navigation", name="Onde você está").locator("li")
    assert way.all_inner_texts() == ["Analytics", "Consumo WhatsApp"]
    assert way.first.locator("a").get_attribute("href") == f"{PORTAL}/reports"


@in_process
def test_news_are_told_and_go(visit_here: Visit, tmp_path: Path) -> None:
    page = visit_here.page
    visit_here.open()
    news = page.get_by_text("Dados novos: números atualizados")
    assert not news.is_visible()
    page.evaluate("window.scrollTo(0, 900)")
    import_one_message(tmp_path)
    news.wait_for(timeout=WAIT_MS)
    assert page.evaluate("window.scrollY") == 900
    news.wait_for(state="hidden", timeout=WAIT_MS)


@pytest.mark.clock
def test_a_hidden_page_asks_nothing(visit: Visit) -> None:
    visit.page.clock.install()
    visit.open()
    visit.page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", {value: true, configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    visit.forget_calls()
    visit.page.clock.run_for(180_000)
    visit.rest()
    assert visit.updates == []


@pytest.fixture
def foreign(tabs: BrowserContext, served: Served) -> Iterator[Visit]:
    """A tab in which nothing of the served page may be stored."""
    with watched(tabs, served.url) as visit:
        visit.page.add_init_script(
            """for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
                 Object.defineProperty(window, name, {
                   get() { throw new DOMException("blocked", "SecurityError"); },
                 });
               }"""
        )
        visit.page.set_viewport_size({"width": 900, "height": 700})
        yield visit


def test_a_foreign_frame_without_storage_works(foreign: Visit, served: Served) -> None:
    inside = Portal(foreign.page).show(served.url, "?kind=session")
    inside.locator("#panel-messages-by-status.state-ready").wait_for(timeout=WAIT_MS)
    for slug in ("waiting", "failures"):
        box = inside.locator(f"#panel-{slug}").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 600
    graph = inside.locator("#panel-messages-by-origin").bounding_box()
    assert graph is not None
    assert graph["y"] + 80 <= 700, "its totals are seen below them"
    total = sum(
        row["messages"] for row in served.oracle.answer("messages-by-status", {"kind": ["session"]})
    )
    said = inside.locator("#messages-by-status-words .fact strong").first
    assert said.inner_text().replace(".", "") == str(total)

    inside.locator(".chip-remove").first.click()
    inside.locator(".chip").first.wait_for(state="detached", timeout=WAIT_MS)
    inside.get_by_role("button", name="Ajuda").click()
    drawer = inside.get_by_role("dialog")
    drawer.wait_for(timeout=WAIT_MS)
    foreign.page.keyboard.press("Escape")
    drawer.wait_for(state="hidden", timeout=WAIT_MS)


def test_a_frame_tells_nothing_to_a_page_that_is_no_portal(foreign: Visit, served: Served) -> None:
    """tests/browser/test_in_portal.py has what a portal is told, over a channel of its own."""
    for query in ("", "?portal=http%3A%2F%2Fevil.test", "?portal=*"):
        inside = Portal(foreign.page).show(served.url, query)
        inside.locator("#panel-templates.state-ready").wait_for(timeout=WAIT_MS)
        assert foreign.page.evaluate("window.told") == []
