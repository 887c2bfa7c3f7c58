"""The words that files may have: all labels of the downloads are read, and each means one code."""

import pytest

from components import value_formats
from components.labels import vocabulary
from components.locale import Locale
from components.texts import LANGUAGES
from queries.panels import details
from sources.contract import CASES, MESSAGES
from sources.headers import Header
from sources.words import CODE_WORDS, COLUMN_WORDS, FLAG_WORDS, code_of, folded, joined


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_of_the_downloads_is_read(language: str) -> None:
    locale = Locale.of(language)
    vocabularies = {
        "direction": ("direction",),
        "status": ("status", "incoming_status"),
        "kind": ("kind",),
    }
    for column, names in vocabularies.items():
        for name in names:
            for code, label in vocabulary(name, locale).items():
                assert code_of(column, label) == code, (column, label)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headings_of_the_downloads_are_columns(language: str) -> None:
    locale = Locale.of(language)
    labels = {
        column.name: value_formats.header(column, locale)
        for column in details.PANEL.download_columns
    }
    columns = {
        **dict.fromkeys(("message_id", "direction", "sent_at", "status", "kind"), MESSAGES),
        **dict.fromkeys(("template_name", "phone", "business_number"), MESSAGES),
        **dict.fromkeys(("person_name", "channel", "case_type", "team", "opened_at"), CASES),
    }
    for name, file in columns.items():
        assert Header.of([labels[name]], file).names == (name,), labels[name]
    assert Header.of([labels["case_number"]], MESSAGES).names == ("case_id",)


def test_words_are_kept_as_they_are_compared() -> None:
    for words in (
        *(w for codes in CODE_WORDS.values() for w in codes.values()),
        *FLAG_WORDS.values(),
    ):
        assert all(word == folded(word) for word in words)
    for words in COLUMN_WORDS.values():
        assert all(word == joined(word) for word in words)


def test_a_word_means_one_code() -> None:
    for codes in CODE_WORDS.values():
        words = [word for of_code in codes.values() for word in of_code]
        assert len(words) == len({*words})
        assert all(code in words for code, words in codes.items())


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (("case_id", "Case ID"), ("case_id", "Case ID")),
        (("Número do Caso",), ("case_id",)),
        (("Número do Caso", "case_id"), ("case_number", "case_id")),
        (("Caso", "Número do Caso"), ("Caso", "case_id")),
        ((" Case-Id\u200b", "TEAM", "Equipe"), ("case_id", "team", "Equipe")),
        (("time", "date", "name"), ("time", "date", "name")),
    ],
)
def test_which_column_is_taken(given: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert Header.of(given, CASES).names == names
