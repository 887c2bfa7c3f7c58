"""What a deployment sets for the page: portal links, breadcrumb, refresh interval, time limit."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the breadcrumb: its text ``name``, and the web ``address`` that it links to.

    ``address`` is "" for a step without a link.
    """

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The settings of the deployment that the page needs.

    ``refresh_seconds``: the page asks for newer data every so many seconds.
    ``query_seconds``: the server stops a query after so many seconds; the page waits 10 s longer.
    ``case_url``: the portal's address of a case, with ``{case_id}`` or ``{case_number}`` where the
    value goes; None without a portal. ``breadcrumb``: the steps above the title, outermost first;
    empty for no breadcrumb. ``names_store``: whether ``CONSUMO_STORE_URL`` is set for the server;
    then the commands that the page shows begin with it. ``asks_ahead``: whether the page asks for
    what a pointer rests on before it is chosen.
    """

    refresh_seconds: int
    query_seconds: float
    case_url: str | None = None
    breadcrumb: tuple[Step, ...] = ()
    names_store: bool = False
    asks_ahead: bool = True


def is_web_address(text: str) -> bool:
    """Return whether ``text`` is an http or https address with a host.

    Raises ``ValueError`` where the host has an unpaired bracket, something other than an IP address
    in brackets, or a character such as "℀" that stands for several ("a/c").
    """
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def breadcrumb(text: str) -> tuple[Step, ...]:
    """Parse a breadcrumb, such as ``Analytics=https://portal.test/a > Folders > This page``.

    ">" separates the steps, the outermost first. A step is a name, or a name, "=" and an address;
    steps without a name are left out. Raises ``ValueError`` for an address that ``is_web_address``
    refuses.
    """
    steps = []
    for part in text.split(">"):
        name, _, address = (piece.strip() for piece in part.partition("="))
        if address and not is_web_address(address):
            raise ValueError(f"no address of the web: {address}")
        if name:
            steps.append(Step(name, address))
    return tuple(steps)
