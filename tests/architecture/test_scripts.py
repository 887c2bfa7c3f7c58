"""What keeps the page's scripts and styles in shape, checked on the files as they stand."""

import re
from pathlib import Path

import pytest

from app.page_files import STYLES
from app.page_scripts import SCRIPTS, constants
from components.panels import PANELS
from components.theme import COLOURS, SCREENS
from tests.services import ROOT

SCRIPT_FILES = sorted(SCRIPTS.glob("*.js"))
STYLE_FILES = sorted((ROOT / "assets" / "styles").glob("*.css"))
#: Ids that are words of other things, too: these count only where a script uses them as ids.
WORD = re.compile(r"[a-z]+")
#: Where a script uses a text as an id: "#help", getElementById("help"), setProps("help", …).
AS_ID = r"""(?:["'` ,(]\#|(?:getElementById|setProps|propsOf)\(["'`]){id}(?![\w-])"""
ANYWHERE = r"(?<![\w.-]){id}(?![\w-])"


def code_of(path: Path) -> str:
    """A script or style without its comments."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"(?<![:\"'`])//.*", "", text)


def needs_of(path: Path) -> set[str]:
    """The scripts that a script requires."""
    return set(re.findall(r'require\("\./(\w+)"\)', path.read_text(encoding="utf-8")))


def typed_ids(code: str) -> list[str]:
    """The ids of components/ids.py that stand in ``code`` as text, also made of parts."""
    handed = constants(PANELS)
    ids = [
        *handed["ids"].values(),
        *(i for of in handed["filterIds"].values() for i in of.values()),
    ]
    patterns = [
        re.escape(pattern).replace(r"\{\}", r"\$\{[^}]*\}")
        for pattern in [*handed["idPatterns"].values(), "filter-{}"]
    ]
    return [
        *(one for one in ids if re.search(_pattern_of(one), code)),
        *(one for one in patterns if re.search(one, code)),
    ]


def _pattern_of(one: str) -> str:
    return (AS_ID if WORD.fullmatch(one) else ANYWHERE).format(id=re.escape(one))


@pytest.mark.parametrize("path", SCRIPT_FILES, ids=lambda path: path.stem)
def test_no_script_types_an_id(path: Path) -> None:
    """Each comes from components/ids.py, by the module ids: ids.PERIOD, ids.graph(slug)."""
    assert typed_ids(code_of(path)) == []


@pytest.mark.parametrize(
    "code",
    [
        'document.getElementById("help")',
        'setProps("applied", { data })',
        'document.querySelector("#news > span")',
        'const TABLE = "details-table";',
        "`#details-table td`",
        "document.getElementById(`${slug}-graph`)",
        "document.getElementById(`panel-${slug}`)",
        'ids["filter-channel"]',
    ],
)
def test_a_typed_id_is_found(code: str) -> None:
    assert typed_ids(code)


@pytest.mark.parametrize("path", SCRIPT_FILES, ids=lambda path: path.stem)
def test_no_script_repeats_limits_or_lists_of_python(path: Path) -> None:
    """Rows of a sheet, years, languages, columns of the table: all come from ``constants``."""
    handed, code = constants(PANELS), code_of(path)
    numbers = [handed["limits"]["sheetRows"], *handed["years"].values()]
    assert [one for one in numbers if re.search(rf"\b{one}\b", code.replace("_", ""))] == []
    columns = [name for name in handed["table"]["columns"] if "_" in name]
    assert [one for one in columns if re.search(rf"[\"'`]{one}[\"'`]", code)] == []
    languages = "|".join(map(re.escape, handed["languages"]))
    assert not re.search(rf"[\"']({languages})[\"'],\s*[\"']({languages})[\"']", code)
    assert not re.search(r"matchMedia\([\"'`]\((min|max)-width", code)


@pytest.mark.parametrize("path", SCRIPT_FILES, ids=lambda path: path.stem)
def test_a_script_begins_with_what_it_is_given_and_gives(path: Path) -> None:
    head, _, _ = path.read_text(encoding="utf-8").partition("*/")
    assert head.startswith("/* ")
    wanted = ["Gives", "Example:"] if "   Given" not in head else ["Given", "Gives", "Example:"]
    places = [head.find(f"\n   {word}") for word in wanted]
    assert -1 not in places, path.name
    assert places == sorted(places), path.name


def test_scripts_require_what_is_there_and_not_each_other_in_a_ring() -> None:
    needs = {path.stem: needs_of(path) - {"constants"} for path in SCRIPT_FILES}
    assert set().union(*needs.values()) <= set(needs)
    while free := [name for name, needed in needs.items() if not needed & set(needs)]:
        for name in free:
            del needs[name]
    assert needs == {}


def test_each_stylesheet_is_joined_and_none_twice() -> None:
    assert sorted(STYLES) == [path.stem for path in STYLE_FILES]


@pytest.mark.parametrize("path", STYLE_FILES + SCRIPT_FILES, ids=lambda path: path.name)
def test_colours_have_one_source(path: Path) -> None:
    """components/theme.py has them; styles name them. Shadows are black, shining through."""
    code = code_of(path)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;,) \"'])", code) == []
    assert [
        one for one in re.findall(r"(?:rgb|hsl)a?\([^)]*\)", code) if "rgb(0 0 0 / " not in one
    ] == []


def test_styles_use_colours_that_there_are() -> None:
    """Or properties that a style, the layout or a library sets."""
    css = "".join(code_of(path) for path in STYLE_FILES)
    used = set(re.findall(r"var\(--([\w-]+)", css))
    own = set(re.findall(r"--([\w-]+)\s*:", css)) | {"height", "narrow-height", "mend-filter"}
    by_scripts = {"shift", "pressed-top", "scrollbar", "drawer-top", "drawer-height"}
    libraries = {"radix-popover-trigger-width"}
    assert used - own - by_scripts - libraries <= set(COLOURS)
    unused = set(COLOURS) - used - own
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "components").rglob("*.py")
    )
    assert [name for name in unused if f'"{name}"' not in sources and "status-" not in name] == []


def test_styles_change_where_figures_do() -> None:
    """A style cannot take the width from Python: so it is compared."""
    css = (ROOT / "assets" / "styles" / "narrow_screens.css").read_text(encoding="utf-8")
    narrow = re.search(rf"@media {re.escape(SCREENS['narrow'])} \{{(.*?)\n\}}", css, re.DOTALL)
    assert narrow
    assert "var(--narrow-height)" in css[narrow.start() :]
    widths = set(re.findall(r"@media \(max-width: (\d+)px\)", css))
    assert {"1100", "860", "430"} <= widths
