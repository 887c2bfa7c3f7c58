"""The pages that are compared in Chromium, and how to change the filters of each."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from playwright.sync_api import Locator, Page

from bench import empty_page
from bench.scenarios import DATA_END
from components import ids
from queries.period import Period

_DAYS: Final = 30
_ALL_STATES: Final = ("cold", "warm", "served", "ahead")
#: Of pages that keep no answers of their own and ask nothing in advance.
_SIMPLE_STATES: Final = ("cold", "warm")
_NOT_LOADING: Final = "!document.querySelector('[data-dash-is-loading=true]')"


class Target(Protocol):
    """A page to measure.

    ``area`` is the CSS selector of the element that holds its panels, ``panel`` that of each panel;
    ``ready`` is a JavaScript expression that is true once every panel has its answer. ``states``
    are the kinds of change that ``bench.browser`` measures.
    """

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def area(self) -> str: ...

    @property
    def panel(self) -> str: ...

    @property
    def ready(self) -> str: ...

    @property
    def states(self) -> tuple[str, ...]: ...

    def show_period(self, page: Page, days_ago: int, /) -> None:
        """Set the period to ``period(days_ago)`` and remove the filter by channel."""

    def open_option(self, page: Page, channel: str) -> Locator:
        """Open the list of channels and return the entry of ``channel``, ready to be clicked."""


def period(days_ago: int) -> Period:
    """Return the 30 days that end ``days_ago`` days before the newest day of the data."""
    end = DATA_END.date() - timedelta(days=days_ago)
    return Period(end - timedelta(days=_DAYS - 1), end)


@dataclass(frozen=True, slots=True)
class OurPage:
    """The page of the product."""

    address: str
    name: str = "ours"
    area: str = "main"
    ready: str = (
        "document.querySelector('.panel') && !document.querySelector("
        "'.panel:not(.state-ready, .state-empty, .state-folded, [data-far])')"
        # A graph has its answer before plotly.js has come, when the line is slow.
        " && !document.querySelector('.panel-graph.state-ready:not([data-far], :has(.main-svg))')"
        f" && {_NOT_LOADING}"
    )
    panel: str = ".panel"
    states: tuple[str, ...] = _ALL_STATES

    def show_period(self, page: Page, days_ago: int) -> None:
        wanted = period(days_ago)
        page.evaluate(
            """([period, start, end, channel]) => {
                dash_clientside.set_props(channel, {value: []});
                const data = {start, end, preset: null};
                dash_clientside.set_props(period, {data});
            }""",
            [ids.PERIOD, wanted.start.isoformat(), wanted.end.isoformat(), ids.control("channel")],
        )

    def open_option(self, page: Page, channel: str) -> Locator:
        return _open_dash_option(page, ids.control("channel"), channel)


@dataclass(frozen=True, slots=True)
class EmptyPage:
    """The floor page (``bench.empty_page``); it replays recorded answers and has no period."""

    address: str
    name: str = "empty"
    area: str = "main"
    ready: str = (
        f"document.querySelector('{empty_page.TABLE_CELL}')"
        " && !document.querySelector('.panel-graph:not(:has(.main-svg))')"
        f" && {_NOT_LOADING}"
    )
    panel: str = ".panel"
    states: tuple[str, ...] = _SIMPLE_STATES

    def show_period(self, page: Page, _days_ago: int) -> None:
        page.evaluate(
            "(channel) => dash_clientside.set_props(channel, {value: []})", empty_page.CHANNEL
        )

    def open_option(self, page: Page, channel: str) -> Locator:
        return _open_dash_option(page, empty_page.CHANNEL, channel)


@dataclass(frozen=True, slots=True)
class PeerPage:
    """The peer Streamlit: the page of ``bench/peer/page.py``."""

    address: str
    name: str = "peer"
    area: str = ".st-key-panels"
    ready: str = (
        "document.querySelector('[data-test-script-state=notRunning]')"
        " && document.querySelectorAll('.js-plotly-plot .main-svg .barlayer').length >= 4"
        " && document.querySelector('[data-testid=stDataFrame] canvas')"
    )
    panel: str = "[data-testid=stElementContainer]"
    states: tuple[str, ...] = _SIMPLE_STATES

    def show_period(self, page: Page, days_ago: int) -> None:
        clear = page.locator("[data-testid=stMultiSelect]").first.get_by_label("Clear all")
        if clear.count():
            clear.click()
        wanted = period(days_ago)
        for end, day in (("start", wanted.start), ("end", wanted.end)):
            page.click(f"[data-range-field={end}] [data-type=year]")
            page.keyboard.type(day.strftime("%Y%m%d"))
        page.keyboard.press("Escape")

    def open_option(self, page: Page, channel: str) -> Locator:
        page.locator("[data-testid=stMultiSelect]").first.locator("input").click()
        return page.get_by_role("option", name=channel, exact=True)


@dataclass(frozen=True, slots=True)
class MosaicPage:
    """The peer Mosaic: the page of ``bench/peer/mosaic/page.js``, whose menu lies open."""

    address: str
    name: str = "mosaic"
    area: str = "main"
    ready: str = (
        "pendingQueries() === 0"
        " && document.querySelectorAll('.panel:has(rect, tbody td)').length === 5"
    )
    panel: str = ".panel"
    states: tuple[str, ...] = _ALL_STATES

    def show_period(self, page: Page, days_ago: int) -> None:
        wanted = period(days_ago)
        page.evaluate(
            """([start, end]) => {
                const menu = document.querySelector("#filters select");
                menu.value = "";
                menu.dispatchEvent(new Event("input"));
                showPeriod(start, end);
            }""",
            [wanted.start.isoformat(), wanted.end.isoformat()],
        )

    def open_option(self, page: Page, channel: str) -> Locator:
        return page.locator("#filters option", has_text=channel)


def _open_dash_option(page: Page, control: str, value: str) -> Locator:
    """Open the Dash dropdown ``control`` and return the checkbox of ``value`` in its list."""
    page.click(f"#{control}")
    option = page.locator(f'.dash-dropdown-content input[type=checkbox][value="{value}"]')
    option.wait_for()
    return option
