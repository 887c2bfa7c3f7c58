"""Attributes that the parts of dash-bootstrap-components pass on although Python refuses them.

Their JavaScript gives every property that it does not know to the element that it draws; their
Python classes take only the properties that they declare, and so neither ``aria-…`` nor ``data-…``.
"""

from typing import Any

from dash.development.base_component import Component


def with_attributes(component: Component, **attributes: Any) -> Component:
    """Give ``component`` attributes of its HTML element, for example ``role`` or ``aria-label``.

    The names are those that React has for them. Returns ``component`` itself.
    """
    component._prop_names = [*component._prop_names, *attributes]  # noqa: SLF001 - what is sent
    for name, value in attributes.items():
        setattr(component, name, value)
    return component
