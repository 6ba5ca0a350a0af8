"""One pass over a replay: steps the game and yields every observation as raw bytes."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sc2_pipeline.errors import EngineError
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sampling import LONGEST_STEP, PassPlan
from sc2_pipeline.sc2_client.connection import Connection, Reply, refused_request
from sc2_pipeline.sc2_client.header import STUB_GAME_LOOP, Header, Kind, Status, garbled
from sc2_pipeline.sc2_client.settings import GameSettings

_MEMORY_CHECK_SECONDS = 1.0
_GAME_INFO = api.Request(game_info=api.RequestGameInfo()).SerializeToString()
_GAME_DATA = api.Request(
    data=api.RequestData(ability_id=True, unit_type_id=True, upgrade_id=True, buff_id=True, effect_id=True)
).SerializeToString()


@dataclass(frozen=True, slots=True)
class RawObservation:
    """One observation as received. ``game_loop`` is None for a stub, which carries only results.

    ``is_last``: the game reported the end of the replay.
    """

    game_loop: int | None
    reply: Reply
    is_last: bool

    @property
    def payload(self) -> bytes:
        """Bytes of the ``ResponseObservation``."""
        return self.reply.answer


class ReplayPass:
    """A replay started from one player's perspective; :meth:`observations` runs it once, to its end.

    ``jumps`` counts observations that came later than the step before them; what follows is at the plan's loops again.
    """

    def __init__(
        self,
        connection: Connection,
        plan: PassPlan,
        settings: GameSettings,
        *,
        disable_fog: bool,
        memory_bytes: Callable[[], int],
    ) -> None:
        self._connection = connection
        self._plan = plan
        self._settings = settings
        self._memory_bytes = memory_bytes
        self._next_memory_check = 0.0
        self._observe = api.Request(observation=api.RequestObservation(disable_fog=disable_fog)).SerializeToString()
        self._game_loop: int | None = None
        self._planned_loop = 0
        self._steps: deque[int] = deque()
        self.jumps = 0
        self._unmoved = 0

    def game_info(self) -> bytes:
        """Bytes of ``ResponseGameInfo``: players, map size, grids, and the interface options in effect."""
        return self._connection.ask(Kind.GAME_INFO, _GAME_INFO, self._settings.request_timeout_seconds).answer

    def game_data(self) -> bytes:
        """Bytes of ``ResponseData``: every unit type, ability, upgrade, buff and effect of this version."""
        return self._connection.ask(Kind.DATA, _GAME_DATA, self._settings.request_timeout_seconds).answer

    def observations(self) -> Iterator[RawObservation]:
        """Every observation of the plan, in loop order.

        Raises EngineError ``engine_stalled``, ``engine_crashed``, ``garbled_reply``, ``protocol_error`` or
        ``memory_exceeded``, whose message says between which loops. An abandoned iterator leaves replies unread.
        """
        try:
            yield from self._observations()
            self._connection.drain(self._settings.request_timeout_seconds)
        except EngineError as error:
            self._connection.close()
            raise EngineError(
                error.reason, f"{error.detail}, {self._where()}", is_retryable=error.is_retryable
            ) from error

    def _where(self) -> str:
        if self._game_loop is None:
            return "before its first observation"
        if not self._steps:
            return f"after game loop {self._game_loop}"
        return f"between game loops {self._game_loop} and {self._game_loop + self._steps[0]}"

    def _observations(self) -> Iterator[RawObservation]:
        # The first pair is sent alone: a resumed game does not begin at loop 0, and its position is only known from the
        # answer.
        observation = self._pair_in_turn(1)
        self._planned_loop = self._game_loop or 0
        while observation is not None:
            yield observation
            if observation.is_last:
                return
            observation = self._next()
        if self._unmoved and self._planned_loop >= self._plan.last_loop:
            raise EngineError("engine_stalled", "the game's loop stood still at the end of what was asked for")

    def _next(self) -> RawObservation | None:
        """The next observation; None if the plan or the replay has ended."""
        if self._settings.pipeline_depth == 1:
            if self._planned_loop >= self._plan.last_loop:
                return None
            return self._pair_in_turn(self._planned_step())
        while self._connection.unanswered < 2 * self._settings.pipeline_depth:
            if self._planned_loop >= self._plan.last_loop:
                break
            self._send_step(self._planned_step())
            self._connection.send(self._observe)
        if self._connection.unanswered == 0:
            return None
        is_stepped = self._has_stepped()
        reply = self._receive(Kind.OBSERVATION)
        return self._observed(reply) if is_stepped else None

    def _pair_in_turn(self, count: int) -> RawObservation | None:
        """A step and its observation, without pipelining: the second is sent when the first is answered."""
        self._send_step(count)
        if not self._has_stepped():
            return None
        self._connection.send(self._observe)
        return self._observed(self._receive(Kind.OBSERVATION))

    def _send_step(self, count: int) -> None:
        """Asks for a step over a stretch, by several requests if it is long."""
        for begin in range(0, count, LONGEST_STEP):
            self._connection.send(_step(min(LONGEST_STEP, count - begin)))
        self._steps.append(count)

    def _has_stepped(self) -> bool:
        """Whether the game went any way of the next stretch; the replay may end within it."""
        requests = -(-self._steps[0] // LONGEST_STEP)
        return sum(self._is_stepped(self._receive(Kind.STEP)) for _ in range(requests)) > 0

    def _planned_step(self) -> int:
        target = self._plan.loop_after(self._planned_loop)
        step, self._planned_loop = target - self._planned_loop, target
        return step

    def _receive(self, kind: Kind) -> Reply:
        return self._connection.receive(kind, self._settings.request_timeout_seconds)

    def _is_stepped(self, reply: Reply) -> bool:
        """Whether the game stepped; it answers with an error once the replay has ended."""
        if not reply.header.errors:
            return True
        if _is_past_end(reply.header) and self._game_loop is not None:
            return False
        raise refused_request(Kind.STEP, reply.header)

    def _observed(self, reply: Reply) -> RawObservation | None:
        header = reply.header
        if header.errors:
            if _is_past_end(header):
                return None
            raise refused_request(Kind.OBSERVATION, header)
        if header.game_loop is None:
            raise garbled("the game sent an observation without a game loop")
        if header.game_loop == STUB_GAME_LOOP:
            return RawObservation(None, reply, is_last=True)
        self._heed_jump(header.game_loop)
        is_last = header.has_result or header.status == Status.ENDED
        if not is_last:
            self._check_progress(header.game_loop)
        self._game_loop = header.game_loop
        if not is_last:
            self._check_memory()
        return RawObservation(header.game_loop, reply, is_last)

    def _heed_jump(self, game_loop: int) -> None:
        step = self._steps.popleft()
        # A resumed game begins anywhere.
        jumped = 0 if self._game_loop is None else game_loop - self._game_loop - step
        if jumped > 0:
            self.jumps += 1
            self._planned_loop = min(self._planned_loop + jumped, self._plan.last_loop)

    def _check_progress(self, game_loop: int) -> None:
        self._unmoved = self._unmoved + 1 if game_loop == self._game_loop else 0
        if self._unmoved >= self._settings.stalled_observations:
            raise EngineError("engine_stalled", f"the game's loop did not advance in {self._unmoved} steps")

    def _check_memory(self) -> None:
        now = time.monotonic()
        if now < self._next_memory_check:
            return
        self._next_memory_check = now + _MEMORY_CHECK_SECONDS
        used, ceiling = self._memory_bytes(), self._settings.memory_ceiling_bytes
        if used > ceiling:
            raise EngineError(
                "memory_exceeded",
                f"the game holds {used >> 20} MB (ceiling {ceiling >> 20} MB); raise memory_ceiling_mb, or lower restart_every",
            )


def _step(count: int) -> bytes:
    return bytes(api.Request(step=api.RequestStep(count=count)).SerializeToString())


def _is_past_end(header: Header) -> bool:
    """Whether an error only means that the replay is over; pysc2 sees it in status ``in_game`` too."""
    return header.status == Status.ENDED or any("already ended" in error.lower() for error in header.errors)
