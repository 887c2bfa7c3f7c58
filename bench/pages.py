"""The three pages that are compared in Chromium, and how a person works each of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from playwright.sync_api import Locator, Page

from bench import empty_page
from bench.scenarios import UNTIL
from components import ids
from components.panels import PANELS
from queries.filters import Period

_DAYS: Final = 30
_NOT_LOADING: Final = "!document.querySelector('[data-dash-is-loading=true]')"


class Target(Protocol):
    """A page to measure.

    ``area`` selects what holds its panels; ``ready`` is a JavaScript condition that holds once
    every panel has its answer.
    """

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def area(self) -> str: ...

    @property
    def ready(self) -> str: ...

    def show_period(self, page: Page, days_ago: int, /) -> None:
        """Show 30 days that end ``days_ago``, and every channel."""

    def option(self, page: Page, channel: str) -> Locator:
        """The channel in the open list: a click on it is the change."""


def period(days_ago: int) -> Period:
    """The 30 days that end ``days_ago`` before the newest day."""
    end = UNTIL.date() - timedelta(days=days_ago)
    return Period(end - timedelta(days=_DAYS - 1), end)


@dataclass(frozen=True, slots=True)
class OurPage:
    """The page of the product."""

    address: str
    name: str = "ours"
    area: str = "main"
    ready: str = (
        f"document.querySelectorAll('.panel.state-ready').length === {len(PANELS)}"
        f" && {_NOT_LOADING}"
    )

    def show_period(self, page: Page, days_ago: int) -> None:
        shown = period(days_ago)
        page.evaluate(
            """([period, start_date, end_date, channel]) => {
                dash_clientside.set_props(channel, {value: []});
                dash_clientside.set_props(period, {start_date, end_date});
            }""",
            [ids.PERIOD, shown.start.isoformat(), shown.end.isoformat(), ids.control("channel")],
        )

    def option(self, page: Page, channel: str) -> Locator:
        return _dash_option(page, ids.control("channel"), channel)


@dataclass(frozen=True, slots=True)
class EmptyPage:
    """The floor: the same figures, indicators and table, and no work."""

    address: str
    name: str = "empty"
    area: str = "main"
    ready: str = f"document.querySelectorAll('{empty_page.PAINTED}').length > 0 && {_NOT_LOADING}"

    def show_period(self, page: Page, _days_ago: int) -> None:
        page.evaluate(
            "(channel) => dash_clientside.set_props(channel, {value: []})", empty_page.CHANNEL
        )

    def option(self, page: Page, channel: str) -> Locator:
        return _dash_option(page, empty_page.CHANNEL, channel)


@dataclass(frozen=True, slots=True)
class PeerPage:
    """The Streamlit page."""

    address: str
    name: str = "peer"
    area: str = ".st-key-panels"
    ready: str = (
        "document.querySelector('[data-test-script-state=notRunning]')"
        " && document.querySelectorAll('.js-plotly-plot .main-svg .barlayer').length >= 4"
        " && document.querySelector('[data-testid=stDataFrame] canvas')"
    )

    def show_period(self, page: Page, days_ago: int) -> None:
        clear = page.locator("[data-testid=stMultiSelect]").first.get_by_label("Clear all")
        if clear.count():
            clear.click()
        shown = period(days_ago)
        for end, day in (("start", shown.start), ("end", shown.end)):
            page.click(f"[data-range-field={end}] [data-type=year]")
            page.keyboard.type(day.strftime("%Y%m%d"))
        page.keyboard.press("Escape")

    def option(self, page: Page, channel: str) -> Locator:
        page.locator("[data-testid=stMultiSelect]").first.locator("input").click()
        return page.get_by_role("option", name=channel, exact=True)


def _dash_option(page: Page, control: str, value: str) -> Locator:
    page.click(f"#{control}")
    option = page.locator(f'.dash-dropdown-content input[type=checkbox][value="{value}"]')
    option.wait_for()
    return option
