"""The whole page: harmful names in addresses and data, errors, languages, the rules of axe."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page

from app.factory import create_app
from app.settings import Settings
from components.panels import PANELS
from queries.panel import PanelRequest
from queries.panels import cases
from queries.result import ResultSet
from tests.browser.conftest import (
    PORTAL,
    WAIT_MS,
    Served,
    Visit,
    expected,
    import_one_message,
    in_process,
    numbers,
    serving,
    violations,
    wait_until_still,
    watched,
)
from tests.browser.data import EVIL_IMAGE, EVIL_LINK, EVIL_MARKDOWN, rows
from tests.oracle.oracle import Oracle
from tests.panels import GRAPHS, panel_of
from tests.services import import_rows

EMPTY = {"template": "no such template"}
PERIOD = {"start": "2026-09-01", "end": "2026-12-31"}


@pytest.fixture(params=["light", "dark"])
def themed(tabs: BrowserContext, served: Served, request: pytest.FixtureRequest) -> Iterator[Visit]:
    with watched(tabs, served.url, request.param) as visit:
        yield visit


# --- texts from data stay texts ---


def test_a_name_that_is_no_filter_takes_no_room(visit: Visit) -> None:
    visit.open()
    without = visit.page.locator("#panels").bounding_box()
    visit.open(foo="bar")
    assert visit.page.locator("#panels").bounding_box() == without


def test_markup_in_data_stays_text(visit: Visit, served: Served) -> None:
    visit.open(start="2026-09-01", end="2026-12-31")
    visit.page.click(".table-tools summary")
    for column in ("Solicitante", "Mensagem do cliente", "Erro"):
        visit.page.locator(".table-tools label", has_text=column).click()
    visit.page.keyboard.press("Escape")
    table = "#details-table"
    visit.page.locator(f"{table} th", has_text="Solicitante").first.wait_for()
    seen = ""
    while True:
        seen += visit.page.inner_text(table)
        _assert_no_foreign_links(visit.page)
        following = visit.page.locator(f"{table} button.next-page")
        if following.is_disabled():
            break
        first = int(visit.page.inner_text("#details-range").split("\u2013")[0])
        following.click()
        visit.says("#details-range", f"{first + 20}\u2013")
    for evil in (EVIL_LINK, EVIL_MARKDOWN, EVIL_IMAGE):
        assert evil in seen
    assert EVIL_LINK in visit.page.inner_text("#templates-cards")

    visit.page.evaluate("window.scrollTo(0, 0)")
    visit.page.click("#filter-person")
    visit.page.locator(".dash-dropdown-option", has_text=EVIL_LINK).click()
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_selector('.chip-remove[data-name="person"]')
    assert EVIL_LINK in visit.page.inner_text("#chips")
    _assert_no_foreign_links(visit.page)


#: What every object of JavaScript has, as what people are called.
OWN_NAMES = ("__proto__", "constructor", "a__proto__b")


@in_process
def test_names_of_javascript_are_names(tabs: BrowserContext, tmp_path: Path) -> None:
    case_rows, message_rows = rows()
    more_cases = [
        {**case_rows[0], "case_id": name, "case_number": name, "person_name": name, "team": name}
        for name in OWN_NAMES
    ]
    more_messages = [
        {
            **message_rows[0],
            "message_id": name,
            "case_id": name,
            "direction": "out",
            "status": "read",
            "kind": "hsm",
            "template_name": name,
            "agent": name,
            "is_bot": "",
        }
        for name in OWN_NAMES
    ]
    case_rows, message_rows = case_rows + more_cases, message_rows + more_messages
    oracle = Oracle(case_rows, message_rows)
    store = import_rows(tmp_path, case_rows, message_rows)
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        for name in ("person", "case", "team", "agent", "template"):
            visit.open(**PERIOD, **({"case": OWN_NAMES} if name == "case" else {}))
            visit.choose(name, *(() if name == "case" else OWN_NAMES))
            visit.shows(expected(oracle, **PERIOD, **{name: list(OWN_NAMES)}))
            chips = visit.page.locator(f'.chip:has([data-name="{name}"]) > span').all_inner_texts()
            assert sorted(chip.partition(": ")[2] for chip in chips) == sorted(OWN_NAMES)
            visit.page.reload()
            visit.settle()
            visit.shows(expected(oracle, **PERIOD, **{name: list(OWN_NAMES)}))
        assert visit.page.evaluate("Object.keys(Object.prototype)") == []


def _assert_no_foreign_links(page: Page) -> None:
    hrefs: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('a, image, img, use')].map((found) =>
            found.getAttribute('href') || found.getAttribute('xlink:href') || found.src || '')"""
    )
    own = ("", "?", "#", "/", "https://portal.test/cases/", PORTAL)
    assert [href for href in hrefs if not href.startswith(own[1:]) and href] == []


