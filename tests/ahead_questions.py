"""Questions that a page would send, in advance of a choice or because of it, and their counts."""

import json
from typing import Any

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from components import ids

CALLS = "/_dash-update-component"
PERIOD = {"start": ["2026-09-01"], "end": ["2026-12-31"]}
STORES = {"asked": (ids.QUESTION, ids.ANSWERS), "ahead": (ids.AHEAD_QUESTION, ids.AHEAD_ANSWERS)}

Headers = dict[str, str]


def ask(
    client: FlaskClient,
    kind: str,
    parts: list[str],
    headers: Headers | None = None,
    **question: Any,
) -> dict[str, Any]:
    """Return the answer to a question of the page; ``kind`` is one of ``STORES``."""
    asked, answered = STORES[kind]
    page = {"raw": {}, "page": question.pop("page", 0)}
    data = {"number": 7, "raw": PERIOD, "table": page, "parts": parts, "waits": True, **question}
    body = {
        "output": f"{answered}.data",
        "outputs": {"id": answered, "property": "data"},
        "inputs": [{"id": asked, "property": "data", "value": data}],
        "changedPropIds": [f"{asked}.data"],
    }
    response = client.post(CALLS, json=body, headers=headers)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.get_json()["response"][answered]["data"])
    return found


def counts(client: FlaskClient, headers: Headers | None = None) -> dict[str, int]:
    """Return the metrics about answers in advance by their label."""
    text = client.get("/metrics", headers=headers).get_data(as_text=True)
    return {
        value: int(sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name in ("consumo_page_answers_total", "consumo_answers_ahead_total")
        for value in sample.labels.values()
    }
