"""The element <consumo-whatsapp> of /embed.js, in a portal of another site than the dashboard.

The script is the real one, from the real route. The page in its frame is a small stand-in that says
what a test tells it to say, so that every message of the protocol can be tried, also those that the
real page sends seldom. The portal has a strict content security policy; cookies of third parties
are blocked.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, Frame, Page, Playwright

from app.routes import embed
from tests.browser.conftest import POLL_MS, WAIT_MS
from tests.browser.cross_site import (
    DASHBOARD_HOST,
    OTHER_HOST,
    PORTAL_HOST,
    cross_site_browser,
    isolated_tab,
    make_certificate,
    serving_https,
)
from tests.integration.conftest import until

#: A token's form; nobody checks it here.
TOKEN = "head.body-1.signature_2"
#: The page's side of the protocol. ``say`` sends a message to the element; ``heard`` has what came.
STAND_IN = """<!doctype html><html lang="en"><title>Stand-in</title><body><script>
  const asked = new URLSearchParams(location.search);
  const portal = asked.get("portal") || asked.get("expected");
  window.heard = [];
  window.welcomes = [];
  let port = null;
  addEventListener("message", ({ data, origin, ports, source }) => {
    if (source !== parent || origin !== portal) throw new Error(`a message of ${origin}`);
    welcomes.push(data);
    port = ports[0];
    port.onmessage = (event) => heard.push(event.data);
  });
  window.hello = () => parent.postMessage({ type: "consumo-whatsapp:hello" }, portal);
  window.say = (...messages) => messages.forEach((one) => port.postMessage(one));
  window.cookies = document.cookie;
  if (!asked.has("silent")) hello();
