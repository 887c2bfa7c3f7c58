"""What PostgreSQL makes of SQL functions, against DuckDB, which answers in one process."""

import random
import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import psycopg
import pytest

from queries.engines.duckdb import dialect as of_duckdb
from queries.engines.postgresql import dialect as of_postgresql
from queries.phone_masks import PHONES_IN_NAME, PHONES_IN_TEXT, SIGNS_BETWEEN_DIGITS, Mask
from tests.published import new_database
from tests.services import PostgreSQLServer

pytestmark = pytest.mark.integration

#: Gives what an SQL expression makes of each of some texts, which it calls ``x``.
Compute = Callable[[str, list[str]], dict[str, Any]]

SURROGATES = range(0xD800, 0xE000)
#: Words in which a letter's place or its neighbours could matter.
WORDS = [
    "ΟΔΥΣΣΕΥΣ",
    "Σ ΑΣ",
    "İSTANBUL",
    "ÆRØ",
    "STRASSE straße",
    "한국어",
    "e\u0301\u0302",
    "ﬁ",
    "",
]
#: What stands in texts beside digits.
PIECES = [
    *("(11)", "(0", " 55", "+55", " tel: ", "WhatsApp=", "\u017fms:", "Zap/", "telefone ", "x@y"),
    *("@", "9", "98765-4321", "é", "\n", "(", ")", "11", "[wa.me/", "1 ", "5511987654321"),
    *("(415) 555-2671", "\u212a", "a", "/", *SIGNS_BETWEEN_DIGITS),
]


@pytest.fixture(scope="module")
def computed(postgresql: PostgreSQLServer) -> Iterator[Compute]:
    address = new_database(postgresql).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:

        def compute(expression: str, texts: list[str]) -> dict[str, Any]:
            sql = f"select x, {expression} from unnest(%s::text[]) as given (x)"
            return dict(connection.execute(sql.encode(), [texts]).fetchall())

        yield compute


def of_duckdbs(expression: str, texts: list[str]) -> dict[str, Any]:
    with duckdb.connect() as connection:
        sql = f"select x, {expression} from (select unnest(?) as x)"
        return dict(connection.execute(sql, [texts]).fetchall())


def differing(right: dict[str, Any], got: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    assert right.keys() == got.keys()
    return [(text, right[text], got[text]) for text in right if right[text] != got[text]]


def test_texts_are_folded_as_by_duckdb(computed: Compute) -> None:
    """Every character that there is, alone and in a word."""
    characters = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if code not in SURROGATES and unicodedata.category(chr(code)) not in ("Cn", "Co")
    ]
    texts = [*characters, *(f"A{character}B" for character in characters), *WORDS]
    right = of_duckdbs("strip_accents(lower(x))", texts)
    assert right["İSTANBUL"] == "istanbul"
    assert right["ÆRØ"] == "ærø"
    got = computed(of_postgresql.folded_sql("x"), texts)
    assert not differing(right, got)[:5]


def random_texts(seed: int) -> list[str]:
    rng = random.Random(seed)

    def text() -> str:
        return "".join(
            rng.choice([rng.choice(PIECES), str(rng.randrange(10 ** rng.randint(1, 13)))])
            for _ in range(rng.randint(1, 8))
        )

    return list({text() for _ in range(15_000)})


@pytest.mark.parametrize("mask", [PHONES_IN_TEXT, PHONES_IN_NAME], ids=["text", "name"])
def test_phones_are_masked_as_in_python(computed: Compute, mask: Mask) -> None:
    # A bracket at the very beginning is a part of the phone, at least as Python takes it.
    texts = ["(11) 98765-4321", "x(11) 98765-4321", "(011) 98765-4321", *random_texts(15)]
    got = computed(of_postgresql.masked_sql("x", mask), texts)
    assert got["(11) 98765-4321"] == "*****-4321"
    right = {text: mask(text) for text in texts}
    assert sum(text != masked for text, masked in right.items()) > 1_000
    assert not differing(right, got)[:5]
    assert not differing(of_duckdbs(of_duckdb.masked_sql("x", mask), texts), got)[:5]
