"""The benchmark's timer tells panels in view from all, and numbered answers from other changes."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from bench.browser import VIEWPORT
from tests.services import ROOT

QUIET_MS = 300
BODY = """
    <button>Ask</button> <p id="note">note</p>
    <main>
        <section class="panel" id="seen">before</section>
        <section class="panel" id="below" style="margin-top: 3000px">before</section>
    </main>"""
#: Runs statements after a click, each when the changes of the one before have been painted.
RUN = """(before, steps) => {
    const show = (id, text) => { document.getElementById(id).textContent = text; };
    const ask = (number) => { document.documentElement.dataset.question = number; };
    const answer = (id, number) => { document.getElementById(id).dataset.answer = number; };
    const frame = () => new Promise((done) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = done;
        requestAnimationFrame(() => requestAnimationFrame(() => channel.port2.postMessage(null)));
    });
    before(show, ask, answer);
    window.ranAt = [];
    document.querySelector("button").onclick = async () => {
        for (const step of steps) {
            ranAt.push(performance.now());
            step(show, ask, answer);
            await frame();
        }
    };
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    timer = (ROOT / "bench" / "paint_timer.js").read_text()
    page.add_init_script(f"({timer})({json.dumps({'area': 'main', 'panel': '.panel'})})")
    page.route(
        "http://page.test/", lambda route: route.fulfill(body=BODY, content_type="text/html")
    )
    page.goto("http://page.test/")
    yield page
    context.close()


def times(page: Page, steps: list[str], before: str = "") -> tuple[dict[str, float], list[float]]:
    """Click; return the timer's times, and when each step ran, in ms from the click.

    ``before`` runs before the click.
    """
    functions = [f"(show, ask, answer) => {{ {code} }}" for code in (before, *steps)]
    page.evaluate(f"() => ({RUN})({functions[0]}, [{', '.join(functions[1:])}])")
    page.evaluate("paintTimer.arm()")
    page.click("button")
    is_ready = f"() => ranAt.length === {len(steps)}"
    measured = page.evaluate(f"paintTimer.finished({is_ready}, {QUIET_MS})")
    return measured, [moment - measured["begun"] for moment in page.evaluate("ranAt")]


def test_panels_out_of_view_count_in_all_alone(page: Page) -> None:
    measured, (first, second) = times(page, ["show('seen', 'new')", "show('below', 'new')"])
    assert 0 < first < measured["inView"] < second < measured["all"] == measured["settled"]


def test_what_is_in_view_is_seen_at_the_click(page: Page) -> None:
    measured, (_, second) = times(page, ["show('below', 'new')", "show('seen', 'new')"])
    assert second < measured["inView"] == measured["all"]


def test_a_panel_that_is_put_in_counts_as_in_view(page: Page) -> None:
    put_in = "document.querySelector('main').append(document.createElement('section'))"
    measured, (_, second) = times(page, ["show('seen', 'new')", put_in])
    assert second < measured["inView"]


@pytest.mark.parametrize(
    "other", ["show('note', 'news')", "document.getElementById('seen').dataset.dashIsLoading = 1"]
)
def test_other_changes_are_no_painting(page: Page, other: str) -> None:
    measured, (_, second) = times(page, ["show('seen', 'new')", other])
    assert measured["settled"] < second


NUMBERED = "ask(1); answer('seen', 1); answer('below', 1);"
BOTH = "answer('seen', {0}); answer('below', {0})"


def test_numbered_answers_are_painted_when_each_panel_shows_the_newest(page: Page) -> None:
    steps = ["ask(2); answer('seen', 2)", "answer('below', 2)", "show('seen', 'finer')"]
    measured, (_, second, third) = times(page, steps, NUMBERED)
    assert measured["inView"] < second < measured["all"] < third < measured["settled"]


def test_an_answer_to_an_older_question_is_not_the_newest(page: Page) -> None:
    steps = [f"ask(2); {BOTH.format(2)}", "ask(3); show('seen', 'waiting')", BOTH.format(3)]
    measured, (_, _, third) = times(page, steps, NUMBERED)
    assert third < measured["inView"] == measured["all"]


def test_a_panel_that_is_not_asked_about_holds_nobody_up(page: Page) -> None:
    far = f"{NUMBERED} document.getElementById('below').dataset.far = ''"
    measured, _ = times(page, ["ask(2); answer('seen', 2)"], far)
    assert measured["all"] == measured["inView"] > 0


def test_a_load_is_timed_from_its_begin(page: Page) -> None:
    measured = page.evaluate(f"paintTimer.finished(() => true, {QUIET_MS})")
    assert 0 < measured["inView"] == measured["all"] == measured["settled"]
    assert measured["begun"] == 0
