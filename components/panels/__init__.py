"""The views of the panels, a module for each panel; and the list of all panels.

To add a panel, write a module here and another of the same name in ``queries.panels``, and add a
line to ``PANELS``: see docs/adding-a-panel.md.
"""

from typing import Final

from components.panels import (
    breakdown,
    cases,
    cost,
    cost_lines,
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

#: Every panel of the product; ``Panel.place`` says where each stands on the page.
PANELS: Final[tuple[Panel, ...]] = (
    indicators.PANEL,
    messages_by_origin.PANEL,
    messages_by_status.PANEL,
    cases.PANEL,
    templates.PANEL,
    waiting.PANEL,
    failures.PANEL,
    hsm_in_window.PANEL,
    breakdown.PANEL,
    cost.PANEL,
    cost_lines.PANEL,
    details.PANEL,
)
