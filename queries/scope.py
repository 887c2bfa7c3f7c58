"""What a reader may see. Every query is narrowed to it, whatever its filters say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the store that a reader may see.

    ``accounts``, ``teams`` and ``channels`` list the allowed values; None allows all of them, an
    empty tuple none. ``see_phones`` and ``see_texts`` allow whole phones and the texts of messages.
    """

    accounts: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    see_phones: bool = False
    see_texts: bool = True

    @property
    def masked_columns(self) -> frozenset[str]:
        """Columns of the panel ``details`` that this reader can neither sort nor filter by."""
        masked = set()
        if not self.see_phones:
            masked.add("phone")
        if not self.see_texts:
            masked |= {"reply", "customer_message"}
        return frozenset(masked)


#: The whole store with phones masked: the scope of every reader until there is sign-in.
EVERYTHING = Scope()
