"""``Scope``: the part of the store that one user may see. Every query is limited to it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the store that one user may see, whatever filters the user sets.

    ``accounts``, ``teams`` and ``channels`` list the values whose cases and messages may be seen:
    None allows all of them, an empty tuple none. Where ``see_phones`` is False, phones are masked
    (the company's own numbers are not). Where ``see_texts`` is False, texts of messages are null.
    """

    accounts: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    see_phones: bool = False
    see_texts: bool = True

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
            masked |= {"reply", "customer_message"}
        return frozenset(masked)


#: The whole store, for questions that do not depend on the user, such as the newest day. The scope
#: of users comes from ``app.settings``.
EVERYTHING = Scope()
