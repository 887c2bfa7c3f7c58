"""The cards of the indicators: changes in words, colours beyond chance only, reasons for "—"."""

from typing import Any

import pytest

from components.indicator_cards import Card, IndicatorCards
from components.locale import Locale
from queries.filters import Basis

PT = Locale.of("pt-BR")
NOW: dict[str, Any] = {
    "messages": 2_300,
    "sent_messages": 1_300,
    "received_messages": 1_000,
    "delivery_rate": 0.93,
    "read_rate": 0.8,
    "failure_rate": 0.05,
    "cases_created": 400,
    "cases_attended": 300,
    "attended_share": 0.75,
    "median_first_response_seconds": 90.0,
    "p90_first_response_seconds": 2_460.0,
    "sent_out_messages": 1_000,
    "arrived_messages": 930,
    "unconfirmed_messages": 0,
    "first_responses": 100,
}


def all_cards(
    now: dict[str, Any],
    before: dict[str, Any],
    basis: Basis = Basis.OPENED,
    *,
    compares: bool = True,
) -> dict[str, Card]:
    figures = NOW | now | {f"previous_{name}": value for name, value in (NOW | before).items()}
    return {card.name: card for card in IndicatorCards(figures, PT, compares).all(basis)}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_sent_and_received_have_their_change_each() -> None:
    card = all_cards({}, {"messages": 2_000, "sent_messages": 1_000, "received_messages": 1_250})
    assert card["messages"].change == "+15,0%"
    assert [plain(line) for line in card["messages"].detail] == [
        "1.300 enviadas +30,0%",
        "1.000 recebidas \u221220,0%",
    ]


@pytest.mark.parametrize(
    ("before", "name", "change", "tone"),
    [
        # z = 0.93 against 0.90 of 1,000 each: 0.03 / sqrt(0.915 * 0.085 * 0.002) = 2.4
        ({"delivery_rate": 0.9}, "delivery_rate", "+3,0 p.p.", "better"),
        # 0.93 against 0.92: z = 0.86
        ({"delivery_rate": 0.92}, "delivery_rate", "+1,0 p.p.", "same"),
        # The same difference of ten times as many: z = 2.7
        (
            {"delivery_rate": 0.92, "sent_out_messages": 10_000},
            "delivery_rate",
            "+1,0 p.p.",
            "same",
        ),
        ({"failure_rate": 0.02}, "failure_rate", "+3,0 p.p.", "worse"),
        ({"failure_rate": 0.1}, "failure_rate", "\u22125,0 p.p.", "better"),
        ({"attended_share": 0.9}, "attended_share", "\u221215,0 p.p.", "worse"),
        ({"read_rate": None}, "read_rate", "sem valor anterior", "same"),
        ({"cases_created": 500}, "cases_created", "\u221220,0%", "same"),
        ({"cases_created": 0}, "cases_created", "nenhum antes", "same"),
        (
            {"median_first_response_seconds": 86.0},
            "median_first_response_seconds",
            "4 s mais lenta",
            "same",
        ),
        (
            {"median_first_response_seconds": 60.0},
            "median_first_response_seconds",
            "30 s mais lenta",
            "worse",
        ),
        (
            {"median_first_response_seconds": 120.0},
            "median_first_response_seconds",
            "30 s mais rápida",
            "better",
        ),
        (
            {"median_first_response_seconds": 120.0, "first_responses": 29},
            "median_first_response_seconds",
            "30 s mais rápida",
            "same",
        ),
        (
            {"median_first_response_seconds": 90.0},
            "median_first_response_seconds",
            "igual à anterior",
            "same",
        ),
        (
            {"median_first_response_seconds": None},
            "median_first_response_seconds",
            "nenhum antes",
            "same",
        ),
    ],
)
def test_changes_in_words_and_colours(
    before: dict[str, Any], name: str, change: str, tone: str
) -> None:
    card = all_cards({}, before)[name]
    assert (plain(card.change), card.tone) == (change, tone)


def test_the_same_difference_of_more_messages_is_beyond_chance() -> None:
    counts = {"sent_out_messages": 10_000}
    card = all_cards(counts, {"delivery_rate": 0.92, **counts})["delivery_rate"]
    assert (plain(card.change), card.tone) == ("+1,0 p.p.", "better")


@pytest.mark.parametrize(
    ("now", "name", "reason"),
    [
        (
            {"delivery_rate": None, "sent_out_messages": 0, "unconfirmed_messages": 7},
            "delivery_rate",
            "sem confirmações desta origem",
        ),
        (
            {"failure_rate": None, "sent_out_messages": 0, "sent_messages": 0},
            "failure_rate",
            "nenhuma mensagem enviada",
        ),
        ({"read_rate": None, "arrived_messages": 0}, "read_rate", "nenhuma mensagem entregue"),
        (
            {"delivery_rate": None, "sent_out_messages": 0},
            "delivery_rate",
            "todas ainda por enviar",
        ),
        ({"attended_share": None, "cases_created": 0}, "attended_share", "nenhum caso aberto"),
        (
            {"median_first_response_seconds": None, "first_responses": 0},
            "median_first_response_seconds",
            "nenhuma primeira resposta",
        ),
    ],
)
def test_a_dash_says_why(now: dict[str, Any], name: str, reason: str) -> None:
    card = all_cards(now, {})[name]
    assert (card.value, card.change, card.detail) == ("—", "", (reason,))


def test_without_a_comparison_nothing_is_said_of_before() -> None:
    cards = all_cards({}, {"messages": 1, "delivery_rate": 0.1}, compares=False).values()
    said = " ".join(plain(" ".join((card.change, *card.detail))) for card in cards)
    assert {card.change for card in cards} == {""}
    assert "+" not in said
    assert "anterior" not in said
