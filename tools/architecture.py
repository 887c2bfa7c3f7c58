"""Draws which folder imports from which, into ``docs/architecture.md`` (``make documents``).

The imports are read from the code, those inside functions included.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "architecture.md"
#: The packages from the outermost to the innermost, as pyproject.toml's contract has them.
PACKAGES = ("app", "callbacks", "components", "sources", "queries")
_BEGINS, _ENDS = "<!-- imports: made by make documents -->\n", "<!-- end of imports -->\n"


def with_drawing(document: str) -> str:
    """Return ``document``, the text of docs/architecture.md, with the drawing made anew.

    The drawing replaces what stands between two marker lines. Where the first of these is missing,
    the drawing is added at the end; where the second is missing, all after the first is replaced.
    """
    before, _, rest = document.partition(_BEGINS)
    _, _, after = rest.partition(_ENDS)
    return f"{before}{_BEGINS}```text\n{drawing()}```\n{_ENDS}{after}"


def drawing() -> str:
    """Return the drawing: a line such as ``app ──► callbacks, components`` for each folder of code.

    Right of the arrow are the folders that it imports from; a folder that imports from no other has
    no arrow. Folders are in the order of ``PACKAGES``.
    """
    imports = imported_folders()
    width = max(map(len, imports))
    lines = [
        f"{folder:<{width}} ──► {', '.join(others)}" if others else folder
        for folder, others in imports.items()
    ]
    return "\n".join(lines) + "\n"


def imported_folders() -> Mapping[str, tuple[str, ...]]:
    """Return, by folder of code, the other folders that its modules import from.

    Folders are paths from the root of the repository (``queries/panels``), in the order of
    ``PACKAGES``. Imports inside functions count; relative imports do not (the code has none).
    """
    imports: dict[str, set[str]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            folder = path.parent.relative_to(ROOT).as_posix()
            imports.setdefault(folder, set()).update(_imports(path))
    return {
        folder: tuple(sorted(others - {folder}, key=_outermost_first))
        for folder, others in sorted(imports.items(), key=lambda item: _outermost_first(item[0]))
    }


def _outermost_first(folder: str) -> tuple[int, str]:
    return PACKAGES.index(folder.partition("/")[0]), folder


def _imports(path: Path) -> Iterator[str]:
    """Yield the folders of the modules that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield from _folder_of(f"{node.module}.{alias.name}")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _folder_of(alias.name)


def _folder_of(name: str) -> Iterator[str]:
    """Yield the folder of ``name``, a module or something in one, where it is one of ours."""
    parts = name.split(".")
    if parts[0] in PACKAGES:
        for length in range(len(parts), 0, -1):
            path = ROOT.joinpath(*parts[:length])
            if path.is_dir():
                yield "/".join(parts[:length])
                return
            if path.with_suffix(".py").is_file():
                yield "/".join(parts[: length - 1])
                return


if __name__ == "__main__":
    DOCUMENT.write_text(with_drawing(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Wrote {DOCUMENT.relative_to(ROOT)}")
