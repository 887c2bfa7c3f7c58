"""What the header says of the reader: who it is, and which part of the data this person sees."""

import pytest

from components.html_tree import Element
from components.locale import Locale
from components.signed_in import SignedIn, signed_in_line

PT, EN, ES = (Locale.of(language) for language in ("pt-BR", "en", "es"))


def text_of(signed_in: SignedIn, locale: Locale = EN) -> str:
    """Return the text of the line."""
    [element] = signed_in_line(signed_in, locale)
    return text_in(element)


def text_in(part: Element | str) -> str:
    return part if isinstance(part, str) else "".join(map(text_in, part.children))


def test_without_a_sign_in_nothing_is_said() -> None:
    assert signed_in_line(None, EN) == []


@pytest.mark.parametrize(
    ("signed_in", "said"),
    [
        (SignedIn("Ana"), "Ana · All teams"),
        (SignedIn("", ("default",), ("Sales",)), "Team Sales"),
        (SignedIn("Ana", ("default",), ("Sales",), ("WhatsApp",)), "Ana · Team Sales · WhatsApp"),
        (SignedIn("Ana", ("default",), ("N1", "N2")), "Ana · N1, N2"),
        (
            SignedIn("Ana", ("a", "b", "c", "d"), ("1", "2", "3"), ("x", "y", "z")),
            "Ana · a, b and 2 more · 1, 2 and 1 more · x, y and 1 more",
        ),
        (SignedIn("Ana", ("branch",), None), "Ana · branch · All teams"),
        (SignedIn("Ana", ("default", "branch"), None), "Ana · default, branch · All teams"),
        (SignedIn("Ana", (), (), ()), "Ana · No account · No team · No channel"),
        (SignedIn("Ana", None, None, None), "Ana · All teams"),
    ],
)
def test_it_names_the_reader_and_the_part_of_the_data(signed_in: SignedIn, said: str) -> None:
    assert text_of(signed_in) == said


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (PT, "Ana · Equipe Vendas · Nenhum canal"),
        (ES, "Ana · Equipo Vendas · Ningún canal"),
    ],
)
def test_it_speaks_the_language_of_the_page(locale: Locale, said: str) -> None:
    assert text_of(SignedIn("Ana", ("default",), ("Vendas",), ()), locale) == said


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{part} {names} {0} %s %(name)s",
    "[x](javascript:alert(1))",
    "\u202eanA",
)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_names_stay_text(value: str) -> None:
    """They are children of the element, as text; braces of a name are not those of a sentence."""
    for signed_in in (
        SignedIn(value),
        SignedIn("", (value,)),
        SignedIn("", None, (value,)),
        SignedIn("", None, None, (value,)),
        SignedIn("", None, (value, "b", "c")),
    ):
        assert value in text_of(signed_in)
        [element] = signed_in_line(signed_in, EN)
        assert value in element["attributes"]["title"]
        # No name adds an element.
        assert len(element.children) == (3 if signed_in.name else 1)
