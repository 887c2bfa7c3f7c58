"""Every command in the documents is run as it stands there, and its result is checked.

A command is a line of a fenced block without a language, or a code span that begins with one of
``PROGRAMS``. ``CHECKS`` has one check for each; a command or block that it does not know is a
failure.

What differs from the documents: the port is one that is free, ``curl`` is Python's own client (not
every machine has it), and the folder is one in which ``.venv`` leads to this environment.
"""

import configparser
import email.message
import gzip
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import click
import openpyxl
import pandas as pd
import pytest

from app.cli import cli, serve
from app.settings import Settings
from bench.__main__ import PARTS
from queries.filters import LISTS
from tests.chatwoot import READER_PASSWORD, insert_awkward, new_chatwoot
from tests.integration.conftest import (
    PATIENCE_SECONDS,
    ROOT,
    environment,
    free_port,
    until,
    write_csv,
)
from tests.services import postgresql_server

pytestmark = pytest.mark.integration

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
PROGRAMS = (
    *("make", "curl", "npm", "pip", "python", "consumo-whatsapp"),
    *(".venv/bin/consumo-whatsapp", ".venv/bin/python"),
)
#: Blocks in these languages hold no commands. A mapping of ``sync sql`` is in TOML; those of
#: ``examples/sync`` run in ``tests/integration/test_sync_sql.py``. Those of embedding.md run in
#: ``tests/browser/test_documents.py`` and ``tests/integration/test_embedding_document.py``, modules
#: are those of ``tests/unit/test_adding_a_panel.py``, units of systemd are checked below; drawings,
#: settings and policies are texts. The SQL of chatwoot.md makes the user of the tests of Chatwoot.
ELSEWHERE = ("html", "js", "python", "ini", "sql", "text", "toml")
PORT = "8050"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


def blocks(path: Path) -> list[tuple[str, str]]:
    """Return language and content of each fenced block of a document."""
    return _FENCE.findall(path.read_text(encoding="utf-8"))


def commands_of(path: Path) -> list[str]:
    """Return the commands of a document without their comments."""
    found = [
        re.sub(r"\s+#.*", "", line)
        for language, content in blocks(path)
        if language not in ELSEWHERE
        for line in content.splitlines()
        if line.strip()
    ]
    prose = _FENCE.sub("", path.read_text(encoding="utf-8"))
    spans = [span for span in _SPAN.findall(prose) if span.split()[0] in PROGRAMS]
    # A program's name alone is no command.
    return found + [span for span in spans if " " in span]


COMMANDS = sorted({command for path in DOCUMENTS for command in commands_of(path)})


# --- where commands run -----------------------------------------------------------------------


