"""Every error becomes one sentence in every language, and says nothing it should not."""

import pytest

from components.error_messages import error_message
from components.texts import LANGUAGES, Texts
from queries.errors import FilterError, QueryTimeout, StoreUnavailable

PARAMS = {
    "name": "channel",
    "value": "x" * 200,
    "minimum": 1,
    "maximum": 9,
    "allowed": "a, b",
    "column": "phone",
    "start": "2026-01-02",
    "end": "2026-01-01",
    "count": 5_000,
    "limit": 4_000,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(FilterError.CODES))
@pytest.mark.parametrize("for_programs", [True, False])
def test_every_code_is_a_sentence(language: str, code: str, *, for_programs: bool) -> None:
    said = error_message(FilterError(code, **PARAMS), Texts(language), codes=for_programs)
    # On the page these two stand beside the field or the button that mends them.
    is_short = not for_programs and code in ("period_reversed", "year_out_of_range")
    assert said.endswith(".") is not is_short
    assert "{" not in said
    assert "x" * 60 not in said, "values are cut at 60 characters"


def test_names_are_those_of_the_page() -> None:
    texts = Texts("pt-BR")
    error = FilterError("bad_value", name="status", value="lida", allowed="new, read")
    assert error_message(error, texts) == (
        '"lida" não é um valor de "Status". Escolha entre: Novo, Lido.'
    )
    assert error_message(error, texts, codes=True) == (
        '"lida" não é um valor de "Status". Escolha entre: Novo (new), Lido (read).'
    )
    error = FilterError("bad_value", name="theme", value="x", allowed="light, dark")
    assert error_message(error, Texts("en")).endswith("Choose one of: light, dark.")
    error = FilterError("bad_date", name="start", value="ontem")
    assert "o início do período" in error_message(error, texts, codes=True)
    assert error_message(error, texts) == (
        '"ontem" não é um dia do calendário: escreva dia/mês/ano, por exemplo 31/12/2026.'
    )


def test_a_wrong_period_is_said_in_few_words_on_the_page() -> None:
    texts = Texts("pt-BR")
    years = {"name": "start", "value": "0026-11-01", "minimum": 1900, "maximum": 2100}
    error = FilterError("year_out_of_range", **years)
    assert error_message(error, texts) == "Ano inválido: use dd/mm/aaaa"
    assert "1900" in error_message(error, texts, codes=True)
    error = FilterError("period_reversed", start="2026-11-22", end="2026-11-01")
    assert error_message(error, texts) == "Data final anterior à inicial"


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (StoreUnavailable("secret path"), "não estão acessíveis"),
        (QueryTimeout("secret sql"), "demorou demais"),
        (ValueError("secret value"), "Algo deu errado"),
    ],
)
def test_other_errors_say_nothing_of_their_inside(error: Exception, part: str) -> None:
    said = error_message(error, Texts("pt-BR"))
    assert part in said
    assert "secret" not in said


def test_columns_and_dates_are_those_of_the_screen() -> None:
    texts = Texts("pt-BR")
    assert error_message(FilterError("masked_column", column="phone"), texts) == (
        "A coluna Telefone está mascarada: não é possível ordenar nem filtrar por ela."
    )
    error = FilterError("period_reversed", start="2026-11-22", end="2026-11-01")
    assert "(01/11/2026)" in error_message(error, texts, codes=True)
    assert "(22/11/2026)" in error_message(error, texts, codes=True)
