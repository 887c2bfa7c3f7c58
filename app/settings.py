"""Settings: read from environment variables here, and nowhere else. The README lists them."""

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from components.deployment import (
    Deployment,
    breadcrumb,
    is_web_address,
)
from components.texts import DEFAULT_LANGUAGE, LANGUAGES
from queries.scope import Scope

_STORE_PREFIX: Final = "duckdb:///"
_STORE: Final = f"{_STORE_PREFIX}var/consumo.duckdb"
_PREFIX: Final = "CONSUMO_"
_MOST_THREADS: Final = 1_024
_DAY_SECONDS: Final = 86_400
_MOST_MEGABYTES: Final = 2**20
#: With less memory the store's engine cannot load even a small file.
_LEAST_MEMORY_BYTES: Final = 64 * 10**6
_UNITS: Final = {
    **{f"{letter}B": 1_000**power for power, letter in enumerate("KMGT", 1)},
    **{f"{letter}IB": 1_024**power for power, letter in enumerate("KMGT", 1)},
}
_FLAGS: Final = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_PLACEHOLDERS: Final = ("{case_id}", "{case_number}")
#: An origin of a content security policy: scheme, host (also ``*.`` before it), port or any port.
_ORIGIN: Final = re.compile(
    r"https?://(\*\.)?[a-z\d-]+(\.[a-z\d-]+)*(:(\d{1,5}|\*))?", re.IGNORECASE
)
#: A name, or all names below one that begins with a point; or an address of IPv6.
_HOST: Final = re.compile(r"\.?[\w-]+(\.[\w-]+)*|\[[\da-f:]+\]|[\da-f]*:[\da-f:]+", re.IGNORECASE)
_LONGEST_SHOWN: Final = 60


