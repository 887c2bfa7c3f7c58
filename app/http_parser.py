"""Parses HTTP/1.0 and 1.1 requests within limits of size, and refuses ambiguous ones.

waitress accepts requests that another server in front of it might read differently. With such bytes
an attacker can make the two servers see different requests (request smuggling). So everything that
can be read in two ways is refused here.
"""

import re
from http import HTTPStatus
from typing import Any, Final

from waitress.parser import HTTPRequestParser, ParsingError, get_header_lines
from waitress.utilities import Error

#: The page puts all filters into its address, which may have 4,000 characters.
MAX_LINE_BYTES: Final = 8_190
#: Request line and headers together.
MAX_HEAD_BYTES: Final = 32_768
#: The body of a request; answers have no limit.
MAX_BODY_BYTES: Final = 4 * 2**20
_MAX_CHUNK_LINE_BYTES: Final = 1_024
_MAX_TRAILER_BYTES: Final = 8_192

#: First byte of a request: of a method, or of the line break that some clients send after a body.
_BEGINS: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z\r\n]")
#: A request line: method, target and version, with single spaces between them.
_LINE: Final = re.compile(
    rb"(?P<method>[!#$%&'*+\-.^_`|~0-9A-Z]+) (?P<target>[\x21-\x7e\x80-\xff]+) "
    rb"HTTP/(?P<version>[0-9]\.[0-9])"
)
_TARGET: Final = re.compile(rb"/|https?://[^/?#]", re.IGNORECASE)


class Refusal(Error):
    """Why a request is refused: ``code`` is the status, ``reason`` the phrase that belongs to it.

    ``RequestParser.error`` holds it; ``waitress_server.RefusalTask`` then answers the request.
    """

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__("")
        self.code = int(status)
        self.reason = status.phrase


class _Refused(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class RequestParser(HTTPRequestParser):
    """Parses one HTTP request while its bytes arrive; waitress calls ``received`` with them.

    ``completed`` is true when the whole request has arrived or when it is refused. ``error`` is
    None, or why it is refused: a ``Refusal`` or an error of waitress. ``arrived_at`` is when the
    request was complete or refused, in monotonic seconds, else 0; ``waitress_server.Channel`` sets
    it.
    """

    # waitress sets these when it has parsed the first line; a refusal may read them earlier.
    command = path = request_uri = "-"
    query = ""
    arrived_at = 0.0

    def received(self, data: bytes) -> int:
        """Parse the bytes at the beginning of ``data`` that belong to this request.

        Return how many bytes that were. If the request is refused (``error`` is set) this number
        means nothing: the caller must drop all further bytes, as ``waitress_server.Channel`` does.
        """
        if self.body_rcv is None and not self.header_plus and not _BEGINS.match(data):
            # Another protocol, as TLS, in which no end of headers would ever come.
            return self._refuse(HTTPStatus.BAD_REQUEST, data)
        try:
            taken: int = super().received(data)
        except _Refused as refused:
            return self._refuse(refused.status, data)
        except ValueError:
            return self._refuse(HTTPStatus.BAD_REQUEST, data)
        if self.chunked and not self.completed and self._is_endless(self.body_rcv):
            return self._refuse(HTTPStatus.BAD_REQUEST, data)
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Set ``command``, ``path``, ``headers`` and the like from ``header_plus``.

        ``header_plus`` is the request line and the headers. Bytes of the address that are not ASCII
        are percent-encoded; the host of an absolute address replaces the header Host. Raises
        ``_Refused`` or an error of waitress (as ``ParsingError``) for a request that must be
        refused; ``received`` handles these.
        """
        line, _, headers = header_plus.partition(b"\r\n")
        method, target, version = _checked_line(line)
        _check_headers(headers, version)
        encoded = re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % byte[0][0], target)
        super().parse_header(b"%b %b HTTP/%b\r\n%b" % (method, encoded, version, headers))
        if self.proxy_netloc:
            # An absolute address takes precedence over the Host header (RFC 9112, 3.2.2).
            self.headers["HOST"] = self.proxy_netloc

    def refuse(self, status: HTTPStatus) -> None:
        """Refuse the request: it takes no more bytes, and will be answered with ``status``."""
        self.error = Refusal(status)
        self.completed = True

    def _refuse(self, status: HTTPStatus, data: bytes) -> int:
        self.refuse(status)
        return len(data)

    @staticmethod
    def _is_endless(body: Any) -> bool:
        """Return whether a chunk's size line or the trailer is longer than a correct one can be."""
        return (
            len(body.control_line) > _MAX_CHUNK_LINE_BYTES or len(body.trailer) > _MAX_TRAILER_BYTES
        )


def _checked_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the method, target and version of the request line ``line``.

    Raises ``_Refused`` if it is too long or has another version of HTTP than 1.0 and 1.1, and
    ``ParsingError`` if it is not a request line.
    """
    if len(line) > MAX_LINE_BYTES:
        raise _Refused(HTTPStatus.REQUEST_URI_TOO_LONG)
    match = _LINE.fullmatch(line.rstrip(b" "))
    if not match or not _TARGET.match(match["target"]):
        raise ParsingError("request line")
    if match["version"] not in (b"1.0", b"1.1"):
        raise _Refused(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    try:
        match["target"].decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParsingError("request line") from error
    return match["method"], match["target"], match["version"]


def _check_headers(headers: bytes, version: bytes) -> None:
    """Raise ``ParsingError`` if two servers could read ``headers`` differently.

    Raises ``_Refused`` for a transfer coding other than ``chunked``.
    """
    if re.search(rb"\r\n[ \t]", b"\r\n" + headers):
        raise ParsingError("a header over several lines")
    pairs = [line.partition(b":")[::2] for line in get_header_lines(headers)]
    names = [name.lower() for name, _ in pairs]
    codings = [
        value.strip(b" \t").lower() for name, value in pairs if name.lower() == b"transfer-encoding"
    ]
    if names.count(b"host") > 1 or (version == b"1.1" and b"host" not in names):
        raise ParsingError("host")
    if names.count(b"content-length") > 1:
        raise ParsingError("two lengths")
    if codings and (version == b"1.0" or b"content-length" in names or len(codings) > 1):
        raise ParsingError("two lengths")
    if codings and codings != [b"chunked"]:
        raise _Refused(HTTPStatus.NOT_IMPLEMENTED)
