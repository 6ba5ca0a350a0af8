"""Groups of observations: bounded, sorted, small on disk, and the same rows however they are cut."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.sc2_client.observation import observation_tables
from sc2_pipeline.sc2_client.observation.names import GameNames, Lexicon
from sc2_pipeline.sc2_client.observation.passes import Detail
from sc2_pipeline.steps.check import check_batch
from sc2_pipeline_tests.sc2_client.observation.collecting import collect, written
from sc2_pipeline_tests.sc2_client.observation.messages import smooth_game


def test_a_batch_of_units_holds_512_observations_sorted_by_tag_then_loop() -> None:
    collected = collect(smooth_game(1100, 5), detail=Detail.UNITS)

    batches = collected.batches["unit_snapshots"]
    assert [batch.num_rows for batch in batches] == [5 * 512, 5 * 512, 5 * 76]
    for batch in batches:
        order = list(zip(batch["api_tag"].to_pylist(), batch["game_loop"].to_pylist(), strict=True))
        assert order == sorted(order)


def test_groups_end_by_size_too(monkeypatch: pytest.MonkeyPatch) -> None:
    payloads = smooth_game(10, 50)
    monkeypatch.setattr(observation_tables, "GROUP_BYTES", 3 * len(payloads[0]))

    batches = collect(payloads, detail=Detail.UNITS).batches["unit_snapshots"]

    assert len(batches) >= 3
    assert max(batch.num_rows for batch in batches) <= 4 * 50


def test_rows_do_not_depend_on_the_cut_into_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    payloads = smooth_game(50, 4)
    whole = collect(payloads, detail=Detail.UNITS)
    monkeypatch.setattr(observation_tables, "GROUP_OBSERVATIONS", 7)
    cut = collect(payloads, detail=Detail.UNITS)

    by = [("api_tag", "ascending"), ("game_loop", "ascending")]
    assert cut.table("unit_snapshots").sort_by(by) == whole.table("unit_snapshots")
    assert cut.table("player_snapshots") == whole.table("player_snapshots")


def test_tables_of_few_rows_come_in_few_batches() -> None:
    collected = collect(smooth_game(1100, 1), detail=Detail.UNITS)

    assert [batch.num_rows for batch in collected.batches["player_snapshots"]] == [1100]


def test_a_smooth_sequence_takes_at_most_two_and_a_half_bytes_a_unit_row() -> None:
    collected = collect(smooth_game(1024, 100), detail=Detail.UNITS)

    file = written("unit_snapshots", collected.batches["unit_snapshots"])

    rows = collected.table("unit_snapshots").num_rows
    assert rows == 102_400
    assert len(file) / rows <= 2.5


def test_each_group_is_a_row_group_whose_loops_readers_can_choose_by() -> None:
    collected = collect(smooth_game(600, 3), detail=Detail.UNITS)

    metadata = pq.ParquetFile(pa.BufferReader(written("unit_snapshots", collected.batches["unit_snapshots"]))).metadata

    assert metadata.num_row_groups == 2
    loops = [metadata.row_group(group).column(metadata.schema.names.index("game_loop")).statistics for group in (0, 1)]
    assert [(loop.min, loop.max) for loop in loops] == [(8, 512 * 8), (513 * 8, 600 * 8)]


def test_names_come_from_the_games_data_where_it_has_them() -> None:
    names = GameNames(unit_type=Lexicon({48: "Marine"}), ability=Lexicon({3: "Taunt", 16: "Move Move"}))

    collected = collect(smooth_game(2, 4), detail=Detail.UNITS, names=names)

    assert {row["unit_type"] for row in collected.rows("unit_snapshots")} == {"Marine"}
    assert {row["ability"] for row in collected.rows("unit_orders")} == {"Move Move"}
    without = collect(smooth_game(2, 4), detail=Detail.UNITS)
    assert {row["unit_type"] for row in without.rows("unit_snapshots")} == {None}


def test_rows_pass_the_checks_of_their_declarations() -> None:
    checked = check_batch(collect(smooth_game(20, 30)).tables(), max_bad_row_share=0.0)

    assert (checked.quarantined, checked.broken) == ((), {})
    assert checked.tables["unit_snapshots"].num_rows == 600
