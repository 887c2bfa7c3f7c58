"""Refuses forged requests to run a callback of the page, before Dash reads them.

Such a request names the callback's outputs, inputs and state. Dash trusts these names, and fails in
many places where they are wrong. A request with other names than Dash's own script sends is refused
here. The values of inputs may be anything: callbacks check them.
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
    """Abort the current request where it asks for a callback as Dash's script never would.

    That is: it names none of ``callbacks``, or not with the inputs and outputs of that callback.
    The answer is 400, or 415 where the body is not sent as JSON. All other requests pass.
    """
    runs_callback = request.path == _PATH and request.method == "POST"
    if runs_callback and not is_callback_request(request.get_json(), callbacks):
        abort(HTTPStatus.BAD_REQUEST)


def is_callback_request(body: object, callbacks: Callbacks) -> bool:
    """Return whether ``body``, the JSON of a request, runs a callback as Dash's script would.

    It must name one of ``callbacks`` that runs on the server, exactly the outputs, inputs and state
    of it, in their order, and as changed inputs a list of texts.
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
