"""The functions of assets/scripts that need no page: each case is written by hand.

They run in Chromium, in the page.js that the server sends, on a page that has nothing but the words
of the real one.
"""

import html
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from app.page_scripts import page_script
from components.locale import Locale
from components.panels import PANELS
from components.widgets import chip_labels
from queries.period import PRESETS, preset_period

#: What the modules find of the page and of Dash.
PAGE = """<!DOCTYPE html><html lang="pt-BR"><body><div data-words="{words}"></div><script>
window.dash_clientside = {{ no_update: "unchanged" }};
</script></body></html>"""
STATUS = {
    "today": "2026-03-01",
    "everything": {"sent": ["2024-05-06", "2026-02-27"], "opened": ["2024-04-01", "2026-02-20"]},
    "defaults": {"sent": ["2026-01-29", "2026-02-27"], "opened": ["2026-01-01", "2026-01-30"]},
}
Call = Callable[..., Any]


@pytest.fixture(scope="module")
def call(shared_tabs: BrowserContext) -> Iterator[Call]:
    """Calls a function of a module by name, with values that JSON knows."""
    page = shared_tabs.new_page()
    words = json.dumps(chip_labels(Locale.of("pt-BR")), ensure_ascii=False)
    page.set_content(PAGE.format(words=html.escape(words)))
    page.add_script_tag(content=page_script(PANELS).decode())

    def by_name(module: str, function: str, *given: Any) -> Any:
        return page.evaluate(
            "([module, name, given]) => consumo.require(`./${module}`)[name](...given)",
            [module, function, list(given)],
        )

    yield by_name
    page.close()


# --- dates and periods -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_day"),
    [
        ("2026-11-05", True),
        ("2024-02-29", True),
        ("2025-02-29", False),
        ("2026-02-30", False),
        ("2026-13-01", False),
        ("1900-01-01", True),
        ("1899-12-31", False),
        ("2100-12-31", True),
        ("2101-01-01", False),
        ("2026-1-5", False),
        ("05/11/2026", False),
        ("2026-11-05T00:00", False),
        ("", False),
        (None, False),
    ],
)
def test_which_texts_are_days(call: Call, text: str | None, *, is_day: bool) -> None:
    assert call("dates", "isDay", text) is is_day


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        ("2026-11-05", 0, "2026-11-05"),
        ("2026-02-28", 1, "2026-03-01"),
        ("2024-02-28", 1, "2024-02-29"),
        ("2026-01-01", -1, "2025-12-31"),
        # Clocks change in Europe: a day is a day all the same.
        ("2026-03-28", 2, "2026-03-30"),
        ("2026-12-31", -364, "2026-01-01"),
    ],
)
def test_days_later(call: Call, day: str, days: int, expected: str) -> None:
    assert call("dates", "movedBy", day, days) == expected


@pytest.mark.parametrize(
    ("text", "written"),
    [("2026-11-05", "05/11/2026"), ("5.11.26", "5.11.26"), ("", ""), ("2026-11", "2026-11")],
)
def test_days_as_people_write_them(call: Call, text: str, written: str) -> None:
    assert call("dates", "writtenDay", text) == written


@pytest.mark.parametrize(
    ("period", "today", "text"),
    [
        (["2026-11-05", "2026-11-05"], "", "05/11/2026"),
        (["2026-10-03", "2026-11-01"], "", "03/10/2026 – 01/11/2026"),  # noqa: RUF001
        (["2026-10-03", "2026-11-01"], "2026-11-26", "03/10 – 01/11"),  # noqa: RUF001
        (["2026-11-26", "2026-11-26"], "2026-11-26", "26/11"),
        (["2025-12-30", "2026-01-28"], "2026-01-28", "30/12/2025 – 28/01/2026"),  # noqa: RUF001
    ],
)
def test_periods_as_people_read_them(call: Call, period: list[str], today: str, text: str) -> None:
    assert call("period_button", "periodText", period, today) == text


