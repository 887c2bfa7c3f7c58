"""Host names that the server accepts in requests."""

import pytest

from app.hosts import LOOPBACK, Hosts, address_of, any_of, is_loopback


@pytest.mark.parametrize(
    "header",
    [
        "localhost",
        "LOCALHOST",
        "LocalHost:8050",
        "localhost.",
        "localhost.:8050",
        "127.0.0.1",
        "127.0.0.1:80",
        "[::1]",
        "[::1]:8050",
        "[0:0:0:0:0:0:0:1]:8050",
    ],
)
def test_all_spellings_of_this_machine_are_allowed(header: str) -> None:
    assert Hosts(LOOPBACK).allow(header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "evil.test",
        "localhost.evil.test",
        "evil.localhost",
        "127.0.0.2",
        "[::2]",
        "::1",
        "localhost:",
        "localhost:x",
        "localhost:99999",
        "localhost:8050:1",
        "local host",
        "localhost/x",
        "a@localhost",
        "localhost, evil.test",
        "[::1",
        "[::1]x",
        "localhost\n",
    ],
)
def test_other_names_are_refused(header: str) -> None:
    assert not Hosts(LOOPBACK).allow(header)


def test_a_name_with_a_dot_before_it_is_a_whole_domain() -> None:
    hosts = Hosts(".Dash.test other.test:8050 café.test [2001:db8::1]")
    allowed = ("dash.test", "A.dash.test:1", "a.b.dash.test", "other.test", "other.test:9")
    for header in (*allowed, "xn--caf-dma.test", "[2001:DB8:0::1]:443"):
        assert hosts.allow(header), header
    for header in ("notdash.test", "dash.test.evil", "a.other.test", "localhost"):
        assert not hosts.allow(header), header


def test_without_configured_names_any_valid_name_is_allowed() -> None:
    for header in ("x", "10.0.0.1:8050", "[fe80::1]", "a_b.test"):
        assert Hosts("").allow(header), header
    for header in ("a b", "x/y", "jo\u00e3o", "[x]:1:2"):
        assert not Hosts("").allow(header), header


@pytest.mark.parametrize("names", ["", LOOPBACK, ".dash.test", "::1", "[::1] x", "other.test"])
def test_a_request_of_our_own_has_a_name_that_is_allowed(names: str) -> None:
    assert Hosts(names).allow(any_of(names))


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
    assert address_of(host, 8050) == address
