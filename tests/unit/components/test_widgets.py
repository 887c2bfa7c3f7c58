"""The texts of chips, and the alert about a wrong filter."""

import pytest

from components.filter_bar import MORE
from components.locale import Locale
from components.texts import LANGUAGES
from components.widgets import alert, chip_labels
from queries.errors import FilterError
from queries.filters import LISTS, VOCABULARIES

PT = Locale.of("pt-BR")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_filter_and_every_code_has_its_word(language: str) -> None:
    said = chip_labels(Locale.of(language))
    assert set(said["labels"]) == {"period", *LISTS} > set(said["more"]) == set(MORE)
    for name, codes in VOCABULARIES.items():
        assert set(said["values"][name]) == set(codes)
    assert "{chip}" in said["remove"]
    assert "{label}" in said["rest"]
    assert "{count}" in said["rest"]


def test_a_status_is_called_as_its_filter_calls_it() -> None:
    assert chip_labels(PT)["values"]["status"]["read"] == "Lido / Tratada"
    assert chip_labels(PT)["labels"]["case"] == "Caso"


def test_an_alert_names_the_wrong_filter_and_has_a_button_that_clears() -> None:
    (box,) = alert(FilterError("bad_value", name="kind", value="x", allowed="hsm, session"), PT)
    said, clear = box.children
    assert not isinstance(said, str)
    assert not isinstance(clear, str)
    assert str(said.children[0]).startswith('"x" não é um valor de "HSM/WApp"')
    assert clear["attributes"]["data-action"] == "clear"
