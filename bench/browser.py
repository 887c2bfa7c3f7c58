"""Measure in Chromium how long a page load and a filter change take until panels are painted.

Our page, the floor page and the peers each run on their own server and are open at the same time.
They are measured in turn, so that other load on the machine affects all alike. The same script,
``paint_timer.js``, takes the times in all pages.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Locator,
    Page,
    ViewportSize,
    sync_playwright,
)

from bench.pages import Target
from bench.traffic import Traffic

#: A page counts as finished when no panel has changed for this long.
QUIET_MS: Final = 1_500
_WAIT_MS: Final = 120_000
VIEWPORT: Final[ViewportSize] = {"width": 1280, "height": 900}
_PAINT_TIMER: Final = Path(__file__).with_name("paint_timer.js")
#: Each sample of the page loads takes seconds, and they vary little.
_MAX_LOAD_ROUNDS: Final = 7
#: A usual line: 10 Mbit a second, an answer begins 40 ms after the question.
_LINE: Final = {
    "offline": False,
    "latency": 40,
    "downloadThroughput": 10_000_000 / 8,
    "uploadThroughput": 10_000_000 / 8,
}
#: What a page asks in advance begins within this time after the pointer came to rest.
_REST_MS: Final = 300
_MAX_RESTS: Final = 30

#: A sample of each measure, by the name of the measure.
Sample = dict[str, float]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab with a target, its Chrome DevTools session, and the record of its network traffic."""

    target: Target
    page: Page
    session: CDPSession
    traffic: Traffic


@dataclass(frozen=True, slots=True)
class Painting:
    """Milliseconds until the panels in view, all panels, and the last change were painted.

    They count from ``begun``, which counts from the moment when Chromium began to load the page.
    """

    begun: float
    in_view: float
    all: float
    settled: float


@contextmanager
def chromium_browser(path: str) -> Iterator[Browser]:
    """Start the Chromium at ``path`` without a window, yield it, and close it afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def measure_pages(
    browser: Browser, targets: list[Target], channel: str, rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Measure loads and filter changes of every target.

    Return, by the name of the target and then the name of the measure, one sample per round: times
    (``…_ms``) in milliseconds, ``…_requests`` as a count, ``…_megabytes`` in 10^6 bytes. A change
    is ``cold`` where nobody asked before, ``served`` where another tab did, ``warm`` where this tab
    did, and ``ahead`` where nobody asked before the pointer came to rest on the option.
    """
    samples: dict[str, dict[str, list[float]]] = {target.name: {} for target in targets}
    for _ in range(min(rounds, _MAX_LOAD_ROUNDS)):
        for target in targets:
            _append(samples[target.name], _measure_loads(browser, target))
    tabs = [open_tab(browser.new_context(viewport=VIEWPORT), target)[0] for target in targets]
    for tab in tabs:  # not counted: the first change of a page is slower than the rest
        measure_change(tab, 2 * rounds + 1, channel)
    for state in ("cold", "warm", "served", "ahead"):
        asked = [tab for tab in tabs if state in tab.target.states]
        if state == "served":
            asked = [_opened_anew(tab, 2 * rounds + 1, channel) for tab in asked]
        for number in range(1, rounds + 1):
            days_ago = number + rounds if state == "ahead" else number
            for tab in asked:
                sample = measure_change(tab, days_ago, channel, rests=state == "ahead")
                if state == "cold" and not sample["requests"]:
                    raise RuntimeError(f"{tab.target.name} had asked before the click")
                _append(
                    samples[tab.target.name],
                    {f"change_{state}_{name}": value for name, value in sample.items()},
                )
    for tab in tabs:
        tab.page.context.close()
    return samples


def open_tab(
    context: BrowserContext, target: Target, line: dict[str, Any] | None = None
) -> tuple[Tab, Painting]:
    """Open the target in a new tab and wait until every panel is painted.

    ``line`` are the arguments of Chromium's command that slows the network down.
    """
    page = context.new_page()
    given = json.dumps({"area": target.area, "panel": target.panel})
    page.add_init_script(f"({_PAINT_TIMER.read_text()})({given})")
    session = context.new_cdp_session(page)
    tab = Tab(target, page, session, Traffic(session))
    session.send("Performance.enable")
    if line:
        session.send("Network.emulateNetworkConditions", line)
    page.goto(target.address, wait_until="commit")
    return tab, _wait_until_painted(tab)


