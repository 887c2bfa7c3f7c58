"""Colours: the stylesheet has all of them, and texts can be read."""

import re

import pytest

from components.theme import COLOURS, colour, colour_styles, status_colour


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_styles_have_all_colours(theme: str) -> None:
    light, _, dark = colour_styles().partition('[data-bs-theme="dark"] {')
    css = light if theme == "light" else dark
    wanted = {name: getattr(pair, theme) for name, pair in COLOURS.items()}
    assert dict(re.findall(r"  --([a-z-]+): (#[0-9A-F]{6});\n", css)) == wanted
    assert f"  color-scheme: {theme};\n" in css
    assert light.startswith(":root {")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("text", "card", 4.5),
        ("text", "page", 4.5),
        ("quiet", "card", 4.5),
        ("quiet", "page", 4.5),
        ("failed", "card", 4.5),
        ("attended", "card", 4.5),
        ("sent", "card", 4.5),
    ],
)
def test_texts_can_be_read(theme: str, front: str, back: str, least: float) -> None:
    pair = (_light(getattr(COLOURS[name], theme)) for name in (front, back))
    dim, bright = sorted(pair)
    assert (bright + 0.05) / (dim + 0.05) >= least


@pytest.mark.parametrize("mark", ["sent", "received", "created", "attended", "failed"])
@pytest.mark.parametrize("ground", ["card", "page"])
def test_bars_stand_out_from_their_ground(mark: str, ground: str) -> None:
    """At 3 : 1, in both themes, by the values that the stylesheet has."""
    light, _, dark = colour_styles().partition('[data-bs-theme="dark"] {')
    for css in (light, dark):
        codes = dict(re.findall(r"  --([a-z-]+): (#[0-9A-F]{6});\n", css))
        dim, bright = sorted((_light(codes[mark]), _light(codes[ground])))
        assert (bright + 0.05) / (dim + 0.05) >= 3, (mark, ground, codes[mark])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_statuses_in_text_can_be_read(theme: str) -> None:
    """On a card, and on the ground of a cell that has the focus."""
    codes = {name: getattr(pair, theme) for name, pair in COLOURS.items()}
    fronts = {name: code for name, code in codes.items() if name.startswith("said-")}
    assert len(fronts) == 7
    for code in fronts.values():
        for ground in ("card", "hover"):
            dim, bright = sorted((_light(code), _light(codes[ground])))
            assert (bright + 0.05) / (dim + 0.05) >= 4.5, (code, ground)


def test_references() -> None:
    assert colour("sent") == "var(--sent)"
    assert status_colour("failed") == "var(--failed)"
    assert status_colour("read") == "var(--status-read)"
    with pytest.raises(KeyError):
        colour("blue")


def _light(code: str) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = (int(code[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
