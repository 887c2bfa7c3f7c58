"""A writer and servers that read what it publishes, as processes of their own.

The writers are killed at any moment: readers see whole versions, and nothing that was handed in is
lost.
"""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.conftest import ALWAYS, ROOT, environment, until
from tests.integration.published_world import MESSAGES, World, done, kill_writers, messages, metric
from tests.published import reading

pytestmark = pytest.mark.integration

#: ClickHouse inside a process cannot be shared by several processes.
KINDS = ("files", "postgresql")
KILLS = 3


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    store = tmp_path / "work" / "work.duckdb"
    store.parent.mkdir()
    settings = reading(
        request.param, store, lambda: request.getfixturevalue("postgresql"), publish_seconds=0.1
    )
    return World(settings, store)


def test_what_is_imported_is_loaded_by_the_writer_and_seen_by_readers(world: World) -> None:
    with world.page("/healthz") as page:
        # Nothing is published yet: the page is up and says so.
        status, ready = page.get("/readyz")
        assert (status, ready["store"]) == (503, False)
        assert page.get("/api/v1/panels/cases", ALWAYS)[0] == 503
        with world.writer() as writer:
            assert str(world.store) in done(world.hand_in(1))
            until(lambda: page.get("/readyz")[0] == 200, "a published store")
            until(lambda: messages(page) == 40, "the first load")
            done(world.hand_in(2))
            until(lambda: messages(page) == 80, "the second load")
            assert metric(writer, "consumo_writer") == 1
            until(lambda: metric(writer, "consumo_published_load_id") == 2, "its number")
            assert metric(writer, "consumo_publish_lag_seconds") == 0
            assert metric(writer, "consumo_publish_failures_total") == 0
        # Without a writer readers go on.
        assert messages(page) == 80
        assert metric(page, "consumo_silent_seconds") == 0
        age = metric(page, "consumo_published_age_seconds")
        assert age is not None
        assert age > 0


def test_commands_without_the_writers_store_say_what_to_set(world: World) -> None:
    for command in (["demo"], ["backup", "copy.duckdb"], ["check"], ["writer"]):
        variables = {**world.environment}
        del variables["CONSUMO_WORK_URL"]
        run = subprocess.run(
            [sys.executable, "-m", "app", *command],
            cwd=ROOT,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 2
        assert "CONSUMO_WORK_URL" in run.stderr
        assert len(run.stderr.strip().splitlines()) == 1


def test_a_writer_needs_a_place_to_publish_to(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "app", "writer"],
        cwd=ROOT,
        env=environment(tmp_path / "consumo.duckdb"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.strip().startswith("CONSUMO_STORE_URL names no published store")


def test_a_second_writer_waits_and_takes_over_after_a_crash(world: World) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(world.writer())
        done(world.hand_in(1))
        page = stack.enter_context(world.page())
        second = stack.enter_context(world.writer("/healthz"))
        status, ready = second.get("/readyz")
        assert (status, ready["writer"]) == (503, False)
        assert metric(second, "consumo_writer") == 0
        first.process.kill()
        first.process.wait()
        until(lambda: second.get("/readyz")[0] == 200, "the second writer's turn")
        done(world.hand_in(2))
        until(lambda: messages(page) == 80, "a load by the second writer")


def test_a_writer_that_is_stopped_lets_the_next_one_in_at_once(world: World) -> None:
    with world.writer() as first, world.writer("/healthz") as second:
        first.end()
        until(lambda: second.get("/readyz")[0] == 200, "the second writer's turn")


def test_kills_at_any_moment_lose_nothing_and_show_nothing_half(world: World) -> None:
    seen = kill_writers(world, KILLS)
    # One load is one case with 40 messages: a half one would be another number.
    assert all(number % MESSAGES == 0 for number in seen)
