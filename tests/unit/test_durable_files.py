"""A new file never replaces another one, and a full disk is recognised."""

import errno
import os
from pathlib import Path

import duckdb
import pytest

from sources import durable_files
from sources.durable_files import put_new
from sources.store_errors import is_disk_full


def test_a_file_gets_a_name_that_is_free(tmp_path: Path) -> None:
    file, path = tmp_path / "file", tmp_path / "path"
    file.write_text("new")
    put_new(file, path)
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["path"]


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_nothing_is_replaced(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    links: bool,  # noqa: FBT001
) -> None:
    """Also on a file system without hard links, such as that of a memory stick."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    if not links:
        monkeypatch.setattr(durable_files.os, "link", refuse)
    file = tmp_path / "file"
    file.write_text("new")
    (tmp_path / "there").write_text("old")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    for name in ("there", "dangling", "folder"):
        with pytest.raises(FileExistsError):
            put_new(file, tmp_path / name)
    assert file.read_text() == "new"
    assert (tmp_path / "there").read_text() == "old"
    assert str((tmp_path / "dangling").readlink()) == "nowhere"
    put_new(file, tmp_path / "free")
    assert (tmp_path / "free").read_text() == "new"
    assert not file.exists()


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (OSError(errno.EFBIG, "x"), True),
        (PermissionError(errno.EACCES, "x"), False),
        (duckdb.IOException('Could not write file "x": No space left on device'), True),
        (duckdb.TransactionException("Failed to commit: … Disk quota exceeded"), True),
        (duckdb.IOException('Could not write file "x": File too large'), True),
        (duckdb.IOException("Could not set lock on file"), False),
        (ValueError("No space left on device"), False),
    ],
)
def test_how_a_full_disk_is_told(error: Exception, full: bool) -> None:  # noqa: FBT001
    assert is_disk_full(error) is full
