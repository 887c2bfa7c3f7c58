"""Payloads become the same store in whatever order, how often and in whatever parts they come."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.webhook_world import (
    FIRST,
    HOUR,
    Json,
    check_holds,
    held,
    random_world,
    real_payloads,
    take_in,
)
from tests.oracle.webhooks import expected

pytestmark = pytest.mark.integration


def check_sums(outcome: Any) -> None:
    load = outcome.load
    assert load.rows_in == (
        load.rows_taken + load.rows_superseded + load.rows_kept + load.rows_rejected
    )


def test_all_real_payloads_at_once(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    real = real_payloads()
    outcome = take_in(store, real)
    wanted = expected(real)
    check_holds(store, wanted)
    load = outcome.load
    assert load
    assert (load.rows_in, load.rows_rejected) == (wanted.parts, 0)
    assert (load.rows_taken, load.rows_kept) == (wanted.parts - wanted.kept, wanted.kept)
    assert load.rows_in >= len(real)


def test_each_real_payload_alone(tmp_path: Path) -> None:
    """Each in an account of its own, from which no other account takes anything."""
    store = tmp_path / "s.duckdb"
    real = real_payloads()
    for number, payload in enumerate(real):
        check_sums(take_in(store, [payload], account=f"a{number}"))
    for number, payload in enumerate(real):
        check_holds(store, expected([payload]), f"a{number}")


@pytest.mark.parametrize("seed", range(2))
def test_real_payloads_shuffled_doubled_and_in_parts(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    real = real_payloads()
    order = [*real, *draw.sample(real, len(real) // 2)]
    draw.shuffle(order)
    store = tmp_path / "s.duckdb"
    while order:
        size = draw.choice((1, 3, 10))
        check_sums(take_in(store, order[:size]))
        order = order[size:]
    check_holds(store, expected(real))


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10**6), order=st.randoms(use_true_random=False))
def test_a_random_world_in_any_order_and_in_any_parts(
    tmp_path_factory: pytest.TempPathFactory, seed: int, order: random.Random
) -> None:
    payloads, sends = random_world(seed)
    events = [("payload", one) for one in payloads] + [("send", one) for one in sends]
    events += order.sample(events, len(events) // 4)
    order.shuffle(events)
    store = tmp_path_factory.mktemp("world") / "s.duckdb"
    parts = sorted(order.sample(range(1, len(events)), 3))
    for begin, end in zip([0, *parts], [*parts, len(events)], strict=True):
        part = events[begin:end]
        outcome = take_in(
            store,
            [one for kind, one in part if kind == "payload"],
            [one for kind, one in part if kind == "send"],
        )
        check_sums(outcome)
    check_holds(store, expected(payloads, sends))


def test_what_is_told_again_is_no_new_load(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    payloads, sends = random_world(7)
    first = take_in(store, payloads, sends).load
    before = held(store)
    again = take_in(store, payloads[1:], sends).load
    assert first
    assert again
    assert again.load_id == first.load_id
    assert (again.cases_written, again.messages_written, again.rows_kept) == (0, 0, 0)
    assert held(store) == before


def test_a_user_id_that_comes_to_stand_for_another_phone(tmp_path: Path) -> None:
    """The messages without a phone move along, and the sessions of both phones are worked out."""

    def told(name: str, hours: int, phone: str | None) -> Json:
        part = {
            "id": name,
            "timestamp": str(FIRST + hours * HOUR),
            "type": "text",
            "from": phone,
            "from_user_id": "BR.9",
            "text": {"body": "oi"},
        }
        number = {"display_phone_number": "555133334444", "phone_number_id": "71"}
        change = {"field": "messages", "value": {"metadata": number, "messages": [part]}}
        return {"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": [change]}]}

    payloads = [
        told("wamid.1", 0, None),
        told("wamid.2", 1, "5511987654321"),
        told("wamid.3", 100, "5511900001111"),
    ]
    store = tmp_path / "s.duckdb"
    for payload in payloads:
        take_in(store, [payload])
    check_holds(store, expected(payloads))
