"""docs/embedding.md, done as a portal's developer would: its settings, endpoint, policy and pages.

The portal is made of the document's own blocks, with the addresses of the test in place of its
examples; the dashboard is the real one. Both are served under https, as sites of different names.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Blueprint, Flask, Response
from playwright.sync_api import Browser, FrameLocator, Page, Playwright

from app.factory import create_app, parts_of
from app.settings import Settings
from tests.browser.conftest import WAIT_MS, in_process
from tests.browser.cross_site import (
    DASHBOARD_HOST,
    OTHER_HOST,
    PORTAL_HOST,
    cross_site_browser,
    isolated_tab,
    make_certificate,
    serving_https,
)
from tests.browser.data import rows
from tests.embedding_document import block, settings_of_document, token_endpoint
from tests.oracle.oracle import Oracle
from tests.services import import_rows

pytestmark = in_process

#: What stands for the addresses of a test in the document.
PORTAL = "https://portal.example"
DASHBOARD = "https://consumo.example"
CHATWOOT = "https://chat.example.com"
TEAM = "Suporte"
PERSON = "gabriel"


@dataclass
class World:
    """The origins of the sites; ``may_sign_in`` is whether the portal knows its user."""

    portal: str = ""
    dashboard: str = ""
    chatwoot: str = ""
    may_sign_in: bool = True

    def at_home(self, text: str) -> str:
        """Return ``text`` of the document with the addresses of the test."""
        places = ((PORTAL, self.portal), (DASHBOARD, self.dashboard), (CHATWOOT, self.chatwoot))
        for example, origin in places:
            text = text.replace(example, origin)
        return text


def settings(world: World, store_url: str) -> Settings:
    """Return the settings of the document, with both origins of a portal in a portal."""
    given = {name: world.at_home(text) for name, text in settings_of_document().items()}
    given["CONSUMO_FRAME_ANCESTORS"] += f" {world.chatwoot}"
    return Settings.from_environment({**given, "CONSUMO_STORE_URL": store_url})


def portal_app(world: World, endpoint: Blueprint) -> Flask:
    """Return the portal: its token endpoint, and a page for each script of the document."""
    app = Flask("portal_of_the_document", static_folder=None)
    app.register_blueprint(endpoint)
    scripts = {"portal": block("js", "linkFor"), "chatwoot": block("js", "appContext")}

    @app.get("/<name>.js")
    def script(name: str) -> Response:
        return Response(world.at_home(scripts[name]), mimetype="text/javascript")

    @app.get("/<name>")
    def page(name: str) -> Response:
        log = (
            "window.events = [];"
            "for (const type of ['ready', 'error', 'session-expired', 'case-open'])"
            " document.querySelector('consumo-whatsapp').addEventListener(type,"
            " ({ detail }) => events.push([type, detail]));"
        )
        answer = Response(
            "<!doctype html><html lang='pt-BR'><title>Portal</title><link rel='icon' href='data:,'>"
            f"{world.at_home(block('html', 'embed.js'))}"
            f"<script src='/{name}.js'></script><script nonce='n'>{log}</script>",
            mimetype="text/html",
        )
        policy = world.at_home(block("text", "script-src")).strip()
        own = policy.replace("script-src", "script-src 'self' 'nonce-n'")
        answer.headers["Content-Security-Policy"] = f"default-src 'none'; img-src data:; {own}"
        return answer

    return app


def chatwoot_app(world: World) -> Flask:
    """Return what stands for Chatwoot: it shows the portal's page, and tells it on request."""
    app = Flask("chatwoot", static_folder=None)

    @app.get("/")
    def page() -> str:
        said = (
            '{"event": "appContext", "data": {"contact": {"name": "PERSON"}, "conversation": {}}}'
        ).replace("PERSON", PERSON)
        return (
            "<!doctype html><title>Chat</title><script>addEventListener('message', (event) => {"
            " if (event.data === 'chatwoot-dashboard-app:fetch-info')"
            f" event.source.postMessage('{said}', '*'); }});</script>"
            f"<iframe src='{world.portal}/chatwoot' width=1000 height=700></iframe>"
        )

    return app