</script></body></html>"""
#: Counts what the portal's page has running, and keeps what goes wrong in it.
WATCH = """(() => {
  if (self !== top) return;
  window.problems = [];
  addEventListener("securitypolicyviolation", (event) =>
    problems.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  addEventListener("unhandledrejection", (event) => problems.push(`rejection: ${event.reason}`));
  addEventListener("error", (event) => problems.push(`error: ${event.message}`));
  const listeners = new Set();
  const timers = new Set();
  const ports = new Set();
  const closed = [];
  window.closedPorts = closed;
  const ids = new Map();
  const id = (one) => ids.get(one) ?? (ids.set(one, ids.size), ids.size - 1);
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, listener, ...rest) {
    if ([window, document].includes(this ?? window)) listeners.add(`${type} ${id(listener)}`);
    return add.call(this ?? window, type, listener, ...rest);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, ...rest) {
    if ([window, document].includes(this ?? window)) listeners.delete(`${type} ${id(listener)}`);
    return remove.call(this ?? window, type, listener, ...rest);
  };
  const { setTimeout: start, clearTimeout: end } = window;
  window.setTimeout = (action, ms, ...rest) => {
    const timer = start(() => { timers.delete(timer); action(...rest); }, ms);
    timers.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => { timers.delete(timer); end(timer); };
  window.setInterval = () => { throw new Error("an interval"); };
  window.MessageChannel = class extends MessageChannel {
    constructor() {
      super();
      ports.add(this.port1);
      const close = this.port1.close.bind(this.port1);
      this.port1.close = () => { ports.delete(this.port1); closed.push(this.port1); close(); };
    }
  };
  window.forgetListeners = () => listeners.clear(); // those of the tool that drives the browser
  window.running = () => ({ listeners: listeners.size, timers: timers.size, ports: ports.size });
  window.events = [];
  window.listenTo = (element, name = "it") => {
    for (const type of ["ready", "error", "session-expired", "filters-change"]) {
      element.addEventListener(type, ({ detail }) => events.push([name, type, detail]));
    }
    return element;
  };
  // Makes an element with attributes and shows it.
  window.show = (attributes, name) => {
    const element = listenTo(document.createElement("consumo-whatsapp"), name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    document.body.append(element);
    return element;
  };
})();"""
NOTHING = {"listeners": 0, "timers": 0, "ports": 0}


# --- the two sites --------------------------------------------------------------------------------


@dataclass
class TokenAnswers:
    """What the portal's token endpoint answers, and what it was asked.

    ``asked`` has the query and the cookie of the portal's own sign-in. In ``body`` the word CONTEXT
    stands for the context that was asked for.
    """

    asked: list[tuple[str, str | None]] = field(default_factory=list)
    status: int = 200
    body: str = json.dumps({"token": TOKEN})
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Cleared, the endpoint does not answer until it is set.
    may_answer: threading.Event = field(default_factory=threading.Event)


@dataclass
class Sites:
    """The origins of the portal and the dashboard, and of a third site that has nothing to say."""

    portal: str
    dashboard: str
    other: str
    tokens: TokenAnswers
    #: Cookies that each request for the stand-in brought.
    cookies: list[dict[str, str]]


def dashboard_app(cookies: list[dict[str, str]]) -> Flask:
    app = Flask("stand_in", static_folder=None)
    app.register_blueprint(embed.blueprint())

    @app.get("/")
    def page() -> Response:
        cookies.append(dict(request.cookies))
        answer = Response(STAND_IN, mimetype="text/html")
        answer.set_cookie("kept", "yes", secure=True, samesite="None")
        if "isolated" in request.args:
            answer.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
            answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    @app.get("/moved")
    def moved() -> Response:
        return Response(status=302, headers={"Location": request.args["to"]})

    return app


def portal_app(dashboard: Callable[[], str], tokens: TokenAnswers) -> Flask:
    app = Flask("portal", static_folder=None)

    def policy() -> str:
        return "; ".join(
            (
                "default-src 'none'",
                f"script-src {dashboard()} 'nonce-1'",
                f"frame-src {dashboard()}",
                "connect-src 'self'",
                "img-src data:",
                "base-uri 'none'",
                "require-trusted-types-for 'script'",
            )
        )

    @app.get("/")
    def page() -> Response:
        head = f'<script src="{dashboard()}/embed.js"></script>'
        if "bare" in request.args:
            head = ""
        answer = Response(
            f"<!doctype html><html lang=en><title>Portal</title><link rel=icon href='data:,'>{head}"
            f"<body>{request.args.get('body', '')}",
            mimetype="text/html",
        )
        answer.set_cookie("signed_in", "ana", secure=True, samesite="Lax")
        if "isolated" in request.args:
            answer.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
            answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if "lax" not in request.args:
            answer.headers["Content-Security-Policy"] = policy()
        return answer

    @app.get("/token")
    def token() -> Response:
        tokens.asked.append((request.query_string.decode(), request.cookies.get("signed_in")))
        tokens.may_answer.wait(timeout=60)
        body = tokens.body.replace("CONTEXT", request.args.get("context", ""))
        return Response(body, status=tokens.status, headers=dict(tokens.headers))

    return app


@pytest.fixture(scope="module")
def browser(playwright_here: Playwright) -> Iterator[Browser]:
    with cross_site_browser(playwright_here) as browser:
        yield browser


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Run the sites for all tests of this module."""
    certificate = make_certificate(tmp_path_factory.mktemp("certificate"))
    tokens, cookies = TokenAnswers(), list[dict[str, str]]()
    with ExitStack() as stack:
        made = dashboard_app(cookies)
        dashboard = stack.enter_context(serving_https(made, DASHBOARD_HOST, certificate))
        other = stack.enter_context(serving_https(dashboard_app([]), OTHER_HOST, certificate))
        portal = stack.enter_context(
            serving_https(portal_app(lambda: dashboard, tokens), PORTAL_HOST, certificate)
        )
        yield Sites(portal, dashboard, other, tokens, cookies)


@pytest.fixture
def sites(running: Sites) -> Sites:
    """Return the sites as they are before any request."""
    fresh = TokenAnswers()
    running.tokens.asked.clear()
    running.tokens.status, running.tokens.body = fresh.status, fresh.body
    running.tokens.headers = fresh.headers
    running.tokens.may_answer.set()
    running.cookies.clear()
    return running


@dataclass
class Portal:
    """The portal's page in a tab."""

    page: Page
    sites: Sites
    #: Lines of the browser's console.
    said: list[str] = field(default_factory=list)

    def open(self, **query: str) -> None:
        """Open the portal's page, without an element."""
        self.page.goto(f"{self.sites.portal}/?" + "&".join(f"{k}={v}" for k, v in query.items()))
        self.page.wait_for_function("() => true")
        self.page.evaluate("forgetListeners()")

    def stop_clock(self) -> None:
        """Let time pass by ``clock.run_for`` only."""
        self.page.clock.install(time=0)
        self.page.clock.pause_at(1_000)

    def show(self, src: str | None = None, name: str = "it", **attributes: str) -> None:
        """Show an element; ``__`` in a name stands for a dash. ``window.it`` is the element."""
        given = {key.replace("__", "-"): value for key, value in attributes.items()}
        given["src"] = src or f"{self.sites.dashboard}/"
        self.page.evaluate(
            "([attributes, name]) => { window[name] = show(attributes, name); }", [given, name]
        )

    def inside(self, name: str = "it") -> Frame:
        """Return the frame of an element when it has been welcomed."""
        return self.frame("welcomes.length > 0", name)

    def frame(self, condition: str, name: str = "it") -> Frame:
        """Return the frame of an element when the stand-in is there and ``condition`` holds."""
        shown = self.page.wait_for_function(
            f"() => window.{name}.shadowRoot.querySelector('iframe')", timeout=WAIT_MS
        ).as_element()
        assert shown is not None
        frame = shown.content_frame()
        assert frame is not None
        frame.wait_for_function(
            f"() => window.welcomes && {condition}", polling=POLL_MS, timeout=WAIT_MS
        )
        return frame

    def loaded_anew(self, before: str, name: str = "it") -> Frame:
        """Return the frame of an element when its address is no longer ``before``."""
        self.page.wait_for_function(
            "([name, before]) => window[name].shadowRoot.querySelector('iframe')?.src !== before",
            arg=[name, before],
            timeout=WAIT_MS,
        )
        return self.inside(name)

    def address(self, name: str = "it") -> str:
        """Return the first address of an element's frame."""
        found = self.page.wait_for_function(
            f"() => window.{name}.shadowRoot.querySelector('iframe')?.src", timeout=WAIT_MS
        )
        return str(found.json_value())

    def query(self, name: str = "it") -> dict[str, list[str]]:
        """Return what the first address of an element's frame asks for."""
        return parse_qs(urlsplit(self.address(name)).query, keep_blank_values=True)

    def events(self, count: int) -> list[Any]:
        """Wait for so many events of elements; return [name, type, detail] of each."""
        self.page.wait_for_function("(n) => events.length >= n", arg=count, timeout=WAIT_MS)
        found: list[Any] = self.page.evaluate("events")
        return found

    def rest(self) -> None:
        """Wait until the page has done what its last tasks caused."""
        self.page.evaluate("() => new Promise((on) => { setTimeout(on, 0); })")

    def is_running(self, expected: Mapping[str, int]) -> None:
        """Wait until the portal's page has these listeners, timers and ports."""
        self.page.wait_for_function(
            "(expected) => JSON.stringify(running()) === JSON.stringify(expected)",
            arg=dict(expected),
            timeout=WAIT_MS,
        )


@pytest.fixture
def portal(browser: Browser, sites: Sites) -> Iterator[Portal]:
    """Return an open portal; fail at the end where its page had any problem."""
    with isolated_tab(browser) as page:
        page.add_init_script(WATCH)
        portal = Portal(page, sites)
        page.on("console", lambda message: portal.said.append(message.text))
        portal.open()
        yield portal
        assert page.evaluate("problems") == []


def heard(inside: Frame, kind: str, count: int = 1) -> list[Any]:
    """Wait until the stand-in heard so many messages of a kind; return these."""
    inside.wait_for_function(
        "([kind, n]) => heard.filter((one) => one.type === kind).length >= n",
        arg=[kind, count],
        polling=POLL_MS,
        timeout=WAIT_MS,
    )
    found: list[Any] = inside.evaluate("(kind) => heard.filter((one) => one.type === kind)", kind)
    return found


def ask(inside: Frame, *ids: int) -> list[Any]:
    """Ask for tokens; return the answers."""
    inside.evaluate("(ids) => say(...ids.map((id) => ({ type: 'token', id })))", list(ids))
    return heard(inside, "token-answer", len(ids))


# --- the first address and the handshake ----------------------------------------------------------


def test_the_frame_and_its_first_address(portal: Portal) -> None:
    filters = {"channel": ["A & B", "çã=?#+%20"], "start": "2026-01-01", "case": [12], "team": []}
    portal.show(
        theme="dark",
        lang="es",
        filters=json.dumps({**filters, "lang": "en", "portal": "https://other.test"}),
        locked__filters=json.dumps({"kind": "hsm"}),
    )
    portal.inside()
    assert portal.query() == {
        "channel": ["A & B", "çã=?#+%20"],
        "start": ["2026-01-01"],
        "case": ["12"],
        "theme": ["dark"],
        "lang": ["es"],
        "portal": [portal.sites.portal],
    }
    frame = portal.page.locator("consumo-whatsapp iframe")
    expected = {
        "title": "Consumo WhatsApp",
        "allow": "fullscreen; clipboard-write",
        "referrerpolicy": "strict-origin",
        "loading": "eager",
        "sandbox": "allow-scripts allow-same-origin allow-downloads allow-modals allow-popups "
        "allow-popups-to-escape-sandbox",
    }
    assert {name: frame.get_attribute(name) for name in expected} == expected


def test_the_welcome_has_the_settings(portal: Portal) -> None:
    portal.show(
        locked__filters="channel=A&channel=B",
        hidden__filters=" team  agent ",
        panels="cases details",
        accent="#0a7d4f",
        font="Open Sans",
        token__url="/token",
    )
    inside = portal.inside()
    assert inside.evaluate("welcomes") == [
        {
            "type": "consumo-whatsapp:welcome",
            "settings": {
                "locked": {"channel": ["A", "B"]},
                "hidden": ["team", "agent"],
                "panels": ["cases", "details"],
                "accent": "#0a7d4f",
                "font": "Open Sans",
                "opensCases": False,
                "hasFixedHeight": False,
                "makesLinks": False,
                "givesTokens": True,
            },
        }
    ]
    assert portal.page.evaluate("running()") == {"listeners": 1, "timers": 0, "ports": 1}


def test_an_element_with_nothing_but_its_address(portal: Portal) -> None:
    portal.show()
    [welcome] = portal.inside().evaluate("welcomes")
    assert welcome["settings"] == {
        "locked": {},
        "hidden": [],
        "panels": [],
        "accent": None,
        "font": None,
        "opensCases": False,
        "hasFixedHeight": False,
        "makesLinks": False,
        "givesTokens": False,
    }
    assert portal.query() == {"portal": [portal.sites.portal]}


def test_a_locked_filter_is_not_in_the_address(portal: Portal) -> None:
    src = f"{portal.sites.dashboard}/?channel=X&kept=1&team=T"
    portal.show(src, filters="channel=A&team=U&team=V", locked__filters="channel=B")
    assert portal.query() == {
        "kept": ["1"],
        "team": ["U", "V"],
        "portal": [portal.sites.portal],
    }


def test_filters_too_long_for_an_address_go_through_the_channel(portal: Portal) -> None:
    people = [f"pessoa {number:04}" for number in range(400)]
    portal.show(filters=json.dumps({"person": people, "team": "A"}))
    inside = portal.inside()
    assert portal.query() == {"portal": [portal.sites.portal]}
    [said] = heard(inside, "filters")
    assert said["filters"] == {"person": people, "team": ["A"]}


def test_a_hello_of_another_frame_is_ignored(portal: Portal) -> None:
    portal.show()
    inside = portal.inside()
    # It has the dashboard's own origin, and says hello to the same portal.
    src = f"{portal.sites.dashboard}/?silent=1&expected={portal.sites.portal}"
    portal.page.evaluate(
        """(src) => {
          const frame = Object.assign(document.createElement("iframe"), { src, id: "sibling" });
          const loaded = new Promise((on) => { frame.onload = on; });
          document.body.append(frame);
          return loaded;
        }""",
        src,
    )
    shown = portal.page.locator("#sibling").element_handle()
    assert shown
    sibling = shown.content_frame()
    assert sibling
    sibling.evaluate("hello()")
    # What it says afterwards arrives afterwards: then the hello is there, too.
    sibling.evaluate("parent.postMessage('later', portal)")
    portal.rest()
    assert sibling.evaluate("welcomes") == []
    assert ask(inside, 1)[0]["failed"] == "unreachable"
    assert portal.page.evaluate("running().ports") == 1


def test_a_hello_of_another_origin_is_ignored(portal: Portal, sites: Sites) -> None:
    """Where the dashboard's address leads elsewhere, that page gets nothing."""
    # The portal's policy would stop it as well: without one, the element alone does.
    portal.open(lax="")
    there = quote(f"{sites.other}/?expected={sites.portal}")
    portal.show(f"{sites.dashboard}/moved?to={there}")
    frame = portal.frame("true")
    while not portal.said:
        portal.page.wait_for_event("console", timeout=WAIT_MS)
    assert frame.evaluate("welcomes") == []
    assert f"leads to {sites.other}" in portal.said[-1]
    assert portal.page.evaluate("running()") == {"listeners": 1, "timers": 1, "ports": 0}


# --- tokens ---------------------------------------------------------------------------------------


def test_waiting_questions_make_one_fetch(portal: Portal) -> None:
    portal.sites.tokens.may_answer.clear()
    portal.show(token__url="/token?kind=1", context="caixa 7 & 8")
    inside = portal.inside()
    inside.evaluate("say(...[1, 2, 3].map((id) => ({ type: 'token', id })))")
    portal.page.wait_for_function("() => running().timers === 1")
    portal.sites.tokens.may_answer.set()
    answers = heard(inside, "token-answer", 3)
    assert answers == [
        {"type": "token-answer", "id": number, "token": TOKEN} for number in (1, 2, 3)
    ]
    # The portal's own cookie comes along: that is how it knows its reader.
    assert portal.sites.tokens.asked == [("kind=1&context=caixa+7+%26+8", "ana")]
    portal.is_running({"listeners": 1, "timers": 0, "ports": 1})
    # The next question is a new one: the element kept nothing.
    ask(inside, 4)
    assert len(heard(inside, "token-answer", 4)) == 4
    assert len(portal.sites.tokens.asked) == 2


@pytest.mark.parametrize("body", [f" {TOKEN}\n", json.dumps(TOKEN), json.dumps({"token": TOKEN})])
def test_forms_of_a_token(portal: Portal, body: str) -> None:
    portal.sites.tokens.body = body
    portal.show(token__url="/token")
    assert ask(portal.inside(), 7) == [{"type": "token-answer", "id": 7, "token": TOKEN}]


@pytest.mark.parametrize(
    ("status", "body", "failed"),
    [
        (401, "", "refused"),
        (403, json.dumps({"token": TOKEN}), "refused"),
        (302, "", "refused"),
        (204, "", "refused"),
        (200, json.dumps({"token": None}), "refused"),
        (200, "null", "refused"),
        (404, "", "unreachable"),
        (500, json.dumps({"token": TOKEN}), "unreachable"),
        (200, "<!doctype html><title>Sign in</title>", "unreachable"),
        (200, json.dumps({"token": 5}), "unreachable"),
        (200, json.dumps({"error": "no"}), "unreachable"),
    ],
)
def test_an_endpoint_that_gives_no_token(
    portal: Portal, status: int, body: str, failed: str
) -> None:
    tokens = portal.sites.tokens
    tokens.status, tokens.body = status, body
    tokens.headers = {"Location": "/"} if status == 302 else {}
    portal.show(token__url="/token")
    inside = portal.inside()
    assert ask(inside, 7) == [{"type": "token-answer", "id": 7, "failed": failed}]
    portal.rest()
    assert [line for line in portal.said if line.startswith("<consumo-whatsapp> gets no token")]
    tokens.status, tokens.body, tokens.headers = 200, TOKEN, {}
    assert ask(inside, 8, 9)[1:] == [
        {"type": "token-answer", "id": number, "token": TOKEN} for number in (8, 9)
    ]


def test_an_endpoint_that_cannot_be_reached(portal: Portal) -> None:
    portal.page.route("**/token", lambda route: route.abort("internetdisconnected"))
    portal.show(token__url="/token")
    inside = portal.inside()
    assert ask(inside, 7)[0]["failed"] == "unreachable"
    portal.page.unroute("**/token")
    assert ask(inside, 8, 9)[-1]["token"] == TOKEN


def test_an_endpoint_that_never_answers(portal: Portal) -> None:
    portal.stop_clock()
    portal.sites.tokens.may_answer.clear()
    portal.show(token__url="/token")
    inside = portal.inside()
    with portal.page.expect_event("requestfailed") as ended:
        inside.evaluate("say({ type: 'token', id: 7 })")
        until(lambda: portal.sites.tokens.asked, "the element asks for a token")
        portal.page.clock.run_for(9_999)
        assert inside.evaluate("heard") == []
        portal.page.clock.run_for(1)
    assert heard(inside, "token-answer")[0]["failed"] == "unreachable"
    # The request is given up, too.
    assert ended.value.url == f"{portal.sites.portal}/token"
    portal.sites.tokens.may_answer.set()


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("() => 'a.b.c'", {"token": "a.b.c"}),
        ("async () => ({ token: 'a.b.c' })", {"token": "a.b.c"}),
        ("async (context) => `${context}.b.c`", {"token": "box-7.b.c"}),
        ("() => null", {"failed": "refused"}),
        ("async () => {}", {"failed": "refused"}),
        ("async () => ''", {"failed": "refused"}),
        ("() => { throw new Error('no') }", {"failed": "unreachable"}),
        ("() => { throw null }", {"failed": "unreachable"}),
        ("() => Promise.reject(new Error('no'))", {"failed": "unreachable"}),
        ("() => 5", {"failed": "unreachable"}),
        ("() => 'two words'", {"failed": "unreachable"}),
        ("() => ({ get token() { throw new Error('no') } })", {"failed": "unreachable"}),
        ("'no function'", {"failed": "unreachable"}),
    ],
)
def test_a_function_that_gives_tokens(portal: Portal, source: str, answer: dict[str, str]) -> None:
    portal.show(context="box-7")
    portal.page.evaluate(f"() => {{ it.tokenSource = {source}; }}")
    inside = portal.inside()
    assert ask(inside, 7) == [{"type": "token-answer", "id": 7, **answer}]


