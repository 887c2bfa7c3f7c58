"""The metrics for Prometheus against numbers that the tests count themselves."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.engines.duckdb.reader import DuckDBSnapshot
from queries.errors import QueryTimeout
from sources.inbox import HandIn
from tests.integration.conftest import Here, write_csv

pytestmark = pytest.mark.integration

CASES = """case_id,person_name,channel,case_type,opened_at
    c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z
    c2,,WhatsApp,Dúvida,2026-11-01T12:00:00Z"""
MESSAGES = """message_id,case_id,direction,sent_at
    m1,c1,in,2026-11-01T12:00:00Z
    m2,c1,in,2026-11-01T12:00:01Z
    m3,c9,in,2026-11-01T12:00:01Z
    m4,c9,in,2026-11-01T12:00:01Z"""
PANEL = "/api/v1/panels/cases"
RULE = "/api/v1/panels/<slug>"
QUESTION = {"start": "2026-11-01", "end": "2026-11-02"}

Numbers = dict[tuple[str, frozenset[str]], float]


@pytest.fixture
def store(tmp_path: Path, here: Here) -> Path:
    """A store of two loads: the first rejected one of two rows, the second two of four."""
    made = tmp_path / "consumo.duckdb"
    for option, text in (("--cases", CASES), ("--messages", MESSAGES)):
        done = here("import", option, write_csv(tmp_path / f"{option}.csv", text), store=made)
        assert "Load" in done.output, done.output
    return made


@pytest.fixture
def app(store: Path) -> Iterator[Flask]:
    made = create_app(
        Settings(store_url=f"duckdb:///{store}"),
        clock=lambda: datetime.now(UTC) + timedelta(hours=1),
    )
    with closing(parts_of(made)):
        yield made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def scrape(client: FlaskClient) -> Numbers:
    """Return every sample by its name and the values of its labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def number(found: Numbers, name: str, *labels: str) -> float | None:
    return found.get((name, frozenset(labels)))


def test_requests_are_counted_by_route_panel_and_status(client: FlaskClient) -> None:
    for _ in range(3):
        assert client.get(PANEL, query_string=QUESTION).status_code == 200
    assert client.get(PANEL, query_string={"x": "y"}).status_code == 400
    assert client.post("/api/v1/panels/indicators", json={}).status_code == 200
    found = scrape(client)
    assert number(found, "consumo_requests_total", RULE, "cases", "GET", "200") == 3
    assert number(found, "consumo_requests_total", RULE, "cases", "GET", "400") == 1
    assert number(found, "consumo_requests_total", RULE, "indicators", "POST", "200") == 1
    assert number(found, "consumo_request_seconds_count", RULE, "cases") == 4
    assert number(found, "consumo_request_seconds_bucket", RULE, "cases", "+Inf") == 4
    assert number(found, "consumo_panel_seconds_count", "cases") == 3
    seconds = number(found, "consumo_request_seconds_sum", RULE, "cases")
    assert seconds is not None
    assert 0 < seconds < 60


def test_cache_hits_and_misses_are_counted(client: FlaskClient) -> None:
    client.get(PANEL, query_string=QUESTION)
    scrape(client)
    before = scrape(client)
    client.get(PANEL, query_string=QUESTION)
    after = scrape(client)
    hits, misses = (f"consumo_cache_{name}_total" for name in ("hits", "misses"))
    # The panel's statement was known, and so was that of the scrape before for the loads.
    assert number(after, misses) == number(before, misses)
    assert (number(after, hits) or 0) - (number(before, hits) or 0) == 2


def test_loads_and_their_rows_are_reported(client: FlaskClient, app: Flask) -> None:
    found = scrape(client)
    names = ("id", "rows", "rejected_rows")
    assert [number(found, f"consumo_load_{name}") for name in names] == [2, 4, 2]
    assert number(found, "consumo_loaded_rows_total") == 6
    assert number(found, "consumo_rejected_rows_total") == 3
    age = number(found, "consumo_load_age_seconds")
    assert age is not None
    assert 3_600 <= age < 4_200  # the clock of this app is an hour ahead
    assert number(found, "consumo_store_up") == 1
    assert number(found, "consumo_handed_in") == 0


