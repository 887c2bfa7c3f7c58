"""The panels' questions, one module each, joined here.

``PANELS`` holds those with one shape: ``query(filters, scope)`` and ``shape(frame, filters)``.
``details`` and ``waiting`` are apart, because tables have pages.
"""

from collections.abc import Mapping
from typing import Final, Protocol

import pandas as pd

from queries import table_request
from queries.filters import Filters
from queries.panels import (
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
from queries.result import ResultSet
from queries.scope import Scope
from queries.sql_functions import Statement


class Panel(Protocol):
    """A question whose answer is a small frame of ``COLUMNS``."""

    SLUG: str
    COLUMNS: tuple[str, ...]

    def query(self, filters: Filters, scope: Scope) -> Statement: ...

    def shape(self, found: ResultSet, filters: Filters, /) -> pd.DataFrame: ...


PANELS: Final[Mapping[str, Panel]] = {
    panel.SLUG: panel
    for panel in (
        messages_by_origin,
        messages_by_status,
        cases,
        templates,
        indicators,
        failures,
        hsm_in_window,
    )
}
SLUGS: Final = tuple(PANELS)
#: What the API gives of each panel and table: page and downloads may have more.
API_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    **{slug: panel.COLUMNS for slug, panel in PANELS.items()},
    indicators.SLUG: indicators.API_COLUMNS,
    details.SLUG: table_request.API_COLUMNS,
    waiting.SLUG: waiting.API_COLUMNS,
}
DETAILS_SLUG: Final = details.SLUG
WAITING_SLUG: Final = waiting.SLUG