def test_a_case_links_into_the_portal(visit: Visit) -> None:
    visit.open(sort="case_number")
    link = visit.page.locator("#details-table td[data-dash-column=case_number] a").last
    address = link.get_attribute("href", timeout=WAIT_MS) or ""
    assert address.startswith("https://portal.test/cases/c")
    assert address.endswith(f"?n={link.inner_text()}")


# --- when something is wrong ---


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"status": "nonsense"}, '"nonsense" não é um valor de "Status"'),
        ({"start": "2026-10-01"}, "só uma das pontas"),
        ({"start": "2026-10-40", "end": "2026-10-41"}, '"2026-10-40" não é um dia do calendário'),
        ({"start": "2026-10-02", "end": "2026-10-01"}, "Data final anterior à inicial"),
        ({"start": "0001-01-01", "end": "2026-10-01"}, "Ano inválido: use dd/mm/aaaa"),
        ({"basis": "moon"}, '"moon" não é um valor de "Data de referência"'),
        ({"channel": ""}, '"Canal" veio sem valor'),
        ({"bucket": "hour"}, '"hour" não é um valor'),
        ({"sort": "nothing"}, 'Não existe a coluna "nothing"'),
        ({"where.phone": "11"}, "A coluna Telefone está mascarada"),
        ({"lang": "en", "status": "x" * 99}, '"' + "x" * 59 + '…" is not a value of "Status"'),
    ],
)
def test_a_bad_address_gives_one_sentence(visit: Visit, query: dict[str, str], part: str) -> None:
    visit.page.goto(f"{visit.home}/?" + "&".join(f"{k}={v}" for k, v in query.items()))
    alert = visit.page.locator(".alert-box")
    alert.wait_for(timeout=WAIT_MS)
    assert alert.count() == 1
    assert part in alert.inner_text()
    alert.locator("button").last.click()  # the one before it, where there is one, mends the period
    alert.wait_for(state="detached", timeout=WAIT_MS)
    visit.settle()


def test_a_bad_change_keeps_the_last_good_state(visit: Visit, served: Served) -> None:
    visit.open()
    good = expected(served.oracle)
    visit.shows(good)
    visit.page.evaluate(
        """dash_clientside.set_props('filter-status',
             {options: [{label: 'x', value: 'x'}], value: ['x']})"""
    )
    visit.page.locator(".alert-box").wait_for(timeout=WAIT_MS)
    assert numbers(visit.page) == good


def test_names_of_other_pages_are_ignored(visit: Visit, served: Served) -> None:
    visit.open(utm_source="portal", conversation="7")
    visit.shows(expected(served.oracle))
    assert visit.page.locator(".alert-box").count() == 0
    assert "utm_source=portal" in visit.page.url


@in_process
def test_a_failing_panel_leaves_the_others_up(tabs: BrowserContext, tmp_path: Path) -> None:
    is_broken = False

    # The SQL of a question is kept, so what breaks is the shaping of its rows.
    def shape(result: ResultSet, request: PanelRequest) -> pd.DataFrame:
        if is_broken:
            raise RuntimeError("the panel cannot be shaped")
        return cases.shape(result, request)

    breakable = replace(panel_of("cases"), query=replace(cases.PANEL, shape=shape))
    panels = [breakable if panel.slug == "cases" else panel for panel in PANELS]
    app = create_app(Settings(store_url=import_rows(tmp_path, *rows())), panels=panels)
    with serving(app) as url, watched(tabs, url) as visit:
        visit.open()
        good = numbers(visit.page)
        is_broken = True
        visit.choose("direction", "in")
        failed = visit.page.locator("#panel-cases.state-error")
        failed.wait_for(timeout=WAIT_MS)
        assert "Tente de novo" in failed.inner_text()
        visit.page.wait_for_selector(".chip")
        assert visit.page.locator(".panel.state-ready").count() >= 4
        assert numbers(visit.page)["sent"] == 0
        is_broken = False
        visit.page.click("#panel-cases [data-action=retry]")
        visit.page.wait_for_selector("#panel-cases.state-ready", timeout=WAIT_MS)
        visit.page.click("text=Limpar filtros")
        visit.shows(good)


