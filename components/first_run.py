"""What the page shows while the store has no data: three ways to bring some, with commands."""

from dataclasses import dataclass
from typing import Final

from dash import html
from dash.development.base_component import Component

from components import ids
from components.deployment import Deployment
from components.html_tree import H2, H3, Button, Code, Div, Element, P, Pre, StaticHtml
from components.locale import Locale
from components.texts import gettext_noop

#: Is written before commands where ``CONSUMO_STORE_URL`` is set. The dots stand for the value,
#: which readers of the page may not see. A command that is copied with its dots is refused, so that
#: it cannot fill another store.
STORE: Final = "CONSUMO_STORE_URL=…"
_PROGRAM: Final = ".venv/bin/consumo-whatsapp"
DEMO: Final = f"{_PROGRAM} demo"
_TITLE: Final = f"{ids.EMPTY_STORE}-title"


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to bring data: ``command`` is what to run, with dots for what only people know.

    ``settings`` are the variables that it needs, ``document`` describes it.
    """

    title: str
    meaning: str
    command: str
    document: str
    settings: str = ""


#: The commands are those of README.md and of the documents.
WAYS: Final = (
    _Way(
        "Chatwoot",
        gettext_noop("Copies cases and messages from its database, and keeps them up to date."),
        f"{_PROGRAM} sync chatwoot --url postgresql+psycopg://… --every 2s",
        "docs/chatwoot.md",
    ),
    _Way(
        "Webhooks",
        gettext_noop(
            "Start the server with these two settings, and give Meta the address "
            "/webhooks/whatsapp of this server."
        ),
        f"{_PROGRAM} serve",
        "docs/webhooks.md",
        "CONSUMO_WEBHOOK_APP_SECRET=… CONSUMO_WEBHOOK_VERIFY_TOKEN=…",
    ),
    _Way(
        gettext_noop("Files"),
        gettext_noop("Reads two files of any other portal: CSV, Parquet or workbooks."),
        f"{_PROGRAM} import --cases cases.csv --messages messages.csv",
        "docs/importing.md",
    ),
)


def empty_store(
    locale: Locale, deployment: Deployment, *, is_empty: bool, is_signed_in: bool = False
) -> Component:
    """Return the section of a page without data; it is hidden unless ``is_empty``.

    It shows the commands that load data, to a reader who ``is_signed_in`` sentences instead: this
    reader may be one who may see none, and cannot run commands on the server. While the section is
    visible, the stylesheet hides the panels.
    """
    parts = _none_to_see(locale) if is_signed_in else _ways(locale, deployment)
    return html.Section(
        [StaticHtml(parts, className="as-one")],
        id=ids.EMPTY_STORE,
        className="empty-store",
        hidden=not is_empty,
        **{"aria-labelledby": _TITLE},
    )


def _none_to_see(locale: Locale) -> list[Element]:
    gettext = locale.texts.gettext
    return [
        H2(gettext("There is nothing here for you yet"), id=_TITLE),
        P(
            gettext(
                "No data was loaded yet, or none of it belongs to the part that you may see, which "
                "is named at the top of the page."
            )
        ),
        P(gettext("Ask the person who runs this page to load data, or to let you see it.")),
        _by_itself(locale),
    ]


def _ways(locale: Locale, deployment: Deployment) -> list[Element]:
    """Return the three ways; commands begin with ``CONSUMO_STORE_URL`` where it is set."""
    gettext = locale.texts.gettext
    store = STORE if deployment.names_store else ""
    return [
        H2(gettext("There are no data yet"), id=_TITLE),
        P(gettext("Three ways bring them. They can be used together; no message counts twice.")),
        Div([_way(way, store, locale) for way in WAYS], className="ways"),
        P(
            gettext(
                "To look around first, load demonstration data; the first real data replaces it:"
            )
        ),
        _command(_joined(store, DEMO), locale),
        P(_where(locale, deployment), className="quiet"),
        _by_itself(locale),
    ]


def _way(way: _Way, store: str, locale: Locale) -> Element:
    gettext = locale.texts.gettext
    return Div(
        [
            H3(gettext(way.title)),
            P(gettext(way.meaning)),
            _command(_joined(store, way.settings, way.command), locale),
            P([gettext("More in"), " ", Code(way.document)], className="quiet"),
        ],
        className="way",
    )


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _command(command: str, locale: Locale) -> Element:
    """Return a command with a button that copies it."""
    gettext = locale.texts.gettext
    copy = Button(
        gettext("Copy"),
        type="button",
        className="soft-button",
        **{
            "data-action": "copy-text",
            "data-value": command,
            "data-done": gettext("Copied"),
            "aria-label": gettext("Copy the command {command}", command=command),
        },
    )
    return Div([Pre([Code(command)]), copy], className="command")


def _where(locale: Locale, deployment: Deployment) -> str:
    """Return the sentences on where to run a command so that it fills this server's store."""
    gettext = locale.texts.gettext
    folder = gettext("Run commands in the folder in which the server was started.")
    if not deployment.names_store:
        return f"{folder} " + gettext('In place of "…" write your own values.')
    return f"{folder} " + gettext(
        'In place of "…" write your own values; that of CONSUMO_STORE_URL is the one that the '
        "server was started with, which it prints when it starts."
    )


def _by_itself(locale: Locale) -> Element:
    return P(
        locale.texts.gettext("This page shows the data by itself as soon as they are there."),
        className="quiet",
    )
