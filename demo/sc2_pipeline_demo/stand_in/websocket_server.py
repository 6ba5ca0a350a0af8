"""The server side of a websocket for one client at a time (RFC 6455): binary messages only."""

import base64
import contextlib
import hashlib
import select
import socket
import struct
import time
from collections.abc import Iterator
from typing import NoReturn

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BINARY, _CLOSE, _PING, _PONG = 2, 8, 9, 10
_FINAL = 0x80
_BITE = 1 << 16
_MAX_HEADER_BYTES = 8192
DRIP_SECONDS = 0.05


class ClosedError(Exception):
    """The client has disconnected."""


class Peer:
    """One client that has finished the handshake."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._buffer = bytearray()

    def messages(self) -> Iterator[bytes]:
        """Binary messages until the client leaves; pings are answered."""
        message = bytearray()
        while True:
            try:
                first, payload = self._frame()
            except ClosedError:
                return
            kind = first & 0x0F
            if kind == _CLOSE:
                return
            if kind == _PING:
                self._send(_PONG, payload)
            elif kind != _PONG:
                message += payload
                if first & _FINAL:
                    yield bytes(message)
                    message.clear()

    def send(self, message: bytes) -> None:
        """Sends one binary message; raises ClosedError if the client is gone."""
        self._send(_BINARY, message)

    def send_part(self, message: bytes) -> None:
        """Sends a frame's header and half of its payload."""
        frame = _header(_BINARY, len(message)) + message[: len(message) // 2]
        self._connection.sendall(frame)

    def drip(self, message: bytes) -> None:
        """Sends one message a byte at a time; raises ClosedError if the client is gone."""
        drip(self._connection, _header(_BINARY, len(message)) + message)

    def ping_on(self) -> NoReturn:
        """Sends pings until the client is gone, then raises ClosedError."""
        while True:
            self._send(_PING, b"still here")
            time.sleep(DRIP_SECONDS)

    def send_on(self) -> NoReturn:
        """Sends a frame of one tebibyte until the client is gone, then raises ClosedError."""
        self._send_all(_header(_BINARY, 1 << 40))
        while True:
            self._send_all(bytes(_BITE))

    def has_sent_more(self, seconds: float) -> bool:
        """Whether the client sends anything within ``seconds``."""
        return bool(self._buffer or select.select([self._connection], [], [], seconds)[0])

    def leave(self) -> None:
        """Stops sending and reads the client's remaining data, so that what was sent arrives, as it would not after a
        reset."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
            while self._connection.recv(_BITE):
                pass

    def _send(self, kind: int, payload: bytes) -> None:
        self._send_all(_header(kind, len(payload)) + payload)

    def _send_all(self, content: bytes) -> None:
        try:
            self._connection.sendall(content)
        except OSError as error:
            raise ClosedError from error

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        mask = self._take(4) if second & 0x80 else bytes(4)
        return first, _unmasked(self._take(length), mask)

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            try:
                received = self._connection.recv(_BITE)
            except OSError as error:
                raise ClosedError from error
            if not received:
                raise ClosedError
            self._buffer += received
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


def drip(connection: socket.socket, content: bytes) -> None:
    """Sends a byte at a time; raises ClosedError if the client is gone."""
    for number in content:
        try:
            connection.sendall(bytes([number]))
        except OSError as error:
            raise ClosedError from error
        time.sleep(DRIP_SECONDS)


def shake_hands(connection: socket.socket, path: bytes) -> Peer | None:
    """Answers the client's upgrade request for ``path``; None (and 404) for any other path."""
    request = b""
    while b"\r\n\r\n" not in request:
        received = connection.recv(_BITE)
        if not received or len(request) > _MAX_HEADER_BYTES:
            return None
        request += received
    lines = request.split(b"\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
    if lines[0].split()[1:2] != [path]:
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return None
    key = base64.b64encode(hashlib.sha1(headers.get(b"sec-websocket-key", b"") + _GUID).digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + key + b"\r\n\r\n"
    )
    return Peer(connection)


def _header(kind: int, length: int) -> bytes:
    first = _FINAL | kind
    if length < 126:
        return struct.pack("!BB", first, length)
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """The unmasked payload; computed as one large integer, since a replay has a megabyte."""
    if not any(mask) or not payload:
        return payload
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(len(payload))
