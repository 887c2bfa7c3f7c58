"""Provides a Chromium for the browser tests: Debian's when root, otherwise Playwright's own.

Prints one clear sentence when neither can be had; the browser tests then skip with it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SENTENCE = "no Chromium: install it (Debian: apt-get install chromium) to run the browser tests"


def find_chromium() -> str | None:
    """The path of a Chromium that can be started, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only when none is found

        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Exception:
        return None
    return path if Path(path).exists() else None


def _provide() -> None:
    if find_chromium():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *command], check=False, env=environment)
    if not find_chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not find_chromium():
        print(SENTENCE)


if __name__ == "__main__":
    _provide()
