"""Files of prices and rules: what is taken, and one clear sentence for each that is not."""

from datetime import date
from pathlib import Path

import pytest

from sources.rate_files import BadRateFile, Rate, RateFile, Rule, read_rate_file
from tests.services import ROOT

EXAMPLES = ROOT / "examples" / "rates"
HEAD = "valid_from,category,country,currency,price\n"
RATE = """[[rate]]
valid_from = 2026-10-01
category = "utility"
country = "BR"
currency = "BRL"
price = "0.0350"
"""
RULE = """[[rule]]
valid_from = 2026-10-01
category = "service"
case = "always"
charge = "charged"
"""


def read(folder: Path, text: str | bytes, name: str = "prices.toml") -> RateFile:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_rate_file(path)


def refusal(folder: Path, text: str | bytes, name: str = "prices.toml") -> str:
    with pytest.raises(BadRateFile) as refused:
        read(folder, text, name)
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


def test_the_examples_are_taken_and_say_that_they_are_examples() -> None:
    toml = read_rate_file(EXAMPLES / "example.toml")
    assert toml.rates == read_rate_file(EXAMPLES / "example.csv").rates
    assert toml.rules is not None
    text = (EXAMPLES / "example.toml").read_text(encoding="utf-8")
    assert text.startswith("# AN EXAMPLE, NOT A PRICE LIST.")


def test_prices_become_whole_millionths(tmp_path: Path) -> None:
    found = read(tmp_path, RATE)
    assert found == RateFile(
        rates=(Rate(date(2026, 10, 1), "utility", "BR", "BRL", 1, 35_000, is_maximum=False),)
    )
    assert RateFile.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("price", "parts"),
    [('"0.0350"', 35_000), ("0.0350", 35_000), ('"0,035"', 35_000), ("1", 10**6), ('"0"', 0)],
)
def test_a_price_is_a_text_or_a_number(tmp_path: Path, price: str, parts: int) -> None:
    [rate] = read(tmp_path, RATE.replace('"0.0350"', price)).rates or ()
    assert rate.price == parts


def test_a_rule_that_comes_later_is_a_line_in_a_file(tmp_path: Path) -> None:
    more = RULE + 'price_of = "utility"\nfree_each_month = 1000\n'
    found = read(tmp_path, RULE.replace("2026-10-01", "2025-07-01") + more)
    assert found.rates is None
    assert found.rules == (
        Rule(date(2025, 7, 1), "service", "always", "charged", None, 0),
        Rule(date(2026, 10, 1), "service", "always", "charged", "utility", 1000),
    )


def test_a_csv_of_a_spreadsheet_is_taken(tmp_path: Path) -> None:
    text = "\ufeffvalid_from;category;country;currency;price;maximum\r\n"
    text += "2026-10-01;marketing;*;USD;0,0625;TRUE\r\n;;;;;\r\n"
    [rate] = read(tmp_path, text, "prices.csv").rates or ()
    assert rate == Rate(date(2026, 10, 1), "marketing", "*", "USD", 1, 62_500, is_maximum=True)


