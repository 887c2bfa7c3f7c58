"""What the panels show of frames made by hand; expected texts are written by hand too."""

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from components.html_tree import Element
from components.locale import Locale
from components.panels import (
    cases,
    details,
    failures,
    hsm_in_window,
    indicators,
    messages_by_origin,
    messages_by_status,
    templates,
    waiting,
)
from components.panels.figures import nice_steps
from components.panels.time_steps import time_axis
from components.panels.view import Panel, PanelView
from queries.filters import Basis, Filters
from queries.panels.waiting import WINDOWS
from queries.period import Period
from queries.reader import Answer
from queries.table_request import TableRequest
from queries.time_axis import Bucket
from queries.vocabulary import STATUSES

PT = Locale.of("pt-BR")
DAYS = [date(2026, 11, 1), date(2026, 11, 2)]
FILTERS = Filters(Period(DAYS[0], DAYS[1]))
TODAY = date(2026, 11, 22)
EVIL = '<a href="https://evil.test">x</a>'


def answer_of(
    frame: pd.DataFrame, filters: Filters = FILTERS, today: date = TODAY, **more: Any
) -> Answer:
    """An answer with these rows, at noon."""
    now = datetime(today.year, today.month, today.day, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))
    return Answer(data_version=1, filters=filters, frame=frame, now=now, **more)


def words(part: Any) -> str:
    """The text of components, as it is read."""
    if part is None:
        return ""
    if isinstance(part, str):
        return part
    if isinstance(part, list | tuple):
        return "".join(map(words, part))
    return words(getattr(part, "children", None)) + (
        " " if {"fact", "legend-entry"} & {*getattr(part, "className", "").split()} else ""
    )


def origin(*counts: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"period": day, "direction": direction, "messages": count}
            for day, pair in zip(DAYS, counts, strict=True)
            for direction, count in zip(("out", "in"), pair, strict=True)
        ]
    )


def test_origin_is_mirrored_and_said_in_words() -> None:
    shown = messages_by_origin.view(answer_of(origin((9, 5), (3, 5))), PT)
    assert (
        words(shown.words) == "12 enviadas (55%) 10 recebidas (45%) 1,2 enviada para cada recebida "
    )
    sent, received = traces(shown)
    assert sent["y"] == [9, 3]
    assert received["y"] == [-5, -5]
    for columns in (sent, received):
        assert columns["customdata"] == [
            ["start", day, "end", day] for day in ("2026-11-01", "2026-11-02")
        ]
    assert "Finados (feriado)" in sent["hovertext"][1]
    assert all(not text.startswith("-") for text in layout(shown)["yaxis"]["ticktext"])


def test_a_press_on_a_week_asks_for_its_days_inside_the_period() -> None:
    """Monday 26 October begins before the period, and the last week goes on behind it."""
    filters = Filters(Period(date(2026, 10, 28), date(2026, 11, 5)), bucket=Bucket.WEEK)
    weeks = [date(2026, 10, 26), date(2026, 11, 2)]
    frame = pd.DataFrame({"period": weeks, "created": [3, 2], "attended": [1, 1]})
    shown = cases.view(answer_of(frame, filters), PT)
    presses = [
        ["start", "2026-10-28", "end", "2026-11-01"],
        ["start", "2026-11-02", "end", "2026-11-05"],
    ]
    assert traces(shown)[0]["customdata"] == presses
    assert [press for _cells, press in shown.figures["lines"]] == presses


def test_the_numbers_of_a_graph_as_a_table() -> None:
    shown = messages_by_origin.view(answer_of(origin((9, 5), (1_003, 5))), PT)
    assert shown.figures["heads"] == ["Período", "Enviadas", "Recebidas"]
    assert [cells for cells, _press in shown.figures["lines"]] == [
        ["dom., 01/11/2026", "9", "5"],
        ["seg., 02/11/2026 · Finados (feriado)", "1.003", "5"],
    ]


def test_failures_are_told_without_their_colour() -> None:
    """A stripe on bars and legend, a sign beside an unusual rate."""
    frame = templates_frame(("a", 900, 890, 0, 10, 0), ("b", 100, 80, 0, 20, 0))
    shown = templates.view(answer_of(frame), PT)
    bars = [one for one in parts(shown.cards, "span") if "stacked-bar" in one.className]
    assert [[part.className for part in bar.children] for bar in bars] == [
        ["delivered", "failed"],
        ["delivered", "failed"],
    ]
    assert "striped" in parts(shown.words, "i")[-1].className
    assert [row[-1] for row in template_rows(shown)] == ["1%", "▲\u200920%"]
    by_status = messages_by_status.view(answer_of(status_frame({"failed": 1, "read": 1}, {})), PT)
    striped = [trace["y"] for trace in traces(by_status) if "pattern" in trace["marker"]]
    assert striped == [[STATUSES.index("failed")]]


