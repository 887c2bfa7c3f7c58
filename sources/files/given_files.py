"""Opens the files that ``import`` is given, and writes what a load reads into the hand-in's folder.

A file that a load can read is copied as it is. Any other is converted on the way: see
``sources.files``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from sources.contract import (
    CASES,
    FILES,
    MESSAGES,
    WHITE_SPACE,
    Holds,
    ImportFile,
    UnreadableFile,
)
from sources.file_kinds import is_parquet, is_workbook
from sources.files.encodings import ENCODING_NAMES, UTF_8, encoding_of, write_as_utf8
from sources.files.profile_rows import ProfileRows
from sources.files.profiles import Profile, load_profile, shipped_profiles
from sources.files.session_cases import cases_of_messages
from sources.files.time_formats import fitting_formats, iso_time
from sources.files.unpacking import STANDARD_INPUT, unpacked
from sources.import_files import (
    check_readable,
    header_of,
    ignored_columns,
    missing_columns,
    read_batches,
)
from sources.inbox import copy_files
from sources.loading.load_order import Progress
from sources.path_checks import check_input
from sources.prepared_rows import write_prepared
from sources.row_batches import Batch

#: So many times of a column are looked at before the load.
_LOOKED_AT: Final = 1_000
_SHOWN_COLUMNS: Final = 20
_WITH_OFFSET: Final = re.compile(r"(Z|[T ].*[-+\u2212]\d{2}(:?\d{2})?)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a person says that the files are to be read.

    ``encoding``: of texts; None to find it out. ``formats``: of times, beside ISO 8601. ``zone``:
    of times without an offset. ``profile``: of an export; None for the contract's columns.
    """

    encoding: str | None = None
    formats: tuple[str, ...] = ()
    zone: str = "UTC"
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that ``import`` was given as ``file``, one of ``FILES``.

    ``path`` is a plain file; a text is in UTF-8. ``notes`` are sentences on how it is read.
    """

    file: ImportFile
    path: Path
    notes: tuple[str, ...] = ()


def open_files(
    paths: Mapping[str, Path], options: ReadingOptions, folder: Path
) -> tuple[GivenFile, ...]:
    """Return the files at ``paths`` (by ``ImportFile.name``), unpacked and checked.

    What has to be unpacked or encoded anew is written into ``folder``. Raises ``UnreadableFile`` if
    one cannot be read, lacks a required column, or has times that only another format would read.
    """
    for path in paths.values():
        if path != STANDARD_INPUT:
            check_input(path)
    kinds = [file for file in FILES if file.name in paths]
    given = tuple(_opened(paths[file.name], file, options, folder) for file in kinds)
    for each in given:
        _check(each, options)
    return given


def write_files(
    given: Sequence[GivenFile], options: ReadingOptions, progress: Progress
) -> Callable[[Path], Mapping[str, Path]]:
    """Return a function for ``Inbox.hand_in`` that writes what is to be loaded into a folder.

    ``progress`` is called with how many rows of a file were converted. Raises ``UnreadableFile`` as
    ``copy_files`` does, or if a file cannot be converted.
    """

    def write(folder: Path) -> Mapping[str, Path]:
        written: dict[str, Path] = {}
        for each in given:
            if not _needs_conversion(each, options):
                written |= copy_files({each.file.name: each.path})(folder)
                continue
            for file, batches in _converted(each, options, progress).items():
                path = folder / f"{file.name}.parquet"
                write_prepared(path, file, batches)
                written[file.name] = path
        return written

    return write


def without_offsets(given: Sequence[GivenFile], options: ReadingOptions) -> tuple[str, ...]:
    """Return the names of the files that have times, none of which has an offset.

    Only the first thousand times of each column are looked at.
    """
    found = []
    for each in given:
        columns = _first_times(each, options).values()
        texts = [text for column in columns for text in column]
        if texts and not any(map(_WITH_OFFSET.search, texts)):
            found.append(each.path.name)
    return tuple(found)


def _opened(path: Path, file: ImportFile, options: ReadingOptions, folder: Path) -> GivenFile:
    plain = unpacked(path, folder, lambda member: _fits(member, file, options))
    if is_parquet(plain) or is_workbook(plain):
        return GivenFile(file, plain)
    encoding = options.encoding or encoding_of(plain)
    if encoding.lower().replace("_", "-") in (UTF_8, "utf8", "utf-8-sig"):
        return GivenFile(file, plain)
    own = folder / f"utf8-{file.name}"
    own.mkdir()
    target = own / plain.name
    write_as_utf8(plain, encoding, target)
    name = ENCODING_NAMES.get(encoding, encoding)
    return GivenFile(file, target, (f"{plain.name}: read as {name}",))


def _fits(path: Path, file: ImportFile, options: ReadingOptions) -> bool:
    """Return whether a file of an archive is the one that is meant."""
    try:
        if options.profile:
            ProfileRows(path, file.name, options.profile)
        else:
            check_readable(path, file)
    except UnreadableFile:
        return False
    return True


def _check(given: GivenFile, options: ReadingOptions) -> None:
    """Raise ``UnreadableFile`` if the file cannot be read with these options."""
    if options.profile:
        ProfileRows(given.path, given.file.name, options.profile)
    else:
        try:
            check_readable(given.path, given.file)
        except UnreadableFile as error:
            raise UnreadableFile(f"{error}{_profile_hint(given)}") from error
    _check_times(given, options)


def _profile_hint(given: GivenFile) -> str:
    """Return “; it looks like …: add --profile NAME” where a shipped profile reads the file."""
    for name in shipped_profiles():
        profile = load_profile(name)
        for file in profile.given_files if name != "contract" else ():
            try:
                ProfileRows(given.path, file, profile)
            except UnreadableFile:
                continue
            return f"; it looks like an export for --profile {name} --{file}"
    return ""


def _check_times(given: GivenFile, options: ReadingOptions) -> None:
    """Raise ``UnreadableFile`` if no time of a column is ISO 8601, and other formats read all."""
    for column, texts in _first_times(given, options).items():
        if formats := fitting_formats(texts):
            proposed = " or ".join(f"--date-format {name}" for name in formats)
            which = ": choose the one that is meant" if formats[1:] else ""
            raise UnreadableFile(
                f"{given.path.name}: no time in {column} is in ISO 8601, as 2026-11-20T10:00:00; "
                f"import it with {proposed}{which}"
            )


def _first_times(given: GivenFile, options: ReadingOptions) -> dict[str, list[str]]:
    """Return the first times of each column that has any, as ``options`` read them."""
    first = next(iter(_contract_batches(given, options)), None)
    if first is None:
        return {}
    return {
        name: texts
        for name in _time_columns(given.file)
        if (
            texts := [
                text.strip(WHITE_SPACE)
                for text in islice(first.table[name].drop_null().to_pylist(), _LOOKED_AT)
                if text.strip(WHITE_SPACE)
            ]
        )
    }


def _time_columns(file: ImportFile) -> tuple[str, ...]:
    return tuple(column.name for column in file.columns if column.holds is Holds.TIME)


def _needs_conversion(given: GivenFile, options: ReadingOptions) -> bool:
    return bool(options.profile or options.formats or is_workbook(given.path))


def _converted(
    given: GivenFile, options: ReadingOptions, progress: Progress
) -> Mapping[ImportFile, Iterable[Batch]]:
    """Return the rows of a file as rows of the contract, by kind of file."""
    profile = options.profile
    if not profile or not profile.cases_from_messages:
        batches = _contract_batches(given, options)
        return {given.file: _counted(batches, given.file.name, progress)}
    reader = ProfileRows(given.path, MESSAGES.name, profile)
    pairs, rows = [], 0
    for batch, cases in reader.messages_and_cases():
        rows += batch.table.num_rows + len(batch.rejects)
        progress("converting messages", rows)
        in_iso = _with_iso_times(batch, MESSAGES, options.formats)
        pairs.append((in_iso, _iso_table(cases, CASES, options.formats)))
    made = cases_of_messages(pairs, profile.gap_hours, ZoneInfo(options.zone))
    return {CASES: [made.cases], MESSAGES: made.messages}


def _counted(batches: Iterable[Batch], name: str, progress: Progress) -> Iterator[Batch]:
    """Yield ``batches``, and call ``progress`` with how many rows they have."""
    rows = 0
    for batch in batches:
        rows += batch.table.num_rows + len(batch.rejects)
        progress(f"converting {name}", rows)
        yield batch


def _contract_batches(given: GivenFile, options: ReadingOptions) -> Iterator[Batch]:
    """Yield the rows of a file with the contract's columns and times in ISO 8601."""
    if options.profile:
        batches = ProfileRows(given.path, given.file.name, options.profile).batches()
    else:
        batches = read_batches(given.path, given.file)
    for batch in batches:
        yield _with_iso_times(batch, given.file, options.formats)


