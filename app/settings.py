"""Settings: read from environment variables here, and nowhere else. The README lists them.

``RULES`` says which values each setting takes; ``contradictions`` which of them exclude each other.
"""

import ipaddress
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.contradictions import contradiction
from app.store_addresses import PUBLISHED_ADDRESSES, is_published_address
from components.deployment import (
    Deployment,
    breadcrumb,
    is_web_address,
)
from components.texts import DEFAULT_LANGUAGE, LANGUAGES
from queries.engines.base import EngineLimits
from queries.user_scope import CAPABILITIES, Scope
from sources.contract import DEFAULT_ACCOUNT
from sources.webhooks.receiver import ReceiverSettings

_STORE_PREFIX: Final = "duckdb:///"
_STORE: Final = f"{_STORE_PREFIX}var/consumo.duckdb"
_PREFIX: Final = "CONSUMO_"
_MOST_THREADS: Final = 1_024
_DAY_SECONDS: Final = 86_400
_DAY_MINUTES: Final = 1_440
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
#: Host names of this machine.
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
#: Who may see the page: everybody who reaches it, those with a token of the portal, or those whom a
#: proxy has signed in.
AUTH_MODES: Final = ("none", "token", "proxy")
#: HMAC with SHA-256 is as strong as its key only up to the length of its hash (RFC 7518, 3.2).
_LEAST_SECRET_BYTES: Final = 32
_LEAST_CREDENTIAL_BYTES: Final = 16
#: What readers may do where neither tokens nor CONSUMO_CAPABILITIES say it, by ``auth``.
_USUAL_CAPABILITIES: Final = {"none": "reveal_text export", "token": "", "proxy": "export"}
#: The value of CONSUMO_CAPABILITIES for none at all: an empty one means the usual ones.
_NO_CAPABILITY: Final = "none"
#: Settings of earlier versions, each with what takes its place. Ignoring one might show more than
#: it allowed.
_REMOVED: Final = {
    "CONSUMO_SEE_PHONES": "CONSUMO_CAPABILITIES with reveal_phone in it",
    "CONSUMO_SEE_TEXTS": "CONSUMO_CAPABILITIES without reveal_text in it",
}


