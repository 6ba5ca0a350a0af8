"""What it costs the game to be sampled where players act, and what every eighth loop misses.

    python benchmarks/sampling.py ../shared/replays/REPLAY.SC2Replay ...

For each replay and player: observations of ``actions`` and ``actions:unplugged``, their cost against ``every:8`` by the
published figures that ``plan`` reckons with, and the share of commands of which ``every:8`` has the loop before. Then the
first replay is played twice by a stand-in of whose time an observation takes ten times as much as a game loop:
``every:1`` and ``actions``, for the same commands.

Measured over 14 real replays: ``actions`` costs 0.75 to 0.95 times ``every:8`` (median 0.89), ``actions:unplugged`` 0.79 to
1.38 (median 1.15), and ``every:8`` has the loop before 12% of commands. ``actions`` was 9 times faster than ``every:1``.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.planning import rule_of_thumb
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sampling import Moments, PassPlan, pass_plan
from sc2_pipeline.sc2_client.instance import Instance
from sc2_pipeline.sc2_client.launch import GameVersion
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.sources.sample_moments import read_moments
from sc2_pipeline_demo import stand_in

LOOP_SECONDS = 0.0005
TIMES_DEARER = 10
BAR = 3.0
SAMPLES = ("every:8", "actions", "actions:unplugged", "every:1")


def plans(replay: Path) -> tuple[ReplayLobby, Moments, dict[tuple[str, int], PassPlan]]:
    """The plan of each sampling and player."""
    archive = open_archive(replay)
    lobby = read_lobby(archive)
    asked = {text: Settings(sample=text).sampling for text in SAMPLES}
    moments = read_moments(archive, lobby, None, Settings(sample="actions,actions:unplugged").sampling)
    people = [player.player_id for player in lobby.players if not player.is_computer]
    return lobby, moments, {(text, one): pass_plan(asked[text], moments, {one}) for text in SAMPLES for one in people}


def print_costs(replays: Sequence[Path]) -> None:
    """A line for each replay and player, and the ranges."""
    costs: dict[str, list[float]] = {"actions": [], "actions:unplugged": []}
    caught = []
    for replay in replays:
        lobby, moments, planned = plans(replay)
        for player, commands in moments.commands.items():
            length = lobby.duration_game_loops
            counts = {text: sum(1 for _ in planned[text, player].loops(length)) for text in SAMPLES[:3]}
            seconds = {text: 1 / rule_of_thumb(length / count).loops_per_second for text, count in counts.items()}
            usual = set(planned["every:8", player].loops(length))
            caught.append(sum(loop - 1 in usual for loop in commands) / len(commands))
            for text, found in costs.items():
                found.append(seconds[text] / seconds["every:8"])
            told = ", ".join(f"{text} {counts[text]:,} ({costs[text][-1]:.2f})" for text in costs)
            print(
                f"{replay.stem[:40]:40} player {player}: every:8 {counts['every:8']:,}, {told}; caught {caught[-1]:.0%}"
            )
    for text, found in costs.items():
        middle = sorted(found)[len(found) // 2]
        print(f"{text}: {min(found):.2f} to {max(found):.2f} times every:8, median {middle:.2f}")
    print(f"commands of which every:8 has the loop before: median {sorted(caught)[len(caught) // 2]:.0%}")


def print_speed(replay: Path, until: int) -> None:
    """Seconds of a pass by ``every:1`` and by ``actions``, and of how many commands each has the loop before."""
    lobby, moments, planned = plans(replay)
    player, commands = next(iter(moments.commands.items()))
    wanted = {max(loop - 1, 1) for loop in commands if loop <= until}
    taken = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["SC2PATH"] = str(stand_in.install(folder / "StarCraftII", [lobby.base_build]))
        control = stand_in.Control(
            loop_seconds=LOOP_SECONDS, observation_seconds=TIMES_DEARER * LOOP_SECONDS, keeps_answers=True
        )
        os.environ[stand_in.CONTROL_VARIABLE] = str(stand_in.write_control(folder / "control.json", control))
        settings = GameSettings(games_folder=folder / "games", launch_gap_seconds=0)
        instance = Instance(GameVersion(lobby.base_build, lobby.data_version), settings)
        playable = PlayableReplay(content=replay.read_bytes())
        info = instance.replay_info(playable)
        for text in ("every:1", "actions"):
            chosen = planned[text, player]
            plan = PassPlan(step_mul=chosen.step_mul, chosen=chosen.chosen, until=until)
            for _ in range(2):  # once for the stand-in to have its answers ready, once to be measured
                started = instance.start_pass(playable, info, observed_player_id=player, disable_fog=False, plan=plan)
                begun = time.perf_counter()
                seen = {observation.game_loop for observation in started.observations()}
                taken[text] = time.perf_counter() - begun
            print(
                f"{text}: {taken[text]:.1f} s, {len(seen):,} observations, {len(wanted & seen)} of {len(wanted)} loops"
            )
        instance.close()
    print(f"actions is {taken['every:1'] / taken['actions']:.1f} times faster than every:1; bar: {BAR:g}")


def main() -> None:
    """Prints costs, then speed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("replays", type=Path, nargs="+")
    arguments.add_argument("--until", type=int, default=4_000, help="game loops to play")
    given = arguments.parse_args()
    print_costs(given.replays)
    print_speed(given.replays[0], given.until)


if __name__ == "__main__":
    main()
