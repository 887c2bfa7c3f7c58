"""Commands at the terminal: messages, exit codes, interruptions, full disks and missing rights."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sources.demo import write_demo
from sources.inbox import Inbox
from tests.integration.conftest import (
    ROOT,
    Command,
    Here,
    environment,
    owner_of,
    running_server,
    write_csv,
)
from tests.integration.test_crash import NEWEST

pytestmark = pytest.mark.integration

HEADER = "case_id,person_name,channel,case_type,opened_at"
CASE = "c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z"
NOBODY = 65_534
#: Signs that steer terminals, and how they are shown.
HOSTILE = {"\x1b]0;x\x07": r"\x1b]0;x\x07", "\u202egro": r"\u202egro", "\n": r"\n"}


def csv_of(path: Path, *rows: str) -> Path:
    return write_csv(path, "\n".join((HEADER, *rows)))


# --- what is read first ---------------------------------------------------------------------------


def test_the_store_is_named_and_a_new_one_announced(
    here: Here, tmp_path: Path, store: Path
) -> None:
    cases = csv_of(tmp_path / "cases.csv", CASE)
    first = here("import", "--cases", cases, store=store)
    assert first.stderr.splitlines()[0] == f"New store: {store}"
    again = here("import", "--cases", cases, store=store)
    assert again.stderr.splitlines()[0] == f"Store: {store}"
    demo = store.with_name("demo.duckdb")
    done = here("demo", "--messages", "10", store=demo)
    assert done.stderr.splitlines()[0] == f"New store: {demo}"


def test_an_import_that_rejects_every_row_ends_with_1(
    here: Here, tmp_path: Path, store: Path
) -> None:
    rows = [*(["c1,,WhatsApp,Dúvida,2026-11-01"] * 4), *(["c1,Ana,WhatsApp,x,ontem"] * 3)]
    done = here("import", "--cases", csv_of(tmp_path / "cases.csv", *rows), store=store)
    assert done.exit_code == 1
    said = done.stdout.splitlines()
    assert said[0].startswith("Load 1: 7 rows read")
    # What the file lacks is told after what became of it.
    hints = [line for line in said if line.startswith("cases.csv: ")]
    assert said[-len(hints) :] == hints
    del said[-len(hints) :]
    assert said[-7:-2] == [
        "  cases, line 2, person_name: missing",
        "  cases, line 3, person_name: missing",
        "  cases, line 4, person_name: missing",
        "  cases, line 5, person_name: missing",
        said[-3],
    ]
    assert said[-3].startswith("  cases, line 6, opened_at: not a time")
    assert said[-8] == "The first rejected rows:"
    assert said[-2] == "Most frequent reason: missing (4 of 7)"
    assert said[-1] == f"Rejected rows: {store.with_name('rejects-1.csv')}"
    assert "Nothing was taken: every row was rejected." in done.stderr.splitlines()
    # Once more, it is the same: nothing was taken.
    assert here("import", "--cases", tmp_path / "cases.csv", store=store).exit_code == 1


def test_an_import_with_one_accepted_row_succeeds(here: Here, tmp_path: Path, store: Path) -> None:
    cases = csv_of(tmp_path / "cases.csv", CASE, ",Ana,WhatsApp,Dúvida,2026-11-01")
    done = here("import", "--cases", cases, store=store)
    assert done.exit_code == 0
    assert "  cases, line 3, case_id: missing" in done.stdout.splitlines()
    empty = here("import", "--cases", csv_of(tmp_path / "none.csv"), store=store)
    assert empty.exit_code == 0
    assert "rejected rows" not in empty.stdout


def test_the_report_says_once_that_demonstration_data_were_replaced(
    here: Here, tmp_path: Path, store: Path
) -> None:
    here("demo", "--messages", "10", store=store)
    cases = csv_of(tmp_path / "cases.csv", CASE)
    gone = "The demonstration data is gone"
    assert gone in here("import", "--cases", cases, store=store).stdout
    again = here("import", "--cases", cases, store=store).stdout
    assert "Nothing new" in again
    assert gone not in again


@pytest.mark.parametrize(
    "name", ["import", "demo", "backup", "compact", "serve", "token", "scope", "erase", "purge"]
)
def test_help_of_every_command(here: Here, name: str) -> None:
    done = here(name, "--help", address="duckdb:///var/nowhere.duckdb")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Usage: cli {name} ")
    assert not done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("demo", "--until", "0001-01-01"), "--until takes a time of the years 1950 to 2099"),
        (("demo", "--until", "9999-12-31"), "--until takes a time of the years 1950 to 2099"),
        (("import", "--account", "a\nb"), "--account takes a name"),
        (("import", "--account", "\udcff"), "--account takes a name"),
    ],
)
def test_option_values_that_no_load_accepts_are_refused(
    here: Here, tmp_path: Path, store: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    cases = csv_of(tmp_path / "cases.csv", CASE)
    given = ("--cases", cases) if arguments[0] == "import" else ()
    done = here(*arguments, *given, store=store)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not store.parent.exists()


# --- texts from outside ---------------------------------------------------------------------------


@pytest.mark.parametrize("sign", HOSTILE, ids=["escape", "direction", "line end"])
def test_control_characters_are_escaped_in_terminal_output(
    here: Here, tmp_path: Path, store: Path, sign: str
) -> None:
    folder = tmp_path / f"a{sign}b"
    quoted = f'"x{sign}y"'
    cases = folder / f"cases{sign}.csv"
    folder.mkdir()
    cases.write_text(f"{HEADER},{quoted}\n{CASE},\n,Ana,WhatsApp,x,2026-11-01,\n")
    shown = HOSTILE[sign]
    other = folder / "consumo.duckdb"
    heard = [
        here("import", "--cases", cases, store=other),
        here("import", "--cases", cases, "--rejects", cases, store=other),
        here("import", "--cases", folder / f"nowhere{sign}", store=other),
        here("import", "--cases", folder, store=other),
        here("import", f"--{sign}", store=other),
        here("backup", folder / f"copy{sign}", store=other),
        here("backup", folder / f"copy{sign}", store=other),
        here("compact", store=other),
        here("compact", store=folder / "none.duckdb"),
        here(f"x{sign}", store=other),
    ]
    for done in heard:
        said = done.stdout + done.stderr
        assert sign not in said if sign != "\n" else f"a{sign}b" not in said
        assert shown in said
    assert f"cases{shown}.csv: not imported: x{shown}y" in heard[0].stderr.splitlines()


def test_names_that_the_terminal_cannot_write(tmp_path: Path) -> None:
    """A terminal without UTF-8, and a file name that is not valid in any encoding."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "app",
            "import",
            "--cases",
            bytes(tmp_path) + b"/na\xef\xbfo\xc3\xa3",
        ],
        cwd=ROOT,
        env={**environment(tmp_path / "s.duckdb"), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == rb"na\udcef\udcbfo\xe3 cannot be read: No such file or directory" + b"\n"


def test_a_closed_output_pipe_does_not_stop_a_load(tmp_path: Path, store: Path) -> None:
    """``consumo-whatsapp import … 2>&1 | head -1``"""
    cases = csv_of(tmp_path / "cases.csv", CASE)
    reading, writing = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "app", "import", "--cases", str(cases)],
        cwd=ROOT,
        env=environment(store),
        stdout=writing,
        stderr=writing,
    ) as process:
        os.close(writing)
        said = os.read(reading, 10)
        os.close(reading)
    assert said.startswith(b"New store")
    assert process.returncode == 0
    assert not Inbox(store).waiting()
    with closing(owner_of(store)) as owner:
        owner.open()
        assert owner.holds() == "real"


