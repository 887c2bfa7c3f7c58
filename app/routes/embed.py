"""``/embed.js``, which portals load to show the page, and ``/embed.d.ts``, its types.

Their addresses hold no digest, because portals write them into their own pages. So browsers keep
the files for minutes only, and then ask whether they changed.
"""

from typing import Final

from flask import Blueprint, Response

from app.access.gate import open_to_everyone
from app.page_files import ASSETS
from app.routes.static import StaticFile

SCRIPT: Final = "/embed.js"
TYPES: Final = "/embed.d.ts"
_CACHE_RULE: Final = "public, max-age=300"
#: Pages of any origin may load the files, also as a module (for which browsers want the first), and
#: pages that isolate themselves with ``Cross-Origin-Embedder-Policy`` (the second).
_FOR_PORTALS: Final = (
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)


def blueprint() -> Blueprint:
    """Return the routes of the two files, which are read from ``assets/embed`` here."""
    routes = Blueprint("embed", __name__)
    script, types = (_read(address) for address in (SCRIPT, TYPES))

    @routes.get(SCRIPT)
    @open_to_everyone
    def embed_script() -> Response:
        return _answer(script)

    @routes.get(TYPES)
    @open_to_everyone
    def embed_types() -> Response:
        return _answer(types)

    return routes


def _read(address: str) -> StaticFile:
    name = address.removeprefix("/")
    return StaticFile(name, (ASSETS / "embed" / name).read_bytes())


def _answer(file: StaticFile) -> Response:
    response = file.answer(_CACHE_RULE)
    response.headers.update(_FOR_PORTALS)
    return response
