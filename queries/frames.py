"""Frames of small results. Commands do not import this module: pandas takes a second to load."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd


def frame_of(rows: Sequence[Sequence[Any]], names: tuple[str, ...]) -> pd.DataFrame:
    """A frame of objects; the index of its columns is made once for each set of names."""
    return pd.DataFrame(rows, columns=_index(names), dtype=object)


@cache
def _index(names: tuple[str, ...]) -> pd.Index:
    return pd.Index(names)
