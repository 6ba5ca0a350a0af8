"""Converts one pass's observations, as received from the game, to batches of rows of the raw tables."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec

import pyarrow as pa

from sc2_pipeline.errors import EngineError
from sc2_pipeline.game import RESULTS
from sc2_pipeline.sc2_client.header import STUB_GAME_LOOP
from sc2_pipeline.sc2_client.observation.layout import TableLayout, layouts
from sc2_pipeline.sc2_client.observation.mending import mended
from sc2_pipeline.sc2_client.observation.names import GameNames
from sc2_pipeline.sc2_client.observation.passes import Detail, ObservedPass, row_rule, tables_of_pass
from sc2_pipeline.sc2_client.observation.plain_route import PlainRoute
from sc2_pipeline.sc2_client.observation.route import Decoded, Head, Route
from sc2_pipeline.sc2_client.traits import ASSUMED, GameTraits
from sc2_pipeline.tables.declaration import CODED_TEXT, Table

Take = Callable[[str, pa.RecordBatch], None]
"""Callback for rows: the raw table's name and a batch in its ``file_schema``."""

_RESULTS: dict[int | None, str] = dict(enumerate(RESULTS, start=1))
"""The API's numbers of results, in the order of our names."""

RouteMaker = Callable[[tuple[TableLayout, ...], GameNames], Route]

GROUP_OBSERVATIONS = 512
"""Observations per group, decoded and emitted together; larger groups are hardly smaller on disk."""

GROUP_BYTES = 14 << 20
"""A group also ends at this size, to bound memory for crowded games and map layers."""

_HELD_ROWS = 8192
"""Approximate batch size of tables with few rows per observation, which are not emitted once per group."""


def preferred_route() -> RouteMaker:
    """The fast route if ptars is available on this machine, else the plain one; rows are the same."""
    if find_spec("ptars") is None:
        return PlainRoute
    from sc2_pipeline.sc2_client.observation.ptars_route import PtarsRoute  # noqa: PLC0415

    return PtarsRoute