def test_an_empty_page_names_the_filter_and_offers_to_clear_it(
    visit: Visit, served: Served
) -> None:
    visit.open(channel="WhatsApp", **EMPTY)
    # Who waits now, and that nothing failed, are answers.
    empty = visit.page.locator(".panel.state-empty")
    assert empty.count() == 7
    assert (
        visit.page.locator("#panel-waiting.state-ready, #panel-failures.state-ready").count() == 2
    )
    notice = visit.page.inner_text("#messages-by-origin-notice")
    assert notice == 'Nenhum dado com estes filtros. Nenhum resultado com o filtro "Template".'
    visit.page.click("#messages-by-origin-widen")
    visit.shows(expected(served.oracle, channel=["WhatsApp"]))


def test_a_selection_too_long_for_an_address_stays_on_the_page(
    visit: Visit, served: Served
) -> None:
    visit.open()
    many = [f"{'no such person ' * 10}{number}" for number in range(40)]
    visit.page.evaluate(
        """(many) => dash_clientside.set_props('filter-person',
             {options: many.map((value) => ({label: value, value})), value: many})""",
        [*many, EVIL_LINK],
    )
    visit.shows(expected(served.oracle, person=[EVIL_LINK]))
    assert visit.page.locator("#address-note").is_visible()
    assert visit.page.url == f"{served.url}/"
    assert visit.page.inner_text("#address-note") == (
        "Seleção longa demais para o endereço: vale só nesta aba e não pode ser compartilhada"
    )
    rows = served.oracle.total({"person": [EVIL_LINK]})
    with visit.page.expect_download() as download:
        visit.page.click("#details-csv")
    assert "ticket=" in download.value.url
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(text.splitlines(), delimiter=";"))) == rows + 1
    visit.says("#downloads .download span", f"CSV: pronto, {rows} linhas")
    visit.page.click("#panel-cases .panel-menu > summary")
    with visit.page.expect_download() as download:
        visit.page.click("#cases-csv")
    assert len(download.value.url) < 200


# --- newer data ---


@in_process
def test_newer_data_comes_by_itself_and_the_place_stays(visit_here: Visit, tmp_path: Path) -> None:
    visit = visit_here
    visit.open(start="2026-09-01", end="2026-12-31", direction="out")
    visit.page.click("#details-table button.next-page")
    visit.says("#details-range", "21\u2013")
    before = numbers(visit.page)
    import_one_message(tmp_path)
    more = {name: before[name] + 1 for name in ("sent", "messages by status", "messages", "rows")}
    visit.shows({**before, **more})
    assert visit.page.inner_text("#details-range").startswith("21")


# --- languages, themes, sizes ---


#: A title and a month as each language has them.
LANGUAGE_WORDS = {
    "pt-BR": ("Quantidade de casos", "Outubro"),
    "en": ("Number of cases", "October"),
    "es": ("Cantidad de casos", "Octubre"),
}


def sees_language(visit: Visit, language: str) -> None:
    title, month = LANGUAGE_WORDS[language]
    assert visit.page.inner_text("#cases-title") == title
    assert visit.page.evaluate("document.documentElement.lang") == language
    visit.page.click(".period-button")
    visit.says("#filter-period-calendar .month-name", month)


@pytest.mark.parametrize("language", LANGUAGE_WORDS)
def test_the_page_speaks_the_language_of_its_address(visit: Visit, language: str) -> None:
    visit.open(lang=language)
    sees_language(visit, language)


@in_process
@pytest.mark.parametrize(("lang", "spoken"), [({}, "en"), ({"lang": "es"}, "es")])
def test_the_page_speaks_the_language_of_its_setting_where_the_address_names_none(
    tabs: BrowserContext, tmp_path: Path, lang: dict[str, str], spoken: str
) -> None:
    settings = Settings(store_url=import_rows(tmp_path, *rows()), language="en")
    with serving(create_app(settings)) as url, watched(tabs, url) as visit:
        visit.open(**lang)
        sees_language(visit, spoken)


def test_a_theme_needs_no_server(visit: Visit) -> None:
    visit.open()
    visit.forget_calls()
    visit.page.click("#theme-menu > button")
    visit.page.click("text=Escuro")
    visit.page.locator("#cases-graph .main-svg[style*='rgb(26, 33, 41)']").wait_for()
    assert visit.page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert "theme=dark" in visit.page.url
    assert visit.panel_calls() == []


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_no_accessibility_violations(themed: Visit, width: int) -> None:
    page = themed.page
    page.set_viewport_size({"width": width, "height": 800})
    themed.open(kind="hsm")
    assert violations(page) == []
    if width == 360:
        page.click(".fold-button")
        assert violations(page) == []
    page.click("#filter-more > summary")
    page.click("#filter-agent")
    page.wait_for_selector(".dash-dropdown-content")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.click(".period-button")
    page.locator("#filter-period-calendar table").last.wait_for()
    assert violations(page) == []


