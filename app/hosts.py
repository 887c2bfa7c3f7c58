"""The names by which the server may be asked: whoever reads a foreign page must not be led here
under that page's name.
"""

import ipaddress
import re
from contextlib import suppress
from typing import Final

#: A name or an IPv4 address, or an IPv6 address in brackets; then a port.
_HOST: Final = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?", re.ASCII)
_DEFAULT: Final = "localhost"
#: Names of this machine that only itself knows it by.
LOOPBACK: Final = f"{_DEFAULT} 127.0.0.1 ::1"


class Hosts:
    """The names in ``names``, separated by spaces; any where there is none.

    One that begins with a dot stands for a domain and all below it.
    """

    def __init__(self, names: str) -> None:
        self._names = [_plain(_without_port(name.lower())) for name in names.split()]

    def allow(self, header: str) -> bool:
        """Whether a ``Host`` header has a name of these, in any case, and with any port."""
        match = _HOST.fullmatch(header.lower())
        if not match or not 0 <= int(match[2] or 0) <= 65_535:
            return False
        asked = _plain(match[1])
        return not self._names or any(_is_under(asked, name) for name in self._names)


def any_of(names: str) -> str:
    """A ``Host`` header that ``Hosts(names)`` allows."""
    first = next(iter(names.split()), _DEFAULT).lstrip(".")
    return f"[{first}]" if ":" in first and not first.startswith("[") else first


def address_of(host: str, port: int) -> str:
    """The address of what listens on ``host``, for a browser on this machine."""
    name = host.strip("[]")
    with suppress(ValueError):
        if ipaddress.ip_address(name).is_unspecified:  # every address of this machine
            name = _DEFAULT
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    name = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.rstrip(".") == _DEFAULT


def _is_under(asked: str, name: str) -> bool:
    return asked == name.removeprefix(".") or (name.startswith(".") and asked.endswith(name))


def _without_port(name: str) -> str:
    return name.partition(":")[0] if name.count(":") == 1 else name


def _plain(name: str) -> str:
    """One spelling for each name: addresses without brackets and in short, names in ASCII."""
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
