"""``python -m bench.webhooks``: WhatsApp sends events to a server that is killed now and then.

Prints how long the answers took, how long after the last event all were loaded, and whether every
event that was answered is in the store exactly once. Ends with 1 where one is not.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import duckdb

from bench.processes import Server, environment, running_process
from tests.webhooks import signature

_SECRET: Final = "0123456789abcdef0123456789abcdef"
_PATH: Final = "/webhooks/whatsapp"
_SENDERS: Final = 16
#: Each customer writes so many messages, then the next one begins.
_MESSAGES_OF_ONE: Final = 5
_FIRST: Final = 1_760_000_000
#: The server is killed after this share of a round.
_KILLED_AFTER: Final = 0.95
_PATIENCE_SECONDS: Final = 120.0


@dataclass
class Sent:
    """What became of the events: answered or not, and the milliseconds of each answer."""

    answered: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    answers_ms: list[float] = field(default_factory=list)


def main() -> None:
    """Run the load that the arguments describe, and print the results."""
    parser = argparse.ArgumentParser(prog="python -m bench.webhooks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long events are sent")
    parser.add_argument("--rate", type=int, default=500, help="events a second")
    parser.add_argument("--kills", type=int, default=5, help="how often the server is killed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        is_whole = measure(Path(folder), given.seconds, given.rate, given.kills)
    sys.exit(0 if is_whole else 1)


def measure(folder: Path, seconds: float, rate: int, kills: int) -> bool:
    """Send events, print what was measured, and return whether none is lost or there twice."""
    store = folder / "consumo.duckdb"
    sent = Sent()
    numbers = count()
    delay = 0.0
    for number in range(kills + 1):
        with _receiver(store, folder) as server:
            round_seconds = seconds / (kills + 1)
            if number < kills:
                # Events are under way then, and those after it find nobody.
                threading.Timer(_KILLED_AFTER * round_seconds, _kill, (server.pid,)).start()
            _send(server, sent, numbers, rate, round_seconds)
            if number == kills:
                delay = _seconds_until_loaded(server, store)
    ids = _stored_ids(store)
    lost, doubled = sent.answered - set(ids), len(ids) - len(set(ids))
    strange = set(ids) - sent.answered - sent.unanswered
    total = len(sent.answered) + len(sent.unanswered)
    print(f"{total:,} events sent at {rate}/s, {kills} kills, {len(sent.answered):,} answered")
    for share in (0.5, 0.9, 0.99, 0.999):
        print(f"answer p{100 * share:g}: {_quantile(sent.answers_ms, share):.1f} ms")
    print(f"{delay:.1f} s after the last event all were loaded")
    print(f"lost {len(lost)}, there twice {doubled}, never sent {len(strange)}")
    return not (lost or doubled or strange)


def _receiver(store: Path, folder: Path) -> AbstractContextManager[Server]:
    settings = {
        "CONSUMO_WEBHOOK_APP_SECRET": _SECRET,
        "CONSUMO_WEBHOOK_VERIFY_TOKEN": _SECRET,
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "{port}"]
    log = folder / "server.log"
    return running_process(command, environment(store) | settings, "/readyz", log)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _send(server: Server, sent: Sent, numbers: "count[int]", rate: int, seconds: float) -> None:
    """Send ``rate`` events a second for ``seconds``, at their times whatever the answers take."""
    begun = time.perf_counter()
    places = iter(range(int(rate * seconds)))
    lock = threading.Lock()

    def work() -> None:
        connection = HTTPConnection(urlsplit(server.address).netloc, timeout=10)
        while True:
            with lock:
                place, number = next(places, None), next(numbers)
            if place is None:
                break
            time.sleep(max(0.0, begun + place / rate - time.perf_counter()))
            _send_one(connection, sent, number, begun + place / rate)
        connection.close()

    senders = [threading.Thread(target=work) for _ in range(_SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


def _send_one(connection: HTTPConnection, sent: Sent, number: int, due: float) -> None:
    """Send the event ``number``; its answer is timed from when it was ``due``."""
    name = f"wamid.{number}"
    body = _event(name, number)
    signed = signature(body, _SECRET)
    headers = {"X-Hub-Signature-256": signed, "Content-Type": "application/json"}
    is_answered = False
    with suppress(OSError, HTTPException):
        connection.request("POST", _PATH, body, headers)
        response = connection.getresponse()
        response.read()
        is_answered = response.status == 200
    if is_answered:
        sent.answered.add(name)
        sent.answers_ms.append((time.perf_counter() - due) * 1000)
    else:
        sent.unanswered.add(name)
        connection.close()


def _event(name: str, number: int) -> bytes:
    phone = f"55119{number // _MESSAGES_OF_ONE:08d}"
    message = {
        "id": name,
        "from": phone,
        "timestamp": str(_FIRST + number),
        "type": "text",
        "text": {"body": "Bom dia, gostaria de saber do meu pedido."},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551133334444", "phone_number_id": "71"},
        "contacts": [{"wa_id": phone, "profile": {"name": f"Cliente {phone[-4:]}"}}],
        "messages": [message],
    }
    entry = {"id": "9", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def _seconds_until_loaded(server: Server, store: Path) -> float:
    """Wait until nothing of the journal and of the inbox waits, and return how long it took."""
    begun = time.perf_counter()
    journal = store.with_name(f"{store.name}.webhooks")
    until = begun + _PATIENCE_SECONDS
    while list(journal.glob("*.jsonl")) and time.perf_counter() < until:
        time.sleep(0.05)
    with urllib.request.urlopen(f"{server.address}/readyz", timeout=10):
        return time.perf_counter() - begun


def _stored_ids(store: Path) -> list[str]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return [
            name for (name,) in connection.execute("select message_id from messages").fetchall()
        ]


def _quantile(samples: Sequence[float], share: float) -> float:
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
