"""Pictures of graphs, downloads of the table with their progress, and the page on paper."""

import itertools
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Route

from components import value_formats
from components.panels.details import COLUMNS
from queries.reader import Reader
from tests.browser.conftest import WAIT_MS, Served, Visit, in_process, watched
from tests.browser.data import EVIL_LINK
from tests.browser.paper import texts_of_pages
from tests.panels import GRAPHS, PANELS

LINE = "#downloads .download"


# --- pictures -----------------------------------------------------------------------------------


def drawn(page: Page, slug: str) -> tuple[list[str], dict[str, Any]]:
    """The texts of a picture as it would be saved, and how far they reach beyond its edges."""
    return page.evaluate(  # type: ignore[no-any-return]
        """async (slug) => {
          const address = await consumo.require('./picture').svgOf(slug);
          const holder = document.createElement('div');
          holder.style.position = 'absolute';
          holder.innerHTML = decodeURIComponent(address.slice(address.indexOf(',') + 1));
          document.body.append(holder);
          const whole = holder.querySelector('svg').getBoundingClientRect();
          const shown = [...holder.querySelectorAll('text')].filter((one) => one.textContent);
          const beyond = shown.filter((one) => {
            const box = one.getBoundingClientRect();
            return box.width && (box.left < whole.left || box.right > whole.right ||
              box.top < whole.top || box.bottom > whole.bottom);
          }).map((one) => one.textContent);
          const lines = [...holder.querySelectorAll('.gtitle, .gtitle tspan.line')]
            .filter((one) => !one.querySelector('.line')).map((one) => one.textContent);
          const paper = getComputedStyle(holder.querySelector('svg rect')).fill;
          holder.remove();
          return [lines, {beyond, paper, width: whole.width}];
        }""",
        slug,
    )


@pytest.mark.parametrize("slug", [panel.slug for panel in GRAPHS])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_picture_says_what_it_shows(visit: Visit, slug: str, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 800})
    asked = {"start": "2026-09-20", "end": "2026-10-31", "basis": "opened", "case_type": EVIL_LINK}
    visit.open(**asked, channel=["WhatsApp", "WHATSAPP {2}"])
    lines, edges = drawn(visit.page, slug)
    title = visit.page.inner_text(f"#{slug}-title")
    said = " ".join(lines)
    assert said.startswith(title)
    assert "20/09/2026 a 31/10/2026" in said
    assert "Data de referência: Abertura do caso" in re.sub(r"\s+", " ", said)
    assert f"Tipo de Caso: {EVIL_LINK}" in said
    assert "Canal: WHATSAPP {2}, WhatsApp" in said
    for fact in visit.page.locator(f"#{slug}-words .fact strong").all_inner_texts():
        assert fact in said
    assert edges["beyond"] == []


def test_a_picture_keeps_the_theme_and_shortens_long_lists(
    tabs: BrowserContext, served: Served
) -> None:
    with watched(tabs, served.url, "dark") as visit:
        people = [
            "João Ávila Conceição",
            *(f"Pessoa número {n} de um nome longo" for n in range(9)),
        ]
        visit.open(start="2026-09-01", end="2026-12-31", person=people)
        lines, edges = drawn(visit.page, "cases")
        said = " ".join(lines)
        assert "João Ávila Conceição" in said
        assert "Solicitante: mais 4" in said
        assert edges["beyond"] == []
        assert edges["paper"] == "rgb(26, 33, 41)"


def test_the_picture_is_named_by_panel_and_period(visit: Visit) -> None:
    visit.open(start="2026-09-20", end="2026-10-31")
    visit.page.click("#panel-cases .panel-menu > summary")
    with visit.page.expect_download() as download:
        visit.page.click("#panel-cases >> text=Imagem (PNG)")
    assert (
        download.value.suggested_filename == "consumo-quantidade-de-casos-2026-09-20-2026-10-31.png"
    )
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


#: The panel of costs is folded here, where nothing has a price.
LISTS = [panel.slug for panel in PANELS if panel.kind == "list" and panel.is_shown]


