"""The sentences about files whose header lacks required columns."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.contract import CASES, MESSAGES, UnreadableFile
from sources.import_files import check_readable, ignored_columns, missing_columns, read_batches
from sources.row_batches import Reject

HEADER = "message_id,case_id,direction,sent_at"
ROW = "m1,c1,in,2026-11-20T10:00:00Z"


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "given.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("header", "lack"),
    [
        (
            "case_id,direction,sent_at,Nota",
            "the column message_id is missing; the file has case_id, direction, sent_at, Nota",
        ),
        (
            "Id da Mensagem;case_id;direction;Quando;;",
            (
                "the column sent_at is missing; "
                "the file has Id da Mensagem, case_id, direction, Quando"
            ),
        ),
        (
            "case_id,person_name,channel,case_type,opened_at",
            (
                "the columns message_id, direction, sent_at are missing; the file has case_id, "
                "person_name, channel, case_type, opened_at; "
                "it is a file of cases: give it with --cases"
            ),
        ),
        (
            ",".join(f"c{n}" for n in range(1, 24)),
            (
                "the columns message_id, case_id, direction, sent_at are missing; "
                "the file has c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, "
                "c13, c14, c15, c16, c17, c18, c19, c20 and 3 more"
            ),
        ),
        (
            "case_id,direction,sent_at," + "n" * 41,
            (
                f"the column message_id is missing; the file has case_id, direction, sent_at, "
                f"{'n' * 40}…"
            ),
        ),
        (
            ",,\na,b,c",
            (
                "the columns message_id, case_id, direction, sent_at are missing; "
                "its header names no columns"
            ),
        ),
    ],
)
def test_missing_columns_are_reported(tmp_path: Path, header: str, lack: str) -> None:
    path = written(tmp_path, f"{header}\n{ROW}\n")
    with pytest.raises(UnreadableFile) as told:
        check_readable(path, MESSAGES)
    assert str(told.value) == f"given.csv is not a file of messages: {lack}"


def test_missing_columns_of_parquet_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "given.parquet"
    pq.write_table(pa.table({"caseId": ["c1"], "direction": ["in"]}), path)
    with pytest.raises(UnreadableFile) as told:
        check_readable(path, MESSAGES)
    assert str(told.value) == (
        "given.parquet is not a file of messages: the columns message_id, "
        "case_id (the file has caseId), sent_at are missing; the file has caseId, direction"
    )


def test_a_header_that_is_not_utf_8_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path, "case_id,direction,sent_at,Observação\n".encode("latin-1"))
    with pytest.raises(UnreadableFile) as told:
        check_readable(path, MESSAGES)
    assert str(told.value).endswith("the file has case_id, direction, sent_at, Observa??o")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("above", "line"), [("Mensagens de novembro\n", 2), ("Mensagens\nde:1;a:30\n\n \n", 5)]
)
def test_a_header_below_a_title(tmp_path: Path, separator: str, above: str, line: int) -> None:
    path = written(tmp_path, above + f"{HEADER}\n{ROW}\n".replace(",", separator))
    with pytest.raises(UnreadableFile) as told:
        check_readable(path, MESSAGES)
    assert str(told.value) == (
        f"given.csv has its header in line {line}: remove the lines above it"
    )


def test_rows_in_another_encoding_say_what_to_do(tmp_path: Path) -> None:
    rows = f"{HEADER},agent\n{ROW},Jo\xe3o\n{ROW},Ana\n".encode("latin-1")
    [batch] = read_batches(written(tmp_path, rows), MESSAGES)
    assert batch.table["agent"].to_pylist() == ["Ana"]
    assert batch.rejects == (Reject(2, "", 'not UTF-8: save it as "CSV UTF-8"'),)


@pytest.mark.parametrize(
    ("header", "row", "told"),
    [
        (f"{HEADER},", f"{ROW},lost", ("a column without a name",)),
        (f"{HEADER}, ,nota", f"{ROW},lost,x", ("nota", "a column without a name")),
        (f",{HEADER}", f"0,{ROW}", ("a column without a name",)),
        (f"{HEADER},,", f"{ROW},,\n{ROW}, \n{ROW}", ()),
        (f"{HEADER},,", f"{ROW},,\n{ROW},,x", ("a column without a name",)),
        (f"{HEADER},", f'{ROW},"a"b', ()),  # a reject
        (f" message_id , \u200bcase_id{HEADER[18:]}", ROW, ()),
    ],
)
def test_columns_that_are_not_imported_are_reported(
    tmp_path: Path, header: str, row: str, told: tuple[str, ...]
) -> None:
    assert ignored_columns(written(tmp_path, f"{header}\n{row}\n"), MESSAGES) == told


def test_a_column_of_parquet_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "given.parquet"
    pq.write_table(pa.table({name: ["x"] for name in (*HEADER.split(","), "", "nota")}), path)
    assert ignored_columns(path, MESSAGES) == ("nota", "a column without a name")


def test_an_optional_column_with_another_name(tmp_path: Path) -> None:
    path = tmp_path / "given.parquet"
    names = ("case_id", "person_name", "channel", "case_type", "opened_at", "TEAM", "closed_at")
    pq.write_table(pa.table({name: ["x"] for name in names}), path)
    assert missing_columns(path, CASES) == (
        (
            "without the column team (the file has TEAM): "
            "the filter and the column of teams stay empty"
        ),
    )