def test_origin_without_received_has_no_balance() -> None:
    shown = messages_by_origin.view(answer_of(origin((9, 0), (3, 0))), PT)
    assert words(shown.words) == "12 enviadas (100%) 0 recebidas (0%) "


def status_frame(sent: dict[str, int], received: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"status": status, "direction": direction, "messages": counts.get(status, 0)}
            for direction, counts in (("out", sent), ("in", received))
            for status in STATUSES
        ]
    )


@pytest.mark.parametrize(
    ("unknown", "names"),
    [
        (0, ["Novo", "Enviado", "Recebido", "Lido", "Falhou"]),
        (2, ["Novo", "Enviado", "Recebido", "Lido", "Falhou", "Sem confirmação"]),
    ],
)
def test_status_in_life_cycle_order(unknown: int, names: list[str]) -> None:
    frame = status_frame({"new": 1, "read": 3, "unknown": unknown}, {"new": 2, "read": 5})
    shown = messages_by_status.view(answer_of(frame), PT)
    ticks = [text.strip() for text in layout(shown)["yaxis"]["ticktext"]]
    assert ticks == [*names, "Recebidas do cliente"]
    ends = [mark["text"] for mark in layout(shown)["annotations"]]
    assert ends[3].startswith("<b>3</b>")
    assert ends[3].endswith("75,0%" if not unknown else "50,0%")
    assert ends[-1] == "<b>5</b> tratadas · <b>2</b> aguardando"
    assert words(shown.words).startswith(f"{11 + unknown} mensagens")


def cases_frame() -> pd.DataFrame:
    return pd.DataFrame({"period": DAYS, "created": [10, 4], "attended": [7, 4]})


def test_cases_by_opening_are_stacked_to_the_created() -> None:
    filters = Filters(Period(*DAYS), basis=Basis.OPENED)
    shown = cases.view(answer_of(cases_frame(), filters), PT)
    assert words(shown.words) == "14 criados 11 atendidos (79%) 3 ainda não atendidos "
    attended, rest = traces(shown)
    assert (attended["y"], rest["y"]) == ([7, 4], [3, 0])
    assert layout(shown)["barmode"] == "stack"


def test_cases_by_message_are_two_series() -> None:
    shown = cases.view(answer_of(cases_frame()), PT)
    assert words(shown.words) == "14 criados 11 atendidos "
    created, attended = traces(shown)
    assert (created["y"], attended["y"]) == ([10, 4], [7, 4])
    assert layout(shown)["barmode"] == "group"


def templates_frame(*rows: tuple[str | None, int, int, int, int, int]) -> pd.DataFrame:
    columns = ["template_name", "sent", "delivered", "read", "failed", "answered"]
    return pd.DataFrame(rows, columns=columns).assign(answerable=0)


def template_rows(shown: PanelView) -> list[list[str]]:
    """The texts of the cells, row by row, without the sign of the button for the trend."""
    rows = parts(shown.cards, "tr")[1:]
    return [[words(cell).replace("∿", "").strip() for cell in row.children] for row in rows]


def test_template_rates_and_parts() -> None:
    frame = templates_frame((EVIL, 100, 80, 40, 10, 20), (None, 0, 0, 0, 0, 0))
    shown = templates.view(answer_of(frame), PT)
    assert template_rows(shown) == [
        [EVIL, "100", "80%", "50%", "20 · 25%", "10%"],
        ["(sem nome)", "0", "—", "—", "0 · —", "—"],
    ]
    named, unnamed = parts(shown.cards, "tr")[1:]
    widths = [part["attributes"]["style"]["width"] for part in parts([named], "i")]
    assert widths == ["40.00%", "40.00%", "10.00%", "10.00%"]
    [row, trend] = parts([named], "button")
    assert json.loads(row["attributes"]["data-value"]) == ["template", EVIL]
    assert row["attributes"]["title"] == "Lido: 40 · Recebido: 40 · Enviado: 10 · Falhou: 10"
    assert (trend["attributes"]["data-action"], trend["attributes"]["data-value"]) == (
        "trend",
        EVIL,
    )
    assert parts([unnamed], "button") == [], "no filter selects HSM without a name"


def test_answers_that_may_still_come_are_told() -> None:
    frame = templates_frame(("a", 300, 250, 100, 0, 20), ("b", 100, 80, 40, 10, 20))
    shown = templates.view(answer_of(frame.assign(answerable=[212, 0])), PT)
    assert [row[4] for row in template_rows(shown)] == [
        "20 · 8%ainda nas 24\u00a0h: 212",
        "20 · 25%",
    ]


