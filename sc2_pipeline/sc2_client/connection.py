"""The websocket to one game: sends requests, returns raw replies, and turns every failure into an EngineError."""

import logging
import time
from collections import deque
from dataclasses import dataclass

import websocket

from sc2_pipeline.errors import NOT_STARTED, EngineError
from sc2_pipeline.sc2_client.bounded_socket import BoundedSocket, connected_socket
from sc2_pipeline.sc2_client.header import Header, Kind, garbled, read_header
from sc2_pipeline.sc2_client.launch import GameProcess
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.sc2_client.traces import MESSAGES_KEPT

log = logging.getLogger(__name__)

_HOST = "127.0.0.1"
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.02, 0.25
_HANDSHAKE_SECONDS = 10.0
_REJECTIONS = 20
"""Rejected handshakes before giving up: five seconds' worth."""
_NOT_YET = 404
"""HTTP status of a game that listens but has not set up its endpoint yet (pysc2, ``remote_controller._connect``)."""
_DYING_SECONDS = 2.0
"""Seconds that a dying game may take to exit after its socket closed."""
_ID_TAG = bytes((0x88, 0x06))
"""Field 97 of ``Request`` (``id``) as a varint: replies carry the id of their request."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of the game: its raw bytes and its header."""

    message: bytes
    header: Header

    @property
    def answer(self) -> bytes:
        """Bytes of the answer itself, without the enclosing ``Response``."""
        return self.message[self.header.start : self.header.end]


class Connection:
    """A connection that allows pipelining: requests may be sent before earlier ones are answered; answers come in
    order."""

    def __init__(self, process: GameProcess, settings: GameSettings) -> None:
        """Connects, waiting up to ``boot_timeout_seconds`` for the game to boot.

        Raises EngineError ``game_did_not_start``.
        """
        self._process = process
        self._sent = 0
        self._received = 0
        self._timeout_seconds = settings.request_timeout_seconds
        self._is_cut = False
        self.last_requests: deque[bytes] = deque(maxlen=MESSAGES_KEPT)
        self.last_replies: deque[bytes] = deque(maxlen=MESSAGES_KEPT)
        self.is_open = True
        self._wire, self._socket = _connected(process, time.monotonic() + settings.boot_timeout_seconds)

    @property
    def unanswered(self) -> int:
        """Number of requests sent and not yet answered."""
        return self._sent - self._received

    def send(self, request: bytes) -> None:
        """Sends a serialised ``Request`` without an id; raises EngineError if the game is gone.

        While earlier requests are unanswered, a game that is gone is left to :meth:`receive`, since answers that were on
        their way can still be read.
        """
        self._sent += 1
        if self._is_cut:
            return
        self.last_requests.append(request)
        try:
            self._wire.begin_exchange(self._timeout_seconds)
            self._socket.send_binary(request + _ID_TAG + _varint(self._sent))
        except websocket.WebSocketTimeoutException as error:
            self.close()
            raise EngineError(
                "engine_stalled", f"the game did not take a request within {self._timeout_seconds:g} s"
            ) from error
        except (websocket.WebSocketException, OSError) as error:
            if self.unanswered > 1:
                self._is_cut = True
                return
            self.close()
            raise self._ended() from error

    def receive(self, kind: Kind, timeout_seconds: float) -> Reply:
        """The next reply, which must answer a request of ``kind`` or carry errors.

        Raises EngineError ``engine_stalled``, ``engine_crashed``, ``garbled_reply`` or ``protocol_error``, and closes
        the connection, since later replies can no longer be matched to requests.
        """
        try:
            reply = self._next(kind, timeout_seconds)
            self._received += 1
            self._check_turn(kind, reply.header)
        except EngineError:
            self.close()
            raise
        return reply

    def _check_turn(self, kind: Kind, header: Header) -> None:
        if header.request_id not in (None, self._received):
            raise EngineError(
                "protocol_error", f"the game answered request {header.request_id} where {self._received} was due"
            )
        if header.kind != kind and not header.errors:
            raise EngineError("protocol_error", f"the game answered with message {header.kind} to {kind.name.lower()}")

    def ask(self, kind: Kind, request: bytes, timeout_seconds: float) -> Reply:
        """Sends one request and waits for its answer; raises EngineError ``protocol_error`` for an error reply."""
        self._timeout_seconds = timeout_seconds
        self.send(request)
        reply = self.receive(kind, timeout_seconds)
        if reply.header.errors:
            raise refused_request(kind, reply.header)
        return reply

    def drain(self, timeout_seconds: float) -> None:
        """Reads and discards all outstanding replies, which answer steps sent beyond the replay's end."""
        try:
            while self.unanswered:
                self._next(Kind.OBSERVATION, timeout_seconds)
                self._received += 1
        except EngineError as error:
            # The results are complete: this costs a new instance, not the replay.
            log.info("the game does not finish answering beyond the end (%s)", error)
            self.close()

    def close(self) -> None:
        """Closes the socket without a closing handshake, since the game may no longer respond."""
        self.is_open = False
        self._socket.shutdown()  # type: ignore[no-untyped-call]

    def _next(self, kind: Kind, timeout_seconds: float) -> Reply:
        self._timeout_seconds = timeout_seconds
        try:
            self._wire.begin_exchange(timeout_seconds)
            opcode, message = self._socket.recv_data()
        except websocket.WebSocketTimeoutException as error:
            asked = kind.name.lower().replace("_", " ")
            raise EngineError(
                "engine_stalled", f"the game gave no answer to {asked} within {timeout_seconds:g} s"
            ) from error
        except (websocket.WebSocketConnectionClosedException, OSError) as error:
            raise self._ended() from error
        except websocket.WebSocketException as error:
            raise garbled(f"the game sent what is no websocket frame ({error})") from error
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise self._ended()
        if opcode != websocket.ABNF.OPCODE_BINARY:
            raise garbled(f"the game sent a frame of kind {opcode} where bytes were due")
        self.last_replies.append(message)
        return Reply(message, read_header(message))

    def _ended(self) -> EngineError:
        """Why the connection ended: the game died, truncated a message, or closed the connection."""
        frames = self._socket.frame_buffer
        was_amid_message = frames.header is not None or any(frames.recv_buffer)
        words = self._process.wait_for_exit(_DYING_SECONDS)
        if words is not None:
            return EngineError("engine_crashed", f"the game died {words}")
        if was_amid_message:
            return garbled("the game closed the connection in the middle of a message")
        return EngineError("protocol_error", "the game closed the connection and lives on")


