"""How often the page asks the server: each panel once for each change, options when needed."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Request

from tests.browser.conftest import (
    ALL_PANELS,
    ANSWERS,
    TASKS_DONE,
    WAIT_MS,
    Served,
    Visit,
    asks_panels,
    expected,
    hold_calls,
    import_one_message,
    in_process,
    output_of,
)

#: Changes with shorter pauses between them become one question, in milliseconds.
REST_MS = 250
#: Dash tells of a change within this time.
TOLD_MS = 150
#: How the output of the call for newer data begins.
STATUS = "..newer-status.data"
CHANNELS = ("WhatsApp", "whatsapp vendas", "WHATSAPP {2}")
#: Selects these channels; `told` says whether Dash has told the page of them.
SET_CHANNEL = """(values) => {
  const {consumo} = dash_clientside;
  const {panelQuestion} = consumo;
  window.told = false;
  consumo.panelQuestion = (given) => {
    window.told ||= String(given.lists.channel) === String(values);
    return panelQuestion(given);
  };
  const options = values.map((value) => ({label: value, value}));
  dash_clientside.set_props('filter-channel', {options, value: values});
}"""
#: Whether the page was told, once it has done what it does then.
IS_TOLD = f"async () => {{ {TASKS_DONE} return window.told; }}"


def choose_channels(visit: Visit, values: Sequence[str]) -> None:
    """Select channels while the clock stands still, and let it pass until the page is told.

    Dash needs some timers for it, and work between them that takes no time of this clock.
    """
    visit.page.evaluate(SET_CHANNEL, list(values))
    for _ in range(TOLD_MS):
        if visit.page.evaluate(IS_TOLD):
            return
        visit.page.clock.run_for(1)
    pytest.fail(f"Dash did not tell of {values} within {TOLD_MS} ms")


def asked(visit: Visit) -> list[str]:
    """The panels that were asked for, once all is quiet; options may follow, nothing else may."""
    visit.quiet()
    assert visit.other_calls() == []
    return sorted(visit.panel_calls())


def test_a_load_asks_each_panel_once(visit: Visit) -> None:
    visit.open(channel="WhatsApp", lang="en", sort="seq", **{"where.reply": "tudo"})
    assert asked(visit) == ALL_PANELS
    visit.page.locator("#filter-case", has_text=re.compile(r"\d+ cases?")).wait_for()
    assert visit.option_calls() == ["case"]


def test_one_choice_in_a_dropdown_asks_each_panel_once(visit: Visit, served: Served) -> None:
    visit.open()
    visit.page.click("#filter-channel")
    visit.page.locator(".dash-dropdown-content input[value='WhatsApp']").wait_for()
    visit.rest()
    visit.forget_calls()
    visit.page.locator(".dash-dropdown-content input[value='WhatsApp']").click()
    visit.shows(expected(served.oracle, channel=["WhatsApp"]))
    assert asked(visit) == ALL_PANELS
    # Its own options do not depend on it: only the list of cases, always in view, follows.
    assert set(visit.option_calls()) <= {"case"}
    # The page asks for newer data every two seconds, whatever is pressed.
    pressed = [output for output in visit.updates if not output.startswith(STATUS)]
    assert pressed[0] == ANSWERS


@pytest.mark.clock
def test_quick_changes_are_one_question(visit: Visit, served: Served) -> None:
    """Of changes with short pauses the first is applied at once, the others are one question."""
    visit.page.clock.install()
    visit.open()
    visit.page.clock.run_for(5_000)
    visit.rest()
    visit.forget_calls()
    visit.stop_clock()
    for count in (1, 2, 3, 2, 1):
        choose_channels(visit, CHANNELS[:count])
        visit.page.clock.run_for(40)
    assert len(visit.panel_calls()) == len(ALL_PANELS), "the first change waits for nothing"
    choose_channels(visit, [CHANNELS[1]])
    visit.page.clock.run_for(REST_MS - 5)
    assert len(visit.panel_calls()) == len(ALL_PANELS)
    visit.page.clock.resume()
    visit.shows(expected(served.oracle, channel=[CHANNELS[1]]))
    assert asked(visit) == sorted(2 * ALL_PANELS)


def test_a_new_minute_asks_for_who_waits_only(visit: Visit, served: Served) -> None:
    """Where an answer is on its way, it is the answer for the new minute too."""
    visit.open()
    held = hold_calls(visit.page, asks_panels, most=1)
    visit.forget_calls()
    with visit.page.expect_request(asks_panels):
        visit.page.evaluate(SET_CHANNEL, [CHANNELS[1]])
    visit.page.evaluate("dash_clientside.set_props('minute', {n_intervals: 1})")
    visit.page.evaluate("() => new Promise((done) => setTimeout(done, 0))")
    held[0].continue_()
    visit.shows(expected(served.oracle, channel=[CHANNELS[1]]))
    assert asked(visit) == ALL_PANELS
    visit.forget_calls()
    visit.page.evaluate("dash_clientside.set_props('minute', {n_intervals: 2})")
    assert asked(visit) == ["waiting"]


def test_a_change_does_not_wait_for_the_call_for_newer_data(visit: Visit) -> None:
    def is_status(request: Request) -> bool:
        return output_of(request).startswith(STATUS)

    visit.open(channel="WhatsApp")
    held = hold_calls(visit.page, is_status)
    visit.page.wait_for_event("request", is_status)
    visit.page.click(".period-button")
    with visit.page.expect_request(asks_panels):
        visit.page.click("[data-value=last90]")
    visit.page.wait_for_url("**period=last90**")
    with visit.page.expect_request(asks_panels):
        visit.page.click("text=Limpar filtros")
    for route in held:
        route.continue_()


def test_a_preset_asks_each_panel_once(visit: Visit) -> None:
    visit.open()
    visit.forget_calls()
    visit.page.click(".period-button")
    visit.page.click("[data-value=last90]")
    visit.page.wait_for_url("**period=last90")
    assert asked(visit) == ALL_PANELS


def test_another_basis_asks_each_panel_once(visit: Visit, served: Served) -> None:
    """The period follows it in the same act, and so in the same question."""
    visit.open()
    visit.forget_calls()
    visit.pick("#filter-basis", "Abertura do caso")
    visit.shows(expected(served.oracle, basis="opened"))
    assert asked(visit) == ALL_PANELS


def test_a_click_on_a_bar_asks_each_panel_once(visit: Visit, served: Served) -> None:
    """It sets two filters, which are one question."""
    visit.open()
    visit.forget_calls()
    visit.page.locator("#messages-by-status-graph .bars .point path").nth(3).click(force=True)
    visit.shows(expected(served.oracle, status=["read"], direction=["out"]))
    assert asked(visit) == ALL_PANELS


def test_clearing_all_filters_asks_each_panel_once(visit: Visit, served: Served) -> None:
    visit.open(channel="WhatsApp", kind="hsm", basis="opened")
    visit.forget_calls()
    visit.page.click("text=Limpar filtros")
    visit.shows(expected(served.oracle))
    assert asked(visit) == ALL_PANELS


def test_turning_a_page_asks_the_table_only(visit: Visit) -> None:
    visit.open(start="2026-09-01", end="2026-12-31")
    visit.forget_calls()
    visit.page.click("#details-table button.next-page")
    visit.says("#details-range", "21\u2013")
    assert asked(visit) == ["details"]


def test_another_order_asks_the_table_only(visit: Visit) -> None:
    visit.open()
    visit.forget_calls()
    visit.page.locator("#details-table [data-dash-column=case_number] .column-header--sort").click()
    visit.page.wait_for_url("**sort=case_number**")
    assert asked(visit) == ["details"]


def test_opening_a_dropdown_asks_for_its_options_only(visit: Visit) -> None:
    """Its options are asked for once for a question, however often it is opened."""
    visit.open()
    visit.rest()
    visit.forget_calls()
    for _ in range(2):
        visit.page.click("#filter-person")
        visit.page.locator(".dash-dropdown-option").first.wait_for()
        visit.page.keyboard.press("Escape")
    assert asked(visit) == []
    assert visit.option_calls().count("person") == 1


@in_process
def test_newer_data_asks_each_panel_once(visit_here: Visit, tmp_path: Path) -> None:
    visit_here.open(start="2026-09-01", end="2026-12-31", direction="out")
    total = visit_here.page.inner_text("#details-total")
    visit_here.forget_calls()
    import_one_message(tmp_path)
    visit_here.page.wait_for_function(
        "(before) => document.querySelector('#details-total').innerText !== before",
        arg=total,
        timeout=WAIT_MS,
    )
    assert asked(visit_here) == ALL_PANELS


# --- options are those of the question at hand ---


def test_a_dropdown_offers_what_the_other_filters_leave(visit: Visit, served: Served) -> None:
    visit.open()
    for chosen in ([], ["whatsapp vendas"]):
        if chosen:
            visit.choose("channel", *chosen)
            visit.shows(expected(served.oracle, channel=chosen))
        wanted = {
            value: str(cases)
            for value, cases in served.oracle.options("case_type", {"channel": chosen})
        }
        visit.page.click("#filter-case-type")
        visit.page.locator(".dash-dropdown-option").first.wait_for()
        seen: dict[str, str] = visit.page.evaluate(
            """() => Object.fromEntries(
                 [...document.querySelectorAll('.dash-dropdown-content .option')].map((option) =>
                   [...option.children].map((part) => part.textContent)))"""
        )
        assert seen == wanted
        visit.page.keyboard.press("Escape")


def test_what_is_selected_stays_though_other_filters_leave_nothing_of_it(
    visit: Visit, served: Served
) -> None:
    visit.open(channel="whatsapp vendas", template="no such template")
    visit.page.click("#filter-channel")
    visit.page.locator(".control[data-filter=channel]:not([data-asking])").wait_for()
    kept = visit.page.locator(".dash-dropdown-content input[value='whatsapp vendas']")
    kept.wait_for(timeout=WAIT_MS)
    assert kept.is_checked()
    visit.page.keyboard.press("Escape")
    visit.page.click('.chip-remove[data-name="template"]')
    visit.shows(expected(served.oracle, channel=["whatsapp vendas"]))


@pytest.mark.parametrize(
    ("directions", "said"),
    [
        ([], "Lido / Tratada"),
        (["out", "in"], "Lido / Tratada"),
        (["out"], "Lido"),
        (["in"], "Tratada"),
    ],
)
def test_a_code_in_the_address_is_called_by_its_word(
    visit: Visit, directions: list[str], said: str
) -> None:
    """A status by its one meaning, where only one direction is selected."""
    visit.open(status="read", direction=directions)
    visit.page.click("#filter-more > summary")
    assert visit.page.inner_text("#filter-status").strip().startswith("Lido / Tratada")
    chips = visit.page.locator(".chip > span").all_inner_texts()
    assert [chip for chip in chips if chip.startswith("Status")] == [f"Status: {said}"]
