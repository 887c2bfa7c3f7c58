"""How a text is encoded, found out from its bytes."""

from pathlib import Path

import pytest

from sources.contract import UnreadableFile
from sources.files.encodings import encoding_of, write_as_utf8

TEXT = "case_id;person_name\r\nc1;João\r\nc2;Zoë “x”\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"", "utf-8"),
        (b"plain\n", "utf-8"),
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("cp1252"), "cp1252"),
        ("São".encode("latin-1"), "cp1252"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32"),
        ("João ".encode() + b"Z\xe9", "utf-8"),  # a broken byte among letters of UTF-8
        (b"x" * 2**20 + "é".encode(), "utf-8"),
        (b"x" * (2**20 - 1) + "é".encode(), "utf-8"),  # a letter across two pieces
        (b"x" * 2**20 + b"\xe9", "cp1252"),  # the very last byte
        (b"\x81\x8d", "utf-8"),  # in Windows-1252 these are no letters
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "utf-8"),  # no text at all
    ],
)
def test_an_encoding_is_found_out(tmp_path: Path, content: bytes, encoding: str) -> None:
    path = tmp_path / "given.csv"
    path.write_bytes(content)
    assert encoding_of(path) == encoding


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-be", "utf-32"])
def test_a_text_is_written_as_utf_8_line_by_line(tmp_path: Path, encoding: str) -> None:
    given, target = tmp_path / "given.csv", tmp_path / "utf8.csv"
    given.write_bytes(TEXT.encode(encoding))
    write_as_utf8(given, encoding, target)
    assert target.read_bytes() == TEXT.encode()


def test_bytes_that_are_not_in_the_encoding_are_refused(tmp_path: Path) -> None:
    given = tmp_path / "given.csv"
    given.write_bytes(b"\xff\xfea")
    with pytest.raises(UnreadableFile, match=r"^given\.csv is not text in UTF-16$"):
        write_as_utf8(given, "utf-16", tmp_path / "utf8.csv")
