"""The real dashboard inside a portal of another site: tokens, filters, events, downloads, cookies.

Both are served under https with names of their own, and cookies of third parties are blocked. The
token's life is that of the dashboard's clock, which a test can move.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from flask import Flask, Response, redirect, request
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Frame, Page, Playwright, Request, Route

from app.factory import create_app, parts_of
from app.settings import Settings
from tests.browser.conftest import ANSWERS, CALLS, DRAWN, POLL_MS, WAIT_MS, in_process, violations
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
from tests.oracle.oracle import Oracle
from tests.services import import_rows

pytestmark = in_process

SECRET = "the secret of these tests, 32 bytes or more"
TEAMS = ("Suporte", "Vendas & Pós")
PERIOD = {"start": "2026-09-20", "end": "2026-11-05"}
LIFE_SECONDS = 600
CASE_URL = "https://portal.test/cases/{case_id}"
ALL = ["all_teams", "reveal_text", "export"]
#: Events are told to ``window.events``; so a test can wait for them.
LISTEN = """<script>
  window.events = [];
  window.show = (attributes, name = "it", listens = true) => {
    const element = document.createElement("consumo-whatsapp");
    window[name] = element;
    const types = ["ready", "error", "session-expired", "filters-change"];
    for (const type of types) {
      element.addEventListener(type, ({ detail }) => events.push([name, type, detail]));
    }
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    document.body.append(element);
  };
</script>"""


@dataclass
class World:
    """The two sites: the clock of the dashboard, and what the portal gives to whom."""

    portal: str = ""
    dashboard: str = ""
    other: str = ""
    ahead: timedelta = timedelta(0)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: int = 200
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    app: Flask | None = None

    def client(self) -> FlaskClient:
        """Return a client that asks the dashboard without a browser."""
        assert self.app is not None
        return self.app.test_client()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def token(self, context: str = "") -> str:
        """Return a fresh token of the reader whom the portal knows as ``context``."""
        issued = int(self.now().timestamp())
        claims = {
            "iss": "portal",
            "aud": "dashboard",
            "sub": context or "ana",
            "iat": issued,
            "exp": issued + LIFE_SECONDS,
            "name": "Ana",
            "capabilities": ALL,
            **self.claims.get(context, {}),
        }
        token = jwt.encode(claims, SECRET, algorithm="HS256")
        self.tokens.append(token)
        return token


def portal_app(world: World) -> Flask:
    app = Flask("portal", static_folder=None)

    @app.get("/")
    def page() -> Response:
        """The page runs under a policy as strict as a portal can have it."""
        head = f'<script src="{world.dashboard}/embed.js" nonce="n"></script>'
        body = LISTEN.replace("<script>", '<script nonce="n">')
        answer = Response(
            f"<!doctype html><html lang=en><title>Portal</title>{head}<body>{body}",
            mimetype="text/html",
        )
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'nonce-n'; frame-src {world.dashboard}; "
            "connect-src 'self'; img-src data:; base-uri 'none'"
        )
        if "isolated" in request.args:
            answer.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
        return answer

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @app.get("/token")
    def token() -> Response:
        context = request.args.get("context", "")
        world.asked.append(context)
        body = json.dumps({"token": world.token(context)})
        return Response(body, status=world.status, mimetype="application/json")

    @app.get("/by-redirect")
    def by_redirect() -> Response:
        """A portal without scripts: a frame whose address redirects with a one-time code."""
        return Response(
            "<!doctype html><html lang=en><title>Portal</title>"
            '<iframe src="/enter" width="900" height="700"></iframe>',
            mimetype="text/html",
        )

    @app.get("/enter")
    def enter() -> Any:
        # The portal's server asks the dashboard's; the browser takes no part in it.
        given = world.client().post(
            "/session/codes", headers={"Authorization": f"Bearer {world.token()}"}
        )
        return redirect(f"{world.dashboard}/session?code={given.json['code']}&kind=session")

    return app


@pytest.fixture(scope="module")
def browser(playwright_here: Playwright) -> Iterator[Browser]:
    with cross_site_browser(playwright_here) as browser:
        yield browser


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run the dashboard and the portal for all tests of this module."""
    folder = tmp_path_factory.mktemp("portal")
    world = World()
    dashboard = create_app(
        Settings(
            store_url=import_rows(folder, *rows()),
            auth="token",
            token_secret=SECRET,
            token_issuer="portal",
            token_audience="dashboard",
            frame_ancestors=f"https://{PORTAL_HOST}:*",
            case_url=CASE_URL,
            refresh_seconds=3_600,
        ),
        clock=world.now,
    )
    certificate = make_certificate(folder)
    portal = portal_app(world)
    world.app = dashboard
    with ExitStack() as stack:
        stack.callback(parts_of(dashboard).close)
        world.dashboard = stack.enter_context(serving_https(dashboard, DASHBOARD_HOST, certificate))
        world.portal = stack.enter_context(serving_https(portal, PORTAL_HOST, certificate))
        world.other = stack.enter_context(serving_https(portal, OTHER_HOST, certificate))
        yield world