def test_a_function_that_never_answers(portal: Portal) -> None:
    portal.stop_clock()
    portal.show()
    portal.page.evaluate(
        "() => { it.tokenSource = () => new Promise(() => { window.asked = true; }); }"
    )
    inside = portal.inside()
    inside.evaluate("say({ type: 'token', id: 7 })")
    portal.page.wait_for_function("() => asked", timeout=WAIT_MS)
    portal.page.clock.run_for(10_000)
    assert heard(inside, "token-answer")[0]["failed"] == "unreachable"


def test_a_function_comes_before_an_address(portal: Portal) -> None:
    portal.show(token__url="/token")
    portal.page.evaluate("() => { it.tokenSource = () => 'a.b.c'; }")
    assert ask(portal.inside(), 1)[0]["token"] == "a.b.c"
    assert portal.sites.tokens.asked == []


def test_another_context_begins_anew(portal: Portal) -> None:
    """The page holds a token for the context before, which may show what this one must not."""
    portal.sites.tokens.body = "CONTEXT.b.c"
    portal.show(token__url="/token", context="one")
    inside = portal.inside()
    before = portal.page.locator("consumo-whatsapp iframe").element_handle()
    assert ask(inside, 1)[0]["token"] == "one.b.c"
    portal.page.evaluate("it.setAttribute('context', 'two')")
    assert before
    before.wait_for_element_state("hidden")
    assert ask(portal.inside(), 1)[0]["token"] == "two.b.c"
    assert portal.page.evaluate("running()") == {"listeners": 1, "timers": 0, "ports": 1}


