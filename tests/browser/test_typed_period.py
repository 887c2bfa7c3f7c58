"""Days that are typed as the period: the typed day is taken, or a sentence says what is wrong."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import WAIT_MS, Served, Visit, expected, violations, watched

START = "#filter-period-start"
END = "#filter-period-end"
ERROR = "#filter-period-error"
ALERT = "#filter-period-alert"
CALENDAR = "#filter-period-calendar"
ZONES = ["America/Sao_Paulo", "Pacific/Auckland", "America/Los_Angeles", "UTC"]


def said(typed: str) -> str:
    """What is said of a text that is no day."""
    return f'"{typed}" não é um dia do calendário: escreva dia/mês/ano, por exemplo 31/12/2026.'


@pytest.fixture(scope="module")
def zones(browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """Browsers in several places of the world; set to English, which writes the month first."""
    size = {"width": 1280, "height": 900}
    found = {
        zone: browser.new_context(viewport=size, locale="en-US", timezone_id=zone)  # type: ignore[arg-type]
        for zone in ZONES
    }
    yield found
    for context in found.values():
        context.close()


@pytest.fixture(params=ZONES)
def elsewhere(
    request: pytest.FixtureRequest, zones: dict[str, BrowserContext], served: Served
) -> Iterator[Visit]:
    with watched(zones[request.param], served.url) as visit:
        yield visit


def open_period(visit: Visit, **query: str) -> None:
    visit.open(**query)
    visit.page.click(".period-button")


def address_of(start: str, end: str) -> str:
    return f"start={start}&end={end}"


#: What is typed as the start of a period that ends on 2026-11-04, and the day that it is.
DAYS = {
    "01/11/2026": "2026-11-01",
    "2026-11-01": "2026-11-01",
    "01-11-2026": "2026-11-01",
    " 01/11/2026 ": "2026-11-01",
    "\u00a001.11.2026": "2026-11-01",
    "1/11/26": "2026-11-01",
    "02 11 2026": "2026-11-02",
    "02 / 11 / 2026": "2026-11-02",
    "2026/11/02": "2026-11-02",
    "2026.11.2": "2026-11-02",
    "2–11–2026": "2026-11-02",  # noqa: RUF001 - a longer dash, as office programs make it
    # As it comes out of other programs: with signs that are not seen, and digits of another width.
    "\u200e01/11/\u202c2026\u200b": "2026-11-01",
    "\uff10\uff12\uff0f\uff11\uff11\uff0f\uff12\uff10\uff12\uff16": "2026-11-02",
    "9/10/2026": "2026-10-09",
    "29/02/2024": "2024-02-29",
    "1/1/00": "2000-01-01",
    "31/12/1900": "1900-12-31",
}


def test_the_day_is_the_one_that_was_typed(elsewhere: Visit) -> None:
    page = elsewhere.page
    open_period(elsewhere)
    for typed, day in DAYS.items():
        page.fill(START, typed)
        page.press(START, "Enter")
        page.wait_for_url(f"**?{address_of(day, '2026-11-04')}", timeout=WAIT_MS)
        expect(page.locator(START)).to_have_value("/".join(reversed(day.split("-"))))
        expect(page.locator(END)).to_have_value("04/11/2026")
        assert not page.locator(ERROR).is_visible()


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
def test_the_day_comes_first_in_every_language(visit: Visit, language: str) -> None:
    open_period(visit, lang=language)
    visit.page.fill(START, "10/11/2025")
    visit.page.press(START, "Tab")
    visit.page.fill(END, "09-10-2026")
    visit.page.press(END, "Tab")
    visit.page.wait_for_url(f"**{address_of('2025-11-10', '2026-10-09')}*", timeout=WAIT_MS)


#: What is no day, and what is said of it.
WRONG = {
    "31/11/2026": said("31/11/2026"),
    "30/02/2026": said("30/02/2026"),
    "29/02/2026": said("29/02/2026"),
    "11/31/2026": said("11/31/2026"),
    "2026-13-01": said("2026-13-01"),
    "00/11/2026": said("00/11/2026"),
    "1/11": said("1/11"),
    "01112026": said("01112026"),
    "1/11/026": "Ano inválido: use dd/mm/aaaa",
    "1/11/6": "Ano inválido: use dd/mm/aaaa",
    "0026-11-01": "Ano inválido: use dd/mm/aaaa",
    "hoje": said("hoje"),
    "1 Nov 2026": said("1 Nov 2026"),
    "2026-11-01T10:00": said("2026-11-01T10:00"),
    "<b>1</b>": said("<b>1</b>"),
    "9" * 70: said("9" * 59 + "…"),
    "01/01/1899": "Ano inválido: use dd/mm/aaaa",
    "2101-01-01": "Ano inválido: use dd/mm/aaaa",
    "": "O período precisa de um início e um fim: escreva cada um como dia/mês/ano, "
    "por exemplo 31/12/2026.",
    "  ": "O período precisa de um início e um fim: escreva cada um como dia/mês/ano, "
    "por exemplo 31/12/2026.",
    "05/11/2026": "Data final anterior à inicial",
}


@pytest.mark.parametrize("key", ["Enter", "Tab", "ArrowDown"])
def test_what_is_no_day_is_said_and_stays(visit: Visit, served: Served, key: str) -> None:
    page = visit.page
    open_period(visit)
    for typed, sentence in WRONG.items():
        page.fill(START, typed)
        page.press(START, key)
        expect(page.locator(ERROR)).to_have_text(sentence)
        expect(page.locator(START)).to_have_value(typed)
        expect(page.locator(END)).to_have_value("04/11/2026")
        assert page.locator(START).get_attribute("aria-invalid") == "true"
        assert is_grey(visit)
    assert "start" not in page.url
    assert violations(page) == []
    page.fill(START, "1.11.2026")
    page.press(START, key)
    page.wait_for_url(f"**?{address_of('2026-11-01', '2026-11-04')}", timeout=WAIT_MS)
    visit.shows(expected(served.oracle, start="2026-11-01", end="2026-11-04"))
    assert not is_grey(visit)
    assert page.locator(START).get_attribute("aria-invalid") is None


def is_grey(visit: Visit) -> bool:
    style = visit.page.evaluate("getComputedStyle(document.querySelector('.panels')).filter")
    return str(style) == "grayscale(1)"


def test_a_wrong_start_does_not_swallow_the_end_that_follows(visit: Visit) -> None:
    page = visit.page
    open_period(visit)
    page.fill(START, "31/11/2025")
    page.press(START, "Tab")
    page.fill(END, "20/10/2026")
    page.press(END, "Tab")
    expect(page.locator(ERROR)).to_have_text(said("31/11/2025"))
    page.fill(START, "30/11/2025")
    page.press(START, "Enter")
    page.wait_for_url(f"**?{address_of('2025-11-30', '2026-10-20')}", timeout=WAIT_MS)


def test_a_period_that_is_typed_end_first(visit: Visit) -> None:
    page = visit.page
    open_period(visit)
    page.fill(START, "10/11/2026")
    page.press(START, "Tab")
    page.locator(ERROR).wait_for(timeout=WAIT_MS)
    page.fill(END, "12/11/2026")
    page.press(END, "Tab")
    page.wait_for_url(f"**?{address_of('2026-11-10', '2026-11-12')}", timeout=WAIT_MS)
    assert not page.locator(ALERT).is_visible()


def test_what_is_wrong_is_seen_when_the_menu_is_closed(visit: Visit) -> None:
    page = visit.page
    open_period(visit)
    page.fill(START, "31/11/2026")
    page.click("h1")
    page.locator(ALERT).wait_for(timeout=WAIT_MS)
    assert page.inner_text(ALERT) == said("31/11/2026")
    assert is_grey(visit)
    assert violations(page) == []
    page.click(".period-button")
    expect(page.locator(START)).to_have_value("31/11/2026")


def test_escape_takes_back_what_is_typed(visit: Visit) -> None:
    page = visit.page
    open_period(visit)
    before = page.input_value(START)
    page.fill(START, "31/11/2026")
    page.press(START, "Enter")
    page.locator(ERROR).wait_for(timeout=WAIT_MS)
    page.press(START, "Escape")
    expect(page.locator(START)).to_have_value(before)
    assert not is_grey(visit)
    assert not page.locator(ERROR).is_visible()


@pytest.mark.parametrize("preset", ["last30", "all"])
def test_a_shortcut_takes_the_place_of_what_is_typed(visit: Visit, preset: str) -> None:
    page = visit.page
    open_period(visit)
    shortcut = page.locator(f'[data-action="preset"][data-value="{preset}"]')
    shortcut.click()
    page.wait_for_url(f"**?period={preset}", timeout=WAIT_MS)
    visit.rest()
    before, start = page.inner_text("#filter-period-face"), page.input_value(START)
    page.click(".period-button")
    page.fill(START, "amanhã")
    page.press(START, "Enter")
    page.locator(ERROR).wait_for(timeout=WAIT_MS)
    shortcut.click()
    page.locator(ALERT).wait_for(state="hidden", timeout=WAIT_MS)
    assert page.inner_text("#filter-period-face") == before
    expect(page.locator(START)).to_have_value(start)
    assert not is_grey(visit)


def test_a_pasted_day_is_taken(visit: Visit) -> None:
    page = visit.page
    open_period(visit)
    page.focus(START)
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("2026-10-05\n")
    page.press(START, "Tab")
    page.wait_for_url(f"**?{address_of('2026-10-05', '2026-11-04')}", timeout=WAIT_MS)


def test_the_calendar_takes_the_place_of_what_is_typed(visit: Visit) -> None:
    page = visit.page
    open_period(visit, start="2026-10-01", end="2026-10-31")
    page.fill(START, "31/11/2026")
    for day in ("2026-10-09", "2026-10-05"):
        page.click(f'{CALENDAR} [data-day="{day}"]')
    page.wait_for_url("**?start=2026-10-05&end=2026-10-09", timeout=WAIT_MS)
    expect(page.locator(START)).to_have_value("05/10/2026")
    assert not is_grey(visit)


@pytest.mark.parametrize("place", ["menu", "alert"])
def test_a_start_after_the_end_is_swapped_by_a_button(
    visit: Visit, served: Served, place: str
) -> None:
    page = visit.page
    open_period(visit)
    page.fill(START, "20/11/2026")
    page.press(START, "Enter")
    assert is_grey(visit)
    assert page.url.endswith("/")
    if place == "alert":
        page.click("h1")
    holder = ".other-days" if place == "menu" else ALERT
    page.locator(holder).get_by_role("button", name="Inverter").click()
    page.wait_for_url(f"**?{address_of('2026-11-04', '2026-11-20')}", timeout=WAIT_MS)
    visit.shows(expected(served.oracle, start="2026-11-04", end="2026-11-20"))
    assert not is_grey(visit)
    assert not page.locator(ALERT).is_visible()


@pytest.mark.parametrize(
    ("language", "sentence", "swap"),
    [
        ("pt-BR", "Data final anterior à inicial", "Inverter"),
        ("en", "End date before start date", "Swap"),
        ("es", "Fecha final anterior a la inicial", "Invertir"),
    ],
)
def test_an_address_whose_period_is_the_wrong_way_round(
    visit: Visit, served: Served, language: str, sentence: str, swap: str
) -> None:
    page = visit.page
    page.goto(f"{visit.home}/?start=2026-11-04&end=2026-11-01&lang={language}")
    visit.says("#alert", sentence)
    page.locator("#alert").get_by_role("button", name=swap).click()
    page.wait_for_url(f"**{address_of('2026-11-01', '2026-11-04')}*", timeout=WAIT_MS)
    visit.settle()
    visit.shows(expected(served.oracle, start="2026-11-01", end="2026-11-04"))


@pytest.mark.parametrize(
    ("query", "sentence", "start"),
    [
        ("start=0026-11-01&end=2026-11-04", "Ano inválido: use dd/mm/aaaa", "01/11/0026"),
        ("start=2026-11-31&end=2026-12-04", said("2026-11-31"), "31/11/2026"),
        ("start=2026-11-01", "O período tem só uma das pontas", "01/11/2026"),
        ("period=last8", '"last8" não é um valor de "Período". Escolha entre: Hoje, Ontem', ""),
        (
            "period=last7&start=2026-11-01&end=2026-11-04",
            "O período foi informado duas",
            "01/11/2026",
        ),
        ("period=last7&period=last30", '"Período" foi informado mais de uma vez', ""),
    ],
)
def test_an_address_with_a_wrong_period_shows_nothing_as_an_answer(
    visit: Visit, served: Served, query: str, sentence: str, start: str
) -> None:
    page = visit.page
    page.goto(f"{visit.home}/?{query}")
    visit.says("#alert", sentence)
    visit.rest()
    assert page.locator(".panel.state-ready").count() == 0
    assert page.inner_text("#filter-period-face") == "Período inválido"
    assert page.locator('[data-action="preset"][aria-current]').count() == 0
    assert is_grey(visit)
    assert query in page.url
    page.click(".period-button")
    expect(page.locator(START)).to_have_value(start)
    page.click('[data-value="all"]')
    visit.settle()
    visit.shows(expected(served.oracle, period="all"))
    assert page.url.endswith("?period=all")
    assert not is_grey(visit)
    assert page.locator("#alert *").count() == 0
