"""Static files, each at an address with a digest of its content, compressed once.

The content of such an address never changes, so browsers may keep the file for a year without
asking again. A browser that does ask, with the file's ETag, gets an empty 304.
"""

import gzip
import hashlib
import sys
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import brotli
from flask import Blueprint, Response, abort, request

from app.access.gate import open_to_everyone

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_FOLDER: Final = "/static"
#: The cache rule of all files: a year.
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
#: The best encoding first. These levels are too slow for single answers, but each file is
#: compressed once; brotli's highest would take five times as long as zstd's for 4 % fewer bytes.
ENCODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = MappingProxyType(
    {
        "zstd": lambda content: zstd.compress(content, 19),
        "br": lambda content: brotli.compress(content, quality=9),
        "gzip": lambda content: gzip.compress(content, 9, mtime=0),
    }
)
_AS_IT_IS: Final = "identity"
#: Media types by extension. The machine's own table is not used: it may call scripts text, and
#: browsers would not run them. TypeScript's declarations are read by people and their editors.
_KINDS: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "ico": "image/x-icon",
    "ts": "text/plain",
}


class StaticFile:
    """One file, with its content in each encoding that was requested so far.

    The ending of ``name`` is one of .css, .js, .ico and .ts; another raises ``KeyError``. Several
    threads may use a file at a time.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.digest = hashlib.sha256(content).hexdigest()[:20]
        self.mimetype = _KINDS[name.rpartition(".")[2]]
        self._made = {_AS_IT_IS: content}
        self._making = threading.Lock()

    def in_encoding(self, encoding: str) -> bytes:
        with self._making:
            if encoding not in self._made:
                self._made[encoding] = ENCODERS[encoding](self._made[_AS_IT_IS])
            return self._made[encoding]

    def answer(self, cache_rule: str) -> Response:
        """Return a response with the file for the current request.

        The content is in the best compression that the request accepts. The response is an empty
        304 if the browser has this content already, by its ETag. ``cache_rule`` is the value of the
        ``Cache-Control`` header.
        """
        encoding = request.accept_encodings.best_match([*ENCODERS, _AS_IT_IS]) or _AS_IT_IS
        response = Response(self.in_encoding(encoding), mimetype=self.mimetype)
        if encoding != _AS_IT_IS:
            response.headers["Content-Encoding"] = encoding
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = cache_rule
        response.set_etag(f"{self.digest}-{encoding}")
        response.make_conditional(request)
        return response


class StaticFiles:
    """The static files of one app, by their addresses. Several threads may use it at a time."""

    def __init__(self) -> None:
        self._files: dict[str, StaticFile] = {}

    @property
    def addresses(self) -> list[str]:
        """The addresses of all files, in the order in which they were added."""
        return list(self._files)

    def put(self, name: str, content: bytes, folder: str = _FOLDER) -> str:
        """Add a file, and return the address at which it is served: ``/static/page.<digest>.css``.

        ``name`` is its name without the digest and ends in .css, .js or .ico; other endings raise
        ``KeyError``. ``folder`` is the part of the address before the name. It matters for a script
        that fetches other scripts relative to its own address.
        """
        stem, _, extension = name.rpartition(".")
        file = StaticFile(name, content)
        address = f"{folder}/{stem}.{file.digest}.{extension}"
        self._files.setdefault(address, file)
        return address

    def compress(self) -> None:
        """Compress every file with zstd, so that the first browser that takes zstd need not wait.

        Other encodings are made when a browser first asks for them.
        """
        for file in list(self._files.values()):
            file.in_encoding(next(iter(ENCODERS)))

    def answer(self, address: str) -> Response:
        """Return ``StaticFile.answer`` of the file at ``address``; abort with 404 without one."""
        file = self._files.get(address)
        if file is None:
            abort(HTTPStatus.NOT_FOUND)
        return file.answer(_FOR_GOOD)


def blueprint(static_files: StaticFiles, *neighbours: str) -> Blueprint:
    """Return the routes that serve ``static_files``: those in ``/static``, and ``neighbours``.

    Each of ``neighbours`` is the address of a file in one of Dash's folders, without the digest:
    ``/folder/name.js`` for the file at ``/folder/name.<digest>.js``.
    """
    routes = Blueprint("static_files", __name__)

    @open_to_everyone
    def serve(**_name: str) -> Response:
        return static_files.answer(request.path)

    routes.add_url_rule(f"{_FOLDER}/<name>", "own", serve)
    for path in neighbours:
        stem, _, extension = path.rpartition(".")
        routes.add_url_rule(
            f"{stem}.<digest>.{extension}", path.strip("/").replace(".", "-"), serve
        )
    return routes