def test_a_context_that_comes_before_the_first_token_loads_nothing_anew(portal: Portal) -> None:
    portal.sites.tokens.body = "CONTEXT.b.c"
    portal.show()
    inside = portal.inside()
    portal.page.evaluate(
        "() => { it.setAttribute('token-url', '/token'); it.setAttribute('context', 'two'); }"
    )
    [said] = heard(inside, "settings")
    assert said["settings"]["givesTokens"] is True
    assert ask(inside, 1)[0]["token"] == "two.b.c"


def test_two_elements_have_tokens_of_their_own(portal: Portal) -> None:
    tokens = portal.sites.tokens
    tokens.body = "CONTEXT.b.c"
    tokens.may_answer.clear()
    portal.show(name="one", token__url="/token", context="one")
    portal.show(name="two", token__url="/token", context="two")
    frames = {name: portal.inside(name) for name in ("one", "two")}
    for inside in frames.values():
        inside.evaluate("say({ type: 'token', id: 1 })")
    until(lambda: len(tokens.asked) == 2, "each element asks for a token of its own")
    tokens.may_answer.set()
    for name, inside in frames.items():
        assert [one["token"] for one in heard(inside, "token-answer")] == [f"{name}.b.c"]
    # What happens in one is nothing to the other.
    portal.page.evaluate("one.setFilters({ team: 'A' }); one.setAttribute('theme', 'dark')")
    frames["two"].evaluate("say({ type: 'height', height: 900 }, { type: 'ready' })")
    assert portal.events(1) == [["two", "ready", None]]
    heard(frames["one"], "theme")
    assert [one["type"] for one in frames["two"].evaluate("heard")] == ["token-answer"]
    heights = portal.page.evaluate("[one, two].map((each) => each.clientHeight)")
    assert heights == [600, 900]
    portal.page.evaluate("one.remove()")
    frames["two"].evaluate("say({ type: 'token', id: 2 })")
    assert heard(frames["two"], "token-answer", 2)[1]["token"] == "two.b.c"
    assert portal.page.evaluate("running()") == {"listeners": 1, "timers": 0, "ports": 1}


