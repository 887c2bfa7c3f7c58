"""The texts and buttons of an empty panel, and of the page while the store has no data."""

from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from components import ids
from components.deployment import Deployment
from components.html_tree import H2, Button, Code, Element, P, Pre, StaticHtml
from components.labels import SHORT_FILTERS
from components.locale import Locale

#: Why a panel is empty: the name of the filter that leaves nothing, "period" (the period has no
#: data), "all" (several filters together) or "table" (the filters of the table's columns).
EmptiedBy = str

#: The commands that fill a store, as README.md has them.
IMPORT: Final = ".venv/bin/consumo-whatsapp import --cases cases.csv --messages messages.csv"
DEMO: Final = ".venv/bin/consumo-whatsapp demo"
#: Is written before these commands where ``CONSUMO_STORE_URL`` is set. The dots stand for the
#: value, which readers of the page may not see. A command that is copied with its dots is refused,
#: so that it cannot fill another store.
STORE: Final = "CONSUMO_STORE_URL=…"
#: The document that describes the columns of the imported files.
CONTRACT: Final = "docs/data-contract.md"


def empty_store(
    locale: Locale, deployment: Deployment, *, is_empty: bool, is_signed_in: bool = False
) -> Component:
    """Return the section of a page without data; it is hidden unless ``is_empty``.

    It shows the commands that load data, to a reader who ``is_signed_in`` a sentence instead: this
    reader may be one who may see none. While the section is visible, the stylesheet hides the
    panels.
    """
    parts = _none_to_see(locale) if is_signed_in else _commands(locale, deployment)
    return html.Section(
        [StaticHtml(parts, className="as-one")],
        id=ids.EMPTY_STORE,
        className="empty-store",
        hidden=not is_empty,
        **{"aria-labelledby": f"{ids.EMPTY_STORE}-title"},
    )


def _none_to_see(locale: Locale) -> list[Element]:
    gettext = locale.texts.gettext
    return [
        H2(gettext("There is nothing here for you yet"), id=f"{ids.EMPTY_STORE}-title"),
        P(
            gettext(
                "No case belongs to the part of the data that you may see. It is named at the top "
                "of the page; ask whoever runs the portal if it is wrong."
            )
        ),
        P(gettext("This page shows the data by itself as soon as they are there.")),
    ]


def _commands(locale: Locale, deployment: Deployment) -> list[Element]:
    """Return what loads data; commands begin with ``CONSUMO_STORE_URL`` where it is set."""
    gettext = locale.texts.gettext
    store = f"{STORE} " if deployment.names_store else ""
    return [
        H2(gettext("There are no data yet"), id=f"{ids.EMPTY_STORE}-title"),
        P(gettext("This command imports them from two files, CSV or Parquet:")),
        Pre([Code(store + IMPORT)]),
        P([gettext("Their columns are described in"), " ", Code(CONTRACT), "."]),
        P(gettext("To look around first, load demonstration data:")),
        Pre([Code(store + DEMO)]),
        P(_where(locale, deployment)),
        P(gettext("This page shows the data by itself as soon as they are there.")),
    ]


def _where(locale: Locale, deployment: Deployment) -> str:
    """Return the sentences on where to run a command so that it fills this server's store."""
    gettext = locale.texts.gettext
    folder = gettext("Run the command in the folder in which the server was started.")
    if not deployment.names_store:
        return folder
    return f"{folder} " + gettext(
        'In place of "…" write the value that the server was started with; it prints the whole '
        "command when it starts."
    )


def notice(emptied_by: EmptiedBy, locale: Locale) -> str:
    """Return two short translated sentences that say why a panel is empty.

    ``emptied_by`` is the reason. Raises ``KeyError`` where it is none that ``EmptiedBy`` lists.
    """
    gettext = locale.texts.gettext
    nothing = gettext("No data with these filters.")
    if emptied_by == "period":
        return f"{nothing} " + gettext("The period holds none.")
    if emptied_by == "all":
        return f"{nothing} " + gettext("It is the combination of several that leaves nothing.")
    if emptied_by == "table":
        return f"{nothing} " + gettext("The filters of the table's columns leave nothing.")
    label = gettext(SHORT_FILTERS[emptied_by])
    return f"{nothing} " + gettext('The filter "{filter}" leaves nothing.', filter=label)


def widen_label(emptied_by: EmptiedBy, locale: Locale) -> str:
    """Return the text of the button on an empty panel, for example "Clear filters".

    A press on it removes the reason ``emptied_by``, such as the one filter that leaves nothing.
    Raises ``KeyError`` where that is none that ``EmptiedBy`` lists.
    """
    gettext = locale.texts.gettext
    if emptied_by == "period":
        return gettext("See the whole period")
    if emptied_by == "all":
        return gettext("Clear filters")
    if emptied_by == "table":
        return gettext("Clear column filters")
    return gettext('Clear "{filter}"', filter=gettext(SHORT_FILTERS[emptied_by]))


def cover(
    slug: str,
    sentence: str = "",
    emptied_by: EmptiedBy = "",
    label: str = "",
    folds: Sequence[Element] = (),
) -> list[Element]:
    """Return the elements that cover the panel ``slug`` while it is empty or could not be read.

    They are the ``sentence`` that says why, and a button with the text ``label`` that clears the
    filters which ``emptied_by`` names. The stylesheet shows the button on empty panels only: for a
    panel that could not be read, give only the sentence; for one that shows an answer, only
    ``slug``. ``folds`` are the buttons that unfold a folded panel.
    """
    return [
        P(sentence, id=ids.notice(slug), role="status"),
        Button(
            label,
            id=ids.widen(slug),
            type="button",
            className="soft-button only-empty",
            value=emptied_by,
            **{"data-action": "widen"},
        ),
        *folds,
    ]
