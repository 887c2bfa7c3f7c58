"""The comparison's figures, sentence, order and rows, as the page shows them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from components import comparison_figures
from components.comparison_figures import (
    FIGURE_NAMES,
    change,
    figure,
    is_known_of,
    usual_figures,
    written,
)
from components.html_tree import Element
from components.locale import Locale
from components.panels import breakdown
from components.panels.view import PanelView
from queries.compared import By
from queries.filters import Filters
from queries.panels.breakdown import columns
from queries.reader import Answer
from queries.table_request import TableRequest

PT = Locale.of("pt-BR")
NOW = datetime(2026, 11, 22, 15, 40, tzinfo=ZoneInfo("America/Sao_Paulo"))
ZEROS = {
    prefix + name: 0
    for prefix in ("", "previous_")
    for name in ("sent_out", "arrived", "responses", "replies", "judged_waits", *FIGURE_NAMES)
}


def row(**known: Any) -> dict[str, Any]:
    return {**ZEROS, **known}


def answer(rows: list[dict[str, Any]], by: By = By.CHANNEL, **asked: Any) -> Answer:
    table = TableRequest(by=by, page_size=breakdown.FIRST_ROWS, **asked)
    frame = pd.DataFrame(rows, dtype=object)
    assert {column.name for column in columns(table)} <= {*frame.columns}
    return Answer(1, Filters(), frame, NOW, table)


def shown(rows: list[dict[str, Any]], by: By = By.CHANNEL, **asked: Any) -> PanelView:
    return breakdown.view(answer(rows, by, **asked), PT)


def texts(parts: Any) -> str:
    if isinstance(parts, str):
        return parts
    inside = parts.children if isinstance(parts, Element) else parts
    return "".join(texts(part) for part in inside)


def found(parts: Any, tag: str) -> list[Element]:
    if isinstance(parts, str):
        return []
    own = [parts] if isinstance(parts, Element) and parts["tag"] == tag else []
    inside = parts.children if isinstance(parts, Element) else parts
    return own + [one for part in inside for one in found(part, tag)]


# --- changes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "text", "tone"),
    [
        # 2 of 10 and 4 of 10 may be chance; 200 and 400 of 1,000 are not.
        ({"failure_rate": 0.4, "previous_failure_rate": 0.2, "sent_out": 10}, "+20,0 p.p.", "same"),
        (
            {"failure_rate": 0.4, "previous_failure_rate": 0.2, "sent_out": 1_000},
            "+20,0 p.p.",
            "worse",
        ),
        ({"delivery_rate": 0.9, "previous_delivery_rate": 0.5, "sent_out": 900}, None, "better"),
    ],
)
def test_rates_have_a_colour_beyond_chance(
    known: dict[str, Any], text: str | None, tone: str
) -> None:
    name = next(iter(known))
    one = row(**known, previous_sent_out=known["sent_out"])
    changed = change(figure(name), one, PT)
    assert changed
    assert changed.tone == tone
    assert text in (None, changed.text.replace("\u00a0", " "))


@pytest.mark.parametrize(
    ("now", "before", "number", "text", "tone"),
    [
        (120, 60, 100, "1 min mais lenta", "worse"),
        (60, 120, 100, "1 min mais rápida", "better"),
        (120, 60, 29, "1 min mais lenta", "same"),
        (61, 60, 100, "1 s mais lenta", "same"),
        (60, 60, 100, "igual", "same"),
    ],
)
def test_times_are_slower_or_faster(
    now: float, before: float, number: int, text: str, tone: str
) -> None:
    known = {"median_reply_seconds": now, "previous_median_reply_seconds": before}
    one = row(**known, replies=number, previous_replies=number)
    changed = change(figure("median_reply_seconds"), one, PT)
    assert changed
    assert (changed.text.replace("\u00a0", " "), changed.tone) == (text, tone)


@pytest.mark.parametrize(
    ("now", "before", "text"), [(150, 100, "+50,0%"), (24, 2, "+22"), (3, 0, "+3"), (5, 5, "±0")]
)
def test_few_things_change_by_a_number(now: int, before: int, text: str) -> None:
    changed = change(figure("messages"), row(messages=now, previous_messages=before), PT)
    assert changed
    assert (changed.text, changed.tone) == (text, "same")


def test_what_is_not_known_has_no_change() -> None:
    assert change(figure("failure_rate"), row(failure_rate=None), PT) is None
    one = {name: value for name, value in ZEROS.items() if name != "previous_waiting"}
    assert change(figure("waiting"), one, PT) is None
    assert written(figure("failure_rate"), None, PT) == "—"


@pytest.mark.parametrize("by", list(By))
def test_five_figures_are_usual(by: By) -> None:
    assert len({*usual_figures(by)}) == 5
    assert all(is_known_of(name, by) for name in usual_figures(by))


# --- the table -----------------------------------------------------------------------------------

THREE = [
    row(
        value="Cobrança",
        messages=588,
        previous_messages=1_000,
        cases_created=7,
        previous_cases_created=7,
    ),
    row(
        value="Vendas",
        messages=495,
        previous_messages=400,
        cases_created=9,
        previous_cases_created=9,
    ),
    row(value=None, messages=80, previous_messages=200, cases_created=8, previous_cases_created=8),
]


def test_a_sentence_says_what_changed_most_and_who_made_it() -> None:
    assert shown(THREE).caption == (
        "Mensagens \u221227,3%: Cobrança \u2212412, Sem canal \u2212120, Vendas +95"
    )


def test_a_change_within_chance_is_said_as_such() -> None:
    rows = [row(value="a", messages=101, previous_messages=100)]
    assert "(variação normal)" in shown(rows).caption


def test_without_days_before_nothing_is_compared() -> None:
    view = shown([row(value="a", messages=10)])
    assert view.caption == "Sem dados no período anterior"
    assert "card-change" not in str(view.cards)


def test_rows_are_sorted_and_unknown_values_come_last() -> None:
    def order(**asked: Any) -> list[str]:
        heads = found(shown(THREE, **asked).cards, "th")
        return [
            texts(one).rstrip("0123456789%<")
            for one in heads
            if one["attributes"]["scope"] == "row"
        ]

    assert order() == ["Cobrança", "Vendas", "Sem canal"]
    assert order(sort="-cases_created") == ["Vendas", "Sem canal", "Cobrança"]
    assert order(sort="value") == ["Cobrança", "Vendas", "Sem canal"]
    assert order(sort="-value") == ["Vendas", "Cobrança", "Sem canal"]
    assert order(sort="delivery_rate") == order()


def test_a_press_on_a_row_is_its_value() -> None:
    buttons = [one for one in found(shown(THREE).cards, "button") if "row-button" in one.className]
    presses = [one["attributes"]["data-value"] for one in buttons]
    assert presses == ['["channel", "Cobrança"]', '["channel", "Vendas"]']


def test_chosen_columns_that_do_not_exist_are_left_out() -> None:
    chosen = ("waits", "nothing", "messages")
    assert breakdown.shown_figures(answer(THREE, shown=chosen)) == ("waits", "messages")
    assert breakdown.shown_figures(answer(THREE, shown=("x",))) == usual_figures(By.CHANNEL)
    hours = [row(value=hour, waiting=None) for hour in range(24)]
    assert breakdown.shown_figures(answer(hours, By.HOUR, shown=("waiting",))) == usual_figures(
        By.HOUR
    )


def test_more_than_fifteen_rows_are_shown_on_demand() -> None:
    rows = [row(value=f"{number:02}", messages=100 - number) for number in range(40)]
    assert len(found(shown(rows).cards, "tr")) == 16
    assert texts(shown(rows).cards[-1:]) == "Mostrar mais 25"


# --- weekdays and hours --------------------------------------------------------------------------


def test_the_busiest_hour_is_named() -> None:
    rows = [row(value=hour, messages=hour, waiting=None) for hour in range(24)]
    assert shown(rows, By.HOUR).caption == (
        "Pico: 23:00\u201324:00 · 23 mensagens enviadas e recebidas, 8% do total"
    )


def test_a_weekday_tells_how_many_waits_nobody_answered() -> None:
    rows = [
        row(value=weekday, waits=10, replies=10 - weekday, previous_waits=10, previous_replies=10)
        for weekday in range(1, 8)
    ]
    [_head, *lines] = found(shown(rows, By.WEEKDAY).cards, "tr")
    assert [texts(found(line, "td")[-1:]) for line in lines] == [f"{n}+{n}" for n in range(1, 8)]
    unknown = row(value="oi", waits=None, replies=None)
    assert comparison_figures.with_unanswered(unknown)["unanswered"] is None


def test_the_heat_map_is_a_table_of_numbers() -> None:
    rows = [
        row(weekday=weekday, hour=hour, messages=weekday * hour, waiting=None)
        for weekday in range(1, 8)
        for hour in range(24)
    ]
    view = shown(rows, By.WEEKDAY_HOUR)
    assert view.caption.startswith("Pico: dom., 23:00\u201324:00")
    _corner, *cells = found(view.cards, "td")
    assert [texts(cell) for cell in cells[:3]] == ["", "1", "2"]
    assert cells[-1]["attributes"]["style"] == {"--depth": "45"}
    last = found(cells[-1:], "button")[0]["attributes"]
    assert last["aria-label"].startswith("dom., 23:00\u201324:00 · Mensagens 161")
