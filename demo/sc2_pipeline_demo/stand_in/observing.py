"""What one observer sees of the game at each loop, as the bytes of ``ResponseObservation``."""

from collections.abc import Iterator

from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE, GAME_LOOPS_PER_NORMAL_SECOND
from sc2_pipeline.game_messages import common_pb2, raw_pb2, sc2api_pb2
from sc2_pipeline_demo.stand_in import wire
from sc2_pipeline_demo.stand_in.economy import player_common, score
from sc2_pipeline_demo.stand_in.faults import Assumptions
from sc2_pipeline_demo.stand_in.recorded_game import RecordedGame
from sc2_pipeline_demo.stand_in.replay_answers import RESULTS
from sc2_pipeline_demo.stand_in.unit_lives import NEUTRAL, UnitLife
from sc2_pipeline_demo.stand_in.unit_picture import API_TAG, UnitPicture

_CELL_SHIFT = 3
"""Sight is computed in squares of eight cells."""
_PYLON_RADIUS = 6.5
_OTHER_TAG_BITS = 0x3F << 12
"""Bits that no tracker tag has set; clients must detect such tags."""


class Observer:
    """Perspective of player ``player_id`` (0: no player). Loops must be requested in ascending order."""

    def __init__(self, game: RecordedGame, player_id: int, *, disable_fog: bool, assumptions: Assumptions) -> None:
        self._game = game
        self._player_id = player_id
        self._assumptions = assumptions
        self._sees_all = disable_fog and not assumptions.ignores_disable_fog
        self._tag_bits = _OTHER_TAG_BITS if assumptions.other_tags else API_TAG
        self._coming = iter(game.units)
        self._next_unit: UnitLife | None = next(self._coming, None)
        self._alive: dict[int, UnitPicture] = {}
        self._seen: set[int] = set()
        self._deaths = sorted((unit.end_loop, unit.tag) for unit in game.units if unit.end_loop <= game.last_loop)
        self._deaths_told = 0
        self._commands = _commands(game, player_id)
        self._commands_told = 0
        self._last_loop = -1
        self._map_state = _map_state(*game.map_size)

    def observe(self, game_loop: int, *, is_last: bool) -> bytes:
        """Bytes of the ``ResponseObservation`` at that loop; includes all results if it is the last."""
        self._advance(game_loop)
        # Fields in ascending order, as the game's own library writes them.
        message = b"".join(wire.nested(1, action) for action in self._actions(game_loop))
        message += wire.nested(3, self._observation(game_loop))
        if is_last:
            message += b"".join(self._results())
        for loop, player_id, text in self._game.chat:
            if self._last_loop < loop <= game_loop:
                chat = sc2api_pb2.ChatReceived(player_id=player_id, message=text)
                message += wire.nested(5, chat.SerializeToString())
        self._last_loop = game_loop
        return message

    def _advance(self, game_loop: int) -> None:
        """Adds units born by that loop and removes those that died."""
        while self._next_unit is not None and self._next_unit.start_loop <= game_loop:
            life = self._next_unit
            if life.end_loop > game_loop:
                neutral = 0 if self._assumptions.neutral_owner_is_zero else NEUTRAL
                self._alive[id(life)] = UnitPicture(life, self._player_id, neutral=neutral, tag_bits=self._tag_bits)
            self._next_unit = next(self._coming, None)
        for key in [key for key, picture in self._alive.items() if picture.life.end_loop <= game_loop]:
            del self._alive[key]

    def _observation(self, game_loop: int) -> bytes:
        common, scored = self._own_figures(game_loop)
        return common + scored + wire.nested(5, self._raw(game_loop)) + wire.number(9, game_loop)

    def _own_figures(self, game_loop: int) -> tuple[bytes, bytes]:
        economy = self._game.economies.get(self._player_id)
        if self._player_id == 0 or economy is None:
            return wire.nested(1, wire.number(1, self._player_id)), b""
        now, at_start = economy.at(game_loop), economy.at(1)
        if self._assumptions.rates_per_960_loops:
            for name in ("minerals_collection_rate", "vespene_collection_rate"):
                now[name] = now[name] * (60 * GAME_LOOPS_PER_NORMAL_SECOND) / GAME_LOOPS_PER_MINUTE
        own = [p.type for p in self._pictures(game_loop) if p.owner == self._player_id]
        army = sum(1 for kind in own if kind.weapon_range is not None and not (kind.is_worker or kind.is_structure))
        larvae = sum(1 for kind in own if kind.name == "Larva")
        common = player_common(self._player_id, now, army_count=army, larva_count=larvae)
        if self._assumptions.collected_vespene_is_stuck:
            now |= {"vespene_current": 0.0} | {name: 0.0 for name in now if name.startswith("vespene_")}
        return wire.nested(1, common), wire.nested(4, score(now, at_start))

    def _pictures(self, game_loop: int) -> Iterator[UnitPicture]:
        for picture in self._alive.values():
            picture.refresh(game_loop)
            yield picture

    def _raw(self, game_loop: int) -> bytes:
        parts = [wire.nested(1, self._own_side(game_loop)), *self._units(game_loop), self._map_state]
        dead = self._dead(game_loop)
        if dead:
            parts.append(wire.nested(4, b"".join(wire.number(1, tag) for tag in dead)))
        return b"".join(parts)

    def _units(self, game_loop: int) -> Iterator[bytes]:
        sight = None if self._sees_all else self._sight(game_loop)
        for key, picture in self._alive.items():
            if sight is None or picture.owner == self._player_id or self._is_in(sight, picture, game_loop):
                self._seen.add(key)
                yield picture.visible(game_loop)
            elif picture.owner == NEUTRAL or (picture.type.is_structure and key in self._seen):
                yield picture.remembered(game_loop)

    def _sight(self, game_loop: int) -> set[tuple[int, int]]:
        """Squares visible to any unit of the observer."""
        squares: set[tuple[int, int]] = set()
        for picture in self._pictures(game_loop):
            if picture.owner == self._player_id:
                x, y, _ = picture.life.place_at(game_loop)
                reach = int(picture.type.sight_range or 9)
                columns = range(int(x) - reach >> _CELL_SHIFT, (int(x) + reach >> _CELL_SHIFT) + 1)
                rows = range(int(y) - reach >> _CELL_SHIFT, (int(y) + reach >> _CELL_SHIFT) + 1)
                squares.update((column, row) for column in columns for row in rows)
        return squares

    def _is_in(self, sight: set[tuple[int, int]], picture: UnitPicture, game_loop: int) -> bool:
        x, y, _ = picture.life.place_at(game_loop)
        return (int(x) >> _CELL_SHIFT, int(y) >> _CELL_SHIFT) in sight

    def _dead(self, game_loop: int) -> list[int]:
        """Tags of the units that died since the last observation."""
        told = self._deaths_told
        while told < len(self._deaths) and self._deaths[told][0] <= game_loop:
            told += 1
        tags = [tag | self._tag_bits for _, tag in self._deaths[self._deaths_told : told]]
        self._deaths_told = told
        return tags[::2] if self._assumptions.dead_units_are_incomplete else tags

    def _own_side(self, game_loop: int) -> bytes:
        """``PlayerRaw``: power, camera and finished upgrades of the observed player."""
        side = raw_pb2.PlayerRaw()
        for picture in self._alive.values():
            if picture.owner == self._player_id and picture.type.name == "Pylon":
                x, y, _ = picture.life.place_at(game_loop)
                side.power_sources.add(
                    pos={"x": x, "y": y, "z": 0}, radius=_PYLON_RADIUS, tag=picture.life.tag | API_TAG
                )
        x, y = self._game.start_places.get(self._player_id, (0.0, 0.0))
        side.camera.x, side.camera.y, side.camera.z = x, y, 0
        side.upgrade_ids.extend(
            upgrade
            for loop, player, upgrade in self._game.researched
            if player == self._player_id and loop <= game_loop
        )
        return bytes(side.SerializeToString())

    def _actions(self, game_loop: int) -> Iterator[bytes]:
        """The commands that started the observer's own production since the last observation."""
        while self._commands_told < len(self._commands) and self._commands[self._commands_told][0] <= game_loop:
            loop, tag, ability_id = self._commands[self._commands_told]
            action = sc2api_pb2.Action(game_loop=loop)
            action.action_raw.unit_command.ability_id = ability_id
            action.action_raw.unit_command.unit_tags.append(tag | API_TAG)
            self._commands_told += 1
            yield action.SerializeToString()

    def _results(self) -> Iterator[bytes]:
        for player in self._game.lobby.players:
            result = sc2api_pb2.PlayerResult(
                player_id=player.player_id,
                result=RESULTS[player.result or "undecided"],
            )
            yield wire.nested(4, result.SerializeToString())


def _commands(game: RecordedGame, player_id: int) -> list[tuple[int, int, int]]:
    """``(game loop, unit tag, ability id)`` of every production started by the player's units."""
    return sorted(
        (start, unit.tag, made.ability_id)
        for unit in game.units
        for start, _, made in unit.makes
        if unit.owner_at(start) == player_id
    )


def _map_state(width: int, height: int) -> bytes:
    """Field ``map_state``: everything visible, no creep; as large as the real one, which clients must skip quickly."""
    size = common_pb2.Size2DI(x=width, y=height)
    state = raw_pb2.MapState(
        visibility=common_pb2.ImageData(bits_per_pixel=8, size=size, data=b"\x02" * (width * height)),
        creep=common_pb2.ImageData(bits_per_pixel=1, size=size, data=bytes(width * height // 8)),
    )
    return wire.nested(3, state.SerializeToString())