def test_no_cookie_of_the_dashboard_is_needed_or_kept(portal: Portal) -> None:
    dashboard = portal.sites.dashboard
    portal.page.goto(dashboard + "/?silent=1")
    portal.page.goto(dashboard + "/?silent=1")
    assert portal.sites.cookies[-1] == {"kept": "yes"}
    portal.open()
    portal.show(token__url="/token")
    inside = portal.inside()
    assert portal.sites.cookies[-1] == {}
    assert inside.evaluate("cookies") == ""
    assert ask(inside, 1)[0]["token"] == TOKEN


# --- height ---------------------------------------------------------------------------------------


def height(portal: Portal) -> Any:
    """Return the heights of the element and of its frame, in pixels."""
    return portal.page.evaluate(
        """[it, it.shadowRoot.querySelector("iframe")].map(
          (one) => one.getBoundingClientRect().height
        )"""
    )


@pytest.mark.parametrize(
    ("said", "pixels"),
    [
        ([2_000.2], 2_001),
        ([2_000, 300], 300),
        ([5], 120),
        ([10**9], 20_000),
        ([700, "1e999", None, "x"], 700),
    ],
)
def test_the_frame_is_as_high_as_its_page(portal: Portal, said: list[Any], pixels: int) -> None:
    portal.show()
    inside = portal.inside()
    assert height(portal) == [600, 600]
    messages = [{"type": "height", "height": one} for one in said]
    inside.evaluate("(messages) => say(...messages, { type: 'ready' })", messages)
    portal.events(1)
    assert height(portal) == [pixels, pixels]


@pytest.mark.parametrize(
    ("attribute", "pixels"),
    [("450", 450), ("30em", 480), ("calc(100px + 1rem)", 116), ("50%", 400)],
)
def test_a_fixed_height(portal: Portal, attribute: str, pixels: int) -> None:
    portal.page.evaluate("document.body.style.height = '800px'")
    portal.show(height=attribute)
    inside = portal.inside()
    inside.evaluate("say({ type: 'height', height: 2000 }, { type: 'ready' })")
    portal.events(1)
    assert height(portal) == [pixels, pixels]
    portal.page.evaluate("it.setAttribute('height', 'auto')")
    portal.rest()
    assert height(portal) == [2_000, 2_000]


def test_the_frame_fills_the_width_and_can_be_hidden(portal: Portal) -> None:
    portal.show()
    portal.inside()
    script = "[document.body, it.shadowRoot.querySelector('iframe')].map((one) => one.clientWidth)"
    body, frame = portal.page.evaluate(script)
    assert frame == body
    portal.page.evaluate("it.hidden = true")
    assert portal.page.evaluate("it.getBoundingClientRect().height") == 0


# --- attributes, properties and methods -----------------------------------------------------------


def test_changed_attributes_are_told_in_one_message_each(portal: Portal) -> None:
    portal.show(theme="dark", panels="cases")
    inside = portal.inside()
    portal.page.evaluate(
        """() => {
          it.setAttribute("theme", "light");
          it.setAttribute("panels", "details");
          it.setAttribute("accent", "#ff0000");
          it.setAttribute("locked-filters", '{"team": "A"}');
          it.setAttribute("hidden-filters", "agent");
          it.setAttribute("font", "Inter");
          it.setAttribute("filters", "channel=B&team=C");
          it.setAttribute("title", "Nossas mensagens");
        }"""
    )
    heard(inside, "filters")
    theme, settings, filters = inside.evaluate("heard")
    assert theme == {"type": "theme", "theme": "light"}
    assert settings["settings"] | {"opensCases": None} == {
        "locked": {"team": ["A"]},
        "hidden": ["agent"],
        "panels": ["details"],
        "accent": "#ff0000",
        "font": "Inter",
        "opensCases": None,
        "hasFixedHeight": False,
        "makesLinks": False,
        "givesTokens": False,
    }
    assert filters == {"type": "filters", "filters": {"channel": ["B"]}}
    assert portal.page.locator("iframe").get_attribute("title") == "Nossas mensagens"
    portal.page.evaluate("it.removeAttribute('theme'); it.removeAttribute('filters')")
    assert heard(inside, "theme", 2)[1] == {"type": "theme", "theme": "auto"}
    assert heard(inside, "filters", 2)[1] == {"type": "filters", "filters": {}}


def test_a_value_that_stays_the_same_is_not_told(portal: Portal) -> None:
    portal.show(theme="dark", panels="cases")
    inside = portal.inside()
    portal.page.evaluate("it.setAttribute('theme', 'dark'); it.setAttribute('panels', 'cases')")
    portal.page.evaluate("it.refresh()")
    heard(inside, "refresh")
    assert [one["type"] for one in inside.evaluate("heard")] == ["refresh"]


