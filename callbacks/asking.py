"""What the browser asks: from the stores of the page to filters and table requests.

The stores come from the browser, so they may hold anything. What is wrong with them raises
``FilterError``.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from components import ids
from components.labels import vocabulary_codes
from components.panels import details
from components.panels.view import Panel
from queries.errors import FilterError
from queries.filters import Filters
from queries.scope import Scope
from queries.table_request import TableRequest

#: The inputs of the table's callback that keep the reader on its page.
_PAGE_INPUTS: Final = frozenset({f"{ids.TABLE}.page_current", f"{ids.retry(ids.DETAILS)}.n_clicks"})
_APPLIED_INPUT: Final = f"{ids.APPLIED}.data"
#: Parameters of the table that change how it looks, and not which rows it has.
_LOOKS: Final = ("columns", "page_size")


def raw_question(store: object) -> Mapping[str, object]:
    """The parameters that a store holds, named as in an address. Raises ``FilterError``."""
    raw = store.get("raw") if isinstance(store, dict) else None
    if not isinstance(raw, dict) or not all(isinstance(name, str) for name in raw):
        raise FilterError("wrong_type", name="raw")
    return raw


def filters_of(applied: object) -> Filters:
    """The filters that the store ``applied`` holds. Raises ``FilterError``."""
    return Filters.parse(raw_question(applied))


def list_request(panel: Panel, chosen: object = None) -> TableRequest:
    """The first page of a list panel, with only the rows of the code that the reader has chosen.

    A ``chosen`` that is no code of the panel's choice leaves all rows.
    """
    request = TableRequest(page_size=panel.page_size)
    if panel.choice is None or not isinstance(chosen, str):
        return request
    if chosen not in vocabulary_codes(panel.choice.vocabulary):
        return request
    return replace(request, where=((panel.choice.name, chosen),))


def table_request(
    raw: Mapping[str, object], scope: Scope
) -> tuple[TableRequest, FilterError | None]:
    """The page of the table that is asked for.

    What is wrong with its columns or the length of its pages changes no rows: then the table has
    its usual ones, and the error comes with it. Raises ``FilterError`` for everything else.
    """
    try:
        return _with_offered_page_size(TableRequest.parse(raw, scope)), None
    except FilterError as error:
        usual = {name: value for name, value in raw.items() if name not in _LOOKS}
        return TableRequest.parse(usual, scope), error


def keeps_page(applied: Mapping[str, Any], triggers: Collection[str]) -> bool:
    """Whether the reader stays on the page of the table; ``triggers`` are the inputs that changed.

    The reader stays where they turned the page or tried again, and where ``applied`` was renewed
    only because there is newer data.
    """
    others = {*triggers} - _PAGE_INPUTS
    return not others or (others == {_APPLIED_INPUT} and applied.get("reason") == "data")


def _with_offered_page_size(request: TableRequest) -> TableRequest:
    """``request``, whose pages must have a length that the page offers."""
    sizes = details.PAGE_SIZES
    if request.page_size not in sizes:
        allowed = ", ".join(map(str, sizes))
        raise FilterError("bad_value", name="page_size", value=request.page_size, allowed=allowed)
    return request
