"""Which files are of one game does not hang on when they came, or on what came and went."""

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sc2_pipeline.warehouse.declared import make_declared_tables
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline.warehouse.refill import refill_tables
from sc2_pipeline.warehouse.remove import remove_replays
from sc2_pipeline_tests.identity.recordings import identity_models
from sc2_pipeline_tests.warehouse.rows import ONE_THREAD, everything, load_all, raw_rows


def recording(
    replay_id: str, family: str | None, parts: str, *, takeovers: dict[int, int] | None = None, tracker: str = "t"
):
    """A file whose game events are 1,024 bytes for each letter of ``parts``, with takeovers by byte and game loop."""
    same = {"replay_id": replay_id, "source": "tracker"}
    checksums = [hash(parts[: end + 1]) & 0xFFFFFFFF for end in range(len(parts))]
    facts = {
        "game_key": family or tracker,
        "game_events_family": family,
        "game_events_bytes": 1024 * len(parts) if family else None,
        "game_events_checksums": checksums if family else None,
        "tracker_family": tracker,
        "tracker_bytes": 40_000,
        "tracker_checksums": [1] * 39,
        "duration_game_loops": 100 * len(parts),
    }
    return {
        "replays": raw_rows("replays", {**same, **facts}),
        "takeovers": raw_rows(
            "takeovers",
            *(
                {**same, "takeover_index": index, "byte_offset": place, "game_loop": loop}
                for index, (place, loop) in enumerate((takeovers or {}).items())
            ),
        ),
    }


FILES = {
    "original": recording("0" * 16, "f", "abcdefgh"),
    "copy": recording("1" * 16, "f", "abcdef"),
    "continuation": recording("2" * 16, "f", "abcdeXYZ", takeovers={5200: 510}, tracker="u"),
    "its copy": recording("3" * 16, "f", "abcdeXY", takeovers={5200: 510}),
    "another": recording("4" * 16, "f", "abcdUVW", takeovers={4200: 410}),
    "continued twice": recording("5" * 16, "f", "abcdeXYKLM", takeovers={5200: 510, 7200: 710}),
    "stopped": recording("6" * 16, "f", "abcde", takeovers={5110: 500}),
    "other game": recording("7" * 16, "f", "abPQRSTUVWKL", tracker="w"),
    "without events": recording("8" * 16, None, ""),
    "stranger": recording("9" * 16, "g", "abcdefgh", tracker="v"),
}

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["load", "load together", "remove"]),
        # Each loaded by itself costs a tenth of a second and more.
        st.sets(st.sampled_from(sorted(FILES)), min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=6,
)


def warehouse_of(files) -> duckdb.DuckDBPyConnection:
    """A warehouse with those files loaded together."""
    connection = duckdb.connect(config=ONE_THREAD)
    make_declared_tables(connection)
    rebuild(connection, identity_models())
    if files:
        load_all(connection, identity_models(), *(FILES[name] for name in sorted(files)))
    return connection


def told(connection, columns: str) -> dict[str, tuple]:
    names = {rows["replays"].column("replay_id")[0].as_py(): name for name, rows in FILES.items()}
    found = connection.execute(f"select replay_id, {columns} from intermediate.int_game_standings").fetchall()
    return {names[row[0]]: tuple(names.get(value, value) for value in row[1:]) for row in found}


def test_all_of_them_together():
    with warehouse_of(FILES) as connection:
        keys = told(connection, "game_key")
        standings = told(connection, "is_canonical, canonical_by, continues_replay_id")

    assert {name for name in FILES if keys[name] == keys["original"]} == set(FILES) - {"other game", "stranger"}
    assert len(set(keys.values())) == 3
    assert standings["continued twice"] == (True, "duration_game_loops", "continuation")
    assert standings["another"][:2] == (False, "duration_game_loops")
    assert {name: standings[name][2] for name in ("continuation", "its copy", "another", "stopped")} == dict.fromkeys(
        ("continuation", "its copy", "another", "stopped"), "original"
    )
    assert standings["original"][:2] == (False, "takeover")
    assert standings["stopped"][:2] == (False, "takeover")
    assert standings["continuation"][:2] == (False, "takeover")
    assert standings["stranger"] == (True, "alone", None)


def test_a_recording_that_stops_at_the_takeover_does_not_count():
    with warehouse_of(["original", "stopped"]) as connection:
        assert told(connection, "is_canonical, canonical_by") == {
            "original": (True, "takeover"),
            "stopped": (False, "takeover"),
        }


@pytest.mark.slow
@given(steps=_STEPS)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_loads_and_removals_ends_as_one_load_of_what_is_left(steps):
    left: set[str] = set()
    with warehouse_of([]) as changed:
        for what, names in steps:
            if what == "remove":
                remove_replays(
                    changed, identity_models(), {FILES[n]["replays"].column("replay_id")[0].as_py() for n in names}
                )
                refill_tables(changed, identity_models())
                left -= names
                continue
            for group in [sorted(names)] if what == "load together" else [[name] for name in sorted(names)]:
                load_all(changed, identity_models(), *(FILES[name] for name in group))
            left |= names
        with warehouse_of(left) as fresh:
            assert everything(changed) == everything(fresh)
