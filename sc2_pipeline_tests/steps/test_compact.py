"""Small files into parts: nothing lost, row groups of one replay each, parts of the size asked for."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.steps.compact import (
    ROW_GROUP_ROWS,
    SHARED_ROW_GROUP_ROWS,
    Piece,
    compact,
    has_table_schema,
    part_folder,
)
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.parquet import parquet_options

TABLE = RAW_TABLES["unit_buffs"]
FOLDER = part_folder("lake", "sc2", "unit_buffs", 75689)


def write_rows(path, replay_id, count, *, row_group_rows=1_000):
    """A replay's rows as an extraction leaves them, in small row groups; loops tell them apart."""
    values = {field.name: [None] * count for field in TABLE.schema}
    values |= {c.name: [0] * count for c in TABLE.columns if c.required and pa.types.is_integer(c.type)}
    values |= {c.name: [False] * count for c in TABLE.columns if c.required and pa.types.is_boolean(c.type)}
    values |= {"replay_id": [replay_id] * count, "source": ["sc2"] * count, "game_loop": list(range(count))}
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, TABLE.schema, **parquet_options(TABLE)) as writer:
        writer.write_table(pa.table(values, schema=TABLE.schema), row_group_size=row_group_rows)


@pytest.fixture
def small(tmp_path):
    """Makes one replay's small file and gives its piece."""

    def made(replay_id, count=10):
        path = f"lake/observation/{replay_id}/unit_buffs.parquet"
        write_rows(tmp_path / path, replay_id, count)
        return Piece(replay_id=replay_id, settings_digest="s", path=path)

    return made


def loops_by_replay(path):
    rows = pq.read_table(path, columns=["replay_id", "game_loop"])
    return list(zip(rows["replay_id"].to_pylist(), rows["game_loop"].to_pylist(), strict=True))


def test_lists_are_compressed(tmp_path):
    """Their values have a name of their own in the file; the units of a command are mostly those of the command before."""
    table = RAW_TABLES["commands"]
    rows = pa.table(
        {field.name: pa.nulls(500, field.type) for field in table.schema}
        | {"unit_tags": pa.array([list(range(40))] * 500, table.schema.field("unit_tags").type)},
        schema=pa.schema([field.with_nullable(True) for field in table.schema]),
    )
    with pq.ParquetWriter(tmp_path / "commands.parquet", rows.schema, **parquet_options(table)) as writer:
        writer.write_table(rows)

    group = pq.read_metadata(tmp_path / "commands.parquet").row_group(0)
    [lists] = [
        column for number in range(group.num_columns) if "list" in (column := group.column(number)).path_in_schema
    ]
    assert lists.total_compressed_size < lists.total_uncompressed_size / 5


def test_a_part_holds_every_row_by_replay_and_then_in_the_order_of_its_file(tmp_path, small):
    pieces = [small("cc", 3), small("aa", 2_500), small("bb", 1)]

    [part] = compact(tmp_path, FOLDER, "unit_buffs", pieces)

    wanted = [(replay, loop) for replay, count in (("aa", 2_500), ("bb", 1), ("cc", 3)) for loop in range(count)]
    assert loops_by_replay(tmp_path / part.path) == wanted
    assert [piece.replay_id for piece in part.pieces] == ["aa", "bb", "cc"]
    assert part.rows == 2_504


def test_row_groups_keep_the_bound_and_replays_of_few_rows_share_them(tmp_path, small):
    counts = {"aa": SHARED_ROW_GROUP_ROWS, "bb": ROW_GROUP_ROWS + 1, "cc": ROW_GROUP_ROWS - 1, "dd": 5}
    [part] = compact(tmp_path, FOLDER, "unit_buffs", [small(*item) for item in counts.items()])

    metadata = pq.read_metadata(tmp_path / part.path)
    column = TABLE.schema.get_field_index("replay_id")
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    ends = [(group.column(column).statistics.min, group.column(column).statistics.max) for group in groups]
    assert [group.num_rows for group in groups] == [SHARED_ROW_GROUP_ROWS, ROW_GROUP_ROWS, ROW_GROUP_ROWS, 5]
    assert ends == [("aa", "aa"), ("bb", "bb"), ("bb", "cc"), ("dd", "dd")]


def test_a_part_ends_with_the_replay_that_takes_it_past_the_target(tmp_path, small):
    parts = list(compact(tmp_path, FOLDER, "unit_buffs", [small("aa"), small("bb"), small("cc")], target_bytes=1))

    assert [[piece.replay_id for piece in part.pieces] for part in parts] == [["aa"], ["bb"], ["cc"]]
    assert len({part.path for part in parts}) == 3


def test_a_part_and_small_files_become_one_part(tmp_path, small):
    [first] = compact(tmp_path, FOLDER, "unit_buffs", [small("aa", 5), small("cc", 2)])
    held = [Piece(replay_id=piece.replay_id, settings_digest="s", path=first.path) for piece in first.pieces]

    [second] = compact(tmp_path, FOLDER, "unit_buffs", [*held, small("bb", 1)])

    wanted = [*(("aa", loop) for loop in range(5)), ("bb", 0), ("cc", 0), ("cc", 1)]
    assert loops_by_replay(tmp_path / second.path) == wanted


def test_the_same_work_done_twice_gives_the_same_file(tmp_path, small):
    pieces = [small("aa"), small("bb")]

    [first] = compact(tmp_path, FOLDER, "unit_buffs", pieces)
    [second] = compact(tmp_path, FOLDER, "unit_buffs", pieces)

    assert first == second
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [second.path.rpartition("/")[2]]


def test_a_damaged_file_leaves_nothing_half_written(tmp_path, small):
    pieces = [small("aa"), small("bb")]
    (tmp_path / pieces[1].path).write_bytes(b"PAR1 no parquet PAR1")

    with pytest.raises(pa.ArrowInvalid):
        list(compact(tmp_path, FOLDER, "unit_buffs", pieces))

    assert list((tmp_path / FOLDER).iterdir()) == []


def test_columns_of_another_release_are_told(tmp_path, small):
    piece = small("aa")
    narrow = pq.read_table(tmp_path / piece.path).drop_columns(["game_loop"])
    pq.write_table(narrow, tmp_path / "narrow.parquet")

    assert has_table_schema(tmp_path / piece.path, "unit_buffs")
    assert not has_table_schema(tmp_path / "narrow.parquet", "unit_buffs")