# --- disks ----------------------------------------------------------------------------------------


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike the temporary folders of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def as_nobody(*args: object, store: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a user without rights; as root, give up the rights after all imports."""
    start = (
        # What is read of Python's own folders is read before: others may not enter them.
        "import os, sys; from app.cli import cli; import sources.demo; "
        "from app.settings import Settings; Settings().zone; "
        f"os.getuid() or (os.setgid({NOBODY}), os.setuid({NOBODY})); cli(sys.argv[1:])"
    )
    return subprocess.run(
        [sys.executable, "-c", start, *map(str, args)],
        cwd=ROOT,
        env=environment(store),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["import", "demo", "backup", "compact"])
@pytest.mark.parametrize("may_not", ["write the folder", "read the store", "enter the folder"])
def test_without_rights_each_command_says_one_sentence(
    here: Here, open_folder: Path, name: str, may_not: str
) -> None:
    store = open_folder / "var" / "consumo.duckdb"
    cases = csv_of(open_folder / "cases.csv", CASE)
    cases.chmod(0o644)
    here("import", "--cases", cases, store=store)
    modes = {"write the folder": 0o555, "read the store": 0o777, "enter the folder": 0}
    store.chmod(0 if may_not == "read the store" else 0o666)
    store.parent.chmod(modes[may_not])
    arguments = {"import": ["--cases", cases], "backup": [open_folder / "copy"]}.get(name, [])
    try:
        done = as_nobody(name, *arguments, store=store)
    finally:
        store.parent.chmod(0o700)
    assert done.returncode == 2
    [said] = done.stderr.splitlines()
    assert "Permission denied" in said
    assert str(store.parent) in said
    assert not done.stdout


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A small file system; skip the test where this user or container may not mount one."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_called_full(here: Here, tmp_path: Path) -> None:
    paths = write_demo(tmp_path, 15_000, 1, NEWEST)
    with small_disk(tmp_path / "disk", 6) as disk:
        store = disk / "consumo.duckdb"
        assert here("demo", "--messages", "10", store=store).exit_code == 0
        done = here("import", "--cases", paths[0], "--messages", paths[1], store=store)
        assert done.exit_code == 2
        assert done.stderr.splitlines()[-1] == (
            "the load failed and changed nothing: the disk is full"
        )
        with closing(owner_of(store)) as owner:
            owner.open()
            assert owner.holds() == "demo"
        (disk / "fill").write_bytes(b"x" * (os.statvfs(disk).f_bavail * 4_096 - 700_000))
        for done in (here("backup", disk / "copy", store=store), here("compact", store=store)):
            assert done.exit_code == 2
            assert done.stderr.splitlines()[-1].endswith("the disk is full")
        assert sorted(path.name for path in disk.rglob("*") if not path.is_dir()) == [
            "consumo.duckdb",
            "consumo.duckdb.lock",
            "fill",
        ]


def test_a_limit_on_the_size_of_files_is_a_full_disk(tmp_path: Path, store: Path) -> None:
    """The limit acts like a disk quota, and needs no special rights."""
    paths = write_demo(tmp_path, 15_000, 1, NEWEST)
    done = subprocess.run(
        [sys.executable, "-m", "app", "import", "--cases", paths[0], "--messages", paths[1]],
        cwd=ROOT,
        env=environment(store),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("the disk is full")
    assert "Traceback" not in done.stderr


# --- Control-C ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("name", ["import", "demo", "backup", "compact"])
@pytest.mark.parametrize("presses", [1, 2])
def test_control_c_at_any_moment(
    here: Here, tmp_path: Path, store: Path, name: str, presses: int
) -> None:
    """Interrupt the command again and again, each time later, until it finishes before."""
    cases, messages = write_demo(tmp_path, 3_000, 1, NEWEST)
    given = {
        "import": ["--cases", cases, "--messages", messages],
        "demo": ["--messages", "3000"],
        "backup": [tmp_path / "copy"],
        "compact": [],
    }[name]
    if name in ("backup", "compact"):
        assert here("demo", "--messages", "3000", store=store).exit_code == 0
    # What Python does before anything of ours runs is not ours to guard.
    start = "import app.__main__ as command; print('begun', flush=True); command.main()"
    for tenths in range(1, 13, 2):
        # A back-up that was whole before it was stopped is there, and is not replaced.
        (tmp_path / "copy").unlink(missing_ok=True)
        with subprocess.Popen(
            [sys.executable, "-c", start, name, *map(str, given)],
            cwd=ROOT,
            env=environment(store),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == "begun\n"
            for _ in range(presses):
                try:
                    process.wait(timeout=0.1 * tenths)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)[0]
        assert "Traceback" not in said
        assert process.returncode in (0, 130), said
        if process.returncode == 130:
            assert "Stopped" in said.splitlines()[-1]
    with closing(owner_of(store)) as owner:
        owner.open()
        owner.take_in()
    assert not list(store.parent.rglob("*.compact*"))


# --- others that use the store --------------------------------------------------------------------


def test_commands_beside_a_server_and_a_new_store(
    command: Command, tmp_path: Path, store: Path
) -> None:
    store.parent.mkdir()
    with running_server(store):
        assert command("backup", tmp_path / "empty.duckdb", store=store).returncode == 0
        compacting = command("compact", store=store)
        assert (compacting.returncode, compacting.stderr.splitlines()) == (
            2,
            ["a server or an import holds the store: stop it first"],
        )
    with closing(owner_of(tmp_path / "empty.duckdb")) as owner:
        owner.open()
        assert owner.holds() == "nothing"


def test_a_load_that_kills_the_process_repeatedly_is_given_up(
    here: Here, tmp_path: Path, store: Path
) -> None:
    """As when memory runs out: the process dies at the same step each time."""
    csv_of(tmp_path / "deadly.csv", *(CASE.replace("c1", f"d{n}") for n in range(10)))
    deadly = (
        "import os, sys, app.cli, sources.inbox_loading as inbox_loading\n"
        "real = inbox_loading.load\n"
        "def load(connection, order, *, progress, **rest):\n"
        "    def tell(step, rows):\n"
        "        progress(step, rows)\n"
        "        if step == 'merging cases' and order.account == 'deadly': os._exit(9)\n"
        "    return real(connection, order, progress=tell, **rest)\n"
        "inbox_loading.load = load\n"
        "app.cli.cli(sys.argv[1:])\n"
    )
    sound = csv_of(tmp_path / "sound.csv", CASE)

    def run(*args: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", deadly, "import", *map(str, args)],
            cwd=ROOT,
            env=environment(store),
            capture_output=True,
            text=True,
            check=False,
        )

    first = run("--cases", tmp_path / "deadly.csv", "--account", "deadly")
    [ticket] = Inbox(store).waiting()
    ends = [run("--cases", sound).returncode for _ in range(4)]
    assert [first.returncode, *ends] == [9] * 5
    # The sixth owner leaves it alone, and takes what waited behind it.
    done = run("--cases", sound)
    assert done.returncode == 0, done.stderr
    outcome = Inbox(store).take_outcome(ticket)
    assert outcome
    assert "ended the process several times at the same step" in str(outcome.refusal)
    assert not Inbox(store).waiting()
