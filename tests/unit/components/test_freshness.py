"""What the header says about the age of the data, and since when nothing newer can be read."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from components.freshness import freshness, is_stale
from components.html_tree import Element
from components.locale import Locale
from queries.engines.base import Supply
from queries.reader import StoreStatus

PT, EN = Locale.of("pt-BR"), Locale.of("en")
NOW = datetime(2026, 11, 26, 15, 40, tzinfo=ZoneInfo("America/Sao_Paulo"))
OF_READERS = NOW.astimezone(UTC).replace(tzinfo=None)


def status(supply: Supply, *, is_empty: bool = False) -> StoreStatus:
    newest = None if is_empty else NOW - timedelta(minutes=2)
    day = None if is_empty else NOW.date()
    return StoreStatus(3, newest, NOW - timedelta(minutes=1), False, "x", day, day, supply)


def text_in(part: Element | str) -> str:
    return part if isinstance(part, str) else " ".join(map(text_in, part.children))


def said(supply: Supply, locale: Locale = EN, *, is_empty: bool = False) -> str:
    parts = freshness(status(supply, is_empty=is_empty), NOW, locale)
    return " ".join(map(text_in, parts)).strip()


FRESH = Supply(0.0, OF_READERS - timedelta(seconds=50))
SILENT = Supply(300.0, OF_READERS - timedelta(seconds=310))
UNPUBLISHED = Supply(0.0, OF_READERS - timedelta(minutes=7))


def test_a_reader_that_is_supplied_says_what_a_server_with_its_own_store_says() -> None:
    own = "Data through 26/11 15:38 · updated 15:39 · Brasilia Time"
    assert said(Supply()) == said(FRESH) == own
    assert said(Supply(3.0, FRESH.published_at)) == own


@pytest.mark.parametrize(
    ("supply", "locale", "beginning"),
    [
        (SILENT, EN, "No contact with the database since 15:35 · "),
        (SILENT, PT, "Sem contato com o banco de dados desde 15:35 · "),
        (UNPUBLISHED, EN, "Nothing published since 15:33 · "),
        (UNPUBLISHED, PT, "Nada publicado desde 15:33 · "),
    ],
)
def test_it_says_since_when_nothing_newer_can_be_read(
    supply: Supply, locale: Locale, beginning: str
) -> None:
    assert said(supply, locale) == beginning + said(Supply(), locale)
    assert said(supply, locale, is_empty=True).startswith(beginning)
    assert is_stale(supply, NOW)


def test_the_dot_has_another_colour_then() -> None:
    def dot(supply: Supply) -> object:
        mark = freshness(status(supply), NOW, EN)[0]
        return mark.className if isinstance(mark, Element) else mark

    assert dot(Supply()) == dot(FRESH) == "dot"
    assert dot(SILENT) == dot(UNPUBLISHED) == "dot old"