def refused_request(kind: Kind, header: Header) -> EngineError:
    """The error for a reply that carries errors instead of an answer."""
    asked = kind.name.lower().replace("_", " ")
    return EngineError("protocol_error", f"the game answered {asked} with an error: {'; '.join(header.errors)[:500]}")


def _connected(process: GameProcess, deadline: float) -> tuple[BoundedSocket, websocket.WebSocket]:
    rejections = 0
    pause = _FIRST_PAUSE_SECONDS
    while True:
        words = process.exit_words()
        if words is not None:
            raise EngineError(NOT_STARTED, f"the game died {words} during its start")
        left = deadline - time.monotonic()
        if rejections >= _REJECTIONS or left <= 0:
            raise _not_booted(process, rejections)
        try:
            return _shaken_hands(process.port, min(left, _HANDSHAKE_SECONDS))
        except websocket.WebSocketBadStatusException as error:
            rejections += error.status_code != _NOT_YET
        except (ConnectionRefusedError, websocket.WebSocketTimeoutException, TimeoutError):
            pass  # nothing listens yet, or it is still booting
        except (websocket.WebSocketException, OSError, ValueError, LookupError):  # the last two: not HTTP
            rejections += 1
        time.sleep(min(pause, max(left, 0)))
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _not_booted(process: GameProcess, rejections: int) -> EngineError:
    last = process.last_words()
    if rejections:
        return EngineError(NOT_STARTED, f"the game's port {process.port} rejected every connection{last}")
    return EngineError(
        NOT_STARTED,
        f"the game of {process.version} did not open its port {process.port} in time{last}; raise boot_timeout_seconds",
    )


def _shaken_hands(port: int, timeout_seconds: float) -> tuple[BoundedSocket, websocket.WebSocket]:
    wire = connected_socket(_HOST, port, timeout_seconds)
    try:
        # With a socket of our own, so that neither proxy settings of the environment nor redirects apply.
        return wire, websocket.create_connection(
            f"ws://{_HOST}:{port}/sc2api", socket=wire, skip_utf8_validation=True, redirect_limit=0
        )
    except BaseException:
        wire.close()
        raise


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
