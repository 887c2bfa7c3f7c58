"""Chromium: a first load, and a filter change until the last panel is painted.

Our page, the floor page and the peer are open at the same time, each on a server of its own, and
take turns, so that what else the machine does befalls them alike. One script in the page measures
all three (``painted.js``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Page,
    ViewportSize,
    sync_playwright,
)

from bench.pages import Target
from bench.processes import MEGABYTE

#: A page is taken to stand still when no panel has changed for so long.
QUIET_MS: Final = 1_500
_WAIT_MS: Final = 120_000
VIEWPORT: Final[ViewportSize] = {"width": 1280, "height": 900}
_SCRIPT: Final = Path(__file__).with_name("painted.js")
#: Samples of the first load cost seconds each and vary little.
_LOADS_AT_MOST: Final = 7


@contextmanager
def chromium_browser(path: str) -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def measure_pages(
    browser: Browser, targets: list[Target], channel: str, rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Samples of every page by its name: loads and changes, cold and warm."""
    samples: dict[str, dict[str, list[float]]] = {target.name: {} for target in targets}
    for _ in range(min(rounds, _LOADS_AT_MOST)):
        for target in targets:
            _add(samples[target.name], _loads(browser, target))
    tabs = [
        (target, opened(browser.new_context(viewport=VIEWPORT), target)[0]) for target in targets
    ]
    for target, page in tabs:  # the first change of a page is not like the others
        change(page, target, rounds + 1, channel)
    for temperature in ("cold", "warm"):
        for days_ago in range(1, rounds + 1):
            for target, page in tabs:
                elapsed = change(page, target, days_ago, channel)
                _add(samples[target.name], {f"change_{temperature}_ms": elapsed})
    for _, page in tabs:
        page.context.close()
    return samples


def opened(context: BrowserContext, target: Target) -> tuple[Page, float, "Traffic"]:
    """A tab with the page all painted, how long that took, and what went over the wire for it."""
    page = context.new_page()
    page.add_init_script(f"({_SCRIPT.read_text()})({target.area!r})")
    traffic = Traffic(context.new_cdp_session(page))
    page.goto(target.address, wait_until="commit")
    return page, _painted(page, target), traffic


class Traffic:
    """What a tab asks for, counted by Chromium itself; frames of web sockets are counted too."""

    def __init__(self, session: CDPSession) -> None:
        #: Seconds on Chromium's clock, requests, bytes.
        self._events: list[tuple[float, int, int]] = []
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.webSocketWillSendHandshakeRequest", self._greeted)
        session.on("Network.webSocketFrameReceived", self._framed)
        session.send("Network.enable")

    def until(self, milliseconds: float) -> tuple[int, float]:
        """Requests and megabytes from the first request on: what came later painted nothing."""
        end = self._events[0][0] + milliseconds / 1000
        counted = [event for event in self._events if event[0] <= end]
        return sum(event[1] for event in counted), sum(event[2] for event in counted) / MEGABYTE

    def _asked(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self._events.append((event["timestamp"], 1, 0))

    def _finished(self, event: dict[str, Any]) -> None:
        self._events.append((event["timestamp"], 0, int(event["encodedDataLength"])))

    def _greeted(self, event: dict[str, Any]) -> None:
        self._events.append((event["timestamp"], 1, 0))

    def _framed(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        text = len(frame["payloadData"])
        is_binary = frame["opcode"] == 2  # given as base64
        self._events.append((event["timestamp"], 0, text * 3 // 4 if is_binary else text))


def _loads(browser: Browser, target: Target) -> dict[str, float]:
    """A first load with nothing in the browser's cache, and a second one."""
    context = browser.new_context(viewport=VIEWPORT)
    try:
        loads = {name: opened(context, target) for name in ("cold", "warm")}
    finally:
        context.close()
    samples: dict[str, float] = {}
    for name, (_, elapsed, traffic) in loads.items():
        requests, megabytes = traffic.until(elapsed)
        samples |= {
            f"load_{name}_ms": elapsed,
            f"load_{name}_requests": requests,
            f"load_{name}_megabytes": round(megabytes, 4),
        }
    return samples


def change(page: Page, target: Target, days_ago: int, channel: str) -> float:
    """From the click on a channel until the last panel is painted, of a period as yet unasked."""
    page.bring_to_front()
    target.show_period(page, days_ago)
    _rest(page, target)
    option = target.option(page, channel)
    before = page.locator(target.area).inner_text()
    page.evaluate("painted.arm()")
    option.click()
    elapsed = _painted(page, target)
    if page.locator(target.area).inner_text() == before:
        raise RuntimeError(f"{target.name} shows the same before and after the change")
    page.keyboard.press("Escape")
    return elapsed


def _painted(page: Page, target: Target) -> float:
    done = page.wait_for_function(
        f"() => ({target.ready}) && painted.elapsed({QUIET_MS})", timeout=_WAIT_MS, polling=50
    )
    return round(float(done.json_value()), 1)


def _rest(page: Page, target: Target) -> None:
    """Wait until what was done before the change has left the page and its server."""
    page.wait_for_timeout(QUIET_MS)
    page.wait_for_function(
        f"() => ({target.ready}) && (painted.elapsed({QUIET_MS}) !== null)",
        timeout=_WAIT_MS,
        polling=50,
    )


def _add(samples: dict[str, list[float]], one: dict[str, float]) -> None:
    for name, value in one.items():
        samples.setdefault(name, []).append(value)
