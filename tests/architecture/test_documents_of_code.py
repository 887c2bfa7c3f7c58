"""Documents, hooks and CI say what the code and the Makefile are."""

import difflib
import importlib
import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from queries.filters import LISTS
from queries.tables import metadata
from tools import importing
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


def test_the_words_that_files_may_have_are_documented() -> None:
    documented = importing.DOCUMENT.read_text(encoding="utf-8")
    assert documented == importing.with_words(documented), "renew it with: make documents"


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


# --- the glossary -------------------------------------------------------------------------------


def glossary() -> list[list[str]]:
    """Return the rows of the glossary's table: word, text of the page, meaning, names in code."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1:]]


def is_named_in_code(name: str) -> bool:
    """Return whether ``name`` is a table, a column, a filter, or a module with what is in it."""
    if name in LISTS:
        return True
    table, _, column = name.partition(".")
    if table in metadata.tables:
        return not column or column in metadata.tables[table].c
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if is_module(".".join(parts[:length])):
            owner = importlib.import_module(".".join(parts[:length]))
            for part in parts[length:]:
                known = {*dir(owner), *getattr(owner, "__annotations__", ())}
                if part not in known:
                    return False
                owner = getattr(owner, part, None)
            return True
    return False


def is_module(module: str) -> bool:
    """Return whether there is a module or package of this name."""
    path = ROOT / Path(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def test_names_of_the_glossary_are_in_the_code() -> None:
    names = [name for row in glossary() for name in re.findall(r"`([^`]+)`", row[3])]
    assert len(names) > 50
    assert [name for name in names if not is_named_in_code(name)] == []


def test_portuguese_words_of_the_glossary_are_on_the_page() -> None:
    path = ROOT / "components" / "translations" / "pt_BR" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file)
    texts = {
        text
        for message in catalogue
        for text in ([message.string] if isinstance(message.string, str) else message.string)
    }
    words = [row[1] for row in glossary() if row[1] != "—"]
    assert words
    assert [word for word in words if word not in texts] == []


def test_words_of_the_glossary_are_in_order_and_complete() -> None:
    rows = glossary()
    assert all(len(row) == 4 and all(row) for row in rows)
    words = [row[0].lower() for row in rows if row[0][0].isalpha()]
    assert words == sorted(words)
    assert len(words) == len(set(words))


# --- commits ------------------------------------------------------------------------------------


def test_hooks_run_before_a_push_what_ci_runs_and_fetch_nothing() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (.*)", hooks) == ["local"]
    entries = re.findall(r"entry: (.*)", hooks)
    assert entries == ["make check", "make test"]
    assert entries[-1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {entry.removeprefix("make ") for entry in entries} <= set(targets)
