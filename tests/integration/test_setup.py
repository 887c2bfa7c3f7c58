"""What ``make`` sets up, and what it says on machines that lack something.

No test fetches the project's packages: where one installs, its packages are empty ones.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.integration.conftest import PATIENCE_SECONDS
from tests.services import ROOT, Service, provide
from tools import quietly
from tools.quietly import run_quietly

pytestmark = pytest.mark.integration

#: What the set-up part of the Makefile reads.
PROJECT = (
    "Makefile",
    "requirements.lock",
    "requirements-dev.lock",
    "pyproject.toml",
    "package.json",
    "package-lock.json",
)


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A checkout that was not set up."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*PROJECT, ".npmrc"):
        shutil.copy(ROOT / name, folder)
    return folder


def make(
    folder: Path, *words: str, programs: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``make`` in ``folder``; where ``programs`` is given, PATH has only that folder."""
    if (program := shutil.which("make")) is None:
        pytest.skip("make is not installed (Debian: apt-get install make)")
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        [program, *words],
        cwd=folder,
        env={**kept, "PATH": str(programs)} if programs else kept,
        capture_output=True,
        text=True,
        check=False,
    )


def programs_of(folder: Path, *names: str) -> Path:
    """Return a folder with links to these programs of the machine and no others."""
    found = folder / "programs"
    found.mkdir()
    for name in names:
        path = shutil.which(name)
        assert path
        (found / name).symlink_to(path)
    return found


def set_up_under(folder: Path, before: str) -> subprocess.CompletedProcess[str]:
    """Run ``make setup`` with a Python that runs the code ``before`` first, to lack something."""
    python = folder / "old-python"
    start = f"{before}; import runpy, sys; runpy.run_module(sys.argv[-1], run_name='__main__')"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{start}" "$@"\n')
    python.chmod(0o755)
    return make(folder, "setup", f"PYTHON={python}")


def test_a_python_that_is_too_old_is_named_with_what_is_needed(fresh: Path) -> None:
    done = set_up_under(fresh, "import sys; sys.version_info = (3, 9, 2)")
    assert done.returncode != 0
    said = done.stderr.splitlines()[0]
    assert said == (
        f"Python 3.11 or newer is needed, and {sys.executable} is 3.9.2: "
        "install one and name it, as make PYTHON=python3.12"
    )
    assert not (fresh / ".venv").exists()


def test_a_python_without_venv_is_reported_with_the_missing_package(fresh: Path) -> None:
    done = set_up_under(fresh, "import sys; sys.modules['ensurepip'] = None")
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "Python's venv is missing: install it (Debian: apt-get install python3-venv), "
        "then repeat the command"
    )
    assert not (fresh / ".venv").exists()


def test_a_missing_python_is_reported(fresh: Path) -> None:
    done = make(fresh, "setup", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "No no-such-python: install Python 3.11 or newer "
        "(Debian: apt-get install python3 python3-venv)"
    )


