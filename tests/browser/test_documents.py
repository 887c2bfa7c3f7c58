"""The examples of docs/embedding.md, run as a portal would run them: its frame and its script."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import WAIT_MS, Served, watched
from tests.services import ROOT

#: What stands for the deployment's address in the document.
ADDRESS = "https://consumo.example"


def block(language: str) -> str:
    """The one block of this language in the document."""
    text = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert ADDRESS in found
    return str(found)


@contextmanager
def portal(body: str) -> Iterator[str]:
    """The address of a page that holds ``body``, of an origin that may show ours in a frame."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


#: What the document says a sandboxed frame needs to show the page.
SANDBOX = 'sandbox="allow-scripts allow-same-origin"'


@pytest.mark.parametrize(("told", "sandbox"), [(True, ""), (False, ""), (False, SANDBOX)])
def test_the_frame_of_the_document_shows_the_page(
    tabs: BrowserContext, served: Served, *, told: bool, sandbox: str
) -> None:
    frame_of_ours = block("html").replace("<iframe", f"<iframe {sandbox}")
    body = f'<html lang="en"><title>Portal</title><link rel="icon" href="data:,">{frame_of_ours}'
    script = f"<script>{block('js')}</script>" if told else ""
    with (
        portal((body + script).replace(ADDRESS, served.url)) as address,
        watched(tabs, served.url) as visit,
    ):
        visit.page.goto(address)
        frame = visit.page.frame_locator("iframe")
        # The filter of its address is there, told as a chip.
        frame.locator(".chip", has_text="WhatsApp Suporte").wait_for(timeout=WAIT_MS)
        assert visit.page.locator("iframe").get_attribute("title") == "Consumo WhatsApp"
        if told:
            visit.page.wait_for_function(
                """() => document.querySelector("iframe").clientHeight > 900""",
                timeout=WAIT_MS,
            )
        else:
            assert visit.page.evaluate("document.querySelector('iframe').clientHeight") == 700
        visit.rest()
