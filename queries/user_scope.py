"""``Scope``: the part of the store that one user may see. Every query is limited to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

#: The words that a token, or the setting ``CONSUMO_CAPABILITIES``, gives to a reader.
CAPABILITIES: Final = ("reveal_phone", "reveal_text", "export", "all_teams")

#: The columns of panels that hold the texts of messages.
TEXT_COLUMNS: Final = frozenset({"reply", "customer_message"})


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the store that one user may see, whatever filters the user sets.

    ``accounts``, ``teams`` and ``channels`` list the values whose cases and messages may be seen:
    None allows all of them, an empty tuple none. Where ``see_phones`` is False, phones are masked
    (the company's own numbers are not). Where ``see_texts`` is False, texts of messages are null.
    ``may_export`` is whether the user may download what the user sees.
    """

    accounts: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    see_phones: bool = False
    see_texts: bool = True
    may_export: bool = True

    @classmethod
    def with_capabilities(
        cls,
        capabilities: Iterable[str],
        accounts: tuple[str, ...] | None = None,
        teams: tuple[str, ...] | None = None,
        channels: tuple[str, ...] | None = None,
    ) -> "Scope":
        """Return the scope of a user with ``capabilities``, words of ``CAPABILITIES``.

        Other words are ignored. With ``all_teams`` the list ``teams`` narrows nothing.
        """
        words = set(capabilities)
        return cls(
            accounts=accounts,
            teams=None if "all_teams" in words else teams,
            channels=channels,
            see_phones="reveal_phone" in words,
            see_texts="reveal_text" in words,
            may_export="export" in words,
        )

    @property
    def is_limited(self) -> bool:
        """Whether some cases of the store may be out of sight."""
        return (self.accounts, self.teams, self.channels) != (None, None, None)

    @property
    def masked_columns(self) -> frozenset[str]:
        """The columns of the panel ``details`` by which this user may neither sort nor filter.

        ``phone`` where phones are masked; ``reply`` and ``customer_message`` where texts are
        hidden.
        """
        masked = set()
        if not self.see_phones:
            masked.add("phone")
        if not self.see_texts:
            masked |= TEXT_COLUMNS
        return frozenset(masked)


#: The whole store, for questions that do not depend on the user, such as the newest day. The scope
#: of users comes from ``app.settings``.
EVERYTHING = Scope()
