"""What is selected: chips that can be taken away one by one, and what is wrong with it.

The browser makes the chips itself, at the moment of the choice; these are the words for it.
"""

from typing import Any, Final

from components.filter_bar import MORE
from components.look import Look
from components.plain import Button, Div, Part, Span
from components.sentences import sentence
from components.words import SHORT_FILTERS, filter_word, value_words, vocabulary
from queries.errors import FilterError
from queries.filters import LISTS

#: What a chip can stand for.
_NAMED: Final = ("period", *LISTS)


def chip_words(look: Look) -> dict[str, Any]:
    """Labels of the filters, words of their values, and the sentences around them."""
    t = look.texts.t
    return {
        "labels": {name: t(SHORT_FILTERS[name]) for name in _NAMED},
        "values": {
            name: {value: filter_word(name, value, look) for value in value_words(name, look)}
            for name in LISTS
        },
        # Of a status, where one direction is selected: "Lido / Tratada" is one of the two then.
        "statuses": {
            "out": vocabulary("status", look),
            "in": vocabulary("incoming_status", look),
        },
        "more": list(MORE),
        "remove": t("Remove {chip}"),
        "rest": t("{label}: {count} more"),
        "clear": t("Clear filters"),
    }


def alert(error: FilterError, look: Look) -> list[Part]:
    """What is wrong with a question, and the button that takes all of it back."""
    clear = Button(
        look.texts.t("Clear filters"),
        type="button",
        className="link-button",
        **{"data-action": "clear"},
    )
    return [Div([Span(sentence(error, look.texts)), clear], className="alert-box")]
