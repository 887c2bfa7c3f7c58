"""The panels, in the order of the page: a further one is a module here, one in queries, a line."""

from typing import Final

from components.panels import (
    cases,
    indicators,
    messages_by_origin,
    messages_by_status,
    templates,
)
from components.panels.shown import Panel

PANELS: Final[tuple[Panel, ...]] = (
    indicators.PANEL,
    messages_by_origin.PANEL,
    messages_by_status.PANEL,
    cases.PANEL,
    templates.PANEL,
)
