"""What keeps the project in shape, checked on its files as they stand."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from types import FunctionType

import pytest
from plotly import graph_objs
from plotly.offline import get_plotlyjs_version

from app.page_files import BASIC_PLOTLY
from app.settings import RULES, Settings
from components import html_tree
from components.panels import PANELS
from tests.integration.test_settings import EFFECTS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "callbacks", "components", "queries", "sources")
#: Addresses that nothing is fetched from: names of standards, and what documents speak of.
HARMLESS_ADDRESS = re.compile(r"https?://(www\.w3\.org/|127\.0\.0\.1|\{where\}|[\w.-]*\.test\b)")
GETTEXT = "LL@li.org"  # what gettext writes into every catalogue
EXAMPLE_DOMAINS = ("test", "example", "example.com", "example.org", "invalid", "localhost")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is in git or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    found = tuple(ROOT / name for name in listed if name and (ROOT / name).is_file())
    assert len(found) > 80
    return found


@cache
def text_of(path: Path) -> str:
    """A file's text; nothing of a picture."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found
    return found


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module's syntax tree, which is parsed once for all tests."""
    return tuple(ast.walk(ast.parse(text_of(path))))


def place(path: Path, node: ast.AST | int) -> str:
    line = node if isinstance(node, int) else getattr(node, "lineno", 0)
    return f"{path.relative_to(ROOT)}:{line}"


def name_of(function: ast.expr) -> str:
    """The last part of what is called: ``Span`` of ``html.Span``."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


# --- imports --------------------------------------------------------------------------------------


def test_imports_go_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]
    assert f"Contracts: {len(contracts['contracts'])} kept, 0 broken" in done.stdout
    assert set(contracts["root_packages"]) == set(PACKAGES)


def test_contracts_say_what_the_layers_are() -> None:
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    by_type = {contract["name"]: contract for contract in contracts}
    assert by_type["Imports go one way"]["layers"] == [
        "app",
        "callbacks",
        "components | sources",
        "queries",
    ]
    forbidden = {name: contract.get("forbidden_modules") for name, contract in by_type.items()}
    assert {"dash", "flask"} <= set(forbidden["Questions and sources know no page"])
    assert {"sqlalchemy", "duckdb"} <= set(forbidden["Components and callbacks run no SQL"])


def test_each_panel_is_asked_and_drawn_by_modules_of_one_name() -> None:
    asked = {path.stem for path in (ROOT / "queries" / "panels").glob("*.py")}
    drawn = {path.stem for path in (ROOT / "components" / "panels").glob("*.py")}
    panels = {panel.slug.replace("-", "_") for panel in PANELS}
    assert panels <= asked & drawn
    # Beside the panels there are only helpers, and those are few.
    assert asked - panels == {"__init__", "axis_rows"}
    assert drawn - panels == {"__init__", "figures", "time_steps", "view"}


# --- the page -------------------------------------------------------------------------------------


def test_ids_in_callbacks_come_from_one_module() -> None:
    found = []
    calls = 0
    for path in modules("callbacks"):
        for node in nodes(path):
            if isinstance(node, ast.Call) and name_of(node.func) in ("Input", "Output", "State"):
                calls += 1
                first = node.args[0] if node.args else node
                if any(isinstance(part, ast.JoinedStr | ast.Constant) for part in ast.walk(first)):
                    is_ids_call = (
                        isinstance(first, ast.Call)
                        and isinstance(first.func, ast.Attribute)
                        and ast.unparse(first.func.value) == "ids"
                    )
                    if not is_ids_call:
                        found.append(place(path, node))
    assert not found
    assert calls > 50


def test_ids_in_components_come_from_one_module() -> None:
    """``id=`` with a text of its own would be an id that callbacks cannot know."""
    found = [
        place(path, keyword.value)
        for path in modules("components")
        for node in nodes(path)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "id" and isinstance(keyword.value, ast.Constant)
    ]
    assert not found


def test_ids_are_all_different() -> None:
    from components import ids  # noqa: PLC0415 - what is checked

    constants = [value for name, value in vars(ids).items() if name.isupper()]
    assert len(constants) == len(set(constants)) > 20


#: Names of components and properties whose text people read.
READ = frozenset({"children", "label", "title", "placeholder", "alt", "aria-label", "summary"})
#: What no language translates: the letter in the circle of a tip, and kinds of files.
SIGNS = frozenset({"i", "CSV", "XLSX"})


def shown_texts(call: ast.Call) -> Iterator[ast.Constant]:
    """Texts with letters that a component is given to show."""
    given = [*call.args[:1], *(key.value for key in call.keywords if key.arg in READ)]
    for key in call.keywords:
        if key.arg is None and isinstance(key.value, ast.Dict):
            given += [
                value
                for name, value in zip(key.value.keys, key.value.values, strict=True)
                if isinstance(name, ast.Constant) and name.value in READ
            ]
    for value in given:
        for part in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
            whole = part.values if isinstance(part, ast.JoinedStr) else [part]
            for text in whole:
                is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
                if is_text and re.search(r"[^\W\d_]", text.value) and text.value not in SIGNS:
                    yield text


#: What ``components.html_tree`` makes: elements of HTML, and the component that draws them.
ELEMENTS = frozenset(
    name
    for name, made in vars(html_tree).items()
    if name[0].isupper() and (made is html_tree.StaticHtml or isinstance(made, FunctionType))
)


def draws_text(call: ast.Call) -> bool:
    """Whether a call makes something that shows its texts: a component, or plain HTML."""
    if isinstance(call.func, ast.Attribute):
        library = ast.unparse(call.func.value)
        return library in ("html", "dcc", "dbc") and call.func.attr not in ("Store", "Interval")
    return name_of(call.func) in ELEMENTS


def test_every_text_of_the_page_comes_from_the_catalogues() -> None:
    found = []
    calls = 0
    for path in modules("components"):
        for node in nodes(path):
            if isinstance(node, ast.Call) and draws_text(node):
                calls += 1
                found += [place(path, text) for text in shown_texts(node)]
    assert not found
    assert calls > 50


# --- state and settings -------------------------------------------------------------------------


def test_the_environment_is_read_in_one_place() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in modules(*PACKAGES)
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("os.environ", "os.getenv", "os.environb", "os.putenv")
    }
    imported = {
        path.relative_to(ROOT).as_posix()
        for path in modules(*PACKAGES)
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.module == "os"
        for name in node.names
        if name.name in ("environ", "getenv")
    }
    assert found <= {"app/cli.py", "app/commands/common.py", "app/settings.py"}
    assert not imported
    assert "app/cli.py" in found


def test_the_effect_of_every_setting_is_tested() -> None:
    """``tests/integration/test_documents.py`` holds the README's table against them."""
    assert set(EFFECTS) == set(RULES) == {field.name for field in fields(Settings)}


