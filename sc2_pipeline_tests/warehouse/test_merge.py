"""Batches enter, replace and leave; whatever the order, the warehouse is as if loaded once."""

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sc2_pipeline.errors import ContractError, HomeError
from sc2_pipeline.sql_models import read_models
from sc2_pipeline.tables.ops import ops_rows
from sc2_pipeline.warehouse.batch.contents import new_batch
from sc2_pipeline.warehouse.batch.stage import stage_batch
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.loaded_parts import held_loads
from sc2_pipeline.warehouse.mirror import MIRRORED, mirror_ops
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline.warehouse.refill import refill_tables
from sc2_pipeline.warehouse.remove import remove_replays
from sc2_pipeline_tests.warehouse.rows import (
    FIRST,
    ONE_THREAD,
    SECOND,
    THIRD,
    everything,
    load_all,
    load_tables,
    raw_rows,
    replay,
)
from sc2_pipeline_tests.warehouse.sql_folders import write_sql


def test_a_batch_becomes_rows_of_raw_tables_and_models(warehouse, models):
    load_all(warehouse, models, replay(FIRST, deaths=(7, 9)), replay(SECOND))

    assert warehouse.execute("select replay_id, game_loop from marts.fct_deaths order by all").fetchall() == [
        (FIRST, 7),
        (FIRST, 9),
    ]
    assert warehouse.execute("select count(*) from raw.replays").fetchall() == [(2,)]
    assert warehouse.execute("select count(*), sum(replays) from marts.dim_games").fetchall() == [(2, 2)]


def test_the_warehouse_says_what_it_holds_and_by_which_settings(warehouse, models):
    load_all(warehouse, models, replay(FIRST), settings="s1")
    load_all(warehouse, models, replay(SECOND), settings="s2")

    held = held_loads(warehouse)

    assert held == {
        (FIRST, "streams"): "s1",
        (SECOND, "streams"): "s2",
    }


def test_loading_again_changes_no_query_result(warehouse, models):
    load_all(warehouse, models, replay(FIRST, deaths=(7,)), replay(SECOND, deaths=(8, 9)))
    before = everything(warehouse)

    load_all(warehouse, models, replay(SECOND, deaths=(8, 9)))

    assert everything(warehouse) == before


def test_a_replay_extracted_anew_replaces_its_old_rows(warehouse, models):
    load_all(warehouse, models, replay(FIRST, deaths=(7, 9)), replay(SECOND, deaths=(20,)))

    load_all(warehouse, models, replay(FIRST, deaths=(11,)))

    assert warehouse.execute("select replay_id, game_loop from marts.fct_deaths order by all").fetchall() == [
        (FIRST, 11),
        (SECOND, 20),
    ]
    assert warehouse.execute("select count(*) from raw.unit_events").fetchall() == [(2,)]


def _load_observation(warehouse, models, settings="o1", **retired):
    """Loads a result that a pass saw of the first replay, and takes out what is retired."""
    seen = raw_rows("player_results", {"replay_id": FIRST, "source": "sc2", "pass_player_id": 1, "player_id": 2})
    load_tables(warehouse, models, {"player_results": seen}, {(FIRST, "observation"): settings}, **retired)


def test_a_part_comes_and_is_replaced_by_itself(warehouse, models):
    load_all(warehouse, models, replay(FIRST, deaths=(7,)))

    _load_observation(warehouse, models)
    _load_observation(warehouse, models, "o2")

    assert warehouse.execute("select game_loop from raw.unit_events").fetchall() == [(7,)]
    assert warehouse.execute("select game_loop from marts.fct_deaths").fetchall() == [(7,)]
    assert warehouse.execute("select count(*) from raw.player_results").fetchall() == [(1,)]
    assert held_loads(warehouse) == {
        (FIRST, "streams"): "s1",
        (FIRST, "observation"): "o2",
    }


