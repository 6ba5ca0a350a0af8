"""One unit as an observer sees it, as bytes that are rebuilt only when something about it changes."""

import math

from sc2_pipeline.game_messages import common_pb2, raw_pb2
from sc2_pipeline_demo.stand_in import wire
from sc2_pipeline_demo.stand_in.known_types import CARRIES_MINERALS, HARVEST_ABILITIES, KnownType
from sc2_pipeline_demo.stand_in.unit_lives import NEUTRAL, UnitLife

API_TAG = 1 << 32
"""Set in the tags of live units, above the tracker's number (as recorded)."""
SNAPSHOT_TAG = 1 << 33
"""Set in the tags of remembered units instead (as recorded)."""

_HEIGHT = 9.99313354
_MINERAL_CONTENTS = {True: 900, False: 1800}
_VESPENE_CONTENTS = 2250
_UNKNOWN_BUILD_TIME = 1600
_UNIT_FIELD = 2
_GATHERS = {name.removesuffix("Harvest"): ability_id for ability_id, name in HARVEST_ABILITIES.items()}


class UnitPicture:
    """A unit as seen by one observer. ``tag_bits`` are set in its tag (:data:`API_TAG` in a real game)."""

    def __init__(self, life: UnitLife, observer: int, *, neutral: int, tag_bits: int) -> None:
        self.life = life
        self._observer = observer
        self._neutral = neutral
        self._tag = life.tag | tag_bits
        self._moves = life.moves
        self._good_until = -1.0
        self._head = self._tail = b""
        self._whole: bytes | None = None
        self._snapshot: bytes | None = None
        self.owner = 0
        self.type: KnownType = life.types[0][1]

    def visible(self, game_loop: int) -> bytes:
        """The field ``units`` of ObservationRaw for this unit, currently visible."""
        if game_loop >= self._good_until:
            self._look(game_loop)
        if self._whole is not None:
            return self._whole
        x, y, facing = self.life.place_at(game_loop)
        content = self._head + wire.place(x, y, _HEIGHT, facing) + self._tail
        field = wire.nested(_UNIT_FIELD, content)
        if not self._moves and self._good_until > game_loop + 1:
            self._whole = field
        return field

    def remembered(self, game_loop: int) -> bytes:
        """The same as a snapshot: with another tag, and without values that need sight."""
        if self._snapshot is None:
            if game_loop >= self._good_until:
                self._look(game_loop)
            x, y, facing = self.life.place_at(game_loop)
            unit = raw_pb2.Unit(
                display_type=raw_pb2.Snapshot,
                alliance=self._alliance(),
                tag=self.life.tag | SNAPSHOT_TAG,
                unit_type=self.type.unit_type_id,
                owner=self._shown_owner(),
                pos=common_pb2.Point(x=x, y=y, z=_HEIGHT),
                facing=facing,
                radius=self.type.radius,
                build_progress=1,
                cloak=raw_pb2.CloakedUnknown,
                is_on_screen=False,
                is_blip=False,
                is_powered=False,
            )
            self._snapshot = wire.nested(_UNIT_FIELD, unit.SerializeToString())
        return self._snapshot

    def refresh(self, game_loop: int) -> None:
        """Updates ``owner`` and ``type`` to that loop."""
        if game_loop >= self._good_until:
            self._look(game_loop)

    def _look(self, game_loop: int) -> None:
        """Builds head and tail for that loop, and determines how long they stay valid."""
        life = self.life
        self.owner = life.owner_at(game_loop)
        self.type = life.type_at(game_loop)
        self._whole = self._snapshot = None
        head = raw_pb2.Unit(
            display_type=raw_pb2.Visible,
            alliance=self._alliance(),
            tag=self._tag,
            unit_type=self.type.unit_type_id,
            owner=self._shown_owner(),
        )
        self._head = head.SerializeToString()
        self._tail = self._rest(game_loop).SerializeToString()
        self._good_until = game_loop + 1 if self._is_changing(game_loop) else life.changes_after(game_loop)

    def _is_changing(self, game_loop: int) -> bool:
        """Whether its numbers change every loop."""
        is_growing = self.life.is_begun and game_loop < self.life.done_loop
        is_making = self.owner == self._observer and self.life.made_at(game_loop) is not None
        return is_growing or is_making or self.type.energy > 0

    def _alliance(self) -> raw_pb2.Alliance.ValueType:
        if self.owner == NEUTRAL:
            return raw_pb2.Neutral
        return raw_pb2.Self if self.owner == self._observer else raw_pb2.Enemy

    def _shown_owner(self) -> int:
        return self._neutral if self.owner == NEUTRAL else self.owner

    def _rest(self, game_loop: int) -> raw_pb2.Unit:
        """Every field after the facing; the same fields are set as in recordings of such units."""
        kind, progress = self.type, self._progress(game_loop)
        unit = raw_pb2.Unit(
            radius=kind.radius,
            build_progress=progress,
            cloak=raw_pb2.NotCloaked,
            is_selected=False,
            is_on_screen=False,
            is_blip=False,
            is_powered=False,
            is_active=self.owner != NEUTRAL and (kind.is_worker or self.life.made_at(game_loop) is not None),
            health=max(kind.health * progress, 1) if self.life.is_begun else kind.health,
            health_max=kind.health,
            shield=kind.shield * progress,
            shield_max=kind.shield,
            energy=self._energy(game_loop),
            energy_max=kind.energy,
            is_flying=kind.is_flying,
            is_burrowed=kind.name.endswith("Burrowed"),
            is_hallucination=False,
        )
        if "MineralField" in kind.name:
            unit.mineral_contents = _MINERAL_CONTENTS[kind.name.endswith("750")]
        if "Geyser" in kind.name:
            unit.vespene_contents = _VESPENE_CONTENTS
        if kind.is_worker and self.life.tag >> 18 & 3 == 0:
            unit.buff_ids.append(CARRIES_MINERALS)
        if self.owner == self._observer:
            self._add_details(unit, game_loop)
        return unit

    def _add_details(self, unit: raw_pb2.Unit, game_loop: int) -> None:
        """Sets fields that the API fills only for the observed player's own units."""
        kind = self.type
        unit.assigned_harvesters = unit.ideal_harvesters = 16 if kind.is_town_hall else 0
        if kind.weapon_range is not None:
            unit.weapon_cooldown = 0
        target = self.life.target_at(game_loop)
        if target is not None:
            unit.engaged_target_tag = target | API_TAG
        made = self.life.made_at(game_loop)
        if made is not None:
            start, end, product = made
            unit.orders.add(ability_id=product.ability_id, progress=(game_loop - start) / (end - start))
        elif kind.name in _GATHERS:
            unit.orders.add(ability_id=_GATHERS[kind.name])
        if kind.is_town_hall:
            x, y, _ = self.life.place_at(game_loop)
            rally = unit.rally_targets.add()
            rally.point.x, rally.point.y, rally.point.z = x + 7, y, _HEIGHT

    def _progress(self, game_loop: int) -> float:
        life = self.life
        if not life.is_begun or game_loop >= life.done_loop:
            return 1.0
        build_time = self.type.build_time or _UNKNOWN_BUILD_TIME
        end = life.done_loop if math.isfinite(life.done_loop) else life.start_loop + build_time
        return min((game_loop - life.start_loop) / max(end - life.start_loop, 1), 0.99)

    def _energy(self, game_loop: int) -> float:
        kind = self.type
        gathered = (game_loop - self.life.start_loop) * kind.energy_per_game_loop
        return min(kind.starting_energy + gathered, kind.energy) if kind.energy else 0.0