@pytest.mark.parametrize(("name", "value"), [("lang", "en"), ("src", "?other=1")])
def test_another_language_or_dashboard_is_loaded_anew_with_the_filters_shown(
    portal: Portal, name: str, value: str
) -> None:
    portal.show(filters="channel=A", locked__filters="team=T", lang="es")
    inside = portal.inside()
    shown = {"status": ["failed"], "team": ["T"]}
    inside.evaluate(
        "(filters) => say({ type: 'filters-change', filters, query: 'status=failed&team=T' })",
        shown,
    )
    portal.events(1)
    before = portal.address()
    given = value if name == "lang" else f"{portal.sites.dashboard}/{value}"
    portal.page.evaluate("([name, given]) => it.setAttribute(name, given)", [name, given])
    portal.loaded_anew(before)
    query = portal.query()
    assert query["status"] == ["failed"]
    assert "channel" not in query
    assert "team" not in query
    assert (query["lang"], query.get("other")) == (
        (["en"], None) if name == "lang" else (["es"], ["1"])
    )
    assert portal.page.evaluate("running()") == {"listeners": 1, "timers": 0, "ports": 1}


@pytest.mark.parametrize(
    ("given", "filters"),
    [
        ({"channel": "A", "case": [1, "2"], "team": None}, {"channel": ["A"], "case": ["1", "2"]}),
        ("?channel=A+B&channel=%26&theme=dark", {"channel": ["A B", "&"]}),
        ('{"where.team": "x"}', {"where.team": ["x"]}),
        ({"constructor": "x"}, {"constructor": ["x"]}),
        ({}, {}),
        ("", {}),
        (None, {}),
    ],
)
def test_filters_of_a_method(portal: Portal, given: Any, filters: dict[str, list[str]]) -> None:
    portal.show(filters="team=A", locked__filters="agent=B")
    inside = portal.inside()
    portal.page.evaluate("(given) => it.setFilters(given)", given)
    assert heard(inside, "filters") == [{"type": "filters", "filters": filters}]


def test_a_method_sets_no_locked_filter(portal: Portal) -> None:
    portal.show(locked__filters="agent=B")
    inside = portal.inside()
    portal.page.evaluate("it.setFilters({ agent: 'C', team: 'A' })")
    assert heard(inside, "filters")[0]["filters"] == {"team": ["A"]}


def test_filters_that_are_set_early_are_not_lost(portal: Portal) -> None:
    portal.page.evaluate(
        """(src) => {
          window.it = listenTo(document.createElement("consumo-whatsapp"));
          it.setAttribute("src", src);
          it.setFilters({ team: "first" });
          document.body.append(it);
        }""",
        f"{portal.sites.dashboard}/?silent=1",
    )
    assert portal.query()["team"] == ["first"]
    frame = portal.frame("true")
    portal.page.evaluate("it.setFilters({ team: 'second' })")
    frame.evaluate("hello()")
    assert heard(frame, "filters")[0]["filters"] == {"team": ["second"]}
    # A page that is loaded again by itself has them in its address.
    frame.evaluate("heard.length = 0; hello()")
    frame.wait_for_function("() => welcomes.length === 2")
    portal.page.evaluate("it.refresh()")
    heard(frame, "refresh")
    assert [one["type"] for one in frame.evaluate("heard")] == ["refresh"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filters", "{channel: 'A'}"),
        ("filters", '{"channel": true}'),
        ("filters", '{"channel": [["A"]]}'),
        ("filters", '{"<b>": "A"}'),
        ("filters", '{"__proto__": "A"}'),
        ("filters", "[]"),
        ("filters", "WhatsApp Suporte"),
        ("filters", "channel=100%"),
        ("filters", "=A"),
        ("theme", "blue"),
        ("accent", "red"),
        ("accent", "#fff"),
        ("font", "Arial; color: red"),
        ("font", "'Arial'"),
        ("height", "tall"),
        ("height", "-5px"),
    ],
)
def test_a_bad_attribute_is_told_and_ignored(portal: Portal, name: str, value: str) -> None:
    portal.show(**{name: value})
    [welcome] = portal.inside().evaluate("welcomes")
    assert welcome["settings"]["accent"] is welcome["settings"]["font"] is None
    assert portal.query() == {"portal": [portal.sites.portal]}
    assert height(portal) == [600, 600]
    [[_, kind, detail]] = portal.events(1)
    assert (kind, detail["code"]) == ("error", "bad-attribute")
    assert detail["message"].startswith(f"{name}: ")


def test_a_bad_attribute_keeps_the_value_before(portal: Portal) -> None:
    portal.show(locked__filters="team=A", theme="dark")
    inside = portal.inside()
    portal.page.evaluate(
        """() => {
          it.setAttribute("locked-filters", "{");
          it.setAttribute("theme", "blue");
          it.setFilters("no");
          it.setFilters(5);
          it.setFilters([]);
        }"""
    )
    assert [detail["code"] for _, _, detail in portal.events(5)] == ["bad-attribute"] * 5
    assert heard(inside, "settings")[-1]["settings"]["locked"] == {"team": ["A"]}
    assert heard(inside, "theme")[-1]["theme"] == "dark"


@pytest.mark.parametrize(
    "src", ["", "javascript:alert(1)", "data:text/html,x", "http://", "blob:x", "ftp://dash.test/"]
)
def test_an_address_that_is_none(portal: Portal, src: str) -> None:
    portal.page.evaluate("(src) => { window.it = show({ src }); }", src)
    [[_, kind, detail]] = portal.events(1)
    assert (kind, detail["code"]) == ("error", "bad-attribute")
    assert portal.page.locator("iframe").count() == 0
    assert portal.page.evaluate("running()") == NOTHING
    portal.page.evaluate("(src) => it.setAttribute('src', src)", portal.sites.dashboard)
    portal.inside()
    assert len(portal.events(1)) == 1


def test_without_an_address_there_is_no_frame(portal: Portal) -> None:
    portal.page.evaluate("() => { window.it = show({ theme: 'dark' }); }")
    portal.events(1)
    portal.page.evaluate("it.setAttribute('theme', 'light'); it.refresh(); it.setFilters({})")
    portal.rest()
    assert len(portal.events(1)) == 1
    assert portal.page.evaluate("running()") == NOTHING


