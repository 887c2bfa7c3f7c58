"""Measure one real server under several simultaneous users: refreshes per second, and memory."""

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
from bench.scenarios import DATA_END
from queries.period import Period

USERS: Final = (1, 4, 8, 16)
SECONDS: Final = 8
#: More selections than a run of ``SECONDS`` can use up; no two runs share one.
_SELECTIONS_PER_RUN: Final = 1_500
#: Lengths of the periods: about 30 days, so that every selection is new and costs about the same.
_DAYS: Final = (30, 29, 31, 28, 32, 27, 33, 26, 34)
_DAYS_AGO: Final = 600

#: The period and the channel that one refresh filters by.
Selection = tuple[Period, str]


@dataclass(frozen=True, slots=True)
class RefreshForm:
    """The requests that make up one refresh.

    Each request is ``[method, path, body]`` and contains the placeholders ``START``, ``END`` and
    ``CHANNEL``; ``encode_channel`` writes a channel's name so that it can replace the last one.
    """

    name: str
    requests: list[list[str]]
    headers: dict[str, str]
    encode_channel: Callable[[str], str]


def measure_concurrency(
    server: Server, channels: Sequence[str], recording: Recording | None
) -> dict[str, Any]:
    """Measure refreshes per second and the ms of each, for every refresh form and number of users.

    Return these as ``rows``, and the server's memory after all runs as ``memory_megabytes``.
    Without a ``recording`` of the page only the API is measured.
    """
    selections = distinct_selections(channels)
    rows = [
        _run(server.address, form, users, list(islice(selections, _SELECTIONS_PER_RUN)))
        for form in refresh_forms(recording)
        for users in USERS
    ]
    return {"rows": rows, "memory_megabytes": memory_megabytes(server.pid)}


def refresh_forms(recording: Recording | None) -> list[RefreshForm]:
    """Return the forms of a refresh: page, page with filter options, and API.

    ``page`` is the page's requests for all panels that it shows; ``page with options`` is every
    request that the page sends with the changed filters. Without a ``recording`` there is
    only ``api``.
    """
    query = f"start={START}&end={END}&channel={CHANNEL}"
    api = [["GET", f"/api/v1/panels/{slug}?{query}", ""] for slug in panels_of_the_period()]
    api_form = RefreshForm("api", api, {"accept-encoding": "gzip, deflate, br, zstd"}, quote)
    if recording is None:
        return [api_form]
    panels = [["POST", UPDATE_PATH, body] for body in recording.panel_requests]
    rest = [["POST", UPDATE_PATH, body] for body in recording.other_requests]
    return [
        RefreshForm("page", panels, recording.headers, _encode_in_json),
        RefreshForm("page with options", panels + rest, recording.headers, _encode_in_json),
        api_form,
    ]


def distinct_selections(channels: Sequence[str]) -> Iterator[Selection]:
    """Yield pairs of a period and a channel that are all different."""
    for days, days_ago, channel in product(_DAYS, range(_DAYS_AGO), channels):
        end = DATA_END.date() - timedelta(days=days_ago)
        yield Period(end - timedelta(days=days - 1), end), channel


def _encode_in_json(text: str) -> str:
    """Return ``text`` as it stands between the quotes of a JSON string."""
    return json.dumps(text)[1:-1]


def _run(
    address: str, form: RefreshForm, users: int, selections: list[Selection]
) -> dict[str, Any]:
    replacements = [
        {
            START: period.start.isoformat(),
            END: period.end.isoformat(),
            CHANNEL: form.encode_channel(channel),
        }
        for period, channel in selections
    ]
    load = Load(address, users, SECONDS, form.requests, form.headers, replacements)
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
