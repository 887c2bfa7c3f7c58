"""``python -m bench.freshness``: how long after an event its number is on an open page.

Events reach the receiver of webhooks, or are committed in a Chatwoot that is copied beside the
server. Everything is at its default settings; the page is in a real browser, and nothing is
pressed. Printed is the median, and the longest time, of each part of the way.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from bench.browser import chromium_browser
from bench.processes import Server, environment, running_process
from tests.chatwoot import Chatwoot, new_chatwoot
from tests.chromium import find_chromium
from tests.services import postgresql_server
from tests.webhooks import send_message

_SECRET: Final = "0123456789abcdef0123456789abcdef"
_PATIENCE_MS: Final = 60_000
#: The shortest and longest pause between events, which come at any point of the timers' beats.
_PAUSE_SECONDS: Final = (0.5, 4.5)
_CHATWOOT: Final = """
insert into accounts (name) values ('Empresa');
insert into channel_whatsapp (phone_number) values ('+551130001000');
insert into inboxes (account_id, name, channel_type, channel_id)
    values (1, 'Suporte', 'Channel::Whatsapp', 1);
insert into contacts (account_id, name, phone_number, updated_at)
    values (1, 'Cliente', '+5511900000000', now() at time zone 'UTC');
insert into contact_inboxes (contact_id, inbox_id, source_id) values (1, 1, '5511900000000');
insert into conversations (account_id, inbox_id, contact_id, contact_inbox_id, display_id, status,
        created_at, updated_at)
    values (1, 1, 1, 1, 1, 0, now() at time zone 'UTC', now() at time zone 'UTC')
"""
_MESSAGE: Final = """
insert into messages (account_id, inbox_id, conversation_id, message_type, content, created_at,
        updated_at)
    values (1, 1, 1, 0, 'x', now() at time zone 'UTC', now() at time zone 'UTC')
"""


@dataclass(frozen=True, slots=True)
class _Stage:
    """A server, and a page of it that shows the messages of today."""

    server: Server
    page: Page

    def shown(self) -> str:
        """Return the number of messages that the page shows."""
        return self.page.inner_text("#details-total")

    def seconds_to_page(self, happen: Callable[[], object]) -> float:
        """Let something happen, and return how long after it the page shows another number."""
        before = self.shown()
        happen()
        begun = time.perf_counter()
        self.page.wait_for_function(
            "before => document.querySelector('#details-total').innerText !== before",
            arg=before,
            timeout=_PATIENCE_MS,
        )
        return time.perf_counter() - begun

    def seconds_to_store(self, happen: Callable[[], object]) -> float:
        """Let something happen, and return how long after it the server's answers have it."""
        before = self._total()
        happen()
        begun = time.perf_counter()
        while self._total() == before:
            time.sleep(0.02)
        return time.perf_counter() - begun

    def _total(self) -> int:
        address = f"{self.server.address}/api/v1/panels/details?period=today&page_size=1"
        with urllib.request.urlopen(address) as answer:
            return int(json.load(answer)["total"])


def main() -> None:
    """Measure both ways, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.freshness", description=__doc__)
    parser.add_argument("--events", type=int, default=15, help="how many of each kind are measured")
    events = parser.parse_args().events
    chromium = find_chromium()
    if chromium is None:
        sys.exit("no Chromium: make services installs one")
    with (
        tempfile.TemporaryDirectory(prefix="bench-freshness-") as folder,
        chromium_browser(chromium) as browser,
        _server(Path(folder)) as server,
    ):
        page = browser.new_page()
        sender = _Sender(server)
        sender.send()
        page.goto(f"{server.address}/?period=today")
        page.wait_for_selector("#panel-details.state-ready", timeout=_PATIENCE_MS)
        stage = _Stage(server, page)
        _measure("webhook", stage, sender.send, events)
        with postgresql_server() as postgresql, new_chatwoot(postgresql, "fresh") as chatwoot:
            for statement in _CHATWOOT.split(";"):
                chatwoot.execute(statement)
            _measure_chatwoot(stage, chatwoot, Path(folder), events)


def _measure_chatwoot(stage: _Stage, chatwoot: Chatwoot, folder: Path, events: int) -> None:
    """Measure with a sync beside the server that looks every two seconds, as the documents have."""
    sync = [sys.executable, "-m", "app", "sync", "chatwoot", "--url", chatwoot.address]
    with (folder / "sync.log").open("wb") as log:
        process = subprocess.Popen(
            [*sync, "--every", "2s"], env=environment(_store(folder)), stdout=log, stderr=log
        )
        try:
            _measure("commit in Chatwoot", stage, lambda: chatwoot.execute(_MESSAGE), events)
        finally:
            process.terminate()
            process.wait()


def _measure(name: str, stage: _Stage, happen: Callable[[], object], events: int) -> None:
    rng = random.Random(len(name))
    stage.seconds_to_page(happen)  # until all is warm
    for what, seconds_of in (("store", stage.seconds_to_store), ("page", stage.seconds_to_page)):
        seconds = []
        for _ in range(events):
            time.sleep(rng.uniform(*_PAUSE_SECONDS))
            seconds.append(seconds_of(happen))
        middle = statistics.median(seconds)
        print(
            f"{name} to {what}: median {middle:.1f} s, longest {max(seconds):.1f} s",
            flush=True,
        )


class _Sender:
    """Sends webhooks to ``server``, each with one message of the present second."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sent = 0

    def send(self) -> None:
        """Send the next one; when this returns it was answered."""
        self._sent += 1
        send_message(self._server.address, self._sent, _SECRET)


def _store(folder: Path) -> Path:
    return folder / "consumo.duckdb"


def _server(folder: Path) -> AbstractContextManager[Server]:
    settings = {"CONSUMO_WEBHOOK_APP_SECRET": _SECRET, "CONSUMO_WEBHOOK_VERIFY_TOKEN": _SECRET}
    return running_process(
        [sys.executable, "-m", "app", "serve", "--port", "{port}"],
        environment(_store(folder)) | settings,
        "/readyz",
        folder / "server.log",
    )


if __name__ == "__main__":
    main()
