"""Searching persons and cases: an early end of the search does not change what is found."""

import unicodedata
from itertools import islice

import pytest

from queries import option_search
from queries.filters import Filters
from queries.options import Option, Part
from queries.user_scope import EVERYTHING
from tests.integration.test_oracle import Query, Store, asked
from tests.integration.test_oracle import awkward as awkward  # noqa: PLC0414 - a fixture
from tests.integration.test_oracle import awkward_import as awkward_import  # noqa: PLC0414
from tests.integration.test_oracle import import_seed as import_seed  # noqa: PLC0414

pytestmark = pytest.mark.integration

TEXTS = (
    *("", "a", "A", "jo", "JOÃO", "ç", "00", "2", "cc-", " ", "%", "ninguém assim"),
    # Words in another order, with many blanks, with words of the name between them left out.
    *("avila joao", "  joão   ávila ", "conceicao JOAO", "a e o", "cc- 2"),
)


def fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def contains(name: str, text: str) -> bool:
    return all(fold(word) in fold(name) for word in text.split())


def begins(name: str, text: str) -> bool:
    return fold(name).startswith(" ".join(fold(text).split()))


def questions(store: Store) -> list[Query]:
    return asked(store)[::12]


@pytest.mark.parametrize("text", TEXTS)
def test_persons_that_begin_with_it_come_first_then_those_with_most_cases(
    awkward: Store, text: str
) -> None:
    for query in questions(awkward):
        found = awkward.reader.options("person", filters(awkward, query), EVERYTHING, text).values
        counted = dict(awkward.oracle.options("person", query))
        hits = [name for name in counted if contains(name, text)]
        hits.sort(key=lambda name: (not begins(name, text), -counted[name], fold(name)))
        assert [option.cases for option in found] == [counted[name] for name in hits[:50]]
        assert {option.value for option in found} <= set(hits)
        assert [fold(o.value) for o in found] == [fold(name) for name in hits[:50]]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("length", "newest"), [(1, 1), (3, 10), (50, 40)])
def test_early_looks_at_cases_give_what_the_whole_search_gives(
    awkward: Store, monkeypatch: pytest.MonkeyPatch, text: str, length: int, newest: int
) -> None:
    """The limits are lowered, so that early looks at the newest cases are tried and discarded."""
    monkeypatch.setattr(option_search, "LIST_LENGTH", length)
    monkeypatch.setattr(option_search, "NEWEST_CASES", newest)
    for query in questions(awkward):
        found = cases(awkward, query, text)
        with monkeypatch.context() as patch:
            patch.setattr(option_search, "cases_by_day", lambda *_: None)
            assert found == cases(awkward, query, text)


@pytest.mark.parametrize("text", ["00", "a", "joão", "cc-2", "avila  joao"])
def test_cases_are_found_by_number_or_name(awkward: Store, text: str) -> None:
    for query in islice(questions(awkward), 6):
        found = cases(awkward, query, text)
        for option in found:
            assert contains(option.value, text) or contains(option.person_name or "", text)
        first = [begins(o.value, text) or begins(o.person_name or "", text) for o in found]
        assert first == sorted(first, reverse=True)


@pytest.mark.parametrize("name", option_search.SEARCHED)
@pytest.mark.parametrize("text", ["", "a", "joão", "ramos  silva", "0"])
def test_the_parts_of_a_list_are_the_whole_of_it(awkward: Store, name: str, text: str) -> None:
    """Each once, in the same order; and the count says how many there are."""
    reader = awkward.reader
    for query in islice(questions(awkward), 4):
        asked_for = filters(awkward, query)
        whole = reader.options(name, asked_for, EVERYTHING, text, Part(0, 1_000))
        assert whole.is_last
        found: list[Option] = []
        for first in range(0, 1_000, 7):
            part = reader.options(name, asked_for, EVERYTHING, text, Part(first, 7))
            found += part.values
            assert part.is_last or part.values
            if part.is_last:
                break
        if name == "person":
            assert tuple(found) == whole.values
            assert reader.count_options(name, asked_for, EVERYTHING, text) == len(found)
        else:  # cases that share a number are one option of a part
            assert {o.value for o in found} == {o.value for o in whole.values}
            assert reader.count_options(name, asked_for, EVERYTHING, text) >= len(whole.values)


def filters(store: Store, query: Query) -> Filters:
    return store.reader.resolve(Filters.parse(query), EVERYTHING)


def cases(store: Store, query: Query, text: str) -> tuple[Option, ...]:
    return store.reader.options("case", filters(store, query), EVERYTHING, text).values
