"""The state of the sources against counts of the rows that the test itself hands in."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.reader import Reader
from queries.source_states import Sources, SourceState
from queries.user_scope import EVERYTHING, Scope
from queries.vocabulary import RECEIVER, WEBHOOK_FILES
from sources.inbox import HandIn, copy_files
from sources.webhooks.told_parts import PAYLOADS, WEBHOOKS
from tests.integration.conftest import Here, owner_of, until, write_csv
from tests.integration.test_webhooks_and_portal import TOLD

pytestmark = pytest.mark.integration

CASES = """case_id,person_name,channel,case_type,opened_at
    c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z"""
HEAD = "message_id,case_id,direction,sent_at"
#: Kinds of payloads that are of no use yet; each is one part.
UNUSED = ("account_alerts", "account_alerts", "message_template_status_update")


@contextmanager
def opened(store: Path, ahead: timedelta = timedelta(0)) -> Iterator[tuple[FlaskClient, Reader]]:
    """Run an app on ``store``, whose clock is ``ahead``."""
    app = create_app(
        Settings(store_url=f"duckdb:///{store}"), clock=lambda: datetime.now(UTC) + ahead
    )
    with closing(parts_of(app)):
        client = app.test_client()
        until(lambda: client.get("/readyz").status_code == 200, "the open store")
        yield client, parts_of(app).reader


def sources_of(reader: Reader) -> Sources:
    found = reader.sources(Scope())
    assert found
    return found


def state_of(reader: Reader, name: str) -> SourceState:
    return {source.name: source for source in sources_of(reader).sources}[name]


def counts(source: SourceState) -> dict[str, int]:
    sums = source.sums
    return {
        "taken": sums.taken,
        "superseded": sums.superseded,
        "kept": sums.kept,
        "rejected": sums.rejected,
    }


def scraped(client: FlaskClient) -> dict[tuple[str, str, str], float]:
    """Return the samples of sources by name, source and result."""
    families = text_string_to_metric_families(client.get("/metrics").get_data(as_text=True))
    return {
        (sample.name, sample.labels["source"], sample.labels.get("result", "")): sample.value
        for family in families
        for sample in family.samples
        if "source" in sample.labels
    }


def random_messages(rng: random.Random) -> tuple[str, Counter[str]]:
    """Return a file of messages, and what must become of its rows."""
    lines, kinds, ids = [HEAD], Counter[str](), []
    for place in range(rng.randint(5, 30)):
        kind = rng.choice(("taken", "superseded", "rejected"))
        if kind == "superseded" and ids:
            # The earlier row of this id is the one that is superseded.
            lines.append(f"{rng.choice(ids)},c1,in,2026-11-01T12:00:{place:02}Z")
        elif kind == "rejected":
            lines.append(f"r{place},unknown,in,2026-11-01T12:00:{place:02}Z")
        else:
            kind = "taken"
            ids.append(f"m{rng.random()}")
            lines.append(f"{ids[-1]},c1,in,2026-11-01T12:00:{place:02}Z")
        kinds[kind] += 1
    return "\n".join(lines), kinds


def take_in(store: Path, what: HandIn, files: Mapping[str, Path]) -> None:
    """Load ``files`` as the owner of the store does."""
    owner = owner_of(store)
    owner.inbox.hand_in(what, copy_files(files))
    owner.open()
    with closing(owner):
        owner.take_in()


def jsonl(path: Path, payloads: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in payloads))
    return path


def test_the_sums_are_those_of_the_rows_that_were_handed_in(
    store: Path, here: Here, tmp_path: Path
) -> None:
    rng = random.Random(14)
    wanted: Counter[str] = Counter()
    newest: Counter[str] = Counter()
    here("import", "--cases", write_csv(tmp_path / "cases.csv", CASES), store=store)
    wanted["taken"] += 1
    for number in range(4):
        text, newest = random_messages(rng)
        wanted += newest
        done = here(
            "import", "--messages", write_csv(tmp_path / f"{number}.csv", text), store=store
        )
        assert f"Load {number + 2}:" in done.output, done.output
    with opened(store) as (client, reader):
        files = state_of(reader, "files")
        assert counts(files) == {**dict.fromkeys(("superseded", "kept", "rejected"), 0), **wanted}
        assert files.sums.read == wanted.total()
        assert files.loads == 5
        assert files.newest
        assert files.newest.sums.read == newest.total()
        assert [load.load_id for load in sources_of(reader).newest] == [5, 4, 3, 2, 1]
        found = scraped(client)
        for result, count in counts(files).items():
            assert found["consumo_source_rows_total", "files", result] == count
        assert found["consumo_source_load_seconds", "files", ""] > 0
        assert found["consumo_source_failing", "files", ""] == 0


def test_only_the_newest_loads_are_named(store: Path, here: Here, tmp_path: Path) -> None:
    for number in range(12):
        cases = CASES.replace("c1", f"c{number}")
        here("import", "--cases", write_csv(tmp_path / f"{number}.csv", cases), store=store)
    with opened(store) as (_client, reader):
        assert [load.load_id for load in sources_of(reader).newest] == list(range(12, 2, -1))
        assert state_of(reader, "files").loads == 12


def test_webhooks_are_told_apart_by_how_they_came_and_what_is_kept_by_kind(
    store: Path, tmp_path: Path, here: Here
) -> None:
    unused = [
        {"object": "whatsapp_business_account", "entry": [
            {"id": "9", "changes": [{"field": kind, "value": {"number": number}}]}]}
        for number, kind in enumerate(UNUSED)
    ]  # fmt: skip
    told = jsonl(tmp_path / "told.jsonl", TOLD)
    assert here("import-webhooks", told, store=store).exit_code == 0
    received = HandIn(WEBHOOKS, "default", demo=False, updates=True, name=RECEIVER)
    take_in(store, received, {PAYLOADS: jsonl(tmp_path / "unused.jsonl", unused)})
    with opened(store) as (_client, reader):
        found = sources_of(reader)
        assert [source.name for source in found.sources] == [WEBHOOK_FILES, RECEIVER]
        assert counts(state_of(reader, RECEIVER))["kept"] == len(UNUSED)
        kept = Counter(UNUSED)
        assert {kind: found.kept[kind] for kind in kept} == kept
        for source in found.sources:
            assert sum(counts(source).values()) == source.sums.read


def test_a_refused_load_is_noted_without_its_text_and_over_after_the_next(
    store: Path, here: Here, tmp_path: Path
) -> None:
    here("import", "--cases", write_csv(tmp_path / "cases.csv", CASES), store=store)
    for name in ("Ana Souza", "Ana Lima"):
        broken = write_csv(tmp_path / "broken.csv", f"{name},WhatsApp")
        take_in(store, HandIn("files", "default", demo=False), {"cases": broken})
    with opened(store) as (client, reader):
        files = state_of(reader, "files")
        assert files.refusal
        assert files.open_refusal == files.refusal
        assert (files.refusal.count, files.refusal.reason) == (2, "unreadable")
        assert files.loads == 1
        found = scraped(client)
        assert found["consumo_source_refused_loads_total", "files", ""] == 2
        assert found["consumo_source_failing", "files", ""] == 1
    here(
        "import",
        "--cases",
        write_csv(tmp_path / "more.csv", CASES.replace("c1", "c2")),
        store=store,
    )
    with opened(store) as (client, reader):
        assert state_of(reader, "files").open_refusal is None
        assert scraped(client)["consumo_source_failing", "files", ""] == 0


def test_what_a_source_notes_is_seen_at_once_though_no_data_came(
    store: Path, here: Here, tmp_path: Path
) -> None:
    here("import", "--cases", write_csv(tmp_path / "cases.csv", CASES), store=store)
    with opened(store, ahead=timedelta(hours=2)) as (client, reader):
        assert [source.name for source in sources_of(reader).sources] == ["files"]
        version = reader.version(EVERYTHING)
        now = datetime.now(UTC)
        note(store, "chatwoot", {"fault": "the portal's database cannot be reached"})
        until(lambda: len(sources_of(reader).sources) == 2, "what was noted")
        assert scraped(client)["consumo_source_failing", "chatwoot", ""] == 1
        state = {
            "fault": None,
            "synced_until": now.isoformat(),
            "reconciled_until": "2026-11-26T10:00:00.123Z",
            "compared": {"late_rows": 3, "missing_rows": 9, "removed_rows": 2},
        }
        note(store, "chatwoot", state)
        until(lambda: state_of(reader, "chatwoot").last_success_at, "what was noted")
        noted = state_of(reader, "chatwoot").noted
        assert noted
        assert noted.synced_until == now
        assert noted.fault is None
        assert noted.reconciled_until == datetime(2026, 11, 26, 10, 0, 0, 123_000, UTC)
        assert noted.compared
        assert (noted.compared.late, noted.compared.removed, noted.compared.left) == (3, 2, 0)
        found = scraped(client)
        # The clock of this app is two hours ahead.
        assert 7_200 <= found["consumo_source_lag_seconds", "chatwoot", ""] < 7_800
        assert found["consumo_source_last_success_timestamp_seconds", "chatwoot", ""] == (
            pytest.approx(now.timestamp())
        )
        assert reader.version(EVERYTHING) == version


@pytest.mark.parametrize("state", ["no JSON", "[1]", '{"synced_until": 5, "compared": 3}'])
def test_a_state_that_says_nothing_known_does_no_harm(
    store: Path, here: Here, tmp_path: Path, state: str
) -> None:
    here("import", "--cases", write_csv(tmp_path / "cases.csv", CASES), store=store)
    with opened(store) as (_client, reader):
        owner_of(store).inbox.hand_in(HandIn.to_note("odd", state), lambda _folder: {})
        until(lambda: len(sources_of(reader).sources) == 2, "what was noted")
        odd = state_of(reader, "odd")
        assert odd.last_success_at is None
        assert not odd.is_failing


def test_demonstration_data_that_is_gone_is_no_source(
    store: Path, here: Here, tmp_path: Path
) -> None:
    here("demo", "--messages", "100", store=store)
    with opened(store) as (_client, reader):
        assert [source.name for source in sources_of(reader).sources] == ["demo"]
    here("import", "--cases", write_csv(tmp_path / "cases.csv", CASES), store=store)
    with opened(store) as (_client, reader):
        found = sources_of(reader)
        assert [source.name for source in found.sources] == ["files"]
        assert [load.name for load in found.newest] == ["files"]


def note(store: Path, name: str, state: Mapping[str, object]) -> None:
    """Hand in what a source notes, for the app that owns the store."""
    owner_of(store).inbox.hand_in(HandIn.to_note(name, json.dumps(state)), lambda _folder: {})
