"""Frames keep the values of their rows as they are."""

from datetime import date

from queries.frames import frame_of, frame_of_columns

#: One row of values that pandas or NumPy would like to turn into something else.
ODD = (1, None, "a", 0.5, date(2026, 1, 2), ("a", "b"), [1, 2], 2**60)
NAMES = tuple("abcdefgh")


def test_values_and_types_stay() -> None:
    frame = frame_of([ODD, ODD[::-1]], NAMES)
    assert list(frame.columns) == list(NAMES)
    assert [*frame.itertuples(index=False, name=None)] == [ODD, ODD[::-1]]
    assert {str(kind) for kind in frame.dtypes} == {"object"}
    assert [type(value) for value in frame.iloc[0]] == [type(value) for value in ODD]


def test_a_frame_of_texts_is_not_turned_into_pandas_texts() -> None:
    assert str(frame_of([("a",), (None,)], ("x",))["x"].dtype) == "object"


def test_no_rows() -> None:
    frame = frame_of([], NAMES)
    assert frame.empty
    assert list(frame.columns) == list(NAMES)


def test_columns_give_the_same_frame_as_rows() -> None:
    columns = {name: [value] for name, value in zip(NAMES, ODD, strict=True)}
    assert frame_of_columns(columns).equals(frame_of([ODD], NAMES))
    assert list(frame_of_columns({"x": [], "y": []}).columns) == ["x", "y"]