def test_without_its_locked_filters_nothing_is_shown(portal: Portal) -> None:
    portal.show(locked__filters="{team}")
    portal.events(1)
    assert portal.page.locator("iframe").count() == 0
    portal.page.evaluate("it.setAttribute('locked-filters', 'team=A')")
    [welcome] = portal.inside().evaluate("welcomes")
    assert welcome["settings"]["locked"] == {"team": ["A"]}


# --- what the page says ---------------------------------------------------------------------------


def test_events(portal: Portal) -> None:
    portal.show()
    portal.inside().evaluate(
        """() => say(
          { type: "error", code: "query", message: "The query failed." },
          { type: "ready" },
          { type: "unknown" },
          null,
          { type: "filters-change", filters: { team: ["A"] }, query: "team=A" },
          { type: "session-expired", reason: "audience" },
        )"""
    )
    assert portal.events(4) == [
        ["it", "error", {"code": "query", "message": "The query failed."}],
        ["it", "ready", None],
        ["it", "filters-change", {"filters": {"team": ["A"]}, "query": "team=A"}],
        ["it", "session-expired", {"reason": "audience"}],
    ]


CASE = {"type": "case-open", "id": 4, "caseNumber": "12", "caseId": "c-12", "url": None}


def test_a_case_that_the_portal_does_not_open(portal: Portal) -> None:
    portal.show()
    inside = portal.inside()
    inside.evaluate("(message) => say(message)", CASE)
    assert heard(inside, "case-open-answer")[0] == {
        "type": "case-open-answer",
        "id": 4,
        "handled": False,
    }
    portal.page.evaluate("it.addEventListener('case-open', () => {})")
    [said] = heard(inside, "settings")
    assert said["settings"]["opensCases"] is True
    inside.evaluate("(message) => say(message)", CASE)
    assert heard(inside, "case-open-answer", 2)[1]["handled"] is False


def test_a_case_that_the_portal_opens(portal: Portal) -> None:
    portal.page.evaluate(
        """(src) => {
          window.it = document.createElement("consumo-whatsapp");
          it.addEventListener("case-open", (event) => {
            event.preventDefault();
            events.push(event.detail);
          });
          it.setAttribute("src", src);
          document.body.append(it);
        }""",
        portal.sites.dashboard,
    )
    inside = portal.inside()
    assert inside.evaluate("welcomes[0].settings.opensCases") is True
    inside.evaluate("(message) => say(message)", CASE)
    assert heard(inside, "case-open-answer")[0]["handled"] is True
    assert portal.events(1) == [{"caseNumber": "12", "caseId": "c-12", "url": None}]


@pytest.mark.parametrize(
    ("function", "address"),
    [
        ("(query) => `/reports?view=${encodeURIComponent(query)}`", "/reports?view=team%3DA%26b"),
        ("async () => 'https://elsewhere.test/x'", "https://elsewhere.test/x"),
        ("() => new URL('/a', location)", "/a"),
        ("() => null", None),
        ("() => 'javascript:alert(1)'", None),
        ("() => 'http://'", None),
        ("() => { throw new Error('no') }", None),
        ("() => Promise.reject(5)", None),
        ("null", None),
    ],
)
def test_the_portal_s_own_link(portal: Portal, function: str, address: str | None) -> None:
    portal.page.evaluate(
        f"""(src) => {{
          window.it = document.createElement("consumo-whatsapp");
          it.linkFor = {function};
          it.setAttribute("src", src);
          document.body.append(it);
        }}""",
        portal.sites.dashboard,
    )
    inside = portal.inside()
    assert inside.evaluate("welcomes[0].settings.makesLinks") is (function != "null")
    inside.evaluate("say({ type: 'link', id: 3, query: 'team=A&b' })")
    expected = f"{portal.sites.portal}{address}" if address and address[0] == "/" else address
    assert heard(inside, "link-answer") == [{"type": "link-answer", "id": 3, "address": expected}]


# --- beginning and end ----------------------------------------------------------------------------


def test_a_page_that_is_loaded_again_gets_a_channel_of_its_own(portal: Portal) -> None:
    portal.show(token__url="/token")
    inside = portal.inside()
    inside.evaluate("window.before = port; hello()")
    inside.wait_for_function("() => welcomes.length === 2")
    # The channel before is closed: nobody answers what it says.
    inside.evaluate("before.postMessage({ type: 'token', id: 1 })")
    assert ask(inside, 2) == [{"type": "token-answer", "id": 2, "token": TOKEN}]
    assert portal.page.evaluate("running()") == {"listeners": 1, "timers": 0, "ports": 1}
    assert len(portal.sites.tokens.asked) == 1


def test_a_message_that_was_under_way_when_its_channel_closed_is_ignored(portal: Portal) -> None:
    portal.show()
    inside = portal.inside()
    inside.evaluate("hello()")
    inside.wait_for_function("() => welcomes.length === 2")
    portal.page.evaluate("closedPorts[0].onmessage({ data: { type: 'session-expired' } })")
    inside.evaluate("say({ type: 'ready' })")
    assert portal.events(1) == [["it", "ready", None]]


def test_a_removed_element_leaves_nothing(portal: Portal) -> None:
    tokens = portal.sites.tokens
    tokens.may_answer.clear()
    portal.show(token__url="/token")
    inside = portal.inside()
    inside.evaluate("say({ type: 'token', id: 1 })")
    until(lambda: tokens.asked, "the element asks for a token")
    assert portal.page.evaluate("running()") == {"listeners": 1, "timers": 1, "ports": 1}
    with portal.page.expect_event("requestfailed") as ended:
        assert portal.page.evaluate("it.remove(), running()") == NOTHING
    assert ended.value.url == f"{portal.sites.portal}/token"
    tokens.may_answer.set()
    # What is done to it afterwards does nothing either.
    portal.page.evaluate(
        "it.setFilters({}); it.refresh(); it.setAttribute('theme', 'dark'); it.tokenSource = null"
    )
    portal.rest()
    assert portal.page.evaluate("running()") == NOTHING
    assert portal.page.evaluate("events") == portal.said == []