#: What is wrong, and what the sentence must say.
BAD_TOML = {
    "not TOML": ("[[rate]", "prices.toml is not TOML"),
    "nothing": ("", "holds nothing"),
    "another part": (RATE + '[owner]\nname = "x"\n', 'unknown part "owner"'),
    "no list": ("[rate]\nprice = 1\n", "write rate as [[rate]]"),
    "a list of numbers": ("rate = [1, 2]\n", "write rate as [[rate]]"),
    "a key too many": (RATE + "discount = 1\n", 'line 1, rate 1: unknown key "discount"'),
    "a key too few": (
        RATE.replace('country = "BR"\n', ""),
        "line 1, rate 1, country: it is missing",
    ),
    "a negative price": (RATE.replace("0.0350", "-1"), 'rate 1, price: "-1" is not a price'),
    "infinity": (RATE.replace('"0.0350"', "inf"), "is not a price"),
    "not a number": (RATE.replace('"0.0350"', "nan"), "is not a price"),
    "true": (RATE.replace('"0.0350"', "true"), "is not a price"),
    "exponents": (RATE.replace("0.0350", "1e-3"), "is not a price"),
    "other digits": (RATE.replace("0.0350", "\u0660.\u0660\u0663"), "is not a price"),
    "a fortune": (RATE.replace("0.0350", "1000"), "is not a price from 0 to 1,000"),
    "seven decimals": (RATE.replace("0.0350", "0.0000001"), "has more than six decimals"),
    "no day": (RATE.replace("2026-10-01", '"2026-02-30"'), 'valid_from: "2026-02-30" is no day'),
    "a moment": (RATE.replace("2026-10-01", "2026-10-01T00:00:00Z"), "is not a day"),
    "another century": (RATE.replace("2026-10-01", "1026-10-01"), "is not a day from 2000"),
    "a country's name": (RATE.replace('"BR"', '"Brasil"'), "is not a country in two letters"),
    "a currency's sign": (RATE.replace('"BRL"', '"R$"'), "is not a currency in three letters"),
    "SQL": (RATE.replace('"utility"', '"x\'; drop table loads"'), "is not a category"),
    "a tier without a beginning": (RATE + "from_message = 5\n", "one must begin at 1"),
    "a tier of nothing": (RATE + "from_message = 0\n", "is not a whole number from 1"),
    "half a message": (RATE + "from_message = 1.5\n", "is not a whole number"),
    "a maximum of 3": (RATE + "maximum = 3\n", "is neither true nor false"),
    "twice the same": (RATE + RATE, "line 7, rate 2: the same day, category, country"),
    "two currencies in a list": (
        RATE + RATE.replace('"BRL"', '"USD"') + "from_message = 9\n",
        "differs from another tier",
    ),
    "another case": (RULE.replace('"always"', '"sometimes"'), "is not one of free_entry_point"),
    "another charge": (RULE.replace('"charged"', '"maybe"'), "is not one of charged"),
    "each recipient of one": (RULE.replace('"charged"', '"each_recipient"'), "case group only"),
    "free groups": (
        RULE.replace('"always"', '"group"').replace('"charged"', '"free"'),
        "is not for the case group",
    ),
    "free with an allowance": (
        RULE.replace('"charged"', '"free"') + "free_each_month = 5\n",
        "is for messages that are charged",
    ),
    "the same rule twice": (RULE + RULE, "line 6, rule 2: the same day, category and case"),
    "no such zone": (
        '[[business_account]]\nid = "1"\ntime_zone = "../../etc/passwd"\n',
        "is no time zone",
    ),
    "nested deeply": ("rate = " + "[" * 5_000 + "]" * 5_000, "is not TOML"),
    "NUL": (RATE.replace("BRL", "B\0L"), "NUL"),
}


@pytest.mark.parametrize("name", BAD_TOML)
def test_a_bad_file_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    text, why = BAD_TOML[name]
    assert why in refusal(tmp_path, text)


BAD_CSV = {
    "no prices": (HEAD, "prices.csv holds no prices"),
    "another column": (HEAD.replace("price", "cost"), 'line 1: unknown column "cost"'),
    "a column twice": (HEAD.strip() + ",price\n", "the column price is there twice"),
    "a column too few": ("valid_from,category\n", "line 1: the column country is missing"),
    "a value too many": (
        HEAD + "2026-10-01,utility,BR,BRL,1,2\n",
        "line 2: 6 values for 5 columns",
    ),
    "an empty price": (HEAD + "2026-10-01,utility,BR,BRL,\n", "line 2, price: it is missing"),
    "an open quote": (HEAD + '2026-10-01,"utility,BR,BRL,1\n', "line 2"),
    "a formula": (HEAD + "2026-10-01,utility,BR,BRL,=1+1\n", 'price: "=1+1" is not a price'),
}


@pytest.mark.parametrize("name", BAD_CSV)
def test_a_bad_csv_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    text, why = BAD_CSV[name]
    assert why in refusal(tmp_path, text, "prices.csv")


def test_other_files_are_refused(tmp_path: Path) -> None:
    assert "must end in .toml or .csv" in refusal(tmp_path, RATE, "prices.xlsx")
    assert "line 2: it is not UTF-8" in refusal(tmp_path, b"# a\n\xff\n")
    assert "larger than 10 MB" in refusal(tmp_path, b" " * 10_000_001)