@pytest.mark.parametrize(
    ("month", "weekday", "first", "last"),
    [
        # A month that begins on a Sunday, one that ends on one, and a February of four weeks.
        ("2026-11", 1, [None] * 6 + ["2026-11-01"], ["2026-11-30"] + [None] * 6),
        ("2026-11", 0, [f"2026-11-0{day}" for day in range(1, 8)], None),
        ("2026-05", 1, None, [f"2026-05-{day}" for day in range(25, 32)]),
        ("2027-02", 1, [f"2027-02-0{day}" for day in range(1, 8)], None),
    ],
)
def test_weeks_of_a_month(
    call: Call, month: str, weekday: int, first: list[Any] | None, last: list[Any] | None
) -> None:
    weeks = call("calendar", "weeksOf", month, weekday)
    assert first in (None, weeks[0])
    assert last in (None, weeks[-1])
    days = [day for week in weeks for day in week if day]
    begin = date.fromisoformat(f"{month}-01")
    assert days == [str(begin + timedelta(days=number)) for number in range(len(days))]
    assert (begin + timedelta(days=len(days))).day == 1


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("today", ["2026-03-01", "2026-03-01"]),
        ("yesterday", ["2026-02-28", "2026-02-28"]),
        ("last7", ["2026-02-23", "2026-03-01"]),
        ("last30", ["2026-01-31", "2026-03-01"]),
        ("last90", ["2025-12-02", "2026-03-01"]),
        ("this_month", ["2026-03-01", "2026-03-01"]),
        ("last_month", ["2026-02-01", "2026-02-28"]),
        ("this_week", ["2026-02-23", "2026-03-01"]),
        ("last_week", ["2026-02-16", "2026-02-22"]),
        ("all", ["2024-05-06", "2026-02-27"]),
    ],
)
def test_presets(call: Call, name: str, period: list[str]) -> None:
    assert call("period_presets", "presetPeriod", name, STATUS, "sent") == period


def test_everything_goes_by_the_reference_date(call: Call) -> None:
    days = ["2024-04-01", "2026-02-20"]
    assert call("period_presets", "presetPeriod", "all", STATUS, "opened") == days


@pytest.mark.parametrize("today", ["2026-11-22", "2026-11-23", "2027-01-01", "2028-02-29"])
@pytest.mark.parametrize("name", [name for name in PRESETS if name != "all"])
def test_presets_are_those_of_the_server(call: Call, name: str, today: str) -> None:
    period = preset_period(name, date.fromisoformat(today))
    found = call("period_presets", "presetPeriod", name, {"today": today}, "sent")
    assert found == [str(period.start), str(period.end)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("05/11/2026", {"day": "2026-11-05"}),
        ("5.11.26", {"day": "2026-11-05"}),
        ("5 11 2026", {"day": "2026-11-05"}),
        ("2026-11-05", {"day": "2026-11-05"}),
        ("2026/1/5", {"day": "2026-01-05"}),
        (" 05 \u2013 11 \u2013 2026 ", {"day": "2026-11-05"}),
        ("\u200e05/11/2026", {"day": "2026-11-05"}),
        ("\uff10\uff15/11/2026", {"day": "2026-11-05"}),
        ("29/02/2024", {"day": "2024-02-29"}),
        ("29/02/2025", {"wrong": "period_no_day"}),
        ("11/05/26/1", {"wrong": "period_no_day"}),
        ("31/12", {"wrong": "period_no_day"}),
        ("amanhã", {"wrong": "period_no_day"}),
        ("31/12/1899", {"wrong": "period_year"}),
        ("01/01/2101", {"wrong": "period_year"}),
        ("", {"wrong": "period_empty"}),
        ("  ", {"wrong": "period_empty"}),
    ],
)
def test_days_that_are_typed(call: Call, text: str, read: dict[str, str]) -> None:
    assert call("typed_period", "readDay", text) == read


# --- the address -----------------------------------------------------------------------------


def chosen(start: str, end: str, preset: str | None = None) -> dict[str, str | None]:
    return {"start": start, "end": end, "preset": preset}


def read(call: Call, search: str) -> dict[str, Any]:
    answer: dict[str, Any] = call("address", "readAddress", search, STATUS)
    return answer


def test_an_address_that_asks_for_nothing(call: Call) -> None:
    address = read(call, "")
    shown = address["shown"]
    assert shown["basis"] == "sent"
    assert shown["period"] == {"start": "2026-01-29", "end": "2026-02-27", "preset": None}
    assert set(map(tuple, shown["lists"].values())) == {()}
    assert (shown["sortBy"], shown["filterQuery"], shown["pageSize"]) == ([], "", 20)
    assert shown["columns"][0] == "case_number"
    assert "person_name" not in shown["columns"]
    assert (address["held"], address["theme"]) == ({}, None)