def test_browsers_are_started_where_a_missing_one_is_told() -> None:
    """A second way to Playwright's driver would fail where the first one skips."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in modules("tests")
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom)
        and any(alias.name == "sync_playwright" for alias in node.names)
    }
    assert found == {"tests/browser/conftest.py", "tests/chromium.py"}


#: What a module must not hold: two apps in one process would share it.
STATEFUL = frozenset(
    {"Flask", "Dash", "Cache", "create_app", "create_engine", "connect", "DuckDBEngine", "Owner"}
    | {"Reader", "Runner", "Keeper", "SingleFlightCache", "Redis", "from_url", "DataFrame"}
    | {"read_csv", "read_parquet", "Lock", "LRUCache", "Thread", "local"}
)


def module_level_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls that run when a module is imported, those of class bodies included."""
    waiting: list[ast.AST] = [
        node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            yield node
        waiting += [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        ]


def test_no_module_holds_an_app_an_engine_a_cache_or_data() -> None:
    found = [
        place(path, call)
        for path in modules(*PACKAGES)
        for call in module_level_calls(ast.parse(text_of(path)))
        if name_of(call.func) in STATEFUL
    ]
    assert not found


def test_no_function_writes_a_global() -> None:
    found = [
        place(path, node)
        for path in modules(*PACKAGES)
        for node in nodes(path)
        if isinstance(node, ast.Global)
    ]
    assert not found


# --- what must not be in any file ---------------------------------------------------------------

SECRETS = {
    "a home folder": re.compile(r"/(?:home|Users)/\w+|[A-Z]:\\Users\\"),
    "this machine's folder": re.compile(r"/(?:work|root)/(?:main|shared|\.\w+)"),
    "a token": re.compile(
        r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|sk-[\w-]{20,}|AKIA[A-Z\d]{16}"
        r"|xox[abp]-[\w-]{10,}|pypi-\w{30,}|eyJ\w{20,}\.eyJ\w{20,}|EAA[A-Za-z0-9]{40,})"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a registry": re.compile(
        r"(?i)https?://[^\s\"'>]*(?:pypi|pythonhosted|npmjs|artifactory|nexus|devpi)[^\s\"'>]*"
        r"|(?:--|^)(?:extra-)?index-url\b(?!, nothing)",
        re.MULTILINE,
    ),
    "credentials in an address": re.compile(r"\w+://[\w.-]+:[^\s/@{}<>]+@[\w.-]+"),
}
#: Where WhatsApp's own addresses end, which look like e-mail and are of phones.
OF_WHATSAPP = ("s.whatsapp.net", "c.us", "g.us")
E_MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
THIS_FILE = Path(__file__).resolve()


@pytest.mark.parametrize("what", SECRETS)
def test_no_file_holds(what: str) -> None:
    found = [
        f"{place(path, text_of(path).count(chr(10), 0, match.start()) + 1)}: {match[0]}"
        for path in tracked()
        if path.resolve() != THIS_FILE
        for match in SECRETS[what].finditer(text_of(path))
        if "no-emit-index-url" not in text_of(path)[match.start() - 10 : match.end()]
    ]
    assert not found


def test_no_file_holds_the_e_mail_of_a_person() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        for match in E_MAIL.finditer(text_of(path))
        if not match[1].lower().endswith((*EXAMPLE_DOMAINS, *OF_WHATSAPP)) and match[0] != GETTEXT
    ]
    assert not found