@pytest.mark.parametrize("slug", [slug for slug in LISTS if slug != "cost"])
def test_a_list_has_a_picture_of_all_its_rows(visit: Visit, slug: str) -> None:
    """With title, period and filters; also of the rows that have to be scrolled to."""
    visit.open(start="2026-09-20", end="2026-10-31", case_type=EVIL_LINK)
    visit.page.locator(f"#panel-{slug}").scroll_into_view_if_needed()
    visit.page.wait_for_selector(f"#panel-{slug}:is(.state-ready, .state-empty)", timeout=WAIT_MS)
    texts, inked = visit.page.evaluate(
        """async (slug) => {
          const address = await consumo.require('./picture').svgOf(slug);
          const text = decodeURIComponent(address.slice(address.indexOf(',') + 1));
          const svg = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
          const image = new Image();
          image.src = address;
          await image.decode();
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [image.width, image.height];
          const pen = canvas.getContext('2d');
          pen.drawImage(image, 0, 0);
          // Above the lower edge stands the last row, or the sentence in its place.
          const { data } = pen.getImageData(0, image.height - 120, image.width, 120);
          const ink = data.filter((part, place) => place % 4 < 3 && part !== data[place % 4]);
          return [svg.querySelector('foreignObject').textContent, ink.length];
        }""",
        slug,
    )
    assert visit.page.inner_text(f"#{slug}-title") in texts
    assert "20/09/2026 a 31/10/2026" in texts
    assert f"Tipo de Caso: {EVIL_LINK}" in texts
    for row in visit.page.locator(f"#{slug}-cards tbody tr :is(th, td):last-child").all():
        assert row.inner_text() in texts
    assert inked > 0
    visit.page.click(f"#panel-{slug} .panel-menu > summary")
    with visit.page.expect_download() as download:
        visit.page.click(f"#panel-{slug} >> text=Imagem (PNG)")
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_no_other_picture_is_offered(visit: Visit) -> None:
    visit.open()
    visit.page.hover("#cases-graph", position={"x": 200, "y": 100}, force=True)
    assert visit.page.locator(".modebar-btn").count() == 0


# --- how far a download is ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["CSV", "XLSX"])
def test_a_download_says_when_it_is_ready(visit: Visit, kind: str) -> None:
    visit.open(start="2026-09-01", end="2026-12-31")
    rows = re.sub(r"\D", "", visit.page.inner_text("#details-total"))
    link = visit.page.locator(f"#details-{kind.lower()}")
    before = link.get_attribute("href")
    with visit.page.expect_download() as download:
        link.click()
    assert (
        f"consumo-detalhado-2026-09-01-2026-12-31.{kind.lower()}"
        in download.value.suggested_filename
    )
    assert re.search(r"[?&]progress=[0-9a-f]{32}$", download.value.url)
    assert link.get_attribute("href") == before
    visit.says(f"{LINE} span", f"{kind}: pronto, {rows} linhas")
    assert visit.page.inner_text("#downloads [role=status]").startswith(f"{kind}: pronto")
    assert visit.page.locator(f"{LINE} progress").count() == 0
    visit.page.click(f"{LINE} >> text=Fechar")
    assert visit.page.locator(LINE).count() == 0
    assert link.evaluate("(link) => link === document.activeElement")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """Let downloads get one row a batch, each of which waits for a permit."""
    permits = threading.Semaphore(0)
    all_rows = Reader.all_rows

    def one_by_one(*args: Any, **kwargs: Any) -> Iterator[Any]:
        for frame in all_rows(*args, **kwargs):
            for place in range(len(frame)):
                permits.acquire(timeout=WAIT_MS / 1_000)
                yield frame.iloc[place : place + 1]

    monkeypatch.setattr(Reader, "all_rows", one_by_one)
    yield permits
    permits.release(10_000)


def permit(permits: threading.Semaphore, number: int) -> None:
    for _ in range(number):
        permits.release()