def test_no_accessibility_violations_in_tables_of_graphs_and_help(themed: Visit) -> None:
    page = themed.page
    themed.open(lang="es")
    for slug in (panel.slug for panel in GRAPHS):
        page.click(f"#panel-{slug} .panel-menu > summary")
        page.click(f"#panel-{slug} [data-view=table]")
        page.wait_for_selector(f"#{slug}-numbers td")
    assert violations(page) == []
    page.get_by_role("button", name="Ayuda").click()
    wait_until_still(page, "help")
    assert violations(page) == []


def test_no_accessibility_violations_when_empty_or_small(themed: Visit) -> None:
    themed.open(**EMPTY)
    assert violations(themed.page) == []
    themed.page.set_viewport_size({"width": 360, "height": 740})
    themed.page.goto(f"{themed.home}/?status=nonsense")
    themed.page.wait_for_selector(".alert-box", timeout=WAIT_MS)
    themed.page.click(".fold-button")
    assert violations(themed.page) == []


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_nothing_is_wider_than_the_screen(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 700})
    visit.open()
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [360, 900, 1280])
@pytest.mark.parametrize("lang", ["pt-BR", "en", "es"])
def test_menus_stay_on_the_screen(visit: Visit, width: int, lang: str) -> None:
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.open(lang=lang)
    beyond = visit.page.evaluate(
        """async () => {
          const picture = () => new Promise(requestAnimationFrame);
          const found = [];
          for (const menu of document.querySelectorAll('.menu')) {
            const button = menu.querySelector('summary, button');
            button.click();
            await picture();
            await picture();
            const body = menu.querySelector('.menu-body, .dropdown-menu');
            const { left, right, width } = body.getBoundingClientRect();
            const isBeyond = left < 0 || right > document.documentElement.clientWidth;
            if (width) found.push([menu.textContent.slice(0, 20), isBeyond]);
            button.click();
          }
          return found;
        }"""
    )
    assert len(beyond) >= 11
    assert [name for name, is_beyond in beyond if is_beyond] == []


def test_what_asks_for_action_is_whole_inside_a_frame(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 900, "height": 700})
    frame = '<iframe src="/" style="border:0;width:900px;height:700px"></iframe>'
    visit.page.route(
        "**/portal",
        lambda route: route.fulfill(
            body=f'<html lang="en"><body style="margin:0">{frame}', content_type="text/html"
        ),
    )
    visit.page.goto(f"{visit.home}/portal")
    inside = visit.page.frame_locator("iframe")
    inside.locator("#panel-messages-by-status.state-ready").wait_for(timeout=WAIT_MS)
    heading = inside.locator("h1").bounding_box()  # for screen readers only
    assert heading is not None
    assert heading["width"] <= 1
    for slug in ("waiting", "failures"):
        box = inside.locator(f"#panel-{slug}").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 600


def test_the_tip_of_a_panel_comes_by_keyboard_and_goes_by_escape(visit: Visit) -> None:
    visit.open()
    button = visit.page.locator("#panel-cases .tip-button")
    button.focus()
    visit.page.keyboard.press("Shift+Tab")
    visit.page.keyboard.press("Tab")
    assert visit.page.locator("#tip-cases").is_visible()
    visit.page.keyboard.press("Escape")
    assert not visit.page.locator("#tip-cases").is_visible()


def test_downloads_repeat_the_question_of_the_page(visit: Visit) -> None:
    visit.open(kind="hsm", sort="seq", **{"where.reply": "tudo"})
    assert visit.page.get_attribute("#cases-csv", "href") == "/export/cases.csv?kind=hsm&lang=pt-BR"
    assert (
        visit.page.get_attribute("#details-xlsx", "href")
        == "/export/details.xlsx?kind=hsm&sort=seq&where.reply=tudo&lang=pt-BR"
    )
    visit.page.click("#panel-cases .panel-menu > summary")
    with visit.page.expect_download() as download:
        visit.page.click("#cases-csv")
    assert "Casos criados" in download.value.path().read_text(encoding="utf-8-sig")
