"""Documents, hooks and CI say what the code and the Makefile are."""

import difflib
import re
import tomllib
from pathlib import Path

import pytest

from tools.architecture import DOCUMENT, PACKAGES, imported_folders, with_drawing

ROOT = Path(__file__).resolve().parents[2]


def test_the_drawing_has_the_imports_of_the_code() -> None:
    documented = DOCUMENT.read_text(encoding="utf-8")
    difference = list(
        difflib.unified_diff(
            documented.splitlines(),
            with_drawing(documented).splitlines(),
            "documented",
            "code",
            lineterm="",
        )
    )
    if difference:
        pytest.fail(
            "The drawing in docs/architecture.md is not that of the code:\n\n"
            + "\n".join(difference)
            + "\n\nIf this change is meant, renew it with: make documents",
            pytrace=False,
        )


def test_the_drawing_keeps_to_the_order_of_the_contract() -> None:
    """import-linter checks the code against its contract; this checks the drawing against it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    assert [one for layer in layers for one in layer.split(" | ")] == list(PACKAGES)
    place = {
        package: number for number, layer in enumerate(layers) for package in layer.split(" | ")
    }
    for folder, others in imported_folders().items():
        package = folder.partition("/")[0]
        for other in others:
            outer = other.partition("/")[0]
            assert outer == package or place[outer] > place[package], (folder, other)
    # Each of them is imported by another, but for the outermost.
    assert {o.partition("/")[0] for os in imported_folders().values() for o in os} == set(PACKAGES)


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md", "README.md"])
def test_files_that_a_document_names_are_there(name: str) -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / name).read_text(), flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", text)
    packages = (*PACKAGES, "assets", "tests", "tools", "bench", "docs")
    paths = [span for span in spans if re.fullmatch(rf"({'|'.join(packages)})/[\w./-]*", span)]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


# --- commits ------------------------------------------------------------------------------------


def test_hooks_run_before_a_push_what_ci_runs_and_fetch_nothing() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (.*)", hooks) == ["local"]
    entries = re.findall(r"entry: (.*)", hooks)
    assert entries == ["make check", "make test"]
    assert entries[-1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {entry.removeprefix("make ") for entry in entries} <= set(targets)