def test_waiting_loads_are_counted(client: FlaskClient, app: Flask) -> None:
    parts = parts_of(app)
    parts.keeper.stop()
    for _ in range(2):
        parts.owner.inbox.hand_in(HandIn("files", "x", demo=False), lambda _folder: {})
    assert number(scrape(client), "consumo_handed_in") == 2


def test_process_metrics_are_reported(client: FlaskClient) -> None:
    memory = number(scrape(client), "process_resident_memory_bytes")
    assert memory is not None
    assert memory > 10 * 2**20


def test_an_unavailable_store_is_reported_and_fails_no_scrape(
    client: FlaskClient, app: Flask
) -> None:
    parts_of(app).close()
    assert (
        client.get(PANEL, query_string={"start": "2026-01-01", "end": "2026-01-01"}).status_code
        == 503
    )
    found = scrape(client)
    assert number(found, "consumo_store_up") == 0
    assert number(found, "consumo_load_id") is None
    assert number(found, "consumo_panel_errors_total", "cases", "store_unavailable") == 1


def test_failed_panels_are_counted_by_reason(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = iter([QueryTimeout(), RuntimeError("a value")])

    def failing(*_args: object) -> None:
        raise next(errors)

    client.get(PANEL, query_string=QUESTION)  # days and the like are known then
    with monkeypatch.context() as broken:
        broken.setattr(DuckDBSnapshot, "fetch", failing)
        for status in (503, 500):
            asked = {**QUESTION, "end": "2026-11-03"}
            assert client.get(PANEL, query_string=asked).status_code == status
    found = scrape(client)
    assert number(found, "consumo_panel_errors_total", "cases", "query_timeout") == 1
    assert number(found, "consumo_panel_errors_total", "cases", "unexpected") == 1


def test_clients_cannot_add_label_values(client: FlaskClient) -> None:
    for name in ("segredo", "segredo2"):
        for path in (
            f"/{name}",
            f"/api/v1/panels/{name}",
            f"/export/{name}.csv",
            f"/static/{name}",
        ):
            for method in ("GET", "POST", name.upper()):
                client.open(path, method=method, headers={"Host": "localhost", "X-Name": name})
    text = client.get("/metrics").get_data(as_text=True).lower()
    assert "segredo" not in text
    found = scrape(client)
    assert number(found, "consumo_requests_total", RULE, "other", "GET", "404") == 2
    assert number(found, "consumo_requests_total", "other", "", "GET", "404") == 2


def test_two_apps_in_one_process_count_for_themselves(client: FlaskClient, tmp_path: Path) -> None:
    other = create_app(Settings(store_url=f"duckdb:///{tmp_path / 'other.duckdb'}"))
    with closing(parts_of(other)):
        other.test_client().get(PANEL, query_string=QUESTION)
        theirs = scrape(other.test_client())
    assert number(theirs, "consumo_requests_total", RULE, "cases", "GET", "200") == 1
    assert number(theirs, "consumo_load_id") == 0
    assert number(theirs, "consumo_load_rows") is None
    ours = scrape(client)
    assert number(ours, "consumo_requests_total", RULE, "cases", "GET", "200") is None


def test_every_name_is_in_the_documentation(client: FlaskClient) -> None:
    client.get(PANEL, query_string=QUESTION)
    text = client.get("/metrics").get_data(as_text=True)
    names = {line.split(" ")[2] for line in text.splitlines() if line.startswith("# TYPE consumo_")}
    names = {name for name in names if not name.endswith("_created")}
    documented = (Path(__file__).parents[2] / "docs" / "operation.md").read_text()
    assert len(names) >= 13
    assert [name for name in sorted(names) if f"`{name}`" not in documented] == []