@dataclass
class Checkout:
    """What a command runs with: a folder like a checkout, and the server of ``make run``."""

    folder: Path
    server_url: str

    def run(self, command: str, *, store: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of a document in the folder; fail where it fails."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=variables(store or self.folder / "var" / "consumo.duckdb"),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def fetch(self, command: str) -> tuple[email.message.Message, bytes]:
        """Get an address from the server of ``make run``, as ``curl`` would."""
        address = urlsplit(shlex.split(command)[-1])
        assert address.netloc == f"127.0.0.1:{PORT}"
        with urlopen(f"{self.server_url}{address.path}?{address.query}") as response:
            return response.headers, response.read()


def variables(store: Path) -> dict[str, str]:
    """Return the environment of a command, with this checkout's code."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**environment(store), "PATH": path, "PYTHONPATH": str(ROOT)}


def make(*words: str) -> list[str]:
    """Return the command that runs ``make`` in this checkout as if the set-up were done."""
    if (program := shutil.which("make")) is None:
        pytest.skip("make is not installed (Debian: apt-get install make)")
    return [
        program,
        "--no-print-directory",
        "-C",
        str(ROOT),
        "-o",
        ".venv/.ready",
        "-o",
        ".venv/.ready-dev",
        "-o",
        "node_modules/.ready",
        *words,
    ]


def would_run(*words: str) -> str:
    """Return the commands that ``make`` would run."""
    done = subprocess.run(
        make("--dry-run", *words), capture_output=True, text=True, check=True, env=bare()
    )
    return done.stdout


def bare() -> dict[str, str]:
    """Return the environment without the variables that an outer make passes to an inner one."""
    return {
        name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }


@contextmanager
def serving(
    command: list[str], port: int, store: Path, given: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Start a server with a command, yield its address, and end it.

    ``given`` are further variables of its environment.
    """
    output = store.with_name(f"said-{port}.txt")
    output.parent.mkdir(parents=True, exist_ok=True)
    outer = set(os.environ) - set(bare())
    env = {name: text for name, text in variables(store).items() if name not in outer}
    env |= given or {}
    with output.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=store.parent, env=env, stdout=written, stderr=written, process_group=0
        )
    url = f"http://127.0.0.1:{port}"

    def is_ready() -> bool:
        assert process.poll() is None, output.read_text()
        try:
            with urlopen(f"{url}/readyz", timeout=PATIENCE_SECONDS):
                return True
        except OSError:
            return False

    try:
        until(is_ready, f"a server of {command}", seconds=3 * PATIENCE_SECONDS)
        yield url
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = tmp_path_factory.mktemp("checkout")
    (folder / ".venv").symlink_to(sys.prefix)
    write_csv(
        folder / "cases.csv",
        """case_id,person_name,channel,case_type,opened_at
        c1,Ana,WhatsApp,Troca,2026-11-20T10:00:00-03:00""",
    )
    write_csv(
        folder / "messages.csv",
        """message_id,case_id,direction,sent_at
        m1,c1,in,2026-11-20T10:00:00-03:00
        m2,c1,out,2026-11-20T10:05:00-03:00""",
    )
    port = free_port()
    store = folder / "demonstration" / "consumo.duckdb"
    with serving(make("run", f"PORT={port}"), port, store) as url:
        yield Checkout(folder, url)


# --- what each command must give ----------------------------------------------------------------


def check_make_run(checkout: Checkout, _command: str) -> None:
    """The fixture ran it with a port; check that without one it uses the documented port."""
    with urlopen(f"{checkout.server_url}/api/v1/panels/indicators") as response:
        assert json.load(response)["rows"][0]["messages"] > 1_000
    defaults = {option.name: option.default for option in serve.params}
    assert (defaults["host"], str(defaults["port"])) == ("127.0.0.1", PORT)
    assert would_run("run").splitlines()[-1].split() == [
        "exec",
        ".venv/bin/consumo-whatsapp",
        "serve",
    ]


def check_make_run_with_a_port(_checkout: Checkout, command: str) -> None:
    assert "consumo-whatsapp serve --port 8060" in would_run(*command.split()[1:])


def check_make_test(_checkout: Checkout, _command: str) -> None:
    """Check its steps only: a test run inside itself would never end."""
    lines = would_run("test").splitlines()
    wanted = [
        *("-m tests.services", "ruff check .", "ruff format --check .", "mypy", "lint-imports"),
        "biome check",
    ]
    found = [next(place for place, line in enumerate(lines) if word in line) for word in wanted]
    assert found == sorted(found)
    assert ".venv/bin/pytest" in lines[-1]
    # A line of the shell ends the condition of Biome.
    assert lines[max(found) + 1 :] == ["fi", lines[-1]]


def check_make_check(_checkout: Checkout, _command: str) -> None:
    lines = would_run("check").splitlines()
    for word in ("ruff check .", "ruff format --check .", "mypy", "lint-imports", "biome check"):
        assert any(word in line for line in lines[:-1]), word
    assert lines[-1].endswith("tests/unit tests/architecture")


