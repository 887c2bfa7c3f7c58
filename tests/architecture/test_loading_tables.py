"""The list of temporary tables in the head of ``sources.loading`` is that of the code."""

import ast
import re
from pathlib import Path

import pytest

import sources.loading

FOLDER = Path(sources.loading.__file__).parent
STEPS = (
    *("load", "read", "merge", "updates", "events", "derive", "write", "rollups", "remove"),
    *("costs", "charges", "phones", "rates"),
)
#: Made and dropped within one function.
LOCAL = {"unchanged_messages", "portal_messages", "raised_rows"}
#: Names that the code puts together.
COMPOSED = {
    "checked_{}": ("checked_cases", "checked_messages", "checked_events", "checked_removals"),
    "{}_change": ("…_change",),
}


def listed() -> dict[str, tuple[str, set[str]]]:
    """By table: the module that makes it, and the modules that use it."""
    _, head, body, _ = re.split(r"^=[= ]+$", sources.loading.__doc__ or "", flags=re.MULTILINE)
    used_at, text_at = head.index("used by") - 1, head.index("one row for") - 1
    tables: dict[str, tuple[str, set[str]]] = {}
    for line in body.strip("\n").splitlines():
        if not line.startswith(" "):
            name, made_by = line[:used_at].split()
            tables[name] = (made_by, set())
        tables[name][1].update(re.findall(r"\w+", line[used_at:text_at]))
    return tables


def sql_of(step: str) -> str:
    """All texts of a module but its docstrings; values in them are ``{}``."""
    tree = ast.parse((FOLDER / f"{step}.py").read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    texts = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            texts.append("".join(map(str, parts)))
        elif isinstance(node, ast.Constant) and id(node) not in docstrings | inner:
            texts.append(str(node.value))
    return "\n".join(texts)


SQL = {step: sql_of(step) for step in STEPS}


def test_every_temporary_table_is_listed_with_the_step_that_makes_it() -> None:
    made = {
        name: step
        for step, sql in SQL.items()
        for written in re.findall(r"create temp table ([\w{}]+)", sql)
        for name in COMPOSED.get(written, (written,))
        if name not in LOCAL
    }
    assert {name: made_by for name, (made_by, _) in listed().items()} == made
    assert len(made) > 20


@pytest.mark.parametrize("name", sorted(listed().keys() - {"…_change"}))
def test_every_temporary_table_is_listed_with_the_steps_that_use_it(name: str) -> None:
    written = "(?:checked_{}|" + name + ")" if name.startswith("checked_") else name
    used_by = {
        step
        for step, sql in SQL.items()
        if re.search(rf"(?<!create temp table )(?<!drop table )(?<!\w){written}(?!\w)", sql)
    }
    assert listed()[name][1] == used_by
