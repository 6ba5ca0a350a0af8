"""The declared origins against the official protocol: every one resolves, and what no column reads is known."""

import pytest
from google.protobuf.descriptor import Descriptor

from sc2_pipeline.sc2_client.observation.layout import (
    OBSERVATION,
    as_path,
    field_at,
    layouts,
    needed_paths,
    snake_case,
)
from sc2_pipeline.tables import RAW_TABLES, Table
from sc2_pipeline.tables.engine import ENGINE_TABLES, OBSERVED_TABLES
from sc2_pipeline.tables.engine_score import score_columns

UNREAD = {
    "actions.action_feature_layer",
    "actions.action_render",
    "observation.feature_layer_data",
    "observation.render_data",
    "observation.ui_data",
}
"""Interfaces that passes leave off; of clicks on a screen only the kind is kept."""

FILLED_OTHERWISE = {
    "visible_to",
    "replay_id",
    "source",
    "pass_player_id",
    "is_fogged",
    "is_told",
    "repeat_index",
    "layer",
    "message_index",
    "user_id",
    "recipient",
    "sampled_for",
}


def _leaf_fields(message: Descriptor, path: str = "") -> set[str]:
    found = set()
    for field in message.fields:
        below = f"{path}.{field.name}" if path else field.name
        if below in UNREAD:
            continue
        found |= _leaf_fields(field.message_type, below) if field.message_type is not None else {below}
    return found


def test_every_field_of_an_observation_is_read_but_those_of_screens() -> None:
    read = needed_paths(tuple(layout for table in OBSERVED_TABLES for layout in layouts(table)))

    assert _leaf_fields(OBSERVATION) - read == set()


def test_every_origin_names_a_field_of_the_protocol() -> None:
    for path in needed_paths(tuple(layout for table in OBSERVED_TABLES for layout in layouts(table))):
        assert field_at(as_path(path)).name == path.rpartition(".")[2]


@pytest.mark.parametrize("table", OBSERVED_TABLES, ids=lambda table: table.name)
def test_every_column_is_read_or_filled_by_the_collector(table: Table) -> None:
    for layout in layouts(table):
        read = {reading.column for reading in layout.readings}

        assert {column.name for column in table.columns} - read <= FILLED_OTHERWISE


@pytest.mark.parametrize("table", ENGINE_TABLES, ids=lambda table: table.name)
def test_every_engine_table_is_registered_and_begins_with_its_identity(table: Table) -> None:
    names = table.schema.names

    assert RAW_TABLES[table.name] is table
    assert tuple(names[:2]) == (table.once_per or ("replay_id", "source"))
    assert set(table.key) <= set(names)
    assert "observation" in table.parts
    if table in OBSERVED_TABLES:
        assert "pass_player_id" in names
        assert "game_loop" in names


def test_the_score_is_78_columns_of_78_fields() -> None:
    columns = score_columns()
    details = field_at(as_path("observation.score.score_details")).message_type

    assert len({column.name for column in columns}) == len({column.origin for column in columns}) == 78
    assert {column.origin for column in columns} == {
        f"sc2 observation.score.score_details.{leaf}" for leaf in _leaf_fields(details)
    }


def test_a_score_column_is_named_after_what_it_reads() -> None:
    for column in score_columns():
        field = (column.origin or "").removeprefix("sc2 observation.score.score_details.").replace(".", "_")
        field = field.replace("food_used", "supply_used").replace("collection_rate", "per_minute")

        assert {word for word in field.split("_") if word not in ("total", "current")} <= set(column.name.split("_"))


@pytest.mark.parametrize(
    ("name", "ours"),
    [("NotCloaked", "not_cloaked"), ("MULEExpired", "mule_expired"), ("Self", "self"), ("AddAll", "add_all")],
)
def test_words_of_the_protocol_are_spelt_as_ours(name: str, ours: str) -> None:
    assert snake_case(name) == ours