def check_make_setup_dev(_checkout: Checkout, command: str) -> None:
    """``tests/integration/test_setup.py`` shows what it installs."""
    assert not would_run(*command.split()[1:]).startswith("make: ***")


def check_make_wheel(_checkout: Checkout, _command: str) -> None:
    """``tests/integration/test_wheel.py`` builds it."""
    assert "pip wheel" in would_run("wheel").splitlines()[-1]


def check_make_lock(_checkout: Checkout, _command: str) -> None:
    """Run it would ask a registry. It writes both locks."""
    lines = would_run("lock")
    assert "-o requirements.lock" in lines
    assert "-o requirements-dev.lock" in lines


def check_pip_install(_checkout: Checkout, command: str) -> None:
    """``tests/integration/test_wheel.py`` installs it; the name is that of the wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name = f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"
    assert command.split() == ["pip", "install", f"dist/{name}"]


def check_try(checkout: Checkout, command: str) -> None:
    """``tests/integration/test_try.py`` has what it shows; the port is a free one here."""
    port = free_port()
    words = [*shlex.split(command), "--port", str(port), "--messages", "10", "--no-browser"]
    words[0] = str(checkout.folder / ".venv" / "bin" / words[0])
    store = checkout.folder / "tried" / "none.duckdb"
    with serving(words, port, store) as url, urlopen(url) as response:
        assert b"<title>Consumo WhatsApp</title>" in response.read()
    assert not store.exists()


def check_pytest(_checkout: Checkout, command: str) -> None:
    """Its tests are run with all others; here they are collected."""
    words = [sys.executable, *shlex.split(command)[1:], "--collect-only", "-q"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def check_make_bench(_checkout: Checkout, _command: str) -> None:
    """It takes hours; ``tests/integration/test_bench.py`` measures small stores."""
    steps = [
        "bench",
        "bench --sizes 100 --only published",
        "bench.chatwoot --kills 50",
        "bench.kills --kills 50",
    ]
    run = would_run("bench").splitlines()
    assert run[-len(steps) :] == [f".venv/bin/python -m {step}" for step in steps]


def check_bench_help(checkout: Checkout, command: str) -> None:
    done = subprocess.run(
        shlex.split(command),
        cwd=ROOT,
        env=variables(checkout.folder / "none.duckdb"),
        capture_output=True,
        text=True,
        check=True,
    )
    performance = (ROOT / "docs" / "performance.md").read_text()
    options = set(re.findall(r"`(--\w+)", performance))
    assert options == {"--sizes", "--only", "--rounds", "--anew"}
    assert all(option in done.stdout for option in options)
    assert "query_layer" in PARTS


def check_make_setup(_checkout: Checkout, _command: str) -> None:
    """Check the command only: a set-up takes minutes; test_setup.py checks its messages."""
    anew = subprocess.run(
        [*make()[:4], "--dry-run", "--always-make", "setup"],
        capture_output=True,
        text=True,
        check=True,
        env=bare(),
    )
    assert "python3 -m tools.set_up" in anew.stdout


def check_import(checkout: Checkout, command: str) -> None:
    said = checkout.run(command).stdout
    assert "4 rows read" not in said
    assert "3 rows read, 1 cases and 2 messages new or changed, 0 rows rejected" in said
    assert (checkout.folder / "var" / "consumo.duckdb").is_file()


def check_import_webhooks(checkout: Checkout, command: str) -> None:
    """Run it on one message, and where the command names a file of sends on the document's own."""
    document = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    send = next(line for line in document.splitlines() if line.startswith('{"request"'))
    message = {"id": "wamid.1", "from": "5511987654321", "timestamp": "1763643600", "type": "text"}
    change = {"field": "messages", "value": {"messages": [message]}}
    payload = json.dumps({"entry": [{"id": "1", "changes": [change]}]})
    files = {
        "payloads.jsonl": payload.encode(),
        "more.json.gz": gzip.compress(payload.encode()),
        "sent.jsonl": send.encode(),
    }
    for name, content in files.items():
        (checkout.folder / name).write_bytes(content)
    store = checkout.folder / "webhooks" / "consumo.duckdb"
    said = checkout.run(command, store=store).stdout
    parts = 3 if "--sends" in command else 1
    assert f"Of the parts, {parts} told of messages, 0 were kept aside" in said
    shutil.rmtree(store.parent)