def _with_iso_times(batch: Batch, file: ImportFile, formats: Sequence[str]) -> Batch:
    return replace(batch, table=_iso_table(batch.table, file, formats))


def _iso_table(table: pa.Table, file: ImportFile, formats: Sequence[str]) -> pa.Table:
    """Return ``table`` with its times in ISO 8601 where one of ``formats`` reads them."""
    if not formats:
        return table
    for name in _time_columns(file):
        texts = [
            text if text is None else iso_time(text, formats) for text in table[name].to_pylist()
        ]
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pa.array(texts, pa.string()))
    return table


def notes_of(given: GivenFile, options: ReadingOptions) -> tuple[str, ...]:
    """Return sentences on how a file is read: encoding, columns by other names, ignored columns."""
    notes = list(given.notes)
    if not options.profile:
        name = given.path.name
        if renamed := header_of(given.path, given.file).renamed:
            listed = ", ".join(f"{theirs} as {ours}" for theirs, ours in renamed)
            notes.append(f"{name}: columns read by another name: {listed}")
        if ignored := ignored_columns(given.path, given.file):
            notes.append(f"{name}: not imported: {_listed(ignored)}")
    return tuple(notes)


def _listed(names: tuple[str, ...]) -> str:
    first = ", ".join(names[:_SHOWN_COLUMNS])
    return f"{first} and {len(names) - _SHOWN_COLUMNS} more" if names[_SHOWN_COLUMNS:] else first


def lacking_columns(given: GivenFile, options: ReadingOptions) -> tuple[str, ...]:
    """Return a sentence about each thing that the page cannot show for want of a column."""
    if options.profile:
        return ()
    sentences = missing_columns(given.path, given.file)
    return tuple(f"{given.path.name}: {sentence}" for sentence in sentences)
