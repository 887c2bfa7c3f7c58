"""What the web server takes for a request: HTTP/1.0 and 1.1 in their plain forms, within limits.

waitress reads more than it should for a server that may stand behind another one: two servers that
read the same bytes differently can be made to see two different requests. What could be read in two
ways is refused.
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
MAX_BODY_BYTES: Final = 4 * 2**20
_MAX_CHUNK_LINE_BYTES: Final = 1_024
_MAX_TRAILER_BYTES: Final = 8_192

#: Bytes of a method; a line break before it is what some clients leave from the request before.
_BEGINS: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z\r\n]")
_LINE: Final = re.compile(
    rb"(?P<method>[!#$%&'*+\-.^_`|~0-9A-Z]+) (?P<target>[\x21-\x7e\x80-\xff]+) "
    rb"HTTP/(?P<version>[0-9]\.[0-9])"
)
_TARGET: Final = re.compile(rb"/|https?://[^/?#]", re.IGNORECASE)


class Refusal(Error):
    """Why a request is refused, as the status of its answer."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__("")
        self.code = int(status)
        self.reason = status.phrase


class _Refused(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class RequestParser(HTTPRequestParser):
    """One request as its bytes come in. ``arrived_at`` is when it was whole, monotonic seconds."""

    # waitress sets these when it has understood the first line; an answer may need them before.
    command = path = request_uri = "-"
    query = ""
    arrived_at = 0.0

    def received(self, data: bytes) -> int:
        """Take what belongs to this request; how many bytes that were."""
        if self.body_rcv is None and not self.header_plus and not _BEGINS.match(data):
            # Another protocol, as TLS: there is no end of headers to wait for.
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
        """Read request line and headers; raw UTF-8 is taken as if it were percent-encoded."""
        line, _, headers = header_plus.partition(b"\r\n")
        method, target, version = _checked_line(line)
        _check_headers(headers, version)
        encoded = re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % byte[0][0], target)
        super().parse_header(b"%b %b HTTP/%b\r\n%b" % (method, encoded, version, headers))
        if self.proxy_netloc:
            # The standard has the address count where it names a server, and not the header.
            self.headers["HOST"] = self.proxy_netloc

    def refuse(self, status: HTTPStatus) -> None:
        """End the request here: it is answered with ``status``."""
        self.error = Refusal(status)
        self.completed = True

    def _refuse(self, status: HTTPStatus, data: bytes) -> int:
        self.refuse(status)
        return len(data)

    @staticmethod
    def _is_endless(body: Any) -> bool:
        """Whether the size of a chunk, or what comes behind the last one, is longer than any."""
        return (
            len(body.control_line) > _MAX_CHUNK_LINE_BYTES or len(body.trailer) > _MAX_TRAILER_BYTES
        )


def _checked_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Method, target and version of a request line."""
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
    """Refuse headers that two servers could read differently."""
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
