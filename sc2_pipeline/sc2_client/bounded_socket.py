"""A socket that bounds what one exchange may take: its time as a whole, not each part of it, and its bytes."""

import socket
import time
from typing import Any

import websocket

MAX_EXCHANGE_BYTES = 256 << 20
"""More than any answer of the game: the largest known are observations of a megabyte and game data of two."""


class BoundedSocket(socket.socket):
    """Raises TimeoutError once an exchange has lasted too long, however busily the other side talks meanwhile.

    Sockets bound each receive alone: a game that drips bytes, or sends pings instead of an answer, would never be late.
    """

    _deadline = 0.0
    _seconds = 0.0
    _bytes_left = 0

    def begin_exchange(self, seconds: float) -> None:
        """From now on, what is sent and received may take ``seconds`` and ``MAX_EXCHANGE_BYTES``."""
        if seconds != self._seconds:
            self.settimeout(seconds)
            self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._bytes_left = MAX_EXCHANGE_BYTES

    def recv(self, *arguments: Any) -> bytes:
        """As a socket's; raises TimeoutError past the deadline, WebSocketProtocolException past the bytes."""
        self._check()
        received = super().recv(*arguments)
        self._bytes_left -= len(received)
        if self._bytes_left < 0:
            raise websocket.WebSocketProtocolException(f"an answer has more than {MAX_EXCHANGE_BYTES >> 20} MB")
        return received

    def send(self, *arguments: Any) -> int:
        """As a socket's; raises TimeoutError past the deadline."""
        self._check()
        return super().send(*arguments)

    def _check(self) -> None:
        if time.monotonic() > self._deadline:
            raise TimeoutError(f"no end within {self._seconds:g} s")


def connected_socket(host: str, port: int, seconds: float) -> BoundedSocket:
    """A connection to that port, within its first exchange; raises OSError where nothing listens."""
    connection = BoundedSocket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.begin_exchange(seconds)
        connection.connect((host, port))
        # A request is one small packet, which must not wait for the next.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        connection.close()
        raise
    return connection
