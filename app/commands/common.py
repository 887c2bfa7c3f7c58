"""What several commands need: files as parameters, the settings, the owner of the store."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from app.exit_codes import give_up
from app.settings import SettingError, Settings, unknown_variables
from app.terminal import echo_error, printable
from sources.owner import Owner

NO_OWN_STORE: Final = (
    "CONSUMO_STORE_URL names a published store: set CONSUMO_WORK_URL to the writer's own store, as "
    "duckdb:///var/work.duckdb"
)


class FilePath(click.Path):
    """A parameter that is the path of a file.

    An empty text, as an unset variable gives, and a path that ends in ``/`` are refused.
    """

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        """Return the path; ``Fail`` of click ends the command where it is none."""
        text = str(value)
        if not text:
            self.fail("it is empty: name a file", param, ctx)
        if text.endswith("/"):
            self.fail(f"{printable(text)} is a folder: name a file in it", param, ctx)
        return Path(str(super().convert(value, param, ctx)))


#: The type of parameters that name a file.
FILE: Final = FilePath()


def settings_of_environment() -> Settings:
    """Return the settings of the environment; end the command where one is not accepted."""
    for sentence in unknown_variables(os.environ):
        echo_error(f"Warning: {sentence}")
    try:
        return Settings.from_environment(os.environ)
    except SettingError as error:
        give_up(str(error))


def environment_variables() -> Mapping[str, str]:
    """Return the variables of the environment: a mapping names the one with its password."""
    return os.environ


def owner_of_store(
    settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Owner:
    """Return the owner of the store, not open yet. ``clock`` returns the present time with a zone.

    Ends the command where the store is published and ``work_url`` names no store. Raises
    ``StoreUnavailable`` where no store is, or can be made, at its path.
    """

    def forget() -> None:
        # Redis's client takes long to import, and few commands remove anything.
        from app.cache_backends import drop_answers  # noqa: PLC0415

        drop_answers(settings.cache_url)

    if settings.own_store is None:
        give_up(NO_OWN_STORE)
    owner = Owner(
        settings.own_store,
        settings.engine_limits,
        settings.time_zone,
        clock,
        forget,
    )
    owner.check()
    return owner


def check_there(path: Path) -> None:
    """End the command if there is no file at ``path``, the store's."""
    if not path.exists():
        give_up(f"there is no store at {path}")
