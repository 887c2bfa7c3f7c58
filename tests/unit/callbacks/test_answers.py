"""The cause of an empty answer, and what panels show of answers and failures."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from dash import no_update

from callbacks import answers
from callbacks.answers import PanelAnswer, PanelFailure
from callbacks.panels import paint
from components.locale import Locale
from components.painting import changed, unchanged
from components.panels.view import Panel
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


def values(slug: str, result: PanelAnswer | PanelFailure, class_before: str = "") -> Any:
    return paint(panel_of(slug), result, class_before, Locale.of("pt-BR"))


def test_a_card_that_is_ready_already_keeps_its_state() -> None:
    result = PanelAnswer(Answer(1, FILTERS, FRAME, NOW))
    panel: Panel = panel_of("cases")
    first = values("cases", result)
    assert first[0] == panel.class_name("ready")
    again = values("cases", result, panel.class_name("ready"))
    assert again[:2] == (no_update, no_update)
    assert first[3]["wide"] == again[3]["wide"]


def test_a_failure_keeps_what_was_painted() -> None:
    state, cover, *others = values("cases", PanelFailure("A sentence."))
    assert state == panel_of("cases").class_name("error")
    assert "A sentence." in str([part["children"] for part in cover])
    assert others == [no_update] * 3


def test_the_card_of_who_waits_says_that_nobody_knows() -> None:
    *others, card = values("waiting", PanelFailure("A sentence."))
    assert others[2:] == [no_update, no_update]
    assert card != no_update


def test_an_empty_answer_takes_the_figures_away() -> None:
    empty = PanelAnswer(Answer(1, FILTERS, FRAME[:0], NOW), emptied_by="period")
    state, _cover, words, figures, caption = values("cases", empty)
    assert state == panel_of("cases").class_name("empty")
    assert (words, figures) == ([], None)
    assert caption


def test_a_panel_that_nothing_can_fill_is_folded_with_its_rows_on_demand() -> None:
    lacking = PanelAnswer(Answer(1, FILTERS, FRAME, NOW), lacking="agents")
    state, cover, _words, figures, _caption = values("cases", lacking)
    assert state == panel_of("cases").class_name("folded")
    assert "Sem agentes nos dados" in str(cover)
    assert "Mostrar mesmo assim" in str(cover)
    assert figures["wide"]


def test_a_folded_panel_without_rows_cannot_be_unfolded() -> None:
    lacking = PanelAnswer(Answer(1, FILTERS, FRAME[:0], NOW), lacking="hsm")
    state, cover, words, figures, caption = values("cases", lacking)
    assert state == panel_of("cases").class_name("folded")
    assert "Mostrar mesmo assim" not in str(cover)
    assert (words, figures) == ([], None)
    assert caption == ["Sem HSM nos dados: nenhuma mensagem de template foi importada."]


def test_values_that_change_nothing() -> None:
    assert unchanged("panel", 3) == ("panel", no_update, no_update)
    assert changed(["a"], ["a"]) is no_update
    assert changed(["a"], []) == []
