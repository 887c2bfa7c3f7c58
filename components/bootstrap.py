"""Adds HTML attributes such as ``role``, ``aria-…`` and ``data-…`` to Bootstrap components.

The Python classes of dash-bootstrap-components refuse properties that they do not declare, among
them these attributes. Their JavaScript would pass each unknown property on to the HTML element.
"""

from typing import Any

from dash.development.base_component import Component


def with_attributes(component: Component, **attributes: Any) -> Component:
    """Change ``component``: add HTML ``attributes`` to its element. Return ``component``.

    The names are those of React, for example ``role``, ``className`` or ``aria-label``. An
    attribute that the component has already gets the new value.
    """
    component._prop_names = [*component._prop_names, *attributes]  # noqa: SLF001 - what is sent
    for name, value in attributes.items():
        setattr(component, name, value)
    return component
