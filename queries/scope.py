"""``Scope``: which part of the store a reader may see. Every query is narrowed to it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the store that a reader may see, whatever the filters are.

    ``accounts``, ``teams`` and ``channels`` list the values whose cases may be seen; None allows
    all of them, an empty tuple none. Without ``see_phones`` phones are masked, without
    ``see_texts`` texts of messages are null.
    """

    accounts: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    see_phones: bool = False
    see_texts: bool = True

    @property
    def masked_columns(self) -> frozenset[str]:
        """The columns of the panel ``details`` that this reader may neither sort nor filter by."""
        masked = set()
        if not self.see_phones:
            masked.add("phone")
        if not self.see_texts:
            masked |= {"reply", "customer_message"}
        return frozenset(masked)


#: The whole store, for questions that no reader's scope changes, such as the newest day. The scope
#: of readers comes from ``app.settings``.
EVERYTHING = Scope()
