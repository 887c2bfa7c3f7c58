"""``import-webhooks``: loads payloads of WhatsApp's webhooks, and records of what was sent."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from app.commands.common import FILE, owner_of_store, settings_of_environment
from app.commands.loads import await_load, done_load, print_store, show_rejects
from app.exit_codes import EXIT_ALL_REJECTED, give_up
from app.terminal import echo, echo_error
from queries.vocabulary import WEBHOOK_FILES
from sources.inbox import HandIn, Outcome
from sources.loading.load_order import LoadReport
from sources.path_checks import check_new_file
from sources.webhooks.payload_files import STANDARD_INPUT, copy_as_lines
from sources.webhooks.told_parts import PAYLOADS, SENDS, WEBHOOKS


@click.command("import-webhooks")
@click.argument("files", type=FILE, nargs=-1)
@click.option(
    "--sends",
    type=FILE,
    multiple=True,
    help="File of what was sent: requests to send messages, with their answers.",
)
@click.option("--account", help="Account of the messages.  [default: that of the receiver]")
@click.option(
    "--rejects",
    type=FILE,
    help="New file for a list of what cannot be read.  [default: beside the store]",
)
def import_webhooks(
    files: tuple[Path, ...], sends: tuple[Path, ...], account: str | None, rejects: Path | None
) -> None:
    """Load payloads of WhatsApp's webhooks from FILES.

    A file holds one payload, a list of them, or one on each line, as JSON; it may be packed with
    gzip, and - stands for standard input. Neither order nor repetition matters.
    docs/webhooks.md says what is made of them, and what a file of sends holds.

    Ends with 0 when something was taken or kept, 1 when nothing could be, 2 when nothing was read.
    """
    if not files and not sends:
        give_up("nothing to import: name files of payloads, or --sends with files of sends")
    if (*files, *sends).count(STANDARD_INPUT) > 1:
        give_up("standard input can be read once only: name - once")
    settings = settings_of_environment()
    account = (settings.webhook_account if account is None else account).strip()
    if not account or not account.isprintable():
        give_up("--account takes a name of letters, digits and other signs that can be seen")
    owner = owner_of_store(settings)
    if rejects:
        check_new_file(rejects, owner.path)
    print_store(owner, is_new=not owner.path.exists())
    hand_in = HandIn(
        WEBHOOKS,
        account,
        demo=False,
        rejects_path=rejects and rejects.absolute(),
        updates=True,
        name=WEBHOOK_FILES,
    )
    outcome = await_load(owner, owner.inbox.hand_in(hand_in, _copies(files, sends)))
    _report(outcome)


def _copies(
    files: tuple[Path, ...], sends: tuple[Path, ...]
) -> Callable[[Path], Mapping[str, Path]]:
    """Return a function for ``Inbox.hand_in`` that copies the files, a JSON text a line.

    The names by which they are handed in end with those of the files, for the list of rejects.
    """

    def write(folder: Path) -> Mapping[str, Path]:
        written: dict[str, Path] = {}
        for kind, paths in ((PAYLOADS, files), (SENDS, sends)):
            for path in paths:
                target = folder / f"{len(written)}.jsonl"
                copy_as_lines(path, target)
                name = f"{kind} {path.name}"
                written[name if name not in written else f"{name} ({len(written)})"] = target
        return written

    return write


def _report(outcome: Outcome) -> None:
    """Print what the load did; end the command where nothing was loaded, or nothing could be."""
    load = done_load(outcome, "payloads")
    echo(
        f"Load {load.load_id}: {load.rows_in:,} parts of payloads read, {load.cases_written:,} "
        f"cases and {load.messages_written:,} messages new or changed."
    )
    echo(
        f"Of the parts, {load.rows_taken:,} told of messages, {load.rows_kept:,} were kept aside, "
        f"{load.rows_superseded:,} had been kept before, {load.rows_rejected:,} were rejected."
    )
    if outcome.rejects:
        show_rejects(outcome.rejects, load.rows_rejected)
    if _nothing_was_taken(load):
        echo_error("Nothing was taken: there was no payload of WhatsApp.")
        raise SystemExit(EXIT_ALL_REJECTED)


def _nothing_was_taken(load: LoadReport) -> bool:
    return load.rows_rejected == load.rows_in