def check_demo(checkout: Checkout, command: str) -> None:
    said = checkout.run(command, store=checkout.folder / "demo" / "consumo.duckdb").stdout
    assert "1,000 messages new or changed, 0 rows rejected" in said


def check_serve(checkout: Checkout, command: str) -> None:
    port = free_port()
    asked = re.sub(r"--port \d+", f"--port {port}", command)
    assert str(port) in asked
    store = checkout.folder / "served" / "consumo.duckdb"
    words = shlex.split(asked.replace(".venv/bin/", ""))
    words[0] = str(checkout.folder / ".venv" / "bin" / words[0])
    with serving(words, port, store) as url, urlopen(url) as response:
        assert b"<title>Consumo WhatsApp</title>" in response.read()


def check_writer(checkout: Checkout, command: str) -> None:
    port = free_port()
    words = [*shlex.split(command.replace(".venv/bin/", "")), "--port", str(port)]
    words[0] = str(checkout.folder / ".venv" / "bin" / words[0])
    store = checkout.folder / "written" / "work.duckdb"
    given = {
        "CONSUMO_STORE_URL": f"file://{store.parent / 'published'}",
        "CONSUMO_WORK_URL": f"duckdb:///{store}",
    }
    with serving(words, port, store, given) as url, urlopen(f"{url}/readyz") as response:
        assert json.load(response) == {"ready": True, "writer": True}
    assert store.exists()


def check_backup(checkout: Checkout, command: str) -> None:
    store = checkout.folder / "copied" / "consumo.duckdb"
    checkout.run(".venv/bin/consumo-whatsapp demo --messages 10", store=store)
    path = checkout.folder / command.rsplit(maxsplit=1)[-1]
    said = checkout.run(command, store=store).stdout
    assert path.is_file()
    assert path.name in said
    # The copy is a store: its rows are there.
    again = checkout.run(".venv/bin/consumo-whatsapp compact", store=path).stdout
    assert "MB now" in again
    path.unlink()


def check_compact(checkout: Checkout, command: str) -> None:
    store = checkout.folder / "compacted" / "consumo.duckdb"
    checkout.run(".venv/bin/consumo-whatsapp demo --messages 10", store=store)
    assert re.search(r"[\d.]+ MB before, [\d.]+ MB now", checkout.run(command, store=store).stdout)


def check_check(checkout: Checkout, command: str) -> None:
    store = checkout.folder / "checked" / "consumo.duckdb"
    checkout.run(".venv/bin/consumo-whatsapp demo --messages 1000", store=store)
    assert " and 1,000 messages" in checkout.run(command, store=store).stdout


def check_rates_import(checkout: Checkout, command: str) -> None:
    store = checkout.folder / "priced" / "consumo.duckdb"
    shutil.copyfile(ROOT / "examples" / "rates" / "example.toml", checkout.folder / "prices.toml")
    said = checkout.run(command.replace("FILE", "prices.toml"), store=store).stdout
    assert "4 prices, 7 rules" in said or "Nothing new" in said


def check_rates_reconcile(checkout: Checkout, command: str) -> None:
    store = checkout.folder / "counted" / "consumo.duckdb"
    checkout.run(".venv/bin/consumo-whatsapp demo --messages 100 --until 2025-06-30", store=store)
    write_csv(
        checkout.folder / command.rsplit(maxsplit=1)[-1],
        """day,category,country,messages
        2026-01-01,utility,BR,0""",
    )
    assert "all are alike" in checkout.run(command, store=store).stdout


