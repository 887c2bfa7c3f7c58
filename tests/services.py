"""What tests need besides Python packages, Redis among it, and helpers that fill a store.

``python -m tests.services`` (``make services``) installs what is missing: with Debian's packages
where it runs as root, and otherwise Playwright's own Chromium. ``make test`` runs it once before
pytest starts. Tests of a service that is still missing are skipped and say why in one sentence.
"""

import csv
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from tools.quietly import run_quietly

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT / ".cache" / "services.log"

_CASE_COLUMNS = (
    "account",
    "case_id",
    "case_number",
    "person_name",
    "channel",
    "case_type",
    "team",
    "opened_at",
    "closed_at",
)
_MESSAGE_COLUMNS = (
    "account",
    "message_id",
    "case_id",
    "direction",
    "status",
    "kind",
    "template_name",
    "template_category",
    "business_number",
    "phone",
    "body",
    "sent_at",
    "agent",
    "is_bot",
    "error_code",
    "error_title",
    "whatsapp_id",
)

Row = Mapping[str, str]


# --- services -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Service:
    """A program that tests need on the machine.

    ``problem`` returns why it cannot be used, or None where it works. ``packages`` are the Debian
    packages that provide it; ``otherwise`` is a command that may install it without them.
    """

    name: str
    packages: tuple[str, ...]
    problem: Callable[[], str | None]
    otherwise: tuple[str, ...] = ()

    @property
    def sentence(self) -> str | None:
        """The reason why its tests are skipped and how to install it; None where it works."""
        if (problem := self.problem()) is None:
            return None
        install = f"apt-get install {' '.join(self.packages)}"
        return f"{self.name} cannot be used here ({problem}): install it (Debian: {install})"


@cache
def _problem_of_redis() -> str | None:
    return None if shutil.which("redis-server") else "no redis-server"


@cache
def _problem_of_postgresql() -> str | None:
    if _postgresql_program("postgres") is None:
        return "no program postgres"
    if os.geteuid() == 0 and _postgresql_user() is None:
        return "no user postgres, and it does not run as root"
    return None


def _postgresql_program(name: str) -> str | None:
    """Return the path of a program of PostgreSQL; Debian's are in a folder for each version."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    return str(newest) if newest else shutil.which(name)


def _postgresql_user() -> str | None:
    """Return the user who runs PostgreSQL where this process is root's; None if there is none."""
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None


@cache
def _problem_of_pgbouncer() -> str | None:
    return None if _pgbouncer_program() else "no pgbouncer"


def _pgbouncer_program() -> str | None:
    """Return the path of PgBouncer, which Debian keeps where only root looks for programs."""
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


@cache
def _problem_of_mariadb() -> str | None:
    if not all(shutil.which(name) for name in ("mariadbd", "mariadb-install-db")):
        return "no programs mariadbd and mariadb-install-db"
    if importlib.util.find_spec("pymysql") is None:
        return "its driver PyMySQL is not installed, which make setup-dev does"
    return None


@cache
def _problem_of_nginx() -> str | None:
    return None if _nginx_program() else "no program nginx"


