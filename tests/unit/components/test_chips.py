"""Chips of the selection, and the button that takes all of it back."""

from datetime import date

import pytest

from components.chips import chips
from components.look import Look
from queries.filters import Basis, Bucket, Filters, Period

PT = Look.of("pt-BR")
DAY = date(2026, 11, 1)


def test_the_default_question_has_no_chips() -> None:
    assert chips(Filters(), PT) == []


@pytest.mark.parametrize(
    "filters",
    [Filters(Period(DAY, DAY)), Filters(basis=Basis.OPENED), Filters(bucket=Bucket.WEEK)],
)
def test_any_other_question_can_be_taken_back(filters: Filters) -> None:
    assert [part.children for part in chips(filters, PT)] == ["Limpar filtros"]
