"""Addresses on which the server listens."""

import pytest

from app.listening import browser_address, is_loopback


def test_only_this_machine_reaches_its_loopback() -> None:
    for host in ("localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "0::1"):
        assert is_loopback(host), host
    for host in ("0.0.0.0", "::", "10.0.0.1", "dash.test", ""):
        assert not is_loopback(host), host


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8050"),
        ("::1", "http://[::1]:8050"),
        ("[::1]", "http://[::1]:8050"),
        ("dash.test", "http://dash.test:8050"),
        ("0.0.0.0", "http://localhost:8050"),
        ("::", "http://localhost:8050"),
    ],
)
def test_an_address_can_be_opened_by_a_browser_here(host: str, address: str) -> None:
    assert browser_address(host, 8050) == address
