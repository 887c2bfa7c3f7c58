"""Names of downloaded files."""

import re

import pytest

from app.file_names import file_name
from components.panels import PANELS
from components.texts import LANGUAGES, Texts


def test_a_name_says_panel_and_period() -> None:
    name = file_name("Detalhado", "2026-10-01-2026-10-31", "xlsx")
    assert name == "consumo-detalhado-2026-10-01-2026-10-31.xlsx"


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Falhas e o que fazer", "falhas-e-o-que-fazer"),
        ("Sesión: ¿año nuevo?", "sesion-ano-nuevo"),
        ("../a\\b\r\n:c*\0", "a-b-c"),
        ("…", "painel"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_name_is_safe_for_file_systems(title: str, part: str) -> None:
    assert file_name(title, "2026", "csv") == f"consumo-{part}-2026.csv"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_panel_has_a_name_of_its_own(language: str) -> None:
    texts = Texts(language)
    names = [file_name(texts.gettext(panel.title), "2026", "csv") for panel in PANELS]
    assert len({*names}) == len(names)
    assert all(re.fullmatch(r"consumo-[a-z0-9-]+-2026\.csv", name) for name in names)
