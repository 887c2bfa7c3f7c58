"""What a panel or a store without anything to show says, and how it helps out of there."""

from typing import Final

from dash import html
from dash.development.base_component import Component

from components import ids
from components.look import Look
from components.plain import H2, Button, Code, P, Part, Pre, Still
from components.site import Site
from components.words import SHORT_FILTERS

#: A filter's name, "period", "all" (several filters together) or "table" (column filters).
EmptiedBy = str


#: The commands that fill a store, as README.md has them.
IMPORT: Final = ".venv/bin/consumo-whatsapp import --cases cases.csv --messages messages.csv"
DEMO: Final = ".venv/bin/consumo-whatsapp demo"
#: What stands before them where the server was told its store. Readers of the page need not know
#: the path, and a command that is run as it stands is refused: it fills no other store.
STORE: Final = "CONSUMO_STORE_URL=…"
CONTRACT: Final = "docs/data-contract.md"


def empty_store(look: Look, site: Site, *, is_empty: bool) -> Component:
    """How to fill a store that holds nothing; while ``is_empty``, in place of the panels."""
    t = look.texts.t
    store = f"{STORE} " if site.names_store else ""
    said = [
        H2(t("There are no data yet"), id=f"{ids.EMPTY_STORE}-title"),
        P(t("This command imports them from two files, CSV or Parquet:")),
        Pre([Code(store + IMPORT)]),
        P([t("Their columns are described in"), " ", Code(CONTRACT), "."]),
        P(t("To look around first, load demonstration data:")),
        Pre([Code(store + DEMO)]),
        P(_where(look, site)),
        P(t("This page shows the data by itself as soon as they are there.")),
    ]
    return html.Section(
        [Still(said, className="as-one")],
        id=ids.EMPTY_STORE,
        className="empty-store",
        hidden=not is_empty,
        **{"aria-labelledby": f"{ids.EMPTY_STORE}-title"},
    )


def _where(look: Look, site: Site) -> str:
    """How a command finds the store of the server and no other."""
    t = look.texts.t
    folder = t("Run the command in the folder in which the server was started.")
    if not site.names_store:
        return folder
    return f"{folder} " + t(
        'In place of "…" write the value that the server was started with; it prints the whole '
        "command when it starts."
    )


def notice(emptied_by: EmptiedBy, look: Look) -> str:
    """One or two short sentences that name the cause."""
    t = look.texts.t
    nothing = t("No data with these filters.")
    if emptied_by == "period":
        return f"{nothing} " + t("The period holds none.")
    if emptied_by == "all":
        return f"{nothing} " + t("It is the combination of several that leaves nothing.")
    if emptied_by == "table":
        return f"{nothing} " + t("The filters of the table's columns leave nothing.")
    label = t(SHORT_FILTERS[emptied_by])
    return f"{nothing} " + t('The filter "{filter}" leaves nothing.', filter=label)


def widen_label(emptied_by: EmptiedBy, look: Look) -> str:
    """What the button says that gives a wider selection."""
    t = look.texts.t
    if emptied_by == "period":
        return t("See the whole period")
    if emptied_by == "all":
        return t("Clear filters")
    if emptied_by == "table":
        return t("Clear column filters")
    return t('Clear "{filter}"', filter=t(SHORT_FILTERS[emptied_by]))


def cover(slug: str, said: str = "", emptied_by: EmptiedBy = "", label: str = "") -> list[Part]:
    """What covers a panel with nothing to show: a sentence, and in its state a way out."""
    return [
        P(said, id=ids.notice(slug), role="status"),
        Button(
            label,
            id=ids.widen(slug),
            type="button",
            className="soft-button only-empty",
            value=emptied_by,
            **{"data-action": "widen"},
        ),
    ]
