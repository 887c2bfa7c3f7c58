"""Import files as people have them: other separators, broken rows, typed Parquet columns."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.contract import MESSAGES, ImportFile, UnreadableFile
from sources.csv_tables import BATCH_ROWS
from sources.import_files import check_readable, ignored_columns, read_batches
from sources.row_batches import Reject

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
HEADER = "message_id,case_id,direction,sent_at,body"


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "given.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows_and_rejects(
    path: Path, file: ImportFile = MESSAGES
) -> tuple[list[dict[str, object]], list[Reject]]:
    rows, rejects = [], []
    for batch in read_batches(path, file):
        rows += batch.table.to_pylist()
        rejects += batch.rejects
    return rows, rejects


def parquet(folder: Path, **columns: pa.Array | list[str]) -> Path:
    path = folder / "given.parquet"
    required = {name: ["x"] for name in MESSAGES.required_names}
    pq.write_table(pa.table({**required, **columns}), path)
    return path


@pytest.mark.parametrize(
    ("header", "row", "body"),
    [
        (HEADER, "m,c,in,t,a;b", "a;b"),
        (HEADER.replace(",", ";"), "m;c;in;t;a,b", "a,b"),
        (HEADER.replace(",", "\t"), "m\tc\tin\tt\ta,b;c", "a,b;c"),
        (HEADER.replace(",", "|"), "m|c|in|t|a,b;c", "a,b;c"),
        ("Message ID,caseId,DIRECTION,Sent At,Body", "m,c,in,t,ola", "ola"),
        ("ID da Mensagem;Número do Caso;Origem;Data da Mensagem;Texto", "m;c;in;t;ola", "ola"),
        ("case_id,Caso,message_id,direction,sent_at,body", "c,other,m,in,t,ola", "ola"),
        ("\ufeff" + HEADER, "m,c,in,t,ola", "ola"),
        ("\ufeff" + HEADER.replace(",", ";"), 'm;c;in;t;"a;b"', "a;b"),
        ('"message_id","case_id","direction","sent_at","body"', "m,c,in,t,ola", "ola"),
        (" message_id , case_id ,direction,sent_at, body ", "m,c,in,t,ola", "ola"),
        (HEADER + ",extra", "m,c,in,t,ola,ignored", "ola"),
        (HEADER, 'm,c,in,t,"diz ""ola"""', 'diz "ola"'),
        (HEADER, "m,c,in,t,  ola  ", "  ola  "),
        (HEADER, "m,c,in,t", ""),
        ("body,sent_at,direction,case_id,message_id", "ola,t,in,c,m", "ola"),
    ],
)
def test_csv_with_other_separators_quotes_and_encodings(
    tmp_path: Path, header: str, row: str, body: str
) -> None:
    rows, rejects = rows_and_rejects(written(tmp_path, f"{header}\n{row}\n"))
    assert not rejects
    [found] = rows
    assert (found["message_id"], found["case_id"], found["sent_at"]) == ("m", "c", "t")
    assert found["body"] == body
    assert found["line"] == 2
    assert found["phone"] is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_number_of_a_row_is_its_first_line(tmp_path: Path, end: str) -> None:
    cells = ["m1,c,in,t,um", 'm2,c,in,t,"dois', "", 'fim"', "", "m3,c,in,t,tres"]
    rows, rejects = rows_and_rejects(written(tmp_path, end.join([HEADER, *cells])))
    assert not rejects
    assert [(row["message_id"], row["line"]) for row in rows] == [("m1", 2), ("m2", 3), ("m3", 7)]
    assert rows[1]["body"] == f"dois{end}{end}fim"


def test_line_numbers_continue_over_batches(tmp_path: Path) -> None:
    count = BATCH_ROWS * 2 + 3
    lines = (f'm{n},c,in,t,"a\nb"' for n in range(count))
    path = written(tmp_path, "\n".join([HEADER, *lines]))
    sizes = [batch.table.num_rows for batch in read_batches(path, MESSAGES)]
    assert sizes == [BATCH_ROWS, BATCH_ROWS, 3]
    rows, _ = rows_and_rejects(path)
    assert [row["line"] for row in rows] == [2 + 2 * n for n in range(count)]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (b"bad,c,in,t,ola,too many", "", "more cells than the header has"),
        (b"bad,c,in,t,Ol\xe1", "", "not UTF-8"),
        (b"bad\0,c,in,t,ola", "message_id", "has a NUL"),
        (b"bad,c,in,t,o\0la", "body", "has a NUL"),
        (b'bad,c,in,t,"ola"x', "", "not a CSV row"),
    ],
)
def test_broken_rows_are_rejected_alone(
    tmp_path: Path, row: bytes, column: str, reason: str
) -> None:
    content = HEADER.encode() + b"\nm1,c,in,t,um\n" + row + b"\nm2,c,in,t,dois\n"
    rows, [reject] = rows_and_rejects(written(tmp_path, content))
    assert [(found["message_id"], found["line"]) for found in rows] == [("m1", 2), ("m2", 4)]
    assert (reject.line, reject.column) == (3, column)
    assert reject.reason.startswith(reason)