class SettingError(ValueError):
    """The value of a setting is not accepted; the text names the variable and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one installation. Raises ``SettingError`` for a value that is not accepted.

    ``RULES`` says which values are accepted. ``store_url`` is where readers read: ``duckdb:///``
    and the path of the store's file, or the address of a published store. Of a published one,
    ``work_url`` is the writer's own store, ``store_password_file`` is the path of a file with the
    password that the address lacks, ``publish_seconds`` is how long to wait between two
    publications (0: as the target needs it), and ``local_folder`` is where a reader keeps files of
    its own. A reader is not ready when what it reads has not answered for ``stale_seconds``.

    ``time_zone`` decides on which day a moment counts. ``language`` is that of a page whose address
    names none. ``cache_url`` is ``memory://`` or a Redis address; ``cache_megabytes`` limits a
    cache in memory. ``memory_limit`` (as ``2GB``) and ``threads`` are what the database engine may
    use; ``query_seconds`` is the time limit of one query; ``web_threads`` is how many requests are
    answered at a time.

    ``auth`` says who may see the page, one of ``AUTH_MODES``. With ``token``, and with ``proxy``
    where the header holds a token: ``token_secret`` and ``token_secret_before`` are HS256 keys, the
    second one accepted while a new key spreads; ``token_public_keys`` is the path of a file of
    public keys; ``token_issuer`` and ``token_audience`` are the claims ``iss`` and ``aud`` of every
    token. With ``proxy``: ``proxy_header`` is the header that names the reader, and
    ``proxy_addresses`` the addresses or networks from which it is believed. ``capabilities`` are
    those of readers without a token, words of ``CAPABILITIES``; "" for the usual ones of the mode,
    ``none`` for none. ``allow_unprotected`` lets other machines in without any sign-in.
    ``metrics_token`` is the bearer token of ``/metrics``. ``exports_per_minute`` and
    ``reveals_per_minute`` limit each subject of a token or proxy.

    ``case_url`` is the address of a case in the portal, with ``{case_id}`` or ``{case_number}`` in
    it; with None or "" cases have no link. A wait of at most ``reply_target_minutes`` is within the
    target. ``breadcrumb`` is the links above the title, written as
    in ``Analytics=https://portal.example/a > This page``; with "" there are none. The page asks for
    newer data every ``refresh_seconds``, and with ``ask_ahead`` for what a pointer rests on before
    it is chosen. ``frame_ancestors`` are the origins whose pages may show ours in a frame;
    ``hosts`` are the host names that requests may use, with "" any. Both are separated by spaces.

    ``webhook_app_secret`` is the secret of the app at Meta that signs its webhooks, and
    ``webhook_verify_token`` the text by which Meta knows the receiver; without them there is none.
    What webhooks tell belongs to ``webhook_account``. With ``webhook_forward_url`` they are passed
    on to that address.
    """

    store_url: str = _STORE
    work_url: str = ""
    store_password_file: str = ""
    publish_seconds: float = 0.0
    local_folder: str = "var/reader"
    stale_seconds: int = 300
    time_zone: str = "America/Sao_Paulo"
    language: str = DEFAULT_LANGUAGE
    cache_url: str = "memory://"
    cache_megabytes: int = 64
    memory_limit: str = "2GB"
    threads: int = os.cpu_count() or 2
    query_seconds: float = 30.0
    web_threads: int = 8
    auth: str = "none"
    token_secret: str = ""
    token_secret_before: str = ""
    token_public_keys: str = ""
    token_issuer: str = ""
    token_audience: str = ""
    proxy_header: str = ""
    proxy_addresses: str = ""
    capabilities: str = ""
    allow_unprotected: bool = False
    metrics_token: str = ""
    exports_per_minute: int = 20
    reveals_per_minute: int = 600
    case_url: str | None = None
    reply_target_minutes: int = 15
    breadcrumb: str = ""
    refresh_seconds: int = 2
    ask_ahead: bool = True
    frame_ancestors: str = "'self'"
    hosts: str = ""
    webhook_app_secret: str = ""
    webhook_verify_token: str = ""
    webhook_account: str = DEFAULT_ACCOUNT
    webhook_forward_url: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not RULES[field.name].holds(value):
                raise _refusal(field.name, value)
        if sentence := contradiction(self):
            raise SettingError(sentence)

    @property
    def is_published(self) -> bool:
        """Whether readers read what a writer publishes, and not the writer's own store."""
        return not self.store_url.startswith(_STORE_PREFIX)

    @property
    def own_store(self) -> Path | None:
        """The absolute path of the file of the store into which this process may load.

        A relative path is taken from the working directory of the process. None where the store is
        published and ``work_url`` is not set: then there is none.
        """
        url = self.work_url if self.is_published else self.store_url
        return Path(url.removeprefix(_STORE_PREFIX)).absolute() if url else None

    @property
    def own_files(self) -> Path:
        """The path with which the names of this server's own files begin, as its audit file.

        It is that of its store, or, where a published one is read, in ``local_folder``.
        """
        if self.own_store and not self.is_published:
            return self.own_store
        return Path(self.local_folder).absolute() / "reader"

    @property
    def engine_limits(self) -> EngineLimits:
        """What an engine may use."""
        return EngineLimits(self.memory_limit, self.threads, self.query_seconds)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone ``time_zone`` as a ``ZoneInfo``."""
        return ZoneInfo(self.time_zone)

    @property
    def reply_target(self) -> timedelta:
        """How long a wait may last that is within the target."""
        return timedelta(minutes=self.reply_target_minutes)

    @property
    def deployment(self) -> Deployment:
        """The settings that the page needs, for example for its links."""
        steps = breadcrumb(self.breadcrumb)
        names_store = self.store_url != _STORE
        return Deployment(
            self.refresh_seconds,
            self.query_seconds,
            self.case_url,
            steps,
            names_store,
            self.ask_ahead,
        )

    @property
    def default_scope(self) -> Scope:
        """What a reader without a token may see: all cases; the rest as ``capabilities`` says."""
        words = _words(self.capabilities) or _words(_USUAL_CAPABILITIES[self.auth])
        return Scope.with_capabilities(words)

    @property
    def uses_tokens(self) -> bool:
        """Whether readers are known by signed tokens: in mode ``token``, or by a proxy's header."""
        return bool(self.token_secret or self.token_public_keys)

    @property
    def receives_webhooks(self) -> bool:
        """Whether there is a receiver of WhatsApp's webhooks."""
        return bool(self.webhook_app_secret)

    @property
    def receiver(self) -> ReceiverSettings:
        """The settings of the receiver of webhooks."""
        return ReceiverSettings(
            self.webhook_app_secret,
            self.webhook_verify_token,
            self.webhook_account,
            self.webhook_forward_url,
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings that ``environment`` (as ``os.environ``) sets.

        The variable of a setting is ``CONSUMO_`` and its name in capitals (see ``variable``). If it
        is missing or empty, the setting has its default. Other variables are ignored. Raises
        ``SettingError`` for a value that cannot be read or is not accepted, for settings that
        contradict each other, and for one of an earlier version.
        """
        for name, instead in _REMOVED.items():
            if environment.get(name, "").strip():
                raise SettingError(f"{name} is no longer a setting: use {instead}")
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


def _is_store_address(url: str) -> bool:
    """Return whether ``url`` is the address of a DuckDB file or of a published store."""
    return _is_store(url) or is_published_address(url)


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


def _is_secret(text: str) -> bool:
    return not text or len(text.encode(errors="surrogateescape")) >= _LEAST_SECRET_BYTES


def _is_credential(text: str) -> bool:
    return not text or (len(text) >= _LEAST_CREDENTIAL_BYTES and text.isascii() and " " not in text)


def _is_safe_address(url: str) -> bool:
    """Return whether ``url`` is "", of https, or of this machine.

    What customers wrote must not cross a network where others can read it.
    """
    if not url:
        return True
    try:
        parts = urlsplit(url)
        is_address = is_web_address(url) and parts.port != 0
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or parts.hostname in _LOOPBACK
    return is_address and is_safe and "@" not in parts.netloc and url.isprintable()


def _is_file_path(text: str) -> bool:
    return "\0" not in text and not text.endswith("/") and not text.startswith("~")


def _are_networks(text: str) -> bool:
    try:
        networks(text)
    except ValueError:
        return False
    return True


def networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Return the IP networks in ``text``, addresses and networks separated by spaces.

    A single address is a network of one. Raises ``ValueError`` for anything else, and for a network
    that holds every address.
    """
    found = tuple(ipaddress.ip_network(part) for part in text.split())
    if not all(network.prefixlen for network in found):
        raise ValueError("every address")
    return found


def _are_capabilities(text: str) -> bool:
    words = _words(text)
    return words == (_NO_CAPABILITY,) or set(words) <= set(CAPABILITIES)


def _words(text: str) -> tuple[str, ...]:
    """Return the words in ``text``, which spaces or commas separate."""
    return tuple(text.replace(",", " ").split())


_SECRET: Final = f"a key of at least {_LEAST_SECRET_BYTES} bytes"
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,100}")
_MOST_A_MINUTE: Final = 1_000_000
_CREDENTIAL: Final = Rule(
    _is_credential,
    f"at least {_LEAST_CREDENTIAL_BYTES} signs of ASCII without blanks",
    repeated=False,
)
_TRUTH: Final = Rule(lambda value: isinstance(value, bool), "true or false")

