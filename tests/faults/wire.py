"""A wire between two programs on this machine that can be made slow, cut, or made to answer 503 in the other's name."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
CHUNK = 64 * 1024


class Wire:
    """Listens on ``port`` and passes everything on to ``to``.

    ``delay`` is the seconds by which each piece is late, drawn between the two; ``unavailable`` the share of requests
    (an HTTP server's at the other end) answered with 503 without reaching it.
    """

    def __init__(self, to: int, seed: int = 1) -> None:
        self._to = to
        self._luck = random.Random(seed)
        self.delay = (0.0, 0.0)
        self.unavailable = 0.0
        self.refused = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])

    @contextmanager
    def laid(self) -> Iterator[Wire]:
        """Pass on while this lasts."""
        threading.Thread(target=self._accept, name="wire", daemon=True).start()
        try:
            yield self
        finally:
            self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._to), timeout=10)
        except OSError:
            near.close()
            return
        with near, far:
            far.settimeout(None)
            answering = threading.Thread(target=self._carry, args=(far, near, False), daemon=True)
            answering.start()
            self._carry(near, far, True)
            answering.join()

    def _carry(self, source: socket.socket, target: socket.socket, asks: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(CHUNK):
                if asks and self._luck.random() < self.unavailable:
                    self.refused += 1
                    source.sendall(UNAVAILABLE)
                    break
                if self.delay[1]:
                    time.sleep(self._luck.uniform(*self.delay))
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