def test_surplus_cells_that_are_empty_do_no_harm(tmp_path: Path) -> None:
    rows, rejects = rows_and_rejects(written(tmp_path, f"{HEADER}\nm,c,in,t,ola,,\n"))
    assert len(rows) == 1
    assert not rejects


def test_an_unclosed_quote_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path, f'{HEADER}\nm1,c,in,t,um\nm2,c,in,t,"dois\nm3,c,in,t,tres\n')
    rows, rejects = rows_and_rejects(path)
    assert [row["message_id"] for row in rows] == ["m1"]
    assert rejects == [Reject(n, "", "a quoted field opened in line 3 never ends") for n in (3, 4)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is not a file of messages: it is empty"),
        (
            "phone\n",
            "is not a file of messages: the columns message_id, case_id, direction, sent_at",
        ),
        ("\n\n", "is not a file of messages"),
        ("case_id,direction,sent_at\n", "the column message_id is missing"),
        (HEADER + ",phone,phone\n", "has the column phone more than once"),
        ('message_id,"case_id\n', "has no readable header"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le"), "is not a file of messages"),
        (b"PAR1 and then nothing", "is not a whole Parquet file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a file of messages"),
    ],
)
def test_unreadable_files_are_refused(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(UnreadableFile, match=r"^given\.csv ") as checked:
        check_readable(path, MESSAGES)
    assert sentence in str(checked.value)
    with pytest.raises(UnreadableFile, match=r"^given\.csv "):
        list(read_batches(path, MESSAGES))


@pytest.mark.parametrize(
    ("name", "sentence"), [("missing.csv", "cannot be read"), (".", "is a directory: give a file")]
)
def test_a_path_that_is_not_a_file_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        check_readable(tmp_path / name, MESSAGES)


def test_a_file_with_only_a_header_has_no_rows(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER)
    check_readable(path, MESSAGES)
    assert rows_and_rejects(path) == ([], [])


def test_unknown_columns_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER},nota,,Phone\n")
    assert ignored_columns(path, MESSAGES) == ("nota",)  # Phone is phone
    assert ignored_columns(parquet(tmp_path, nota=["x"]), MESSAGES) == ("nota",)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array([MOMENT.replace(tzinfo=None)]), "2026-01-02T03:04:05.678901"),
        (
            pa.array([MOMENT], pa.timestamp("ns", "Asia/Tokyo")),
            "2026-01-02T03:04:05.678901Z",
        ),
        (
            pa.array([1_767_323_045], pa.timestamp("s")),
            "2026-01-02T03:04:05.000000",
        ),
        (pa.array([date(2026, 1, 2)]), "2026-01-02"),
        (pa.array(["2026-01-02"]).dictionary_encode(), "2026-01-02"),
        (pa.array(["2026-01-02"], pa.large_string()), "2026-01-02"),
        (pa.array([7]), "7"),
        (pa.array([True]), "true"),
        (pa.array([Decimal("1.50")]), "1.50"),
        (pa.array([None], pa.null()), None),
        (pa.array([None], pa.timestamp("us")), None),
    ],
)
def test_typed_parquet_columns_read_as_csv_has_them(
    tmp_path: Path, values: pa.Array, text: str | None
) -> None:
    rows, rejects = rows_and_rejects(parquet(tmp_path, sent_at=values))
    assert not rejects
    assert [row["sent_at"] for row in rows] == [text]


def test_parquet_rows_are_numbered_from_one(tmp_path: Path) -> None:
    count = BATCH_ROWS + 1
    path = tmp_path / "given.bin"
    required = {name: ["x"] * count for name in MESSAGES.required_names}
    bodies = ["a", "\0", *["b"] * (count - 2)]
    pq.write_table(pa.table({**required, "body": bodies}), path)
    rows, rejects = rows_and_rejects(path)
    assert rejects == [Reject(2, "body", "has a NUL")]
    assert [row["line"] for row in rows] == [1, *range(3, count + 1)]


def test_half_a_parquet_file_cannot_be_taken(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UnreadableFile, match="is not a whole Parquet file"):
        check_readable(path, MESSAGES)
