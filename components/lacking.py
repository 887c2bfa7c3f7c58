"""What the page says where the data lack what a part of it needs, whatever the filters are.

A panel that nothing can fill is folded to one line; the indicators have a note of numbers that
stay unknown.
"""

from collections.abc import Collection, Mapping
from typing import Final

from components.html_tree import Button, Children, Element, P
from components.locale import Locale
from components.texts import gettext_noop
from queries.capabilities import Need

#: By what the store lacks: why a panel that needs it is folded.
FOLDED: Final[Mapping[Need, str]] = {
    "received": gettext_noop("No message of a customer in the data: nobody can be seen waiting."),
    "outgoing": gettext_noop("No message of the company in the data: none can have failed."),
    "confirmed": gettext_noop(
        "No confirmations in the data: this source does not say which messages failed."
    ),
    "hsm": gettext_noop("No HSM in the data: no template message was imported."),
    "sent_hsm": gettext_noop(
        "No HSM sent in the data: without confirmations nobody knows which HSMs went out."
    ),
    "agents": gettext_noop(
        "No agents in the data: this source does not say who wrote, so nobody knows who still "
        "waits for a person."
    ),
    "costs": gettext_noop(
        "No prices and no charges in the data: import a price list (docs/costs.md) to see costs."
    ),
}

#: The notes on the indicators, by what the store lacks. Of each group the first that is lacking
#: says enough.
_NOTES: Final[tuple[Mapping[Need, str], ...]] = (
    {
        "outgoing": gettext_noop("This source has no messages of the company: the rates stay “—”."),
        "confirmed": gettext_noop(
            "This source has no confirmations of delivery and reading: the rates stay “—”."
        ),
    },
    {
        "received": gettext_noop(
            "This source has no messages of customers: the 1st response stays “—”."
        ),
        "agents": gettext_noop(
            "This source does not say which agent wrote: cases attended and 1st response are not "
            "known."
        ),
    },
)


def folded_sentence(need: Need, locale: Locale) -> str:
    """Return the translated sentence of a panel that is folded because the store lacks ``need``."""
    return locale.texts.gettext(FOLDED[need])


def fold_buttons(locale: Locale) -> list[Element]:
    """Return the two buttons that unfold a folded panel and fold it again.

    The stylesheet shows one of them; assets/scripts/folded_panels.js does what they say.
    """
    gettext = locale.texts.gettext
    return [
        Button(
            text,
            type="button",
            className=f"link-button {name}",
            **{"data-action": "fold-panel", "aria-expanded": expanded},
        )
        for text, name, expanded in (
            (gettext("Show all the same"), "only-folded", "false"),
            (gettext("Fold again"), "only-unfolded", "true"),
        )
    ]


def notes(lacks: Collection[str], locale: Locale) -> Children:
    """Return the sentences on indicators that stay unknown because the store ``lacks`` something.

    ``lacks`` are words of ``queries.capabilities.NEEDS``; without any the list is empty.
    """
    firsts = (
        next((text for need, text in group.items() if need in lacks), None) for group in _NOTES
    )
    return [P(locale.texts.gettext(text)) for text in firsts if text]