def test_an_element_that_is_removed_before_the_hello_leaves_nothing(portal: Portal) -> None:
    portal.show(f"{portal.sites.dashboard}/?silent=1")
    portal.frame("true")
    assert portal.page.evaluate("running()") == {"listeners": 1, "timers": 1, "ports": 0}
    assert portal.page.evaluate("it.remove(), running()") == NOTHING


def test_an_element_that_is_removed_at_once_never_begins(portal: Portal) -> None:
    portal.page.evaluate(
        "(src) => { window.it = show({ src }); it.remove(); }", portal.sites.portal
    )
    portal.rest()
    assert portal.page.evaluate("running()") == NOTHING
    assert portal.page.evaluate("it.shadowRoot.childElementCount") == 0


@pytest.mark.parametrize("between", ["", "await new Promise((on) => setTimeout(on));"])
def test_an_element_that_is_put_back_works_again(portal: Portal, between: str) -> None:
    portal.show(token__url="/token", filters="team=A")
    inside = portal.inside()
    ask(inside, 1)
    inside.evaluate("say({ type: 'filters-change', filters: { team: ['B'] }, query: 'team=B' })")
    portal.events(1)
    portal.page.evaluate(
        f"""async () => {{
          const place = document.body.appendChild(document.createElement("main"));
          it.remove();
          {between}
          place.append(it);
        }}"""
    )
    assert portal.query()["team"] == ["B"]
    assert ask(portal.inside(), 1)[0]["token"] == TOKEN
    assert portal.page.evaluate("running()") == {"listeners": 1, "timers": 0, "ports": 1}
    assert len(portal.sites.tokens.asked) == 2


def test_an_element_that_is_moved_keeps_its_page(portal: Portal) -> None:
    if not portal.page.evaluate("'moveBefore' in Element.prototype"):
        pytest.skip("this browser cannot move an element without removing it")
    portal.show()
    inside = portal.inside()
    portal.page.evaluate(
        "document.body.appendChild(document.createElement('main')).moveBefore(it, null)"
    )
    inside.evaluate("say({ type: 'ready' })")
    assert portal.events(1) == [["it", "ready", None]]


def test_a_dashboard_that_does_not_answer(portal: Portal) -> None:
    portal.stop_clock()
    portal.show(f"{portal.sites.dashboard}/?silent=1")
    portal.frame("true")
    portal.page.clock.run_for(19_999)
    assert portal.page.evaluate("events") == []
    portal.page.clock.run_for(1)
    [[_, kind, detail]] = portal.events(1)
    assert (kind, detail["code"]) == ("error", "unreachable")
    assert portal.sites.dashboard in detail["message"]
    # Once it is there, all is well, also without a second attempt.
    before = portal.page.locator("iframe").element_handle()
    portal.page.evaluate("it.refresh()")
    assert before
    before.wait_for_element_state("hidden")
    frame = portal.frame("true")
    frame.evaluate("hello()")
    portal.inside()
    portal.page.clock.run_for(60_000)
    assert len(portal.events(1)) == 1
    portal.page.evaluate("it.refresh()")
    assert heard(frame, "refresh") == [{"type": "refresh"}]


def test_an_element_that_was_there_before_the_script(portal: Portal) -> None:
    portal.open(bare="", lax="", body="<consumo-whatsapp id=it theme=dark></consumo-whatsapp>")
    assert portal.page.evaluate("it.constructor === HTMLElement")
    portal.page.evaluate(
        """(src) => {
          listenTo(it).setAttribute("src", src);
          it.tokenSource = async () => "a.b.c";
          it.linkFor = () => "/view";
          it.addEventListener("case-open", (event) => event.preventDefault());
        }""",
        portal.sites.dashboard,
    )
    portal.page.add_script_tag(url=f"{portal.sites.dashboard}/embed.js")
    inside = portal.inside()
    settings = inside.evaluate("welcomes[0].settings")
    assert [settings[name] for name in ("opensCases", "makesLinks", "givesTokens")] == [True] * 3
    assert portal.query()["theme"] == ["dark"]
    assert ask(inside, 1)[0]["token"] == "a.b.c"
    inside.evaluate("(message) => say(message)", CASE)
    assert heard(inside, "case-open-answer")[0]["handled"] is True


def test_the_script_may_be_there_several_times(portal: Portal) -> None:
    portal.open(lax="")
    portal.show()
    portal.page.add_script_tag(url=f"{portal.sites.dashboard}/embed.js")
    portal.page.add_script_tag(url=f"{portal.sites.dashboard}/embed.js?again", type="module")
    portal.inside().evaluate("say({ type: 'ready' })")
    assert portal.events(1) == [["it", "ready", None]]


def test_the_script_as_a_module(portal: Portal) -> None:
    portal.open(lax="", bare="")
    portal.page.add_script_tag(url=f"{portal.sites.dashboard}/embed.js", type="module")
    portal.show()
    portal.inside()


def test_a_copy_of_an_element_has_a_frame_of_its_own(portal: Portal) -> None:
    portal.show(theme="dark")
    portal.inside()
    portal.page.evaluate("() => { document.body.append(window.copy = it.cloneNode(true)); }")
    portal.inside("copy")
    assert portal.page.locator("iframe").count() == 2
    assert portal.query("copy")["theme"] == ["dark"]


# --- isolated portals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "attributes"), [("?isolated=1", {}), ("", {"credentialless": ""})]
)
def test_an_isolated_portal_shows_the_page(
    portal: Portal, query: str, attributes: dict[str, str]
) -> None:
    """Where the dashboard sends the headers for it, or its frame keeps no cookies."""
    portal.open(isolated="")
    assert portal.page.evaluate("crossOriginIsolated")
    portal.show(f"{portal.sites.dashboard}/{query}", token__url="/token", **attributes)
    assert ask(portal.inside(), 1)[0]["token"] == TOKEN


def test_an_isolated_portal_shows_no_page_without_the_headers(portal: Portal) -> None:
    portal.stop_clock()
    portal.open(isolated="")
    with portal.page.expect_event("requestfailed"):
        portal.show()
    portal.page.clock.run_for(20_000)
    assert portal.events(1)[0][2]["code"] == "unreachable"
