"""What ``serve`` prints: why it cannot listen, the address of the page, and how to import."""

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.listening import CannotListen, listen
from tests.integration.conftest import (
    PATIENCE_SECONDS,
    ROOT,
    Here,
    free_port,
    running_server,
    until,
    write_csv,
)
from tests.integration.raw import ask, get

pytestmark = pytest.mark.integration

CASES = """case_id,person_name,channel,case_type,opened_at
    c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z"""
MESSAGES = """message_id,case_id,direction,sent_at
    m1,c1,in,2026-11-01T12:00:00Z"""


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def test_a_port_in_use_is_reported(here: Here, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = here("serve", "--port", port, store=tmp_path / "consumo.duckdb")
    assert done.exit_code == 2
    assert done.stderr == (
        f"127.0.0.1:{port} is taken: end what uses it, or choose another --port\n"
    )


@needs_ipv6
def test_an_ipv6_port_in_use_is_reported() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        for host in ("::1", "[::1]"):
            with pytest.raises(CannotListen, match=rf"^\[::1\]:{port} is taken: "):
                listen(host, port)


def test_other_machines_are_not_let_in_unasked(here: Here, tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        port = free_port()
        done = here("serve", "--host", host, "--port", port, store=tmp_path / "consumo.duckdb")
        assert done.exit_code == 2
        assert done.stderr == (
            f"on {host} other machines could see the page without signing in: set CONSUMO_AUTH to "
            "token or proxy, or allow it by CONSUMO_ALLOW_UNPROTECTED=true\n"
        )


@pytest.mark.parametrize(
    ("variables", "host", "said"),
    [
        ({}, "127.0.0.1", "Seen from this machine only, without signing in (CONSUMO_AUTH=none)"),
        (
            {
                "CONSUMO_AUTH": "token",
                "CONSUMO_TOKEN_SECRET": "k" * 32,
                "CONSUMO_TOKEN_ISSUER": "portal",
                "CONSUMO_TOKEN_AUDIENCE": "dashboard",
            },
            "127.0.0.1",
            "Seen with a token of the portal only (CONSUMO_AUTH=token)",
        ),
        (
            {
                "CONSUMO_AUTH": "proxy",
                "CONSUMO_PROXY_HEADER": "X-User",
                "CONSUMO_PROXY_ADDRESSES": "127.0.0.1",
            },
            "127.0.0.1",
            "Seen by whom the proxy names in X-User only (CONSUMO_AUTH=proxy)",
        ),
    ],
)
def test_it_says_who_may_see_the_page(
    tmp_path: Path, variables: dict[str, str], host: str, said: str
) -> None:
    with served(tmp_path, variables, "--host", host) as (_port, printed):
        assert printed.splitlines()[2] == said


@pytest.mark.parametrize("host", ["no-such-name.invalid", "a..b", "x" * 300, "host name", "1.2.3"])
def test_an_unknown_host_name_is_reported(here: Here, tmp_path: Path, host: str) -> None:
    done = here("serve", "--host", host, "--port", 8050, store=tmp_path / "consumo.duckdb")
    assert done.exit_code == 2
    if host == "1.2.3":  # an old way to write 1.2.0.3
        assert "is not an address of this machine" in done.stderr
    else:
        assert f"the name {host} is not known here" in done.stderr
    assert "taken" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_an_address_of_another_machine_is_reported(host: str) -> None:
    if ":" in host and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    with pytest.raises(CannotListen, match="is not an address of this machine: give --host one"):
        listen(host, free_port())


def test_a_port_that_needs_root_is_reported() -> None:
    barred = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) - 1
    if barred < 1:
        pytest.skip("on this machine every user may listen on every port")
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from app.listening import CannotListen, listen\n"
        "listen('localhost', 0).close()\n"  # what it imports may be root's to read
        f"{'import os; os.setgroups([]); os.setuid(65534)' if os.geteuid() == 0 else ''}\n"
        "try:\n"
        f"    listen('127.0.0.1', {barred})\n"
        "except CannotListen as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        f"this user may not listen on port {barred}: choose a --port from 1024, or let a proxy "
        "listen there\n"
    )


# --- what it prints -----------------------------------------------------------------------------


@needs_ipv6
def test_the_address_of_ipv6_that_is_printed_is_answered(tmp_path: Path) -> None:
    with served(tmp_path, {}, "--host", "::1") as (port, printed):
        assert printed.startswith(f"Consumo WhatsApp on http://[::1]:{port} ")
        with socket.create_connection(("::1", port), timeout=PATIENCE_SECONDS) as client:
            client.sendall(
                f"GET /healthz HTTP/1.1\r\nHost: [::1]:{port}\r\nConnection: close\r\n\r\n".encode()
            )
            assert client.recv(12) == b"HTTP/1.1 200"


def test_names_of_this_machine_are_answered_in_any_case_and_others_not(tmp_path: Path) -> None:
    with running_server(tmp_path / "consumo.duckdb") as server:
        port = int(server.url.rpartition(":")[2])
        for host, status in (("LOCALHOST", 200), ("localhost.", 200), ("evil.test", 400)):
            request = get("/healthz", "Connection: close").replace(
                b"Host: localhost", f"Host: {host}:{port}".encode()
            )
            assert ask(port, request).status == status, host


@contextmanager
def served(
    folder: Path, variables: dict[str, str], *options: str, program: str | None = None
) -> Iterator[tuple[int, str]]:
    """Start a server in ``folder``; yield its port and what it printed."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONSUMO_")}
    output = folder / f"server-{port}.txt"
    command = [program] if program else [sys.executable, "-m", "app"]
    with output.open("wb") as written:
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port), *options],
            cwd=folder,
            env={**kept, "PYTHONPATH": str(ROOT), "CONSUMO_LANGUAGE": "pt-BR", **variables},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: "store is open" in output.read_text(), "the server")
        yield port, output.read_text()
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


PROGRAM = """#!{python}
import sys
sys.path.insert(0, {root!r})
from app.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("started", ["python -m app", "bin/consumo-whatsapp", "whole path"])
@pytest.mark.parametrize("store", ["", "duckdb:///my store's/consumo.duckdb"])
def test_the_command_that_is_printed_imports_into_the_server_s_store(
    tmp_path: Path, started: str, store: str
) -> None:
    """The command is run unchanged in another shell in the same folder."""
    program = tmp_path / "bin" / "consumo-whatsapp"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=sys.executable, root=str(ROOT)))
    program.chmod(0o755)
    run = {"bin/consumo-whatsapp": "bin/consumo-whatsapp", "whole path": str(program)}.get(started)
    write_csv(tmp_path / "cases.csv", CASES)
    write_csv(tmp_path / "messages.csv", MESSAGES)
    variables = {"CONSUMO_STORE_URL": store} if store else {}
    with served(tmp_path, variables, program=run) as (port, printed):
        line = printed.splitlines()[1]
        label, _, command = line.partition(": ")
        assert label == "Your own data"
        assert shlex.split(command)[-5:] == [
            "import",
            "--cases",
            "cases.csv",
            "--messages",
            "messages.csv",
        ]
        kept = {name: text for name, text in os.environ.items() if not name.startswith("CONSUMO_")}
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            env={**kept, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        request = get("/api/v1/panels/details?start=2026-11-01&end=2026-11-01", "Connection: close")
        until(lambda: b'"message_id":"m1"' in ask(port, request).body, "the message")
    folder = "my store's" if store else "var"
    assert (tmp_path / folder / "consumo.duckdb").exists()
