"""The table of messages: columns, what stays in view, cut texts, sorting, filters, and cards."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WAIT_MS, Served, Visit, violations, watched
from tests.browser.data import EVIL_MARKDOWN

PERIOD = {"start": "2026-09-01", "end": "2026-12-31"}
TABLE = "#details-table"
SCROLLER = f"{TABLE} .dash-spreadsheet-container"
NOTE = "#details-note"


def headers(page: Page) -> list[str]:
    return [name.inner_text() for name in page.locator(f"{TABLE} .column-header-name").all()]


def shows_headers(page: Page, *names: str) -> None:
    page.wait_for_function(
        """(names) => JSON.stringify(names) === JSON.stringify(
             [...document.querySelectorAll('#details-table .column-header-name')]
               .map((name) => name.innerText))""",
        arg=list(names),
        timeout=WAIT_MS,
    )


def box(page: Page, selector: str) -> dict[str, float]:
    found: Any = page.locator(selector).first.bounding_box()
    assert found is not None
    return dict(found)


def rows_shown(page: Page) -> int:
    return page.locator(f"{TABLE} td[data-dash-column=case_number]").count()


# --- columns and page size in the address ---


def test_the_chosen_columns_stand_in_the_address_and_come_back(visit: Visit) -> None:
    visit.open(columns="team,status", page_size="50")
    shows_headers(visit.page, "Case", "Status", "Equipe")
    visit.page.click(".table-tools summary")
    visit.page.locator(".table-tools label", has_text="Respostas").click()
    shows_headers(visit.page, "Case", "Status", "Equipe", "Respostas")
    visit.page.wait_for_url("**columns=case_number,status,team,reply**")
    visit.page.reload()
    visit.settle()
    shows_headers(visit.page, "Case", "Status", "Equipe", "Respostas")
    visit.page.click(".table-tools summary")
    visit.page.click("#panel-details >> text=Restaurar colunas padrão")
    visit.page.wait_for_url(lambda address: "columns" not in address)
    assert len(headers(visit.page)) == 12
    assert "page_size=50" in visit.page.url


def test_another_choice_of_columns_asks_nothing_of_the_server(visit: Visit) -> None:
    visit.open()
    visit.rest()
    visit.forget_calls()
    visit.page.click(".table-tools summary")
    visit.page.locator(".table-tools label", has_text="Equipe").click()
    visit.page.wait_for_url("**columns=**")
    assert "details" not in visit.panel_calls()
    case = visit.page.locator(".table-tools label", has_text="Case").locator("input")
    assert case.is_disabled(), "the first column stays"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"columns": "status,nothing"}, 'Não existe a coluna "nothing".'),
        ({"columns": ""}, "columns veio sem valor"),
        ({"page_size": "37"}, '"37" não é um valor de page_size. Escolha entre: 20, 50, 100.'),
        ({"page_size": "x"}, '"x" não serve para page_size'),
    ],
)
def test_what_the_address_cannot_ask_for_is_said(
    visit: Visit, query: dict[str, str], said: str
) -> None:
    visit.page.goto(f"{visit.home}/?" + "&".join(f"{k}={v}" for k, v in query.items()))
    alert = visit.page.locator(".alert-box")
    alert.wait_for(timeout=WAIT_MS)
    assert said in alert.inner_text()
    alert.locator("button").click()
    alert.wait_for(state="detached", timeout=WAIT_MS)
    visit.settle()
    assert len(headers(visit.page)) == 12
    assert rows_shown(visit.page) == 20


@pytest.mark.parametrize(
    "query", [{"columns": "case_number,nonsense"}, {"page_size": "37"}, {"columns": ""}]
)
def test_a_wrong_look_of_the_table_leaves_its_rows(visit: Visit, query: dict[str, str]) -> None:
    visit.open(**PERIOD, **query)
    assert visit.page.locator(".alert-box").is_visible()
    assert len(headers(visit.page)) == 12
    assert rows_shown(visit.page) == 20
    visit.page.click(f"{TABLE} button.next-page")
    visit.says("#details-range", "21\u2013")
    assert visit.page.locator(".alert-box").is_visible()


def test_a_filtered_column_is_seen_though_it_was_not_chosen(visit: Visit) -> None:
    visit.open(**PERIOD, columns="reply", **{"where.team": "sup", "where.error": "1"})
    shows_headers(visit.page, "Case", "Erro", "Equipe", "Respostas")
    assert "columns=case_number,reply&" in visit.page.url + "&"
    visit.page.click('[data-action=unfilter][data-name="error"]')
    shows_headers(visit.page, "Case", "Equipe", "Respostas")


def test_longer_pages(visit: Visit, served: Served) -> None:
    visit.open(**PERIOD)
    total = served.oracle.total(PERIOD)
    assert total > 100
    visit.page.click(f"{TABLE} button.next-page")
    visit.says("#details-range", "21\u2013")
    visit.forget_calls()
    visit.page.select_option("#details-page-size-choice", "100")
    visit.says("#details-range", f"1\u2013100 de {total}")
    assert rows_shown(visit.page) == 100
    assert visit.panel_calls() == ["details"]
    assert "page_size=100" in visit.page.url
    visit.page.click(f"{TABLE} button.next-page")
    visit.says("#details-range", f"101\u2013{min(200, total)}")
    visit.page.reload()
    visit.settle()
    visit.says("#details-range", "1\u2013100")
    assert visit.page.input_value("#details-page-size-choice") == "100"
    visit.page.select_option("#details-page-size-choice", "20")
    visit.page.wait_for_url(lambda address: "page_size" not in address)


@pytest.mark.parametrize("width", [1280, 900, 360])
def test_the_length_of_a_page_is_chosen_with_a_mouse(visit: Visit, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 800})
    visit.open(**PERIOD)
    choice = page.locator("#details-page-size-choice")
    choice.scroll_into_view_if_needed()
    at = box(page, "#details-page-size-choice")
    page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    # Only what was hit by the press has the focus; its list takes the keys.
    page.wait_for_function("() => document.activeElement.id === 'details-page-size-choice'")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    visit.says("#details-range", "1\u201350 ")
    assert rows_shown(page) == 50
    # Its neighbours can be pressed as before.
    page.click(f"{TABLE} button.next-page")
    visit.says("#details-range", "51\u2013100 ")


def test_downloads_hold_all_columns_and_rows(visit: Visit) -> None:
    visit.open(kind="hsm", columns="status", page_size="50", sort="seq")
    href = visit.page.get_attribute("#details-csv", "href")
    assert href == "/export/details.csv?kind=hsm&sort=seq&lang=pt-BR"
    language = visit.page.get_attribute("#language-en", "href") or ""
    assert "columns=case_number,status" in language
    assert "page_size=50" in language


# --- columns with one value ---

FOLDED = "#details-folded"


def folded(page: Page) -> str:
    return page.locator(f"{FOLDED} > span").inner_text()


def test_a_column_with_one_value_is_a_line_above_the_table(visit: Visit) -> None:
    page = visit.page
    visit.open(**PERIOD)
    assert folded(page) == "Canal: WhatsApp", "all else differs"
    assert "Canal" not in headers(page)
    visit.open(**PERIOD, kind="hsm", case_type="Reclamação")
    assert folded(page) == "Tipo: Reclamação · HSM/WApp: HSM · Canal: WhatsApp"
    assert not {"Tipo", "HSM/WApp", "Canal"} & {*headers(page)}
    visit.rest()
    visit.forget_calls()
    button = page.locator(f"{FOLDED} button")
    assert button.inner_text() == "mostrar"
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{FOLDED} button:text('ocultar')")
    assert {"Tipo", "HSM/WApp", "Canal"} <= {*headers(page)}
    assert button.evaluate("(found) => found === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{FOLDED} button:text('mostrar')")
    assert "Tipo" not in headers(page)
    assert "details" not in visit.panel_calls()


def test_a_sorted_or_filtered_column_is_not_folded(visit: Visit) -> None:
    visit.open(**PERIOD, kind="hsm", sort="kind", **{"where.channel": "whats"})
    assert {"HSM/WApp", "Canal"} <= {*headers(visit.page)}
    assert not visit.page.locator(FOLDED).is_visible()


def test_a_status_is_folded_for_messages_of_one_direction_only(visit: Visit) -> None:
    visit.open(**PERIOD, status="read")
    assert {"Lido", "Tratada"} <= {
        text.split(" ", 1)[1]
        for text in visit.page.locator(f"{TABLE} td[data-dash-column=status]").all_inner_texts()
    }
    visit.open(**PERIOD, status="read", direction="out")
    assert "Lido" in folded(visit.page)
    assert "Status" not in headers(visit.page)


# --- what stays in view ---


def test_what_leads_need_is_in_view_without_scrolling(visit: Visit) -> None:
    visit.open(**PERIOD)
    shown = headers(visit.page)
    assert [" ".join(name.split()) for name in shown[:2]] == ["Case", "Data da Mensagem"]
    around = box(visit.page, SCROLLER)
    needed = ("sent_at", "status", "case_type", "reply", "template_name", "last_agent", "phone")
    for name in needed:
        cell = box(visit.page, f'{TABLE} td[data-dash-column="{name}"]')
        assert cell["x"] + cell["width"] <= around["x"] + around["width"] + 1, name


def test_a_long_case_number_is_cut_in_the_middle_and_whole_in_a_tip(visit: Visit) -> None:
    page = visit.page
    visit.open(**PERIOD, **{"where.case_number": EVIL_MARKDOWN}, columns="status")
    cell = page.locator(f"{TABLE} td[data-dash-column=case_number]").first
    value = cell.locator("a, .dash-cell-value:not(:has(a))").first
    shown = cell.inner_text()
    whole = value.get_attribute("aria-label") or ""
    assert whole.startswith(EVIL_MARKDOWN)
    start, end = shown.split("…")
    assert whole.startswith(start)
    assert whole.endswith(end)
    assert start
    assert end
    fits = "(found) => found.scrollWidth <= found.clientWidth"
    assert value.evaluate(fits), "it is not cut a second time"
    value.focus()
    note = page.locator(NOTE)
    note.wait_for(timeout=WAIT_MS)
    assert note.text_content() == whole


def test_case_numbers_are_sorted_as_numbers(visit: Visit) -> None:
    visit.open(**PERIOD, sort="case_number")
    shown = visit.page.locator(f"{TABLE} td[data-dash-column=case_number]").all_inner_texts()
    assert [int(text) for text in shown] == sorted(int(text) for text in shown)


# --- sorting and filtering ---


def test_the_focus_is_seen_while_the_table_is_sorted(visit: Visit) -> None:
    page = visit.page
    visit.open(**PERIOD)
    sign = page.locator(f'{TABLE} th[data-dash-column="case_type"] .column-header--sort')
    sign.focus()
    for order in ("ascending", "descending"):
        page.keyboard.press("Enter")
        page.wait_for_selector(f'{TABLE} th[data-dash-column="case_type"][aria-sort="{order}"]')
        visit.rest()
        style = """(found) => found === document.activeElement &&
          getComputedStyle(found).outlineStyle === 'solid' &&
          parseFloat(getComputedStyle(found).outlineWidth) >= 2"""
        assert sign.evaluate(style), order


#: Collects every text that the filters above the columns show in any frame.
_WATCH = """() => {
  window.seen = new Set();
  const look = () => {
    const fields = document.querySelectorAll('#details-table th.dash-filter input[type=text]');
    for (const field of fields) window.seen.add(field.value);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_the_filter_of_a_column_keeps_what_was_typed(visit: Visit) -> None:
    page = visit.page
    visit.open(**PERIOD)
    page.evaluate(_WATCH)
    field = page.locator(f'{TABLE} th.dash-filter[data-dash-column="status"] input[type=text]')
    field.click()
    page.keyboard.type("lido")
    page.keyboard.press("Enter")
    page.wait_for_url("**where.status=lido**")
    visit.rest()
    page.keyboard.press("Tab")
    field.click()
    page.keyboard.press("End")
    page.keyboard.type(" ")
    page.keyboard.press("Backspace")
    page.locator(f'{TABLE} [data-dash-column="seq"] .column-header--sort').click()
    page.wait_for_url("**sort=seq**")
    visit.rest()
    assert field.input_value() == "lido"
    seen = page.evaluate("[...window.seen]")
    assert {*seen} <= {"", "l", "li", "lid", "lido", "lido "}


def test_the_filter_of_statuses_tells_sent_and_received_apart(visit: Visit) -> None:
    page = visit.page
    visit.open(**PERIOD)
    field = page.locator(f'{TABLE} th.dash-filter[data-dash-column="status"] input[type=text]')
    offered = field.evaluate("(found) => [...found.list.options].map((o) => [o.value, o.label])")
    assert ["Lido", "Enviada"] in offered
    assert ["Tratada", "Recebida do cliente"] in offered
    assert len({value for value, _ in offered}) == len(offered) == 8
    # A picked offer filters at once, and gives only the messages of its direction.
    field.evaluate(
        """(found) => {
             const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
             set.call(found, 'Tratada');
             const inputType = 'insertReplacementText';
             found.dispatchEvent(new InputEvent('input', { bubbles: true, inputType }));
           }"""
    )
    page.wait_for_url("**where.status=Tratada**")
    page.wait_for_function(
        """() => {
             const cells = document.querySelectorAll('#details-table td[data-dash-column=status]');
             return [...cells].every((cell) => cell.innerText.endsWith('Tratada'));
           }""",
        timeout=WAIT_MS,
    )


# --- cards on a phone ---


def test_a_row_is_a_card_on_a_phone(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    visit.open(**PERIOD)
    card = page.locator(f"{TABLE} tr:has(> td.dash-cell)").first
    values = [cell for cell in card.locator("td").all() if cell.is_visible()]
    columns = [cell.get_attribute("data-dash-column") for cell in values]
    assert columns == ["case_number", "sent_at", "status", "case_type", "reply"]
    page.wait_for_selector(f'{TABLE} td[data-label="Tipo"]')
    boxes = [cell.bounding_box() for cell in values]
    # Read from top to bottom, in the order of the page, and nothing reaches beyond the card.
    tops = [found["y"] for found in boxes if found]
    assert tops == sorted(tops)
    outer = card.bounding_box()
    assert outer
    assert all(found and found["x"] + found["width"] <= 360 for found in boxes)
    assert outer["height"] >= max(tops) - outer["y"]
    assert not page.locator(f"{TABLE} th").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(page) == []


def test_a_card_opens_the_time_line_wherever_it_is_pressed(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    visit.open(**PERIOD)
    card = page.locator(f"{TABLE} tr:has(> td.dash-cell)").nth(2)
    number = card.locator("td").first.inner_text()
    card.locator('td[data-dash-column="status"]').click()
    visit.says("#timeline-title", f"Caso {number}")
    page.keyboard.press("Escape")
    page.locator("#timeline").wait_for(state="detached", timeout=WAIT_MS)
    # The keyboard reaches each card once, and sees it as a whole.
    pressable = card.locator("td a, td [role=button]").first
    assert pressable.evaluate("(found) => found === document.activeElement")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    outline = "(found) => getComputedStyle(found).outlineStyle"
    assert card.evaluate(outline) == "solid"
    page.keyboard.press("Enter")
    visit.says("#timeline-title", f"Caso {number}")


def test_cards_are_sorted_by_a_select(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    visit.open(**PERIOD)
    choice = page.get_by_label("Ordem", exact=True)
    assert choice.locator("option").first.inner_text() == "Mais recentes primeiro"
    choice.select_option("sent_at")
    page.wait_for_url("**sort=sent_at**")
    page.reload()
    visit.settle()
    assert choice.input_value() == "sent_at"
    offered = choice.locator("option").evaluate_all("(all) => all.map((one) => one.value)")
    assert "-phone" not in offered, "the phone is masked"
    assert "-case_number" in offered
    choice.select_option("")
    page.wait_for_url(lambda address: "sort" not in address)
    page.set_viewport_size({"width": 600, "height": 740})
    assert not choice.is_visible()


@pytest.mark.parametrize("width", [600, 1280])
def test_header_filters_and_case_stay_in_view(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 740})
    visit.open(**PERIOD, page_size="50")
    page = visit.page
    scroller = page.locator(SCROLLER)
    scroller.scroll_into_view_if_needed()
    scroller.evaluate("(found) => found.scrollTo(400, 600)")
    page.wait_for_function(
        "(selector) => document.querySelector(selector).scrollTop === 600", arg=SCROLLER
    )
    around = box(page, SCROLLER)
    assert around["height"] < 740, "the page's own height holds it"
    header, filters = box(page, f"{TABLE} th.dash-header"), box(page, f"{TABLE} th.dash-filter")
    assert header["y"] == pytest.approx(around["y"], abs=1)
    assert filters["y"] == pytest.approx(header["y"] + header["height"], abs=1)
    for cell in ("th.dash-header", "th.dash-filter", "td"):
        first = box(page, f'{TABLE} {cell}[data-dash-column="case_number"]')
        assert first["x"] == pytest.approx(around["x"], abs=1)
    # What is under the header and beside the case is covered by them.
    tops = page.evaluate(
        """(selector) => {
             const around = document.querySelector(selector).getBoundingClientRect();
             return [[60, 10], [60, 55], [20, 200]].map(([x, y]) => {
               const cell = document.elementFromPoint(around.x + x, around.y + y).closest('th, td');
               return `${cell.tagName} ${cell.dataset.dashColumn}`;
             });
           }""",
        SCROLLER,
    )
    assert tops == ["TH case_number", "TH case_number", "TD case_number"]
    scrolling = page.evaluate(
        """() => [...document.querySelectorAll('#details-table, #details-table *')].filter(
             (found) => found.scrollHeight > found.clientHeight + 1 &&
               ['auto', 'scroll'].includes(getComputedStyle(found).overflowY)).length"""
    )
    assert scrolling == 1, "there is one bar"


def test_in_a_frame_the_table_is_as_long_as_its_rows(visit: Visit) -> None:
    page = visit.page
    page.route(
        "**/portal",
        lambda route: route.fulfill(
            body='<html lang="en"><body><iframe src="/?start=2026-09-01&end=2026-12-31" '
            'style="border:0;width:900px;height:700px"></iframe>',
            content_type="text/html",
        ),
    )
    page.goto(f"{visit.home}/portal")
    inside = page.frame_locator("iframe")
    inside.locator("#panel-details.state-ready").wait_for(timeout=WAIT_MS)
    heights = inside.locator(SCROLLER).evaluate(
        "(found) => [found.scrollHeight, found.clientHeight]"
    )
    assert heights[0] == heights[1]


def test_a_turned_page_begins_at_its_top(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 500})
    visit.open(**PERIOD)
    visit.page.locator(SCROLLER).evaluate("(found) => found.scrollTo(0, 200)")
    visit.page.click(f"{TABLE} button.next-page")
    visit.says("#details-range", "21\u2013")
    assert visit.page.locator(SCROLLER).evaluate("(found) => found.scrollTop") == 0


def test_the_order_that_nobody_asked_for_is_seen(visit: Visit) -> None:
    visit.open()
    newest = visit.page.locator(f'{TABLE} th.dash-header[data-dash-column="sent_at"]')
    visit.page.wait_for_selector(f'{TABLE} th[data-dash-column="sent_at"][aria-sort="descending"]')
    assert "sort" not in visit.page.url
    visit.page.locator(f'{TABLE} [data-dash-column="seq"] .column-header--sort').click()
    visit.page.wait_for_url("**sort=seq**")
    visit.page.wait_for_selector(f'{TABLE} th[data-dash-column="seq"][aria-sort="ascending"]')
    assert newest.get_attribute("aria-sort") == "none"


def test_dates_stand_on_one_line(visit: Visit) -> None:
    visit.open(**PERIOD)
    for column in ("opened_at", "sent_at"):
        cell = visit.page.locator(f'{TABLE} td[data-dash-column="{column}"] .dash-cell-value').first
        fits = "(found) => found.scrollWidth <= found.clientWidth && found.clientHeight < 30"
        assert cell.evaluate(fits)
    number = visit.page.locator(f'{TABLE} td[data-dash-column="seq"]').first
    assert number.evaluate("(found) => getComputedStyle(found).textAlign") == "right"


# --- the whole of a text ---


def cut_cell(page: Page) -> tuple[int, str]:
    """The place of the first reply that its cell cuts, and all of it."""
    found: list[Any] = page.evaluate(
        """() => {
             const cells = [...document.querySelectorAll(
               '#details-table td[data-dash-column="reply"] .dash-cell-value')];
             const place = cells.findIndex((cell) => cell.scrollWidth > cell.clientWidth + 1);
             return [place, cells[place].textContent];
           }"""
    )
    return found[0], found[1]


def test_a_pointer_reads_the_whole_of_a_cut_text(visit: Visit) -> None:
    visit.open(**PERIOD)
    place, text = cut_cell(visit.page)
    visit.page.locator(f'{TABLE} td[data-dash-column="reply"]').nth(place).hover()
    note = visit.page.locator(NOTE)
    note.wait_for(timeout=WAIT_MS)
    assert note.text_content() == text
    note.hover()  # it can be reached, and read in peace
    visit.page.keyboard.press("Escape")
    note.wait_for(state="hidden", timeout=WAIT_MS)


def test_the_keyboard_reads_the_whole_of_a_cut_text_and_gets_on(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 500, "height": 740})
    visit.open(**PERIOD, columns="reply")
    page = visit.page
    place, text = cut_cell(page)
    number = page.locator(f"{TABLE} td[data-dash-column=case_number] a").nth(place)
    number.focus()
    page.keyboard.press("ArrowRight")
    note = page.locator(NOTE)
    note.wait_for(timeout=WAIT_MS)
    assert note.text_content() == text
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "details-note"
    page.keyboard.press("Escape")
    assert not note.is_visible()
    column = "document.activeElement.closest('td').dataset.dashColumn"
    assert page.evaluate(column) == "reply"
    page.keyboard.press("Tab")
    assert page.evaluate(column) == "case_number", "the table is no trap"


def test_a_finger_reads_the_whole_of_a_very_long_text(browser: Browser, served: Served) -> None:
    phone = browser.new_context(
        viewport={"width": 500, "height": 740}, has_touch=True, locale="en-US"
    )
    with watched(phone, served.url) as visit:
        visit.open(**PERIOD, columns="reply")
        place, _ = cut_cell(visit.page)
        cell = visit.page.locator(f'{TABLE} td[data-dash-column="reply"]').nth(place)
        long = "Uma frase muito longa. " * 200
        value = cell.locator(".dash-cell-value")
        value.evaluate("(found, text) => { found.firstChild.nodeValue = text; }", long)
        cell.tap()
        note = visit.page.locator(NOTE)
        note.wait_for(timeout=WAIT_MS)
        assert note.text_content() == long
        area = box(visit.page, NOTE)
        assert area["x"] >= 0
        assert area["y"] >= 0
        assert area["x"] + area["width"] <= 500
        assert area["y"] + area["height"] <= 740
        assert note.evaluate("(found) => found.scrollHeight > found.clientHeight")
        assert violations(visit.page) == []
        visit.page.locator("#details-title").tap()
        note.wait_for(state="hidden", timeout=WAIT_MS)
    phone.close()


@pytest.mark.parametrize(
    ("language", "size", "rows"),
    [
        ("pt-BR", "20 por página", "Linhas por página"),
        ("en", "20 per page", "Rows per page"),
        ("es", "20 por página", "Filas por página"),
    ],
)
def test_page_sizes_speak_the_language(visit: Visit, language: str, size: str, rows: str) -> None:
    visit.open(lang=language)
    choice = visit.page.get_by_label(rows)
    assert choice.locator("option").first.inner_text() == size
