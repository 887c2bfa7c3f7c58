"""Adds the page's small plotly.js to the wheel while setuptools builds it (see pyproject.toml)."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent.parent
#: What ``make setup`` fetches with npm; ``app/page_files.py`` looks for it in both places.
PLOTLY = Path("node_modules") / "plotly.js-basic-dist-min"
#: The files of that package that the wheel brings; ``package.json`` has the version.
FILES = ("plotly-basic.min.js", "package.json", "LICENSE")


class BuildWithPlotly(build_py):
    """The step of setuptools that collects the wheel's files; it adds the small plotly.js to them.

    The file is added where npm has fetched it into ``node_modules``. A wheel without it loads the
    whole plotly.js that plotly.py brings. An editable install gets no copy: it uses the file in
    ``node_modules``.
    """

    def run(self) -> None:
        """Collect the packages, then copy ``FILES`` into the folder ``app`` of the build.

        Setuptools calls this. Raises ``FileNotFoundError`` where plotly.js is there but another of
        ``FILES`` is not.
        """
        super().run()
        if self.editable_mode or not (ROOT / PLOTLY / FILES[0]).is_file():
            return
        folder = Path(self.build_lib) / "app" / PLOTLY
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(ROOT / PLOTLY / name, folder / name)
