"""How each panel looks, one module a panel; and the list of the panels of the product.

A further panel is a module here, one of the same name in ``queries.panels``, and one line in
``PANELS``: see docs/adding-a-panel.md.
"""

from typing import Final

from components.panels import (
    cases,
    details,
    failures,
    hsm_in_window,
    indicators,
    messages_by_origin,
    messages_by_status,
    templates,
    waiting,
)
from components.panels.view import Panel

PANELS: Final[tuple[Panel, ...]] = (
    indicators.PANEL,
    messages_by_origin.PANEL,
    messages_by_status.PANEL,
    cases.PANEL,
    templates.PANEL,
    waiting.PANEL,
    failures.PANEL,
    hsm_in_window.PANEL,
    details.PANEL,
)
