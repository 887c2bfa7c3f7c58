"""The wheel: built by ``make wheel``, installed into an empty environment, asked for a number.

This needs no network. The new environment gets links to those packages of this one that the wheel
requires, and that these require in turn, and to no others. So a package that the wheel uses but
does not require is missing there, as all test tools are. Then pip installs the wheel as it would
anywhere; it refuses where a requirement is not met.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, distribution
from pathlib import Path
from urllib.request import urlopen
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.page_files import BASIC_PLOTLY
from tests.architecture.test_structure import tracked as tracked_files
from tests.integration.conftest import PATIENCE_SECONDS, ROOT

pytestmark = pytest.mark.integration

MESSAGES = 700
#: Folders of the checkout that no wheel holds.
NOT_INSTALLED = {"bench", "deploy", "docs", "examples", "tests", "tools"}


def tracked() -> list[Path]:
    """Return every file of the checkout that git has or would take, relative to the checkout."""
    return [path.relative_to(ROOT) for path in tracked_files()]


def bare_environment() -> dict[str, str]:
    """Variables without settings of ours, of an outer make, of pip, and of where Python looks."""
    ours = ("CONSUMO_", "MAKE", "MFLAGS", "PIP_", "PYTHONPATH")
    return {name: text for name, text in os.environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of this checkout; the copy is gone, so that nothing can be read there."""
    if (make := shutil.which("make")) is None:
        pytest.skip("make is not installed (Debian: apt-get install make)")
    copy = tmp_path_factory.mktemp("wheel") / "checkout"
    for path in tracked():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, copy / path)
    (copy / ".venv").symlink_to(sys.prefix)
    if BASIC_PLOTLY.is_file():
        (copy / "node_modules").symlink_to(ROOT / "node_modules")
    done = subprocess.run(
        [make, "-o", ".venv/.ready", "-o", "node_modules/.ready", "wheel"],
        cwd=copy,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = (copy / "dist").iterdir()
    moved = Path(shutil.move(built, copy.parent))
    shutil.rmtree(copy)
    return moved


def required(wheel: Path) -> list[Distribution]:
    """What the wheel requires, and what that requires, as it is installed here."""
    with ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(name).decode()
    waiting: list[tuple[str, frozenset[str]]] = [
        (text, frozenset()) for text in re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE)
    ]
    known: set[tuple[str, str]] = set()
    distributions: dict[str, Distribution] = {}
    while waiting:
        text, extras = waiting.pop()
        requirement = Requirement(text)
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            continue
        name = canonicalize_name(requirement.name)
        key = (name, ",".join(sorted(requirement.extras)))
        if key in known:
            continue
        known.add(key)
        distributions[name] = distribution(requirement.name)
        own_extras = frozenset(requirement.extras)
        waiting += [(one, own_extras) for one in distributions[name].requires or ()]
    return list(distributions.values())


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    [packages] = folder.glob("lib/python*/site-packages")
    for one in required(wheel):
        files = one.files or []
        for top in {file.parts[0] for file in files if file.parts[0] not in ("..", "__pycache__")}:
            link = packages / top
            if not link.exists():
                link.symlink_to(Path(str(one.locate_file(top))))
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check"]
    pip += ["--python", str(folder / "bin" / "python")]
    for command in ([*pip, "install", "--no-index", "--no-compile", str(wheel)], [*pip, "check"]):
        done = subprocess.run(
            command, env=bare_environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "bin"


@contextmanager
def trying(programs: Path, folder: Path) -> Iterator[str]:
    """The address of the page that the installed ``try`` shows, run in an empty folder."""
    command = [programs / "consumo-whatsapp", "try", "--port", "0", "--no-browser"]
    with (folder / "stderr.txt").open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "--messages", str(MESSAGES)],
            cwd=folder,
            env={**bare_environment(), "TMPDIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        assert process.stdout
        match = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert match, (folder / "stderr.txt").read_text()
        yield match[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)


def fetch(url: str) -> str:
    with urlopen(url, timeout=PATIENCE_SECONDS) as response:
        return str(response.read().decode())


def test_the_installed_command_shows_the_page_and_its_numbers(
    programs: Path, tmp_path: Path
) -> None:
    with trying(programs, tmp_path) as address:
        everything = f"{address}/api/v1/panels/indicators?start=1900-01-01&end=2100-12-31"
        [row] = json.loads(fetch(everything))["rows"]
        assert row["messages"] == MESSAGES
        assert row["sent_messages"] + row["received_messages"] == MESSAGES

        page = fetch(f"{address}/?lang=es")
        assert '<html lang="es"' in page
        styles = re.search(r'href="(/static/page\.[^"]+\.css)"', page)
        scripts = re.search(r'src="(/static/page\.[^"]+\.js)"', page)
        plotly = re.search(r'content="(/static/plotly\.[^"]+\.js)"', page)
        assert styles
        assert scripts
        assert plotly
        assert "bootstrap" in fetch(address + styles[1]).lower()
        assert len(fetch(address + scripts[1])) > 10_000
        if BASIC_PLOTLY.is_file():
            assert fetch(address + plotly[1]) == BASIC_PLOTLY.read_text(encoding="utf-8")
        # Texts come from the catalogues.
        assert "Mensajes" in fetch(f"{address}/export/messages-by-origin.csv?lang=es")
    assert [path.name for path in tmp_path.iterdir()] == ["stderr.txt"]


def test_the_environment_has_no_tools_of_ours_for_tests(programs: Path) -> None:
    """Else a package that the wheel forgot to require might be there by chance."""
    code = "import importlib.util as u; print(*map(u.find_spec, ('pytest', 'tests', 'ruff')))"
    done = subprocess.run(
        [programs / "python", "-c", code],
        cwd=programs,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["None"] * 3


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    packaged = {
        path.as_posix()
        for path in tracked()
        if len(path.parts) > 1 and path.parts[0] not in NOT_INSTALLED and path.parts[0] != ".ci"
    }
    npm = {name for name in names if name.startswith("app/node_modules/")}
    assert names - npm == packaged
    assert bool(npm) == BASIC_PLOTLY.is_file()


def test_no_installed_module_imports_what_is_not_installed() -> None:
    """Folders that are there in a checkout only."""
    is_installed = re.compile(r"(app|callbacks|components|queries|sources)/")
    found = [
        f"{path}: {match[0]}"
        for path in tracked()
        if path.suffix == ".py" and is_installed.match(path.as_posix())
        for match in re.finditer(
            r"^\s*(?:from|import) (?:bench|tests|tools)\b.*$",
            (ROOT / path).read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    ]
    assert not found
