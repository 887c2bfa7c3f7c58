"""Measure in Chromium how long a page load and a filter change take until all panels are painted.

Our page, the floor page and the peer each run on their own server and are open at the same time.
They are measured in turn, so that other load on the machine affects all three alike. The same
script, ``paint_timer.js``, takes the times in all three pages.
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

#: A page counts as finished when no panel has changed for this long.
QUIET_MS: Final = 1_500
_WAIT_MS: Final = 120_000
VIEWPORT: Final[ViewportSize] = {"width": 1280, "height": 900}
_PAINT_TIMER: Final = Path(__file__).with_name("paint_timer.js")
#: Each sample of the page loads takes seconds, and they vary little.
_MAX_LOAD_ROUNDS: Final = 7


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
    """Measure loads and filter changes of every target, cold and warm.

    Return, by the name of the target and then the name of the measure, one sample per round: times
    (``…_ms``) in milliseconds, ``load_…_requests`` as a count, ``load_…_megabytes`` in 10^6 bytes.
    """
    samples: dict[str, dict[str, list[float]]] = {target.name: {} for target in targets}
    for _ in range(min(rounds, _MAX_LOAD_ROUNDS)):
        for target in targets:
            _append(samples[target.name], _measure_loads(browser, target))
    tabs = [
        (target, open_page(browser.new_context(viewport=VIEWPORT), target)[0]) for target in targets
    ]
    for target, page in tabs:  # not counted: the first change of a page is slower than the rest
        measure_change(page, target, rounds + 1, channel)
    for temperature in ("cold", "warm"):
        for days_ago in range(1, rounds + 1):
            for target, page in tabs:
                elapsed = measure_change(page, target, days_ago, channel)
                _append(samples[target.name], {f"change_{temperature}_ms": elapsed})
    for _, page in tabs:
        page.context.close()
    return samples


def open_page(context: BrowserContext, target: Target) -> tuple[Page, float, "Traffic"]:
    """Open the target in a new tab and wait until every panel is painted.

    Return the tab, the milliseconds that this took, and the record of its network traffic.
    """
    page = context.new_page()
    page.add_init_script(f"({_PAINT_TIMER.read_text()})({target.area!r})")
    traffic = Traffic(context.new_cdp_session(page))
    page.goto(target.address, wait_until="commit")
    return page, _wait_until_painted(page, target), traffic


class Traffic:
    """Counts the requests and received bytes of a tab as Chromium reports them, web sockets too."""

    def __init__(self, session: CDPSession) -> None:
        #: One entry per event: seconds on Chromium's clock, requests begun, bytes received.
        self._events: list[tuple[float, int, int]] = []
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.loadingFinished", self._on_loading_finished)
        session.on("Network.webSocketWillSendHandshakeRequest", self._on_socket_opened)
        session.on("Network.webSocketFrameReceived", self._on_socket_frame)
        session.send("Network.enable")

    def until(self, milliseconds: float) -> tuple[int, float]:
        """Return the requests and megabytes of the first ``milliseconds`` after the first request.

        Traffic after that moment is left out, because the page was painted without it.
        """
        end = self._events[0][0] + milliseconds / 1000
        counted = [event for event in self._events if event[0] <= end]
        return sum(event[1] for event in counted), sum(event[2] for event in counted) / MEGABYTE

    def _on_request(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self._events.append((event["timestamp"], 1, 0))

    def _on_loading_finished(self, event: dict[str, Any]) -> None:
        self._events.append((event["timestamp"], 0, int(event["encodedDataLength"])))

    def _on_socket_opened(self, event: dict[str, Any]) -> None:
        self._events.append((event["timestamp"], 1, 0))

    def _on_socket_frame(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        text = len(frame["payloadData"])
        is_binary = frame["opcode"] == 2  # Chromium reports binary frames as base64
        self._events.append((event["timestamp"], 0, text * 3 // 4 if is_binary else text))


def _measure_loads(browser: Browser, target: Target) -> dict[str, float]:
    """Load the page with an empty browser cache, then again with the cache filled by that."""
    context = browser.new_context(viewport=VIEWPORT)
    try:
        loads = {name: open_page(context, target) for name in ("cold", "warm")}
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


def measure_change(page: Page, target: Target, days_ago: int, channel: str) -> float:
    """Return the milliseconds from the click on a channel until the last panel is painted.

    The page first shows the 30 days that end ``days_ago``, with every channel. Raises
    ``RuntimeError`` where the click changes nothing that is shown.
    """
    page.bring_to_front()
    target.show_period(page, days_ago)
    _wait_until_idle(page, target)
    option = target.open_option(page, channel)
    before = page.locator(target.area).inner_text()
    page.evaluate("paintTimer.arm()")
    option.click()
    elapsed = _wait_until_painted(page, target)
    if page.locator(target.area).inner_text() == before:
        raise RuntimeError(f"{target.name} shows the same before and after the change")
    page.keyboard.press("Escape")
    return elapsed


def _wait_until_painted(page: Page, target: Target) -> float:
    """Wait until all panels have their answers and stand still; return the paint timer's ms."""
    done = page.wait_for_function(
        f"() => ({target.ready}) && paintTimer.elapsed({QUIET_MS})", timeout=_WAIT_MS, polling=50
    )
    return round(float(done.json_value()), 1)


def _wait_until_idle(page: Page, target: Target) -> None:
    """Wait until the page shows the answers to the previous action and asks for nothing more.

    Otherwise that work would run on during the change that is measured next.
    """
    page.wait_for_timeout(QUIET_MS)
    page.wait_for_function(
        f"() => ({target.ready}) && (paintTimer.elapsed({QUIET_MS}) !== null)",
        timeout=_WAIT_MS,
        polling=50,
    )


def _append(samples: dict[str, list[float]], measured: dict[str, float]) -> None:
    for name, value in measured.items():
        samples.setdefault(name, []).append(value)
