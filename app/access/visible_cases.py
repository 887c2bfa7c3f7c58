"""Decides by the claims of a token alone, without SQL, which cases its holder may see.

The page decides the same in ``queries``. This second way is for checks: both must agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sources.case_rows import CaseRow
from sources.contract import DEFAULT_ACCOUNT


@dataclass(slots=True)
class Visible:
    """How many cases and messages somebody may see, and how many there are.

    ``teams`` and ``channels`` hold the numbers of those that may be seen by team (None for cases
    without one) and by channel.
    """

    cases: int = 0
    messages: int = 0
    all_cases: int = 0
    all_messages: int = 0
    cases_of_team: Counter[str | None] = field(default_factory=Counter)
    messages_of_team: Counter[str | None] = field(default_factory=Counter)
    cases_of_channel: Counter[str] = field(default_factory=Counter)
    messages_of_channel: Counter[str] = field(default_factory=Counter)


def may_see(claims: Mapping[str, Any], case: CaseRow) -> bool:
    """Return whether the holder of a token with ``claims``, whose types are right, may see a case.

    The account must be named (``default`` where the token names none), the channel too unless the
    token has no claim ``channels``; the team must be named unless the holder has ``all_teams``,
    which also shows the cases without a team.
    """
    account = claims.get("account", DEFAULT_ACCOUNT)
    if case.account != account if isinstance(account, str) else case.account not in account:
        return False
    if "channels" in claims and case.channel not in claims["channels"]:
        return False
    return "all_teams" in claims.get("capabilities", ()) or case.team in claims.get("teams", ())


def count_visible(claims: Mapping[str, Any], cases: Iterable[CaseRow]) -> Visible:
    """Return how many of ``cases``, and of their messages, the holder of ``claims`` may see."""
    found = Visible()
    for case in cases:
        found.all_cases += 1
        found.all_messages += case.messages
        if may_see(claims, case):
            found.cases += 1
            found.messages += case.messages
            found.cases_of_team[case.team] += 1
            found.messages_of_team[case.team] += case.messages
            found.cases_of_channel[case.channel] += 1
            found.messages_of_channel[case.channel] += case.messages
    return found
