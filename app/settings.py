"""Every setting, read here and nowhere else."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from components.site import REFRESH_SECONDS, Site, breadcrumb, is_web_address
from components.texts import DEFAULT_LANGUAGE, LANGUAGES
from queries.scope import Scope


class SettingError(ValueError):
    """A setting that cannot be taken; its text names the variable and says what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The deployment's settings. Raises ``SettingError`` for values that make no sense.

    ``query_seconds`` is the time limit of one query; ``cache_url`` is ``memory://`` or a Redis
    address; ``hosts`` are the names by which the server may be asked, any where it is empty;
    ``case_url`` links a case into the portal, with ``{case_id}`` or ``{case_number}``;
    ``breadcrumb`` are the steps above the title (see ``components.site``).
    """

    store_url: str = "duckdb:///var/consumo.duckdb"
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
    refresh_seconds: int = REFRESH_SECONDS
    frame_ancestors: str = "'self'"
    hosts: str = ""

    def __post_init__(self) -> None:
        _ = self.store_path, self.zone, self.site
        if self.language not in LANGUAGES:
            raise SettingError(f"CONSUMO_LANGUAGE takes one of {', '.join(LANGUAGES)}")
        if urlsplit(self.cache_url).scheme not in ("memory", "redis", "rediss"):
            raise SettingError("CONSUMO_CACHE_URL takes memory:// or a redis:// address")
        if self.case_url and not is_web_address(self.case_url):
            raise SettingError("CONSUMO_CASE_URL takes an http:// or https:// address")
        for name in ("threads", "query_seconds", "web_threads", "refresh_seconds"):
            if getattr(self, name) <= 0:
                raise SettingError(f"CONSUMO_{name.upper()} takes a number above zero")
        if any(sign in self.frame_ancestors for sign in ";,\r\n"):
            raise SettingError("CONSUMO_FRAME_ANCESTORS takes origins separated by spaces")

    @property
    def store_path(self) -> Path:
        """The store's file."""
        try:
            url = make_url(self.store_url)
        except ArgumentError as error:
            raise SettingError("CONSUMO_STORE_URL takes duckdb:///PATH") from error
        if url.get_backend_name() != "duckdb" or not url.database or url.database == ":memory:":
            raise SettingError("CONSUMO_STORE_URL takes duckdb:///PATH")
        return Path(url.database).absolute()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone whose days are counted."""
        try:
            return ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise SettingError(
                "CONSUMO_TIME_ZONE takes a zone's name, as America/Sao_Paulo"
            ) from error

    @property
    def site(self) -> Site:
        """What the page shows of the portal around it."""
        try:
            steps = breadcrumb(self.breadcrumb)
        except ValueError as error:
            raise SettingError(
                "CONSUMO_BREADCRUMB takes names separated by >, each with =https://… or without"
            ) from error
        return Site(self.case_url, steps, self.refresh_seconds)

    @property
    def default_scope(self) -> Scope:
        """What is seen without a token."""
        return Scope(see_phones=self.see_phones, see_texts=self.see_texts)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Settings from variables named ``CONSUMO_`` and the setting's name in capitals."""
        readers: dict[object, Callable[[str], object]] = {int: int, float: float, bool: _flag}
        values: dict[str, object] = {}
        for name, kind in cls.__annotations__.items():
            variable = f"CONSUMO_{name.upper()}"
            given = environment.get(variable, "").strip()
            if not given:
                continue
            try:
                values[name] = readers.get(kind, str)(given)
            except ValueError as error:
                raise SettingError(f"{variable} does not take {given!r}") from error
        return cls(**values)  # type: ignore[arg-type]


def _flag(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    try:
        return words[text.lower()]
    except KeyError:
        raise ValueError(text) from None
