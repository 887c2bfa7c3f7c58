"""docs/public-surface.md is what the code has."""

import difflib

import pytest

from tools.public_surface import DOCUMENT, surface

pytestmark = pytest.mark.integration


def test_the_public_surface_is_the_documented_one() -> None:
    documented = DOCUMENT.read_text(encoding="utf-8").splitlines()
    difference = list(
        difflib.unified_diff(documented, surface().splitlines(), "documented", "code", lineterm="")
    )
    if difference:
        pytest.fail(
            "The public surface is not the documented one:\n\n"
            + "\n".join(difference)
            + "\n\nIf this change is meant, renew the document with: make documents",
            pytrace=False,
        )
