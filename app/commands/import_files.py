"""The commands ``import`` and ``profile``: files of cases and messages, as people have them."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from app.commands.common import FILE, owner_of_store, settings_of_environment
from app.commands.loads import await_load, end_unless_taken, print_store, report_load
from app.exit_codes import give_up
from app.settings import Settings, is_time_zone
from app.terminal import echo, echo_error, show_progress
from sources.contract import CASES, DEFAULT_ACCOUNT, EVENTS, MESSAGES, UTC_NAMES
from sources.files.given_files import (
    GivenFile,
    ReadingOptions,
    lacking_columns,
    notes_of,
    open_files,
    without_offsets,
    write_files,
)
from sources.files.profiles import Profile, load_profile, profile_text, shipped_profiles
from sources.files.time_formats import TIME_FORMATS
from sources.files.unpacking import STANDARD_INPUT
from sources.inbox import HandIn, Outcome
from sources.path_checks import check_new_file

_UTC: Final = "UTC"


@click.command("import")
@click.option("--cases", type=FILE, help="File of cases; - for standard input.")
@click.option("--messages", type=FILE, help="File of messages; - for standard input.")
@click.option("--events", type=FILE, help="File of the history of statuses.")
@click.option(
    "--account", default=DEFAULT_ACCOUNT, show_default=True, help="Account of rows without one."
)
@click.option(
    "--profile",
    metavar="NAME|PATH",
    help=f"What export the files are: {', '.join(shipped_profiles())}, or a file of your own.",
)
@click.option(
    "--date-format",
    "formats",
    multiple=True,
    type=click.Choice(TIME_FORMATS),
    help="Form of times that are not ISO 8601. May be given several times.",
)
@click.option(
    "--time-zone",
    metavar="ZONE",
    help="Zone of times without an offset, as America/Sao_Paulo.  [default: UTC]",
)
@click.option(
    "--encoding",
    metavar="NAME",
    help="Encoding of the text, as cp1252.  [default: found out; UTF-8, UTF-16, Windows-1252]",
)
@click.option(
    "--rejects",
    type=FILE,
    help="New file for a list of the rejected rows.  [default: beside the store]",
)
def import_(  # noqa: PLR0913 - click gives one argument for each option
    *,
    cases: Path | None,
    messages: Path | None,
    events: Path | None,
    account: str,
    profile: str | None,
    formats: tuple[str, ...],
    time_zone: str | None,
    encoding: str | None,
    rejects: Path | None,
) -> None:
    """Load cases and messages from files.

    Files are CSV (with commas, semicolons or tabs), Parquet or workbooks (.xlsx), also in gzip or
    zip archives. It does the same whether a server runs or not. Give the cases with their messages,
    or before them: a message whose case is not known is rejected. docs/importing.md says more.

    Ends with 0 when rows were taken, 1 when each one was rejected, 2 when nothing could be loaded.
    """
    paths = _paths(cases, messages, events)
    account = _name_of_account(account)
    _check_zone(time_zone, "--time-zone")
    settings = settings_of_environment()
    owner = owner_of_store(settings)
    if rejects:
        check_new_file(rejects, owner.path)
    options = _options(profile, formats, time_zone, encoding)
    with tempfile.TemporaryDirectory(prefix="consumo-import-") as folder:
        given = open_files(paths, options, Path(folder))
        print_store(owner, is_new=not owner.path.exists())
        for sentence in (note for file in given for note in notes_of(file, options)):
            echo_error(sentence)
        options = _asked_for_zone(given, options, settings, is_named=time_zone is not None)
        lacking = [sentence for file in given for sentence in lacking_columns(file, options)]
        hand_in = HandIn(
            "files",
            account,
            demo=False,
            rejects_path=rejects and rejects.absolute(),
            time_zone=options.zone,
        )
        ticket = owner.inbox.hand_in(hand_in, write_files(given, options, show_progress))
    outcome = await_load(owner, ticket)
    report_load(outcome)
    _report_zone(outcome, given, options, settings)
    for sentence in lacking:
        echo(sentence)
    end_unless_taken(outcome)


@click.command()
@click.argument("name", required=False)
def profile(name: str | None) -> None:
    """Print a profile of ``import``, to copy and change; without NAME list them.

    consumo-whatsapp profile twilio-log > my.toml
    """
    if name is not None:
        click.echo(profile_text(name), nl=False)
        return
    for each in shipped_profiles():
        echo(f"{each}: {load_profile(each).about}")


def _paths(cases: Path | None, messages: Path | None, events: Path | None) -> dict[str, Path]:
    """Return the paths that were given, by ``ImportFile.name``; end the command without any."""
    given = ((CASES, cases), (MESSAGES, messages), (EVENTS, events))
    paths = {file.name: path for file, path in given if path is not None}
    if not paths:
        give_up("nothing to import: give --cases, --messages or both, or --events")
    if [*paths.values()].count(STANDARD_INPUT) > 1:
        give_up("only one of the files can come from standard input")
    return paths


def _name_of_account(account: str) -> str:
    name = account.strip()
    if not name or not name.isprintable():
        give_up("--account takes a name of letters, digits and other signs that can be seen")
    return name


def _options(
    profile: str | None, formats: tuple[str, ...], time_zone: str | None, encoding: str | None
) -> ReadingOptions:
    """Return how to read the files; what the command does not say comes from the profile."""
    loaded: Profile | None = load_profile(profile) if profile is not None else None
    if loaded is None:
        return ReadingOptions(encoding, formats, time_zone or _UTC)
    _check_zone(loaded.zone, f"time_zone of the profile {loaded.name}")
    zone = time_zone or loaded.zone or _UTC
    return ReadingOptions(encoding, formats or loaded.formats, zone, loaded)


def _check_zone(zone: str | None, what: str) -> None:
    if zone is not None and zone not in UTC_NAMES and not is_time_zone(zone):
        give_up(f"{what} takes a zone's name, as America/Sao_Paulo")


def _asked_for_zone(
    given: tuple[GivenFile, ...], options: ReadingOptions, settings: Settings, *, is_named: bool
) -> ReadingOptions:
    """Ask a person at a terminal for the zone of times, where no time of a file has an offset.

    Elsewhere, as in a script, such times are taken as UTC, and the report says so.
    """
    is_named = is_named or bool(options.profile and options.profile.zone)
    if is_named or settings.time_zone in UTC_NAMES or not sys.stdin.isatty():
        return options
    files = without_offsets(given, options)
    if not files:
        return options
    echo_error(f"{', '.join(files)}: no time has an offset.")
    zone = click.prompt("Which zone are they in", default=settings.time_zone, err=True)
    _check_zone(zone, "the zone")
    return replace(options, zone=zone)


def _report_zone(
    outcome: Outcome, given: tuple[GivenFile, ...], options: ReadingOptions, settings: Settings
) -> None:
    """Print for each file in which no time has an offset how its times were taken."""
    names = {file.file.name: file.path.name for file in given}
    is_utc = options.zone in UTC_NAMES
    if is_utc and settings.time_zone in UTC_NAMES:
        return
    for name in outcome.load.without_offset if outcome.load else ():
        if is_utc:
            taken = (
                f"no time has an offset, so all were taken as {_UTC}; if they are local times, "
                f"import again with --time-zone {settings.time_zone}"
            )
        else:
            taken = f"all times were taken as {options.zone}, because none has an offset"
        echo(f"{names.get(name, name)}: {taken}")
