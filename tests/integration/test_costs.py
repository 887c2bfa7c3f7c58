"""What messages cost: hand-worked figures, and random loads by an independent computation."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.conftest import Here
from tests.integration.cost_world import PRICES, RULES_2026, CostWorld, Rows

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
