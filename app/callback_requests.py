"""Refuses forged requests to run a callback of the page, before Dash reads them.

A request to run a callback names the callback's outputs, inputs and state. Dash trusts these names
and fails in many places if they are wrong. So a request is refused here unless its names are those
that Dash's own script sends. The values of the inputs are not checked here, but by the callbacks.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from flask import abort, request

_PATH: Final = "/_dash-update-component"
#: Dash writes several outputs as one name: ``..a.children...b.value..``.
_SEVERAL_OUTPUTS: Final = ".."
_BETWEEN_OUTPUTS: Final = "..."

#: What Dash knows of each callback (``Dash.callback_map``), by the name of its outputs.
Callbacks = Mapping[str, Mapping[str, Any]]


def refuse_forged_callback(callbacks: Callbacks) -> None:
    """Abort the current request if it asks Dash to run a callback and its names are wrong.

    The callback must be one of ``callbacks`` (``Dash.callback_map``), and the request must name
    exactly its outputs, inputs and state (see ``is_callback_request``). Otherwise the status is
    400, or 415 if the body is not sent as JSON. Requests for anything else pass.
    """
    runs_callback = request.path == _PATH and request.method == "POST"
    if runs_callback and not is_callback_request(request.get_json(), callbacks):
        abort(HTTPStatus.BAD_REQUEST)


def is_callback_request(body: object, callbacks: Callbacks) -> bool:
    """Return whether ``body``, the parsed JSON of a request, correctly asks for a callback.

    It must name one of ``callbacks`` that runs on the server, and list exactly the outputs, inputs
    and state of this callback in their order. ``changedPropIds``, the inputs that changed, is a
    list of texts or missing.
    """
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    callback = callbacks.get(body["output"])
    if callback is None or "callback" not in callback:  # one that runs in the browser
        return False
    changed = body.get("changedPropIds", [])
    return (
        body.get("outputs") == _outputs(body["output"])
        and _names_match(body.get("inputs"), callback["inputs"])
        and _names_match(body.get("state", []), callback["state"])
        and isinstance(changed, list)
        and all(isinstance(name, str) for name in changed)
    )


def _outputs(output: str) -> Any:
    """Return the outputs that a name stands for, in the form in which Dash's script sends them."""
    if not output.startswith(_SEVERAL_OUTPUTS):
        name, _, prop = output.rpartition(".")
        return {"id": name, "property": prop}
    ends = len(_SEVERAL_OUTPUTS)
    return [_outputs(name) for name in output[ends:-ends].split(_BETWEEN_OUTPUTS)]


def _names_match(given: object, known: Sequence[Mapping[str, str]]) -> bool:
    """Return whether ``given`` lists the components and properties of ``known``, in that order."""
    return (
        isinstance(given, list)
        and len(given) == len(known)
        and all(
            isinstance(item, dict)
            and (item.get("id"), item.get("property")) == (argument["id"], argument["property"])
            for item, argument in zip(given, known, strict=True)
        )
    )
