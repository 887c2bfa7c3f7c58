"""What the page says of its reader: who it is, and which part of the data this person sees.

So a lead never mistakes a part for the whole.
"""

from dataclasses import dataclass
from typing import Final

from components.html_tree import Element, Span
from components.locale import Locale

#: The account of stores with only one; naming it would tell nothing.
_ONLY_ACCOUNT: Final = "default"
#: More names than these are told as a number.
_MOST_NAMES: Final = 2


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The reader of a page: ``name`` ("" where it is not known), and what this person may see.

    Of ``accounts``, ``teams`` and ``channels`` None stands for all, an empty tuple for none.
    """

    name: str
    accounts: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the layout must know of the reader.

    ``masked`` are the columns of the table by which the reader may neither sort nor filter;
    ``may_export`` is whether the page offers downloads; ``signed_in`` is None without a sign-in.
    """

    masked: frozenset[str]
    may_export: bool = True
    signed_in: SignedIn | None = None


def signed_in_line(signed_in: SignedIn | None, locale: Locale) -> list[Element]:
    """Return the text "Ana · Equipe Vendas · WhatsApp" of the header; [] without a sign-in."""
    if signed_in is None:
        return []
    part = " · ".join(filter(None, _parts(signed_in, locale)))
    whole = " · ".join(filter(None, (signed_in.name, part)))
    # Of a line that is too long the name is cut first, since the part of the data matters more.
    texts = [Span(signed_in.name, className="who"), Span(" · ")] if signed_in.name else []
    return [
        Span(
            [*texts, Span(part, className="part")],
            className="signed-in",
            title=locale.texts.gettext("You see: {part}", part=whole),
        )
    ]


def _parts(signed_in: SignedIn, locale: Locale) -> list[str]:
    """Return the words for the reader's accounts, teams and channels; some may be ""."""
    gettext = locale.texts.gettext
    has_one_account = signed_in.accounts in (None, (_ONLY_ACCOUNT,))
    return [
        ""
        if has_one_account
        else _names(signed_in.accounts or (), locale) or gettext("No account"),
        _teams(signed_in.teams, locale),
        ""
        if signed_in.channels is None
        else _names(signed_in.channels, locale) or gettext("No channel"),
    ]


def _teams(teams: tuple[str, ...] | None, locale: Locale) -> str:
    gettext = locale.texts.gettext
    if teams is None:
        return gettext("All teams")
    if not teams:
        return gettext("No team")
    names = _names(teams, locale)
    return gettext("Team {names}", names=names) if len(teams) == 1 else names


def _names(values: tuple[str, ...], locale: Locale) -> str:
    """Return ``values`` as one text, of many the first and a number; "" where there are none."""
    names = ", ".join(values[:_MOST_NAMES])
    more = len(values) - _MOST_NAMES
    if more <= 0:
        return names
    return locale.texts.gettext("{names} and {count} more", names=names, count=more)
