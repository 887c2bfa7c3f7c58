"""Host names by which the server may be asked, and the headers of its answers."""

import pytest
from flask import Flask, Response

from app.listening import LOOPBACK_NAMES
from app.security import AllowedHosts, allowed_host_header, content_policy, secure_response


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
    assert AllowedHosts(LOOPBACK_NAMES).allow(header)


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
def test_other_names_are_not(header: str) -> None:
    assert not AllowedHosts(LOOPBACK_NAMES).allow(header)


def test_a_name_with_a_dot_before_it_is_a_whole_domain() -> None:
    hosts = AllowedHosts(".Dash.test other.test:8050 café.test [2001:db8::1]")
    allowed = ("dash.test", "A.dash.test:1", "a.b.dash.test", "other.test", "other.test:9")
    for header in (*allowed, "xn--caf-dma.test", "[2001:DB8:0::1]:443"):
        assert hosts.allow(header), header
    for header in ("notdash.test", "dash.test.evil", "a.other.test", "localhost"):
        assert not hosts.allow(header), header


def test_where_no_name_is_given_any_is_taken_that_is_one() -> None:
    for header in ("x", "10.0.0.1:8050", "[fe80::1]", "a_b.test"):
        assert AllowedHosts("").allow(header), header
    for header in ("a b", "x/y", "jo\u00e3o", "[x]:1:2"):
        assert not AllowedHosts("").allow(header), header


@pytest.mark.parametrize(
    "names", ["", LOOPBACK_NAMES, ".dash.test", "::1", "[::1] x", "other.test"]
)
def test_a_request_of_our_own_has_a_name_that_is_allowed(names: str) -> None:
    assert AllowedHosts(names).allow(allowed_host_header(names))


def test_the_content_policy_names_scripts_by_hash_and_the_frame_s_origins() -> None:
    policy = content_policy(["'sha256-abc'"], "'self' https://portal.test")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'self' https://portal.test"
    scripts = rules["script-src"].split()
    assert scripts[0] == "'self'"
    assert scripts[-1] == "'sha256-abc'"
    assert len(scripts) == 3  # ours, the page's start, Dash's
    assert "unsafe" not in rules["script-src"]


@pytest.mark.parametrize(
    ("path", "headers", "kept"),
    [
        ("/", {}, "private, no-cache"),
        ("/other", {}, "no-store"),
        ("/other", {"Cache-Control": "max-age=5"}, "max-age=5"),
        ("/_dash-component-suites/a.js", {}, "public, no-cache"),
        (
            "/_dash-component-suites/a.js",
            {"Cache-Control": "max-age=5"},
            "max-age=5, public, immutable",
        ),
    ],
)
def test_each_answer_says_how_long_it_may_be_kept(
    path: str, headers: dict[str, str], kept: str
) -> None:
    server = Flask("secured")
    server.add_url_rule("/", "/", lambda: Response("x", headers=headers))
    server.add_url_rule("/<path:path>", "other", lambda path: Response(path, headers=headers))
    server.after_request(lambda response: secure_response(response, "default-src 'none'"))
    answer = server.test_client().get(path)
    assert answer.headers["Cache-Control"] == kept
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