def check_make_test_cluster(_checkout: Checkout, _command: str) -> None:
    assert "tests/cluster" in would_run("test-cluster")


def check_removal(checkout: Checkout, command: str) -> None:
    """Run it on a store and a back-up of two cases: an old one of Ana Souza, and one of today."""
    folder = checkout.folder / "removed"
    shutil.rmtree(folder, ignore_errors=True)
    cases = write_csv(
        folder / "cases.csv",
        """case_id,person_name,channel,case_type,opened_at
        c1,Ana Souza,WhatsApp,Troca,2024-11-20T10:00:00-03:00
        c2,Bia,WhatsApp,Troca,2026-11-20T10:00:00-03:00""",
    )
    messages = write_csv(
        folder / "messages.csv",
        """message_id,case_id,direction,sent_at,phone,body
        m1,c1,in,2024-11-20T10:00:00-03:00,+5511987654471,Oi
        m2,c2,in,2026-11-20T10:00:00-03:00,,Oi""",
    )
    store, copy = folder / "consumo.duckdb", checkout.folder / "copy.duckdb"
    program = ".venv/bin/consumo-whatsapp"
    checkout.run(f"{program} import --cases {cases} --messages {messages}", store=store)
    checkout.run(f"{program} backup {copy.name}", store=store)
    said = checkout.run(command, store=store).stdout.splitlines()
    copy.unlink()
    is_trial = "--dry-run" in command
    if "--texts-only" in command:
        assert "Store: 1 texts." in said
    else:
        assert any(line.startswith("Store: 1 cases, 1 messages") for line in said)
    assert said[0].startswith("Dry run") == is_trial
    assert any(line.startswith("Back-up copy.duckdb: 1 ") for line in said) == (
        "--backup" in command
    )
    again = checkout.run(command, store=store) if "--backup" not in command else None
    assert again is None or ("Store: nothing left." in again.stdout) != is_trial


def check_numbers(checkout: Checkout, command: str) -> None:
    """Check that there are some messages and cases, and fewer than without the filters."""
    [row] = json.loads(checkout.fetch(command)[1])["rows"]
    [whole] = json.loads(checkout.fetch(command.partition("?")[0] + "'")[1])["rows"]
    for name in ("messages", "sent_messages", "received_messages", "cases_created"):
        assert 0 < row[name] < whole[name], name
    assert 0 < row["delivery_rate"] < 1


