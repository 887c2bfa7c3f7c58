"""The Chromium of the browser tests: the machine's, otherwise Playwright's own.

``python -m tests.chromium`` starts it once by Playwright's driver and ends; what it needs and does
not find is an error. ``tests.services`` asks this in a process of its own, because a driver that
cannot start would leave a test process in disorder.
"""

import shutil
from pathlib import Path


def find_chromium() -> str | None:
    """The path of a Chromium, or None. Whether it starts is for ``tests.services`` to try."""
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


def main() -> None:
    """Start Chromium and end it. Raises what Playwright raises where that cannot be done."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - as above

    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        browser.close()


if __name__ == "__main__":
    main()
