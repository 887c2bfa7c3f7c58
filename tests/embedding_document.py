"""The examples of docs/embedding.md, as tests run them."""

import importlib.util
import re
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from flask import Blueprint

from tests.services import ROOT

DOCUMENT = ROOT / "docs" / "embedding.md"


def block(language: str, word: str) -> str:
    """Return the one block of this language in the document that holds ``word``."""
    text = DOCUMENT.read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    [found] = [one for one in blocks if word in one]
    return str(found)


def settings_of_document() -> dict[str, str]:
    """Return the settings of the dashboard that the document names."""
    lines = block("text", "CONSUMO_AUTH").splitlines()
    return dict(line.split("=", 1) for line in lines)


def token_endpoint(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    signed_in_user: Callable[[], Mapping[str, object] | None],
) -> Blueprint:
    """Return the document's token endpoint in Python.

    ``signed_in_user`` is the portal's own function; the module is written to ``folder``.
    """
    session = types.ModuleType("portal.session")
    session.signed_in_user = signed_in_user  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "portal", types.ModuleType("portal"))
    monkeypatch.setitem(sys.modules, "portal.session", session)
    path = folder / "consumo_endpoint.py"
    path.write_text(block("python", "consumo_token"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    spec.loader.exec_module(module)
    made: Blueprint = module.consumo
    return made