def _nginx_program() -> str | None:
    """Return the path of nginx, which Debian has in a folder that only root's path names."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@cache
def _problem_of_chromium() -> str | None:
    """Start Chromium once, since it or its driver may lack a library; return the problem."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chromium"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    said = done.stdout + done.stderr
    if library := re.search(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object", said):
        return f"{library[1]} is missing"
    has_driver = "BrowserType.launch" in said
    return "it does not start" if has_driver else "Playwright's driver does not start"


REDIS = Service("Redis", ("redis-server",), _problem_of_redis)
#: The browser and Playwright's driver, whose Node.js needs libatomic, which a minimal Debian lacks.
CHROMIUM = Service(
    "Chromium",
    ("chromium-headless-shell", "libatomic1"),
    _problem_of_chromium,
    (sys.executable, "-m", "playwright", "install", "chromium"),
)
POSTGRESQL = Service("PostgreSQL", ("postgresql",), _problem_of_postgresql)
PGBOUNCER = Service("PgBouncer", ("pgbouncer",), _problem_of_pgbouncer)
MARIADB = Service("MariaDB", ("mariadb-server",), _problem_of_mariadb)
NGINX = Service("nginx", ("nginx",), _problem_of_nginx)
SERVICES = (REDIS, POSTGRESQL, PGBOUNCER, MARIADB, NGINX, CHROMIUM)


def need(service: Service) -> None:
    """Skip the running test where ``service`` cannot be used."""
    if sentence := service.sentence:
        pytest.skip(sentence)


def provide(services: Sequence[Service], *, may_install: bool) -> None:
    """Install missing services where possible; print what is done and what stays missing.

    ``may_install`` says whether Debian packages may be installed.
    """
    lacking = _lacking(services)
    if lacking and may_install:
        _install([package for service in lacking for package in service.packages])
        lacking = _lacking(lacking)
    for service in lacking:
        if service.otherwise:
            print(f"Fetching {service.name} for the tests (output: {_short(LOG)})…")
            run_quietly(service.otherwise, LOG)
    for service in _lacking(lacking):
        print(f"Tests that need {service.name} are skipped: {service.sentence}.")


def _lacking(services: Sequence[Service]) -> list[Service]:
    _problem_of_redis.cache_clear()
    _problem_of_postgresql.cache_clear()
    _problem_of_pgbouncer.cache_clear()
    _problem_of_mariadb.cache_clear()
    _problem_of_nginx.cache_clear()
    _problem_of_chromium.cache_clear()
    return [service for service in services if service.sentence]


def _install(packages: Sequence[str]) -> None:
    print(
        f"Installing {', '.join(packages)} for the tests "
        f"(a minute or two; output of apt: {_short(LOG)})…",
        flush=True,
    )
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        # Another apt process may hold the lock for a while.
        command = ["apt-get", "-o", "DPkg::Lock::Timeout=60", *step]
        run_quietly(command, LOG, variables={"DEBIAN_FRONTEND": "noninteractive"})


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- the store --------------------------------------------------------------------------------


def import_rows(folder: Path, cases: Sequence[Row], messages: Sequence[Row]) -> str:
    """Write two import files, load them into a new store in ``folder``, and return its URL.

    Columns that a row lacks are empty. Fails where a row is rejected.
    """
    paths = folder / "cases.csv", folder / "messages.csv"
    for path, rows, columns in zip(
        paths, (cases, messages), (_CASE_COLUMNS, _MESSAGE_COLUMNS), strict=True
    ):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    url, said = import_files(folder, *paths)
    assert " 0 rows rejected" in said, said
    return url


def import_files(folder: Path, cases: Path, messages: Path) -> tuple[str, str]:
    """Load two files with the command ``import``; return the store's URL and the printed report."""
    url = f"duckdb:///{folder / 'store.duckdb'}"
    return url, run_here("import", "--cases", str(cases), "--messages", str(messages), url=url)


def run_here(*args: str, url: str) -> str:
    """Run the command on the store at ``url`` inside this process; return what it prints.

    That saves the time to start Python. Fails where the exit code is not 0. The store must not be
    open in this process: DuckDB would let both in, whereas another process would wait.
    """
    from app.cli import cli  # noqa: PLC0415 - ``make services`` runs this module before set-up ends

    done = CliRunner().invoke(cli, args, env={"CONSUMO_STORE_URL": url})
    assert done.exit_code == 0, done.output
    return done.output


# --- Redis ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RedisServer:
    """A Redis that was started for one test."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """Kill it without a clean end, as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Run a Redis on a free port of 127.0.0.1; skip the test where Redis is not installed."""
    need(REDIS)
    server = _start_redis(folder)
    try:
        yield server
    finally:
        server.kill()
        assert server.process.stdout is not None
        server.process.stdout.close()


def _start_redis(folder: Path) -> RedisServer:
    said = ""
    options = ["--dir", str(folder), "--save", "", "--appendonly", "no", "--daemonize", "no"]
    for _ in range(5):  # another process may take the free port before Redis does
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(port), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "Ready to accept connections" in line:
                return RedisServer(f"redis://127.0.0.1:{port}/0", process)
        process.wait()
        process.stdout.close()
    pytest.fail(f"Redis does not start:\n{said}")


# --- PostgreSQL -------------------------------------------------------------------------------

#: The superuser of the PostgreSQL that tests start, and everybody's password there.
POSTGRESQL_USER = "owner"
POSTGRESQL_PASSWORD = "a password of tests"
_STARTING_SECONDS = 60.0
_POSTGRESQL_READY = "ready to accept connections"
_MARIADB_READY = "ready for connections"


@dataclass
class PostgreSQLServer:
    """A PostgreSQL that was started for tests, on 127.0.0.1 only.

    ``start`` starts it at a port, or at any free one.
    """

    start: Callable[[int | None], tuple[int, subprocess.Popen[bytes]]]

    def __post_init__(self) -> None:
        self.port, self.process = self.start(None)

    def url(
        self, database: str, user: str = POSTGRESQL_USER, password: str = POSTGRESQL_PASSWORD
    ) -> str:
        """Return the address of one of its databases."""
        secret = password.replace(" ", "%20")
        return f"postgresql+psycopg://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """End it at once; sessions are cut."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def start_again(self) -> None:
        """Start it at the same port, with the same data."""
        self.port, self.process = self.start(self.port)


@contextmanager
def postgresql_server(
    prepare: Callable[[Path], Sequence[str]] = lambda _folder: (),
) -> Iterator[PostgreSQLServer]:
    """Run a PostgreSQL on a free port of 127.0.0.1; skip the test where it is not installed.

    Its files are in a folder that goes with it. Where this process is root's, it runs as the user
    ``postgres``, since it refuses to be root. ``prepare`` may write files into the folder, and
    returns further settings, such as ``ssl=on``.
    """
    need(POSTGRESQL)
    user = _postgresql_user() if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder = Path(name)
        password = folder / "password"
        password.write_text(POSTGRESQL_PASSWORD)
        if user:
            shutil.chown(folder, user)
            shutil.chown(password, user)
        _make_cluster(folder, password, user)
        settings = prepare(folder)
        if user:
            for path in folder.iterdir():
                shutil.chown(path, user)
        server = PostgreSQLServer(lambda port: _start_postgresql(folder, user, settings, port))
        try:
            yield server
        finally:
            server.stop()


def _make_cluster(folder: Path, password: Path, user: str | None) -> None:
    program = _postgresql_program("initdb")
    assert program
    done = subprocess.run(
        [
            program,
            *("--pgdata", str(folder / "data"), "--username", POSTGRESQL_USER),
            *("--pwfile", str(password), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        user=user,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"PostgreSQL makes no cluster:\n{done.stdout}{done.stderr}")


def _start_postgresql(
    folder: Path, user: str | None, further: Sequence[str], port: int | None
) -> tuple[int, subprocess.Popen[bytes]]:
    program = _postgresql_program("postgres")
    assert program
    settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", *further)

    def command(port: int) -> list[str]:
        options = [part for value in (*settings, f"port={port}") for part in ("-c", value)]
        return [program, "-D", str(folder / "data"), *options]

    return _started("PostgreSQL", command, folder, user, _POSTGRESQL_READY, port)


@contextmanager
def pgbouncer(server: PostgreSQLServer) -> Iterator[int]:
    """Run a PgBouncer before ``server``; give its port. It lends sessions by the transaction.

    Where this process is root's, it runs as the user ``postgres``, since it refuses to be root.
    """
    need(PGBOUNCER)
    user = _postgresql_user() if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        folder = Path(name)
        users, settings = folder / "users.txt", folder / "pgbouncer.ini"
        users.write_text(f'"{POSTGRESQL_USER}" "{POSTGRESQL_PASSWORD}"\n')

        def command(port: int) -> list[str]:
            settings.write_text(
                f"""[databases]
                * = host=127.0.0.1 port={server.port}
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {port}
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = {users}
                pool_mode = transaction
                default_pool_size = 2
                """.replace("    ", "")
            )
            for path in (folder, users, settings):
                if user:
                    shutil.chown(path, user)
            return [str(_pgbouncer_program()), str(settings)]

        port, process = _started("PgBouncer", command, folder, user, "process up")
        try:
            yield port
        finally:
            process.kill()
            process.wait()


# --- MariaDB ----------------------------------------------------------------------------------

#: A user of the MariaDB that tests start who may do all, and everybody's password there.
MARIADB_USER = "owner"
MARIADB_PASSWORD = "a password of tests"


@dataclass(frozen=True)
class MariaDBServer:
    """A MariaDB that was started for tests, on 127.0.0.1 only."""

    port: int
    process: subprocess.Popen[bytes]

    def url(
        self,
        database: str = "",
        user: str = MARIADB_USER,
        password: str = MARIADB_PASSWORD,
        driver: str = "mysql+pymysql",
    ) -> str:
        """Return the address of one of its databases."""
        secret = password.replace(" ", "%20")
        return f"{driver}://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """End it; sessions are cut."""
        self.process.terminate()
        self.process.wait()


@contextmanager
def mariadb_server() -> Iterator[MariaDBServer]:
    """Run a MariaDB on a free port of 127.0.0.1; skip the test where it is not installed.

    Its files are in a folder that goes with it. Its zone is not UTC, as that of many portals.
    Where this process is root's, it runs as the user ``mysql``, since it refuses to be root.
    """
    need(MARIADB)
    user = "mysql" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="mariadb-") as name:
        folder = Path(name)
        # Its own file, because the first user of a new MariaDB has no password.
        first = folder / "first.sql"
        first.write_text(
            f"create user {MARIADB_USER}@'%' identified by '{MARIADB_PASSWORD}';\n"
            f"grant all on *.* to {MARIADB_USER}@'%' with grant option;\n"
        )
        if user:
            shutil.chown(folder, user)
            shutil.chown(first, user)
        done = subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={folder / 'data'}"],
            user=user,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(f"MariaDB makes no data folder:\n{done.stdout}{done.stderr}")
        server = _start_mariadb(folder, user)
        try:
            yield server
        finally:
            server.stop()


def _start_mariadb(folder: Path, user: str | None) -> MariaDBServer:
    options = [
        f"--datadir={folder / 'data'}",
        f"--init-file={folder / 'first.sql'}",
        f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'pid'}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=0",
    ]

    def command(port: int) -> list[str]:
        clock = ("env", "TZ=America/Sao_Paulo")  # as of a portal there
        return [*clock, "mariadbd", "--no-defaults", *options, f"--port={port}"]

    return MariaDBServer(*_started("MariaDB", command, folder, user, _MARIADB_READY))


# --- nginx ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NginxServer:
    """An nginx that was started for one test, on 127.0.0.1 only."""

    port: int
    folder: Path

    @property
    def access_log(self) -> list[str]:
        """The lines that it has logged, one a request."""
        return (self.folder / "access.txt").read_text().splitlines()


@contextmanager
def nginx_server(folder: Path, readers: Sequence[int], writer: int) -> Iterator[NginxServer]:
    """Run nginx with ``deploy/nginx.conf`` before ``readers`` and ``writer``, ports of 127.0.0.1.

    Skip the test where nginx is not installed.
    """
    need(NGINX)
    program = _nginx_program()
    assert program
    # Only root's nginx changes its user, and another one could not enter the folder of a test.
    user = ("-g", "daemon off; user root;" if os.geteuid() == 0 else "daemon off;")

    def command(port: int) -> list[str]:
        written = folder / "nginx.conf"
        written.write_text(_nginx_configuration(folder, port, readers, writer))
        return [program, "-p", str(folder), "-c", str(written), "-e", "stderr", *user]

    port, process = _started("nginx", command, folder, None, None)
    try:
        yield NginxServer(port, folder)
    finally:
        process.terminate()
        process.wait()


def _nginx_configuration(folder: Path, port: int, readers: Sequence[int], writer: int) -> str:
    """Return ``deploy/nginx.conf`` with other ports and folders; fail where it has them not."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    instead = {
        "/tmp/": f"{folder}/",  # first, for the other folders may be below /tmp
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "writer:8051": f"127.0.0.1:{writer}",
        "/dev/stdout": str(folder / "access.txt"),
    }
    for number, reader in enumerate(readers, 1):
        instead[f"reader-{number}:8050"] = f"127.0.0.1:{reader}"
    for shipped, own in instead.items():
        assert shipped in text, shipped
        text = text.replace(shipped, own)
    return text


# --- databases --------------------------------------------------------------------------------


def _started(
    name: str,
    command: Callable[[int], list[str]],
    folder: Path,
    user: str | None,
    ready: str | None,
    port: int | None = None,
) -> tuple[int, subprocess.Popen[bytes]]:
    """Start a server at ``port`` or a free port of 127.0.0.1; return the port and the process.

    ``command`` gets the port. The server says ``ready`` when it can be used; with None it can be
    once its port answers. What it says is kept in ``folder``. Fails where it does not start.
    """
    said = folder / "said.txt"
    for _ in range(5):  # another process may take the free port before the database does
        with socket.create_server(("127.0.0.1", 0)) as probe:
            chosen = port or probe.getsockname()[1]
        with said.open("wb") as output:
            process = subprocess.Popen(
                command(chosen),
                user=user,
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _STARTING_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            is_ready = _answers(chosen) if ready is None else ready in said.read_text()
            if is_ready:
                return chosen, process
            time.sleep(0.02)
        if process.poll() is None:
            process.kill()
        process.wait()
    pytest.fail(f"{name} does not start:\n{said.read_text()}")


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    provide(SERVICES, may_install=os.geteuid() == 0 and shutil.which("apt-get") is not None)
