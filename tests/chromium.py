"""Find the Chromium for the browser tests: the machine's, otherwise Playwright's own.

``python -m tests.chromium`` starts it once with Playwright's driver, and fails where the driver or
the browser lacks something. ``tests.services`` runs this as a separate process, because a driver
that cannot start would leave the process of the tests in a broken state.
"""

import shutil
from pathlib import Path


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None; ``tests.services`` checks whether it starts."""
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
    """Start Chromium and close it. Raises Playwright's error where that fails."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - as above

    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        browser.close()


if __name__ == "__main__":
    main()
