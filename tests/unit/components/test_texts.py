"""Every text of the page is in every catalogue, with the same places, and none is left over."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from babel.messages.extract import extract_from_dir

import components
from components.texts import LANGUAGES, SOURCE_LANGUAGE, Texts, read_catalogue

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
TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
_PLACE = re.compile(r"\{(\w+)\}")


def used() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Context and English forms of every text in the code."""
    for package in ("components", "callbacks", "queries"):
        found = extract_from_dir(ROOT / package, [("**.py", "python")], keywords=KEYWORDS)
        for _file, _line, message, _comments, context in found:
            yield context or "", (message,) if isinstance(message, str) else tuple(message)


def translations(language: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """The forms of each text in the catalogue, by context and (first) English form."""
    forms: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in read_catalogue(language):
        key = message.id if isinstance(message.id, str) else message.id[0]
        text = message.string
        if key:
            forms[message.context or "", key] = (text,) if isinstance(text, str) else tuple(text)
    return forms


USED = dict.fromkeys((context, forms) for context, forms in used())


def test_there_are_texts() -> None:
    assert len(USED) > 100


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    forms_of = translations(language)
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
    assert set(translations(language)) - keys == set()


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


@pytest.mark.parametrize("number", [np.int64(0), np.int64(1), np.int64(2)])
def test_plurals_of_counts_from_a_frame(number: int) -> None:
    word = Texts("pt-BR").ngettext("{count} case", "{count} cases", number, count=number)
    assert word == ("1 caso" if number == 1 else f"{number} casos")


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_found_by_its_english_key(language: str) -> None:
    texts = Texts(language)
    forms_of = translations(language)
    for context, forms in USED:
        wanted = [form.replace("\u00a0", " ") for form in forms_of[context, forms[0]]]
        if len(forms) == 2:
            written = [texts.ngettext(*forms, number) for number in (1, 2)]
        elif context:
            written = [texts.pgettext(context, forms[0])]
        else:
            written = [texts.gettext(forms[0])]
        assert [text.replace("\u00a0", " ") for text in written] == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_their_units_stay_in_one_line(language: str) -> None:
    texts = Texts(language)
    for context, forms in USED:
        if len(forms) == 2:
            written = [texts.ngettext(*forms, number) for number in (1, 2)]
        else:
            text = forms[0]
            written = [texts.pgettext(context, text) if context else texts.gettext(text)]
        assert not re.search(r"[0-9] (h|min)\b", " ".join(written)), written
    close = texts.ngettext("{count} closes within 2 h", "{count} close within 2 h", 3, count="3")
    assert close.endswith("2\u00a0h")


def test_braces_in_values_stay_as_they_are() -> None:
    assert Texts("en").gettext("Remove {chip}", chip="{chip} {0}") == "Remove {chip} {0}"


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(LookupError):
        Texts("fr")


def test_spanish_has_one_word_for_a_failure() -> None:
    texts = " ".join(form for forms in translations("es").values() for form in forms)
    assert "Fallo" in texts
    assert not re.search(r"\bfallas?\b", texts, re.IGNORECASE)
