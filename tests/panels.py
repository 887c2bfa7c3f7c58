"""Lists of panels for the parameters of tests, derived from the declarations of the panels."""

from components.panels import PANELS
from components.panels.view import Panel
from queries.columns import Kind

SLUGS = tuple(panel.slug for panel in PANELS)
#: Panels that the page shows; the others are for the API and for downloads.
SHOWN_SLUGS = tuple(panel.slug for panel in PANELS if panel.is_shown)
#: Panels whose rows depend on the period and not on the present minute.
PERIOD_PANELS = tuple(panel for panel in PANELS if not panel.query.is_about_now)
PERIOD_SLUGS = tuple(panel.slug for panel in PERIOD_PANELS)
#: Panels of a period whose answers always hold all rows.
SUMMARY_SLUGS = tuple(panel.slug for panel in PERIOD_PANELS if not panel.query.has_pages)
#: Panels with columns of free text, which may have phones in them.
TEXT_SLUGS = tuple(
    panel.slug
    for panel in PANELS
    if any(column.kind is Kind.TEXT for column in panel.query.columns)
)
#: Panels that are drawn as a graph.
GRAPHS = tuple(panel for panel in PANELS if panel.kind == "graph")


def panel_of(slug: str) -> Panel:
    """Return the panel called ``slug``. Raises ``StopIteration`` where there is none."""
    return next(panel for panel in PANELS if panel.slug == slug)
