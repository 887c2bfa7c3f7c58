"""The panels: a further one is a module here, one in queries, and its lines in the tuples."""

from typing import Final

from components.panels import (
    cases,
    failures,
    hsm_in_window,
    indicators,
    messages_by_origin,
    messages_by_status,
    templates,
    waiting,
)
from components.panels.view import Panel, Section

PANELS: Final[tuple[Panel, ...]] = (
    indicators.PANEL,
    messages_by_origin.PANEL,
    messages_by_status.PANEL,
    cases.PANEL,
    templates.PANEL,
    failures.PANEL,
    hsm_in_window.PANEL,
)

#: What stands on the page above the table, in its order; who waits is asked apart.
SECTIONS: Final[tuple[Section, ...]] = (*PANELS[:5], waiting.SECTION, *PANELS[5:])
