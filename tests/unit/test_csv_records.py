"""Damaged CSV files: every line that holds data becomes a row or a reject, exactly once."""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources import csv_records
from sources.contract import MESSAGES
from sources.import_files import read_batches
from sources.row_batches import Reject

HEADER = "message_id,case_id,direction,sent_at,body"
NEVER_ENDS = "a quoted field opened in line {} never ends"
BYTE_ORDER_MARK = "\ufeff"


def read(folder: Path, content: str | bytes) -> tuple[dict[int, str], list[Reject]]:
    """Return the ids of the rows by line, and the rejects, for lines below a header."""
    path = folder / "given.csv"
    path.write_bytes(content if isinstance(content, bytes) else f"{HEADER}\n{content}".encode())
    rows: dict[int, str] = {}
    rejects: list[Reject] = []
    for batch in read_batches(path, MESSAGES):
        rows |= {row["line"]: row["message_id"] for row in batch.table.to_pylist()}
        rejects += batch.rejects
    return rows, rejects


def row(number: int, body: str = "ola") -> str:
    return f"m{number},c,in,t,{body}\n"


# --- where a quote goes astray ------------------------------------------------------------------


def test_an_unclosed_quote_does_not_shift_line_numbers(tmp_path: Path) -> None:
    lines = [row(n, '"ola' if n == 5 else "ola") for n in range(1, 1_001)]
    rows, rejects = read(tmp_path, "".join(lines))
    assert rows == {n + 1: f"m{n}" for n in range(1, 5)}
    assert rejects == [Reject(n + 1, "", NEVER_ENDS.format(6)) for n in range(5, 1_001)]


def test_rows_behind_a_damaged_record_are_read_where_quotes_are_in_pairs(tmp_path: Path) -> None:
    damaged = row(2, '"disse "ola" a\nm666,c,in,t,x\n\ntodos"')
    rows, rejects = read(tmp_path, row(1) + damaged + row(3))
    assert rows == {2: "m1", 7: "m3"}
    assert [reject.line for reject in rejects] == [3, 4, 6]  # line 5 is blank
    assert all("record of line 3" in reject.reason for reject in rejects)


