"""Only DuckDB's own folder and the owner of the store name DuckDB: another engine is one folder."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "callbacks", "components", "queries", "sources")
#: The engine's folder, and the modules that work in the store's file, which is DuckDB's by design.
ENGINE = "queries/engines/duckdb/"
#: Published files are DuckDB files: their engine has the dialect and the tables of that folder.
BUILT_ON_IT = "queries/engines/replica/"
OWNER = (
    "sources/case_rows.py",
    "sources/checking/run.py",
    "sources/erased_backups.py",
    "sources/inbox_loading.py",
    "sources/inbox_removals.py",
    "sources/loading/",
    "sources/migrations/",
    "sources/owner.py",
    "sources/publishing/rows.py",
    "sources/reconciliation.py",
    "sources/rejects.py",
    "sources/removal.py",
    "sources/store_copies.py",
    "sources/store_errors.py",
)
#: Settings take the address of the store, which begins with the name of the engine.
ADDRESS = "app/settings.py"
LIBRARIES = ("duckdb", "duckdb_sqlalchemy", "queries.engines.duckdb")


def modules() -> Iterator[tuple[str, str]]:
    """The path and the text of each module of the product."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def imported(text: str) -> Iterator[str]:
    """The modules that a module imports, inside functions too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def is_of_duckdb(module: str) -> bool:
    return any(module == library or module.startswith(f"{library}.") for library in LIBRARIES)


def test_duckdb_is_imported_by_its_folder_and_the_owner_only() -> None:
    importing = {path for path, text in modules() if any(map(is_of_duckdb, imported(text)))}
    assert not {path for path in importing if not path.startswith((ENGINE, BUILT_ON_IT, *OWNER))}
    # None of the places that may is there without need.
    assert all(any(path.startswith(place) for path in importing) for place in OWNER)


def test_no_code_outside_names_duckdb() -> None:
    """Neither a class nor a spelling of its SQL; comments and docstrings may speak of it."""
    naming = {
        path
        for path, text in modules()
        if not path.startswith((ENGINE, BUILT_ON_IT, *OWNER))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name | ast.Attribute | ast.ClassDef | ast.FunctionDef)
        if "duckdb" in ast.unparse(node).split("\n")[0].lower()
    }
    assert naming <= {ADDRESS}


#: The other engines, and the libraries that only they use. (Sources read other databases, too.)
PUBLISHED: Final = {
    "postgresql": (),
    "clickhouse": ("clickhouse_connect", "chdb"),
    "replica": (),
}
#: Where addresses are told apart.
ADDRESSES = "app/store_addresses.py"


@pytest.mark.parametrize("engine", PUBLISHED)
def test_a_published_engine_is_imported_by_its_folder_and_by_address_only(engine: str) -> None:
    libraries = (f"queries.engines.{engine}", *PUBLISHED[engine])
    importing = {
        path
        for path, text in modules()
        for module in imported(text)
        if any(module == library or module.startswith(f"{library}.") for library in libraries)
    }
    folder = f"queries/engines/{engine}/"
    assert {path for path in importing if not path.startswith(folder)} == {ADDRESSES}


@pytest.mark.parametrize("module", ["dialect", "schema", "reader"])
def test_an_engine_is_a_folder_of_the_same_modules(module: str) -> None:
    folders = [path for path in (ROOT / "queries" / "engines").iterdir() if path.is_dir()]
    engines = [path for path in folders if (path / "__init__.py").exists()]
    assert engines
    built_on_another = [ROOT / BUILT_ON_IT] if module in ("dialect", "schema") else []
    assert all(
        (engine / f"{module}.py").is_file() for engine in engines if engine not in built_on_another
    )


def test_the_package_of_engines_tells_what_a_folder_holds() -> None:
    text = (ROOT / "queries" / "engines" / "__init__.py").read_text(encoding="utf-8")
    told = set(re.findall(r"^- ``(\w+)``", text, re.MULTILINE))
    assert told == {"dialect", "schema", "reader", "publisher"}