@pytest.fixture
def world(running: World) -> World:
    """Return the sites as they are before any request."""
    running.ahead, running.status = timedelta(0), 200
    running.asked.clear()
    running.tokens.clear()
    running.claims.clear()
    return running


@dataclass
class Portal:
    """The portal's page in a tab, and all that the tab's pages said and asked for."""

    page: Page
    world: World
    requests: list[Request] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def note_request(self, sent: Request) -> None:
        self.requests.append(sent)

    def open(self, path: str = "/", origin: str = "") -> None:
        self.page.goto((origin or self.world.portal) + path)

    def show(self, name: str = "it", **attributes: str) -> None:
        """Show an element; ``__`` in the name of an attribute stands for a dash."""
        given = {
            "src": f"{self.world.dashboard}/",
            "token-url": "/token",
            "filters": json.dumps(PERIOD),
            **{key.replace("__", "-"): value for key, value in attributes.items()},
        }
        self.page.evaluate("([attributes, name]) => show(attributes, name)", [given, name])

    def set(self, **attributes: str | None) -> None:
        """Change attributes of the element ``it``; None removes one."""
        for key, value in attributes.items():
            self.page.evaluate(
                """([key, value]) => value === null
                     ? it.removeAttribute(key) : it.setAttribute(key, value)""",
                [key.replace("__", "-"), value],
            )

    def frame(self, name: str = "it") -> Frame:
        """Return the dashboard's page of an element."""
        shown = self.page.wait_for_function(
            f"() => window.{name}?.shadowRoot.querySelector('iframe')", timeout=WAIT_MS
        ).as_element()
        assert shown is not None
        frame = shown.content_frame()
        assert frame is not None
        return frame

    def heard(self, kind: str, count: int = 1, name: str = "it") -> list[Any]:
        """Wait for so many events of a kind; return their details."""
        self.page.wait_for_function(
            """([name, kind, count]) =>
                 events.filter((one) => one[0] === name && one[1] === kind).length >= count""",
            arg=[name, kind, count],
            timeout=WAIT_MS,
        )
        found = self.page.evaluate("events")
        return [detail for who, what, detail in found if (who, what) == (name, kind)]

    def height(self, name: str = "it") -> float:
        return float(
            self.page.evaluate(
                f"() => window.{name}.shadowRoot.querySelector('iframe').offsetHeight"
            )
        )


@pytest.fixture
def portal(browser: Browser, world: World) -> Iterator[Portal]:
    """Return an open portal; fail at the end where a page complained of something."""
    with isolated_tab(browser) as page:
        portal = Portal(page, world)
        page.on("request", portal.note_request)
        page.on("pageerror", lambda error: portal.problems.append(f"thrown: {error}"))
        page.on("console", lambda said: _note(portal, said.type, said.text))
        portal.open()
        yield portal
        assert [one for one in portal.problems if "policy" in one.lower()] == []
        assert [one for one in portal.problems if one.startswith("thrown: ")] == []


