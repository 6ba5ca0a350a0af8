"""Lives of units, from events that may be damaged."""

import pyarrow as pa

from sc2_pipeline.build_orders.units import unit_lives
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import MEMBER, decode_tracker
from sc2_pipeline_demo.synthetic import ladder_game, replay_bytes


def test_events_without_a_type_an_owner_or_a_place_are_passed_over():
    events = decode_tracker(Archive(replay_bytes(ladder_game(1, game_loops=2_000))).read(MEMBER)).unit_events
    whole = unit_lives(events, 1)
    born = [row for row in events.to_pylist() if row["event"] == "born"]
    damaged = [born[0] | {"x": None}, born[1] | {"unit_type": None}, born[2] | {"player_id": None}, *born[3:]]

    kept = unit_lives(pa.RecordBatch.from_pylist(damaged, schema=events.schema), 1)

    lost = {row["unit_tag"] for row in born[:3]}
    assert set(kept) == {row["unit_tag"] for row in born} - lost
    assert lost <= set(whole)
