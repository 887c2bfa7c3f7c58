"""Writes ``docs/public-surface.md``, the names that others rely on (``make documents``).

Everything is read from the code: panels with their columns, parameters, settings, commands with
their options, metrics, routes. ``tests/integration/test_public_surface.py`` compares the file with
what this module makes.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import fields
from pathlib import Path

import click
from click.testing import CliRunner
from flask import Flask

from app.cli import cli
from app.factory import create_app, parts_of
from app.request_parsing import PARAMETERS
from app.settings import RULES, Settings, variable
from components.panels import PANELS
from queries.columns import names

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "public-surface.md"

_HEAD = """\
# The public surface

Names that addresses, programs, scripts and dashboards of others rely on. This file is made from the
code: do not edit it. After a change that is meant, renew it with `make documents` and say in
CHANGELOG.md what changed; a name that goes or changes its meaning breaks somebody's use.
"""


def surface() -> str:
    """Return the text of docs/public-surface.md, in Markdown.

    It starts an app with ten demonstration messages in a temporary store, and reads metrics and
    routes from it.
    """
    with tempfile.TemporaryDirectory() as folder:
        store_url = f"duckdb:///{folder}/store.duckdb"
        # Some metrics are about the newest load.
        CliRunner(env={"CONSUMO_STORE_URL": store_url}).invoke(cli, ["demo", "--messages", "10"])
        server = create_app(Settings(store_url=store_url))
        with closing(parts_of(server)):
            metrics, routes = list(_metrics(server)), list(_routes(server))
    sections = (
        ("Panels", ("panel", "columns of the API, in order"), _panels()),
        ("Parameters", ("name",), [(name,) for name in (*sorted(PARAMETERS), "where.<column>")]),
        ("Settings", ("variable", "default", "takes"), _settings()),
        ("Commands", ("command", "argument or option", "default", "takes"), _commands()),
        ("Metrics", ("name", "type", "labels"), metrics),
        ("Routes", ("route", "methods"), routes),
    )
    return "\n".join([_HEAD, *(_section(*section) for section in sections)])


def panel_columns() -> Mapping[str, Sequence[str]]:
    """Return, by the slug of each panel, the names of its columns in the API, in order.

    Panels are in the order of ``components.panels.PANELS``.
    """
    return {panel.slug: names(panel.query.api_columns) for panel in PANELS}


def _panels() -> Iterator[tuple[str, ...]]:
    for slug, columns in panel_columns().items():
        yield slug, ", ".join(columns)


def _settings() -> Iterator[tuple[str, ...]]:
    default = Settings()
    for field in fields(Settings):
        value = "" if field.name == "threads" else getattr(default, field.name)
        yield variable(field.name), "" if value is None else str(value), RULES[field.name].takes


def _commands(group: click.Group = cli, prefix: str = "") -> Iterator[tuple[str, ...]]:
    for own_name, command in sorted(group.commands.items()):
        name = f"{prefix}{own_name}"
        if isinstance(command, click.Group):
            yield from _commands(command, f"{name} ")
        elif not command.params:
            yield name, "", "", ""
        for param in command.params:
            yield name, _name_of(param), _default_of(param), _type_of(param)


def _name_of(param: click.Parameter) -> str:
    return ", ".join(param.opts) if isinstance(param, click.Option) else str(param.name).upper()


def _default_of(param: click.Parameter) -> str:
    """Return the default that the option's help shows; "" where it shows none."""
    shows_default = isinstance(param, click.Option) and param.show_default
    return str(param.default) if shows_default else ""


def _type_of(param: click.Parameter) -> str:
    kind = param.type
    if isinstance(param, click.Option) and param.is_flag:
        return "nothing (a flag)"
    if isinstance(kind, click.IntRange):
        return f"a whole number from {kind.min}" + (f" to {kind.max}" if kind.max else "")
    if isinstance(kind, click.DateTime):
        return "a time" if any("%H" in form for form in kind.formats) else "a day"
    if isinstance(kind, click.Choice):
        return ", ".join(kind.choices)
    return "a file" if isinstance(kind, click.Path) else "a text"


def _metrics(server: Flask) -> Iterator[tuple[str, ...]]:
    """Yield name, type and labels of each metric; a metric has labels once it has counted."""
    metrics = parts_of(server).metrics
    slug = next(iter(panel_columns()))
    server.test_client().get(f"/api/v1/panels/{slug}")
    with suppress(RuntimeError), metrics.panel(slug):
        raise RuntimeError
    for family in sorted(metrics.registry.collect(), key=lambda family: family.name):
        if not family.name.startswith("process_"):  # the library's own, different by system
            labels = {label for sample in family.samples for label in sample.labels} - {"le"}
            total = "_total" if family.type == "counter" else ""
            yield f"{family.name}{total}", family.type, ", ".join(sorted(labels))


def _routes(server: Flask) -> Iterator[tuple[str, ...]]:
    """Yield address and methods of our own routes, without those of Dash's files and callbacks."""
    for rule in sorted(server.url_map.iter_rules(), key=lambda rule: rule.rule):
        is_of_dash = rule.endpoint.startswith("_dash")
        if not is_of_dash and not rule.rule.startswith(("/_", "/<path:")):
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            yield rule.rule, ", ".join(methods)


def _section(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"## {title}\n", _row(heads), _row(["---"] * len(heads))]
    named = [(f"`{name}`", *others) for name, *others in rows]
    return "\n".join([*lines, *map(_row, named)]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    DOCUMENT.write_text(surface(), encoding="utf-8")
    print(f"Wrote {DOCUMENT.relative_to(ROOT)}")