def test_the_sixteenth_template_and_the_rest_stand_together() -> None:
    frame = templates_frame(*((f"t{n}", 10, 8, 4, 1, 2) for n in range(20)))
    shown = templates.view(answer_of(frame, table=TableRequest(page_size=15)), PT)
    rows = template_rows(shown)
    assert len(rows) == 16
    assert rows[-1] == ["Outros (5)", "50", "80%", "50%", "10 · 25%", "10%"]
    assert words(shown.words).startswith("200 disparos de HSM")
    more = parts(shown.cards, "button")[-1]["attributes"]
    assert (more["data-action"], more["data-value"]) == ("more", "20")
    every = templates.view(answer_of(frame, table=TableRequest(page_size=20)), PT)
    assert len(template_rows(every)) == 20
    assert words(parts(every.cards, "button")[-1]) == "Só os 15 primeiros"


def test_an_unusual_failure_is_explained_where_it_stands() -> None:
    """Of the others the names that fail are told, and no mark is set on their sum."""
    usual = [(f"t{n:02}", 100, 99, 50, 1, 9) for n in range(15)]
    frame = templates_frame(("bad", 200, 150, 0, 50, 0), *usual, ("worse", 99, 9, 9, 90, 0))
    shown = templates.view(answer_of(frame, table=TableRequest(page_size=15)), PT)
    rows = template_rows(shown)
    assert rows[0] == [
        "bad▲ 50 falharam: pelo menos o dobro do total (8,6%)",
        *("200", "75%", "0%", "0 · 0%", "▲\u200925%"),
    ]
    assert rows[-1][0] == "Outros (2)▲ falha incomum: worse"
    assert rows[-1][-1] == "46%"


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (None, ["b", "A", None, "c"]),
        ("-sent", ["b", "A", None, "c"]),
        ("sent", ["c", None, "A", "b"]),
        ("template_name", ["A", "b", "c", None]),
        ("-template_name", ["c", "b", "A", None]),
        ("-failed", ["A", None, "b", "c"]),
        ("answered", ["b", None, "A", "c"]),
    ],
)
def test_templates_are_sorted_by_any_column(order: str | None, names: list[str | None]) -> None:
    """By the rate, where the column has one; without a rate they come last."""
    frame = templates_frame(
        *(("b", 90, 90, 9, 0, 1), ("A", 19, 10, 2, 9, 9)),
        (None, 10, 5, 5, 1, 3),
        ("c", 0, 0, 0, 0, 0),
    )
    shown = templates.view(answer_of(frame, table=TableRequest(sort=order, page_size=15)), PT)
    assert [row[0] for row in template_rows(shown)] == [name or "(sem nome)" for name in names]
    heads = parts(shown.cards, "tr")[0].children
    column = (order or "-sent").removeprefix("-")
    states = [head["attributes"]["aria-sort"] for head in heads]
    place = ["template_name", "sent", "delivered", "read", "answered", "failed"].index(column)
    wanted = "descending" if (order or "-sent").startswith("-") else "ascending"
    assert [states[place], states.count("none")] == [wanted, 5]
    assert set(templates.PANEL.orders) >= {column}


def test_the_next_press_on_a_heading_turns_the_order_round() -> None:
    """Numbers begin with the greatest, names with A."""
    frame = templates_frame(("b", 90, 90, 9, 0, 1))
    pressed = {}
    for order in (None, "sent", "template_name"):
        shown = templates.view(answer_of(frame, table=TableRequest(sort=order)), PT)
        heads = parts(parts(shown.cards, "tr")[:1], "button")
        pressed[order] = [head["attributes"]["data-value"] for head in heads]
    assert pressed == {
        None: ["template_name", "sent", "-delivered", "-read", "-answered", "-failed"],
        "sent": ["template_name", "-sent", "-delivered", "-read", "-answered", "-failed"],
        "template_name": ["-template_name", "-sent", "-delivered", "-read", "-answered", "-failed"],
    }


def test_a_long_name_is_cut_in_the_middle_and_whole_in_a_tip() -> None:
    name = "confirmacao_de_agendamento_" + "x" * 40 + "_v12"
    shown = templates.view(
        answer_of(templates_frame((name, 9, 9, 9, 0, 0), ("short", 1, 1, 1, 0, 0))), PT
    )
    cut = words(parts(shown.cards, "button")[6])
    assert len(cut) == 48
    assert (cut[:12], cut[-4:]) == ("confirmacao_", "_v12")
    tips = [one for one in parts(shown.cards, "span") if one.className.startswith("tip ")]
    assert [words(tip) for tip in tips] == [f"i{name}"]


