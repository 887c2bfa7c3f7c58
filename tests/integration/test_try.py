"""The command ``try``: a page with demonstration data in a store that goes with the command."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.integration.conftest import PATIENCE_SECONDS, ROOT, environment

pytestmark = pytest.mark.integration

MESSAGES = 700


@contextmanager
def trying(folder: Path, *options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """``try`` on a free port, with ``folder`` for its temporary files."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "try", "--port", "0", "--messages", str(MESSAGES), *options],
        cwd=ROOT,
        env={**environment(folder / "mine.duckdb"), "TMPDIR": str(folder), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)


def greeting(process: subprocess.Popen[str]) -> tuple[str, list[str]]:
    """The address that the command names, and its three lines."""
    assert process.stdout
    lines = [process.stdout.readline().strip() for _ in range(3)]
    match = re.search(r"http://127\.0\.0\.1:\d+", lines[0])
    assert match, lines
    return match[0], lines


def test_it_shows_demonstration_data_and_says_how_to_connect_one_s_own(tmp_path: Path) -> None:
    with trying(tmp_path, "--no-browser") as process:
        address, lines = greeting(process)
        everything = f"{address}/api/v1/panels/indicators?start=1900-01-01&end=2100-12-31"
        with urlopen(everything, timeout=PATIENCE_SECONDS) as answer:
            assert json.load(answer)["rows"][0]["messages"] == MESSAGES
        # The commands are those for the reader's own store, not for the temporary one.
        store = shlex.quote(f"duckdb:///{tmp_path / 'mine.duckdb'}")
        for line, words in zip(lines[1:], ("import --cases cases.csv", "serve"), strict=True):
            assert f" CONSUMO_STORE_URL={store} " in line
            assert words in line
    assert not (tmp_path / "mine.duckdb").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_removes_its_store_when_it_is_told_to_end(
    tmp_path: Path, number: signal.Signals
) -> None:
    with trying(tmp_path, "--no-browser") as process:
        address, _ = greeting(process)
        with urlopen(f"{address}/readyz", timeout=PATIENCE_SECONDS):
            pass
        assert list(tmp_path.iterdir())
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_removes_its_store_also_while_the_data_is_made(
    tmp_path: Path, number: signal.Signals
) -> None:
    with trying(tmp_path, "--no-browser", "--messages", "400000") as process:
        assert process.stderr
        assert process.stderr.readline().startswith("writing")
        assert list(tmp_path.iterdir())
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert not list(tmp_path.iterdir())


def test_it_opens_the_browser_of_a_desktop(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    os.mkfifo(asked)
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {asked}\n')
    browser.chmod(0o755)
    with trying(tmp_path, DISPLAY=":0", BROWSER=str(browser)) as process:
        address, _ = greeting(process)
        assert asked.read_text().strip() == address


def test_a_setting_that_cannot_be_taken_ends_it_before_anything_is_made(tmp_path: Path) -> None:
    with trying(tmp_path, "--no-browser", CONSUMO_LANGUAGE="xx") as process:
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2
    assert said.startswith("CONSUMO_LANGUAGE takes ")
    assert not list(tmp_path.iterdir())
