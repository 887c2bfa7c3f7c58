"""The panels that tests run over, derived from their declarations."""

from components.panels import PANELS
from components.panels.view import Panel
from queries.columns import Kind

SLUGS = tuple(panel.slug for panel in PANELS)
#: Panels whose rows depend on the period and not on the present minute.
PERIOD_PANELS = tuple(panel for panel in PANELS if not panel.query.is_about_now)
PERIOD_SLUGS = tuple(panel.slug for panel in PERIOD_PANELS)
#: Those of them whose answer always holds all rows.
SUMMARY_SLUGS = tuple(panel.slug for panel in PERIOD_PANELS if not panel.query.has_pages)
#: Those with columns of free text, in which phones may stand.
TEXT_SLUGS = tuple(
    panel.slug
    for panel in PANELS
    if any(column.kind is Kind.TEXT for column in panel.query.columns)
)
GRAPHS = tuple(panel for panel in PANELS if panel.kind == "graph")


def panel_of(slug: str) -> Panel:
    """The panel called ``slug``."""
    return next(panel for panel in PANELS if panel.slug == slug)