def test_a_retired_part_leaves_and_the_others_stay(warehouse, models):
    load_all(warehouse, models, replay(FIRST, deaths=(7,)))
    steps = raw_rows("build_steps", {"replay_id": FIRST, "source": "tracker", "step_index": 0})
    load_tables(warehouse, models, {"build_steps": steps}, {(FIRST, "solved"): "b"})
    assert warehouse.execute("select count(*) from raw.build_steps").fetchall() == [(1,)]

    _load_observation(warehouse, models, retired={(FIRST, "solved")})

    assert warehouse.execute("select count(*) from raw.build_steps").fetchall() == [(0,)]
    assert warehouse.execute("select game_loop from raw.unit_events").fetchall() == [(7,)]
    assert set(held_loads(warehouse)) == {(FIRST, "streams"), (FIRST, "observation")}


def test_a_second_file_of_a_game_changes_the_standing_of_the_first(warehouse, models):
    load_all(warehouse, models, replay(SECOND, game="g", deaths=(7,)))

    batch = load_all(warehouse, models, replay(FIRST, game="g"))

    assert batch.replay_ids == {FIRST, SECOND}
    standing = warehouse.execute("select replay_id, is_canonical from marts.dim_replays order by all").fetchall()
    assert standing == [(FIRST, True), (SECOND, False)]
    assert warehouse.execute("select replays, canonical_replay_id from marts.dim_games").fetchall() == [(2, FIRST)]
    assert warehouse.execute("select count(*) from raw.unit_events").fetchall() == [(1,)]


def test_a_file_that_turns_out_to_be_of_another_game_frees_the_one_it_stood_for(warehouse, models):
    load_all(warehouse, models, replay(FIRST, game="g"), replay(SECOND, game="g"))

    load_all(warehouse, models, replay(FIRST, game="another"))

    standing = warehouse.execute("select replay_id, is_canonical from marts.dim_replays order by all").fetchall()
    assert standing == [(FIRST, True), (SECOND, True)]


def test_a_removed_file_of_a_game_gives_its_standing_to_the_other(warehouse, models):
    load_all(warehouse, models, replay(FIRST, game="g", deaths=(6,)), replay(SECOND, game="g", deaths=(7,)))

    removed = remove_replays(warehouse, models, [FIRST, THIRD])
    refill_tables(warehouse, models)

    assert removed == 1
    assert warehouse.execute("select replay_id, is_canonical from marts.dim_replays").fetchall() == [(SECOND, True)]
    assert warehouse.execute("select canonical_replay_id from marts.dim_games").fetchall() == [(SECOND,)]
    assert warehouse.execute("select replay_id from marts.fct_deaths").fetchall() == [(SECOND,)]
    assert warehouse.execute("select replay_id from raw.unit_events").fetchall() == [(SECOND,)]
    assert set(held_loads(warehouse)) == {(SECOND, "streams")}


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["load", "load together", "remove"]),
        st.sets(st.sampled_from([FIRST, SECOND, THIRD]), min_size=1),
        st.sampled_from(["g", "h"]),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow
