"""A map is a family of versions, whichever files tell of it and in whatever order they come."""

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2_pipeline.sql_models import read_models
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.warehouse.declared import insert_rows, make_declared_tables
from sc2_pipeline.warehouse.refill import refill_tables
from sc2_pipeline.warehouse.relations import make_relation
from sc2_pipeline.warehouse.remove import remove_replays
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows
from sc2_pipeline_tests.warehouse.rows import ONE_THREAD, everything, load_all

DAY = datetime(2025, 1, 1, tzinfo=UTC)


def played(number, title, map_hash=None, **facts):
    """A game of one player, on the day of that number."""
    facts = {"played_at": DAY + timedelta(days=number), **facts}
    return Game(f"{number:016}", map_name=title, map_hash=map_hash, **facts).player(1, "zerg")


def families(marts):
    """Replays by the key of their map."""
    found = rows(marts, "select map_key, replay_id from marts.dim_replays order by replay_id")
    return {int(replay_id): map_key for map_key, replay_id in found}


def test_versions_are_one_map_if_hashes_and_titles_link_them():
    marts = marts_of(
        played(1, "Lost and Found LE", "b"),
        played(2, "분실물 보관소", "b"),
        played(3, "분실물 보관소", "a"),
        played(4, "Lost and Found LE"),
        played(5, "Lost and Found LE (Void)", "c"),
    )

    assert families(marts) == {1: "b", 2: "b", 3: "b", 4: "b", 5: "c"}
    assert rows(
        marts,
        "select map_key, map_name, map_names_seen, version_count, game_count from marts.dim_maps order by map_key",
    ) == [
        ("b", "Lost and Found LE", ["Lost and Found LE", "분실물 보관소"], 3, 4),
        ("c", "Lost and Found LE (Void)", ["Lost and Found LE (Void)"], 1, 1),
    ]
    assert rows(marts, "select map_version_key, map_title from marts.dim_replays where replay_id like '%3'") == [
        ("a", "분실물 보관소")
    ]
    assert rows(marts, "select distinct map_key, map_name from marts.player_game_summary order by all") == [
        ("b", "Lost and Found LE"),
        ("c", "Lost and Found LE (Void)"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("", "a"), ("", "b")),
        (("", None), ("", None)),
        (("  ", None), ("", None)),
        (("Just Another StarCraft II Map", "a"), ("Just Another StarCraft II Map", "b")),
        (("Oxide LE", None), ("Oxide", None)),
    ],
)
def test_what_is_no_title_and_no_hash_joins_nothing(one, other):
    marts = marts_of(played(1, *one), played(2, *other))

    found = rows(marts, "select map_key, map_name from marts.dim_replays")
    assert len({key for key, _ in found if key}) == len([key for key, _ in found if key])
    assert all(
        (key is None) == (map_hash is None and not title.strip())
        for (key, _), (title, map_hash) in zip(found, (one, other), strict=True)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("Oxide LE", "oxide  LE "), ("D\u00e4mmert\u00fcrme", "Da\u0308mmertu\u0308rme"), ("Oxide LE", "Oxide\u00a0LE")],
)
def test_a_title_is_the_same_however_it_is_spelt_in_unicode(one, other):
    marts = marts_of(played(1, one, "a"), played(2, other, "b"))

    assert families(marts) == {1: "a", 2: "a"}


@pytest.mark.parametrize(
    ("titles", "name"),
    [
        (["Dämmertürme", "Dämmertürme", "Dusk Towers"], "Dusk Towers"),
        (["D\u00e4mmert\u00fcrme", "황혼의 탑", "황혼의 탑"], "황혼의 탑"),
        (["Dusk Towers", "Torres do Crepusculo", "Dusk Towers"], "Dusk Towers"),
        (["Verrou", "Verrou", "Lock & Load"], "Lock & Load"),
        (["King’s Cove LE", "Königsstrand LE", "Königsstrand LE"], "King’s Cove LE"),
        (["", ""], None),
    ],
)
def test_a_map_is_called_by_its_english_title_where_one_is_known(titles, name):
    marts = marts_of(*(played(number, title, "a") for number, title in enumerate(titles)))

    assert rows(marts, "select map_name from marts.dim_maps") == [(name,)]


