"""Skips all tests of this folder where no server is named, and removes what tests leave there."""

import os
from collections.abc import Iterator

import pytest

from tests.published import CLUSTER_URL, drop_names


@pytest.fixture(scope="session", autouse=True)
def server() -> Iterator[str]:
    """Return the address of the server."""
    url = os.environ.get(CLUSTER_URL)
    if not url:
        pytest.skip("no ClickHouse server: make test-cluster CLICKHOUSE_URL=clickhousedb://…")
    yield url
    drop_names(url)
