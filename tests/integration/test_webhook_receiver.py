"""The receiver on the real server: what it answers, what it keeps, and what a kill costs."""

import contextlib
import http.server
import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from sources.inbox import Inbox
from sources.webhooks.journal import Journal, Record
from tests import webhooks
from tests.integration.conftest import (
    PATIENCE_SECONDS,
    Server,
    free_port,
    owner_of,
    running_server,
    until,
)
from tests.integration.raw import ask
from tests.integration.test_webhooks_and_portal import TOLD, status, written
from tests.integration.webhook_world import FIRST, check_holds, real_payloads
from tests.oracle.webhooks import expected

pytestmark = pytest.mark.integration

SECRET = "0123456789abcdef0123456789abcdef"
VERIFY = "a-verify-token-of-ours"
SETTINGS = {"webhook_app_secret": SECRET, "webhook_verify_token": VERIFY}
PATH = "/webhooks/whatsapp"


def signature(body: bytes, secret: str = SECRET) -> str:
    return webhooks.signature(body, secret)


def post(server: Server, body: bytes, signed: str | None = None, **headers: str) -> int:
    """Send ``body`` and return the status; it is signed as WhatsApp does unless ``signed``."""
    given = {"X-Hub-Signature-256": signature(body) if signed is None else signed, **headers}
    request = Request(server.url + PATH, data=body, headers=given, method="POST")
    try:
        with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return int(error.code)


def encoded(payload: Any) -> bytes:
    return json.dumps(payload).encode()


def is_loaded(server: Server, messages: int) -> bool:
    return bool(server.panel("details", page_size=1)["total"] == messages)


def load_rest(store: Path) -> None:
    """Hand in and load what a killed server left."""
    with running_server(store, **SETTINGS):
        folder = store.with_name(f"{store.name}.webhooks")
        until(lambda: not list(folder.glob("*.jsonl")), "the load of the journal")
        until(lambda: not Inbox(store).waiting(), "the load of all hand-ins")


@pytest.fixture
def made(store: Path) -> Path:
    """Return the path of a store without data."""
    store.parent.mkdir()
    return store


# --- answers --------------------------------------------------------------------------------------


def test_events_become_messages_and_are_counted(made: Path) -> None:
    with running_server(made, **SETTINGS) as server:
        for payload in [*TOLD, *TOLD]:
            assert post(server, encoded(payload)) == 200
        until(lambda: is_loaded(server, 4), "the load of the events")
        until(lambda: metric(server, "consumo_webhook_journal_bytes") == 0, "the empty journal")
        assert metric(server, "consumo_webhook_received_total") == 2 * len(TOLD)
        assert metric(server, "consumo_webhook_newest_age_seconds") >= 0
        assert metric(server, "consumo_webhook_seconds_count") == 2 * len(TOLD)
    check_holds(made, expected(TOLD))


def metric(server: Server, name: str) -> float:
    with urlopen(f"{server.url}/metrics", timeout=PATIENCE_SECONDS) as answer:
        found = [
            line.split(" ")[1]
            for line in answer.read().decode().splitlines()
            if line.startswith(f"{name} ")
        ]
    assert found, name
    return float(found[0])


def test_what_is_refused_leaves_no_trace(made: Path) -> None:
    body = encoded(TOLD[0])
    large = encoded({**TOLD[0], "x": "a" * (3 * 2**20)})
    with running_server(made, **SETTINGS) as server:
        for signed in (
            "",
            "sha256=",
            signature(b"x"),
            signature(body, "another secret"),
            "ü",
            signature(body)[7:],
            signature(body).upper(),
        ):
            assert post(server, body, signed.encode("utf-8").decode("latin-1")) == 401, signed
        assert post(server, large) == 413
        # The web server's own limit comes before any of ours.
        assert post(server, b"a" * (5 * 2**20)) == 413
        for malformed in (b"", b"{", b"[]", b"5", b"\xff\xfe", b"null", b"[" * 100_000):
            assert post(server, malformed) == 400, malformed[:10]
        folder = made.with_name(f"{made.name}.webhooks")
        assert not list(folder.iterdir())
        assert not Inbox(made).waiting()
        reasons = ("signature", "size", "json", "disk")
        counts = {
            reason: metric(server, f'consumo_webhook_refused_total{{reason="{reason}"}}')
            for reason in reasons
        }
        assert counts == {"signature": 7, "size": 1, "json": 7, "disk": 0}
        assert metric(server, "consumo_webhook_received_total") == 0
        assert server.panel("details")["total"] == 0


