"""Whole runs through the game's source, the game played by a stand-in that fails on purpose."""

import csv
import os
import signal
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sc2_pipeline.config import Home
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline_demo.stand_in import Control, Fault
from sc2_pipeline_demo.stand_in.faults import KINDS, strikes_folder
from sc2_pipeline_demo.synthetic import collection, ladder_game, write_replay
from sc2_pipeline_demo.synthetic.population import BUILDS
from sc2_pipeline_tests.pipeline.game_machine import TRIES, Machine
from sc2_pipeline_tests.pipeline.homes import answers, query

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program"),
]

PASSING_BUILD = 75800
CLIENT_BUILDS = (75689, PASSING_BUILD, 86383, 93333)
MISTAKEN_BUILD = 96516
"""Of one replay, whose client says that it is another."""

FAILING = {
    "crash": ("engine_crashed", True),
    "hang": ("engine_stalled", True),
    "frozen_loop": ("engine_stalled", True),
    "error_reply": ("protocol_error", True),
    "garbled_bytes": ("garbled_reply", True),
    "truncated_frame": ("garbled_reply", True),
    "closed_connection": ("protocol_error", True),
    "memory_growth": ("memory_exceeded", True),
    "unreadable_replay": ("map_missing", False),
    "missing_map": ("map_missing", False),
    "launch_error": ("launch_failed", True),
    "download_error": ("download_failed", True),
    "invalid_replay": ("replay_rejected", False),
    "invalid_map": ("map_missing", False),
    "missing_options": ("replay_rejected", False),
    "missing_cache": ("map_missing", False),
    "missing_data": ("version_mismatch", False),
}
"""What the stand-in does wrong with one replay at every try, and what that is called; whether another try may help."""

PASSING = ("crash", "garbled_bytes", "bare_error", "dripping_answer", "endless_pings", "endless_answer")
"""What it does wrong with one replay once."""

BOOT_FAULTS = (
    Fault(kind="crash_on_boot", base_build=75689, times=1),
    Fault(kind="missing_library", base_build=75689, times=1),
    Fault(kind="never_listens", base_build=86383, times=1),
    Fault(kind="refused_connection", base_build=93333, times=1),
    Fault(kind="dripping_handshake", base_build=MISTAKEN_BUILD, times=1),
    Fault(kind="wrong_version", base_build=MISTAKEN_BUILD),
    Fault(kind="slow_boot", seconds=0.5, times=1),
    Fault(kind="ignored_sigterm", times=2),
    Fault(kind="death_in_quit", times=2),
    Fault(kind="left_child", times=2),
    Fault(kind="wrapper", times=2),
    Fault(kind="flooded_output", times=1),
)
"""One that ends a start for each build but that of the replays with a passing fault: none is hit by two."""

TRIED_ELSEWHERE = {"early_result", "loop_jump", "named_folder"}
"""No faults to the run: the first two give fewer rows, the last is a replay that cannot be read."""


@pytest.fixture
def machine(tmp_path: Path) -> Callable[[tuple[int, ...]], Machine]:
    return lambda builds: Machine(tmp_path, builds)


