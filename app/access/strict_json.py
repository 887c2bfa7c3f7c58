"""Reads JSON that decides about access, which no two readers may understand differently."""

import json
from typing import Any


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object in ``text``.

    Raises ``ValueError`` for anything else: also where a name comes twice in an object (another
    reader may take the other value), for ``NaN`` and ``Infinity``, which JSON does not have, and
    for what is nested too deeply to be read.
    """
    try:
        found = json.loads(text, object_pairs_hook=_members, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if isinstance(found, dict):
        return found
    raise ValueError("no object")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name comes twice")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(name)
