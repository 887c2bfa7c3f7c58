"""The panels that tests run over, derived from their declarations."""

from components.panels import PANELS
from components.panels.view import Panel

SLUGS = tuple(panel.slug for panel in PANELS)
#: Panels whose rows depend on the period and not on the present minute.
PERIOD_PANELS = tuple(panel for panel in PANELS if not panel.query.is_about_now)
PERIOD_SLUGS = tuple(panel.slug for panel in PERIOD_PANELS)
#: Those of them whose answer always holds all rows.
SUMMARY_SLUGS = tuple(panel.slug for panel in PERIOD_PANELS if not panel.query.has_pages)
GRAPHS = tuple(panel for panel in PANELS if panel.kind == "graph")


def panel_of(slug: str) -> Panel:
    """The panel called ``slug``."""
    return next(panel for panel in PANELS if panel.slug == slug)