@pytest.mark.parametrize(
    ("search", "name", "value"),
    [
        ("?basis=opened", "basis", "opened"),
        ("?basis=opened", "period", chosen("2026-01-01", "2026-01-30")),
        ("?start=2026-02-01&end=2026-02-03", "period", chosen("2026-02-01", "2026-02-03")),
        ("?period=last7", "period", chosen("2026-02-23", "2026-03-01", "last7")),
        ("?period=all&basis=opened", "period", chosen("2024-04-01", "2026-02-20", "all")),
        ("?sort=status", "sortBy", [{"column_id": "status", "direction": "asc"}]),
        ("?sort=-status", "sortBy", [{"column_id": "status", "direction": "desc"}]),
        ("?where.team=a%22b", "filterQuery", '{team} icontains "a\\"b"'),
        ("?page_size=50", "pageSize", 50),
        ("?columns=status,channel", "columns", ["case_number", "status", "channel"]),
        ("?columns=status&columns=channel", "columns", ["case_number", "status", "channel"]),
    ],
)
def test_what_controls_show_of_an_address(
    call: Call, search: str, name: str, value: object
) -> None:
    address = read(call, search)
    assert address["shown"][name] == value
    assert address["held"] == {}


def test_values_of_filters_are_shown_once_each(call: Call) -> None:
    lists = read(call, "?channel=whats&channel=email&channel=whats&team=A")["shown"]["lists"]
    assert lists["channel"] == ["whats", "email"]
    assert lists["team"] == ["A"]


@pytest.mark.parametrize(
    ("search", "held"),
    [
        ("?basis=x", {"basis": ["x"]}),
        ("?basis=sent&basis=sent", {"basis": ["sent", "sent"]}),
        ("?start=2026-02-30&end=2026-03-01", {"start": ["2026-02-30"], "end": ["2026-03-01"]}),
        ("?start=2026-02-02&end=2026-02-01", {"start": ["2026-02-02"], "end": ["2026-02-01"]}),
        ("?start=2026-02-02", {"start": ["2026-02-02"]}),
        ("?period=last8", {"period": ["last8"]}),
        ("?period=last7&period=last7", {"period": ["last7", "last7"]}),
        ("?period=last7&start=2026-02-02", {"period": ["last7"], "start": ["2026-02-02"]}),
        ("?bucket=week", {"bucket": ["week"]}),
        ("?channel=", {"channel": [""]}),
        ("?sort=", {"sort": [""]}),
        ("?sort=a&sort=b", {"sort": ["a", "b"]}),
        ("?where.team=", {"where.team": [""]}),
        ("?where.te-am=x", {"where.te-am": ["x"]}),
        ("?columns=status,nothing", {"columns": ["status,nothing"]}),
        ("?page_size=21", {"page_size": ["21"]}),
    ],
)
def test_what_no_control_can_show_is_held_for_the_server(
    call: Call, search: str, held: dict[str, list[str]]
) -> None:
    address = read(call, search)
    assert address["held"] == held
    assert address["shown"] == read(call, "")["shown"]


def test_a_preset_stands_in_addresses_by_name_and_in_downloads_by_its_days(call: Call) -> None:
    raw = {"start": ["2026-02-23"], "end": ["2026-03-01"], "channel": ["whats"]}
    found = addresses(call, raw, preset="last7")
    assert found["page"] == "/stats/?period=last7&channel=whats"
    assert found["languages"]["en"] == "/stats/?period=last7&channel=whats&lang=en"
    days = "start=2026-02-23&end=2026-03-01&channel=whats&lang=pt-BR"
    assert found["csv"]["cases"] == f"/stats/export/cases.csv?{days}"
    assert found["xlsx"] == f"/stats/export/details.xlsx?{days}"


PLACE = {
    "origin": "http://page.test",
    "pathname": "/stats/",
    "search": "",
    "hash": "",
    "prefix": "/stats/",
    "language": "pt-BR",
}