def test_packages_that_cannot_be_installed_are_reported_in_a_sentence(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pip looks into an empty folder in place of a registry."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(fresh))
    done = make(fresh, "setup", f"PYTHON={sys.executable}")
    assert done.returncode != 0
    # On a busy machine lines between say how long it has taken.
    told = [line for line in done.stdout.splitlines() if not line.startswith("  ")]
    assert told[0] == "Creating the environment in .venv…"
    count = sum("==" in line for line in (fresh / "requirements.lock").read_text().splitlines())
    assert told[1].startswith(f"Installing {count} packages ")
    first = done.stderr.splitlines()[0]
    assert first.startswith("The packages cannot be installed: ERROR: ")
    assert first.endswith("(all of it: .cache/setup.log)")
    assert not (fresh / ".venv" / ".ready").exists()


def empty_wheel(folder: Path, name: str) -> str:
    """Make a wheel of a package with one empty module; return its line of a lock."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


#: Builds the editable install of a project without code, in place of setuptools.
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "project-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        info = "project-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", METADATA)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name

METADATA = "Metadata-Version: 2.1\\nName: project\\nVersion: 1.0\\n"
"""


def test_running_gets_no_test_tools_and_tests_get_them(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Makefile, tools and pip are the real ones; the packages of the two locks are empty ones."""
    wheels = fresh / "wheels"
    wheels.mkdir()
    (fresh / "requirements.lock").write_text(empty_wheel(wheels, "dash"))
    (fresh / "requirements-dev.lock").write_text(empty_wheel(wheels, "pytest"))
    (fresh / "backend.py").write_text(BACKEND)
    (fresh / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))

    def set_up(target: str) -> str:
        done = make(fresh, "-o", "node_modules/.ready", target, f"PYTHON={sys.executable}")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def has(module: str) -> bool:
        python = fresh / ".venv" / "bin" / "python"
        code = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
        return subprocess.run([python, "-c", code], check=False).returncode == 0

    set_up(SET_UP_OF["run"])
    assert has("dash")
    assert not has("pytest")
    said = set_up(SET_UP_OF["test"])
    assert "Installing 1 packages for checks and tests" in said
    assert has("dash")
    assert has("pytest")
    assert set_up(SET_UP_OF["test"]) == "make: Nothing to be done for 'setup-dev'.\n"


#: What a target sets up first.
SET_UP_OF = {
    "run": "setup",
    "wheel": "setup",
    "check": "setup-dev",
    "test": "setup-dev",
    "bench": "setup-dev",
    "screenshots": "setup-dev",
}


@pytest.mark.parametrize("target", SET_UP_OF)
def test_a_target_sets_up_what_it_needs(fresh: Path, target: str) -> None:
    commands = make(fresh, "--dry-run", target).stdout
    assert "-m tools.set_up" in commands
    assert ("-m tools.set_up --dev" in commands) == (SET_UP_OF[target] == "setup-dev")


@pytest.mark.parametrize("there", [(), ("npm",)], ids=["nothing", "npm without node"])
def test_without_npm_or_node_set_up_goes_on(
    fresh: Path, tmp_path: Path, there: tuple[str, ...]
) -> None:
    programs = programs_of(tmp_path, "mkdir", "touch")
    for name in there:
        (programs / name).write_text("#!/bin/sh\nexit 127\n")
        (programs / name).chmod(0o755)
    done = make(fresh, "node_modules/.ready", programs=programs)
    assert done.returncode == 0
    assert done.stdout == (
        "No npm: the page loads plotly.py's whole plotly.js, 0.8 MB more at a first visit.\n"
    )


def test_without_npm_the_check_says_what_it_leaves_out(fresh: Path, tmp_path: Path) -> None:
    programs = programs_of(tmp_path, "mkdir", "touch")
    done = make(fresh, "-o", "node_modules/.ready", "node_modules/.linter", programs=programs)
    assert done.returncode == 0
    assert done.stdout == "No npm: the scripts and styles in assets/ are not linted.\n"


def test_running_fetches_no_linter(fresh: Path) -> None:
    """It is a hundred times as large as what the page needs."""
    commands = make(fresh, "--dry-run", "-o", ".venv/.ready", "run").stdout
    assert re.findall(r"npm (?:ci|install)\b.*? --cache", commands) == ["npm ci --omit=dev --cache"]


def test_the_lock_says_that_it_needs_uv(fresh: Path, tmp_path: Path) -> None:
    before = (fresh / "requirements.lock").read_bytes()
    done = make(fresh, "lock", programs=programs_of(tmp_path, "mkdir"))
    assert done.returncode != 0
    assert done.stderr.splitlines()[0].startswith("make lock needs uv, ")
    assert (fresh / "requirements.lock").read_bytes() == before


def test_the_address_of_make_run(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HOST is ignored, which some shells set to the name of the machine."""

    def serve(*words: str) -> str:
        ready = ("-o", ".venv/.ready", "-o", "node_modules/.ready")
        return make(fresh, "--dry-run", *ready, "run", *words).stdout.rstrip()

    assert serve().endswith("consumo-whatsapp serve")
    assert serve("PORT=8060", "HOST=0.0.0.0").endswith("serve --port 8060 --host 0.0.0.0")
    monkeypatch.setenv("HOST", "desk.example")
    assert serve().endswith("consumo-whatsapp serve")


# --- what tests need of the machine -------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "problem", "packages"),
    [
        (
            "tests/browser/test_header_and_frame.py",
            "Chromium cannot be used here (Playwright's driver does not start)",
            "chromium-headless-shell libatomic1",
        ),
        (
            "tests/integration/test_cache_servers.py::test_answers_in_redis_are_used_instead_of_the_store",
            "Redis cannot be used here (no redis-server)",
            "redis-server",
        ),
    ],
)
def test_tests_without_their_service_skip_with_its_sentence(
    tmp_path: Path, path: str, problem: str, packages: str
) -> None:
    """Without programs and without Node for Playwright, tests are skipped and none fails."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path), "PLAYWRIGHT_NODEJS_PATH": str(tmp_path / "node")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d+ skipped in ", done.stdout, re.MULTILINE), done.stdout
    reasons = re.findall(r"^SKIPPED \[\d+\] [^ ]+: (.*)$", done.stdout, re.MULTILINE)
    assert reasons == [f"{problem}: install it (Debian: apt-get install {packages})"]


def service(folder: Path, **given: tuple[str, ...]) -> Service:
    """Return a service that works as soon as a certain file exists."""
    there = folder / "gadget"
    return Service(
        "Gadget",
        ("gadget", "libgadget1"),
        lambda: None if there.exists() else "no gadget",
        **given,
    )


def test_a_service_that_cannot_be_installed_is_reported_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = service(tmp_path)
    sentence = (
        "Gadget cannot be used here (no gadget): "
        "install it (Debian: apt-get install gadget libgadget1)"
    )
    assert missing.sentence == sentence
    provide((missing,), may_install=False)
    assert capsys.readouterr().out == f"Tests that need Gadget are skipped: {sentence}.\n"


def test_an_installed_service_is_not_mentioned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gadget").touch()
    provide((service(tmp_path),), may_install=False)
    assert capsys.readouterr().out == ""


def test_the_other_command_is_run_where_packages_may_not_be_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = f"print('a hundred lines'); open({str(tmp_path / 'gadget')!r}, 'w').close()"
    provide((service(tmp_path, otherwise=(sys.executable, "-c", code)),), may_install=False)
    assert capsys.readouterr().out == (
        "Fetching Gadget for the tests (output: .cache/services.log)…\n"
    )


def test_a_long_command_reports_that_it_still_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its output goes to the log; the test ends it after the first report."""
    monkeypatch.setattr(quietly, "SAY_SECONDS", 0.01)
    go, log = tmp_path / "go", tmp_path / "log" / "long.log"
    os.mkfifo(go)
    code = f"print('begun', flush=True); open({str(go)!r}).read(); raise SystemExit(3)"
    heard = []

    def how_far(said: str) -> str:
        if said and not heard:
            heard.append(said)
            go.write_text("go")
        return "so far"

    assert run_quietly([sys.executable, "-c", code], log, how_far) == 3
    assert heard == ["begun\n"]
    assert log.read_text() == "begun\n"
    assert "s: so far" in capsys.readouterr().out


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_a_long_command_without_a_trace(tmp_path: Path) -> None:
    """Both processes of the group get the signal, as with Ctrl-C."""
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    inner = f"import signal; open({str(begun)!r}, 'w').close(); signal.pause()"
    outer = (
        "import sys; from pathlib import Path; from tools.quietly import run_quietly; "
        f"run_quietly([sys.executable, '-c', {inner!r}], Path({str(tmp_path / 'log')!r}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", outer],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    ) as process:
        begun.read_text()  # ends when the inner one is there
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert said == "Stopped; the same command goes on from here.\n"
