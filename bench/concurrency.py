"""Several users at once: complete refreshes a second of one real server, and its memory after."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice, product
from typing import Any, Final
from urllib.parse import quote

from bench.load_client import Load
from bench.processes import Server, memory_megabytes
from bench.query_layer import panels_of_the_period
from bench.recording import CHANNEL, END, START, UPDATE_PATH, Recording
from bench.samples import median, p95
from bench.scenarios import UNTIL
from queries.filters import Period

USERS: Final = (1, 4, 8, 16)
SECONDS: Final = 8
#: More than any run can ask; every run takes its own.
_QUESTIONS_A_RUN: Final = 1_500
#: Periods of about 30 days, so that every question is a new one and costs about the same.
_DAYS: Final = (30, 29, 31, 28, 32, 27, 33, 26, 34)
_DAYS_AGO: Final = 600

#: A period and a channel that nobody has asked for yet.
Question = tuple[Period, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A way to refresh: what is sent, and how a channel is written in it."""

    name: str
    requests: list[list[str]]
    headers: dict[str, str]
    written: Callable[[str], str]


def measure_concurrency(
    server: Server, channels: Sequence[str], recording: Recording | None
) -> dict[str, Any]:
    """Refreshes a second and milliseconds of each, by form of the requests and number of users.

    Without a ``recording`` of the page only the API is asked.
    """
    unasked = questions(channels)
    rows = [
        _run(server.address, form, users, list(islice(unasked, _QUESTIONS_A_RUN)))
        for form in forms(recording)
        for users in USERS
    ]
    return {"rows": rows, "memory_megabytes": memory_megabytes(server.pid)}


def forms(recording: Recording | None) -> list[Form]:
    """The panels as the page asks for them, with what else it asks, and as the API has them."""
    query = f"start={START}&end={END}&channel={CHANNEL}"
    api = [["GET", f"/api/v1/panels/{slug}?{query}", ""] for slug in panels_of_the_period()]
    api_form = Form("api", api, {"accept-encoding": "gzip, deflate, br, zstd"}, quote)
    if recording is None:
        return [api_form]
    panels = [["POST", UPDATE_PATH, body] for body in recording.panels]
    others = [["POST", UPDATE_PATH, body] for body in recording.others]
    return [
        Form("page", panels, recording.headers, _in_json),
        Form("page with options", panels + others, recording.headers, _in_json),
        api_form,
    ]


def questions(channels: Sequence[str]) -> Iterator[Question]:
    """Questions that are all different."""
    for days, days_ago, channel in product(_DAYS, range(_DAYS_AGO), channels):
        end = UNTIL.date() - timedelta(days=days_ago)
        yield Period(end - timedelta(days=days - 1), end), channel


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _run(address: str, form: Form, users: int, asked: list[Question]) -> dict[str, Any]:
    signs = [
        {
            START: period.start.isoformat(),
            END: period.end.isoformat(),
            CHANNEL: form.written(channel),
        }
        for period, channel in asked
    ]
    load = Load(address, users, SECONDS, form.requests, form.headers, signs)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load_client"],
        input=json.dumps(asdict(load)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{form.name}, {users} users: {done.stderr[-2_000:]}")
    measured = json.loads(done.stdout)
    times, seconds = measured["refreshes_ms"], measured["seconds"]
    return {
        "form": form.name,
        "users": users,
        "refreshes_per_second": round(len(times) / seconds, 2),
        "median_ms": median(times),
        "p95_ms": p95(times),
        "client_cores": round(measured["client_cpu_seconds"] / seconds, 3),
        "refreshes_ms": times,
    }