def replays_of(shared_replays: Path, builds: tuple[int, ...]) -> list[tuple[str, Path]]:
    """Ladder games of those client builds: id and path."""
    with (shared_replays / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    chosen = {
        row["sha256"][:16]: shared_replays / row["file"]
        for row in rows
        if row["kind"] == "1v1" and int(row["build"] or 0) in builds and row["tracker_events"] == "1"
    }
    return sorted(chosen.items())


@pytest.fixture
def real_replays(shared_replays: Path) -> list[tuple[str, Path]]:
    return replays_of(shared_replays, CLIENT_BUILDS)


def struck(control: Path, faults: tuple[Fault, ...]) -> list[int]:
    """How often each of the faults that are counted did strike."""
    files = [path.name for path in strikes_folder(control).iterdir()]
    return [
        sum(name.startswith(f"{place}-{fault.kind}-") for name in files)
        for place, fault in enumerate(faults)
        if fault.times is not None
    ]


def test_every_fault_has_its_type_and_every_other_replay_is_extracted(machine, shared_replays, real_replays, new_home):
    assert len(real_replays) >= 24
    here = machine((*CLIENT_BUILDS, MISTAKEN_BUILD))
    [mistaken] = replays_of(shared_replays, (MISTAKEN_BUILD,))
    of_passing_build = replays_of(shared_replays, (PASSING_BUILD,))
    passing = dict(zip(PASSING, of_passing_build, strict=False))
    others = [replay for replay in real_replays if replay not in passing.values()]
    failing = dict(zip(FAILING, others, strict=False))
    faults = (
        *BOOT_FAULTS,
        *(Fault(kind=kind, replay=i, game_loop=0, megabytes=400) for kind, (i, _) in failing.items()),
        *(Fault(kind=kind, replay=i, game_loop=200, times=1) for kind, (i, _) in passing.items()),
    )
    assert {fault.kind for fault in faults} == set(KINDS) - TRIED_ELSEWHERE
    control = here.misbehave(Control(faults=faults))

    # What is built of the rows is no matter here, and build orders cost more than these few game loops.
    ended = here.run(
        *(path for _, path in (*real_replays, mistaken)),
        *("--source", "sc2", "--filters", "all", "--workers", "2", "--restart-every", "3", "--no-commands"),
        *("--step-mul", "32", "--until", "480", "--home", new_home),
    )

    assert ended.returncode == 0, ended.stderr
    rows = query(
        new_home,
        "select replay_id, status, reason, count(attempt_id), is_retryable from ops.replays left join"
        " (select replay_id, attempt_id from ops.attempts where source = 'sc2') using (replay_id) group by all",
    )
    standing = {row[0]: row[1:] for row in rows}
    wanted = {failing[kind][0]: said for kind, said in FAILING.items()} | {mistaken[0]: ("version_mismatch", False)}
    assert {i: (row[1], row[3]) for i, row in standing.items() if row[0] == "failed"} == wanted
    assert {i for i, row in standing.items() if row[0] == "loaded"} == {i for i, _ in real_replays} - wanted.keys()
    tries = {i: standing[i][2] for i in standing}
    assert {i: tries[i] for i, (_, is_retryable) in wanted.items() if is_retryable and tries[i] != TRIES} == {}
    assert tries[mistaken[0]] == 2, "one for the handshake, one for the version"
    assert [tries[i] for i, _ in passing.values()] == [2] * len(PASSING)
    assert struck(control, faults) == [fault.times for fault in faults if fault.times is not None]
    assert here.left_behind() == []


KILLING = """
import os, signal, sys
from pathlib import Path
victims = []
def watch(progress):
    busy = [each for each in (progress.loops.workers if progress.loops else ()) if each.game_loop]
    if busy and not victims:
        victims.append(os.getpid() if sys.argv[3] == "parent" else int(busy[0].worker.rpartition("-")[2]))
        os.kill(victims[0], signal.SIGKILL)
if __name__ == "__main__":
    # Not above, where every worker process would import them too.
    from sc2_pipeline.config import read_settings
    from sc2_pipeline.pipeline import run
    flags = dict(home=sys.argv[2], source="sc2", filters="all", workers=2, step_mul=16)
    run([Path(sys.argv[1])], read_settings(flags), watch=watch)
    print("killed", len(victims))
"""


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of three short made-up replays."""
    folder = tmp_path_factory.mktemp("made_up")
    collection(folder, 3, seed=11, game_loops=(1_000, 1_400))
    return folder


def comparable(home: Path) -> dict[str, Any]:
    """What a home answers, without the columns that name its own run."""
    return {name: rows for name, rows in answers(home).items() if name != "raw.replays"}


def test_what_a_killed_worker_or_a_killed_run_leaves_is_finished_as_if_undisturbed(
    machine, made_up, empty_warehouse, tmp_path
):
    here = machine(BUILDS)
    for name in ("undisturbed", "worker", "parent"):
        empty_warehouse.place(tmp_path / name)
    words = (made_up, "--source", "sc2", "--filters", "all", "--workers", "2", "--step-mul", "16")
    undisturbed = here.run(*words, "--home", tmp_path / "undisturbed")
    assert undisturbed.returncode == 0, undisturbed.stderr
    # Workers tell where they are twice a second and are looked at once: each pass takes longer than both.
    here.misbehave(Control(step_seconds=0.04))

    worker = here.run(made_up, tmp_path / "worker", "worker", program=KILLING)
    left_by_worker = here.left_behind()
    parent = here.run(made_up, tmp_path / "parent", "parent", program=KILLING)
    left_by_parent = here.left_behind()
    again = here.run(*words, "--home", tmp_path / "parent")
    left_at_last = here.left_behind()

    assert (worker.returncode, worker.stdout.strip()) == (0, "killed 1"), worker.stderr
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    assert (left_by_worker, left_at_last) == ([], [])
    # The folder of the killed run's workers holds nothing that lives; the next run removes it.
    assert [each for each in left_by_parent if "sc2-pipeline-workers-" not in each] == []
    assert again.returncode == 0, again.stderr
    for home in (tmp_path / "worker", tmp_path / "parent"):
        assert list(Home(home).work_notes.glob("*.json")) == [], "what a killed worker was at is forgotten"
    expected = comparable(tmp_path / "undisturbed")
    assert comparable(tmp_path / "worker") == expected
    assert comparable(tmp_path / "parent") == expected


def test_game_and_tracker_tell_the_same_within_tolerance(machine, new_home, tmp_path):
    script = ladder_game(3, game_loops=5_000)
    fought = write_replay(tmp_path / "fought.SC2Replay", script)
    here = machine((script.base_build,))
    words = (fought, "--filters", "all", "--workers", "1", "--step-mul", "8", "--home", new_home)

    tracker = here.run(*words, "--source", "tracker")
    questions = {
        "units": "select replay_id, player_id, unit_type, game_loop, alive_count from marts.fct_unit_counts"
        " where unit_type not like 'Larva%' and unit_type not like '%Egg' order by all",
        "economy": "select replay_id, player_id, max_worker_count, max_supply_used, resources_lost_army::int"
        " from marts.player_game_summary where not is_computer order by all",
        "deaths": "select replay_id, player_id, unit_type, count(*) from marts.fct_unit_deaths group by all order by all",
        "builds": "select replay_id, player_id, kind, item, finished_game_loop, count(*) from marts.fct_build_orders"
        " group by all order by all",
        "macro": "select * from marts.fct_macro_actions order by all",
        "minutes": "select * from marts.fct_user_minutes order by all",
        # The game is observed every 8 loops here, and units are counted every 160.
        "armies": "select replay_id, battle_number, player_id, composition_before from marts.fct_battle_players"
        " where composition_before != [] order by all",
    }
    by_tracker = {name: query(new_home, sql) for name, sql in questions.items()}
    game = here.run(*words, "--source", "sc2")
    by_game = {name: query(new_home, sql) for name, sql in questions.items()}

    assert (tracker.returncode, game.returncode) == (0, 0), game.stderr
    assert query(new_home, "select distinct source from marts.dim_replays") == [("sc2",)]
    differences = query(
        new_home, "select statistic, is_within_tolerance, count(*) from marts.fct_source_differences group by all"
    )
    assert {statistic for statistic, _, _ in differences} == {
        "units_born", "units_died", "supply_used", "minerals", "vespene", "worker_count", "duration", "is_winner",
    }  # fmt: skip
    assert all(is_within for _, is_within, _ in differences), differences
    for name in ("deaths", "units", "builds", "macro", "minutes", "armies"):
        assert by_game[name] == by_tracker[name] != []
    assert [row[:4] for row in by_game["economy"]] == [row[:4] for row in by_tracker["economy"]]


def test_auto_takes_the_game_where_its_client_is_installed(machine, real_replays, new_home):
    here = machine((75689,))
    builds = defaultdict(list)
    for replay_id, path in real_replays:
        builds[read_lobby(open_archive(path)).base_build].append((replay_id, path))
    few = [replay for replays in builds.values() for replay in replays[:3]]

    ended = here.run(
        *(path for _, path in few),
        *("--source", "auto", "--filters", "all", "--workers", "2", "--step-mul", "320", "--home", new_home),
    )

    assert ended.returncode == 0, ended.stderr
    taken = query(new_home, "select base_build = 75689, source, count(*) from marts.dim_replays group by all")
    assert {(is_installed, source) for is_installed, source, _ in taken} == {(True, "sc2"), (False, "tracker")}
    assert sum(count for *_, count in taken) == len(few)