class SettingError(ValueError):
    """The value of a setting is not accepted; the text names the variable and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one installation. Raises ``SettingError`` for a value that is not accepted.

    ``RULES`` says which values are accepted. ``store_url`` is ``duckdb:///`` and the path of the
    store's file. ``time_zone`` decides on which day a moment counts. ``language`` is that of a page
    whose address names none. ``cache_url`` is ``memory://`` or a Redis address; ``cache_megabytes``
    limits a cache in memory. ``memory_limit`` (as ``2GB``) and ``threads`` are what the database
    engine may use; ``query_seconds`` is the time limit of one query; ``web_threads`` is how many
    requests are answered at a time.

    ``see_phones`` and ``see_texts`` are whether readers see whole phones and the texts of messages.
    ``case_url`` is the address of a case in the portal, with ``{case_id}`` or ``{case_number}`` in
    it; with None or "" cases have no link. ``breadcrumb`` is the links above the title, written as
    in ``Analytics=https://portal.example/a > This page``; with "" there are none. The page asks for
    newer data every ``refresh_seconds``. ``frame_ancestors`` are the origins whose pages may show
    ours in a frame; ``hosts`` are the host names that requests may use, with "" any. Both are
    separated by spaces.
    """

    store_url: str = _STORE
    time_zone: str = "America/Sao_Paulo"
    language: str = DEFAULT_LANGUAGE
    cache_url: str = "memory://"
    cache_megabytes: int = 64
    memory_limit: str = "2GB"
    threads: int = os.cpu_count() or 2
    query_seconds: float = 30.0
    web_threads: int = 8
    see_phones: bool = False
    see_texts: bool = True
    case_url: str | None = None
    breadcrumb: str = ""
    refresh_seconds: int = 5
    frame_ancestors: str = "'self'"
    hosts: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not RULES[field.name].holds(value):
                raise _refusal(field.name, value)

    @property
    def store_path(self) -> Path:
        """The absolute path of the store's file.

        A relative path is taken from the working directory of the process.
        """
        return Path(self.store_url.removeprefix(_STORE_PREFIX)).absolute()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone ``time_zone`` as a ``ZoneInfo``."""
        return ZoneInfo(self.time_zone)

    @property
    def deployment(self) -> Deployment:
        """The settings that the page needs, for example for its links."""
        steps = breadcrumb(self.breadcrumb)
        names_store = self.store_url != _STORE
        return Deployment(
            self.refresh_seconds, self.query_seconds, self.case_url, steps, names_store
        )

    @property
    def default_scope(self) -> Scope:
        """What every reader may see: all accounts; phones and texts as the settings say."""
        return Scope(see_phones=self.see_phones, see_texts=self.see_texts)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings that ``environment`` (as ``os.environ``) sets.

        The variable of a setting is ``CONSUMO_`` and its name in capitals (see ``variable``). If it
        is missing or empty, the setting has its default. Other variables are ignored. Raises
        ``SettingError`` for a value that cannot be read or is not accepted.
        """
        readers: dict[object, Callable[[str], object]] = {int: _whole, float: _number, bool: _flag}
        values: dict[str, object] = {}
        for name, kind in cls.__annotations__.items():
            text = environment.get(variable(name), "").strip()
            if not text:
                continue
            try:
                value = readers.get(kind, str)(text)
            except ValueError as error:
                raise _refusal(name, text) from error
            if not RULES[name].holds(value):
                raise _refusal(name, text)
            values[name] = value
        return cls(**values)  # type: ignore[arg-type]


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return a sentence for each variable of ``environment`` that looks like a setting but is none.

    Such a name begins with CONSUMO in upper or lower case. The sentence names the setting with the
    most similar name if there is one, else the README. The sentences are in the order of the names.
    """
    known = [field.name.upper() for field in fields(Settings)]
    sentences = []
    for name in sorted(environment):
        start, rest = name[: len(_PREFIX) - 1], name[len(_PREFIX) - 1 :].removeprefix("_")
        if start.upper() == _PREFIX.rstrip("_") and name not in map(variable, known):
            nearest = get_close_matches(rest.upper(), known, n=1)
            hint = f": did you mean {variable(nearest[0])}?" if nearest else "; see the README"
            printable = _printable(name)[1:-1]
            sentences.append(f"{printable} is not a setting and changes nothing{hint}")
    return sentences


# --- which values are accepted ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """Which values a setting accepts.

    ``holds(value)`` returns whether ``value`` is accepted; ``takes`` says in words which values
    are. ``repeated`` is whether the error message shows the refused value; it is false for settings
    whose value may contain a password or a secret address.
    """

    holds: Callable[[Any], bool]
    takes: str
    repeated: bool = True


def _between(least: int, most: int, kind: str) -> Rule:
    """Return a rule that accepts ``least`` to ``most``, both included; ``kind`` names them."""
    return Rule(lambda value: least <= value <= most, f"{kind} from {least:,} to {most:,}")


def _is_store(url: str) -> bool:
    """Return whether ``url`` is ``duckdb:///`` and the path of a file.

    The path is used as written: ``%20`` is not decoded, and a path that begins with ``~`` is
    refused.
    """
    path = url.removeprefix(_STORE_PREFIX)
    is_file = path not in ("", ":memory:") and not path.endswith("/") and "\0" not in path
    return url.startswith(_STORE_PREFIX) and is_file and "?" not in path and path[0] != "~"


def _is_cache(url: str) -> bool:
    if url == "memory://":
        return True
    from app.cache_backends import is_redis_address  # noqa: PLC0415 - Redis's client takes long to import

    return is_redis_address(url)


def is_time_zone(name: str) -> bool:
    """Return whether ``name`` is the name of a time zone, as America/Sao_Paulo or UTC.

    The list of the Python package tzdata decides: the system's folder of zones also has files that
    are no zones, such as ``localtime``.
    """
    return name in _zones() and name != "Factory"


@cache
def _zones() -> frozenset[str]:
    text = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(text.split())


def _is_memory(text: str) -> bool:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]I?B)", text.upper())
    if match is None:
        return False
    size = float(match[1]) * _UNITS[match[2]]
    return bool(size >= _LEAST_MEMORY_BYTES)


def _is_case_address(template: str | None) -> bool:
    """Return whether ``template`` is a web address with a placeholder behind its host.

    Placeholders are filled from the data, which must not choose the host.
    """
    if not template:
        return True
    rest = template
    for place in _PLACEHOLDERS:
        rest = rest.replace(place, "")
    machine = template.partition("://")[2].partition("/")[0]
    has_place = rest != template and not set(rest + machine) & set("{}")
    return has_place and not re.search(r"[\s\x00-\x1f]", template) and is_web_address(template)


def _is_breadcrumb(text: str) -> bool:
    try:
        breadcrumb(text)
    except ValueError:
        return False
    return True


def _are_ancestors(text: str) -> bool:
    if text == "'none'":
        return True
    origins = text.split(" ")
    return all(origin in ("", "'self'") or _ORIGIN.fullmatch(origin) for origin in origins)


def _are_hosts(text: str) -> bool:
    return all(_HOST.fullmatch(host) for host in text.split())


_TRUTH: Final = Rule(lambda value: isinstance(value, bool), "true or false")

#: Which values each setting accepts, by the setting's name.
RULES: Final[Mapping[str, Rule]] = {
    "store_url": Rule(
        _is_store,
        "duckdb:///PATH, the path of a file, as duckdb:///var/consumo.duckdb",
        repeated=False,
    ),
    "time_zone": Rule(is_time_zone, "the name of a time zone, as America/Sao_Paulo or UTC"),
    "language": Rule(LANGUAGES.__contains__, f"{', '.join(LANGUAGES[:-1])} or {LANGUAGES[-1]}"),
    "cache_url": Rule(
        _is_cache,
        "memory:// or a Redis address, as redis://localhost:6379/0",
        repeated=False,
    ),
    "cache_megabytes": _between(0, _MOST_MEGABYTES, "a whole number of megabytes"),
    "memory_limit": Rule(_is_memory, "a size of at least 64MB, as 512MB or 2GB"),
    "threads": _between(1, _MOST_THREADS, "a whole number"),
    "query_seconds": Rule(
        lambda value: math.isfinite(value) and 0 < value <= _DAY_SECONDS,
        f"a number of seconds above 0 and up to {_DAY_SECONDS:,}, as 30 or 0.5",
    ),
    "web_threads": _between(1, _MOST_THREADS, "a whole number"),
    "see_phones": _TRUTH,
    "see_texts": _TRUTH,
    "case_url": Rule(
        _is_case_address,
        "an http:// or https:// address with {case_id} or {case_number} in its path, "
        "as https://portal.example/cases/{case_id}",
        repeated=False,
    ),
    "breadcrumb": Rule(
        _is_breadcrumb,
        "names separated by >, each with or without = and an http:// or https:// address",
        repeated=False,
    ),
    "refresh_seconds": _between(1, _DAY_SECONDS, "a whole number of seconds"),
    "frame_ancestors": Rule(
        _are_ancestors,
        "'self', 'none', or origins as https://portal.example, separated by spaces",
    ),
    "hosts": Rule(
        _are_hosts,
        "names without scheme and port, as dash.example, or .example for all names below it, "
        "separated by spaces",
    ),
}


def _refusal(name: str, value: object) -> SettingError:
    rule = RULES[name]
    instead = f", not {_printable(str(value))}" if rule.repeated else ""
    return SettingError(f"{variable(name)} takes {rule.takes}{instead}")


def variable(name: str) -> str:
    """Return the environment variable of the setting ``name``, as ``CONSUMO_STORE_URL``.

    The setting is then ``store_url``.
    """
    return f"{_PREFIX}{name.upper()}"


def _printable(text: str) -> str:
    """Return ``text`` in quotes for a terminal: control characters as escapes, cut to one line."""
    short = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
    return repr(short)


# --- reading ----------------------------------------------------------------------------------


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,12}", text):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", text):
        raise ValueError(text)
    return float(text)


def _flag(text: str) -> bool:
    try:
        return _FLAGS[text.lower()]
    except KeyError:
        raise ValueError(text) from None