class ObservationTables:
    """Collects one pass. Call :meth:`add` with every observation in order, then :meth:`finish`; batches are emitted in
    between.

    Batches hold a group of observations: ``unit_snapshots`` and its side tables sorted by tag and then by loop within
    the batch, other tables by loop. Memory depends on the group, not on the length of the game.
    """

    def __init__(
        self,
        replay_id: str,
        observed: ObservedPass,
        take: Take,
        *,
        detail: Detail = Detail.UNITS,
        names: GameNames | None = None,
        route: RouteMaker | None = None,
        traits: GameTraits = ASSUMED,
        sampled_for: Callable[[int], str | None] | None = None,
        kept_every: Mapping[str, int] | None = None,
    ) -> None:
        """``sampled_for`` tells of a game loop what it was observed for. ``kept_every``: tables that have rows of one
        observation in so many game loops at most: the first from each multiple on."""
        self._constants = {
            "replay_id": pa.scalar(replay_id),
            "source": pa.scalar("sc2"),
            "pass_player_id": pa.scalar(observed.player_id, pa.int16()),
            "is_fogged": pa.scalar(observed.is_fogged),
            "is_told": pa.scalar(True),
        }
        self._observed = observed
        self._take = take
        self._traits = traits
        self._sampled_for = sampled_for
        self._kept_every = {name: step for name, step in (kept_every or {}).items() if step > 1}
        self._last_kept: dict[str, int] = {}
        self._layouts = tuple(layout for table in tables_of_pass(observed, detail) for layout in layouts(table))
        self._route = (route or preferred_route())(self._layouts, names or GameNames())
        self._payloads: list[bytes] = []
        self._payload_bytes = 0
        self._held: dict[str, list[pa.RecordBatch]] = {}
        self._last_loop: int | None = None
        self._seen_upgrades: set[int] = set()
        self._messages = 0
        self.observations = 0
        """Observations whose rows have been emitted."""
        self.results: dict[int, str] = {}
        """Result by player, as far as observations contain it; complete after :meth:`finish`."""

    def add(self, payload: bytes) -> None:
        """Adds the bytes of one ResponseObservation; emits rows when a group is full.

        Raises EngineError ``garbled_reply`` if the bytes are not one, or are inconsistent.
        """
        self._payloads.append(payload)
        self._payload_bytes += len(payload)
        if len(self._payloads) >= GROUP_OBSERVATIONS or self._payload_bytes >= GROUP_BYTES:
            self._give_group()

    def finish(self) -> None:
        """Emits the remaining rows. Raises as :meth:`add` does."""
        self._give_group()
        for name in list(self._held):
            self._give_held(name)

    def _give_group(self) -> None:
        if not self._payloads:
            return
        decoded = self._decoded()
        heads = decoded.heads()
        kept = [place for place, head in enumerate(heads) if self._is_new(head)]
        fewer = {name: self._fewer(name, heads, kept) for name in self._kept_every}
        for layout in self._layouts:
            of_table = fewer.get(layout.table.name, kept)
            columns = decoded.columns(layout, of_table, row_rule(layout.table, self._observed))
            if columns:
                self._give(layout.table, self._batch(layout, columns))
        self.observations += len(kept)
        self._payloads, self._payload_bytes = [], 0

    def _fewer(self, name: str, heads: Sequence[Head], kept: Sequence[int]) -> list[int]:
        """Those of the observations of which the table has rows."""
        chosen = []
        for place in kept:
            multiple = (heads[place].game_loop or 0) // self._kept_every[name]
            if multiple != self._last_kept.get(name):
                self._last_kept[name] = multiple
                chosen.append(place)
        return chosen

    def _decoded(self) -> Decoded:
        try:
            return self._route.decode(self._payloads)
        except EngineError as error:
            raise self._blamed() or error from error

    def _blamed(self) -> EngineError | None:
        """The error for the first message of the group that does not decode on its own."""
        for place, payload in enumerate(self._payloads):
            try:
                self._route.decode([payload])
            except EngineError as error:
                where = "at the start" if self._last_loop is None else f"after game loop {self._last_loop}"
                detail = f"observation {place + 1} of a group of {len(self._payloads)} {where} does not decode"
                return EngineError("garbled_reply", f"{detail} ({len(payload)} bytes): {error}")
        return None

    def _is_new(self, head: Head) -> bool:
        """Whether the observation gives rows: stubs do not, nor does a loop observed twice (as the last one may be)."""
        self.results |= {player: _RESULTS[result] for player, result in head.results if player and result in _RESULTS}
        if not head.has_observation or head.game_loop == STUB_GAME_LOOP:
            return False
        if head.game_loop is None:
            raise EngineError("garbled_reply", f"an observation after game loop {self._last_loop} has no game loop")
        if self._last_loop is not None and head.game_loop < self._last_loop:
            raise EngineError("garbled_reply", f"the game loop fell from {self._last_loop} to {head.game_loop}")
        is_new = head.game_loop != self._last_loop
        self._last_loop = head.game_loop
        return is_new

    def _batch(self, layout: TableLayout, columns: dict[str, pa.Array]) -> pa.RecordBatch:
        """The table's rows, with the columns that are not in the messages."""
        table = layout.table
        rows = len(next(iter(columns.values())))
        constants = self._constants | ({} if layout.layer is None else {"layer": pa.scalar(layout.layer)})
        columns |= {name: _repeated(value, rows) for name, value in constants.items() if name in table.schema.names}
        if table.name == "chat_messages":
            columns["message_index"] = pa.array(range(self._messages, self._messages + rows), pa.int32())
            self._messages += rows
        if table.name == "player_snapshots" and self._sampled_for is not None:
            loops = columns["game_loop"].to_pylist()
            columns["sampled_for"] = pa.array(map(self._sampled_for, loops), pa.string())
        schema = table.file_schema
        arrays = [_in_file(columns[f.name], f.type) if f.name in columns else pa.nulls(rows, f.type) for f in schema]
        batch = mended(pa.RecordBatch.from_arrays(arrays, schema=schema), self._traits)
        return batch.filter(self._first_seen(batch)) if table.name == "upgrades_seen" else batch

    def _first_seen(self, batch: pa.RecordBatch) -> pa.Array:
        """Which rows are the first of the pass with their upgrade."""
        return pa.array([self._is_first(upgrade) for upgrade in batch.column("upgrade_id").to_pylist()], pa.bool_())

    def _is_first(self, upgrade: int) -> bool:
        is_first = upgrade not in self._seen_upgrades
        self._seen_upgrades.add(upgrade)
        return is_first

    def _give(self, table: Table, batch: pa.RecordBatch) -> None:
        if table.stays_in_parquet:
            self._take(table.name, batch)
            return
        held = self._held.setdefault(table.name, [])
        held.append(batch)
        if sum(one.num_rows for one in held) >= _HELD_ROWS:
            self._give_held(table.name)

    def _give_held(self, name: str) -> None:
        batch = pa.concat_batches(self._held.pop(name))
        if batch.num_rows:
            self._take(name, batch)


def _repeated(value: pa.Scalar, rows: int) -> pa.Array:
    if value.type != pa.string():
        return pa.repeat(value, rows)
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array([value]))


def _in_file(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Text columns as stored in the table's file: dictionary-encoded or plain."""
    if values.type == kind:
        return values
    return values.dictionary_encode() if kind == CODED_TEXT else values.cast(kind)