def test_content_that_is_not_known_is_no_error(made: Path) -> None:
    odd = [
        {},
        {"object": "page", "entry": 5},
        {"entry": [None, {"changes": [{"value": {"messages": [1]}, "field": "messages"}]}]},
        {"object": "x", "a": "\ud800\0"},
        *real_payloads(),
    ]
    with running_server(made, **SETTINGS) as server:
        for payload in odd:
            assert post(server, encoded(payload)) == 200
        folder = made.with_name(f"{made.name}.webhooks")
        until(lambda: not list(folder.glob("*.jsonl")), "the load of all")
        assert is_loaded(server, len(expected(real_payloads()).messages))


def test_meta_asks_whose_address_it_is(made: Path) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    with running_server(
        made, **SETTINGS, auth="token", token_secret="k" * 40, token_issuer="i", token_audience="a"
    ) as server:
        port = int(server.url.rsplit(":", 1)[1])

        def answer(**changed: str) -> tuple[int, bytes]:
            asked = {**query, **changed}
            line = "&".join(f"{name}={value}" for name, value in asked.items())
            reply = ask(port, f"GET {PATH}?{line} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            return reply.status, reply.body

        assert answer() == (200, b"1158201444")
        for changed in ({"hub.verify_token": "x"}, {"hub.mode": "x"}, {"hub.verify_token": ""}):
            status_, body = answer(**changed)
            assert status_ == 403
            assert b"1158201444" not in body
        # The signature is the sign-in of an event, whoever may see the page.
        assert post(server, encoded(TOLD[0])) == 200
        assert post(server, encoded(TOLD[0]), "") == 401


def test_without_settings_there_is_no_receiver(made: Path) -> None:
    with running_server(made) as server:
        assert post(server, encoded(TOLD[0])) == 405  # as every address that is not known
        assert server.get(PATH)[0] == 404
    assert not made.with_name(f"{made.name}.webhooks").exists()


def test_many_events_on_many_connections_at_once(made: Path) -> None:
    """All that wait at a moment share one write to the disk; each is answered for itself."""
    payloads = [written(f"wamid.{number}", FIRST + number) for number in range(120)]
    with running_server(made, **SETTINGS) as server:
        answers: list[int] = []

        def send(part: list[Any]) -> None:
            answers.extend(post(server, encoded(payload)) for payload in part)

        threads = [threading.Thread(target=send, args=(payloads[n::12],)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 120
        until(lambda: is_loaded(server, 120), "the load of the events")


# --- kills ----------------------------------------------------------------------------------------


def test_every_event_that_was_answered_survives_kills_exactly_once(made: Path) -> None:
    """The server is killed at any moment; WhatsApp would repeat what was not answered."""
    draw = random.Random(11)
    acknowledged: list[Any] = []
    number = 0
    for _ in range(4):
        with running_server(made, **SETTINGS) as server:
            until_kill = time.monotonic() + draw.uniform(0.2, 1.2)
            while time.monotonic() < until_kill:
                number += 1
                payload = written(f"wamid.{number}", FIRST + number * 60)
                assert post(server, encoded(payload)) == 200
                acknowledged.append(payload)
                if draw.random() < 0.5:
                    told = status(f"wamid.s{number}", FIRST + number * 60, "sent")
                    assert post(server, encoded(told)) == 200
                    acknowledged.append(told)
            server.process.kill()
            server.process.wait()
    load_rest(made)
    assert len(acknowledged) > 20
    check_holds(made, expected(acknowledged))


def test_an_event_whose_answer_was_cut_off_is_there_as_a_whole_or_not_at_all(made: Path) -> None:
    """Kills while requests are under way: the journal ends anywhere."""
    draw = random.Random(5)
    sent: dict[str, int | None] = {}
    for round_ in range(3):
        with running_server(made, **SETTINGS) as server:
            stop = threading.Event()

            def send(
                lane: int,
                round_: int = round_,
                server: Server = server,
                stop: threading.Event = stop,
            ) -> None:
                number = 0
                while not stop.is_set():
                    number += 1
                    name = f"wamid.{round_}.{lane}.{number}"
                    sent[name] = None
                    with contextlib.suppress(OSError):
                        payload = written(name, FIRST + number)
                        sent[name] = post(server, encoded(payload))

            lanes = [threading.Thread(target=send, args=(lane,)) for lane in range(4)]
            for lane in lanes:
                lane.start()
            until(lambda: 200 in sent.values(), "the first answer")
            time.sleep(draw.uniform(0.05, 0.6))  # the moment of the failure
            server.process.kill()
            server.process.wait()
            stop.set()
            for lane in lanes:
                lane.join()
    load_rest(made)
    answered = {name for name, code in sent.items() if code == 200}
    owner = owner_of(made)
    owner.open()
    with contextlib.closing(owner), owner.snapshot() as snapshot:
        stored = snapshot.fetch("select message_id from messages", ()).column("message_id")
    assert len(stored) == len(set(stored))
    assert answered <= set(stored) <= set(sent)


def test_a_torn_line_of_a_killed_process_is_left_out(made: Path) -> None:
    folder = made.with_name(f"{made.name}.webhooks")
    folder.mkdir()
    whole = Record(json.dumps(TOLD[0]), "sha256=x").to_line()
    torn = Record(json.dumps(TOLD[1]), "sha256=x").to_line()[:-20]
    (folder / "1.jsonl").write_bytes(whole + torn)
    (folder / "2.jsonl").write_bytes(torn)
    load_rest(made)
    check_holds(made, expected(TOLD[:1]))


def test_the_journal_of_another_process_is_left_to_it(tmp_path: Path) -> None:
    other, own = Journal(tmp_path), Journal(tmp_path)
    other.start()
    own.start()
    try:
        other.append(Record("{}", "x"))
        own.append(Record("{}", "y"))
        until(lambda: len(own.closed()) == 2, "the end of both segments")
        assert own.waiting_bytes() == sum(len(Record("{}", s).to_line()) for s in "xy")
    finally:
        other.stop()
        own.stop()
    with pytest.raises(OSError, match="closed"):
        own.append(Record("{}", "x"))


def test_a_disk_that_takes_nothing_is_answered_with_503(made: Path) -> None:
    with running_server(made, **SETTINGS) as server:
        folder = made.with_name(f"{made.name}.webhooks")
        folder.rmdir()
        folder.write_text("in the way")
        assert post(server, encoded(TOLD[0])) == 503
        folder.unlink()
        folder.mkdir()
        assert post(server, encoded(TOLD[0])) == 200
        until(lambda: is_loaded(server, 1), "the load of the event")


# --- forwarding -----------------------------------------------------------------------------------


class Portal:
    """A server of a portal that notes what it gets, and may refuse the first of it."""

    def __init__(self, refusals: int = 0, code: int = 503) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.port = free_port()
        portal = self
        portal.refusals = refusals

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                portal.got.append((body, self.headers["X-Hub-Signature-256"]))
                self.send_response(code if portal.refusals > 0 else 200)
                portal.refusals -= 1
                if code == 302:
                    self.send_header("Location", f"http://127.0.0.1:{portal.port}/other")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)

    refusals: int

    @contextlib.contextmanager
    def running(self) -> Iterator["Portal"]:
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhooks/whatsapp"


def test_untouched_bodies_go_on_to_the_portal_in_order(made: Path) -> None:
    bodies = [
        json.dumps(payload, indent=number, ensure_ascii=False).encode()
        for number, payload in enumerate(TOLD)
    ]
    with Portal(refusals=2).running() as portal:
        settings = {**SETTINGS, "webhook_forward_url": portal.url}
        with running_server(made, **settings) as server:
            for body in bodies:
                assert post(server, body) == 200
            until(lambda: len(portal.got) == len(bodies) + 2, "all bodies")
            until(lambda: metric(server, "consumo_webhook_forward_bytes") == 0, "the end")
            assert metric(server, 'consumo_webhook_forwarded_total{how="taken"}') == len(bodies)
            until(lambda: is_loaded(server, 4), "the load of the events")
    # The first was sent three times, since the portal was not ready.
    sent = [bodies[0], bodies[0], *bodies]
    assert portal.got == [(body, signature(body)) for body in sent]


def test_a_portal_that_is_away_delays_nothing_and_gets_all_later(made: Path) -> None:
    portal = Portal()
    portal.server.server_close()  # nobody listens
    settings = {**SETTINGS, "webhook_forward_url": portal.url}
    with running_server(made, **settings) as server:
        assert [post(server, encoded(payload)) for payload in TOLD] == [200] * len(TOLD)
        until(lambda: is_loaded(server, 4), "the load of the events")
        assert metric(server, "consumo_webhook_forward_bytes") > 0
    again = Portal()
    settings["webhook_forward_url"] = again.url
    with again.running(), running_server(made, **settings):
        until(lambda: len(again.got) == len(TOLD), "all bodies")
    assert [body for body, _ in again.got] == [encoded(payload) for payload in TOLD]


@pytest.mark.parametrize("code", [400, 302])
def test_what_the_portal_refuses_for_good_is_not_repeated(made: Path, code: int) -> None:
    with Portal(refusals=1, code=code).running() as portal:
        settings = {**SETTINGS, "webhook_forward_url": portal.url}
        with running_server(made, **settings) as server:
            for payload in TOLD[:2]:
                assert post(server, encoded(payload)) == 200
            until(lambda: len(portal.got) == 2, "both bodies")
            until(
                lambda: metric(server, 'consumo_webhook_forwarded_total{how="taken"}') == 1,
                "the count",
            )
            assert metric(server, 'consumo_webhook_forwarded_total{how="refused"}') == 1