def check_workbook(checkout: Checkout, command: str) -> None:
    headers, content = checkout.fetch(command)
    assert "-OJ" in command
    assert str(headers.get_filename()).endswith(".xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    status = rows[0].index("Status")
    assert len(rows) > 10
    assert {row[status] for row in rows[1:]} == {"Falhou"}


def check_make_documents(_checkout: Checkout, _command: str) -> None:
    """Tests of each document compare it with what would be written."""
    assert would_run("documents").splitlines() == [
        f".venv/bin/python -m tools.{tool}"
        for tool in (
            *("public_surface", "architecture", "data_contract", "importing", "store_document"),
        )
    ]


def check_npm_lock(_checkout: Checkout, _command: str) -> None:
    """Run it would ask a registry; what it writes must be there."""
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert locked[""]["dependencies"] == wanted


def check_key(checkout: Checkout, command: str) -> None:
    """It prints a key that the dashboard takes, another one each time."""
    keys = [checkout.run(command).stdout.strip() for _ in range(2)]
    assert keys[0] != keys[1]
    for key in keys:
        given = {"AUTH": "token", "SECRET": key, "ISSUER": "a", "AUDIENCE": "b"}
        names = {"AUTH": "CONSUMO_AUTH"}
        Settings.from_environment(
            {names.get(name, f"CONSUMO_TOKEN_{name}"): text for name, text in given.items()}
        )


def check_portal(checkout: Checkout, command: str) -> None:
    """``tests/integration/test_portal_example.py`` has what it prints; the port is free here."""
    words = [*shlex.split(command), "--port", "0"]
    words[0] = str(checkout.folder / words[0])
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        env=variables(checkout.folder / "none.duckdb"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    try:
        assert process.stdout.readline().startswith("Portal at http://localhost:")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def check_example(checkout: Checkout, command: str) -> None:
    """It writes files that the next command of the document imports."""
    folder = checkout.folder / command.rsplit(maxsplit=1)[-1]
    shutil.rmtree(folder, ignore_errors=True)
    checkout.run(command)
    assert sorted(path.name for path in folder.iterdir()) == ["cases.csv", "messages.csv"]


def check_import_of_example(checkout: Checkout, command: str) -> None:
    check_example(checkout, "consumo-whatsapp example my-files")
    store = checkout.folder / "example" / "consumo.duckdb"
    assert "0 rows rejected" in checkout.run(command, store=store).stdout


def check_import_of_parquet(checkout: Checkout, command: str) -> None:
    folder = checkout.folder / "out"
    folder.mkdir(exist_ok=True)
    for name in ("cases", "messages"):
        frame = pd.read_csv(checkout.folder / f"{name}.csv", dtype=str)
        frame.to_parquet(folder / f"{name}.parquet")
    said = checkout.run(command, store=checkout.folder / "parquet" / "consumo.duckdb").stdout
    assert "3 rows read, 1 cases and 2 messages new or changed, 0 rows rejected" in said


def check_profile(checkout: Checkout, command: str) -> None:
    said = checkout.run(command).stdout
    assert ("twilio-log: " in said) == (">" not in command)


def check_import_by_profile(checkout: Checkout, command: str) -> None:
    check_profile(checkout, "consumo-whatsapp profile twilio-log > my.toml")
    (checkout.folder / "export.csv").write_text(
        "Sid,From,To,Direction,SentDate\n"
        "SM1,whatsapp:+5511900000001,whatsapp:+551130000000,inbound,2026-11-20T10:00:00Z\n"
    )
    said = checkout.run(command, store=checkout.folder / "log" / "consumo.duckdb").stdout
    assert "1 cases and 1 messages new or changed, 0 rows rejected" in said


def check_driver(_checkout: Checkout, command: str) -> None:
    """Run it would ask a registry; the program asks for this driver by name."""
    mapping = (ROOT / "sources" / "sql_sync" / "mapping.py").read_text()
    assert f'"mysql": "mysql+{command.rsplit(maxsplit=1)[-1]}"' in mapping


def check_sync_sql(_checkout: Checkout, command: str) -> None:
    """``tests/integration/test_sync_sql.py`` runs it; here its options are parsed."""
    words = shlex.split(command)[1:]
    group = cli.commands[words[0]]
    assert isinstance(group, click.Group)
    parsed = group.commands[words[1]].make_context(words[1], words[2:])
    assert parsed.params["every"] is not None


def check_sync_chatwoot(checkout: Checkout, command: str) -> None:
    """Run it on a Chatwoot with the documented user until all is copied, then end it."""
    store, output = checkout.folder / "synced" / "consumo.duckdb", checkout.folder / "synced.txt"
    store.parent.mkdir()
    with (
        postgresql_server() as server,
        new_chatwoot(server, "chatwoot") as chatwoot,
        output.open("wb") as said,
    ):
        insert_awkward(chatwoot)
        asked = command.replace("@localhost/", f"@localhost:{server.port}/")
        process = subprocess.Popen(
            shlex.split(asked),
            cwd=checkout.folder,
            env={**variables(store), "PGPASSWORD": READER_PASSWORD},
            stdout=said,
            stderr=said,
        )
        try:
            until(lambda: "The full copy is complete" in output.read_text(), "the full copy")
        finally:
            process.terminate()
        assert process.wait(timeout=PATIENCE_SECONDS) == 0, output.read_text()


CHECKS: dict[str, Callable[[Checkout, str], None]] = {
    "make run": check_make_run,
    "consumo-whatsapp example my-files": check_example,
    "consumo-whatsapp example DIR": check_example,
    "consumo-whatsapp import --cases my-files/cases.csv --messages my-files/messages.csv": (
        check_import_of_example
    ),
    "consumo-whatsapp import --cases out/cases.parquet --messages out/messages.parquet": (
        check_import_of_parquet
    ),
    "consumo-whatsapp import --profile ./my.toml --messages export.csv": check_import_by_profile,
    "consumo-whatsapp profile": check_profile,
    "consumo-whatsapp profile twilio-log > my.toml": check_profile,
    "consumo-whatsapp sync sql --config mapping.toml --every 5s": check_sync_sql,
    "pip install pymysql": check_driver,
    "make run PORT=8060": check_make_run_with_a_port,
    "make test": check_make_test,
    "make setup": check_make_setup,
    "make setup-dev": check_make_setup_dev,
    "make check": check_make_check,
    "make wheel": check_make_wheel,
    "make lock": check_make_lock,
    "pip install dist/consumo_whatsapp-0.1.0-py3-none-any.whl": check_pip_install,
    "consumo-whatsapp try": check_try,
    ".venv/bin/python -m pytest tests/unit/test_declarations.py": check_pytest,
    ".venv/bin/python -m pytest tests/unit/test_filters.py": check_pytest,
    "make bench": check_make_bench,
    "make documents": check_make_documents,
    "python -m bench --help": check_bench_help,
    ".venv/bin/consumo-whatsapp import --cases cases.csv --messages messages.csv": check_import,
    ".venv/bin/consumo-whatsapp import-webhooks payloads.jsonl": check_import_webhooks,
    ".venv/bin/consumo-whatsapp import-webhooks payloads.jsonl more.json.gz "
    "--sends sent.jsonl": check_import_webhooks,
    "cat payloads.jsonl | .venv/bin/consumo-whatsapp import-webhooks -": check_import_webhooks,
    ".venv/bin/consumo-whatsapp demo --messages 1000": check_demo,
    ".venv/bin/consumo-whatsapp serve --port 8060": check_serve,
    ".venv/bin/consumo-whatsapp check": check_check,
    ".venv/bin/consumo-whatsapp backup copy.duckdb": check_backup,
    ".venv/bin/consumo-whatsapp compact": check_compact,
    '.venv/bin/consumo-whatsapp erase --person "Ana Souza"': check_removal,
    '.venv/bin/consumo-whatsapp erase --person "Ana Souza" --dry-run': check_removal,
    '.venv/bin/consumo-whatsapp erase --person "Ana Souza" --backup copy.duckdb': check_removal,
    ".venv/bin/consumo-whatsapp erase --phone +5511987654471 --backup copy.duckdb": check_removal,
    ".venv/bin/consumo-whatsapp purge --before 2025-01-01": check_removal,
    ".venv/bin/consumo-whatsapp purge --before 2025-01-01 --texts-only": check_removal,
    "consumo-whatsapp serve --host 127.0.0.1 --port 8050": check_serve,
    ".venv/bin/consumo-whatsapp sync chatwoot --url "
    "postgresql+psycopg://consumo_reader@localhost/chatwoot --every 2s": check_sync_chatwoot,
    ".venv/bin/consumo-whatsapp rates import prices.toml": check_rates_import,
    "consumo-whatsapp rates import prices.toml": check_rates_import,
    "consumo-whatsapp rates import FILE": check_rates_import,
    ".venv/bin/consumo-whatsapp rates reconcile export.csv": check_rates_reconcile,
    "consumo-whatsapp rates reconcile analytics.csv": check_rates_reconcile,
    "make test-cluster": check_make_test_cluster,
    "make test-cluster CLICKHOUSE_URL=…": check_make_test_cluster,
    ".venv/bin/consumo-whatsapp writer": check_writer,
    "consumo-whatsapp writer": check_writer,
    "consumo-whatsapp backup PATH": check_backup,
    "consumo-whatsapp check": check_check,
    "consumo-whatsapp compact": check_compact,
    "curl 'http://127.0.0.1:8050/api/v1/panels/indicators"
    "?channel=WhatsApp%20Suporte&channel=WhatsApp%20Vendas'": check_numbers,
    "curl -OJ 'http://127.0.0.1:8050/export/details.xlsx?status=failed'": check_workbook,
    "npm install --package-lock-only": check_npm_lock,
    """python -c "import secrets; print(secrets.token_urlsafe(32))\"""": check_key,
    ".venv/bin/python -m examples.portal": check_portal,
}


def test_every_command_of_the_documents_has_a_check() -> None:
    assert sorted(CHECKS) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_documents_gives_what_it_says(checkout: Checkout, command: str) -> None:
    CHECKS[command](checkout, command)


def test_blocks_are_in_languages_that_a_test_knows() -> None:
    languages = {language for path in DOCUMENTS for language, _ in blocks(path)}
    assert languages <= {"", *ELSEWHERE}


def test_units_start_the_server_with_settings_that_are_taken() -> None:
    """Run the command of each unit without systemd, which not every machine has."""
    for path in DOCUMENTS:
        for content in [content for language, content in blocks(path) if language == "ini"]:
            unit = configparser.ConfigParser(interpolation=None)
            unit.optionxform = str  # type: ignore[assignment,method-assign]
            unit.read_string(content)
            service = unit["Service"]
            program, command, *options = shlex.split(service["ExecStart"])
            assert program == f"{service['WorkingDirectory']}/.venv/bin/consumo-whatsapp"
            assert cli.commands[command].make_context(command, options)
            name, _, text = service["Environment"].partition("=")
            assert Settings.from_environment({name: text}) != Settings()


# --- what documents say -------------------------------------------------------------------------


def test_links_lead_somewhere() -> None:
    """Each link names an existing file and, after a ``#``, one of its headings."""
    lost = []
    for path in DOCUMENTS:
        text = _FENCE.sub("", path.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
            name, _, heading = target.partition("#")
            found = path.parent / name if name else path
            if not found.exists() or (heading and heading not in headings(found)):
                lost.append(f"{path.relative_to(ROOT)}: {target}")
    assert not lost


def headings(path: Path) -> set[str]:
    """Return the anchors of the headings of a document."""
    titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def rows_of(path: Path, heading: str) -> list[list[str]]:
    """Return the cells of the tables below a heading, without backticks."""
    section = path.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [
        [cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines
    ]


def test_the_list_of_filters_is_whole() -> None:
    """embedding.md and the README refer to this list."""
    contract = ROOT / "docs" / "data-contract.md"
    named = {name for row in rows_of(contract, "Filters") for name in row[0].split(", ")}
    assert named - {"name", "---"} == {"start", "end", "period", "basis", *LISTS}
    for path in (ROOT / "README.md", ROOT / "docs" / "embedding.md"):
        assert "data-contract.md#filters" in path.read_text(encoding="utf-8")


def test_the_list_of_settings_is_whole_and_its_defaults_are_right() -> None:
    rows = {row[0]: row[1] for row in rows_of(ROOT / "README.md", "Settings")[2:]}
    expected = {
        f"CONSUMO_{name.upper()}": (
            "the machine's cores" if name == "threads" else written(getattr(Settings(), name))
        )
        for name in Settings.__annotations__
    }
    assert rows == expected


def written(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def test_measurements_of_decisions_have_a_date() -> None:
    """Undated measurements belong into performance.md only, so that two pages cannot differ."""
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"\d+ (ms|s|MB)\b", text):
            assert re.search(r"\b20\d\d-\d\d-\d\d\b", text), path.name
