"""What the benchmark counts of a tab's network traffic, from the events that Chromium sends."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from playwright.sync_api import CDPSession

from bench.traffic import Traffic


class Events:
    """Stands for a session of Chrome DevTools, whose events the test sends."""

    def __init__(self) -> None:
        self._listeners: dict[str, Callable[[dict[str, Any]], None]] = {}

    def on(self, name: str, listener: Callable[[dict[str, Any]], None]) -> None:
        self._listeners[name] = listener

    def send(self, name: str) -> None:
        assert name == "Network.enable"

    def happen(self, name: str, seconds: float, **event: Any) -> None:
        self._listeners[f"Network.{name}"](event | {"timestamp": seconds})

    def ask(self, seconds: float, number: str, url: str = "http://page.test/") -> None:
        self.happen("requestWillBeSent", seconds, requestId=number, request={"url": url})


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def traffic(events: Events) -> Traffic:
    return Traffic(cast(CDPSession, events))


def test_requests_and_bytes_until_a_moment(events: Events, traffic: Traffic) -> None:
    events.ask(5.0, "1")
    events.happen("loadingFinished", 5.1, requestId="1", encodedDataLength=2_000_000)
    events.happen("webSocketWillSendHandshakeRequest", 5.2)
    events.happen(
        "webSocketFrameReceived", 5.3, response={"opcode": 2, "payloadData": "x" * 4_000_000}
    )
    events.ask(6.0, "2")
    assert traffic.until(999) == (2, 5.0)
    assert traffic.until(1_000) == (3, 5.0)


def test_what_was_asked_between_two_moments(events: Events, traffic: Traffic) -> None:
    for number, seconds in enumerate((5.0, 6.0, 7.0)):
        events.ask(seconds, str(number))
    events.happen("webSocketFrameSent", 6.5)
    events.ask(6.6, "data", "data:image/png;base64,")
    assert traffic.asked == 4
    assert traffic.asked_between(5.5, 6.5) == 2
    assert traffic.asked_between(8.0, 9.0) == 0


def test_a_request_is_waited_for_until_it_ends_or_fails(events: Events, traffic: Traffic) -> None:
    assert not traffic.is_waiting
    events.ask(5.0, "1")
    events.ask(5.0, "2")
    events.happen("loadingFinished", 5.1, requestId="1", encodedDataLength=1)
    assert traffic.is_waiting
    events.happen("loadingFailed", 5.2, requestId="2")
    assert not traffic.is_waiting
