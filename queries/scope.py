"""Who asks: what a reader may see. Added to every question, whatever its filters say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the store that a reader may see, and how much of it.

    ``accounts``, ``teams`` and ``channels`` are None where all are seen; an empty tuple sees
    nothing, never everything. ``see_phones`` and ``see_texts`` open phones and message texts.
    """

    accounts: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    see_phones: bool = False
    see_texts: bool = True

    @property
    def masked_columns(self) -> frozenset[str]:
        """Columns of the table that can be neither sorted nor filtered."""
        masked = set()
        if not self.see_phones:
            masked.add("phone")
        if not self.see_texts:
            masked |= {"reply", "customer_message"}
        return frozenset(masked)


#: Until tokens exist: the whole store, phones masked.
EVERYTHING = Scope()
