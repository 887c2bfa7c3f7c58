"""Makes the data frames of panels from their rows.

Keep pandas out of modules that commands import: it takes a second to load.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd


def frame_of(rows: Sequence[Sequence[Any]], names: tuple[str, ...]) -> pd.DataFrame:
    """Return a frame of ``rows`` with the columns ``names``, in this order, all of the type object.

    With this type whole numbers stay whole numbers beside None. The pandas index of ``names`` is
    made once and kept, because making it takes longer than the rest.
    """
    return pd.DataFrame(rows, columns=_index(names), dtype=object)


@cache
def _index(names: tuple[str, ...]) -> pd.Index:
    return pd.Index(names)
