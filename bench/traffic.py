"""Count what a tab of Chromium asks and receives, web sockets included."""

from typing import Any

from playwright.sync_api import CDPSession

from bench.processes import MEGABYTE


class Traffic:
    """Counts requests and received bytes of a tab as Chromium reports them, from its start on."""

    def __init__(self, session: CDPSession) -> None:
        #: One entry per event: seconds on Chromium's clock, requests begun, bytes received.
        self._events: list[tuple[float, int, int]] = []
        #: When the page asked something, on Chromium's clock: requests and web-socket messages.
        self._asked: list[float] = []
        self._open: set[str] = set()
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.loadingFinished", self._on_loading_finished)
        session.on("Network.loadingFailed", self._on_loading_failed)
        session.on("Network.webSocketWillSendHandshakeRequest", self._on_socket_opened)
        session.on("Network.webSocketFrameReceived", self._on_socket_frame)
        session.on("Network.webSocketFrameSent", self._on_socket_message)
        session.send("Network.enable")

    def until(self, milliseconds: float) -> tuple[int, float]:
        """Return the requests and megabytes of the first ``milliseconds`` after the first request.

        Traffic after that moment is left out, because the page was painted without it.
        """
        end = self._events[0][0] + milliseconds / 1000
        counted = [event for event in self._events if event[0] <= end]
        return sum(event[1] for event in counted), sum(event[2] for event in counted) / MEGABYTE

    def asked_between(self, begun: float, end: float) -> int:
        """Return how often the page asked between two moments, in seconds on Chromium's clock."""
        return sum(begun <= moment <= end for moment in self._asked)

    @property
    def asked(self) -> int:
        """How often the page has asked something."""
        return len(self._asked)

    @property
    def is_waiting(self) -> bool:
        """Whether a request has no whole answer yet."""
        return bool(self._open)

    def _on_request(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self._events.append((event["timestamp"], 1, 0))
            self._asked.append(event["timestamp"])
            self._open.add(event["requestId"])

    def _on_loading_finished(self, event: dict[str, Any]) -> None:
        self._open.discard(event["requestId"])
        self._events.append((event["timestamp"], 0, int(event["encodedDataLength"])))

    def _on_loading_failed(self, event: dict[str, Any]) -> None:
        self._open.discard(event["requestId"])

    def _on_socket_opened(self, event: dict[str, Any]) -> None:
        self._events.append((event["timestamp"], 1, 0))

    def _on_socket_message(self, event: dict[str, Any]) -> None:
        self._asked.append(event["timestamp"])

    def _on_socket_frame(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        text = len(frame["payloadData"])
        is_binary = frame["opcode"] == 2  # Chromium reports binary frames as base64
        self._events.append((event["timestamp"], 0, text * 3 // 4 if is_binary else text))
