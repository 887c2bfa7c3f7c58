"""Find the Chromium for the browser tests: the machine's, otherwise Playwright's own.

``python -m tests.chromium`` starts it once with Playwright's driver, and fails where the driver or
the browser lacks something. ``tests.services`` runs this as a separate process, because a driver
that cannot start would leave the process of the tests in a broken state.
"""

import shutil
from pathlib import Path

#: Chromium without the parts that draw its own windows, which take half a second of CPU time for
#: every tab, although nobody sees them.
_SHELL = "chromium-headless-shell"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_chromium(*, as_users_have: bool = False) -> str | None:
    """Return the path of a Chromium, or None; ``tests.services`` checks whether it starts.

    The headless shell is preferred; with ``as_users_have`` a whole browser is, for measurements.
    """
    names = (*_BROWSERS, _SHELL) if as_users_have else (_SHELL, *_BROWSERS)
    for name in names:
        if path := shutil.which(name):
            return path
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only when none is found

        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Exception:
        return None
    return path if Path(path).exists() else None


def main() -> None:
    """Start Chromium and close it. Raises Playwright's error where that fails."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - as above

    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        browser.close()


if __name__ == "__main__":
    main()