@given(steps=_STEPS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_loads_and_removals_ends_as_one_load_of_what_is_left(models, empty_warehouse, tmp_path, steps):
    changed, fresh = (
        duckdb.connect(str(empty_warehouse.copy_with(models, tmp_path / name)), config=ONE_THREAD)
        for name in ("changed.duckdb", "fresh.duckdb")
    )
    with changed, fresh:
        left: dict[str, dict] = {}
        for what, replay_ids, game, deaths in steps:
            if what == "remove":
                remove_replays(changed, models, replay_ids)
                refill_tables(changed, models)
                left = {replay_id: rows for replay_id, rows in left.items() if replay_id not in replay_ids}
                continue
            new = {i: replay(i, game=game, deaths=tuple(range(deaths))) for i in sorted(replay_ids)}
            for group in [list(new.values())] if what == "load together" else [[rows] for rows in new.values()]:
                load_all(changed, models, *group)
            left |= new
        if left:
            load_all(fresh, models, *left.values())

        assert everything(changed) == everything(fresh)


def test_a_merge_that_fails_leaves_everything_as_it_was_and_can_be_run_again(warehouse, models):
    load_all(warehouse, models, replay(FIRST, deaths=(7,)))
    before = everything(warehouse)

    with pytest.raises(ContractError, match=r"ops\.nonsense"):
        load_all(warehouse, models, replay(SECOND), replay(FIRST), ops={"nonsense": ops_rows("replays", [])})

    assert everything(warehouse) == before
    assert set(held_loads(warehouse)) == {(FIRST, "streams")}
    load_all(warehouse, models, replay(SECOND), replay(FIRST))
    assert warehouse.execute("select count(*) from marts.dim_replays").fetchall() == [(2,)]


_KILLED_IN_THE_MERGE = """
import os, signal, sys
from pathlib import Path
from sc2_pipeline.warehouse.batch import merge
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.sql_models import read_models
from sc2_pipeline_tests.warehouse.rows import FIRST, SECOND, load_all, replay

merge._insert_loads = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
load_all(open_warehouse(Path(sys.argv[1])), read_models(Path(sys.argv[2])), replay(FIRST), replay(SECOND, deaths=(9,)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_killed_in_the_merge_leaves_what_was_there(warehouse, models, build, tmp_path):
    load_all(warehouse, models, replay(FIRST, deaths=(7,)))
    before = everything(warehouse)
    warehouse.close()

    killed = subprocess.run(
        [sys.executable, "-c", _KILLED_IN_THE_MERGE, str(build), str(tmp_path / "sql")],
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )

    assert killed.returncode == -signal.SIGKILL
    again = open_warehouse(build)
    assert everything(again) == before
    assert set(held_loads(again)) == {(FIRST, "streams")}
    load_all(again, models, replay(FIRST), replay(SECOND, deaths=(9,)))
    assert again.execute("select replay_id, game_loop from marts.fct_deaths").fetchall() == [(SECOND, 9)]
    again.close()


def test_mirrored_rows_replace_those_of_the_same_replay(warehouse):
    at = "2026-01-01T00:00:00+00:00"
    standing = {"path": "a", "stage": "load", "attempts": 1, "is_retryable": 0, "first_seen_at": at, "updated_at": at}
    found = [{**standing, "replay_id": i, "status": "found"} for i in (FIRST, SECOND)]
    mirror(warehouse, found)

    mirror(warehouse, [{**found[0], "status": "loaded"}])

    rows = warehouse.execute("select replay_id, status from ops.replays order by all").fetchall()
    assert rows == [(FIRST, "loaded"), (SECOND, "found")]
    mirror(warehouse, found[1:], is_whole=True)
    assert warehouse.execute("select replay_id, status from ops.replays").fetchall() == [(SECOND, "found")]


def mirror(connection, found, *, is_whole=False):
    """Mirrors the replays found and no other rows of theirs."""
    rows = {name: ops_rows(name, found if name == "replays" else []) for name in MIRRORED}
    replay_ids = [row["replay_id"] for row in found]
    mirror_ops(connection, [(replay_ids, rows)], ops_rows("runs", []), mirror_name="m", is_whole=is_whole)


def test_quarantined_rows_of_an_earlier_load_go_when_the_replay_is_loaded_again(warehouse, models):
    bad = {
        "table_name": "unit_events",
        "check_name": "minimum",
        "row_json": "{}",
        "quarantined_at": "2026-01-01T00:00:00+00:00",
    }
    rows = [{**bad, "replay_id": i, "source": "tracker"} for i in (FIRST, SECOND)]
    load_all(
        warehouse, models, replay(FIRST), replay(SECOND), ops={"quarantined_rows": ops_rows("quarantined_rows", rows)}
    )

    load_all(warehouse, models, replay(FIRST))

    assert warehouse.execute("select replay_id from ops.quarantined_rows").fetchall() == [(SECOND,)]


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"unit_events": raw_rows("unit_events", {"replay_id": SECOND})}, "not among those to be loaded"),
        ({"replays": raw_rows("replays")}, "has no row"),
        ({"nonsense": raw_rows("replays")}, "nonsense is no table"),
        ({"upgrade_events": raw_rows("replays")}, "undeclared columns: .*game_key"),
    ],
)
def test_rows_that_no_load_accounts_for_are_refused(warehouse, models, tables, said):
    with pytest.raises(ContractError, match=said):
        stage_batch(warehouse, new_batch(warehouse, models, replay(FIRST) | tables, {(FIRST, "streams"): "s"}))


def test_what_tests_of_the_marts_found_goes_with_the_replay_and_when_it_is_loaded_again(warehouse, models):
    row = {"test_name": "t", "detail": "d", "tested_at": "2026-01-01T00:00:00+00:00"}
    found = {
        "mart_test_failures": ops_rows("mart_test_failures", [{**row, "replay_id": i} for i in (FIRST, SECOND, THIRD)])
    }
    load_all(warehouse, models, replay(FIRST), replay(SECOND), replay(THIRD), ops=found)

    load_all(warehouse, models, replay(FIRST))
    remove_replays(warehouse, models, [SECOND])
    refill_tables(warehouse, models)

    assert warehouse.execute("select replay_id from ops.mart_test_failures").fetchall() == [(THIRD,)]


def test_a_warehouse_that_another_process_writes_is_said_to_be_in_use(warehouse, build):
    opens = "import sys, pathlib; from sc2_pipeline.warehouse.connect import open_warehouse; open_warehouse(pathlib.Path(sys.argv[1]))"

    other = subprocess.run(
        [sys.executable, "-c", opens, str(build)],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )

    assert other.returncode == 1
    assert "HomeError" in other.stderr
    assert "is open in" in other.stderr
    assert "move" not in other.stderr.splitlines()[-1]


def test_a_warehouse_has_its_name_once_it_is_whole_and_what_an_earlier_one_left_is_gone(tmp_path, monkeypatch):
    build = tmp_path / "warehouse.duckdb"
    tmp_path.joinpath(".partial-warehouse.duckdb-01234567").write_bytes(b"half of a header")
    tmp_path.joinpath("warehouse.duckdb.wal").write_bytes(b"of a file that was moved away")
    names = []
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda path: names.append(Path(path).name) or connect(path))

    open_warehouse(build).close()

    assert names[0].startswith(".partial-")
    assert names[1:] == ["warehouse.duckdb"]
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_a_log_that_a_power_cut_tore_is_kept_aside_and_the_warehouse_opens(build):
    program = "import os, sys; from pathlib import Path; from sc2_pipeline.warehouse.connect import open_warehouse;"
    program += "connection = open_warehouse(Path(sys.argv[1])); os._exit(0)"
    subprocess.run([sys.executable, "-c", program, str(build)], check=True, timeout=300)
    log = build.with_name("warehouse.duckdb.wal")
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    log.write_bytes(content)

    open_warehouse(build).close()

    [aside] = build.parent.glob("warehouse.duckdb.wal.damaged-*")
    assert aside.read_bytes() == content


def test_a_file_that_is_no_warehouse_is_said_to_be_none(build):
    build.parent.mkdir(parents=True)
    build.write_bytes(b"no database" * 1000)

    with pytest.raises(HomeError, match=r"is damaged .*verify --repair` keeps it aside"):
        open_warehouse(build)


def test_a_warehouse_rebuilt_from_all_its_replays_equals_one_grown_batch_by_batch(warehouse, models, tmp_path):
    grown = [replay(i, game="g", deaths=(5, 6)) for i in (THIRD, FIRST, SECOND)]
    for rows in grown:
        load_all(warehouse, models, rows)
    other = open_warehouse(tmp_path / "other.duckdb")
    rebuild(other, models)

    load_all(other, models, *grown)

    assert everything(other) == everything(warehouse)
    other.close()


def test_models_of_a_new_release_are_made_from_the_raw_rows_at_hand(warehouse, models, tmp_path):
    load_all(warehouse, models, replay(FIRST, deaths=(7, 9)))
    later = write_sql(
        tmp_path / "later",
        {
            "marts/fct_deaths.sql": "-- Grain: one row per death.\nselect replay_id, unit_tag, game_loop * 2 as game_loop,"
            " 0::utinyint as loops_left from staging.stg_unit_events where event = 'died'"
        },
    )

    rebuild(warehouse, read_models(later))

    assert warehouse.execute("select game_loop from marts.fct_deaths order by all").fetchall() == [(14,), (18,)]