def addresses(call: Call, raw: dict[str, list[str]], **changes: Any) -> dict[str, Any]:
    """The addresses of a question; ``changes`` to the table's question, columns, theme, place."""
    state = {
        "applied": {"raw": raw, "preset": changes.get("preset")},
        "tableQuestion": {"raw": changes.get("table", {})},
        "columns": changes.get("columns", read(call, "")["shown"]["columns"]),
        "theme": changes.get("theme", "auto"),
    }
    given = PLACE | changes.get("place", {})
    answer: dict[str, Any] = call("address", "addressesOf", state, given)
    return answer


@pytest.mark.parametrize(
    ("raw", "changes", "page"),
    [
        ({}, {}, "/stats/"),
        ({"channel": ["a&b", "c"]}, {}, "/stats/?channel=a%26b&channel=c"),
        ({}, {"theme": "dark"}, "/stats/?theme=dark"),
        ({}, {"table": {"sort": ["-status"]}}, "/stats/?sort=-status"),
        ({}, {"columns": ["status", "case_number"]}, "/stats/?columns=case_number,status"),
        ({}, {"place": {"search": "?lang=es&utm=1&team=old"}}, "/stats/?utm=1&lang=es"),
        ({"team": ["A"]}, {"place": {"hash": "#top"}}, "/stats/?team=A#top"),
    ],
)
def test_the_address_that_repeats_a_question(
    call: Call, raw: dict[str, list[str]], changes: dict[str, Any], page: str
) -> None:
    found = addresses(call, raw, **changes)
    assert found["page"] == page
    assert not found["isLong"]


def test_downloads_carry_the_filters_and_that_of_the_table_its_order_too(call: Call) -> None:
    found = addresses(call, {"team": ["A"]}, table={"sort": ["status"], "page_size": ["50"]})
    assert found["csv"]["cases"] == "/stats/export/cases.csv?team=A&lang=pt-BR"
    rows = "team=A&sort=status&lang=pt-BR"
    assert found["csv"]["details"] == f"/stats/export/details.csv?{rows}"
    assert found["xlsx"] == f"/stats/export/details.xlsx?{rows}"


def test_links_of_languages_keep_the_question(call: Call) -> None:
    found = addresses(call, {"team": ["A"]}, theme="dark", place={"search": "?utm=1&lang=es"})
    assert found["languages"] == {
        language: f"/stats/?utm=1&team=A&lang={language}&theme=dark"
        for language in ("pt-BR", "en", "es")
    }


def test_an_address_that_would_be_too_long_holds_no_selection(call: Call) -> None:
    """The downloads keep theirs: it goes in the body of a request."""
    raw = {"person": [f"person-{number:04}" for number in range(300)]}
    found = addresses(call, raw, place={"search": "?utm=1&team=old"})
    assert (found["isLong"], found["page"]) == (True, "/stats/?utm=1")
    for address in (*found["csv"].values(), found["xlsx"], found["search"]):
        assert address.count("person=") == 300


# --- filters, chips, columns -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "filters"),
    [
        ([], {}),
        (["channel", "whats"], {"channel": "whats"}),
        (["status", "read", "direction", "out"], {"status": "read", "direction": "out"}),
        (["channel"], {}),
    ],
)
def test_a_mark_sets_filters(call: Call, pairs: list[str], filters: dict[str, str]) -> None:
    assert call("pressed_mark", "filtersOfMark", pairs) == filters


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [["status", "lido"]],
        [["team", 'says "hi"'], ["phone", "back\\slash"]],
        [["reply", "a && {b} icontains c"], ["status", "x"]],
    ],
)
def test_filters_of_columns_are_read_as_they_were_written(
    call: Call, pairs: list[list[str]]
) -> None:
    query = call("column_filters", "written", pairs)
    assert call("column_filters", "conditions", query) == pairs


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("lido", "lido"),
        ("icontains lido", "lido"),
        ('icontains "a b"', "a b"),
        ('icontains "say \\"hi\\""', 'say "hi"'),
        ("icontains", "icontains"),
        ("= 5", "= 5"),
    ],
)
def test_the_text_of_a_column_s_filter(call: Call, text: str, plain: str) -> None:
    assert call("column_filters", "plainText", text) == plain


def text_of(node: Any) -> str:
    return node if isinstance(node, str) else "".join(map(text_of, node["children"]))