def measure_change(tab: Tab, days_ago: int, channel: str, *, rests: bool = False) -> Sample:
    """Measure a click on a channel until the panels are painted.

    The page first shows the 30 days that end ``days_ago``, with every channel. With ``rests`` the
    pointer rests on the channel until the page asks nothing more; without, it presses at once.
    Return milliseconds until all panels were painted (``ms``), those in view (``in_view_ms``) and
    the last change (``settled_ms``), what the main thread computed for it (``cpu_ms``), and the
    ``requests`` between click and paint. Raises ``RuntimeError`` where the click changes nothing
    that is shown.
    """
    page, target = tab.page, tab.target
    page.bring_to_front()
    page.mouse.move(1, 1)  # off the list, so that no option is under the pointer before its time
    target.show_period(page, days_ago)
    _wait_until_idle(tab)
    option = target.open_option(page, channel)
    if rests:
        _rest_on(tab, option)
    before = page.locator(target.area).inner_text()
    page.evaluate("paintTimer.arm()")
    before_click = _metrics(tab)
    option.click()
    painting = _wait_until_painted(tab)
    after = _metrics(tab)
    if page.locator(target.area).inner_text() == before:
        raise RuntimeError(f"{target.name} shows the same before and after the change")
    page.keyboard.press("Escape")
    clicked = after["NavigationStart"] + painting.begun / 1_000
    return {
        "ms": painting.all,
        "in_view_ms": painting.in_view,
        "settled_ms": painting.settled,
        "cpu_ms": round(1_000 * (after["ThreadTime"] - before_click["ThreadTime"]), 1),
        "requests": tab.traffic.asked_between(clicked, clicked + painting.all / 1_000),
    }


def _opened_anew(tab: Tab, days_ago: int, channel: str) -> Tab:
    """Return a further tab with the target, which has made its first change."""
    new, _ = open_tab(tab.page.context, tab.target)
    measure_change(new, days_ago, channel)
    return new


def _measure_loads(browser: Browser, target: Target) -> Sample:
    """Load the page with an empty browser cache, again with the cache filled by that, and slowly.

    The slow load has an empty cache and the line of ``_LINE``.
    """
    lines: dict[str, dict[str, Any] | None] = {"cold": None, "warm": None, "slow": _LINE}
    samples: Sample = {}
    context = browser.new_context(viewport=VIEWPORT)
    for name, line in lines.items():
        if line:
            context.close()
            context = browser.new_context(viewport=VIEWPORT)
        tab, painting = open_tab(context, target, line)
        requests, megabytes = tab.traffic.until(painting.all)
        samples |= {
            f"load_{name}_ms": painting.all,
            f"load_{name}_requests": requests,
            f"load_{name}_megabytes": round(megabytes, 4),
        }
    context.close()
    return samples


def _wait_until_painted(tab: Tab) -> Painting:
    """Wait until all panels have their answers and stand still; return the paint timer's times."""
    times = tab.page.evaluate(
        f"""() => Promise.race([
            paintTimer.finished(() => ({tab.target.ready}), {QUIET_MS}),
            new Promise((_, fail) => setTimeout(fail, {_WAIT_MS}, new Error("not painted"))),
        ])"""
    )
    exact = (times["inView"], times["all"], times["settled"])
    return Painting(times["begun"], *(round(float(time), 1) for time in exact))


def _wait_until_idle(tab: Tab) -> None:
    """Wait until the page shows the answers to the previous action and asks for nothing more.

    Otherwise that work would run on during the change that is measured next.
    """
    tab.page.wait_for_timeout(QUIET_MS)
    tab.page.wait_for_function(
        f"() => paintTimer.isQuiet({QUIET_MS}) && ({tab.target.ready})",
        timeout=_WAIT_MS,
        polling=50,
    )


def _rest_on(tab: Tab, option: Locator) -> None:
    """Move the pointer onto the option and wait until the page asks nothing more because of it."""
    option.hover()
    for _ in range(_MAX_RESTS):
        asked = tab.traffic.asked
        tab.page.wait_for_timeout(_REST_MS)
        if tab.traffic.asked == asked and not tab.traffic.is_waiting:
            return
    raise RuntimeError(f"{tab.target.name} asks on and on while the pointer rests")


def _metrics(tab: Tab) -> dict[str, float]:
    """Return Chromium's metrics of the page, in seconds.

    ``ThreadTime`` is the CPU time of its main thread so far; ``NavigationStart`` is when Chromium
    began to load it, on the clock of ``Traffic``.
    """
    metrics = tab.session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: float(metric["value"]) for metric in metrics}


def _append(samples: dict[str, list[float]], measured: Sample) -> None:
    for name, value in measured.items():
        samples.setdefault(name, []).append(value)
