"""The cause of an empty answer, and what panels show of answers and failures."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from callbacks import answers
from callbacks.answers import PanelAnswer, PanelFailure
from callbacks.panels import painted
from components.locale import Locale
from queries.filters import Filters
from queries.period import Period
from queries.reader import Answer
from tests.panels import panel_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILTERS = Filters(Period(date(2026, 11, 1), date(2026, 11, 2)))
FRAME = pd.DataFrame({"period": [date(2026, 11, 1)], "created": [1], "attended": [1]})


@pytest.mark.parametrize(
    ("lists", "kept_by", "cause"),
    [
        ({}, None, "period"),
        ({"team": ("x",)}, None, "period"),
        ({"team": ("x",)}, "team", "team"),
        ({"team": ("x",), "agent": ("y",)}, "agent", "agent"),
        ({"team": ("x",), "agent": ("y",)}, None, "all"),
    ],
)
def test_the_cause_of_an_empty_answer(
    lists: dict[str, Any], kept_by: str | None, cause: str
) -> None:
    """There are rows as soon as the filter ``kept_by`` is away."""

    def is_empty(filters: Filters) -> bool:
        return kept_by is None or bool(getattr(filters, kept_by))

    assert answers.emptied_by(replace(FILTERS, **lists), is_empty) == cause


# --- what is painted -----------------------------------------------------------------------------


def parts(slug: str, result: PanelAnswer | PanelFailure) -> dict[str, Any]:
    return painted(panel_of(slug), result, Locale.of("pt-BR"))


def test_a_panel_with_rows_shows_all_its_parts() -> None:
    shown = parts("cases", PanelAnswer(Answer(1, FILTERS, FRAME, NOW)))
    assert shown["state"] == "panel panel-graph state-ready"
    assert shown["figures"]["wide"]
    assert set(shown) == {"state", "cover", "words", "figures", "caption"}


def test_a_failure_keeps_what_was_painted() -> None:
    shown = parts("cases", PanelFailure("A sentence."))
    assert shown["state"] == "panel panel-graph state-error"
    assert "A sentence." in str(shown["cover"])
    assert set(shown) == {"state", "cover"}


def test_the_card_of_who_waits_says_that_nobody_knows() -> None:
    shown = parts("waiting", PanelFailure("A sentence."))
    assert set(shown) == {"state", "cover", "indicator"}
    assert "—" in str(shown["indicator"])


def test_an_empty_answer_takes_the_figures_away() -> None:
    shown = parts("cases", PanelAnswer(Answer(1, FILTERS, FRAME[:0], NOW), emptied_by="period"))
    assert shown["state"] == "panel panel-graph state-empty"
    assert (shown["words"], shown["figures"]) == ([], None)
    assert shown["caption"]


def test_a_panel_that_nothing_can_fill_is_folded_with_its_rows_on_demand() -> None:
    shown = parts("cases", PanelAnswer(Answer(1, FILTERS, FRAME, NOW), lacking="agents"))
    assert shown["state"] == "panel panel-graph state-folded"
    assert "Sem agentes nos dados" in str(shown["cover"])
    assert "Mostrar mesmo assim" in str(shown["cover"])
    assert shown["figures"]["wide"]


def test_a_folded_panel_without_rows_cannot_be_unfolded() -> None:
    shown = parts("cases", PanelAnswer(Answer(1, FILTERS, FRAME[:0], NOW), lacking="hsm"))
    assert shown["state"] == "panel panel-graph state-folded"
    assert "Mostrar mesmo assim" not in str(shown["cover"])
    assert (shown["words"], shown["figures"]) == ([], None)
    assert shown["caption"] == ["Sem HSM nos dados: nenhuma mensagem de template foi importada."]
