"""Good replays that the mutator changes, and good ones beside them that must stay what they are."""

from pathlib import Path

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.lobby import read_header
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline_demo.synthetic import (
    archon_game,
    coop_game,
    free_for_all,
    game_against_computer,
    ladder_game,
    replay_bytes,
    team_game,
)
from sc2_pipeline_tests.hostile.parts import Parts, parts_of

_LOOPS = 1_400


def synthetic_bases() -> list[Parts]:
    """One short game of each kind, and some of older builds."""
    scripts = (
        ladder_game(1_001, game_loops=_LOOPS),
        ladder_game(1_002, game_loops=_LOOPS, races=("Zerg", "Zerg"), base_build=26490),
        ladder_game(1_003, game_loops=_LOOPS, base_build=51702),
        team_game(1_004, game_loops=_LOOPS),
        coop_game(1_005, game_loops=_LOOPS),
        archon_game(1_006, game_loops=_LOOPS),
        game_against_computer(1_007, game_loops=_LOOPS),
        free_for_all(1_008, game_loops=_LOOPS),
    )
    return [parts_of(replay_bytes(script), script.base_build) for script in scripts]


def real_bases(folder: Path, *, max_bytes: int = 200_000) -> list[Parts]:
    """Real replays that are not too long, whole ones only."""
    bases = []
    for path in sorted(folder.rglob("*.SC2Replay")):
        if path.stat().st_size > max_bytes:
            continue
        try:
            archive = Archive(path.read_bytes())
            bases.append(parts_of(path.read_bytes(), read_header(archive)["m_version"]["m_baseBuild"]))
        except ReplayError:
            continue
    return bases
