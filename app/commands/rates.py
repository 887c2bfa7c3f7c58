"""The commands ``rates import`` and ``rates reconcile``: prices, and the provider's own counts."""

import csv
from pathlib import Path
from typing import Final

import click

from app.commands.common import FILE, check_there, owner_of_store, settings_of_environment
from app.commands.loads import await_answer, await_load, print_store
from app.exit_codes import EXIT_ODD, give_up
from app.terminal import echo, end_progress, printable, show_progress
from queries.vocabulary import RATES
from sources.inbox import HandIn
from sources.loading.cost_comparison import (
    COMPARE_COSTS,
    CostComparison,
    Difference,
    ProviderCount,
    counts_to_json,
)
from sources.loading.rates import RATE_FILE
from sources.owner import Owner
from sources.path_checks import check_new_file
from sources.provider_counts import read_provider_counts
from sources.rate_files import PARTS, BadRateFile, RateFile, read_rate_file

_DEFAULT_ACCOUNT: Final = "default"
_NAMED_ROWS: Final = 5


@click.group()
def rates() -> None:
    """Prices of messages: import them, and compare with the provider's counts."""


@rates.command("import")
@click.argument("file", type=FILE)
def import_(file: Path) -> None:
    """Take prices and rules from FILE (TOML, or CSV with prices only).

    What FILE names of prices, rules and business accounts takes the place of what was imported
    before. All costs are computed anew. docs/costs.md describes the file; no price comes with the
    program.

    Ends with 0 when it was taken, 2 when nothing was changed.
    """
    owner = owner_of_store(settings_of_environment())
    given = _read(file)
    print_store(owner, is_new=not owner.path.exists())

    def write(folder: Path) -> dict[str, Path]:
        path = folder / "rates.json"
        path.write_text(given.to_json(), encoding="utf-8")
        return {RATE_FILE: path}

    ticket = owner.inbox.hand_in(HandIn(RATES, _DEFAULT_ACCOUNT, demo=False), write)
    outcome = await_load(owner, ticket)
    end_progress()
    if outcome.load is None:
        give_up(outcome.refusal or "nothing was imported")
    if outcome.load.done_before:
        echo("Nothing new: the store has these prices and rules already.")
        return
    parts = (
        (given.rates, "prices"),
        (given.rules, "rules"),
        (given.business_accounts, "business accounts"),
    )
    named = ", ".join(f"{len(rows):,} {name}" for rows, name in parts if rows is not None)
    echo(f"Load {outcome.load.load_id}: {named}. All costs were computed anew.")


@rates.command()
@click.argument("file", type=FILE)
@click.option("--account", default="", metavar="ACCOUNT", help="Only this account.  [default: all]")
@click.option(
    "--rows", "rows_path", type=FILE, help="Write the messages of each difference to this CSV."
)
def reconcile(file: Path, account: str, rows_path: Path | None) -> None:
    """Compare the charged messages with FILE, an export of the provider's pricing analytics.

    FILE is its JSON, or a CSV with day, category, country, messages and perhaps cost. Each day,
    category and country of which the number or the cost differs is told.

    Ends with 0 where all is alike, 1 where something differs, 2 when nothing was compared.
    """
    settings = settings_of_environment()
    try:
        counts = read_provider_counts(file, settings.zone)
    except BadRateFile as error:
        give_up(printable(str(error)))
    except OSError as error:
        give_up(f"{printable(file.name)} cannot be read: {error.strerror}")
    owner = owner_of_store(settings)
    check_there(owner.path)
    if rows_path:
        check_new_file(rows_path, owner.path)
    print_store(owner, is_new=False)
    comparison = _compared(owner, account, counts)
    for line in report(comparison):
        echo(line)
    if rows_path:
        _write_rows(rows_path, comparison)
    if comparison.differences:
        raise SystemExit(EXIT_ODD)


def report(comparison: CostComparison) -> list[str]:
    """Return the lines that tell ``comparison``, a line for each difference."""
    number = len(comparison.differences)
    head = f"{comparison.compared:,} days, categories and countries compared: "
    if not number:
        return [f"{head}all are alike."]
    return [f"{head}{number:,} differ.", *map(_line, comparison.differences)]


def _line(found: Difference) -> str:
    unsure = f" ({found.unsure:,} of them perhaps)" if found.unsure else ""
    parts = [f"{found.ours:,} charged here{unsure}, {found.theirs:,} at the provider"]
    if found.our_cost is not None and found.their_cost is not None:
        costs = _amount(found.our_cost), _amount(found.their_cost)
        parts.append(f"cost {costs[0]} here, {costs[1]} there")
    if found.rows:
        named = ", ".join(found.rows[:_NAMED_ROWS])
        more = ", …" if len(found.rows) > _NAMED_ROWS else ""
        parts.append(f"messages {named}{more}")
    what = f"{found.day} {found.category or '(no category)'} {found.country or '(no country)'}"
    return printable(f"{what}: {'; '.join(parts)}")


def _amount(parts: int) -> str:
    return f"{parts // PARTS:,}.{parts % PARTS:06}"


def _read(file: Path) -> RateFile:
    try:
        return read_rate_file(file)
    except BadRateFile as error:
        give_up(printable(str(error)))
    except OSError as error:
        give_up(f"{printable(file.name)} cannot be read: {error.strerror}")


def _compared(owner: Owner, account: str, counts: list[ProviderCount]) -> CostComparison:
    def write(folder: Path) -> dict[str, Path]:
        path = folder / "counts.json"
        path.write_text(counts_to_json(counts), encoding="utf-8")
        return {COMPARE_COSTS: path}

    ticket = owner.inbox.hand_in(HandIn(COMPARE_COSTS, account, demo=False), write)
    outcome = await_answer(owner, ticket, show_progress)
    if outcome.compared is None:
        give_up(outcome.refusal or "nothing was compared")
    return CostComparison.from_json(outcome.compared)


def _write_rows(path: Path, comparison: CostComparison) -> None:
    with path.open("x", encoding="utf-8", newline="") as written:
        writer = csv.writer(written)
        writer.writerow(("day", "category", "country", "message_id"))
        for found in comparison.differences:
            for row in found.rows:
                writer.writerow((found.day, found.category, found.country, row))
