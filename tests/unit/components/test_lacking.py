"""What the page says where the store lacks what a part of it needs."""

import pytest

from components.html_tree import Element
from components.lacking import FOLDED, folded_sentence, notes
from components.locale import Locale
from components.texts import LANGUAGE_NAMES
from queries.capabilities import NEEDS

PT = Locale.of("pt-BR")


def sentences(*lacks: str) -> list[str]:
    return [
        "".join(str(part) for part in note.children)
        for note in notes(lacks, PT)
        if isinstance(note, Element)
    ]


def test_there_is_a_sentence_for_each_need() -> None:
    assert set(FOLDED) == set(NEEDS)
    assert all(folded_sentence(need, PT).endswith(".") for need in NEEDS)


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ((), []),
        (("hsm", "sent_hsm"), []),
        (
            ("confirmed", "sent_hsm"),
            ["Esta fonte não tem confirmações de entrega e leitura: as taxas ficam em “—”."],
        ),
        (
            ("outgoing", "confirmed", "hsm"),
            ["Esta fonte não tem mensagens da empresa: as taxas ficam em “—”."],
        ),
        (
            ("received", "agents", "confirmed"),
            [
                "Esta fonte não tem confirmações de entrega e leitura: as taxas ficam em “—”.",
                "Esta fonte não tem mensagens de clientes: a 1ª resposta fica em “—”.",
            ],
        ),
    ],
)
def test_a_note_says_once_why_indicators_stay_unknown(
    lacks: tuple[str, ...], said: list[str]
) -> None:
    assert sentences(*lacks) == said


def test_every_language_has_the_sentences() -> None:
    for need in NEEDS:
        assert len({folded_sentence(need, Locale.of(name)) for name in LANGUAGE_NAMES}) == 3
