"""The period's control: presets by name, the button, the calendar, what addresses keep of them."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from app.factory import create_app
from app.settings import Settings
from tests.browser.conftest import (
    WAIT_MS,
    Served,
    Visit,
    expected,
    in_process,
    serving,
    violations,
    watched,
)
from tests.browser.data import rows
from tests.oracle.oracle import Oracle
from tests.services import import_rows

FACE = "#filter-period-face"
CALENDAR = "#filter-period-calendar"
#: A Wednesday; in São Paulo it is 23:50.
LATE = datetime(2026, 11, 5, 2, 50, tzinfo=UTC)


class Clock:
    now = LATE

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def evening(tabs: BrowserContext, tmp_path: Path, clock: Clock) -> Iterator[tuple[Visit, Oracle]]:
    """Open a tab on a server that takes ``clock`` for the present time."""
    case_rows, message_rows = rows()
    url = import_rows(tmp_path, case_rows, message_rows)
    oracle = Oracle(case_rows, message_rows)
    oracle.now = LATE
    settings = Settings(store_url=url, refresh_seconds=1)
    with serving(create_app(settings, clock)) as home, watched(tabs, home) as visit:
        yield visit, oracle


def open_menu(visit: Visit) -> None:
    visit.page.click(".period-button")
    visit.page.locator(f"{CALENDAR} table").last.wait_for(timeout=WAIT_MS)


@in_process
def test_a_preset_is_chosen_by_name_and_moves_on_at_midnight(
    evening: tuple[Visit, Oracle], clock: Clock
) -> None:
    visit, oracle = evening
    visit.open()
    assert visit.page.inner_text(FACE) == "Últimos 30 dias · 06/10 \u2013 04/11"
    assert "period" not in visit.page.url
    open_menu(visit)
    visit.page.click('[data-value="this_week"]')
    visit.page.wait_for_url("**/?period=this_week", timeout=WAIT_MS)
    visit.shows(expected(oracle, start="2026-11-02", end="2026-11-04"))
    assert visit.page.inner_text(FACE) == "Esta semana · 02/11 \u2013 04/11"
    assert visit.page.locator(".chip").count() == 0

    clock.now += timedelta(minutes=20)
    visit.says(FACE, "Esta semana · 02/11 \u2013 05/11")
    visit.shows(expected(oracle, start="2026-11-02", end="2026-11-05"))
    assert visit.page.url.endswith("/?period=this_week")

    visit.open(period="yesterday")
    assert visit.page.inner_text(FACE) == "Ontem · 04/11"
    visit.shows(expected(oracle, start="2026-11-04", end="2026-11-04"))


@in_process
def test_a_file_has_the_rows_of_the_page_after_midnight(
    evening: tuple[Visit, Oracle], clock: Clock
) -> None:
    """A link that was there before leads to the days that the page showed with it."""
    visit, oracle = evening
    visit.open(period="last7", lang="en")
    shown = oracle.total({"start": "2026-10-29", "end": "2026-11-04"})
    address = visit.page.get_attribute("#details-csv", "href")
    clock.now += timedelta(days=3)
    text = visit.page.request.get(f"{visit.home}{address}").body().decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text, newline="")))) == shown + 1


@pytest.mark.parametrize(
    ("language", "name", "monday"),
    [("pt-BR", "Semana passada", True), ("en", "Last week", False), ("es", "Semana pasada", True)],
)
def test_the_calendar_is_there_at_the_first_press(
    visit: Visit, language: str, name: str, *, monday: bool
) -> None:
    page = visit.page
    visit.open(period="last_week", lang=language)
    assert page.inner_text(FACE).startswith(f"{name} · ")
    open_menu(visit)
    months = page.locator(f"{CALENDAR} .month")
    assert [month.is_visible() for month in months.all()] == [True, True]
    first = page.locator(f"{CALENDAR} th").first.get_attribute("abbr")
    assert (
        first
        == {
            "pt-BR": "segunda-feira",
            "en": "Sunday",
            "es": "lunes",
        }[language]
    ), monday
    chosen = page.locator(f"{CALENDAR} .within")
    assert chosen.count() == 7
    assert page.locator(f"{CALENDAR} [aria-pressed=true]").count() == 2
    assert violations(page) == []


@pytest.mark.parametrize(("width", "height"), [(360, 740), (900, 700), (1280, 800)])
def test_the_calendar_stays_in_its_box_and_the_window(
    visit: Visit, width: int, height: int
) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": height})
    visit.open(start="2026-05-01", end="2026-08-31")  # August 2026 has six rows of weeks
    if width < 720:
        page.click(".fold-button")
    open_menu(visit)
    assert page.locator(f"{CALENDAR} .month:visible").count() == (1 if width < 720 else 2)
    inside = page.evaluate(
        """(calendar) => {
          const box = document.querySelector(".period-body").getBoundingClientRect();
          const parts = [...document.querySelectorAll(`${calendar} *, .day-fields *`)];
          return parts.map((part) => part.getBoundingClientRect()).filter(({ width }) => width)
            .every(({ left, right, top, bottom }) => left >= box.left && right <= box.right &&
              top >= box.top && bottom <= box.bottom) && box.left >= 0 &&
            box.right <= innerWidth && (box.bottom <= innerHeight || innerWidth < 720);
        }""",
        CALENDAR,
    )
    assert inside
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.fixture(params=["Pacific/Auckland", "America/Los_Angeles"])
def far_away(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Visit]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-US", timezone_id=request.param
    )
    with watched(context, served.url) as visit:
        yield visit
    context.close()


def test_days_of_the_calendar_are_the_same_everywhere(far_away: Visit, served: Served) -> None:
    page = far_away.page
    far_away.open(start="2026-09-15", end="2026-10-15")
    open_menu(far_away)
    # The later day first, across the month in which clocks change in New Zealand.
    for day in ("2026-10-02", "2026-09-26"):
        page.click(f'{CALENDAR} [data-day="{day}"]')
    page.wait_for_url("**/?start=2026-09-26&end=2026-10-02", timeout=WAIT_MS)
    far_away.shows(expected(served.oracle, start="2026-09-26", end="2026-10-02"))
    assert page.inner_text(FACE) == "26/09/2026 \u2013 02/10/2026"
    assert not page.locator(CALENDAR).is_visible()
    assert page.evaluate("document.activeElement.classList.contains('period-button')")


def test_the_calendar_by_keyboard(visit: Visit) -> None:
    page = visit.page
    visit.open(start="2026-10-30", end="2026-11-02")
    open_menu(visit)
    page.focus("#filter-period-start")
    focused: Callable[[], str] = lambda: page.evaluate("document.activeElement.dataset.day")  # noqa: E731
    for key, day in [
        ("ArrowDown", "2026-11-02"),
        ("ArrowLeft", "2026-11-01"),
        ("ArrowUp", "2026-10-25"),
        ("PageUp", "2026-09-25"),
        ("ArrowDown", "2026-10-02"),
        ("PageDown", "2026-11-02"),
        ("ArrowRight", "2026-11-03"),
    ]:
        page.keyboard.press(key)
        assert focused() == day, key
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # takes back the first day, and the menu stays
    assert page.locator(CALENDAR).is_visible()
    for key in ("Enter", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/?start=2026-11-03&end=2026-11-04", timeout=WAIT_MS)


def test_months_are_turned(visit: Visit) -> None:
    page = visit.page
    visit.open(start="2026-10-30", end="2026-11-02")
    open_menu(visit)
    names = page.locator(f"{CALENDAR} .month-name")
    page.get_by_role("button", name="Mês anterior").first.click()
    expect(names).to_have_text(["Setembro de 2026", "Outubro de 2026"])
    for _ in range(3):
        page.get_by_role("button", name="Próximo mês").last.click()
    expect(names).to_have_text(["Dezembro de 2026", "Janeiro de 2027"])


def test_the_period_has_no_chip(visit: Visit) -> None:
    visit.open(start="2026-10-01", end="2026-10-31", channel="whatsapp vendas")
    assert visit.page.locator(".chip").all_inner_texts() == ["Canal: whatsapp vendas\n×"]  # noqa: RUF001
    assert visit.page.inner_text(FACE) == "01/10/2026 \u2013 31/10/2026"


def test_everything_follows_the_reference_date(visit: Visit, served: Served) -> None:
    visit.open(period="all")
    visit.shows(expected(served.oracle, period="all"))
    visit.pick("#filter-basis", "Abertura do caso")
    visit.shows(expected(served.oracle, period="all", basis="opened"))
    assert visit.page.url.endswith("/?period=all&basis=opened")


def test_today_is_the_deployment_s_and_not_the_reader_s(far_away: Visit, served: Served) -> None:
    far_away.open(period="today")
    served.oracle.now = datetime.now(UTC)
    day = date.strftime(served.oracle.today, "%d/%m")
    assert far_away.page.inner_text(FACE) == f"Hoje · {day}"