@in_process
def test_a_download_tells_how_far_it_is_and_can_be_stopped(
    visit_here: Visit, slow: threading.Semaphore
) -> None:
    page = visit_here.page
    visit_here.open(start="2026-09-01", end="2026-12-31")
    total = int(re.sub(r"\D", "", page.inner_text("#details-total")))
    page.click("#details-csv")
    visit_here.says(f"{LINE} span", "CSV: em preparação")
    permit(slow, total // 2)
    share = 100 * (total // 2) // total
    visit_here.says(f"{LINE} span", f"CSV: {total // 2} de {total} linhas · {share}%")
    bar = page.locator(f"{LINE} progress")
    assert bar.evaluate("(bar) => [bar.value, bar.max]") == [total // 2, total]
    with page.expect_response(lambda answer: answer.url.endswith("/stop")):
        page.get_by_role("button", name="Parar o download CSV").click()
    permit(slow, 2)
    visit_here.says(f"{LINE} span", "CSV: parado depois de")
    assert "não está completo" in page.inner_text(f"{LINE} span")


@in_process
def test_two_downloads_go_on_at_once(visit_here: Visit, slow: threading.Semaphore) -> None:
    page = visit_here.page
    visit_here.open(start="2026-09-01", end="2026-12-31")
    page.click("#details-csv")
    page.click("#details-xlsx")
    page.wait_for_function("() => document.querySelectorAll('#downloads .download').length === 2")
    permit(slow, 2_000)
    for place, kind in enumerate(("CSV", "XLSX")):
        line = page.locator(f"{LINE} span").nth(place)
        line.filter(has_text=f"{kind}: pronto").wait_for(timeout=WAIT_MS)


@in_process
def test_a_download_that_fails_says_so(visit_here: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    visit_here.open(start="2026-09-01", end="2026-12-31")

    def failing(*_given: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(value_formats, "csv_cells", failing)
    visit_here.page.click("#details-csv")
    visit_here.says(f"{LINE}[data-ended=failed] span", "CSV: Algo deu errado")


def test_an_interrupted_download_says_so(visit: Visit) -> None:
    visit.open()
    states = itertools.chain(["running"], itertools.repeat("broken"))

    def answer(route: Route) -> None:
        route.fulfill(json={"state": next(states), "rows": 43, "total": 100})

    visit.page.route("**/export/progress/*", answer)
    visit.page.click("#details-csv")
    visit.says(f"{LINE} span", "CSV: 43 de 100 linhas · 43%")
    visit.says(f"{LINE} span", "CSV: interrompido depois de 43 linhas")


def test_a_server_that_forgot_a_download_has_broken_it(visit: Visit) -> None:
    visit.open()
    answers = itertools.chain(
        [{"state": "running", "rows": 43, "total": 100}], itertools.repeat({"state": "unknown"})
    )
    visit.page.route("**/export/progress/*", lambda route: route.fulfill(json=next(answers)))
    visit.page.click("#details-csv")
    visit.says(f"{LINE} span", "CSV: interrompido depois de 43 linhas")


def test_more_rows_than_a_workbook_holds_are_refused_at_once(visit: Visit) -> None:
    visit.open()
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.evaluate("document.querySelector('[data-rows]').dataset.rows = 1048576")
    visit.page.click("#details-xlsx")
    visit.says(f"{LINE} span", "XLSX: ")
    said = visit.page.inner_text(f"{LINE} span")
    assert "1.048.576" in said
    assert "1.048.575" in said
    assert [url for url in asked if "/export/" in url] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["running", "failed"])
def test_the_line_of_a_download_is_for_all(
    tabs: BrowserContext, served: Served, scheme: Any, state: str
) -> None:
    with watched(tabs, served.url, scheme) as visit:
        visit.page.set_viewport_size({"width": 360, "height": 740})
        visit.open()
        told = {"state": state, "rows": 43, "total": 100, "message": "Algo deu errado."}
        visit.page.route("**/export/progress/*", lambda route: route.fulfill(json=told))
        visit.page.focus("#details-csv")
        with visit.page.expect_download():
            visit.page.keyboard.press("Enter")
        visit.says(f"{LINE} span", "CSV: 43 de 100" if state == "running" else "CSV: Algo")
        found = Axe().run(visit.page, {"include": [["#panel-details"]]}).response["violations"]
        assert [violation["id"] for violation in found] == []
        button = visit.page.locator(f"{LINE} button").bounding_box()
        assert button
        assert min(button["width"], button["height"]) >= 24
        assert visit.page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_page_knows_how_many_rows_there_are(visit: Visit) -> None:
    visit.open(start="2026-09-01", end="2026-12-31", **{"where.kind": "hsm"})
    rows = visit.page.get_attribute("#details-total [data-rows]", "data-rows")
    shown = visit.page.inner_text("#details-total")
    assert shown.startswith(f"{rows} de ")


# --- paper --------------------------------------------------------------------------------------


#: How large each graph is, and in what colours.
_ON_SCREEN = """() =>
  [...document.querySelectorAll('.graph .main-svg, .graph .point path')]
  .map((part) => [part.getAttribute('width'), part.style.fill, part.style.background])"""


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_on_paper(tabs: BrowserContext, served: Served, width: int) -> None:
    with watched(tabs, served.url, "dark") as visit:
        page = visit.page
        page.set_viewport_size({"width": width, "height": 900})
        visit.open(start="2026-09-20", end="2026-10-31", channel="WhatsApp")
        before = page.evaluate(_ON_SCREEN)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print", color_scheme="dark")
        page.set_viewport_size({"width": 703, "height": 1032})
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
        assert page.locator("h1").is_visible()
        said = page.inner_text("#printed-selection")
        assert "Período: 20/09/2026 a 31/10/2026" in said
        assert "Canal: WhatsApp" in said
        assert page.locator(".freshness").is_visible()
        assert page.locator(".paper-graph .main-svg").count() >= 4
        for graph in page.locator(".paper-graph").all():
            box = graph.bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 703
            colour = graph.locator(".main-svg").first
            assert colour.evaluate("(svg) => svg.style.background") == "rgb(255, 255, 255)"
        for hidden in (".filter-bar", ".table-tools", ".panel-menu", ".graph", "#chips"):
            assert not page.locator(hidden).first.is_visible()
        # Numbers of cases, counts, names of rows and headings are what they are on paper too.
        names = ".case-button, .fact-button, .row-button, .sort-button, .card-part"
        names += ", .freshness-button"
        pressed = page.locator(f"button:not({names}), input, summary").all()
        assert [one.evaluate("(e) => e.outerHTML") for one in pressed if one.is_visible()] == []
        wide = "() => document.querySelector('#details-table table').getBoundingClientRect().width"
        assert page.evaluate(wide) <= 1_032  # that of the turned sheet
        page.emulate_media(media="screen", color_scheme="dark")
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
        assert page.locator(".paper-graph").count() == 0
        visit.rest()
        assert page.evaluate(_ON_SCREEN) == before


def test_paper_is_asked_for_by_a_button(visit: Visit) -> None:
    visit.open()
    visit.page.evaluate(
        "() => { window.print = () => { window.asked = (window.asked || 0) + 1; }; }"
    )
    visit.page.get_by_role("button", name="Imprimir").click()
    # It waits for the panel that is asked near the screen only.
    visit.page.wait_for_function("() => window.asked === 1", timeout=WAIT_MS)
    assert visit.page.locator(".chip").count() == 0
    content = visit.page.pdf(prefer_css_page_size=True)
    assert content.startswith(b"%PDF")
    assert all(texts_of_pages(content)), "no page is blank"
    assert visit.page.locator(".paper-graph").count() == 0


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"page_size": "50"},
        {"page_size": "100", "columns": "case_number,sent_at"},
        {"columns": ",".join(column.name for column in COLUMNS)},
        {"status": "failed"},
        {"start": "1999-01-01", "end": "1999-01-01"},
    ],
    ids=str,
)
def test_no_sheet_of_paper_is_blank(visit: Visit, asked: dict[str, str]) -> None:
    visit.open(**{"start": "2026-09-01", "end": "2026-12-31", **asked})
    pages = texts_of_pages(visit.page.pdf(prefer_css_page_size=True))
    assert 2 <= len(pages) <= 10
    assert all(pages), pages


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("pt-BR", "20 de {total} mensagens; o resto no XLSX"),
        ("en", "20 of {total} messages; the rest in the XLSX"),
    ],
)
def test_paper_says_openly_where_the_table_is_cut(
    visit: Visit, language: str, sentence: str
) -> None:
    page = visit.page
    visit.open(start="2026-09-01", end="2026-12-31", lang=language)
    total = page.get_attribute("#details-total [data-rows]", "data-rows")
    page.emulate_media(media="print")
    assert page.inner_text("#details-range") == sentence.format(total=total)
    assert not page.locator("#details-page-size-choice").is_visible()
    last = page.locator("#details-table tr:has(> td)").last.bounding_box()
    line = page.locator("#details-range").bounding_box()
    assert last
    assert line
    assert line["y"] >= last["y"] + last["height"] - 1, "it does not cover the last row"
    page.emulate_media(media="screen")
    visit.open(
        start="2026-09-01", end="2026-12-31", lang=language, **{"where.case_number": "48059"}
    )
    page.emulate_media(media="print")
    assert "XLSX" not in page.inner_text("#details-range"), "all of its rows are there"
    page.emulate_media(media="screen")
