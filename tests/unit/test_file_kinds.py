"""For a file that cannot be read, a sentence says what it is and what to do."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.contract import MESSAGES, UnreadableFile
from sources.import_files import check_readable, read_batches

TEXT = "message_id,case_id,direction,sent_at\nm1,c1,in,2026-11-20T10:00:00Z\n"
#: Chats as an Android phone and an iPhone export them.
CHAT = "31/12/2026 10:00 - As mensagens são protegidas\n31/12/2026 10:01 - Ana: Oi, tudo bem?\n"
PHONE_CHAT = "\u200e[31/12/26, 10:00:05] Ana: Oi\n[31/12/26, 10:01:10] Loja: Olá, Ana\n"
SENTENCE = (
    "it is a chat exported from WhatsApp; it has neither cases nor statuses, templates and ids of "
    "messages: export from the support portal, or take the webhooks of WhatsApp"
)


def archive(name: str, content: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        opened.writestr(name, content)
    return written.getvalue()


def parquet() -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.table({name: ["x"] * 99 for name in MESSAGES.required_names}), written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty; export the data again"),
        (b" \n\n\t\n", "it is empty; export the data again"),
        (b"\xef\xbb\xbf", "it is empty; export the data again"),
        (b"sep=;\n", "it is empty; export the data again"),
        (TEXT.encode("utf-16"), 'it is UTF-16 text; save it as "CSV UTF-8"'),
        (TEXT.encode("utf-16-le"), 'it is UTF-16 text; save it as "CSV UTF-8"'),
        (TEXT.encode("utf-16-be"), 'it is UTF-16 text; save it as "CSV UTF-8"'),
        (TEXT.encode("utf-32"), 'it is UTF-32 text; save it as "CSV UTF-8"'),
        (archive("messages.csv", TEXT), "it is an archive (zip); unpack it first"),
        (gzip.compress(TEXT.encode(), mtime=0), "it is compressed (gzip); unpack it first"),
        (CHAT.encode(), SENTENCE),
        (PHONE_CHAT.encode(), SENTENCE),
        (b'[{"message_id": "m1", "case_id": "c1"}]', "it is JSON; convert it to CSV"),
        (b'{"message_id": "m1"}\n', "it is JSON; convert it to CSV"),
        (b"<html><table>", "it is HTML or XML; export the table as CSV"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "it is no text; import CSV, Parquet or a workbook"),
    ],
)
def test_the_message_says_what_kind_of_file_it_is(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "given.csv"
    path.write_bytes(content)
    for attempt in (check_readable, lambda *given: list(read_batches(*given))):
        with pytest.raises(UnreadableFile) as told:
            attempt(path, MESSAGES)
        assert str(told.value).startswith(f"given.csv is not a file of messages: {said}")


@pytest.mark.parametrize("kept", [5, 100, -1, -200])
def test_a_parquet_file_cut_short(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "given.parquet"
    path.write_bytes(parquet()[:kept])
    with pytest.raises(UnreadableFile) as told:
        check_readable(path, MESSAGES)
    assert str(told.value) == (
        "given.parquet is not a whole Parquet file: it is damaged or cut short; copy it again"
    )


def test_paths_that_are_not_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "pipe", "pipe is a pipe: write what it holds to a file, and give that"),
        (Path("/dev/zero"), "zero is a device: write what it holds to a file, and give that"),
        (tmp_path, f"{tmp_path.name} is a directory: give a file"),
    ):
        with pytest.raises(UnreadableFile) as told:
            check_readable(path, MESSAGES)
        assert str(told.value) == said
