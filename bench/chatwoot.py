"""``python -m bench.chatwoot``: what a sync with a large Chatwoot takes, and that kills do no harm.

A PostgreSQL is started with Chatwoot's tables, and filled by one statement a table. Printed are
time and memory of the full copy, of a look without anything new, and of one after changes. With
``--kills`` the copy is also killed so often at random moments, and its store compared.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Final

import duckdb

from bench.processes import environment, run, running_server
from tests.chatwoot import Chatwoot, new_chatwoot
from tests.services import postgresql_server

#: Messages of one conversation, on average.
_CONVERSATION_MESSAGES: Final = 12
_CHANGES: Final = 1_000
_FRESH_MESSAGES: Final = 20
_FILL: Final = """
insert into accounts (name) values ('Empresa');
insert into users (name) select 'Agente ' || i from generate_series(1, 200) i;
insert into teams (name) select 'Equipe ' || i from generate_series(1, 10) i;
insert into channel_whatsapp (phone_number) values ('+551130001000');
insert into inboxes (account_id, name, channel_type, channel_id)
    values (1, 'Suporte', 'Channel::Whatsapp', 1);
insert into contacts (account_id, name, phone_number, updated_at)
    select 1, 'Cliente ' || i, '+5511' || 900000000 + i, '2025-01-01'
    from generate_series(1, {contacts}) i;
insert into contact_inboxes (contact_id, inbox_id, source_id)
    select i, 1, '5511' || 900000000 + i from generate_series(1, {contacts}) i;
insert into conversations (account_id, inbox_id, contact_id, contact_inbox_id, display_id, status,
        team_id, cached_label_list, created_at, updated_at)
    select 1, 1, i % {contacts} + 1, i % {contacts} + 1, i, i % 2, i % 10 + 1, 'rótulo ' || i % 7,
        timestamp '2025-01-01' + i * interval '400 seconds',
        timestamp '2025-01-01' + i * interval '400 seconds'
    from generate_series(1, {conversations}) i;
insert into messages (account_id, inbox_id, conversation_id, message_type, status, content,
        source_id, sender_type, sender_id, created_at, updated_at)
    select 1, 1, i / {per} + 1, i % 2, i % 3, 'Mensagem ' || i || repeat(' de suporte', i % 20),
        'wamid.' || i, case when i % 2 = 1 then 'User' end, i % 200 + 1,
        timestamp '2025-01-01' + i * interval '33 seconds',
        timestamp '2025-01-01' + i * interval '33 seconds'
    from generate_series(1, {messages}) i;
insert into reporting_events (name, account_id, conversation_id, created_at)
    select 'conversation_resolved', 1, id, updated_at from conversations where status = 1;
create index on messages (updated_at);
create index on conversations (updated_at);
create index on contacts (updated_at);
analyze;
"""
#: What is compared of two stores: all that does not depend on the order of loads.
_CONTENT: Final = """
select count(*), sum(hash(m.account, message_id, case_id, status, body, phone, sent_at, seq,
    session_type, m.agent))::hugeint
from messages m join cases c using (case_key)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=0)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="bench-chatwoot-") as folder,
        postgresql_server() as server,
        new_chatwoot(server, "bench") as chatwoot,
    ):
        _fill(chatwoot, arguments.messages)
        store = Path(folder) / "whole" / "consumo.duckdb"
        _measure(chatwoot, store)
        if arguments.kills:
            _kill(chatwoot, store, Path(folder) / "killed" / "consumo.duckdb", arguments.kills)


def _fill(chatwoot: Chatwoot, messages: int) -> None:
    conversations = messages // _CONVERSATION_MESSAGES + 1
    values = {
        "messages": messages,
        "conversations": conversations,
        "contacts": conversations * 2 // 3 + 1,
        "per": _CONVERSATION_MESSAGES,
    }
    for statement in _FILL.format(**values).split(";"):
        if statement.strip():
            chatwoot.execute(statement.replace("%", "%%"))


def _measure(chatwoot: Chatwoot, store: Path) -> None:
    _print("full copy, with a comparison of all ids", chatwoot, store)
    _print("a look without anything new", chatwoot, store)
    chatwoot.execute(
        "update messages set status = 2, updated_at = now() at time zone 'UTC' where id <= %s",
        _CHANGES,
    )
    _print(f"{_CHANGES:,} changed messages", chatwoot, store)
    _measure_freshness(chatwoot, store)


def _measure_freshness(chatwoot: Chatwoot, store: Path) -> None:
    """Print how long after its commit a message is in the answers of a server, with a sync beside.

    The sync looks every two seconds, as docs/chatwoot.md recommends.
    """
    command = [*_command(chatwoot), "--every", "2s"]
    log = store.with_name("sync.txt").open("wb")
    with log, running_server(store, store.parent) as server:
        sync = subprocess.Popen(command, env=environment(store), stdout=log, stderr=log)
        try:
            _seconds_to_page(chatwoot, server.address)  # until both are warm
            seconds = [_seconds_to_page(chatwoot, server.address) for _ in range(_FRESH_MESSAGES)]
        finally:
            sync.terminate()
            sync.wait()
    middle, most = statistics.median(seconds), max(seconds)
    print(f"from commit to answer: {middle:.1f} s in the middle, {most:.1f} s at most", flush=True)


def _seconds_to_page(chatwoot: Chatwoot, address: str) -> float:
    query = "period=today&page_size=1"
    before = _total(address, query)
    chatwoot.execute(
        """insert into messages (account_id, inbox_id, conversation_id, message_type, content,
            created_at, updated_at)
        values (1, 1, 1, 0, 'x', now() at time zone 'UTC', now() at time zone 'UTC')"""
    )
    begun = time.perf_counter()
    while _total(address, query) == before:
        time.sleep(0.05)
    return time.perf_counter() - begun


def _total(address: str, query: str) -> int:
    with urllib.request.urlopen(f"{address}/api/v1/panels/details?{query}") as answer:
        return int(json.load(answer)["total"])


def _print(what: str, chatwoot: Chatwoot, store: Path) -> None:
    store.parent.mkdir(exist_ok=True)
    usage = run(_command(chatwoot), environment(store), store.with_name("log.txt"))
    print(f"{what}: {usage.seconds:.1f} s, {usage.peak_megabytes:,.0f} MB at most", flush=True)


def _command(chatwoot: Chatwoot) -> list[str]:
    return [sys.executable, "-m", "app", "sync", "chatwoot", "--url", chatwoot.address]


def _kill(chatwoot: Chatwoot, whole: Path, store: Path, kills: int) -> None:
    """Kill a copy so often at random moments, let it end, and compare its store with ``whole``."""
    rng = random.Random(14)
    store.parent.mkdir()
    begun = time.perf_counter()
    for _ in range(kills):
        process = subprocess.Popen(
            _command(chatwoot),
            env=environment(store),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(rng.uniform(0.5, 6))
        process.send_signal(signal.SIGKILL)
        process.wait()
    run(_command(chatwoot), environment(store), store.with_name("log.txt"))
    seconds = time.perf_counter() - begun
    same = _content(store) == _content(whole)
    print(f"{kills} kills, then to the end: {seconds:.1f} s; the store is the same: {same}")
    if not same:
        os._exit(1)


def _content(store: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute(_CONTENT).fetchall()


if __name__ == "__main__":
    main()
