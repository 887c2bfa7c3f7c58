"""The commands ``token`` and ``scope``: try out what the holder of a token sees."""

import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app.commands.common import FILE, NO_OWN_STORE, check_there, settings_of_environment
from app.exit_codes import give_up
from app.settings import Settings
from app.terminal import echo, echo_error
from queries.user_scope import CAPABILITIES
from sources.case_rows import read_cases
from sources.store_errors import StoreBusy

if TYPE_CHECKING:
    from app.access.visible_cases import Visible

_MOST_MINUTES: Final = 60
#: More than the longest token: the rest would only be refused.
_MOST_BYTES: Final = 16 * 1024
_STANDARD_INPUT: Final = "-"


@click.command()
@click.option("--sub", required=True, metavar="TEXT", help="Who holds it, as the portal's user id.")
@click.option("--teams", multiple=True, metavar="TEAM", help="A team to see; repeat it for more.")
@click.option("--all-teams", is_flag=True, help="See all teams, and cases without a team.")
@click.option(
    "--account",
    multiple=True,
    metavar="ACCOUNT",
    help="An account to see; repeat it for more.  [default: default]",
)
@click.option(
    "--channels", multiple=True, metavar="CHANNEL", help="A channel to see.  [default: all]"
)
@click.option(
    "--capability",
    multiple=True,
    type=click.Choice(CAPABILITIES),
    help="What else is allowed; repeat it for more.",
)
@click.option("--name", metavar="TEXT", help="The name that the page shows.")
@click.option(
    "--minutes",
    default=10,
    show_default=True,
    type=click.IntRange(1, _MOST_MINUTES),
    metavar="NUMBER",
    help="How long it is valid.",
)
def token(minutes: int, **options: Any) -> None:
    """Print a token for trying out, signed with CONSUMO_TOKEN_SECRET.

    It is for CONSUMO_TOKEN_ISSUER and CONSUMO_TOKEN_AUDIENCE. In use, the portal signs the tokens.
    """
    # Cryptography takes long to import, and the other commands need none.
    from app.access.configured_tokens import sign_token  # noqa: PLC0415
    from app.access.tokens import TokenRefused  # noqa: PLC0415

    settings = _settings_with_tokens()
    try:
        signed = sign_token(settings, _claims(options), int(time.time()), minutes * 60)
    except TokenRefused as refused:
        give_up(f"the page would refuse a token with these options ({refused.reason})")
    except ValueError as error:
        give_up(str(error))
    echo_error(
        f"For trying out only: for {minutes} minutes whoever has this token sees what it allows."
    )
    echo(signed)


@click.command()
@click.option(
    "--token",
    "given",
    required=True,
    metavar="TOKEN",
    help="The token; - reads it from standard input, which no list of processes shows.",
)
@click.option(
    "--store",
    type=FILE,
    metavar="COPY",
    help="A file that backup made.  [default: the store]",
)
def scope(given: str, store: Path | None) -> None:
    """Count the cases and messages that the holder of a token may see.

    It reads all cases and decides by the token's claims alone, by other code than the page: both
    must agree. Nothing is changed. A store that a server has open cannot be read: then make a copy
    with backup, and name it with --store.
    """
    from app.access.visible_cases import count_visible  # noqa: PLC0415 - as in ``token``

    settings = _settings_with_tokens()
    claims = _verified_claims(settings, given)
    path = store or settings.own_store
    if path is None:
        give_up(NO_OWN_STORE)
    check_there(path)
    try:
        found = count_visible(claims, read_cases(path, settings.memory_limit))
    except StoreBusy:
        give_up(
            "a server or an import holds the store: make a copy with consumo-whatsapp backup, and "
            "name it with --store"
        )
    _print_counts(found)


def _settings_with_tokens() -> Settings:
    """Return the settings; end the command where they use no tokens."""
    settings = settings_of_environment()
    if not settings.uses_tokens:
        give_up("no tokens are used: CONSUMO_AUTH=token and a key of the portal are needed")
    return settings


def _claims(options: dict[str, Any]) -> dict[str, Any]:
    """Return the claims that the options of ``token`` name; one without a value is left out."""
    capabilities = [*options["capability"], *(["all_teams"] if options["all_teams"] else ())]
    named = {
        "sub": options["sub"],
        "name": options["name"],
        "account": list(options["account"]),
        "teams": list(options["teams"]),
        "channels": list(options["channels"]),
        "capabilities": capabilities,
    }
    return {name: value for name, value in named.items() if value not in (None, [])}


def _verified_claims(settings: Settings, given: str) -> Any:
    """Return the claims of the token; end the command where it is refused."""
    from app.access.configured_tokens import token_verifier  # noqa: PLC0415 - as in ``token``
    from app.access.tokens import TokenRefused  # noqa: PLC0415

    if given == _STANDARD_INPUT:
        given = sys.stdin.buffer.readline(_MOST_BYTES).decode("ascii", "replace")
    try:
        return token_verifier(settings, time.time).claims(given.strip())
    except TokenRefused as refused:
        give_up(f"the token is refused ({refused.reason}): its holder sees nothing")
    except ValueError as error:
        give_up(str(error))


def _print_counts(found: "Visible") -> None:
    echo(f"Cases: {found.cases:,} of {found.all_cases:,}")
    echo(f"Messages: {found.messages:,} of {found.all_messages:,}")
    _print_parts("team", found.cases_of_team, found.messages_of_team)
    _print_parts("channel", found.cases_of_channel, found.messages_of_channel)


def _print_parts(what: str, cases: Counter[Any], messages: Counter[Any]) -> None:
    """Print the cases and messages of each team or channel, those with most cases first."""
    for value, count in sorted(cases.items(), key=lambda item: (-item[1], item[0] or "")):
        name = f"without a {what}" if value is None else f"{what} {value}"
        echo(f"  {name}: cases {count:,}, messages {messages[value]:,}")
