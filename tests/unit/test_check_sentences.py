"""What ``check`` says of what it found: numbers, shares, names, and the order of findings."""

import re

import pytest

from app.commands.check import report
from components.panels import PANELS
from components.texts import read_catalogue
from sources.checking.check import Check, Checked, Finding, Weight, listed, share_text
from sources.checking.checks import CHECKS

CHECK = Check(
    name="example",
    weight=Weight.ODD,
    what="cases",
    sql="select 0, 0",
    sentence="No team is known of {those}: {names}.",
    effect="The filter is empty.",
    least=2,
    least_among=10,
    least_share=0.1,
)


def finding(name: str, weight: Weight, found: int) -> Finding:
    return Finding(name, int(weight), found, 100, f"It is {name}.", "It is bad.")


@pytest.mark.parametrize(
    ("found", "among", "text"),
    [
        (1, 3, "33.3%"),
        (1, 2, "50%"),
        (3, 3, "100%"),
        (1, 100_000, "under 0.1%"),
        (99_999, 100_000, "over 99.9%"),
    ],
)
def test_only_all_are_100_percent(found: int, among: int, text: str) -> None:
    assert share_text(found, among) == text


def test_a_sentence_has_the_numbers_and_the_names() -> None:
    made = CHECK.finding(1_200, 4_800, ["Ana", "Bia"])
    assert made is not None
    assert made.sentence == 'No team is known of 1,200 of 4,800 cases (25%): "Ana", "Bia".'
    assert (made.name, made.effect, made.share) == ("example", CHECK.effect, 0.25)


def test_braces_in_a_name_are_kept() -> None:
    made = CHECK.finding(5, 10, ["{those} {0}"])
    assert made is not None
    assert made.sentence.endswith(': "{those} {0}".')


@pytest.mark.parametrize(("found", "among"), [(0, 0), (0, 50), (1, 10), (5, 9), (9, 100)])
def test_what_chance_gives_is_not_told(found: int, among: int) -> None:
    assert CHECK.finding(found, among) is None


def test_of_many_names_the_first_are_listed() -> None:
    assert listed(list("abcdefg")) == '"a", "b", "c", "d", "e" and 2 more'
    assert listed(list("abcde")) == '"a", "b", "c", "d", "e"'


def test_the_weightiest_comes_first_and_then_the_greatest_share() -> None:
    findings = [
        finding("odd", Weight.ODD, 100),
        finding("few wrong", Weight.WRONG, 1),
        finding("missing", Weight.MISSING, 50),
        finding("many wrong", Weight.WRONG, 2),
    ]
    result = Checked.of(1, 1, 4, findings)
    names = [one.name for one in result.findings]
    assert names == ["many wrong", "few wrong", "missing", "odd"]


def test_the_report_speaks_of_one_thing_and_of_several() -> None:
    one = Checked.of(5, 1_000, 50, [finding("odd", Weight.ODD, 1)])
    assert report(one) == [
        "1 thing is missing or odd in 5 cases and 1,000 messages, by 50 rules:",
        "",
        "1. It is odd.",
        "   It is bad.",
    ]
    two = Checked.of(5, 9, 50, [finding(name, Weight.ODD, 1) for name in ("a", "b")])
    assert report(two, "north")[0] == (
        "2 things are missing or odd in 5 cases and 9 messages of the account north, by 50 rules:"
    )


def test_names_of_checks_are_unique() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_is_told_in_sentences(check: Check) -> None:
    """One that says what was found, with the numbers; and one that names a part of the page."""
    assert check.sentence.count("{those}") == 1
    assert set(re.findall(r"\{(\w+)\}", check.sentence)) <= {"those", "names"}
    for text in (check.sentence, check.effect):
        assert text[0].isupper() or text[0] == "“"
        assert text.endswith((".", "?"))


def test_the_page_has_the_names_that_effects_quote() -> None:
    """In the words that the page shows in English."""
    quoted = {name for check in CHECKS for name in re.findall("“(.+?)”", check.effect)} - {"—"}
    known = {message.id for message in read_catalogue("pt-BR")}
    assert quoted - known == set()
    assert {panel.title for panel in PANELS} & quoted
