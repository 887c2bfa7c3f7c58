"""Profiles: small TOML files that say how the export of a program becomes rows of the contract.

docs/importing.md explains them to people. A person can copy a shipped profile, change it and give
its path.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sources.contract import CASES, MESSAGES, ImportColumn, ImportFile, UnreadableFile
from sources.files.time_formats import TIME_FORMATS

_FOLDER: Final = Path(__file__).with_name("shipped_profiles")
#: A cell of an export may hold as much as the longest column of the contract.
_MAX_CHARACTERS: Final = 200_000
_KEYS: Final = frozenset(
    {
        *("about", "time_format", "time_zone", "only", "cases", "messages", "words"),
        *("cases_from_messages", "session_gap_hours", "closed"),
    }
)


@dataclass(frozen=True, slots=True)
class ValueRule:
    """Where a value of the contract comes from: the first of these that applies and is not empty.

    ``column``: a column of the export, or ``column.key.key`` for a value inside the JSON that the
    column holds. ``constant``: the same value in each row. ``first_of``: other rules in order.
    ``join``: the values of other rules with ``between`` between them, empty if one is. ``by``: a
    rule for messages of each direction. ``pattern`` limits the value to its first group.
    """

    column: str = ""
    constant: str | None = None
    first_of: tuple["ValueRule", ...] = ()
    join: tuple["ValueRule", ...] = ()
    between: str = ""
    by: Mapping[str, "ValueRule"] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None

    def columns(self) -> Iterator[str]:
        """Yield all columns of the export that the rule names."""
        if self.column:
            yield self.column
        for rule in (*self.first_of, *self.join, *self.by.values()):
            yield from rule.columns()


@dataclass(frozen=True, slots=True)
class ClosedRule:
    """A case is closed if ``rule`` gives one of ``words``: at the time of its last message."""

    rule: ValueRule
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """How the rows of an export become rows of the contract.

    ``rules`` has, by ``ImportFile.name``, the rules of the contract's columns. With
    ``cases_from_messages`` the rules of cases are for the rows of the file of messages, each case
    once. ``gap_hours``: a case is what a phone and a business number exchange without a longer
    pause; None where the export names cases. ``only``: patterns as in file names that columns of a
    row must match. ``words``: by column of the contract, the export's words for its codes.
    ``formats`` and ``zone`` are those of its times, where the command names none.
    """

    name: str
    about: str
    rules: Mapping[str, Mapping[str, ValueRule]]
    words: Mapping[str, Mapping[str, str]]
    only: Mapping[str, str]
    cases_from_messages: bool
    gap_hours: float | None
    closed: ClosedRule | None
    formats: tuple[str, ...]
    zone: str | None

    @property
    def given_files(self) -> tuple[str, ...]:
        """The names of the files that the profile reads: ``cases``, ``messages`` or both."""
        return (MESSAGES.name,) if self.cases_from_messages else tuple(self.rules)

    def export_file(self, name: str) -> ImportFile:
        """Return the columns that the export has and this profile reads, as a kind of file.

        ``name`` is ``cases`` or ``messages``: the option by which the file is given.
        """
        rules = [*self.rules.get(name, {}).values()]
        if self.cases_from_messages:
            rules = [rule for of_file in self.rules.values() for rule in of_file.values()]
        if self.closed:
            rules.append(self.closed.rule)
        named = dict.fromkeys([column for rule in rules for column in rule.columns()])
        named |= dict.fromkeys(self.only)
        # A dot may belong to the name of a column, or lead into the JSON that it holds.
        named |= dict.fromkeys([column.partition(".")[0] for column in named])
        columns = tuple(ImportColumn(column, max_characters=_MAX_CHARACTERS) for column in named)
        return ImportFile(f"the profile {self.name}", columns)


def shipped_profiles() -> tuple[str, ...]:
    """Return the names of the profiles that come with the program."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def profile_text(name: str) -> str:
    """Return the text of the shipped profile ``name``. Raises ``UnreadableFile`` if none is."""
    if name not in shipped_profiles():
        raise UnreadableFile(
            f"{name} is no profile: there are {', '.join(shipped_profiles())}, or give the path "
            "of your own, as ./my.toml"
        )
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def load_profile(name_or_path: str) -> Profile:
    """Return the shipped profile of that name, or the one in the file at that path.

    What has a slash or ends in ``.toml`` is a path. Raises ``UnreadableFile`` if there is none, or
    if it cannot be used.
    """
    if "/" not in name_or_path and not name_or_path.endswith(".toml"):
        return _parsed(name_or_path, profile_text(name_or_path))
    path = Path(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UnreadableFile(f"{path.name} cannot be read: {why}") from error
    return _parsed(path.stem, text)


def _parsed(name: str, text: str) -> Profile:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(f"the profile {name} is not TOML: {error}") from error
    try:
        return _profile(name, content)
    except _Wrong as error:
        raise UnreadableFile(f"the profile {name} cannot be used: {error}") from error


class _Wrong(ValueError):
    """Something in a profile is not as it must be; the text is half a sentence."""


def _profile(name: str, content: Mapping[str, Any]) -> Profile:
    if unknown := content.keys() - _KEYS:
        raise _Wrong(f"it has {', '.join(sorted(unknown))}, which no profile has")
    rules = {
        file.name: _rules(content[file.name], file)
        for file in (CASES, MESSAGES)
        if file.name in content
    }
    if not rules:
        raise _Wrong("it has neither [cases] nor [messages]")
    gap = content.get("session_gap_hours")
    from_messages = bool(content.get("cases_from_messages", gap is not None))
    if from_messages and MESSAGES.name not in rules:
        raise _Wrong("cases_from_messages needs [messages]")
    closed = content.get("closed")
    profile = Profile(
        name=name,
        about=str(content.get("about", "")),
        rules=MappingProxyType(rules),
        words=MappingProxyType(_words(content.get("words", {}), rules)),
        only=MappingProxyType(
            {str(key): str(value) for key, value in content.get("only", {}).items()}
        ),
        cases_from_messages=from_messages,
        gap_hours=None if gap is None else _number(gap),
        closed=None if closed is None else _closed(closed),
        formats=_formats(content.get("time_format", [])),
        zone=content.get("time_zone"),
    )
    _check_complete(profile)
    return profile


def _check_complete(profile: Profile) -> None:
    """Raise ``_Wrong`` where a required column has neither a rule nor a stand-in."""
    of_messages = {"case_id"} if profile.gap_hours is not None else set()
    of_cases = {"case_id", "person_name", "opened_at"} if profile.cases_from_messages else set()
    for file, stand_ins in ((CASES, of_cases), (MESSAGES, of_messages)):
        rules = profile.rules.get(file.name)
        missing = set() if rules is None else {*file.required_names} - rules.keys() - stand_ins
        if missing:
            raise _Wrong(f"[{file.name}] does not say what is {', '.join(sorted(missing))}")


def _rules(content: Any, file: ImportFile) -> dict[str, ValueRule]:
    if not isinstance(content, dict):
        raise _Wrong(f"{file.name} has to be a table, [{file.name}]")
    if unknown := content.keys() - {*file.column_names}:
        raise _Wrong(f"[{file.name}] has {', '.join(sorted(unknown))}, which the contract has not")
    return {name: _rule(value, f"{file.name}.{name}") for name, value in content.items()}


def _rule(value: Any, where: str) -> ValueRule:
    """Return the rule that a value of TOML describes; ``where`` is its place, for errors."""
    match value:
        case str():
            return ValueRule(column=value)
        case list():
            return ValueRule(first_of=tuple(_rule(each, where) for each in value))
        case {"constant": constant, **rest} if not rest:
            return ValueRule(constant=str(constant))
        case {"join": list(joined), "between": str(between), **rest} if not rest:
            return ValueRule(join=tuple(_rule(each, where) for each in joined), between=between)
        case {"column": column, "pattern": str(pattern), **rest} if not rest:
            return ValueRule(first_of=(_rule(column, where),), pattern=_pattern(pattern, where))
        case dict() if value and value.keys() <= {"out", "in"}:
            return ValueRule(by={key: _rule(each, where) for key, each in value.items()})
        case _:
            raise _Wrong(
                f"{where} is neither a column, a list of columns, a constant, a join, a pattern "
                "nor a pair of out and in"
            )


def _pattern(text: str, where: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise _Wrong(f"the pattern of {where} is not a regular expression: {error}") from error
    if not pattern.groups:
        raise _Wrong(f"the pattern of {where} has no group ( )")
    return pattern


def _words(content: Any, rules: Mapping[str, Mapping[str, ValueRule]]) -> dict[str, Any]:
    known = {name for of_file in rules.values() for name in of_file}
    if not isinstance(content, dict) or (content.keys() - known):
        raise _Wrong("[words] has a column for which there is no rule")
    return {
        column: {str(word).casefold(): str(code) for word, code in words.items()}
        for column, words in content.items()
    }


def _closed(content: Any) -> ClosedRule:
    match content:
        case {"column": column, "words": list(words), **rest} if not rest:
            return ClosedRule(
                _rule(column, "closed.column"), tuple(str(word).casefold() for word in words)
            )
        case _:
            raise _Wrong("[closed] needs column and words")


def _formats(content: Any) -> tuple[str, ...]:
    formats: Sequence[str] = [content] if isinstance(content, str) else content
    if unknown := [name for name in formats if name not in TIME_FORMATS]:
        raise _Wrong(f"time_format {unknown[0]} is none of {', '.join(TIME_FORMATS)}")
    return tuple(formats)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise _Wrong("session_gap_hours has to be a number above 0")
    return float(value)