def _note(portal: Portal, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        portal.problems.append(f"{kind}: {text}")


def total(frame: Frame) -> int:
    """Return the number of messages that the page says."""
    said = frame.locator("#messages-by-status-words .fact strong").first.inner_text()
    return int(said.replace(".", ""))


def shows(frame: Frame, number: int) -> None:
    """Wait until the page says this number of messages."""
    frame.wait_for_function(
        """(number) => document.querySelector('#messages-by-status-words .fact strong')
             ?.innerText.replace('.', '') === String(number)""",
        arg=number,
        polling=POLL_MS,
        timeout=WAIT_MS,
    )


def expected_total(teams: tuple[str, ...] | None = None, **filters: list[str]) -> int:
    """Return the messages of cases of ``teams``, counted by the oracle over their rows only."""
    case_rows, message_rows = rows()
    if teams is not None:
        case_rows = [row for row in case_rows if row["team"] in teams]
        seen = {row["case_id"] for row in case_rows}
        message_rows = [row for row in message_rows if row["case_id"] in seen]
    query = {**PERIOD, **filters}
    answer = Oracle(case_rows, message_rows).answer("messages-by-status", query)
    return sum(row["messages"] for row in answer)


def drawn(frame: Frame) -> None:
    frame.wait_for_function(DRAWN, polling=POLL_MS, timeout=WAIT_MS)


def questions(portal: Portal) -> list[Request]:
    """Return the requests for numbers; a script of the table may come at any time."""
    return [sent for sent in portal.requests if "/_dash-" in sent.url and "suites" not in sent.url]


def clear_filters(frame: Frame) -> None:
    frame.locator("#chips [data-action=clear]").click()


# --- the whole way ------------------------------------------------------------------------------


def test_the_page_comes_with_a_token_alone(portal: Portal, world: World) -> None:
    world.claims[""] = {"capabilities": ["reveal_text", "export"], "teams": [TEAMS[0]]}
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    assert total(inside) == expected_total((TEAMS[0],))
    assert inside.locator(".signed-in").text_content() == f"Ana · Equipe {TEAMS[0]}"
    assert world.asked == [""]
    assert [kind for _, kind, _ in portal.page.evaluate("events")].count("ready") == 1
    assert portal.page.evaluate("events.filter(([, kind]) => kind === 'error')") == []


def test_a_page_with_folded_panels_gets_ready(portal: Portal, world: World) -> None:
    """The one case that this reader may see has no HSM."""
    seen = {"teams": [TEAMS[1]], "channels": ["E-mail"]}
    world.claims[""] = {"capabilities": ["reveal_text", "export"], **seen}
    portal.show()
    portal.heard("ready")
    assert portal.frame().locator(".state-folded").count() > 1


def test_no_address_page_or_cookie_holds_the_token(portal: Portal, world: World) -> None:
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    with portal.page.expect_download() as download:
        inside.locator("[data-action=download][data-value=CSV]").click()
    [token] = set(world.tokens)
    secret_part = token.split(".")[2]
    assert secret_part not in download.value.url
    for sent in portal.requests:
        assert secret_part not in sent.url
        assert secret_part not in sent.headers.get("referer", "")
    for frame in portal.page.frames:
        assert secret_part not in frame.content()
        assert secret_part not in json.dumps(frame.evaluate("Object.keys(window)"))
    assert portal.page.context.cookies(world.dashboard) == []
    own = questions(portal)
    assert len(own) >= 4  # layout, callbacks, panels, the ticket of the download
    assert all(sent.headers.get("authorization") == f"Bearer {token}" for sent in own)


def test_an_isolated_portal_may_show_it(portal: Portal) -> None:
    portal.open("/?isolated")
    portal.show()
    portal.heard("ready")
    assert portal.page.evaluate("crossOriginIsolated") is False  # no opener policy is set
    drawn(portal.frame())


def test_theme_and_language_are_there_from_the_first_paint(portal: Portal) -> None:
    portal.show(theme="dark", lang="es")
    first = portal.frame()
    first.wait_for_function("() => document.body", timeout=WAIT_MS)
    query = parse_qs(urlsplit(first.url).query)
    assert (query["theme"], query["lang"]) == (["dark"], ["es"])
    portal.heard("ready")
    assert first.evaluate("document.documentElement.lang") == "es"
    assert first.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert violations_of(first) == []


def violations_of(frame: Frame) -> list[str]:
    return violations(frame)  # type: ignore[arg-type] # axe takes a frame as well


# --- renewal ------------------------------------------------------------------------------------


def test_an_expired_token_is_renewed_once_for_all_requests(portal: Portal, world: World) -> None:
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    world.ahead += timedelta(seconds=LIFE_SECONDS + 31)  # the server refuses the first token now
    refused: list[int] = []
    portal.page.on(
        "response", lambda answer: refused.append(answer.status) if answer.status == 401 else None
    )
    portal.page.evaluate("(filters) => it.setFilters(filters)", {**PERIOD, "kind": ["session"]})
    shows(inside, expected_total(kind=["session"]))
    drawn(inside)
    assert refused
    assert world.asked == ["", ""]  # the first token, and one more
    assert inside.locator(".session-note").count() == 0


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_wrong_clock_of_the_machine_changes_nothing(
    portal: Portal, world: World, hours: int
) -> None:
    portal.page.add_init_script(
        f"""(() => {{
          const now = Date.now.bind(Date);
          const Real = Date;
          window.Date = class extends Real {{
            constructor(...given) {{
              if (given.length) super(...given);
              else super(now() + {hours} * 3600000);
            }}
            static now() {{ return now() + {hours} * 3600000; }}
          }};
        }})()"""
    )
    portal.open()
    portal.show()
    portal.heard("ready")
    drawn(portal.frame())
    assert world.asked == [""]


def test_it_comes_back_after_two_lives_of_a_token_offline(portal: Portal, world: World) -> None:
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    portal.page.context.set_offline(True)
    portal.page.evaluate("it.setFilters({start: '2026-10-01', end: '2026-10-31'})")
    inside.locator(".lost-note").wait_for(timeout=WAIT_MS)
    assert inside.evaluate("document.documentElement.className").split().count("lost") == 1
    assert portal.heard("error")[0]["code"] == "unreachable"
    world.ahead += timedelta(seconds=2 * LIFE_SECONDS + 31)
    portal.page.context.set_offline(False)
    inside.locator(".lost-note").wait_for(state="hidden", timeout=WAIT_MS)
    drawn(inside)
    assert inside.locator(".session-note").count() == 0
    assert "start=2026-10-01" in inside.url


def test_without_further_tokens_the_session_ends_quietly(portal: Portal, world: World) -> None:
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    before = total(inside)
    world.status = 401
    world.ahead += timedelta(seconds=LIFE_SECONDS + 31)
    portal.page.evaluate("it.refresh()")
    portal.heard("session-expired")
    note = inside.get_by_role("alert").filter(has_text="Sessão expirada")
    note.wait_for(timeout=WAIT_MS)
    assert total(inside) == before
    colour = "getComputedStyle(document.querySelector('.panels')).filter"
    assert inside.evaluate(colour) == "grayscale(1)"
    asked, sent = len(world.asked), questions(portal)
    inside.locator("[data-action=preset]").first.evaluate("(button) => button.click()")
    portal.page.wait_for_timeout(1_500)  # what would ask again asks within a second
    assert len(world.asked) == asked
    assert [late.url for late in questions(portal)] == [early.url for early in sent]
    world.status = 200
    note.get_by_role("button", name="Continuar").click()
    note.wait_for(state="detached", timeout=WAIT_MS)
    drawn(inside)
    inside.wait_for_function(f"() => {colour} === 'none'", timeout=WAIT_MS)
    assert len(world.asked) == asked + 1


def test_an_answer_that_comes_after_the_end_asks_nobody(portal: Portal, world: World) -> None:
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    portal.page.route(CALLS, hold, times=1)
    with portal.page.expect_request(CALLS):
        inside.locator("[data-action=preset]").first.evaluate("(button) => button.click()")
    world.status = 401
    world.ahead += timedelta(seconds=LIFE_SECONDS + 31)
    portal.page.evaluate("it.refresh()")
    portal.heard("session-expired")
    inside.get_by_role("alert").filter(has_text="Sessão expirada").wait_for(timeout=WAIT_MS)
    portal.page.wait_for_timeout(1_000)  # the other calls have ended
    sent = len(questions(portal))
    held[0].fulfill(status=401)
    portal.page.wait_for_timeout(1_500)  # what would ask again asks within a second
    assert len(questions(portal)) == sent
    assert len(portal.heard("session-expired")) == 1


def test_a_token_that_the_dashboard_refuses_is_told_with_the_reason(
    portal: Portal, world: World
) -> None:
    world.claims[""] = {"aud": "another dashboard"}
    portal.show()
    assert portal.heard("session-expired")[0] == {"reason": "audience"}
    portal.frame().get_by_role("button", name="Continuar").click()
    assert len(portal.heard("session-expired", 2)) == 2
    assert portal.page.evaluate("events.filter(([, kind]) => kind === 'error')") == []


def test_an_endpoint_that_fails_is_told_once(portal: Portal, world: World) -> None:
    world.status = 500
    portal.show()
    assert portal.heard("error")[0]["code"] == "no-token"
    world.status = 200
    portal.heard("ready")
    assert [error["code"] for error in portal.heard("error")] == ["no-token"]


def test_a_portal_that_refuses_the_first_token_is_told(portal: Portal, world: World) -> None:
    world.status = 403
    portal.show()
    portal.heard("session-expired")
    portal.frame().get_by_text("Sessão expirada").wait_for(timeout=WAIT_MS)
    assert portal.page.evaluate("events.filter(([, kind]) => kind === 'ready')") == []


# --- who may talk -------------------------------------------------------------------------------


def test_a_page_that_is_not_listed_may_not_show_it(portal: Portal, world: World) -> None:
    portal.page.clock.install()
    portal.open(origin=world.other)
    portal.show()
    portal.page.clock.run_for(21_000)
    [error] = portal.heard("error")
    assert error["code"] == "unreachable"
    assert portal.page.evaluate("events.filter(([, kind]) => kind === 'ready')") == []
    assert world.asked == []
    portal.problems.clear()  # the browser says that the policy of the dashboard forbids it


def test_messages_of_others_are_not_heard(portal: Portal, world: World) -> None:
    """A frame of a third site beside ours, and the portal's page itself after the handshake."""
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    welcome = {
        "type": "consumo-whatsapp:welcome",
        "settings": {"panels": ["cases"], "locked": {"channel": ["X"]}},
    }
    portal.page.evaluate(
        """([welcome, origin]) => {
          const { port1 } = new MessageChannel();
          const frame = it.shadowRoot.querySelector("iframe").contentWindow;
          frame.postMessage(welcome, origin, [port1]);
          frame.postMessage({ type: "settings", settings: welcome.settings }, origin);
        }""",
        [welcome, world.dashboard],
    )
    # The page itself plays the sibling: its messages come from a window that is not the parent.
    inside.evaluate("(welcome) => window.postMessage(welcome, '*')", welcome)
    portal.page.evaluate("() => new Promise((on) => setTimeout(on, 200))")
    assert inside.locator("#panel-details").is_visible()
    assert inside.locator(".chip", has_text="Canal").count() == 0


def test_two_frames_on_one_page_share_nothing(portal: Portal, world: World) -> None:
    for name, team in zip(("one", "two"), TEAMS, strict=True):
        world.claims[name] = {"teams": [team], "capabilities": [], "name": name}
        portal.show(name, context=name)
    for name, team in zip(("one", "two"), TEAMS, strict=True):
        portal.heard("ready", name=name)
        inside = portal.frame(name)
        drawn(inside)
        assert inside.locator(".signed-in").text_content() == f"{name} · Equipe {team}"
        assert total(inside) == expected_total((team,))
    assert sorted(world.asked) == ["one", "two"]


# --- what the portal sets -----------------------------------------------------------------------


def test_locked_filters_cannot_be_changed_and_hidden_ones_are_not_seen(portal: Portal) -> None:
    portal.show(locked__filters='{"channel": ["whatsapp vendas"]}', hidden__filters="person")
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    expected = expected_total(channel=["whatsapp vendas"])
    assert total(inside) == expected
    chip = inside.locator(".chip", has_text="whatsapp vendas")
    assert chip.locator("button").count() == 0
    assert not inside.locator(".control-person").is_visible()
    wanted = {**PERIOD, "channel": ["WhatsApp"], "kind": ["session"]}
    portal.page.evaluate("(filters) => it.setFilters(filters)", wanted)
    inside.locator(".chip", has_text="WApp").wait_for(timeout=WAIT_MS)
    inside.evaluate("dash_clientside.set_props('filter-channel', {value: ['WhatsApp']})")
    shows(inside, expected_total(channel=["whatsapp vendas"], kind=["session"]))
    clear_filters(inside)
    inside.locator(".chip", has_text="WApp").wait_for(state="detached", timeout=WAIT_MS)
    drawn(inside)
    assert inside.locator(".chip", has_text="whatsapp vendas").count() == 1


def test_a_preset_of_the_portal_stays_a_preset(portal: Portal) -> None:
    portal.show(filters="period=all", hidden__filters="basis period")
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    assert inside.locator("#filter-period-face").text_content().startswith("Tudo · ")  # type: ignore[union-attr]
    assert not inside.locator(".control-period").is_visible()
    portal.page.evaluate("it.setFilters({period: 'last_month', kind: ['hsm']})")
    inside.locator(".chip", has_text="HSM").wait_for(timeout=WAIT_MS)
    portal.page.wait_for_function(
        "() => events.some(([, kind, detail]) => kind === 'filters-change' && detail.filters.kind)",
        timeout=WAIT_MS,
    )
    last = portal.heard("filters-change")[-1]
    assert last["filters"] == {"period": ["last_month"], "kind": ["hsm"]}
    assert last["query"] == "period=last_month&kind=hsm"
    portal.page.evaluate("it.setFilters({period: 'last8'})")
    assert portal.heard("error")[-1]["code"] == "bad-filter"


def test_a_locked_preset_cannot_be_changed(portal: Portal) -> None:
    portal.show(locked__filters="period=all")
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    face = inside.locator("#filter-period-face")
    assert face.inner_text().startswith("Tudo · ")
    portal.page.evaluate("(filters) => it.setFilters(filters)", {**PERIOD, "kind": ["session"]})
    inside.locator(".chip", has_text="WApp").wait_for(timeout=WAIT_MS)
    days = ["2026-10-01", "2026-10-02"]
    inside.evaluate(
        "(value) => dash_clientside.set_props('action', {data: {kind: 'days', value, at: 1}})", days
    )
    inside.evaluate("() => new Promise((on) => setTimeout(on, 500))")
    assert face.inner_text().startswith("Tudo · ")
    assert "period=all" in inside.url


def test_filters_that_come_before_the_page_is_there_are_kept(portal: Portal) -> None:
    portal.show()
    portal.page.evaluate("(filters) => it.setFilters(filters)", {**PERIOD, "kind": ["session"]})
    portal.heard("ready")
    inside = portal.frame()
    shows(inside, expected_total(kind=["session"]))
    assert inside.locator(".chip", has_text="WApp").count() == 1


def test_misspelt_names_are_told_and_a_misspelt_lock_shows_nothing(portal: Portal) -> None:
    portal.show(panels="case cases", hidden__filters="requester")
    portal.heard("ready")
    told = {error["message"] for error in portal.heard("error", 2)}
    assert told == {'panels: there is no "case"', 'hidden-filters: there is no "requester"'}
    inside = portal.frame()
    assert inside.locator("#panel-cases").is_visible()
    portal.set(locked__filters='{"teem": "Vendas"}')
    last = portal.heard("error", 3)[-1]
    assert (last["code"], last["message"]) == (
        "bad-attribute",
        'locked-filters: there is no "teem"',
    )
    inside.locator("#panel-cases").wait_for(state="hidden", timeout=WAIT_MS)


def test_a_misspelt_filter_changes_nothing(portal: Portal) -> None:
    portal.show()
    portal.heard("ready")
    before = total(portal.frame())
    portal.page.evaluate("it.setFilters({foo: 1})")
    [error] = portal.heard("error")
    assert error == {"code": "bad-filter", "message": 'there is no filter "foo"'}
    assert "start=2026-09-20" in portal.frame().url
    portal.page.evaluate("it.setFilters({status: 'nonsense'})")
    assert portal.heard("error", 2)[-1]["code"] == "bad-filter"
    assert total(portal.frame()) == before


def test_a_low_frame_has_room_for_an_open_menu(portal: Portal) -> None:
    portal.page.set_viewport_size({"width": 900, "height": 700})
    portal.show(panels="indicators")
    portal.heard("ready")
    inside = portal.frame()
    low = portal.height()
    inside.locator("#filter-more > summary").click()
    portal.page.wait_for_function(
        "(low) => it.shadowRoot.querySelector('iframe').offsetHeight > low + 50", arg=low
    )
    menu = inside.locator("#filter-more .menu-body").bounding_box()
    frame = portal.page.locator("consumo-whatsapp iframe").bounding_box()
    assert menu is not None
    assert frame is not None
    assert menu["y"] + menu["height"] <= frame["y"] + frame["height"]
    portal.page.keyboard.press("Escape")
    portal.page.wait_for_function(
        "(low) => it.shadowRoot.querySelector('iframe').offsetHeight === low", arg=low
    )


def test_the_portal_hears_of_changes_only(portal: Portal) -> None:
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    portal.set(theme="dark")
    inside.wait_for_function("() => document.documentElement.dataset.bsTheme === 'dark'")
    portal.page.evaluate("it.refresh()")
    portal.page.evaluate("(filters) => it.setFilters(filters)", {**PERIOD, "kind": ["session"]})
    shows(inside, expected_total(kind=["session"]))
    assert [change["filters"]["kind"] for change in portal.heard("filters-change")] == [["session"]]


def test_the_portal_sets_filters_and_hears_of_changes(portal: Portal) -> None:
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    portal.page.evaluate("it.setFilters({kind: ['hsm'], start: '2026-10-01', end: '2026-10-31'})")
    inside.locator(".chip", has_text="HSM").wait_for(timeout=WAIT_MS)
    portal.page.wait_for_function(
        "() => events.some(([, kind, detail]) => kind === 'filters-change' && detail.filters.kind)",
        timeout=WAIT_MS,
    )
    last = portal.heard("filters-change")[-1]
    assert last["filters"] == {"kind": ["hsm"], "start": ["2026-10-01"], "end": ["2026-10-31"]}
    assert parse_qs(last["query"]) == last["filters"]


def test_the_height_follows_the_page_in_both_directions(portal: Portal) -> None:
    portal.page.set_viewport_size({"width": 1_280, "height": 900})
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    content = "Math.ceil(document.querySelector('.consumo').getBoundingClientRect().height)"
    portal.page.wait_for_function("() => it.shadowRoot.querySelector('iframe').offsetHeight > 1500")
    tall = portal.height()
    assert abs(tall - inside.evaluate(content)) <= 1
    portal.set(panels="cases")
    portal.page.wait_for_function("() => it.shadowRoot.querySelector('iframe').offsetHeight < 900")
    assert abs(portal.height() - inside.evaluate(content)) <= 1
    portal.set(panels=None)
    portal.page.wait_for_function(
        "(tall) => Math.abs(it.shadowRoot.querySelector('iframe').offsetHeight - tall) < 60",
        arg=tall,
    )
    settled = portal.height()
    portal.page.wait_for_timeout(500)  # a height that fed back would have grown by now
    assert portal.height() == settled


def test_only_named_panels_are_shown_and_asked_for(portal: Portal) -> None:
    portal.show(panels="cases messages-by-status")
    portal.heard("ready")
    inside = portal.frame()
    inside.locator("#panel-cases.state-ready").wait_for(timeout=WAIT_MS)
    shown = inside.locator(".panels > .panel:visible")
    assert sorted(shown.evaluate_all("(panels) => panels.map(({ id }) => id)")) == [
        "panel-cases",
        "panel-messages-by-status",
    ]
    asked = [
        slug
        for sent in portal.requests
        if (body := sent.post_data_json) and body.get("output") == ANSWERS
        for slug in body["inputs"][0]["value"]["parts"]
    ]
    assert sorted(asked) == ["cases", "messages-by-status"]


def test_one_panel_fills_a_frame_of_a_fixed_height(portal: Portal) -> None:
    portal.show(panels="cases", height="520px", hidden__filters="person")
    portal.heard("ready")
    inside = portal.frame()
    assert portal.height() == 520
    inside.wait_for_function(
        """() => {
          const graph = document.querySelector("#panel-cases .main-svg");
          const end = graph?.getBoundingClientRect().bottom;
          return end > 480 && end <= 520 && document.documentElement.scrollHeight <= 520;
        }""",
        timeout=WAIT_MS,
    )


def test_the_accent_of_the_portal_can_always_be_read(portal: Portal) -> None:
    portal.show(accent="#ffe000", font="Georgia")
    portal.heard("ready")
    inside = portal.frame()
    accent = inside.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--leading').trim()"
    )
    assert contrast_with_white(accent) >= 4.5
    assert "Georgia" in inside.evaluate("getComputedStyle(document.body).fontFamily")
    assert violations_of(inside) == []


