"""Makes the data frames of panels from their rows, and gives the rows of a frame back.

Keep pandas out of modules that commands import: it takes a second to load.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd


def frame_of(rows: Sequence[Sequence[Any]], names: tuple[str, ...]) -> pd.DataFrame:
    """Return a frame of ``rows`` with the columns ``names``, in this order, all of the type object.

    With this type whole numbers stay whole numbers beside None. All values go into one array that
    pandas takes as it is: columns one by one take five times as long. The pandas index of ``names``
    is made once and kept, because making it takes longer than the rest.
    """
    values = [value for row in rows for value in row]
    # ``fromiter`` keeps a value that is itself a tuple or list as one value.
    table = np.fromiter(values, dtype=object, count=len(values)).reshape(len(rows), len(names))
    return pd.DataFrame(table, columns=_index(names), dtype=object, copy=False)


def frame_of_columns(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return the frame of ``frame_of`` from the values of each column, by its name."""
    return frame_of(list(zip(*columns.values(), strict=True)), tuple(columns))


def rows_of(frame: pd.DataFrame) -> list[list[Any]]:
    """Return the rows of ``frame``, each as the list of its values.

    All values are taken out at once: pandas' own ways go to the frame for each column of each row.
    """
    rows: list[list[Any]] = frame.to_numpy(dtype=object).tolist()
    return rows


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of ``frame``, each as a dictionary from column name to value."""
    names = tuple(frame.columns)
    return [dict(zip(names, row, strict=True)) for row in rows_of(frame)]


@cache
def _index(names: tuple[str, ...]) -> pd.Index:
    # Of Python's own texts: columns are looked up by name more often than anything else is done.
    return pd.Index(names, dtype=object)
