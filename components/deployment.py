"""What a deployment sets on the page: links into its portal, refresh interval, time limit."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the breadcrumb; ``address`` is empty for a step that is no link."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the page needs to know of the deployment.

    ``case_url`` is the portal's address of a case with ``{case_id}`` or ``{case_number}`` in it;
    ``breadcrumb`` holds the steps above the title; ``refresh_seconds`` is the time between two
    questions for newer data; ``query_seconds`` is the time limit of a query, after which the page
    stops to wait for the answer; ``names_store`` is true where a setting names the store, so that
    commands need the same setting.
    """

    refresh_seconds: int
    query_seconds: float
    case_url: str | None = None
    breadcrumb: tuple[Step, ...] = ()
    names_store: bool = False


def is_web_address(text: str) -> bool:
    """Return whether ``text`` is an http or https address with a host."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def breadcrumb(text: str) -> tuple[Step, ...]:
    """Parse ``Analytics=https://portal.test/a > Folders > This page`` into its steps.

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
