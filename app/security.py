"""Protection of the page and its readers: host names, content policy, headers, cache rules.

``factory.create_app`` runs ``check_host`` and ``check_address`` before each request, with the gate
of ``app.access`` between them, and ``secure_response`` after it.
"""

import base64
import hashlib
import ipaddress
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from flask import Response, abort, g, request

from components.index import START

#: Where Dash serves the scripts of its packages.
DASH_SCRIPTS: Final = "/_dash-component-suites/"
#: The endpoint of Dash that answers every unknown address with the page.
ANY_PAGE: Final = "/<path:path>"
_PAGE: Final = "/"

#: The page uses none of these features of browsers; "copy" and full screen stay allowed.
_NO_FEATURES: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid"),
        *("magnetometer", "microphone", "midi", "payment", "serial", "usb"),
    )
)
#: Headers of the page. A portal that isolates itself (COEP) may only show frames that do the same,
#: and that say that other sites may load them; ``frame-ancestors`` says which.
_PAGE_HEADERS: Final = (
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
#: Headers of every answer. Browsers must not guess another content type, and must not tell other
#: sites the address of the page, because it holds the filters.
_FIXED_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", _NO_FEATURES),
)
#: Headers of a request that the web server refuses before the application sees it.
REFUSAL_HEADERS: Final = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
    *_FIXED_HEADERS,
)


# --- host names ---------------------------------------------------------------------------------

#: A name or an IPv4 address, or an IPv6 address in brackets; then a port.
_HOST_HEADER: Final = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?", re.ASCII)
_DEFAULT_HOST: Final = "localhost"


class AllowedHosts:
    """The host names that requests may have in their ``Host`` header.

    ``names`` are separated by spaces; if there are none, every name is allowed. A name that begins
    with a dot stands for a domain and all names below it. A port after a name is ignored. This
    protects a server in a private network from DNS rebinding, in which a foreign page reaches the
    server under the foreign page's own host name.
    """

    def __init__(self, names: str) -> None:
        self._names = [_normalized(_without_port(name.lower())) for name in names.split()]

    def allow(self, header: str) -> bool:
        """Return whether ``header``, the value of a ``Host`` header, holds an allowed name.

        Upper and lower case and the port do not matter. The answer is False for text that is not a
        host name, an IPv4 address or an IPv6 address in brackets, with or without a port up to
        65,535.
        """
        match = _HOST_HEADER.fullmatch(header.lower())
        if not match or not 0 <= int(match[2] or 0) <= 65_535:
            return False
        host = _normalized(match[1])
        return not self._names or any(_is_under(host, name) for name in self._names)


def allowed_host_header(names: str) -> str:
    """Return a ``Host`` header that ``AllowedHosts(names)`` allows.

    It is the first of ``names``, or localhost if there are none.
    """
    first = next(iter(names.split()), _DEFAULT_HOST).lstrip(".")
    return f"[{first}]" if ":" in first and not first.startswith("[") else first


def _is_under(host: str, name: str) -> bool:
    return host == name.removeprefix(".") or (name.startswith(".") and host.endswith(name))


def _without_port(name: str) -> str:
    return name.partition(":")[0] if name.count(":") == 1 else name


def _normalized(name: str) -> str:
    """Return one spelling for equal names: short addresses without brackets, names in ASCII."""
    bare = name.strip("[]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    bare = bare.rstrip(".")
    try:
        return bare if bare.isascii() else bare.encode("idna").decode()
    except UnicodeError:
        return bare


# --- requests and responses ---------------------------------------------------------------------


def check_host(hosts: AllowedHosts) -> None:
    """Abort the current request with 400 if its host name is not one of ``hosts``.

    A request without a ``Host`` header counts as one to localhost.
    """
    if not hosts.allow(request.headers.get("Host", allowed_host_header(""))):
        abort(HTTPStatus.BAD_REQUEST)


def check_address() -> None:
    """Abort the current request with 404 if its address is unknown.

    Without this check Dash would answer an unknown address with the page.
    """
    if request.endpoint == ANY_PAGE:
        abort(HTTPStatus.NOT_FOUND)


#: The Content-Security-Policy header of a server without a page.
NO_PAGE: Final = "default-src 'none'; frame-ancestors 'none'"


def content_policy(script_hashes: Iterable[str], frame_ancestors: str) -> str:
    """Return the value of the page's Content-Security-Policy header.

    ``script_hashes`` are the hashes of Dash's inline scripts, as ``'sha256-…'`` in quotes; the hash
    of our own inline script is added here. ``frame_ancestors`` are the origins that may show the
    page in an iframe, separated by spaces, or ``'self'`` or ``'none'``.
    """
    start = base64.b64encode(hashlib.sha256(START.encode()).digest()).decode()
    scripts = " ".join([f"'sha256-{start}'", *script_hashes])
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "object-src 'none'",
            f"frame-ancestors {frame_ancestors}",
        )
    )


def secure_response(response: Response, policy: str) -> Response:
    """Add the security headers, the request's id and a cache rule to ``response``; return it.

    ``policy`` is the value of the Content-Security-Policy header. A ``Cache-Control`` header of our
    own routes stays as it is. The page and Dash's scripts may be cached but must be checked each
    time (Dash's scripts not if their address holds a version); all other answers must not be
    stored.
    """
    response.headers["Content-Security-Policy"] = policy
    for name, value in _FIXED_HEADERS:
        response.headers[name] = value
    if request.endpoint == _PAGE:
        response.headers.extend(_PAGE_HEADERS)
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return _with_cache_rule(response)


def _with_cache_rule(response: Response) -> Response:
    """Return ``response`` with a header that says how long browsers may keep it.

    Responses of our own routes have one already.

    Scripts of Dash: for good where their address holds a version, else checked each time. The page:
    checked each time, because it names the files of this very version. All other answers hold what
    customers wrote and are never kept.
    """
    if not request.path.startswith(DASH_SCRIPTS):
        if "Cache-Control" not in response.headers:
            kept = "private, no-cache" if request.endpoint == _PAGE else "no-store"
            response.headers["Cache-Control"] = kept
    elif request.method in ("GET", "HEAD") and response.status_code == HTTPStatus.OK:
        cache = response.cache_control
        cache.public = True
        if cache.max_age is None:
            cache.no_cache = True
        else:
            cache.immutable = True
        response.add_etag()
        response.make_conditional(request)
    return response
