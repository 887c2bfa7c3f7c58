"""Joins the page's own scripts into page.js: each file of ``assets/scripts`` becomes a module.

A script takes what it needs of another by ``require("./name")`` and gives what others need as
``module.exports``, as in Node. It runs once, when the first script asks for it; so the order of the
files does not matter, and no two scripts share names. The module ``constants`` is made here, of
what Python knows. In a browser's console and in tests, ``consumo.require("./dates")`` gives a
module.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

from app.download_progress import State
from app.workbook import MAX_ROWS
from components.page_constants import page_constants
from components.panels.view import Panel
from queries.filters import MAX_VALUES

SCRIPTS: Final = Path(__file__).resolve().parent.parent / "assets" / "scripts"

#: The comment that a script begins with; browsers need not load it.
_HEAD: Final = re.compile(r"\A/\*.*?\*/\n", re.DOTALL)
_START: Final = """(function () {
"use strict";
const sources = {};
"""
_END: Final = """
const modules = {};
function require(path) {
  const name = path.replace("./", "");
  if (!modules[name]) {
    modules[name] = { exports: {} };
    sources[name](require, modules[name]);
  }
  return modules[name].exports;
}
window.consumo = { require };
Object.keys(sources).forEach(require);
})();
"""


def page_script(panels: Sequence[Panel]) -> bytes:
    """Return page.js in UTF-8: all scripts of ``assets/scripts`` and the module ``constants``.

    ``panels`` are those of the page; ``constants`` holds what the scripts need of them.
    """
    return "".join(_parts(panels)).encode()


def constants(panels: Sequence[Panel]) -> dict[str, Any]:
    """Return what the scripts get from Python as the module ``constants``, ready for JSON.

    These are the ``page_constants`` of ``panels``; ``downloadStates``, the states that the server
    may report of a download; and ``limits``: ``sheetRows``, how many rows a workbook may have at
    most without its header, and ``filterValues``, how many values a filter may have.
    """
    return {
        **page_constants(panels),
        "downloadStates": ["unknown", *get_args(State)],
        "limits": {"sheetRows": MAX_ROWS, "filterValues": MAX_VALUES},
    }


def _parts(panels: Sequence[Panel]) -> Iterator[str]:
    yield _START
    yield _module("constants", f"module.exports = {_frozen(constants(panels))};\n")
    for path in sorted(SCRIPTS.glob("*.js")):
        yield _module(path.stem, _HEAD.sub("", path.read_text(encoding="utf-8"), count=1))
    yield _END


def _module(name: str, source: str) -> str:
    return f'sources["{name}"] = function (require, module) {{\n{source}}};\n'


def _frozen(values: Mapping[str, Any]) -> str:
    """Return a JavaScript expression for ``values``, with all objects and lists frozen."""
    text = json.dumps(json.dumps(values, ensure_ascii=False), ensure_ascii=False)
    return f"JSON.parse({text}, (_key, value) => Object.freeze(value))"
