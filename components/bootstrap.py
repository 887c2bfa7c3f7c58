"""Adds HTML attributes such as ``role``, ``aria-…`` and ``data-…`` to Bootstrap components.

The Python classes of dash-bootstrap-components refuse properties that they do not declare, among
them these attributes. Their JavaScript would pass each unknown property on to the HTML element.
"""

from typing import Any

from dash.development.base_component import Component


def with_attributes(component: Component, **attributes: Any) -> Component:
    """Add ``attributes`` to the HTML element of ``component``; return the same, changed component.

    The names are React's, for example ``role``, ``className`` or ``aria-label``.
    """
    component._prop_names = [*component._prop_names, *attributes]  # noqa: SLF001 - what is sent
    for name, value in attributes.items():
        setattr(component, name, value)
    return component
