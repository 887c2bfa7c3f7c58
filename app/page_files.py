"""Makes the few files that the page loads: page.css, page.js, Dash's scripts joined, plotly.js.

page.css is Bootstrap's styles, the colours of ``components/theme.py`` and ``assets/styles``;
page.js is ``assets/scripts`` (see ``app/page_scripts.py``). Dash names its scripts and that of
dash-bootstrap-components itself: they are joined in the order of its page into a few files, so that
the first of them runs while the others are on their way. Scripts that components would fetch only
when they appear are fetched at once, and hold up nothing. Other scripts stay as they are.
"""

import importlib.resources
import json
import logging
import pkgutil
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Final

from dash import Dash
from dash.fingerprint import check_fingerprint
from flask import has_request_context, request
from plotly.offline import get_plotlyjs_version

from app.page_scripts import page_script
from app.routes.static import StaticFiles
from components.index import LATE_SCRIPTS_META, PLOTLY_META, in_language
from components.panels.view import Panel
from components.session_script import AUTH_META, PORTALS_META
from components.texts import LANGUAGES
from components.theme import colour_styles

log = logging.getLogger(__name__)

ROOT: Final = Path(__file__).resolve().parent.parent
ASSETS: Final = ROOT / "assets"
#: The plotly.js that has bars, lines and pies only: 0.34 MB in place of 1.18, both compressed. One
#: of bars alone, made of plotly's sources, is 1 % smaller and takes 230 packages. A wheel brings it
#: inside ``app`` (``tools/wheel.py``); in a checkout npm puts it beside.
_BASIC_PLOTLY: Final = Path("node_modules", "plotly.js-basic-dist-min", "plotly-basic.min.js")
_OF_WHEEL: Final = ROOT / "app" / _BASIC_PLOTLY
#: Where it should be; the file is missing where npm has not fetched it.
BASIC_PLOTLY: Final = _OF_WHEEL if _OF_WHEEL.is_file() else ROOT / _BASIC_PLOTLY

#: The stylesheets of ``assets/styles``, each named by what it styles. They are joined in this
#: order: where two rules are equally specific, that of the later file holds. Colours come before
#: all of them.
STYLES: Final = (
    *("base", "bootstrap", "header", "buttons_and_menus", "filter_bar", "selection", "empty_store"),
    *("panels", "number_tables", "stale_numbers", "indicators", "lists", "comparison"),
    *("tips", "table_tools"),
    *("narrow_screens", "framed"),
    *("table", "table_cards", "drawer", "help", "case_timeline", "sources", "downloads"),
    *("forced_colours", "print"),
)