def test_a_mission_is_known_from_other_replays_of_its_map():
    coop = {"game_mode": "coop", "is_coop": True}
    english = played(1, "Lock & Load", "a", **coop)
    german = played(2, "Schloss und Riegel", "a", **coop)
    for game in (english, german):
        game.player(2, "zerg", commander="Kerrigan")

    marts = marts_of(english, german)

    assert rows(marts, "select distinct map_name, mission from marts.fct_coop_games") == [
        ("Lock & Load", "Lock & Load")
    ]


_FILES = st.lists(
    st.tuples(
        st.sampled_from(["", "A", "B", "C", "D"]), st.sampled_from([None, "1", "2", "3", "4"]), st.integers(0, 3)
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def warehouse():
    """Raw tables that stand empty: making them takes longer than all else."""
    with duckdb.connect(config=ONE_THREAD) as connection:
        make_declared_tables(connection)
        yield connection


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(files=_FILES)
def test_families_are_what_is_linked_and_the_version_played_first_names_them(warehouse, files):
    games = [
        played(number, title, map_hash, played_at=DAY + timedelta(days=day))
        for number, (title, map_hash, day) in enumerate(files)
    ]
    warehouse.execute("delete from raw.replays")
    for game in games:
        insert_rows(warehouse, "raw.replays", _tables(game)["replays"])

    for model in _needed(["marts.dim_replays"]):
        make_relation(warehouse, model)

    assert families(warehouse) == _expected(files)


def _expected(files):
    """The key of every file's map, by merging sets until none share a hash or a title."""
    groups = []
    for title, map_hash, day in files:
        version = map_hash or (f"name:{title}" if title else None)
        joined = {(day, version)} if version else set()
        marks = {
            mark for mark in (f"title {title}" if title else None, f"hash {map_hash}" if map_hash else None) if mark
        }
        apart = []
        for others, known in groups:
            if known & marks:
                joined, marks = joined | others, marks | known
            else:
                apart.append((others, known))
        groups = [*apart, (joined, marks)]
    keys = {}
    for number, (title, map_hash, _) in enumerate(files):
        mark = f"hash {map_hash}" if map_hash else f"title {title}"
        keys[number] = next((min(versions)[1] for versions, marks in groups if mark in marks), None)
    return keys


def _needed(relations):
    """Models of those relations, and of all that they read."""
    wanted, models = set(relations), read_models()
    for model in reversed(models):
        if model.relation in wanted:
            wanted |= set(model.depends_on)
    return tuple(model for model in models if model.relation in wanted)


def _tables(game):
    names = ("replays", "replay_players")
    return {name: pa.Table.from_pylist(game.rows[name], schema=RAW_TABLES[name].schema) for name in names}


@pytest.mark.slow
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_a_file_that_joins_two_maps_changes_the_marts_in_the_same_load_whatever_the_order(
    empty_warehouse, tmp_path, order
):
    models = _needed(["marts.dim_maps", "marts.games", "marts.players_in_games", "marts.fct_matchups"])
    titles = {1: ("Oxide LE", "b"), 2: ("산화물", "a"), 3: ("산화물", "b")}
    files = {number: _tables(played(number, *title)) for number, title in titles.items()}
    changed, fresh = (
        duckdb.connect(str(empty_warehouse.copy_with(models, tmp_path / name)), config=ONE_THREAD)
        for name in ("changed.duckdb", "fresh.duckdb")
    )

    for number in order:
        load_all(changed, models, files[number])
    load_all(fresh, models, *files.values())

    maps = "select map_key, map_name, version_count, game_count from marts.dim_maps order by all"
    assert rows(changed, maps) == [("b", "Oxide LE", 2, 3)]
    assert rows(changed, "select distinct map_key, map_name from marts.games") == [("b", "Oxide LE")]
    assert everything(changed) == everything(fresh)

    remove_replays(changed, models, [f"{3:016}"])
    refill_tables(changed, models)

    assert rows(changed, maps) == [("a", "산화물", 1, 1), ("b", "Oxide LE", 1, 1)]
    assert rows(changed, "select distinct map_key from marts.games order by all") == [("a",), ("b",)]