def contrast_with_white(colour: str) -> float:
    """Return the contrast of WCAG 2.2 of a colour such as "#806000" with white."""
    linear = []
    for place in (1, 3, 5):
        share = int(colour[place : place + 2], 16) / 255
        linear.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


# --- links and downloads ------------------------------------------------------------------------


def open_a_case(inside: Frame) -> None:
    inside.locator("#details-table td[data-dash-column=case_number] a").first.click()
    inside.locator(".timeline-portal").wait_for(timeout=WAIT_MS)


def test_the_portal_may_open_a_case_itself(portal: Portal) -> None:
    portal.page.evaluate("window.cases = []")
    portal.show()
    portal.page.evaluate(
        """() => it.addEventListener("case-open", (event) => {
             cases.push(event.detail);
             event.preventDefault();
           })"""
    )
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    open_a_case(inside)
    inside.locator(".timeline-portal").click()
    portal.page.wait_for_function("() => cases.length === 1", timeout=WAIT_MS)
    [case] = portal.page.evaluate("cases")
    assert case["url"] == f"https://portal.test/cases/{case['caseId']}"
    assert len(portal.page.context.pages) == 1


def test_a_case_that_the_portal_leaves_alone_is_opened_by_its_link(portal: Portal) -> None:
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    open_a_case(inside)
    portal.page.context.route("https://portal.test/cases/**", lambda route: route.abort())
    with portal.page.context.expect_page() as opened:
        inside.locator(".timeline-portal").click()
    opened.value.close()


