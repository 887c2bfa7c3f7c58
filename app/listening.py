"""Opens the socket on which the server listens; names the address by which a browser reaches it."""

import errno
import ipaddress
import socket
from contextlib import suppress
from typing import Final

_LOCALHOST: Final = "localhost"
#: Names that reach this machine only from itself, as ``CONSUMO_HOSTS`` takes them.
LOOPBACK_NAMES: Final = f"{_LOCALHOST} 127.0.0.1 ::1"


class CannotListen(OSError):
    """The server cannot listen on an address; the text says why, and what to do if known."""


def listen(host: str, port: int, *, at_once: bool = True) -> socket.socket:
    """Return a socket that listens on ``host``, a name or an IP address, and on TCP ``port``.

    Where it does not listen ``at_once``, connections are refused until ``listen_now``: a proxy asks
    another server meanwhile, instead of waiting for this one to start.

    Port 0 takes any free port. If a name has several addresses, an IPv4 one is preferred. Raises
    ``CannotListen`` if the name is unknown, the address is not one of this machine, or the port is
    in use or not allowed.
    """
    name = host.strip("[]")
    where = f"[{name}]" if ":" in name else name
    try:
        addresses = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise CannotListen(
            f"the name {name} is not known here: give --host an address of this machine, "
            "as 127.0.0.1"
        ) from None
    # Where a name has an IPv4 and an IPv6 address, every program can ask the IPv4 one.
    family, kind, protocol, _, address = min(addresses, key=lambda info: info[0] != socket.AF_INET)
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        if at_once:
            listening.listen(socket.SOMAXCONN)
    except OSError as error:
        listening.close()
        raise CannotListen(_why_not(error, where, port)) from None
    return listening


def listen_now(opened: socket.socket) -> None:
    """Let ``opened``, a socket of ``listen``, take connections from now on.

    Raises ``CannotListen`` if another process does so on the same port.
    """
    try:
        opened.listen(socket.SOMAXCONN)
    except OSError as error:
        host, port = opened.getsockname()[:2]
        raise CannotListen(_why_not(error, host, port)) from None


def browser_address(host: str, port: int) -> str:
    """Return the http address by which a browser on this machine reaches a server on ``host``.

    If the server listens on all addresses, the name is localhost: ``browser_address("0.0.0.0",
    8050)`` is ``http://localhost:8050``. IPv6 addresses get brackets.
    """
    name = host.strip("[]")
    with suppress(ValueError):
        if ipaddress.ip_address(name).is_unspecified:  # every address of this machine
            name = _LOCALHOST
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach ``host``: localhost, 127.x.x.x or ::1.

    Other names are not looked up: the answer for them is False.
    """
    name = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.rstrip(".") == _LOCALHOST


def is_address(host: str) -> bool:
    """Return whether ``host`` is an IP address, with or without brackets, and not a name."""
    with suppress(ValueError):
        ipaddress.ip_address(host.strip("[]"))
        return True
    return False


def _why_not(error: OSError, where: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"{where}:{port} is taken: end what uses it, or choose another --port"
        case errno.EACCES | errno.EPERM:
            return (
                f"this user may not listen on port {port}: choose a --port from 1024, or let a "
                "proxy listen there"
            )
        case errno.EADDRNOTAVAIL:
            return (
                f"{where} is not an address of this machine: give --host one that is, as "
                "127.0.0.1, or 0.0.0.0 for all of them"
            )
    return f"{where}:{port} cannot be listened on: {error.strerror}"