@pytest.mark.parametrize(
    ("sent", "failed", "unusual"), [(100, 8, True), (100, 3, False), (10, 5, False)]
)
def test_unusual_failures(sent: int, failed: int, *, unusual: bool) -> None:
    whole = templates.Use("", 10_000, 9_000, 5_000, 200, 900)
    one = templates.Use("a", sent, sent - failed, 0, failed, 0)
    assert templates.is_unusual(one, whole) is unusual


def failures_frame(*rows: tuple[str | None, str | None, str | None, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["action", "error_code", "error_title", "messages"])


def test_failures_stand_under_what_to_do_about_them() -> None:
    frame = failures_frame(
        ("retry", "131049", "not sent", 30),
        ("retry", "131056", None, 10),
        ("other", "99", EVIL, 8),
        (None, None, None, 2),
    )
    shown = failures.view(answer_of(frame), PT)
    assert words(shown.words).startswith("50 mensagens falharam")
    rows = [words(row) for row in parts(shown.cards, "tr")]
    assert rows[1:] == [
        "Tentar de novo mais tarde4080%",
        "retida pela Meta: o cliente recebe marketing demais 1310493060%",
        "mensagens demais ao mesmo cliente em pouco tempo 1310561020%",
        "Verificar816%",
        f"{EVIL} 99816%",
        "Sem código de erro24%",
    ]


def test_a_press_on_a_reason_asks_for_exactly_its_messages() -> None:
    """An action of several codes is no filter, so its row is no button."""
    frame = failures_frame(
        ("retry", "131049", "x", 30), ("other", "9", None, 8), (None, None, "y", 2)
    )
    shown = failures.view(answer_of(frame), PT)
    pressed = [
        json.loads(button["attributes"]["data-value"]) for button in parts(shown.cards, "button")
    ]
    failed = ["status", "failed", "direction", "out", "where.error_code"]
    assert pressed == [[*failed, "131049"], [*failed, "9"], [*failed, "—"]]
    assert json.loads(parts(shown.words, "button")[0]["attributes"]["data-value"]) == [*failed, ""]


def test_that_nothing_failed_is_good_news() -> None:
    shown = failures.view(answer_of(failures_frame()), PT)
    assert words(shown.cards) == "Nenhuma mensagem falhou."
    assert not failures.PANEL.is_empty(answer_of(failures_frame()))


def in_window_frame(*rows: tuple[str | None, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["template_category", "sent", "in_window"])


def test_hsms_in_an_open_window() -> None:
    frame = in_window_frame(("MARKETING", 30, 3), ("UTILITY", 10, 9), ("own", 0, 0), (None, 0, 0))
    shown = hsm_in_window.view(answer_of(frame), PT)
    assert words(shown.words) == "12 de 40 disparos de HSM (30%) com a janela aberta "
    rows = [words(row) for row in parts(shown.cards, "tr")]
    assert rows[1:] == ["Marketing30310%", "Utilidade10990%", "own00—", "—00—"]


def parts(content: Any, tag: str) -> list[Element]:
    """All elements of a kind, in order."""
    found: list[Element] = []
    for part in content or []:
        if isinstance(part, Element):
            found += [part] if part["tag"] == tag else parts(part.children, tag)
    return found


def waiting_answer(*rows: tuple[str, int, int, str]) -> Answer:
    """Cases by number, minutes waited, minutes left and window; what is now is 22 Nov, noon."""
    now = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))
    frame = pd.DataFrame(
        [
            {
                "case_number": number,
                "case_type": "Dúvida",
                "person_name": EVIL,
                "last_agent": None,
                "waiting_since": now - timedelta(minutes=waited),
                "window_closes_at": now + timedelta(minutes=left),
                "window": window,
                "case_key": key,
            }
            for key, (number, waited, left, window) in enumerate(rows)
        ],
        dtype=object,
    )
    windows = {name: [row[3] for row in rows].count(name) for name in WINDOWS}
    return answer_of(frame, total=len(rows), counts={"windows": windows})


WHO_WAITS = (
    ("8", 1_400, 90, "under_2h"),
    ("9", 75, 1_000, "over_6h"),
    ("7", 3_000, -1, "expired"),
)


def buttons(content: Any) -> list[tuple[str, str]]:
    """Text and choice of each button that chooses what a list shows."""
    return [
        (words(one).replace("\u00a0", " ").strip(), one["attributes"]["data-value"])
        for one in parts(content, "button")
        if one["attributes"].get("data-action") in ("choose", "more")
    ]