#: Which values each setting accepts, by the setting's name.
RULES: Final[Mapping[str, Rule]] = {
    "store_url": Rule(
        _is_store_address,
        "duckdb:///PATH, the path of a file, as duckdb:///var/consumo.duckdb, or the address of a "
        f"published store: {PUBLISHED_ADDRESSES}",
        repeated=False,
    ),
    "work_url": Rule(
        lambda url: not url or _is_store(url),
        "duckdb:///PATH, the path of the writer's own store, as duckdb:///var/work.duckdb",
        repeated=False,
    ),
    "store_password_file": Rule(
        _is_file_path, "the path of a file with one line, the password", repeated=False
    ),
    "publish_seconds": Rule(
        lambda value: math.isfinite(value) and 0 <= value <= _DAY_SECONDS,
        f"a number of seconds from 0 to {_DAY_SECONDS:,}, as 30 or 0.5",
    ),
    "local_folder": Rule(
        lambda text: bool(text) and "\0" not in text and not text.startswith("~"),
        "the path of a folder",
        repeated=False,
    ),
    "stale_seconds": _between(1, _DAY_SECONDS, "a whole number of seconds"),
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
    "auth": Rule(AUTH_MODES.__contains__, "none, token or proxy"),
    "token_secret": Rule(_is_secret, _SECRET, repeated=False),
    "token_secret_before": Rule(_is_secret, _SECRET, repeated=False),
    "token_public_keys": Rule(
        _is_file_path, "the path of a file of public keys, PEM or JWKS", repeated=False
    ),
    "token_issuer": Rule(str.isprintable, "the text of the tokens' claim iss"),
    "token_audience": Rule(str.isprintable, "the text of the tokens' claim aud"),
    "proxy_header": Rule(
        lambda name: not name or bool(_HEADER_NAME.fullmatch(name)),
        "the name of a header, as X-Forwarded-User",
    ),
    "proxy_addresses": Rule(
        _are_networks,
        "addresses and networks separated by spaces, as 127.0.0.1 or 10.0.0.0/24",
    ),
    "capabilities": Rule(
        _are_capabilities,
        f"words out of {', '.join(CAPABILITIES)}, or none",
    ),
    "allow_unprotected": _TRUTH,
    "metrics_token": _CREDENTIAL,
    "exports_per_minute": _between(1, _MOST_A_MINUTE, "a whole number"),
    "reveals_per_minute": _between(1, _MOST_A_MINUTE, "a whole number"),
    "case_url": Rule(
        _is_case_address,
        "an http:// or https:// address with {case_id} or {case_number} in its path, "
        "as https://portal.example/cases/{case_id}",
        repeated=False,
    ),
    "reply_target_minutes": _between(1, _DAY_MINUTES, "a whole number of minutes"),
    "breadcrumb": Rule(
        _is_breadcrumb,
        "names separated by >, each with or without = and an http:// or https:// address",
        repeated=False,
    ),
    "refresh_seconds": _between(1, _DAY_SECONDS, "a whole number of seconds"),
    "ask_ahead": _TRUTH,
    "frame_ancestors": Rule(
        _are_ancestors,
        "'self', 'none', or origins as https://portal.example, separated by spaces",
    ),
    "hosts": Rule(
        _are_hosts,
        "names without scheme and port, as dash.example, or .example for all names below it, "
        "separated by spaces",
    ),
    "webhook_app_secret": _CREDENTIAL,
    "webhook_verify_token": _CREDENTIAL,
    "webhook_account": Rule(
        lambda name: bool(name.strip()) and name.isprintable(),
        "a name of letters, digits and other signs that can be seen",
    ),
    "webhook_forward_url": Rule(
        _is_safe_address,
        "an https:// address, or an http:// address of this machine, as "
        "https://portal.example/webhooks",
        repeated=False,
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
