"""Makes rows of the contract from the rows of another program's export, as a profile says."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.contract import CASES, MESSAGES, ImportFile, UnreadableFile
from sources.files.profiles import Profile, ValueRule
from sources.import_files import header_of, read_batches
from sources.row_batches import Batch, Reject, batch_of
from sources.words import code_of

#: A row of an export: the texts by column, None where there is none.
ExportRow = Mapping[str, str | None]


class ProfileRows:
    """Reads the file at ``path``, given as ``name`` (``cases`` or ``messages``), by ``profile``.

    Raises ``UnreadableFile`` if the file cannot be read or lacks a column that the profile needs.
    """

    def __init__(self, path: Path, name: str, profile: Profile) -> None:
        if name not in profile.given_files:
            other = profile.given_files[0]
            raise UnreadableFile(
                f"the profile {profile.name} reads no file of {name}: give its file with --{other}"
            )
        self._path = path
        self._name = name
        self._profile = profile
        self._file = profile.export_file(name)
        self._header = header_of(path, self._file)
        self._check_columns()

    def batches(self) -> Iterator[Batch]:
        """Yield the rows with the columns of the contract, and the rejected ones."""
        file = {CASES.name: CASES, MESSAGES.name: MESSAGES}[self._name]
        for rows, lines, rejects in self._taken():
            yield batch_of(self._table(rows, lines, file), rejects, file)

    def messages_and_cases(self) -> Iterator[tuple[Batch, pa.Table]]:
        """Yield the rows as messages, each batch with what its rows say of their cases.

        The second has the columns of cases, and ``closed``, which is true where the row says that
        its case is closed; its rows are those of the batch, in the same order.
        """
        is_empty = True
        for rows, lines, rejects in self._taken():
            is_empty = False
            yield self._with_cases(rows, lines, rejects)
        if is_empty:
            yield self._with_cases([], [], [])

    def _with_cases(
        self, rows: list[ExportRow], lines: list[int], rejects: list[Reject]
    ) -> tuple[Batch, pa.Table]:
        closed = self._profile.closed
        batch = batch_of(self._table(rows, lines, MESSAGES), rejects, MESSAGES)
        kept = {*batch.table["line"].to_pylist()}
        taken = [row for row, line in zip(rows, lines, strict=True) if line in kept]
        of_cases = self._table(taken, batch.table["line"].to_pylist(), CASES)
        is_closed = [
            closed is not None
            and (value := self._value(closed.rule, row)) is not None
            and value.casefold() in closed.words
            for row in taken
        ]
        return batch, of_cases.append_column("closed", pa.array(is_closed, pa.bool_()))

    def _taken(self) -> Iterator[tuple[list[ExportRow], list[int], list[Reject]]]:
        """Yield the rows of the export that match ``only``, their lines, and the rejects."""
        for batch in read_batches(self._path, self._file):
            rows, lines, rejects = [], [], list(batch.rejects)
            for row in batch.table.to_pylist():
                line = row.pop("line")
                if (column := self._left_out_by(row)) is None:
                    rows.append(row)
                    lines.append(line)
                else:
                    wanted = self._profile.only[column]
                    rejects.append(Reject(line, column, f"left out by the profile: not {wanted}"))
            yield rows, lines, rejects

    def _left_out_by(self, row: ExportRow) -> str | None:
        """Return the column for which ``only`` leaves the row out; None if it does not."""
        for column, wanted in self._profile.only.items():
            if not fnmatchcase(self._cell(column, row) or "", wanted):
                return column
        return None

    def _table(self, rows: list[ExportRow], lines: list[int], file: ImportFile) -> pa.Table:
        rules = self._profile.rules.get(file.name, {})
        columns: dict[str, Any] = {"line": pa.array(lines, pa.int64())}
        for name in file.column_names:
            rule = rules.get(name)
            texts = [
                None if rule is None else self._contract_value(name, rule, row) for row in rows
            ]
            columns[name] = pa.array(texts, pa.string())
        return pa.table(columns)

    def _contract_value(self, name: str, rule: ValueRule, row: ExportRow) -> str | None:
        value = self._value(rule, row)
        if value is None:
            return None
        word = value.strip()
        own = self._profile.words.get(name, {}).get(word.casefold())
        return own or code_of(name, word) or value

    def _value(self, rule: ValueRule, row: ExportRow) -> str | None:
        """Return the value that ``rule`` gives for a row; None where it is empty."""
        if rule.constant is not None:
            return rule.constant
        if rule.column:
            return self._cell(rule.column, row)
        if rule.join:
            parts = [self._value(part, row) for part in rule.join]
            return None if None in parts else rule.between.join(map(str, parts))
        if rule.by:
            of_direction = rule.by.get(self._direction(row))
            return None if of_direction is None else self._value(of_direction, row)
        value = next((found for each in rule.first_of if (found := self._value(each, row))), None)
        if rule.pattern is None or value is None:
            return value
        match = rule.pattern.search(value)
        return (match.group(1) or None) if match else None

    def _direction(self, row: ExportRow) -> str:
        rule = self._profile.rules[MESSAGES.name]["direction"]
        return self._contract_value("direction", rule, row) or ""

    def _cell(self, column: str, row: ExportRow) -> str | None:
        """Return the text of a column, or of a value inside the JSON of a column."""
        if column in self._header.names or "." not in column:
            return row.get(column) or None
        name, _, keys = column.partition(".")
        try:
            value = json.loads(row.get(name) or "null")
        except ValueError:
            return None
        for key in keys.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return _text(value)

    def _check_columns(self) -> None:
        """Raise ``UnreadableFile`` if a required column's rule finds no column in the file."""
        missing = [
            " or ".join(dict.fromkeys(rule.columns()))
            for name, rule in self._profile.rules[self._name].items()
            if self._is_required(name) and not self._applies(rule)
        ]
        if missing:
            found = ", ".join(name for name in self._header.given[:20] if name)
            lacks = "columns" if missing[1:] else "column"
            verb = "are" if missing[1:] else "is"
            raise UnreadableFile(
                f"{self._path.name} is not an export for the profile {self._profile.name}: the "
                f"{lacks} {', '.join(missing)} {verb} missing; the file has {found}"
            )

    def _is_required(self, name: str) -> bool:
        file = CASES if self._name == CASES.name else MESSAGES
        return name in file.required_names

    def _applies(self, rule: ValueRule) -> bool:
        """Return whether the file has a column for the rule."""
        names = self._header.names
        if rule.constant is not None:
            return True
        if rule.column:
            return rule.column in names or rule.column.partition(".")[0] in names
        if rule.join:
            return all(map(self._applies, rule.join))
        return any(map(self._applies, (*rule.first_of, *rule.by.values())))


def _text(value: Any) -> str | None:
    match value:
        case None | dict() | list():
            return None
        case bool():
            return str(value).lower()
        case _:
            return str(value) or None