_SUITES: Final = "/_dash-component-suites"
#: The packages whose components the page has.
_DASH: Final = "dash"
_PACKAGES: Final = (_DASH, "dash_bootstrap_components")
_TABLE: Final = "dash_table"
_CORE: Final = "dcc"
_START: Final = "deps"
#: The folders of the joined files, in the order in which they run. A script fetches further ones
#: from the folder of its own address: so what is joined stays in its folder.
FOLDERS: Final = (_START, _CORE, _TABLE)
#: Scripts of Dash that no browser needs which can run the page's own scripts: 61 ms and 31 KB.
_NOT_NEEDED: Final = "deps/polyfill"
#: A script that a component would fetch when it first appears, joined since it is small.
JOINED_LATE: Final = {_CORE: ("dcc/async-dropdown.js",)}
#: Scripts that the table would fetch when it first appears: large ones, which the page fetches
#: beside all others.
BESIDE: Final = ("dash_table/async-highlight.js", "dash_table/async-table.js")
#: The number by which the table knows such a script; it waits for the one that is on its way.
_CHUNK: Final = re.compile(rb"\.push\(\[\[(\d+)\]")
#: Dash refuses a page that loads no script of this name.
_JOINED: Final = "dash-renderer.js"
#: The addresses of these files, without the digest of their content.
NEIGHBOURS: Final = (
    *(f"{_SUITES}/{_DASH}/{folder}/{_JOINED}" for folder in FOLDERS),
    *(f"{_SUITES}/{_DASH}/{path}" for path in BESIDE),
)
_PACKAGE_SCRIPT: Final = re.compile(
    rf'<script src="{_SUITES}/({"|".join(_PACKAGES)})/([^"]+)"></script>\n?'
)
#: The last line of a file that names a map of its source, which is not served.
_SOURCE_MAP: Final = re.compile(rb"^(//|/\*)# sourceMappingURL=.*\s*\Z", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PageFiles:
    """Addresses of the files that the page loads besides Dash's scripts.

    They look like ``/static/page.<digest>.css``. ``icon`` is None if Dash has no icon.
    """

    styles: str
    scripts: str
    plotly: str
    icon: str | None


def put_page_files(
    static_files: StaticFiles, basic_plotly: Path | None, panels: Sequence[Panel]
) -> PageFiles:
    """Make the page's own files, add them to ``static_files``, and return their addresses.

    ``basic_plotly`` is the path of the small plotly.js. The page loads the whole plotly.js of
    plotly.py instead if it is None, if there is no such file, or if its version is not the one that
    plotly.py needs (which is logged). ``panels`` are those of the page; page.js holds their
    constants.
    """
    icon = pkgutil.get_data("dash", "favicon.ico")
    return PageFiles(
        styles=static_files.put(
            "page.css", joined([_bootstrap(), colour_styles().encode(), *_styles()])
        ),
        scripts=static_files.put("page.js", page_script(panels)),
        plotly=static_files.put("plotly.js", _plotly(basic_plotly)),
        icon=static_files.put("icon.ico", icon) if icon else None,
    )


@dataclass(frozen=True, slots=True)
class Shell:
    """What the HTML of the page says before any data is there; the HTML is the same for everybody.

    ``language`` is that of a page whose address names none. ``auth`` and ``frame_ancestors`` are
    the settings of these names.
    """

    language: str
    auth: str
    frame_ancestors: str


class JoinedDash(Dash):
    """A Dash whose page loads few files: those of ``files``, and Dash's scripts joined.

    The joined scripts are added to ``static_files``. ``shell`` is what its HTML says. ``args`` and
    ``kwargs`` are those of ``Dash``.
    """

    def __init__(
        self,
        *args: Any,
        static_files: StaticFiles,
        files: PageFiles,
        shell: Shell,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            *args,
            **kwargs,
            include_assets_files=False,
            external_stylesheets=[files.styles],
            external_scripts=[files.scripts],
        )
        self._static_files = static_files
        self._page_files = files
        self._shell = shell
        self._joined: dict[str, JoinedScripts] = {}

    def _config(self) -> dict[str, Any]:
        """Return what Dash's script is told, without a second copy of the layout.

        Dash's script checks the callbacks' ids against it; it takes the layout that it gets anyway.
        """
        config: dict[str, Any] = super()._config()
        config.pop("validation_layout", None)
        return config

    def interpolate_index(self, **parts: Any) -> str:
        """Return the HTML of the page, made of the ``parts`` that Dash gives; Dash calls this."""
        scripts = parts["scripts"]
        if scripts not in self._joined:
            self._joined[scripts] = join_scripts(scripts, self._static_files)
        joined_scripts = self._joined[scripts]
        parts["scripts"] = joined_scripts.tags
        files = self._page_files
        for name, content in (
            (PLOTLY_META, files.plotly),
            (LATE_SCRIPTS_META, json.dumps(joined_scripts.late)),
            (AUTH_META, self._shell.auth),
            (PORTALS_META, self._shell.frame_ancestors),
        ):
            parts["metas"] += f'\n<meta name="{name}" content="{escape(content)}">'
        if files.icon:
            parts["favicon"] = f'<link rel="icon" type="image/x-icon" href="{files.icon}">'
        requested = request.args.get("lang") if has_request_context() else None
        language = requested if requested in LANGUAGES else self._shell.language
        return in_language(super().interpolate_index(**parts), language)


@dataclass(frozen=True, slots=True)
class JoinedScripts:
    """The scripts of packages, joined into few files.

    ``tags`` are the script elements of the page. ``after`` are the addresses of those after which
    ``late_scripts.js`` fetches ``table``: by address the name under which the table looks for it.
    """

    tags: str
    after: tuple[str, ...] = ()
    table: Mapping[str, str] = field(default_factory=dict)

    @property
    def late(self) -> dict[str, Any]:
        """What ``late_scripts.js`` is told, as JSON."""
        return {"after": list(self.after), "table": dict(self.table)}


def join_scripts(tags: str, static_files: StaticFiles) -> JoinedScripts:
    """Return the script elements ``tags`` with a few files in place of the scripts of packages.

    ``tags`` are those of Dash's page. The files have the scripts of Dash and
    dash-bootstrap-components in their order, one file for each of ``FOLDERS``; those of ``BESIDE``
    are fetched later. The files are added to ``static_files``. If a script cannot be read, ``tags``
    are returned as they are.
    """
    matches = list(_PACKAGE_SCRIPT.finditer(tags))
    named = [(match[1], check_fingerprint(match[2])[0]) for match in matches]
    contents = {script: _script(*script) for script in named}
    if not named or not all(contents.values()):
        return JoinedScripts(tags)
    by_folder: dict[str, list[bytes]] = {folder: [] for folder in FOLDERS}
    for folder, paths in JOINED_LATE.items():
        # Scripts that are usually fetched later only define themselves until they are needed.
        by_folder[folder] += [late for path in paths if (late := _script(_DASH, path))]
    for (_, path), content in contents.items():
        if content and not path.startswith(_NOT_NEEDED):
            by_folder[_folder(path)].append(content)
    addresses = []
    for folder, parts in by_folder.items():
        prefix = f"{_SUITES}/{_DASH}/{folder}"
        address = static_files.put(_JOINED, joined(parts, between=b"\n;\n"), prefix)
        addresses.append(address)
    before, after = tags[: matches[-1].start()], tags[matches[-1].end() :]
    files = "".join(f'<script src="{address}"></script>\n' for address in addresses)
    beside = dict(pair for path in BESIDE for pair in _beside(path, static_files))
    whole = _PACKAGE_SCRIPT.sub("", before) + files + after
    # The table's own script is small.
    return JoinedScripts(whole, tuple(addresses[:-1]), beside)


def _folder(path: str) -> str:
    """Return the folder of the joined file that has the script at ``path`` of its package."""
    if path.startswith(f"{_TABLE}/"):
        return _TABLE
    return _CORE if path.startswith((f"{_CORE}/", "html/")) else _START


def _beside(path: str, static_files: StaticFiles) -> list[tuple[str, str]]:
    """Return the address of a script and the name by which the table finds it on its way.

    The table looks for an element <script> with this name before it fetches the script itself.
    Without a number in it there is no name, and [] is returned: then the table fetches it.
    """
    content = _script(_DASH, path)
    number = _CHUNK.search(content) if content else None
    if content is None or number is None:
        return []
    folder, _, name = path.rpartition("/")
    address = static_files.put(name, joined([content]), f"{_SUITES}/{_DASH}/{folder}")
    return [(address, f"{_TABLE}:chunk-{number[1].decode()}")]


def joined(parts: Iterable[bytes], between: bytes = b"\n") -> bytes:
    """Return the contents ``parts`` of several files as one file.

    A last line that names a source map is removed from each. ``between`` is put between two parts,
    and without white space also at the beginning: a script that begins with "use strict" would
    otherwise make all others strict, too.
    """
    return between.lstrip() + between.join(_SOURCE_MAP.sub(b"", part) for part in parts)


def _script(package: str, path: str) -> bytes | None:
    """Return the script at ``path`` of ``package``; None where this version has none there."""
    try:
        return pkgutil.get_data(package, path)
    except OSError:
        return None


def _styles() -> list[bytes]:
    return [(ASSETS / "styles" / f"{name}.css").read_bytes() for name in STYLES]


def _bootstrap() -> bytes:
    package = importlib.resources.files("flask_bootstrap")
    return (package / "static" / "bootstrap5" / "css" / "bootstrap.min.css").read_bytes()


def _plotly(basic: Path | None) -> bytes:
    if basic is not None and basic.is_file():
        needed, version = get_plotlyjs_version(), _package_version(basic.parent)
        if version == needed:
            return basic.read_bytes()
        log.warning("plotly.js %s of npm is not used: plotly.py needs %s", version, needed)
    whole = importlib.resources.files("plotly") / "package_data" / "plotly.min.js"
    return whole.read_bytes()


def _package_version(folder: Path) -> str | None:
    try:
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(version)
