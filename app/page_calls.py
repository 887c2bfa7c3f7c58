"""Calls of the page: those that its own script makes, in the form in which it makes them.

Dash trusts what a call says of outputs, inputs and state, and fails in many places where that is
not so. What differs is refused here, before Dash sees it. Values may be anything: callbacks check
them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

CALLS: Final = "/_dash-update-component"
#: How Dash writes several outputs in one name.
_MANY: Final = ".."


def is_call(body: object, callbacks: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether ``body`` calls one of ``callbacks``, as Dash has them by their outputs."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    called = callbacks.get(body["output"])
    if called is None or "callback" not in called:  # one that runs in the browser
        return False
    changed = body.get("changedPropIds", [])
    return (
        body.get("outputs") == _outputs(body["output"])
        and _are_those(body.get("inputs"), called["inputs"])
        and _are_those(body.get("state", []), called["state"])
        and isinstance(changed, list)
        and all(isinstance(name, str) for name in changed)
    )


def _outputs(output: str) -> Any:
    if not output.startswith(_MANY):
        name, _, prop = output.rpartition(".")
        return {"id": name, "property": prop}
    return [_outputs(one) for one in output[len(_MANY) : -len(_MANY)].split("...")]


def _are_those(given: object, known: Sequence[Mapping[str, str]]) -> bool:
    """Whether each of ``given`` names the component and property that it must."""
    return (
        isinstance(given, list)
        and len(given) == len(known)
        and all(
            isinstance(one, dict)
            and (one.get("id"), one.get("property")) == (its["id"], its["property"])
            for one, its in zip(given, known, strict=True)
        )
    )
