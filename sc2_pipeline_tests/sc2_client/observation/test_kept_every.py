"""Map layers and abilities may be kept of fewer observations than the rest."""

import pytest

from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sc2_client.observation.observation_tables import ObservationTables
from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, plan_passes


@pytest.mark.parametrize(
    ("step", "expected"), [(1, [1, 8, 16, 24, 40, 48]), (16, [1, 16, 40, 48]), (100, [1])]
)  # fmt: skip
def test_a_table_has_the_first_observation_from_each_multiple_on(step, expected):
    found: dict[str, list[int]] = {}
    [observed] = plan_passes([1], Fog.OFF, Detail.FULL)
    tables = ObservationTables(
        "00c0ffee00c0ffee",
        observed,
        lambda name, batch: found.setdefault(name, []).extend(batch["game_loop"].to_pylist()),
        detail=Detail.FULL,
        kept_every={"available_abilities": step},
    )
    for game_loop in (1, 8, 16, 24, 40, 48):
        message = api.ResponseObservation()
        message.observation.game_loop = game_loop
        message.observation.player_common.player_id = 1
        message.observation.abilities.add(ability_id=16)
        tables.add(message.SerializeToString())
    tables.finish()

    assert found["available_abilities"] == expected
    assert found["player_snapshots"] == [1, 8, 16, 24, 40, 48]
