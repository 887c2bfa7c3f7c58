"""Marks the routes that anybody may ask for."""

from collections.abc import Callable
from typing import Any, TypeVar

_View = TypeVar("_View", bound=Callable[..., Any])


def open_to_everyone(view: _View) -> _View:
    """Mark ``view``, the function of a route, as open to everyone; return it."""
    view.is_open = True  # type: ignore[attr-defined]
    return view
