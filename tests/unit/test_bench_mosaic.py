"""The peer Mosaic is left out without npm, and its packages are pinned."""

import json

import pytest

from bench.peer.mosaic.server import install_mosaic, mosaic_versions
from tests.services import ROOT

FOLDER = ROOT / "bench" / "peer" / "mosaic"


def test_without_npm_it_is_left_out_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert not install_mosaic()
    assert capsys.readouterr().out == "No npm: the peer Mosaic is skipped.\n"


def test_its_packages_are_pinned() -> None:
    assert mosaic_versions() == {"vgplot": "0.32.0", "duckdb-server": "0.34.2"}
    locked = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    flechette = [package for path, package in locked.items() if path.endswith("/flechette")]
    assert [package["version"] for package in flechette] == ["2.5.0"]
    assert all("integrity" in package for path, package in locked.items() if path)
    assert not any({"resolved", "funding"} & package.keys() for package in locked.values())
