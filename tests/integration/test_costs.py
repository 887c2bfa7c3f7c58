"""What messages cost: hand-worked figures, and random loads by an independent computation."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.conftest import Here
from tests.integration.cost_world import PRICES, RULES_2026, CostWorld, Rows
from tests.integration.test_webhooks_and_portal import status

pytestmark = pytest.mark.integration

CASE = {
    "case_id": "c1",
    "person_name": "Ana",
    "channel": "WhatsApp",
    "case_type": "Dúvida",
    "opened_at": "2026-09-01T12:00:00Z",
}
NUMBER = "+551130000001"
PHONES = ("+5511987654471", "+351912345678", "+12125550100", "+14165550100", "")


@pytest.fixture
def world(here: Here, tmp_path: Path) -> CostWorld:
    """A store without anything."""
    return CostWorld(here, tmp_path / "costs" / "consumo.duckdb")


def sent(message_id: str, at: str, **more: str) -> dict[str, str]:
    """An outgoing free text that was read, told as charged."""
    return {
        "message_id": message_id,
        "case_id": "c1",
        "direction": "out",
        "status": "read",
        "sent_at": at,
        "phone": PHONES[0],
        "business_number": NUMBER,
        "billable": "true",
        **more,
    }


# --- random loads ---------------------------------------------------------------------------------


def random_rows(draw: random.Random, cases: int, messages: int) -> tuple[Rows, Rows]:
    """Cases and messages around the change of rules, of two business accounts and two numbers."""
    begin = datetime(2026, 9, 25, tzinfo=UTC)
    found: Rows = []
    for number in range(messages):
        case = draw.randrange(cases)
        kind = draw.choice(["hsm", "session"])
        told = draw.choice(["true", "false", "", ""])
        found.append(
            {
                "message_id": f"m{number}",
                "case_id": f"c{case}",
                "direction": draw.choice(["out", "out", "in"]),
                "status": draw.choice(["read", "delivered", "sent", "failed", "unknown"]),
                "kind": kind,
                "template_name": "oi" if kind == "hsm" else "",
                "template_category": draw.choice(["UTILITY", "MARKETING", ""])
                if kind == "hsm"
                else "",
                "business_number": draw.choice([NUMBER, NUMBER, "+551130000002", ""]),
                "business_account": draw.choice(["", "W1"]),
                "phone": PHONES[case % len(PHONES)],
                "bsuid": "PT.123" if draw.random() < 0.1 else "",
                "sent_at": (begin + timedelta(minutes=draw.randrange(60 * 24 * 40))).isoformat(),
                "billable": told,
                "pricing_category": draw.choice(
                    ["utility", "service", "marketing", "authentication", "referral_conversion"]
                )
                if told and draw.random() < 0.8
                else "",
                "pricing_type": draw.choice(["", "", "regular", "free_entry_point"]),
            }
        )
    for row in found:
        if row["direction"] == "in":
            for name in ("status", "template_name", "template_category", "billable"):
                row[name] = ""
            row["kind"] = "session"
    return (
        [
            {
                **CASE,
                "case_id": f"c{number}",
                "team": draw.choice(["A", "B", ""]),
                "channel": draw.choice(["WhatsApp", "WhatsApp 2"]),
            }
            for number in range(cases)
        ],
        found,
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_loads_cost_what_the_oracle_computes(world: CostWorld, seed: int) -> None:
    """Prices come first, in between or last, and later loads change what others cost."""
    draw = random.Random(seed)
    cases, messages = random_rows(draw, 12, 400)
    zones = {"W1": "Asia/Tokyo"} if seed != 2 else {}
    draw.shuffle(messages)
    parts = [messages[:150], messages[150:300], messages[300:]]
    rates_at = draw.randrange(3)
    for number, part in enumerate(parts):
        if number == rates_at:
            world.import_rates(zones=zones)
        world.load(cases if number == 0 else [], part)
        world.agree()
    lines = world.agree()
    reasons = {line.reason for line in lines.values()}
    assert reasons >= {None, "no_price", "no_category", "not_told", "not_confirmed"}
    assert sum(line.extra_amount is not None for line in lines.values()) > 5
    # Later rows of the same messages: other statuses, another case.
    again = [{**row, "status": "read"} for row in messages[::7] if row["direction"] == "out"]
    ids = {row["message_id"] for row in again}
    world.messages = [row for row in world.messages if row["message_id"] not in ids]
    world.load([], again)
    world.agree()
    world.import_rates(PRICES[:2], RULES_2026[:3], zones)
    world.agree()


def test_the_same_prices_again_change_nothing(world: CostWorld) -> None:
    world.load([CASE], [sent("m1", "2026-10-02T12:00:00Z")])
    assert "Load 2" in world.import_rates()
    assert "Nothing new" in world.import_rates()
    assert world.ask("select max(load_id) from loads") == [(2,)]


# --- hand-worked figures --------------------------------------------------------------------------

SERVICE_AT_3 = tuple(rule for rule in RULES_2026 if rule.category == "service")
#: What is sent, and what it costs in millionths, by message id. A price of utility is 0.0425 in
#: October, 0.0375 from the fifth on.
WORKED: dict[str, tuple[Rows, dict[str, int | None]]] = {
    "the change of day is midnight in São Paulo": (
        [
            sent("before", "2026-10-01T02:59:59Z", billable=""),
            sent("after", "2026-10-01T03:00:00Z", billable="", pricing_category="utility"),
        ],
        {"before": 0, "after": 42_500},
    ),
    "midnight in the business account's zone, where it has one": (
        [
            sent("tokyo", "2026-09-30T15:00:00Z", business_account="W1", billable=""),
            sent("here", "2026-09-30T15:00:00Z", billable=""),
            *(sent(f"t{n}", f"2026-09-30T16:0{n}:00Z", business_account="W1") for n in range(3)),
        ],
        # Free in September here; in Tokyo it is the first of October, the fourth is charged.
        {"tokyo": 0, "here": 0, "t0": 0, "t1": 0, "t2": 42_500},
    ),
    "three free service messages of a number and month": (
        [
            *(sent(f"o{n}", f"2026-10-02T12:0{n}:00Z") for n in range(5)),
            sent("other number", "2026-10-02T12:09:00Z", business_number="+551130000002"),
            sent("november", "2026-11-01T03:00:00Z"),
            sent("still october", "2026-11-01T02:59:59Z"),
        ],
        {
            "o0": 0,
            "o1": 0,
            "o2": 0,
            "o3": 42_500,
            "o4": 42_500,
            "other number": 0,
            "november": 0,
            "still october": 42_500,
        },
    ),
    "the fifth utility message of the month is cheaper": (
        [sent(f"u{n}", f"2026-10-02T12:0{n}:00Z", pricing_category="utility") for n in range(6)],
        {"u0": 42_500, "u1": 42_500, "u2": 42_500, "u3": 42_500, "u4": 37_500, "u5": 37_500},
    ),
    "free where the provider says so": (
        [
            sent(
                "entry", "2026-10-02T12:00:00Z", billable="false", pricing_type="free_entry_point"
            ),
            sent("told", "2026-10-02T12:01:00Z", billable="false", pricing_category="marketing"),
        ],
        {"entry": 0, "told": 0},
    ),
    "each country at its own price, and none where there is none": (
        [
            sent("pt", "2026-10-02T12:00:00Z", pricing_category="utility", phone=PHONES[1]),
            sent("us", "2026-10-02T12:01:00Z", pricing_category="utility", phone=PHONES[2]),
            sent(
                "login", "2026-10-02T12:02:00Z", pricing_category="authentication", phone=PHONES[2]
            ),
            sent("nowhere", "2026-10-02T12:03:00Z", pricing_category="utility", phone=""),
        ],
        {"pt": 20_001, "us": None, "login": 10_000, "nowhere": None},
    ),
    "what did not arrive costs nothing": (
        [
            sent("failed", "2026-10-02T12:00:00Z", status="failed", pricing_category="utility"),
            sent("on its way", "2026-10-02T12:00:00Z", status="sent", pricing_category="utility"),
        ],
        {},
    ),
}


@pytest.mark.parametrize("name", WORKED)
def test_hand_worked_figures(world: CostWorld, name: str) -> None:
    rows, expected = WORKED[name]
    cases = {row["phone"]: f"c{number}" for number, row in enumerate(rows)}
    rows = [{**row, "case_id": cases[row["phone"]]} for row in rows]
    world.import_rates(zones={"W1": "Asia/Tokyo"})
    world.load([{**CASE, "case_id": case} for case in set(cases.values())], rows)
    assert {line.message_id: line.amount for line in world.agree().values()} == expected


def test_each_figure_says_what_it_is(world: CostWorld) -> None:
    at = "2026-10-02T12:{:02}:00Z".format
    world.import_rates()
    world.load(
        [CASE, {**CASE, "case_id": "c2"}],
        [
            sent("exact", at(0), pricing_category="utility"),
            sent("maximum", at(1), pricing_category="marketing"),
            sent("not told", at(2), billable="", pricing_category="utility"),
            sent("not confirmed", at(3), status="unknown", pricing_category="utility"),
            sent("no price", at(4), pricing_category="referral_conversion"),
            sent("no country", at(5), pricing_category="utility", phone="", case_id="c2"),
            sent("no category", at(6), billable="", kind="hsm"),
            sent("before all rules", "2025-06-30T12:00:00Z", billable=""),
        ],
    )
    found = {line.message_id: (line.certainty, line.reason) for line in world.agree().values()}
    assert found == {
        "exact": ("exact", None),
        "maximum": ("upper_bound", "maximum"),
        "not told": ("upper_bound", "not_told"),
        "not confirmed": ("upper_bound", "not_confirmed"),
        "no price": ("unknown", "no_price"),
        "no country": ("unknown", "no_country"),
        "no category": ("unknown", "no_category"),
        "before all rules": ("unknown", "no_rule"),
    }


def test_places_after_messages_that_may_not_count_are_bounds(world: CostWorld) -> None:
    """Three are free. One is unsure: the fourth sure one may be the third that counts."""
    at = "2026-10-02T12:{:02}:00Z".format
    world.import_rates()
    world.load(
        [CASE], [sent("unsure", at(0), billable=""), *(sent(f"s{n}", at(n + 1)) for n in range(5))]
    )
    lines = world.agree()
    assert [(lines[f"s{n}"].amount, lines[f"s{n}"].reason) for n in range(5)] == [
        *((0, None), (0, None), (42_500, "place"), (42_500, None), (42_500, None)),
    ]


def test_an_hsm_in_an_open_window_is_compared_with_a_service_message(world: CostWorld) -> None:
    hsm = {"kind": "hsm", "template_name": "oi", "pricing_category": "marketing"}
    heard = {"message_id": "i1", "case_id": "c1", "direction": "in", "phone": PHONES[0]}
    world.import_rates()
    world.load(
        [CASE],
        [
            {**heard, "sent_at": "2026-10-02T12:00:00Z"},
            sent("while free", "2026-10-02T12:01:00Z", **hsm),
            *(sent(f"s{n}", f"2026-10-02T12:0{n + 2}:00Z") for n in range(3)),
            sent("all used", "2026-10-02T12:09:00Z", **hsm),
            {**heard, "message_id": "i2", "sent_at": "2026-09-02T12:00:00Z"},
            sent("in september", "2026-09-02T12:01:00Z", **hsm),
            sent("closed", "2026-10-20T12:00:00Z", **hsm),
        ],
    )
    lines = world.agree()
    assert {name: line.extra_amount for name, line in lines.items() if name[0] != "s"} == {
        "while free": 300_000,
        "all used": 300_000 - 42_500,
        "in september": 300_000,
        "closed": None,
    }


# --- whatever happens to the rows -----------------------------------------------------------------


def test_what_is_removed_changes_what_others_cost(world: CostWorld) -> None:
    """Of five service messages three are free: without the first two, all that are left."""
    days = ["2026-10-02", "2026-10-03", "2026-10-10", "2026-10-11", "2026-10-12"]
    world.import_rates()
    world.load([CASE], [sent(f"m{n}", f"{day}T12:00:00Z") for n, day in enumerate(days)])
    assert [line.amount for line in world.found().values()].count(0) == 3
    done = world.here("purge", "--before", "2026-10-10", store=world.store)
    assert done.exit_code == 0, done.stderr
    world.messages = world.messages[2:]
    assert [line.amount for line in world.agree().values()] == [0, 0, 0]
    done = world.here("erase", "--phone", PHONES[0], store=world.store)
    assert done.exit_code == 0, done.stderr
    assert world.found() == {}
    world.rollup_agrees()


def test_prices_stay_when_real_data_replaces_demonstration_data(world: CostWorld) -> None:
    world.store.parent.mkdir()
    assert world.here("demo", "--messages", "2000", store=world.store).exit_code == 0
    world.import_rates()
    assert len(world.found()) > 100
    world.rollup_agrees()
    world.load([CASE], [sent("m1", "2026-10-02T12:00:00Z", pricing_category="utility")])
    assert {line.message_id: line.amount for line in world.agree().values()} == {"m1": 42_500}


def test_without_prices_it_is_known_what_the_provider_told(world: CostWorld) -> None:
    world.load(
        [CASE],
        [
            sent("charged", "2026-10-02T12:00:00Z"),
            sent("free", "2026-10-02T12:01:00Z", billable="false"),
            sent("not told", "2026-10-02T12:02:00Z", billable=""),
        ],
    )
    lines = world.agree()
    assert {name: (line.charge, line.amount) for name, line in lines.items()} == {
        "charged": ("charged", None),
        "free": ("free", 0),
    }


# --- what webhooks tell ---------------------------------------------------------------------------


def test_groups_entry_points_and_customers_without_a_phone(world: CostWorld) -> None:
    """A group is charged for each recipient, and nobody tells how many there are."""
    at = int(datetime(2026, 10, 5, 12, tzinfo=UTC).timestamp())
    regular = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
    entry = {"billable": False, "type": "free_entry_point", "category": "service"}
    told = [
        status("wamid.group", at, "delivered", pricing=regular),
        status("wamid.entry", at + 1, "delivered", pricing=entry),
        status("wamid.hidden", at + 2, "played", pricing=regular, recipient_user_id="PT.77"),
        status("wamid.phone", at + 3, "read", pricing=regular),
    ]
    parts = [one["entry"][0]["changes"][0]["value"]["statuses"][0] for one in told]
    parts[0] |= {"recipient_id": "1203630@g.us", "recipient_type": "group"}
    del parts[2]["recipient_id"]
    world.store.parent.mkdir()
    path = world.store.parent / "told.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in told), encoding="utf-8")
    done = world.here("import-webhooks", path, store=world.store)
    assert done.exit_code == 0, done.output
    world.import_rates()
    found = world.found()
    assert {name: (line.amount, line.reason) for name, line in found.items()} == {
        "wamid.group": (None, "group"),
        "wamid.entry": (0, None),
        "wamid.hidden": (20_001, None),
        "wamid.phone": (42_500, None),
    }
    assert found["wamid.entry"].allowance_place is None
    world.rollup_agrees()