#: What running needs, and what checks and tests need beside it.
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_names_versions_and_hashes_and_no_address(name: str) -> None:
    lock = text_of(ROOT / name)
    assert not re.search(r"https?:|file:|git\+|@ |--index|--find-links|--trusted", lock)
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 20
    for entry in entries:
        first, *hashes = entry.replace("\\\n", "\n").splitlines()
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!-]+( ;.*)?\s*$", first), first
        assert hashes, first
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}\s*", line) for line in hashes)


def locked(name: str) -> set[str]:
    """Names of the packages in a lock."""
    lock = text_of(ROOT / name)
    return set(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", lock, re.MULTILINE))


def test_each_lock_has_its_requirements_and_none_of_the_other() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    running, testing = map(locked, LOCKS)
    assert not running & testing
    for needed, lock in (
        ([*project["dependencies"], *extras["setup"]], running),
        (extras["dev"], testing),
    ):
        for requirement in needed:
            name = re.match(r"[\w.-]+", requirement)
            assert name
            assert name[0].lower().replace("_", "-") in lock


# --- what npm fetches -----------------------------------------------------------------------------


def test_the_lock_of_npm_names_versions_and_hashes_and_no_address() -> None:
    lock = text_of(ROOT / "package-lock.json")
    assert "resolved" not in lock
    assert "://" not in lock
    _project, *packages = json.loads(lock)["packages"].values()
    assert packages
    for package in packages:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert re.fullmatch(r"sha512-[\w+/]{86}==", package["integrity"])
    # The next lock that npm writes holds none either.
    assert "omit-lockfile-registry-resolved=true" in text_of(ROOT / ".npmrc").splitlines()


def test_plotly_js_is_that_of_plotly_py() -> None:
    """Its figures are made for one version; when plotly.py goes on, package.json goes along."""
    wanted = json.loads(text_of(ROOT / "package.json"))["dependencies"]
    assert set(wanted.values()) == {get_plotlyjs_version()}
    locked = json.loads(text_of(ROOT / "package-lock.json"))["packages"]
    assert locked[""]["dependencies"] == wanted
    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version
        assert name in BASIC_PLOTLY.parts


def test_the_linter_of_scripts_is_pinned_and_no_part_of_the_page() -> None:
    wanted = json.loads(text_of(ROOT / "package.json"))["devDependencies"]
    assert wanted
    locked = json.loads(text_of(ROOT / "package-lock.json"))["packages"]
    assert locked[""]["devDependencies"] == wanted
    for name, version in wanted.items():
        entry = locked[f"node_modules/{name}"]
        assert entry["version"] == version
        assert entry["dev"] is True


def test_figures_are_of_kinds_that_the_small_plotly_js_draws() -> None:
    """It has bars, lines and pies; another kind would be drawn as lines, or not at all."""
    kinds = {
        value.value
        for path in modules("components", "callbacks")
        for node in nodes(path)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "type"
        if isinstance(value, ast.Constant) and value.value in graph_objs.__all__
    }
    assert kinds == {"bar"}


# --- what browsers fetch --------------------------------------------------------------------------


def test_nothing_is_fetched_from_elsewhere() -> None:
    """Whatever the page needs is served by the app itself."""
    sources = [
        path for path in tracked() if path.parts[len(ROOT.parts)] in ("assets", "components")
    ]
    assert len(sources) > 20
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sources
        if path.suffix in (".py", ".js", ".css", ".svg", ".html")
        for line in text_of(path).splitlines()
        if re.search(r"https?://|[\"'(]//\w", HARMLESS_ADDRESS.sub("", line))
    ]
    assert not found


def test_assets_are_our_own_and_readable() -> None:
    """A library would be longer in a line, or in all, than what people write."""
    assets = [path for path in tracked() if path.is_relative_to(ROOT / "assets")]
    assert {path.suffix for path in assets} <= {".css", ".js", ".ts", ".ico", ".svg"}
    assert assets
    for path in assets:
        lines = text_of(path).splitlines()
        assert max(map(len, lines)) < 500, path.name
        assert len(lines) < 2_000, path.name
        assert ".min." not in path.name
        assert not re.search(r"(?i)copyright|@license|sourceMappingURL", text_of(path)), path.name


def test_no_asset_is_left_out_of_git() -> None:
    kept = {path for path in tracked() if path.is_relative_to(ROOT / "assets")}
    assert {path for path in (ROOT / "assets").rglob("*") if path.is_file()} == kept


def test_tests_replace_nothing_private() -> None:
    """The linter finds private names that a test reads, but not those that it replaces."""
    replaced = re.compile(r"""setattr\([^"']*["'](?:[\w.]+\.)?_[a-z]""", re.IGNORECASE)
    assert [path for path in modules("tests") if replaced.search(text_of(path))] == []


def test_a_test_is_never_switched_off() -> None:
    """Tests skip only where something is missing from the machine, with a sentence."""
    found = [
        place(path, node)
        for path in modules("tests")
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("pytest.mark.skip", "pytest.mark.xfail", "pytest.xfail")
    ]
    assert not found
