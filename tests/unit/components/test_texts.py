"""Every text of the page is in every catalogue, with the same places, and none is left over."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import components
from components.texts import LANGUAGES, Texts, catalogue

ROOT = Path(components.__file__).parent.parent
#: How the code marks texts, in Babel's notation: contexts first where there is one.
KEYWORDS = {
    "gettext": None,
    "gettext_noop": None,
    "pgettext": ((1, "c"), 2),
    "pgettext_noop": ((1, "c"), 2),
    "ngettext": (1, 2),
    "ngettext_noop": (1, 2),
}
TRANSLATED = [language for language in LANGUAGES if language != "en"]
_PLACE = re.compile(r"\{(\w+)\}")


def used() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Context and English forms of every text in the code."""
    for package in ("components", "callbacks", "queries"):
        found = extract_from_dir(ROOT / package, [("**.py", "python")], keywords=KEYWORDS)
        for _file, _line, message, _comments, context in found:
            yield context or "", (message,) if isinstance(message, str) else tuple(message)


USED = dict.fromkeys((context, forms) for context, forms in used())


def test_there_are_texts() -> None:
    assert len(USED) > 100


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    forms_of = catalogue(language)
    for context, english in USED:
        forms = forms_of.get((context, english[0]), ())
        assert len(forms) == len(english), (language, context, english)
        assert all(form.strip() for form in forms), (language, context, english)
        wanted = set(_PLACE.findall(english[-1]))
        for form in forms:
            assert set(_PLACE.findall(form)) == wanted, (language, form)


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language: str) -> None:
    keys = {(context, english[0]) for context, english in USED}
    assert set(catalogue(language)) - keys == set()


def test_words_of_the_contract() -> None:
    texts = Texts("pt-BR")
    assert texts.gettext("No data with these filters.") == "Nenhum dado com estes filtros."
    assert texts.gettext("Requester (Person request name)") == "Solicitante (Person request name)"
    assert texts.pgettext("status", "No confirmation") == "Sem confirmação"
    assert (
        texts.pgettext("session", "Started by the business (no HSM on record)")
        == "Iniciada pela empresa (sem HSM registrado)"
    )


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("pt-BR", 0, "0 casos"),
        ("pt-BR", 1, "1 caso"),
        ("en", 1, "1 case"),
        ("en", 2, "2 cases"),
    ],
)
def test_plurals(language: str, number: int, text: str) -> None:
    assert Texts(language).ngettext("{count} case", "{count} cases", number, count=number) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_their_units_stay_in_one_line(language: str) -> None:
    texts = Texts(language)
    for context, forms in USED:
        found = [texts.pgettext(context, forms[0])]
        found += [texts.ngettext(*forms, number) for number in (1, 2)] if len(forms) == 2 else []
        assert not re.search(r"[0-9] (h|min)\b", " ".join(found)), found
    close = texts.ngettext("{count} closes within 2 h", "{count} close within 2 h", 3, count="3")
    assert close.endswith("2\u00a0h")


def test_braces_in_values_stay_as_they_are() -> None:
    assert Texts("en").gettext("Remove {chip}", chip="{chip} {0}") == "Remove {chip} {0}"


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(LookupError):
        Texts("fr")


def test_spanish_has_one_word_for_a_failure() -> None:
    said = " ".join(form for forms in catalogue("es").values() for form in forms)
    assert "Fallo" in said
    assert not re.search(r"\bfallas?\b", said, re.IGNORECASE)
