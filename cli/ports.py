"""Ports: is one free, who holds it, does what listens there answer."""

from __future__ import annotations

import errno
import socket
from urllib.parse import urlsplit

from config.problem import Problem


class PortTaken(Problem):
    """Something else listens on a port we need, or this machine does not let us listen there."""


def free_port(host: str = "127.0.0.1", *, and_after_it: int = 0) -> int:
    """A port nobody listens on at this moment, nor on so many that follow it."""
    while True:
        with _listener(host) as probe:
            probe.bind((host, 0))
            port = int(probe.getsockname()[1])
        if port + and_after_it < 65536 and all(is_free(host, port + n) for n in range(1, and_after_it + 1)):
            return port


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens on this port and we may."""
    try:
        with _listener(host) as probe:
            probe.bind((host, port))
    except OSError:
        return False
    return True


def require_free(host: str, port: int, *, purpose: str, setting: str) -> None:
    """Raises ``PortTaken`` with a sentence that names the port, its holder where known, and the setting to change."""
    try:
        with _listener(host) as probe:
            probe.bind((host, port))
    except OSError as error:
        raise PortTaken(_sentence(error, host, port, purpose, setting)) from None


def answers(url: str, seconds: float = 2.0) -> bool:
    """Whether an HTTP address answers a GET with 200. Plain sockets: the supervisor that asks must stay small."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    request = f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n"
    try:
        with socket.create_connection((host, port), timeout=seconds) as connection:
            connection.sendall(request.encode("ascii"))
            status = connection.makefile("rb").readline(256).split()
    except OSError:
        return False
    return len(status) > 1 and status[1] == b"200"


def _listener(host: str) -> socket.socket:
    probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return probe


def _sentence(error: OSError, host: str, port: int, purpose: str, setting: str) -> str:
    if error.errno == errno.EADDRINUSE:
        who = _holder(port)
        by = f" by {who}" if who else ""
        return f"Port {port} on {host}, which the {purpose} needs, is in use{by}. Stop that program, or set {setting}."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"This user may not listen on port {port}, which the {purpose} needs. Set {setting} to 1024 or above."
    host_setting = setting.replace("_PORT", "_HOST")
    return f"The {purpose} cannot listen on {host}:{port} ({error.strerror}). Check {host_setting} and {setting}."


def _holder(port: int) -> str | None:
    """Who listens on the port: program name and process id; None where this user may not know."""
    import psutil  # only when something has gone wrong: it has no place in the supervisor's memory

    try:
        for connection in psutil.net_connections("inet"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})" if connection.pid else None
    except psutil.Error:
        pass
    return None