def test_who_waits_and_can_be_saved() -> None:
    """Open windows are listed, closed ones stand behind their number."""
    shown = waiting.view(waiting_answer(*WHO_WAITS), PT)
    assert buttons(shown.words) == [
        ("2 dá para salvar", ""),
        ("1 a fechar em 2 h", "under_2h"),
        ("1 em mais de 6 h", "over_6h"),
        ("1 só com HSM", "expired"),
    ]
    assert "só valem os filtros do caso" in words(shown.words)
    rows = [words(row).replace("\u00a0", " ") for row in parts(shown.cards, "tr")]
    assert rows[1:] == [
        f"8{EVIL}— · Dúvida23 h 20 min1 h 30 min",
        f"9{EVIL}— · Dúvida1 h 15 min16 h 40 min",
    ]
    case = parts(shown.cards, "button")[1]["attributes"]
    assert (case["data-action"], case["data-value"]) == ("case", "1")
    assert buttons(shown.cards) == [("▸ 1 só com HSM", "expired")]
    assert parts(shown.cards, "button")[-1]["attributes"]["aria-expanded"] == "false"


def test_closed_windows_are_unfolded_by_a_press() -> None:
    request = TableRequest(where=(("window", "expired"),))
    found = replace(waiting_answer(*WHO_WAITS), table=request)
    found = replace(found, frame=found.frame[found.frame["window"] == "expired"])
    shown = waiting.view(found, PT)
    assert [words(row) for row in parts(shown.cards, "tr")][1:] == [
        f"7{EVIL}— · Dúvida2\u00a0d\u00a02\u00a0hsó com HSM"
    ]
    assert buttons(shown.cards) == [("▾ 1 só com HSM", "")]
    pressed = [
        one for one in parts(shown.words, "button") if one["attributes"]["aria-pressed"] == "true"
    ]
    assert [words(one).strip() for one in pressed] == ["1 só com HSM"]


def test_where_no_window_is_open_the_closed_ones_are_listed() -> None:
    shown = waiting.view(waiting_answer(("7", 3_000, -1, "expired")), PT)
    assert len(parts(shown.cards, "tr")) == 2
    assert buttons(shown.cards) == []
    assert buttons(shown.words) == [("1 só com HSM", "expired")]


def test_all_who_wait_can_be_reached() -> None:
    """A press shows more than the one before; with all of them there is nothing to press."""
    many = waiting_answer(*[(str(number), 75, 1_000, "over_6h") for number in range(230)])
    told = []
    shown_rows = waiting.PAGE_SIZE
    while shown_rows:
        found = replace(many, frame=many.frame.head(shown_rows))
        offered = buttons(waiting.view(found, PT).cards)
        told.append((shown_rows, [text for text, _rows in offered]))
        shown_rows = int(offered[0][1]) if offered else 0
    assert told == [
        (20, ["Mostrar mais 50"]),
        (70, ["Mostrar mais 70"]),
        (140, ["Mostrar mais 90"]),
        (230, []),
    ]


def test_the_card_of_who_waits_leads_to_each_part_of_the_list() -> None:
    card = waiting.card(waiting_answer(*WHO_WAITS), PT)
    assert buttons(card) == [
        ("2 dá para salvar", ""),
        ("1 a fechar em 2 h", "under_2h"),
        ("1 só com HSM", "expired"),
    ]
    every = [*parts(card, "a"), *parts(card, "button")]
    leads = [one for one in every if one["attributes"].get("data-go") == "waiting"]
    assert len(leads) == 4
    only_closed = waiting.card(waiting_answer(("7", 3_000, -1, "expired")), PT)
    assert buttons(only_closed) == [("1 só com HSM", "expired")]


def test_that_nobody_waits_is_good_news() -> None:
    found = waiting_answer()
    assert words(waiting.view(found, PT).cards) == "Ninguém está aguardando resposta."
    assert words(waiting.card(found, PT)).endswith("agora")


NOW = {
    "messages": 110,
    "sent_messages": 60,
    "received_messages": 50,
    "delivery_rate": 0.93,
    "read_rate": 0.782,
    "failure_rate": 0.023,
    "cases_created": 1_610,
    "cases_attended": 1_464,
    "attended_share": 0.91,
    "median_first_response_seconds": 360.0,
    "p90_first_response_seconds": 2_460.0,
    "sent_out_messages": 100_000,
    "arrived_messages": 93_000,
    "unconfirmed_messages": 0,
    "first_responses": 1_000,
}
BEFORE = NOW | {
    "messages": 100,
    "delivery_rate": 0.924,
    "read_rate": 0.801,
    "failure_rate": 0.019,
    "median_first_response_seconds": 420.0,
}


