"""Registers callbacks that the browser answers by itself, with arguments and results by name.

Dash passes values to scripts by position only. Here each value has a name, and a small script that
is made for each callback puts the values under these names; so no other script counts positions.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import dash
from dash import Input, Output

#: Under this name Dash finds the functions of ``assets/scripts/clientside.js``.
_FUNCTIONS: Final = "dash_clientside.consumo"

#: Inputs and states by name, or outputs; a value may be such a mapping itself.
Named = Mapping[str, Any]
_Path = tuple[str, ...]


def register_clientside(
    app: dash.Dash,
    function: str,
    outputs: Output | Named | None,
    arguments: Named,
    fixed: Named | None = None,
    **options: Any,
) -> None:
    """Let a JavaScript function answer a callback of ``app`` in the browser.

    ``function`` is its name in ``assets/scripts/clientside.js``. It gets one object: the present
    values of ``arguments`` (Dash's ``Input`` and ``State`` by name; mappings may be nested) and the
    values ``fixed``, which must fit into JSON. If ``outputs`` is a mapping, the function returns an
    object with the same names, and an output that it leaves out stays as it is. If it is one
    ``Output``, the function returns its value; if it is None, what it returns is not used.
    ``options`` are those of ``Dash.clientside_callback``.

    >>> register_clientside(
    ...     app, "periodTitle", Output("title", "children"), {"start": Input("start", "value")}
    ... )
    """
    leaves = dict(_leaves(arguments))
    inputs = {path: leaf for path, leaf in leaves.items() if isinstance(leaf, Input)}
    states = {path: leaf for path, leaf in leaves.items() if path not in inputs}
    places = {path: place for place, path in enumerate([*inputs, *states])}
    call = f"{_FUNCTIONS}.{function}({_object(arguments, places, fixed or {})})"
    dash_outputs: list[Any]
    if isinstance(outputs, Mapping):
        named = dict(_leaves(outputs))
        call = f"{_FUNCTIONS}.inOrder({call}, {json.dumps(list(named))})"
        dash_outputs = [list(named.values())]
    else:
        dash_outputs = [] if outputs is None else [outputs]
    app.clientside_callback(
        f"(...given) => {call}", *dash_outputs, *inputs.values(), *states.values(), **options
    )


def _leaves(named: Named, above: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    """Yield each input, state or output with the names that lead to it."""
    for name, value in named.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


def _object(named: Named, places: Mapping[_Path, int], fixed: Named, above: _Path = ()) -> str:
    """Return the JavaScript of an object with all values of ``named`` and ``fixed``.

    ``places`` are the places of the named values among the arguments that Dash hands over.
    """
    entries = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fixed.items()]
    for name, value in named.items():
        path = (*above, name)
        if isinstance(value, Mapping):
            entries.append(f"{json.dumps(name)}: {_object(value, places, {}, path)}")
        else:
            entries.append(f"{json.dumps(name)}: given[{places[path]}]")
    return f"{{{', '.join(entries)}}}"
