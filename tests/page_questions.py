"""What the page asks the server for all panels, and how its answer is read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from components import ids
from tests.panels import SHOWN_SLUGS

#: The output of the callback that answers for all panels.
ANSWERS = f"{ids.ANSWERS}.data"


def page_question(
    raw: Mapping[str, Any],
    table: Mapping[str, Any] | None = None,
    parts: Sequence[str] = SHOWN_SLUGS,
    **more: Any,
) -> dict[str, Any]:
    """Return the question of a page with the filters ``raw`` and the table's parameters.

    The answer has all ``parts``, however long they take. ``more`` are further values of it.
    """
    return {
        "number": 1,
        "raw": dict(raw),
        "table": {"raw": dict(table or {}), "page": 0},
        "choices": {},
        "parts": list(parts),
        "waits": True,
        **more,
    }


def page_call(question: object) -> dict[str, Any]:
    """Return the body of the request in which Dash sends ``question``."""
    component, _, prop = ANSWERS.rpartition(".")
    return {
        "output": ANSWERS,
        "outputs": {"id": component, "property": prop},
        "inputs": [{"id": ids.QUESTION, "property": "data", "value": question}],
        "changedPropIds": [f"{ids.QUESTION}.data"],
    }


def page_answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer in the JSON ``body`` of the server's response; see ``callbacks.panels``."""
    answer: dict[str, Any] = json.loads(body["response"][ids.ANSWERS]["data"])
    return answer