def test_the_link_that_is_copied_opens_in_the_portal(portal: Portal) -> None:
    portal.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    portal.page.evaluate("window.linkFor = (query) => `${location.origin}/wa?${query}`")
    portal.show()
    portal.page.evaluate("it.linkFor = window.linkFor")
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    inside.get_by_role("button", name="Copiar link").click()
    inside.get_by_text("Link copiado").wait_for(timeout=WAIT_MS)
    copied = portal.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{portal.world.portal}/wa?{urlencode(PERIOD)}"


def test_without_the_portal_s_help_there_is_no_link_to_copy(portal: Portal) -> None:
    portal.show()
    portal.heard("ready")
    assert not portal.frame().locator(".copy-link").is_visible()


@pytest.mark.parametrize("kind", ["CSV", "XLSX"])
def test_a_download_goes_by_a_ticket_that_works_once(portal: Portal, kind: str) -> None:
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    with portal.page.expect_download() as download:
        inside.locator(f"[data-action=download][data-value={kind}]").click()
    address = urlsplit(download.value.url)
    assert address.path == f"/export/details.{kind.lower()}"
    assert list(parse_qs(address.query)) == ["ticket"]
    assert Path(download.value.path()).stat().st_size > 1_000
    inside.locator(".download[data-ended=done]").wait_for(timeout=WAIT_MS)
    again = portal.world.client().get(f"{address.path}?{address.query}")
    assert again.status_code == 401
    assert again.json["error"]["code"] == "ticket_refused"