@pytest.fixture(scope="module")
def browser(playwright_here: Playwright) -> Iterator[Browser]:
    with cross_site_browser(playwright_here) as browser:
        yield browser


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world, certificate = World(), make_certificate(tmp_path)
    with ExitStack() as stack:
        user = {"id": "u-1", "name": "Ana Lima", "teams": [TEAM]}
        endpoint = token_endpoint(
            tmp_path, monkeypatch, lambda: user if world.may_sign_in else None
        )
        portal = portal_app(world, endpoint)
        world.portal = stack.enter_context(serving_https(portal, PORTAL_HOST, certificate))
        chatwoot = chatwoot_app(world)
        world.chatwoot = stack.enter_context(serving_https(chatwoot, OTHER_HOST, certificate))
        given = settings(world, import_rows(tmp_path, *rows()))
        for name in ("secret", "issuer", "audience"):
            value = getattr(given, f"token_{name}")
            monkeypatch.setenv(f"CONSUMO_TOKEN_{name.upper()}", value)
        app = create_app(given)
        stack.callback(parts_of(app).close)
        world.dashboard = stack.enter_context(serving_https(app, DASHBOARD_HOST, certificate))
        yield world


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield a tab; fail at its end where a policy was broken or a script failed."""
    with isolated_tab(browser) as page:
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda said: problems.append(said.text) if "Content Security" in said.text else None,
        )
        yield page
        assert problems == []


def shows(frame: FrameLocator, **query: list[str]) -> None:
    """Wait until the panel of statuses shows the number that is computed independently.

    What the user sees is what a store shows that holds the cases of the user's team only.
    """
    cases = [case for case in rows()[0] if case.get("team") == TEAM]
    ids = {case["case_id"] for case in cases}
    messages = [message for message in rows()[1] if message["case_id"] in ids]
    answer = Oracle(cases, messages).answer("messages-by-status", query)
    total = sum(row["messages"] for row in answer)
    text = f"{total:,}".replace(",", ".")
    words = frame.locator(
        "#messages-by-status-words .fact strong", has_text=re.compile(f"^{text}$")
    )
    words.first.wait_for(timeout=WAIT_MS)


def test_three_steps_show_a_user_what_the_token_allows(world: World, page: Page) -> None:
    page.goto(f"{world.portal}/portal")
    page.wait_for_function("() => window.events?.length > 0", timeout=WAIT_MS)
    assert page.evaluate("events") == [["ready", None]]
    frame = page.frame_locator("consumo-whatsapp iframe")
    shows(frame)
    assert "Ana Lima" in frame.locator("body").inner_text()
    assert page.evaluate("document.querySelector('consumo-whatsapp').clientHeight") > 900


def test_a_view_of_the_portal_is_a_view_of_the_page(world: World, page: Page) -> None:
    page.goto(f"{world.portal}/portal?view=kind%3Dsession")
    shows(page.frame_locator("consumo-whatsapp iframe"), kind=["session"])
    made = page.evaluate("document.querySelector('consumo-whatsapp').linkFor('kind=session')")
    assert made == "/reports/whatsapp?view=kind%3Dsession"


def test_a_user_whom_the_portal_does_not_know_sees_nothing(world: World, page: Page) -> None:
    world.may_sign_in = False
    page.goto(f"{world.portal}/portal")
    page.wait_for_function("() => window.events?.length > 0", timeout=WAIT_MS)
    assert page.evaluate("events[0]") == ["session-expired", {"reason": "no token"}]
    # Signed in again, the page goes on.
    world.may_sign_in = True
    page.evaluate("document.querySelector('consumo-whatsapp').refresh()")
    page.wait_for_function("() => events.some(([type]) => type === 'ready')", timeout=WAIT_MS)
    shows(page.frame_locator("consumo-whatsapp iframe"))


def test_a_dashboard_app_of_chatwoot_sets_a_filter(world: World, page: Page) -> None:
    page.goto(world.chatwoot)
    inside = page.frame_locator("iframe").frame_locator("consumo-whatsapp iframe")
    inside.locator(".chip", has_text=PERSON).wait_for(timeout=WAIT_MS)
