"""``make screenshots``: take the pictures of docs/screenshots/, to look at after a change.

They show demonstration data that end now, in every width, theme and language. Further pictures show
rare states: no data, a bad address, very long names, one day, three years, opened menus and
drawers, and the page inside a portal. Where ``make bench`` has made its store of ten million
messages, there are pictures with huge numbers too.
"""

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, sync_playwright

from app.settings import Settings
from bench.processes import environment, run, running_server
from bench.scenarios import DATA_END
from bench.stores import large_store
from components import ids
from components.texts import LANGUAGES
from tests.chromium import find_chromium
from tests.services import CHROMIUM

FOLDER: Final = Path("docs/screenshots")
MESSAGES: Final = 50_000
WIDTHS: Final = (1280, 900, 360)
Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
_THREE_YEARS: Final = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the page.

    ``query`` is the query string of its address. ``act`` is called on the loaded page before the
    picture is taken. ``whole`` takes the full height of the page, not only the window.
    """

    name: str
    width: int = 1280
    scheme: Scheme = "light"
    query: str = ""
    act: Callable[[Page], None] = lambda _page: None
    whole: bool = True


def _press(selector: str, then: str) -> Callable[[Page], None]:
    """Return an action that clicks ``selector`` and waits for ``then`` to appear."""

    def act(page: Page) -> None:
        page.locator(selector).first.click()
        page.locator(then).first.wait_for()
        page.wait_for_timeout(300)  # the end of the opening animation

    return act


def _calendar(page: Page) -> None:
    _press(".period-button", ".period-body")(page)


def _as_table(page: Page) -> None:
    page.locator("#panel-messages-by-origin .panel-menu > summary").click()
    page.locator("#panel-messages-by-origin [data-view=table]").click()
    page.locator(".numbers").first.wait_for()


#: The page as it is usually seen, in every width, theme and language.
USUAL_SHOTS: Final = tuple(
    Shot(f"page-{width}-{scheme}-{language}", width, scheme, f"?lang={language}")
    for width, scheme, language in product(WIDTHS, SCHEMES, LANGUAGES)
)


def rare_states(now: datetime) -> tuple[Shot, ...]:
    """Return the pictures of rarely seen states, for demonstration data that end at ``now``."""
    today = now.astimezone(ZoneInfo(Settings().time_zone)).date()
    day, years = today - timedelta(days=3), f"?start={today - _THREE_YEARS}&end={today}"
    return (
        Shot("empty", query="?template=no_such_template"),
        Shot("error", query="?status=nonsense&start=2026-13-01&end=2026-13-02"),
        Shot("one-day", query=f"?start={day}&end={day}"),
        Shot("three-years", query=f"{years}&basis=opened"),
        Shot("three-years-360", 360, "dark", years),
        Shot("calendar", act=_calendar, whole=False),
        Shot("list-of-cases", act=_press("#filter-case", ".option-of-case"), whole=False),
        Shot("filters-360", 360, act=_press(".fold-button", "#filter-person"), whole=False),
        Shot("numbers", act=_as_table, whole=False),
        Shot("help", act=_press("[data-value=help]", "#help.show"), whole=False),
        Shot(
            "time-line",
            query="?kind=hsm&status=read&sort=-seq",
            act=_press(
                f"#{ids.TABLE} td[data-dash-column=case_number] :is(a, [role=button])",
                "#timeline .entry",
            ),
            whole=False,
        ),
    )


def main() -> None:
    if sentence := CHROMIUM.sentence:
        raise SystemExit(sentence)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    now = datetime.now(UTC)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(as_users_have=True), args=["--no-sandbox"]
        )
        with _running_app(_demonstration(Path(folder)), Path(folder)) as address:
            for shot in (*USUAL_SHOTS, *rare_states(now)):
                _take(browser, address, shot)
            _take_framed(browser, address)
        with _running_app(_long_names(Path(folder), now), Path(folder)) as address:
            for width in (1280, 360):
                _take(browser, address, Shot(f"long-names-{width}", width))
        if store := large_store():
            years = f"?start={DATA_END.date() - _THREE_YEARS}&end={DATA_END.date()}"
            with _running_app(store, Path(folder)) as address:
                for width in (1280, 360):
                    _take(browser, address, Shot(f"huge-{width}", width, query=years))
        else:
            print("without the store of make bench there are no pictures with huge numbers")
        browser.close()


@contextmanager
def _running_app(store: Path, folder: Path) -> Iterator[str]:
    with running_server(store, folder) as server:
        yield server.address


def _demonstration(folder: Path) -> Path:
    store = folder / "demonstration.duckdb"
    command = [sys.executable, "-m", "app", "demo", "--messages", str(MESSAGES), "--seed", "7"]
    run(command, environment(store), folder / "demonstration.log")
    return store


def _long_names(folder: Path, now: datetime) -> Path:
    """Make a store of 60 cases in which every text is extremely long, and return its path."""
    word = "Departamento de Relacionamento com Clientes Institucionais e Governamentais "
    cases, messages = [], []
    for number in range(60):
        opened = now - timedelta(hours=7 * number + 1)
        cases.append(
            {
                "case_id": f"c{number}",
                "case_number": f"2026/{number:08}-ATENDIMENTO",
                "person_name": f"Maria Aparecida da Conceição {word}{number}",
                "channel": f"WhatsApp {word}",
                "case_type": f"Reclamação sobre {word}{number % 3}",
                "team": f"Equipe de {word}",
                "opened_at": opened.isoformat(),
            }
        )
        for position, (direction, status) in enumerate(
            (("out", "read"), ("in", ""), ("out", "failed"), ("in", ""))
        ):
            out = direction == "out"
            messages.append(
                {
                    "message_id": f"m{number}-{position}",
                    "case_id": f"c{number}",
                    "direction": direction,
                    "status": status,
                    "kind": "hsm" if out else "session",
                    "template_name": f"aviso_de_{number % 4}_{word.replace(' ', '_').lower()}_v2"
                    if out
                    else "",
                    "template_category": "UTILITY" if out else "",
                    "phone": "+5511987654321",
                    "body": word * 9,
                    "sent_at": (opened + timedelta(minutes=9 * position)).isoformat(),
                    "agent": f"Atendente de {word}" if out else "",
                    "error_code": "131026" if status == "failed" else "",
                }
            )
    for name, rows in (("cases", cases), ("messages", messages)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    store = folder / "long.duckdb"
    files = ["--cases", str(folder / "cases.csv"), "--messages", str(folder / "messages.csv")]
    command = [sys.executable, "-m", "app", "import", *files]
    run(command, environment(store), folder / "long.log")
    return store


def _take(browser: Browser, address: str, shot: Shot) -> None:
    page = browser.new_page(viewport={"width": shot.width, "height": 900}, color_scheme=shot.scheme)
    page.goto(f"{address}/{shot.query}")
    _wait_until_loaded(page)
    if shot.whole:
        _show_far_panels(page)
    shot.act(page)
    page.screenshot(path=FOLDER / f"{shot.name}.png", full_page=shot.whole)
    page.close()


def _show_far_panels(page: Page) -> None:
    """Scroll to the panels that are asked for only near the screen, and back."""
    if page.locator(".alert-box").count():
        return  # a bad address: nothing is asked for
    for panel in page.locator(".panel[data-near]:visible").all():
        panel.scroll_into_view_if_needed()
        page.wait_for_selector(".panel[data-near]:not(.state-waiting)")
    page.evaluate("window.scrollTo(0, 0)")


def _wait_until_loaded(page: Page) -> None:
    """Wait until every panel has its answer, or the page shows the error of a bad address."""
    page.wait_for_function(
        """() => document.querySelector(".alert-box") ||
                 (document.querySelector(".panel") &&
                  !document.querySelector(".state-waiting:not([data-far])"))""",
        timeout=60_000,
    )
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)  # graphs are drawn a frame after their answer


def _take_framed(browser: Browser, address: str) -> None:
    """Take a picture of the page in an iframe of 900 by 700 pixels, a usual size in portals."""
    page = browser.new_page(viewport={"width": 900, "height": 700})
    body = f'<body style="margin:0"><iframe src="{address}/" style="border:0" width=900 height=700>'
    page.route("**/portal", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{address}/portal")
    [inside] = [frame for frame in page.frames if frame != page.main_frame]
    inside.locator(f"#{ids.TABLE} td").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / "frame-900x700.png")
    page.close()


if __name__ == "__main__":
    main()
