"""A socket with a time limit and a byte limit per exchange, not per receive."""

import socket
import time
from typing import Any

import websocket

MAX_EXCHANGE_BYTES = 256 << 20
"""More than any answer of the game: the largest known are observations of 1 MB and game data of 2 MB."""


class BoundedSocket(socket.socket):
    """Raises TimeoutError when an exchange takes too long, even if the peer keeps sending.

    A socket's own timeout bounds each receive alone: a game that sends single bytes, or pings instead of an answer,
    would never time out.
    """

    _deadline = 0.0
    _seconds = 0.0
    _bytes_left = 0

    def begin_exchange(self, seconds: float) -> None:
        """From now on, everything sent and received may take ``seconds`` and ``MAX_EXCHANGE_BYTES`` in total."""
        if seconds != self._seconds:
            self.settimeout(seconds)
            self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._bytes_left = MAX_EXCHANGE_BYTES

    def recv(self, *arguments: Any) -> bytes:
        """Like a socket's; raises TimeoutError past the deadline, WebSocketProtocolException past the byte limit."""
        self._check()
        received = super().recv(*arguments)
        self._bytes_left -= len(received)
        if self._bytes_left < 0:
            raise websocket.WebSocketProtocolException(f"an answer has more than {MAX_EXCHANGE_BYTES >> 20} MB")
        return received

    def send(self, *arguments: Any) -> int:
        """Like a socket's; raises TimeoutError past the deadline."""
        self._check()
        return super().send(*arguments)

    def _check(self) -> None:
        if time.monotonic() > self._deadline:
            raise TimeoutError(f"no end within {self._seconds:g} s")


def connected_socket(host: str, port: int, seconds: float) -> BoundedSocket:
    """Connects to that port and begins the first exchange; raises OSError if nothing listens."""
    connection = BoundedSocket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.begin_exchange(seconds)
        connection.connect((host, port))
        # A request is one small packet, which must not wait for more data (TCP_NODELAY).
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        connection.close()
        raise
    return connection
