"""``make screenshots``: the page as docs/screenshots/ shows it, to be looked at after a change.

Demonstration data that ends now, in every width, theme and language; then what is not seen every
day: nothing found, a bad address, very long names, one day, three years, huge numbers where the
large store of ``make bench`` is there, what opens beside the page, and the page inside a portal.
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
from bench.scenarios import UNTIL
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
    """One picture: ``query`` follows the address, ``act`` is done before it is taken."""

    name: str
    width: int = 1280
    scheme: Scheme = "light"
    query: str = ""
    act: Callable[[Page], None] = lambda _page: None
    whole: bool = True


def _press(selector: str, then: str) -> Callable[[Page], None]:
    """Press something and wait for what it opens."""

    def act(page: Page) -> None:
        page.locator(selector).first.click()
        page.locator(then).first.wait_for()
        page.wait_for_timeout(300)  # what opens comes in with a movement

    return act


def _calendar(page: Page) -> None:
    _press(".period-button", ".period-body")(page)
    _press(f"#{ids.PERIOD}-start", ".dash-datepicker-content")(page)


def _as_table(page: Page) -> None:
    page.locator("#panel-messages-by-origin .panel-menu > summary").click()
    page.locator("#panel-messages-by-origin [data-view=table]").click()
    page.locator(".numbers").first.wait_for()


EVERY_DAY: Final = tuple(
    Shot(f"page-{width}-{scheme}-{language}", width, scheme, f"?lang={language}")
    for width, scheme, language in product(WIDTHS, SCHEMES, LANGUAGES)
)


def states(now: datetime) -> tuple[Shot, ...]:
    """What is not seen every day, on demonstration data that ends at ``now``."""
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
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        with _served(_demonstration(Path(folder)), Path(folder)) as address:
            for shot in (*EVERY_DAY, *states(now)):
                _take(browser, address, shot)
            _take_framed(browser, address)
        with _served(_long_names(Path(folder), now), Path(folder)) as address:
            for width in (1280, 360):
                _take(browser, address, Shot(f"long-names-{width}", width))
        if store := large_store():
            years = f"?start={UNTIL.date() - _THREE_YEARS}&end={UNTIL.date()}"
            with _served(store, Path(folder)) as address:
                for width in (1280, 360):
                    _take(browser, address, Shot(f"huge-{width}", width, query=years))
        else:
            print("no store of make bench: no pictures of huge numbers")
        browser.close()


@contextmanager
def _served(store: Path, folder: Path) -> Iterator[str]:
    with running_server(store, folder) as server:
        yield server.address


def _demonstration(folder: Path) -> Path:
    store = folder / "demonstration.duckdb"
    command = [sys.executable, "-m", "app", "demo", "--messages", str(MESSAGES), "--seed", "7"]
    run(command, environment(store), folder / "demonstration.log")
    return store


def _long_names(folder: Path, now: datetime) -> Path:
    """A few cases whose every text is longer than anybody expects."""
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
        for place, (direction, status) in enumerate(
            (("out", "read"), ("in", ""), ("out", "failed"), ("in", ""))
        ):
            out = direction == "out"
            messages.append(
                {
                    "message_id": f"m{number}-{place}",
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
                    "sent_at": (opened + timedelta(minutes=9 * place)).isoformat(),
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
    _wait(page)
    shot.act(page)
    page.screenshot(path=FOLDER / f"{shot.name}.png", full_page=shot.whole)
    page.close()


def _wait(page: Page) -> None:
    """Until the page shows its answers, or the one sentence that a bad address gets."""
    page.wait_for_function(
        """() => document.querySelector(".alert-box") ||
                 (document.querySelector(".panel") && !document.querySelector(".state-waiting"))""",
        timeout=60_000,
    )
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)  # bars are drawn a frame after their answer


def _take_framed(browser: Browser, address: str) -> None:
    """The page in a frame of 900 by 700, the size of most portals."""
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
