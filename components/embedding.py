"""What a deployment adds to the page: its place in a portal, and how long and how often it asks."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

#: How often the page asks whether there is newer data, where the deployment says nothing.
REFRESH_SECONDS: Final = 5
#: How long a query may take, where the deployment says nothing.
QUERY_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way to this page; ``address`` is empty where it leads nowhere."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Embedding:
    """``case_url`` is the portal's address of a case with ``{case_id}`` or ``{case_number}`` in it;
    ``breadcrumb`` the steps above the title; ``refresh_seconds`` how often newer data is asked for;
    ``query_seconds`` how long a query may take, after which the page waits for no answer;
    ``names_store`` whether the server was told its store, so that commands must be told it, too.
    """

    case_url: str | None = None
    breadcrumb: tuple[Step, ...] = ()
    refresh_seconds: int = REFRESH_SECONDS
    query_seconds: float = QUERY_SECONDS
    names_store: bool = False


def is_web_address(text: str) -> bool:
    """Whether ``text`` is an http or https address with a host, and so never one of this page."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def breadcrumb(text: str) -> tuple[Step, ...]:
    """The steps of ``Analytics=https://portal.test/a > Folders > This page``.

    Raises ``ValueError`` for an address that is neither http nor https.
    """
    steps = []
    for part in text.split(">"):
        name, _, address = (piece.strip() for piece in part.partition("="))
        if address and not is_web_address(address):
            raise ValueError(f"no address of the web: {address}")
        if name:
            steps.append(Step(name, address))
    return tuple(steps)
