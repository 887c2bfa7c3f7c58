"""The command ``check``: what is missing or odd in the data, and what that does to the page."""

import click

from app.commands.common import check_there, owner_of_store, settings_of_environment
from app.commands.loads import await_answer
from app.exit_codes import EXIT_ODD, give_up
from app.terminal import echo, echo_error, show_progress
from sources.checking.check import Checked
from sources.inbox import HandIn
from sources.owner import Owner


@click.command()
@click.option(
    "--account", metavar="ACCOUNT", help="Look at this account only.  [default: all accounts]"
)
@click.option("--strict", is_flag=True, help="End with 1 where something is odd.")
def check(account: str | None, *, strict: bool) -> None:
    """Tell what is missing or odd in the data, and what that does to the page.

    The weightiest comes first. It does the same whether a server runs or not, and changes nothing.
    It names agents, channels and templates, and nobody who wrote to the company.
    """
    if account is not None and not account.strip():
        give_up("--account takes the name of an account")
    owner = owner_of_store(settings_of_environment())
    check_there(owner.path)
    echo_error(f"Store: {owner.path}")
    result = _checked(owner, account)
    for line in report(result, account):
        echo(line)
    if strict and (result.findings or not result.cases):
        raise SystemExit(EXIT_ODD)


def report(result: Checked, account: str | None = None) -> list[str]:
    """Return the lines that tell ``result``; only ``account`` was looked at, or with None all."""
    where = f" of the account {account}" if account else ""
    if not result.cases:
        return [f"There is nothing to check: no case of WhatsApp{where} is in the store."]
    looked_at = f"{result.cases:,} cases and {result.messages:,} messages{where}"
    number = len(result.findings)
    if not number:
        return [f"Nothing odd: {looked_at} were looked at, by {result.rules} rules."]
    things = "1 thing is" if number == 1 else f"{number} things are"
    lines = [f"{things} missing or odd in {looked_at}, by {result.rules} rules:"]
    for place, finding in enumerate(result.findings, 1):
        lines += ["", f"{place}. {finding.sentence}", f"   {finding.effect}"]
    return lines


def _checked(owner: Owner, account: str | None) -> Checked:
    """Let the owner of the store look at its data; end the command where that is not possible."""
    ticket = owner.inbox.hand_in(HandIn.to_check(account), lambda _folder: {})
    outcome = await_answer(owner, ticket, _show_step)
    if outcome.checked is None:
        give_up(outcome.refusal or "the data was not checked")
    return outcome.checked


def _show_step(step: str, done: int) -> None:
    if not done:
        show_progress(step, 0)
