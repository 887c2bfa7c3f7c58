"""Progress of downloads: states, and a bounded number of names."""

import errno

import pytest

from app.download_progress import KEPT_SECONDS, MOST_NAMES, NAME, Ended, ProgressBoard


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def name(number: int) -> str:
    return f"{number:032x}"


def test_rows_are_counted_until_the_end() -> None:
    board = ProgressBoard(Clock())
    progress = board.begin(name(1))
    assert board.of(name(1)) is progress
    assert progress.shown() == {"state": "waiting", "rows": 0, "total": None}
    progress.total = 30
    progress.wrote(10)
    assert progress.shown() == {"state": "running", "rows": 10, "total": 30}
    progress.end("done")
    progress.end("broken")
    assert progress.shown()["state"] == "done"


def test_a_reader_who_stops_it_cuts_the_connection() -> None:
    progress = ProgressBoard(Clock()).begin(name(1))
    progress.asked_to_stop = True
    with pytest.raises(Ended) as caught:
        progress.wrote(10)
    assert caught.value.errno == errno.ECONNRESET  # which servers do not log as a failure
    assert progress.shown()["state"] == "stopped"


@pytest.mark.parametrize(
    "text", ["", "x", "0" * 31, "0" * 33, "A" * 32, "0" * 31 + "\n", "٣" * 32, "../" + "0" * 29]
)
def test_what_is_no_name_of_a_download(text: str) -> None:
    assert not NAME.fullmatch(text)


def test_the_number_of_kept_names_is_bounded() -> None:
    board = ProgressBoard(Clock())
    for number in range(3 * MOST_NAMES):
        board.begin(name(number))
    assert len(board) == MOST_NAMES
    assert board.of(name(0)) is None
    assert board.of(name(3 * MOST_NAMES - 1))


def test_a_name_in_use_is_kept_longer_than_unused_ones() -> None:
    clock = Clock()
    board = ProgressBoard(clock)
    board.begin(name(1))
    board.begin(name(2))
    clock.now = KEPT_SECONDS / 2
    assert board.of(name(1))
    clock.now = KEPT_SECONDS + 1
    assert board.of(name(2)) is None
    assert board.of(name(1))
    clock.now = 3 * KEPT_SECONDS
    assert board.of(name(1)) is None
    assert len(board) == 0


def test_readers_do_not_share_names() -> None:
    board = ProgressBoard(Clock())
    board.begin(name(1))
    assert board.of(("other", name(1)[1])) is None


def test_a_repeated_name_belongs_to_the_newer_download() -> None:
    board = ProgressBoard(Clock())
    older = board.begin(name(1))
    newer = board.begin(name(1))
    assert board.of(name(1)) is newer
    assert newer is not older
    assert len(board) == 1
