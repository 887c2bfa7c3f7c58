"""Requests that no browser sends: each gets one answer in our JSON, and none of it is logged."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.conftest import Here, Server, running_server, until, write_csv
from tests.integration.raw import Reply, ask, connect, get, read_all, replies

pytestmark = pytest.mark.integration

#: What must never be written anywhere: it stands in every request below.
SECRET = "Segredo"
PHONE = "5511987654321"
DETAILS = "/api/v1/panels/details"
CASES = """case_id,person_name,channel,case_type,opened_at
    c1,João_Segredo,WhatsApp,Dúvida,2026-11-01T12:00:00Z
    c2,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z"""
MESSAGES = """message_id,case_id,direction,sent_at
    m1,c1,in,2026-11-01T12:00:00Z
    m2,c2,in,2026-11-01T12:00:00Z"""
HOST = b"Host: localhost\r\n"
LIMIT = 4 * 2**20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, here: Here) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("malformed")
    cases, messages = (
        write_csv(folder / f"{name}.csv", text)
        for name, text in (("cases", CASES), ("messages", MESSAGES))
    )
    done = here("import", "--cases", cases, "--messages", messages, store=folder / "consumo.duckdb")
    assert done.exit_code == 0, done.output
    with running_server(folder / "consumo.duckdb", "--access-log") as running:
        yield running


@pytest.fixture(scope="module")
def port(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


@pytest.fixture(autouse=True)
def nothing_is_said(server: Server) -> Iterator[None]:
    """Check that after its greeting the server prints only JSON lines without values or errors.

    Each test makes requests, and access lines of them: without these the check would prove nothing.
    """
    before = access_lines(server)
    yield
    until(lambda: access_lines(server) > before, "an access line of the test's requests")
    greeting, _, _, *lines = server.output.read_text().splitlines()
    assert greeting.startswith("Consumo WhatsApp on ")
    told = [json.loads(line) for line in lines]
    assert SECRET not in "".join(lines)
    assert PHONE not in "".join(lines)
    assert [line for line in told if line["level"] not in ("info", "debug")] == []


def access_lines(server: Server) -> int:
    """Return how many requests the server has logged."""
    return server.output.read_text().count('"consumo.access"')


def chunked(*chunks: bytes, path: str = DETAILS) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + b"".join(chunks)


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


# --- names as they are typed --------------------------------------------------------------------


def test_a_name_in_raw_utf_8_is_found_as_if_it_were_percent_encoded(port: int) -> None:
    target = f"{DETAILS}?start=2026-11-01&end=2026-11-01&person=João_Segredo"
    close = "Connection: close"
    raw = ask(port, get(target, close))
    encoded = ask(port, get(target.replace("ã", "%C3%A3"), close))
    assert (raw.status, encoded.status) == (200, 200)
    assert raw.body == encoded.body
    answer = json.loads(raw.body)
    assert [row["message_id"] for row in answer["rows"]] == ["m1"]
    assert answer["filters"]["person"] == ["João_Segredo"]


def test_bytes_that_are_not_utf_8_are_refused(port: int) -> None:
    target = f"{DETAILS}?person=Jo\xe3o_Segredo_{PHONE}".encode("latin-1")
    reply = ask(port, b"GET %b HTTP/1.1\r\n%b\r\n" % (target, HOST))
    assert (reply.status, reply.error["code"]) == (400, "http_400")


# --- requests that are none ---------------------------------------------------------------------

ASKED = f"{DETAILS}?person={SECRET}{PHONE}".encode()
LINE = b"GET " + ASKED + b" HTTP/1.1\r\n"
BODY = b'{"person": "Segredo"}'
POST = b"POST " + DETAILS.encode() + b" HTTP/1.1\r\n" + HOST

REFUSED: dict[str, tuple[int, bytes]] = {
    "method in small letters": (400, b"get " + ASKED + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "method with a bracket": (400, b"G[T " + ASKED + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "no method": (400, b" " + ASKED + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "no target": (400, b"GET HTTP/1.1\r\n" + HOST + b"\r\n"),
    "blank in the target": (400, b"GET " + ASKED + b" x HTTP/1.1\r\n" + HOST + b"\r\n"),
    "NUL in the target": (400, b"GET " + ASKED + b"\0 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "tab in the target": (400, b"GET\t" + ASKED + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "no slash": (400, b"GET Segredo HTTP/1.1\r\n" + HOST + b"\r\n"),
    "star": (400, b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n"),
    "CONNECT": (400, b"CONNECT Segredo.test:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "other scheme": (400, b"GET ftp://localhost/Segredo HTTP/1.1\r\n" + HOST + b"\r\n"),
    "half an IPv6 address": (400, b"GET http://[::1/Segredo HTTP/1.1\r\n" + HOST + b"\r\n"),
    "user in the address": (400, b"GET http://Segredo@x/ HTTP/1.1\r\n" + HOST + b"\r\n"),
    "other server's address": (400, b"GET http://evil.test/x HTTP/1.1\r\n" + HOST + b"\r\n"),
    "HTTP/0.9": (400, b"GET " + ASKED + b"\r\n\r\n"),
    "HTTP/1.2": (505, b"GET " + ASKED + b" HTTP/1.2\r\n" + HOST + b"\r\n"),
    "HTTP/2": (505, b"PRI /Segredo HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/2 preface": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/x": (400, b"GET " + ASKED + b" HTTP/x\r\n" + HOST + b"\r\n"),
    "HTTP/11.1": (400, b"GET " + ASKED + b" HTTP/11.1\r\n" + HOST + b"\r\n"),
    "TLS": (400, bytes.fromhex("16030100c8010000c40303") + SECRET.encode() + b"\r\n\r\n"),
    "rubbish": (400, b"Segredo\r\n\r\n"),
    "long line": (414, b"GET /?person=" + b"Segredo" * 1_200 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "large headers": (431, LINE + HOST + b"X-A: " + b"Segredo" * 5_000 + b"\r\n\r\n"),
    "many headers": (431, LINE + HOST + b"X-A: Segredo\r\n" * 5_000 + b"\r\n"),
    "NUL in a header": (400, LINE + HOST + b"X-A: Segredo\0\r\n\r\n"),
    "line feed alone": (400, LINE + HOST + b"X-A: Segredo\nX-B: 1\r\n\r\n"),
    "carriage return alone": (400, LINE + HOST + b"X-A: Segredo\rX-B: 1\r\n\r\n"),
    "no colon": (400, LINE + HOST + b"Segredo\r\n\r\n"),
    "blank before the colon": (400, LINE + HOST + b"X-A : Segredo\r\n\r\n"),
    "blank before the name": (400, LINE + HOST + b" X-A: Segredo\r\n\r\n"),
    "header over two lines": (400, LINE + HOST + b"X-A: 1\r\n Segredo\r\n\r\n"),
    "empty name": (400, LINE + HOST + b": Segredo\r\n\r\n"),
    "no host": (400, LINE + b"\r\n"),
    "two hosts": (400, LINE + HOST + HOST + b"\r\n"),
    "foreign host": (400, LINE + b"Host: Segredo.test\r\n\r\n"),
    "host that is none": (400, LINE + b"Host: local host/Segredo\r\n\r\n"),
    "host in UTF-8": (400, LINE + "Host: João_Segredo\r\n\r\n".encode()),
    "host with a port too many": (400, LINE + b"Host: localhost:99999\r\n\r\n"),
    "negative length": (400, POST + b"Content-Length: -1\r\n\r\n" + BODY),
    "length with a sign": (400, POST + b"Content-Length: +21\r\n\r\n" + BODY),
    "length in hex": (400, POST + b"Content-Length: 0x15\r\n\r\n" + BODY),
    "length of many digits": (400, POST + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 21\r\nContent-Length: 5\r\n\r\n" + BODY),
    "length twice": (400, POST + b"Content-Length: 21\r\nContent-Length: 21\r\n\r\n" + BODY),
    "lengths in a list": (400, POST + b"Content-Length: 21, 21\r\n\r\n" + BODY),
    "length and chunks": (
        400,
        POST + b"Content-Length: 21\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + BODY,
    ),
    "chunks in HTTP/1.0": (
        400,
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "chunked twice": (501, POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    "two codings": (
        400,
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
    ),
    "gzip": (501, POST + b"Transfer-Encoding: gzip\r\n\r\nSegredo"),
    "identity": (501, POST + b"Transfer-Encoding: identity\r\n\r\nSegredo"),
    "empty coding": (501, POST + b"Transfer-Encoding:\r\n\r\nSegredo"),
    "coding with a vertical tab": (501, POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    "chunk size that is none": (400, chunked(b"zz\r\nSegredo\r\n0\r\n\r\n")),
    "chunk size with a sign": (400, chunked(b"-7\r\nSegredo\r\n0\r\n\r\n")),
    "chunk size with 0x": (400, chunked(b"0x7\r\nSegredo\r\n0\r\n\r\n")),
    "chunk without its end": (400, chunked(b"3\r\nSegredo\r\n0\r\n\r\n")),
    "chunk extension that is none": (400, chunked(b"7;\0\r\nSegredo\r\n0\r\n\r\n")),
    "endless chunk size": (400, chunked(b"0" * 70_000)),
    "endless trailer": (400, chunked(b"0\r\n" + b"X-A: Segredo\r\n" * 2_000)),
    "chunk of many bytes": (413, chunked(b"fffffffffffffff\r\n" + b"Segredo" * 600_000)),
    "large body": (413, POST + b"Content-Length: 4194305\r\n\r\n" + b"x" * (LIMIT + 1)),
    "huge body": (413, POST + b"Content-Length: 99999999999\r\n\r\n" + BODY),
    "large body in chunks": (413, chunked(*[chunk(b"Segredo!" * 8_192)] * 65, b"0\r\n\r\n")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_malformed_requests_are_refused(port: int, name: str) -> None:
    status, request = REFUSED[name]
    reply = ask(port, request)
    assert reply.status == status
    assert reply.error["code"] == f"http_{status}"
    assert reply.error["message"].endswith(".")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in reply.headers
    assert not {"server", "via"} & reply.headers.keys()
    assert SECRET.encode() not in reply.body


def test_bytes_after_a_refused_request_are_not_read_as_a_request(port: int) -> None:
    request = POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with connect(port) as client:
        client.sendall(request + get("/healthz"))
        assert [reply.status for reply in replies(read_all(client))] == [400]


# --- requests that are odd and all right --------------------------------------------------------

FINE: dict[str, tuple[int, bytes]] = {
    "HTTP/1.0 without a host": (200, b"GET /healthz HTTP/1.0\r\n\r\n"),
    "blank line before": (200, b"\r\n\r\n" + get("/healthz")),
    "address in full": (200, b"GET http://localhost/healthz HTTP/1.1\r\n" + HOST + b"\r\n"),
    "address in full counts": (
        200,
        b"GET http://localhost/healthz HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    ),
    "host in capitals": (200, b"GET /healthz HTTP/1.1\r\nHost: LOCALHOST:8050\r\n\r\n"),
    "host with a dot": (200, b"GET /healthz HTTP/1.1\r\nHost: localhost.\r\n\r\n"),
    "host of IPv6": (200, b"GET /healthz HTTP/1.1\r\nHost: [::1]:8050\r\n\r\n"),
    "host of IPv6 at length": (200, b"GET /healthz HTTP/1.1\r\nHost: [0:0:0:0:0:0:0:1]\r\n\r\n"),
    "raw header": (200, b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: Jo\xe3o Segredo\r\n\r\n"),
    "many slashes": (200, get("///healthz")),
    "no such method": (405, get("/healthz", method="SEGREDO")),
    "TRACE": (405, get("/healthz", method="TRACE")),
    "percent NUL": (404, get("/%00")),
    "percent that is none": (400, get(f"{DETAILS}?person=%zz%f&persons={SECRET}")),
    "percent byte": (400, get(f"{DETAILS}?person=%ff{SECRET}")),
    "percent byte in the path": (404, get("/api/v1/panels/%ff")),
    "dots": (404, get("/static/../../etc/passwd")),
    "percent dots": (404, get("/static/%2e%2e/%2e%2e/etc/passwd")),
    "semicolons": (404, get("/;x=1;y")),
    "body of a GET": (200, get("/healthz", "Content-Length: 7") + SECRET.encode()),
    "expects to be asked on": (
        400,
        POST + b"Expect: 100-continue\r\nContent-Length: 21\r\n\r\n" + BODY.replace(b"p", b"q"),
    ),
    "expects without a body": (200, get("/healthz", "Expect: 100-continue")),
    "expects what is unknown": (200, get("/healthz", "Expect: Segredo")),
    "body of 4 MiB": (400, POST + b"Content-Length: 4194304\r\n\r\n" + b"x" * LIMIT),
    "one chunk": (200, chunked(b'E;a="b"\r\n{"case": "c1"}\r\n0\r\nX-A: 1\r\n\r\n')),
    "cut chunks are no request": (200, get("/healthz") + chunked(b"5\r\nSeg")),
    "unknown encoding": (200, get("/healthz", "Accept-Encoding: Segredo;q=x")),
    "strange conditions": (200, get("/healthz", "If-None-Match: Segredo", "Range: bytes=x")),
    "strange type": (400, get(DETAILS, "Content-Type: Segredo;;=", method="POST")),
}


@pytest.mark.parametrize("name", FINE)
def test_unusual_but_valid_requests_are_answered(port: int, name: str) -> None:
    status, request = FINE[name]
    reply = ask(port, request)
    assert reply.status == status, reply
    if status != 200:
        assert reply.error["code"]


@pytest.mark.parametrize(
    "header",
    [
        "SCRIPT_NAME: /evil",
        "Script-Name: /evil",
        "X-Script-Name: /evil",
        "X-Forwarded-Prefix: /evil",
        "X-Forwarded-Host: evil.test",
        "X-Forwarded-Proto: https",
        "Forwarded: host=evil.test;proto=https",
        "X-Original-URL: /evil",
        "X-Rewrite-URL: /evil",
        "X-HTTP-Method-Override: DELETE",
    ],
)
def test_forwarding_headers_of_proxies_change_nothing(port: int, header: str) -> None:
    plain, told = (ask(port, get("/", "Connection: close", *more)) for more in ((), (header,)))
    assert plain.status == told.status == 200
    names = [re.findall(rb'(?:src|href|content)="([^"]*)"', reply.body) for reply in (plain, told)]
    assert names[0] == names[1]
    assert len(names[0]) >= 8
    assert b"evil" not in told.body
    assert ask(port, get("/healthz", header)).body == b'{"alive":true}'
    assert ask(port, get("/evil/healthz", header)).status == 404


def test_a_head_has_the_headers_of_a_get_and_no_body(port: int) -> None:
    for path in ("/", "/healthz", DETAILS, "/export/details.csv", "/nothing"):
        with connect(port) as client:
            client.sendall(get(path, method="HEAD") + get("/healthz"))
            client.shutdown(socket.SHUT_WR)
            first, *behind = replies(read_all(client), head=True)
        whole: Reply = ask(port, get(path, "Connection: close"))
        assert first.status == whole.status, path
        assert first.headers["content-type"] == whole.headers["content-type"]
        assert not behind or behind[0].status == 200


def test_the_access_log_has_one_json_line_a_request(server: Server, port: int) -> None:
    ask(port, get(f"{DETAILS}?person={SECRET}", "Connection: close"))
    ask(port, b"get / HTTP/1.1\r\n\r\n")
    expected = [("-", "-", 400), ("GET", DETAILS, 200)]  # in whatever order they were written

    def told() -> list[dict[str, Any]]:
        lines = server.output.read_text().splitlines()[3:]
        return [one for one in map(json.loads, lines) if one["logger"] == "consumo.access"][-2:]

    until(
        lambda: sorted((one["method"], one["path"], one["status"]) for one in told()) == expected,
        "the lines of both",
    )
    assert all(one["seconds"] >= 0 and one["bytes"] > 20 for one in told())
