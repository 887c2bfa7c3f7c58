"""What the drawer "Sources" says, from states that the tests write down."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from components.html_tree import Element
from components.locale import Locale
from components.sources import REFUSALS, limited_view, source_name, view
from queries.engines.base import Supply
from queries.reader import StoreStatus
from queries.source_states import Compared, Load, Noted, Refusal, Sources, SourceState, Sums
from queries.vocabulary import RECEIVER, WEBHOOK_FILES
from queries.vocabulary import REFUSALS as REASONS
from sources.chatwoot.sync import CHATWOOT

PT, EN, ES = (Locale.of(language) for language in ("pt-BR", "en", "es"))
NOW = datetime(2026, 11, 26, 15, 40, tzinfo=ZoneInfo("America/Sao_Paulo"))
#: 15:35 there.
AT = datetime(2026, 11, 26, 18, 35, tzinfo=UTC)
SUMS = Sums(read=1_234, superseded=30, kept=4, rejected=200)
LOAD = Load(7, "files", AT, 1.2, Sums(read=10, superseded=1, kept=2, rejected=0))


def state(
    name: str = "files",
    newest: Load | None = LOAD,
    noted: Noted | None = None,
    refusal: Refusal | None = None,
) -> SourceState:
    return SourceState(name, 3, SUMS, newest, noted, refusal)


def text_in(part: Element | str) -> str:
    return part if isinstance(part, str) else " ".join(map(text_in, part.children))


def said(
    *sources: SourceState, newest: Sequence[Load] = (), kept: dict[str, int] | None = None,
    locale: Locale = EN,
) -> str:  # fmt: skip
    content = view(Sources(sources, tuple(newest), kept or {}), NOW, locale)
    return " ".join(map(text_in, content))


def test_a_source_says_when_and_how_many_and_the_sums_add_up() -> None:
    text = said(state())
    assert "Newest load 15:35" in text
    assert "Read 1,234 Taken 1,000 Superseded 30 Kept aside 4 Rejected 200" in text
    assert SUMS.taken + SUMS.superseded + SUMS.kept + SUMS.rejected == SUMS.read


def test_the_newest_loads_have_their_own_sums() -> None:
    text = said(state(), newest=[LOAD])
    assert "Newest loads Read Taken Superseded Kept aside Rejected Files" in text
    assert text.endswith("15:35 · 1\u00a0s 10 7 1 2 0")


def test_what_is_kept_aside_is_counted_by_kind() -> None:
    assert said(state(), kept={"account_alerts": 12}).endswith("account_alerts 12")
    assert "Kept aside, by kind" not in said(state())


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (PT, "Conferido com a origem até 15:35 · 3 linhas chegaram tarde · 1 linha removida"),
        (EN, "Checked against the source until 15:35 · 3 rows came late · 1 row removed"),
        (ES, "Comprobado con el origen hasta 15:35 · 3 filas llegaron tarde · 1 fila eliminada"),
    ],
)
def test_a_comparison_says_what_it_found(locale: Locale, words: str) -> None:
    noted = Noted(reconciled_until=AT, compared=Compared(late=3, removed=1))
    assert words in said(state(noted=noted), locale=locale)


def test_a_comparison_without_a_difference_says_so() -> None:
    noted = Noted(reconciled_until=AT, compared=Compared())
    assert "Checked against the source until 15:35 · no difference" in said(state(noted=noted))


def test_a_source_that_is_read_by_itself_says_until_when_it_is_here() -> None:
    earlier = Load(7, "chatwoot", AT - timedelta(days=1), 1.2, SUMS)
    text = said(state("chatwoot", earlier, Noted(synced_until=AT)))
    assert "Here until 15:35 · newest load 25/11 15:35" in text


def test_a_failure_is_said_in_a_sentence_until_all_is_well() -> None:
    fault = "the portal's database cannot be reached"
    assert f"The newest attempt failed:   {fault}" in said(state(noted=Noted(fault=fault)))
    refused = Refusal(2, "disk_full", AT + timedelta(minutes=1))
    assert "Refused: the disk is full. (15:36)" in said(state(refusal=refused))
    over = Refusal(2, "disk_full", AT - timedelta(minutes=1))
    assert "Refused" not in said(state(refusal=over))


def test_rejected_rows_of_the_newest_load_are_named() -> None:
    one = Load(7, "files", AT, None, Sums(read=1, superseded=0, kept=0, rejected=1))
    assert "1 row of the newest load was rejected." in said(state(newest=one))
    assert "was rejected" not in said(state())


def test_nothing_is_said_of_an_empty_store_but_that() -> None:
    assert said() == "No data yet"


def test_every_reason_has_its_sentence() -> None:
    assert REFUSALS.keys() == {*REASONS}


@pytest.mark.parametrize("locale", [PT, ES])
def test_the_products_own_sources_have_names_for_people(locale: Locale) -> None:
    for name in ("files", "demo", RECEIVER, WEBHOOK_FILES, CHATWOOT):
        assert source_name(name, locale) != name
    assert source_name("sql:zammad", locale) == "sql:zammad"


def test_a_limited_reader_gets_the_time_alone() -> None:
    status = StoreStatus(
        9, NOW, NOW - timedelta(minutes=5), False, "America/Sao_Paulo", None, None, Supply()
    )
    text = " ".join(map(text_in, limited_view(status, NOW, EN)))
    assert text == "The data was last renewed: 15:35. Who sees all of the data sees more here."