def test_without_the_capability_there_is_nothing_to_download(portal: Portal, world: World) -> None:
    world.claims[""] = {"capabilities": ["all_teams"]}
    portal.show()
    portal.heard("ready")
    inside = portal.frame()
    drawn(inside)
    assert inside.locator("[href*='/export/']").count() == 0


# --- a portal that only redirects ---------------------------------------------------------------


def test_a_portal_that_only_redirects_signs_in_by_a_cookie(portal: Portal, world: World) -> None:
    portal.open("/by-redirect")
    inside = portal.page.frames[1]
    drawn(inside)
    assert total(inside) > 0
    query = parse_qs(urlsplit(inside.url).query)
    assert "code" not in query
    assert query["kind"] == ["session"]
    secret_part = world.tokens[-1].split(".")[2]
    assert all(secret_part not in sent.url for sent in portal.requests)
    assert inside.evaluate("document.cookie") == ""
    [cookie] = portal.page.context.cookies(world.dashboard)
    assert cookie["name"] == f"__Host-consumo-{query['session'][0]}"
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "None")


def test_a_frame_without_any_token_says_so(portal: Portal, world: World) -> None:
    portal.page.evaluate(
        """(src) => {
          const frame = document.createElement("iframe");
          Object.assign(frame, { src, width: 900, height: 700 });
          document.body.append(frame);
        }""",
        world.dashboard,
    )
    portal.page.frame_locator("iframe").get_by_text("Sessão expirada").wait_for(timeout=WAIT_MS)