def chip_texts(call: Call, raw: dict[str, list[str]]) -> list[str]:
    """What each chip in the line says, and at last the button that clears all."""
    line = call("chips", "chipsOf", raw)
    row = [node for node in line if node["attributes"]["className"] == "chip-row"]
    buttons = [node for node in line if node["tag"] == "button"]
    return [text_of(node) for node in [*(row[0]["children"] if row else []), *buttons]]


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        ({}, []),
        ({"channel": ["whats"]}, ["Canal: whats×", "Limpar filtros"]),  # noqa: RUF001
        # The period stands on its button.
        ({"start": ["2026-11-01"], "end": ["2026-11-05"]}, []),
        ({"basis": ["opened"]}, ["Limpar filtros"]),
        ({"team": ["x" * 41]}, [f"Equipe: {'x' * 39}…×", "Limpar filtros"]),  # noqa: RUF001
        ({"team": ["constructor"]}, ["Equipe: constructor×", "Limpar filtros"]),  # noqa: RUF001
    ],
)
def test_chips(call: Call, raw: dict[str, list[str]], texts: list[str]) -> None:
    assert chip_texts(call, raw) == texts


def test_the_menu_of_chips_names_fifty_of_a_filter_and_counts_the_others(call: Call) -> None:
    raw = {"team": [f"T{number}" for number in range(1_250)]}
    _, menu, _ = call("chips", "chipsOf", raw)
    entries = menu["children"][1]["children"]
    assert [text_of(entry) for entry in entries[48:]] == [
        "Equipe: T48\u00d7",
        "Equipe: T49\u00d7",
        "Equipe: mais 1.200\u00d7",
    ]
    assert [entry["attributes"]["data-count"] for entry in entries[49:]] == [1, 1_200]


@pytest.mark.parametrize(
    ("directions", "label"), [([], "Lido / Tratada"), (["out"], "Lido"), (["in"], "Tratada")]
)
def test_a_status_is_called_as_its_direction_asks(
    call: Call, directions: list[str], label: str
) -> None:
    raw = {"direction": directions} if directions else {}
    assert call("filter_labels", "labelIn", raw, "status", "read") == label


# --- small things ------------------------------------------------------------------------------


def test_texts(call: Call) -> None:
    assert call("text", "filled", "{a} and {b}", {"a": 1}) == "1 and {b}"
    assert call("text", "number", 1_234_567) == "1.234.567"
    assert call("text", "visible", "1\u202e23") == "1\ufffd23"
    assert call("text", "shortened", "abcdef", 6) == "abcdef"
    assert call("text", "shortened", "abcd efg", 6) == "abcd…"


@pytest.mark.parametrize(
    ("data", "output", "is_answer"),
    [
        ({"multi": True, "response": {"a": {"x": 1}}}, "a.x", True),
        ({"multi": True, "response": {"a": {"x": 1}}}, "..a.x...b.y..", True),
        ({"multi": True, "response": {}}, "a.x", False),
        ({"multi": True, "response": {"c": {"x": 1}}}, "..a.x...b.y..", False),
        ({"multi": True, "response": {"a": 1}}, "a.x", False),
        ({"response": {"a": {"x": 1}}}, "a.x", False),
        ([], "a.x", False),
        (None, "a.x", False),
    ],
)
def test_what_counts_as_an_answer(
    call: Call, data: object, output: str, *, is_answer: bool
) -> None:
    assert call("answers", "isAnswer", data, output) is is_answer


def test_answers_by_name_are_put_in_the_order_of_the_outputs(call: Call) -> None:
    paths = [["start"], ["lists", "channel"], ["lists", "team"], ["clicks", "cases"]]
    answer = {"lists": {"channel": ["a"]}, "start": None}
    assert call("clientside", "inOrder", answer, paths) == [
        *(None, ["a"]),
        *("unchanged", "unchanged"),
    ]


def test_what_python_hands_over_cannot_be_changed(tabs: BrowserContext) -> None:
    page = tabs.new_page()
    page.set_content(PAGE.format(words="{}"))
    page.add_script_tag(content=page_script(PANELS).decode())
    kept = page.evaluate(
        """() => {
          const { table, years } = consumo.require("./constants");
          const ids = consumo.require("./ids");
          return [table, table.columns, years, ids].every(Object.isFrozen) && ids.graph("cases");
        }"""
    )
    page.close()
    assert kept == "cases-graph"