def test_a_quote_too_few_rejects_all_lines_to_the_next_odd_one(tmp_path: Path) -> None:
    """In between it is unknown where rows begin, so each of these lines is rejected."""
    rows, rejects = read(
        tmp_path, row(1, '"um') + row(2) + row(3, '"tres"') + row(4, '5"') + row(5)
    )
    assert rows == {6: "m5"}
    assert [reject.line for reject in rejects] == [2, 3, 4, 5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_sound_records_with_quotes_of_all_kinds(tmp_path: Path, end: str) -> None:
    bodies = ['"um\n\ndois"', 'tela de 5"', '"diz ""ola"""', '""', '"a, b"', '"\n"']
    text = "".join(itertools.starmap(row, enumerate(bodies)))
    rows, rejects = read(tmp_path, f"{HEADER}\n{text}".replace("\n", end).encode())
    assert not rejects
    assert rows == {2: "m0", 5: "m1", 6: "m2", 7: "m3", 8: "m4", 9: "m5"}


# --- records that are too long ------------------------------------------------------------------


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a limit of 100 characters, so that tests need no long files."""
    monkeypatch.setattr(csv_records, "MAX_RECORD_CHARACTERS", 100)


LONG = "a" * 60


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (f'"{LONG}\nm666,c1,out,2026-11-20T10:00:00Z,x\n{LONG}"', [3, 4, 5]),
        (f'"{LONG}\nm666,c,in,t,x\n\n{LONG}\nm667,c,in,t,""\n{LONG}\nfim"', [3, 4, 6, 7, 8, 9]),
        (LONG * 5, [3]),
        (f'"{LONG * 5}\nm666,c,in,t,x\n"', [3, 4, 5]),
        (f'"{LONG * 5}"', [3]),
        (f'"{LONG}\n{LONG * 4}\nm666,c,in,t,x"', [3, 4, 5]),
        (f'"{LONG}\n{LONG * 4}"', [3, 4]),
    ],
)
def test_a_record_that_is_too_long_is_rejected_whole(
    tmp_path: Path, body: str, lines: list[int]
) -> None:
    """Text inside its field is never read as a row."""
    rows, rejects = read(tmp_path, row(1) + row(2, body) + row(3))
    assert rows == {2: "m1", max(lines) + 1: "m3"}
    reason = "longer than 100 characters: the record that begins in line 3"
    assert rejects == [Reject(line, "", reason) for line in lines]


@pytest.mark.usefixtures("_short")
def test_rejects_of_an_unclosed_quote_are_handed_over_in_small_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_records, "REJECTS_AT_ONCE", 10)
    text = io.StringIO(row(1, '"') + "".join(map(row, range(2, 1_000))), newline="")
    reader = csv_records.Records(text, ",")
    taken = []
    for line, cells in reader:
        assert (line, cells) == (1, [])
        taken.append(len(rejects := reader.take_rejects()))
        assert len(rejects) <= 11
    assert sum(taken) == 999


def test_the_limit_itself(tmp_path: Path) -> None:
    inside = "m666,c1,out,2026-11-20T10:00:00Z,x"
    half = "a" * (csv_records.MAX_RECORD_CHARACTERS // 2)
    rows, rejects = read(tmp_path, row(1) + row(2, f'"{half}\n{inside}\n{half}"') + row(3))
    assert rows == {2: "m1", 6: "m3"}
    assert [reject.line for reject in rejects] == [3, 4, 5]


# --- what joins files ---------------------------------------------------------------------------


def test_files_that_were_put_one_behind_the_other(tmp_path: Path) -> None:
    """A byte order mark within a file is not part of an id, and a second header is not a row."""
    second = f'{BYTE_ORDER_MARK}{HEADER}\n{BYTE_ORDER_MARK}"m2",c,in,t,ola\n'
    rows, rejects = read(tmp_path, row(1) + second)
    assert rows == {2: "m1", 4: "m2"}
    assert rejects == [Reject(3, "", "a header in mid-file")]


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', f"{BYTE_ORDER_MARK}sep=;", "sep=,"])
def test_a_first_line_that_names_the_separator_is_skipped(tmp_path: Path, first: str) -> None:
    header = HEADER.replace(",", ";")
    rows, rejects = read(tmp_path, f"{first}\n{header}\nm1;c;in;t;a,b\nm2\n".encode())
    assert (rows, rejects) == ({3: "m1", 4: "m2"}, [])


def test_the_separator_is_the_one_that_gives_the_known_columns(tmp_path: Path) -> None:
    reasons = '"Motivo (troca, devolução, garantia, outros, nenhum)"'
    header = f"{HEADER.replace(',', ';')};{reasons}"
    rows, rejects = read(tmp_path, f"{header}\nm1;c;in;t;ola;nenhum\n".encode())
    assert (rows, rejects) == ({2: "m1"}, [])


# --- random damage ------------------------------------------------------------------------------

ROWS = (
    "m1,c,in,t,ola",
    'm2,c,in,t,"ola, tudo bem?"',
    'm3,c,in,t,"duas\nlinhas"',
    'm4,c,in,t,"tres\r\nlinhas ""com aspas""\n"',
    'm5,c,in,t,tela de 5"',
    "m6,c,in",
    "",
    "  ",
    f"{BYTE_ORDER_MARK}m7,c,in,t,",
    HEADER,
)
PIECES = [b'"', b'""', b",", b";", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b" ", b"x"]
DAMAGES = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 12),
        st.sampled_from([*PIECES, BYTE_ORDER_MARK.encode(), b""]),
    ),
    max_size=6,
)


def damaged(rows: list[str], end: str, damages: list[tuple[float, int, bytes]]) -> bytes:
    content = "".join(f"{text}{end}" for text in rows).encode()
    for where, gone, piece in damages:
        at = int(where * len(content))
        content = content[:at] + piece + content[at + gone :]
    return content


def data_lines(text: str) -> list[int]:
    """Return the lines below the header that hold data, as docs/data-contract.md counts them.

    It reads character by character. A record counts as its first line. Of an unreadable record each
    line counts that is not blank, up to the first after which all quotes are in pairs.
    """
    found: list[int] = []
    lines = enumerate(io.StringIO(text, newline=""), 2)
    for number, line in lines:
        covered = [(number, line)]
        if line.startswith(BYTE_ORDER_MARK):
            covered = [(number, line.lstrip(BYTE_ORDER_MARK))]
        state = after(covered[0][1], "begin")
        while state == "quoted" and (more := next(lines, None)):
            covered.append(more)
            state = after(more[1], state)
        if state == "broken":
            while is_odd(covered) and (more := next(lines, None)):
                covered.append(more)
        if state in ("broken", "quoted"):
            found += [number for number, line in covered if line.strip()]
        elif len(covered) > 1 or covered[0][1].strip():
            found.append(number)
    return found


def is_odd(covered: list[tuple[int, str]]) -> bool:
    return sum(line.count('"') for _, line in covered) % 2 == 1


def after(line: str, state: str) -> str:
    """Return the state of a record after ``line``: ``quoted``, ``broken`` or another one."""
    for sign in line.rstrip("\r\n") if line.endswith(("\r", "\n")) else line:
        if state == "quoted":
            state = "closed" if sign == '"' else "quoted"
        elif state == "closed" and sign == '"':
            state = "quoted"
        elif sign == ",":
            state = "begin"
        elif state == "closed":
            return "broken"
        elif state == "begin" and sign == '"':
            state = "quoted"
        else:
            state = "plain"
    return state


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.sampled_from(ROWS), max_size=12),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    damages=DAMAGES,
)
def test_whatever_is_damaged_every_line_is_accounted_for(
    tmp_path: Path, rows: list[str], end: str, damages: list[tuple[float, int, bytes]]
) -> None:
    content = damaged(rows, end, damages)
    taken, rejects = read(tmp_path, f"{HEADER}\n".encode() + content)
    accounted = sorted([*taken, *(reject.line for reject in rejects)])
    assert accounted == data_lines(content.decode(errors="surrogateescape"))


def test_the_count_of_the_test_itself() -> None:
    """``data_lines`` gives the numbers that were counted by hand for these texts."""
    counted: Iterator[tuple[str, list[int]]] = iter(
        [
            ("", []),
            ("a,b\n\n \nc,d", [2, 5]),
            ('a,"b\nc"\nd,e\n', [2, 4]),
            ('a,"b\nc\n\nd', [2, 3, 5]),
            ('a,"b"c\nd\n', [2, 3]),
            ('a,"b"c"\nd\ne"\nf\n', [2, 3, 4, 5]),
        ]
    )
    for text, lines in counted:
        assert data_lines(text) == lines, text
