"""The panels of the API, asked all at once of a server."""

import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

from queries.filters import Filters, Period
from queries.panels import DETAILS_SLUG, PANELS

SLUGS = (*PANELS, DETAILS_SLUG)


def time_http(address: str, period: Period, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each refresh; each cold one asks for a period nobody asked for before."""
    with ThreadPoolExecutor(len(SLUGS)) as pool:
        refresh(pool, address, shifted(period, 400))
        cold = [_timed(pool, address, shifted(period, days + 1)) for days in range(rounds)]
        refresh(pool, address, period)
        warm = [_timed(pool, address, period) for _ in range(rounds)]
    return {"cold": cold, "warm": warm}


def shifted(period: Period, days: int) -> Period:
    """The period as many days earlier."""
    return Period(period.start - timedelta(days=days), period.end - timedelta(days=days))


def refresh(pool: ThreadPoolExecutor, address: str, period: Period) -> None:
    query = urlencode(Filters(period=period).to_query())
    urls = [f"{address}/api/v1/panels/{slug}?{query}" for slug in SLUGS]
    for status in pool.map(_status, urls):
        if status != 200:
            raise RuntimeError(f"a panel answered {status}")


def _status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()
        return int(answer.status)


def _timed(pool: ThreadPoolExecutor, address: str, period: Period) -> float:
    start = time.perf_counter()
    refresh(pool, address, period)
    return (time.perf_counter() - start) * 1000