def indicator_frame(before: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([NOW | {f"previous_{name}": value for name, value in before.items()}])


def card_texts(shown: PanelView, part: str) -> list[str]:
    found: list[str] = []

    def walk(component: Any) -> None:
        if isinstance(component, list):
            for one in component:
                walk(one)
        elif isinstance(component, Element):
            if part in str(getattr(component, "className", "")).split():
                found.append(words(component))
            walk(getattr(component, "children", None))

    walk(shown.cards)
    return found


def test_indicators_with_their_changes() -> None:
    filters = Filters(Period(date(2026, 10, 24), TODAY), basis=Basis.OPENED)
    shown = indicators.view(answer_of(indicator_frame(BEFORE), filters), PT)
    assert card_texts(shown, "card-value") == [
        *("110", "93,0%", "78,2%", "2,3%", "1.610", "91,0%"),
        "6\u00a0min",
    ]
    changes = [text.replace("\u00a0", " ") for text in card_texts(shown, "card-change")]
    assert changes == [
        *("+10,0%", "+0,6 p.p.", "\u22121,9 p.p.", "+0,4 p.p.", "±0%", "±0 p.p."),
        "1 min mais rápida",
    ]
    assert card_texts(shown, "better") == ["+0,6\u00a0p.p.", "1\u00a0min mais rápida"]
    assert card_texts(shown, "card-detail")[-2:] == ["mediana 24\u00d77", "P90\u00a041\u00a0min"]
    assert card_texts(shown, "worse") == ["\u22121,9\u00a0p.p.", "+0,4\u00a0p.p."]
    assert words(shown.words) == (
        "Variação em relação a 19/09/2026 a 18/10/2026, até o mesmo horário, 12:00 · "
        "hoje parcial, até 12:00"
    )


def test_a_day_is_compared_with_one_day() -> None:
    filters = Filters(Period(date(2026, 11, 18), date(2026, 11, 18)))
    shown = indicators.view(answer_of(indicator_frame(BEFORE), filters), PT)
    assert words(shown.words) == "Variação em relação a 11/11/2026"


def test_a_period_that_goes_on_is_compared_up_to_now() -> None:
    filters = Filters(Period(date(2026, 11, 18), date(2026, 12, 31)))
    shown = indicators.view(answer_of(indicator_frame(BEFORE), filters), PT)
    assert words(shown.words) == (
        "Variação em relação a 30/09/2026 a 04/10/2026, até o mesmo horário, 12:00 · "
        "hoje parcial, até 12:00"
    )


def test_a_period_that_has_not_begun_is_not_compared() -> None:
    filters = Filters(Period(date(2026, 11, 23), date(2026, 12, 31)))
    shown = indicators.view(answer_of(indicator_frame(BEFORE), filters), PT)
    assert words(shown.words) == "Sem comparação: o período ainda não começou"
    assert set(card_texts(shown, "card-change")) == {""}


def test_indicators_without_a_past() -> None:
    nothing = dict.fromkeys(NOW, float("nan")) | {"messages": 0, "cases_created": 0}
    shown = indicators.view(answer_of(indicator_frame(nothing)), PT)
    assert set(card_texts(shown, "card-change")) == {""}
    assert words(shown.words).startswith("Sem dados no período anterior")
    assert "hoje" not in words(shown.words)


def detail(**more: Any) -> pd.DataFrame:
    zone = ZoneInfo("America/Sao_Paulo")
    row = dict.fromkeys(column.name for column in details.COLUMNS) | {
        "case_id": "c/1",
        "case_key": 2**53 + 1,
        "case_number": "48213",
        "direction": "out",
        "status": "read",
        "kind": "hsm",
        "seq": 1,
        "session_type": "hsm",
        "case_state": "open",
        "opened_at": datetime(2026, 11, 22, 15, 31, tzinfo=zone),
        "sent_at": datetime(2026, 11, 22, 15, 32, tzinfo=zone),
    }
    return pd.DataFrame([row | more])


@pytest.mark.parametrize(
    ("direction", "status", "text"),
    [
        ("out", "new", "○ Novo"),
        ("out", "sent", "✓ Enviado"),
        ("out", "delivered", "✓✓ Recebido"),
        ("out", "read", "✓✓ Lido"),
        ("out", "failed", "! Falhou"),
        ("out", "unknown", "? Sem confirmação"),
        ("in", "new", "○ Aguardando"),
        ("in", "read", "↩ Tratada"),
    ],
)
def test_status_cells(direction: str, status: str, text: str) -> None:
    row = details.rows(detail(direction=direction, status=status), PT, None)[0]
    assert row["status"] == text


def test_every_status_has_a_colour_of_its_own_in_text() -> None:
    styles = details.table(PT, frozenset()).children.style_data_conditional
    coloured = {style["if"].get("filter_query"): style.get("color") for style in styles}
    for direction, statuses in (
        ("out", ("new", "sent", "delivered", "read", "failed", "unknown")),
        ("in", ("new", "read")),
    ):
        for status in statuses:
            row = details.rows(detail(direction=direction, status=status), PT, None)[0]
            colour = coloured[f'{{status_code}} = "{row["status_code"]}"']
            assert re.fullmatch(r"var\(--said-[a-z]+\)", colour)


def test_a_row_of_the_table() -> None:
    row = details.rows(detail(), PT, None)[0]
    assert row["case_key"] == "9007199254740993"  # a number would lose its last digit on its way
    assert (row["case_number"], row["kind"], row["session_type"], row["case_state"]) == (
        "48213",
        "HSM",
        "Iniciada por HSM",
        "Aberto",
    )
    assert (row["opened_at"], row["phone"], row["reply"]) == ("22/11/2026 15:31", "—", "—")


def test_numbers_to_call_are_written_with_spaces() -> None:
    shown = detail(phone="+5511900000002", business_number="+551140028922")
    row = details.rows(shown, PT, None)[0]
    assert (row["phone"], row["business_number"]) == ("+55 11 90000-0002", "+55 11 4002-8922")
    shown = detail(phone="+55 11 *****-0002", business_number="ramal 12")
    row = details.rows(shown, PT, None)[0]
    assert (row["phone"], row["business_number"]) == ("+55 11 *****-0002", "ramal 12")


@pytest.mark.parametrize(
    ("template", "number", "cell"),
    [
        ("https://p.test/{case_id}", "48213", "[48213](https://p.test/c%2F1)"),
        (
            "https://p.test/?n={case_number}",
            "a)](javascript:1)",
            "[a\\)\\]\\(javascript\\:1\\)](https://p.test/?n=a%29%5D%28javascript%3A1%29)",
        ),
        ("javascript:alert({case_id})", "48213", "48213"),
        (None, "[x](javascript:1)", "[x](javascript:1)"),
    ],
)
def test_links_into_the_portal(template: str | None, number: str, cell: str) -> None:
    [row] = details.rows(detail(case_number=number), PT, template)
    assert row["case_number"] == cell


@pytest.mark.parametrize(
    ("total", "size", "pages"),
    [(0, 20, 1), (1, 20, 1), (20, 20, 1), (21, 20, 2), (17_244, 20, 863), (17_244, 100, 173)],
)
def test_page_count(total: int, size: int, pages: int) -> None:
    assert TableRequest(page_size=size).last_page(total) + 1 == pages


@pytest.mark.parametrize("case_id", [".", ".."])
def test_a_case_id_of_dots_stays_in_its_place(case_id: str) -> None:
    cell = details.rows(detail(case_id=case_id), PT, "https://p.test/cases/{case_id}")[0]
    assert cell["case_number"] == "[48213](https://p.test/cases/-)"


def test_range_words() -> None:
    assert details.range_words(0, 20, 17_244, PT) == "1\u201320 de 17.244"
    assert details.range_words(17_240, 4, 17_244, PT) == "17.241\u201317.244 de 17.244"


@pytest.mark.parametrize(
    ("highest", "steps", "ticks"),
    [
        (0, 4, [0, 1]),
        (1, 4, [0, 1]),
        (3, 4, [0, 1, 2, 3]),
        (98, 4, [0, 25, 50, 75, 100]),
        (604, 3, [0, 250, 500, 750]),
    ],
)
def test_steps_are_round_and_whole(highest: int, steps: int, ticks: list[int]) -> None:
    assert nice_steps(highest, steps) == ticks


def test_the_time_axis_names_few_places() -> None:
    starts = [date.fromordinal(date(2026, 10, 24).toordinal() + day) for day in range(30)]
    axis = time_axis(starts, Bucket.DAY, PT)
    assert axis["ticktext"] == ["25/10", "01/11", "08/11", "15/11", "22/11"]


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("pt-BR", ["dez/23", "jun/24", "dez/24", "jun/25", "dez/25", "jun/26"]),
        (
            "en",
            [
                "Dec \u201923",
                "Jun \u201924",
                "Dec \u201924",
                "Jun \u201925",
                "Dec \u201925",
                "Jun \u201926",
            ],
        ),
        ("es", ["dic/23", "jun/24", "dic/24", "jun/25", "dic/25", "jun/26"]),
    ],
)
def test_months_are_short_below_an_axis(language: str, labels: list[str]) -> None:
    starts = [date(2023 + month // 12, month % 12 + 1, 1) for month in range(6, 42)]
    axis = time_axis(starts, Bucket.MONTH, Locale.of(language))
    assert axis["ticktext"] == labels


@pytest.mark.parametrize("drawing", ["wide", "medium", "narrow"])
@pytest.mark.parametrize("months", [4, 5, 7, 36, 37, 60])
def test_months_have_room_beside_each_other(drawing: str, months: int) -> None:
    """A label of seven figures takes some 46 pixels; the narrowest axes are these."""
    span = {"wide": 426, "medium": 306, "narrow": 236}[drawing]
    starts = [date(2021 + month // 12, month % 12 + 1, 1) for month in range(months)]
    axis = time_axis(starts, Bucket.MONTH, PT, drawing)
    first, second = axis["tickvals"][:2]
    low, high = axis["range"]
    assert (second - first) / (high - low) * span >= 50


def test_a_narrower_drawing_is_given_where_it_differs() -> None:
    frame = cases_frame().assign(period=[date(2026, 11, 3), date(2026, 11, 4)])
    days = cases.view(answer_of(frame, Filters(Period(date(2026, 11, 3), date(2026, 11, 4)))), PT)
    assert (days.medium, days.narrow) == (None, None)
    months = pd.DataFrame(
        [{"period": date(2026, month, 1), "created": 1, "attended": 1} for month in range(1, 13)]
    )
    filters = Filters(Period(date(2024, 1, 1), date(2026, 12, 31)))
    shown = cases.view(answer_of(months, filters), PT)
    assert shown.wide
    assert shown.narrow
    assert shown.narrow["data"] == shown.wide["data"]
    assert len(shown.narrow["layout"]["xaxis"]["tickvals"]) == 4


@pytest.mark.parametrize(
    ("panel", "frame"),
    [
        (messages_by_origin.PANEL, origin((1, 1), (0, 0))),
        (messages_by_status.PANEL, status_frame({"read": 1}, {})),
        (cases.PANEL, cases_frame()),
        (templates.PANEL, templates_frame(("a", 1, 1, 1, 0, 0))),
        (indicators.PANEL, indicator_frame(BEFORE)),
        (failures.PANEL, failures_frame(("retry", "131049", None, 3))),
        (hsm_in_window.PANEL, in_window_frame(("MARKETING", 4, 1))),
    ],
    ids=lambda given: given.slug if isinstance(given, Panel) else "",
)
def test_figures_name_their_colours(panel: Panel, frame: pd.DataFrame) -> None:
    shown = panel.view(answer_of(frame), PT)
    assert shown.caption
    assert not panel.is_empty(answer_of(frame))
    assert "#" not in json.dumps(shown.figures), "colours go by name"


def traces(shown: PanelView) -> list[dict[str, Any]]:
    assert shown.wide is not None
    found: list[dict[str, Any]] = shown.wide["data"]
    return found


def layout(shown: PanelView) -> dict[str, Any]:
    assert shown.wide is not None
    found: dict[str, Any] = shown.wide["layout"]
    return found


def test_the_total_beside_column_filters() -> None:
    assert details.total_words(17_244, None, PT) == "17.244 mensagens"
    assert details.total_words(472, 10_008, PT) == "472 de 10.008 mensagens"
    chips = details.where_chips((("last_agent", "jessica"),), PT)
    assert words(chips) == "Último Agente contém “jessica”\u00d7"


@pytest.mark.parametrize(
    ("sent", "received", "text"),
    [(2, 2, "1,0 enviada para cada recebida"), (4, 2, "2,0 enviadas para cada recebida")],
)
def test_the_balance_in_the_singular_and_the_plural(sent: int, received: int, text: str) -> None:
    shown = messages_by_origin.view(answer_of(origin((sent, received), (0, 0))), PT)
    assert text in words(shown.words)


@pytest.mark.parametrize(
    ("end", "step"),
    [(date(2026, 11, 2), ""), (date(2027, 2, 1), "semana"), (date(2028, 1, 1), "mês")],
)
def test_steps_other_than_days_are_said(end: date, step: str) -> None:
    filters = Filters(Period(DAYS[0], end))
    for shown in (
        messages_by_origin.view(answer_of(origin((1, 1), (1, 1)), filters), PT),
        cases.view(answer_of(cases_frame(), filters), PT),
    ):
        assert words(shown.words).endswith(f"por {step}" if step else " ")
