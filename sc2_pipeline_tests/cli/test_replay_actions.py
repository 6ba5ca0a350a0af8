"""``stats`` against pysc2's own replay_actions: both run over the same replays, with the same game, at the same loops."""

import ast
import json
import os
import re
import subprocess
import sys
from collections import Counter

import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.stand_in.known_types import KnownTypes
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import run_home

BASE_BUILD, VERSION = 75689, "4.10.0"
GAME_LOOPS, STEP = 2_000, 250
RACES = (("Protoss", "Zerg"), ("Terran", "Zerg"))
PROGRAM = """
import random
from absl import app
from sc2_pipeline.sc2_client.installs import prepare_pysc2
prepare_pysc2()
shuffle = random.shuffle
random.shuffle = lambda colours, *_: shuffle(colours)  # of colours only; Python 3.11 takes no second argument
from pysc2.bin import replay_actions
app.run(replay_actions.main)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program")
def test_stats_are_the_numbers_that_replay_actions_prints(tmp_path, monkeypatch):
    # replay_actions tells of a replay's last observation when it opens the next file: here one too short to be counted.
    for seed, (races, game_loops) in enumerate(((RACES[0], GAME_LOOPS), (RACES[1], GAME_LOOPS), (RACES[0], 600))):
        script = ladder_game(seed, races=races, game_loops=game_loops, base_build=BASE_BUILD)
        write_replay(tmp_path / "in" / f"{seed}.SC2Replay", script)
    monkeypatch.setenv("SC2PATH", str(stand_in.install(tmp_path / "StarCraftII", [BASE_BUILD])))
    # replay_actions looks at loops 1, 251, 501 and so on, with the fog of war.
    loops = "+".join(map(str, range(1 + STEP, GAME_LOOPS, STEP)))
    run_home(
        [tmp_path / "in"],
        tmp_path / "home",
        source="sc2",
        filters="pysc2",
        fog="on",
        sample=f"at:{loops}",
        commands=False,
    )

    words = ["--replays", str(tmp_path / "in"), "--step_mul", str(STEP), "--sc2_version", VERSION]
    ended = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False)
    ours = json.loads(CliRunner().invoke(app, ["stats", "--home", str(tmp_path / "home"), "--json"]).stdout)

    theirs = printed(ended.stdout)
    names = {unit.unit_id: unit.name for unit in KnownTypes(BASE_BUILD).game_data().units}
    buffs = {buff.buff_id: buff.name for buff in KnownTypes(BASE_BUILD).game_data().buffs}
    assert (theirs["Replays"], theirs["Crashing replays"], len(ours["invalid"])) == (2 * ours["replays"], 0, 1)
    assert theirs["Steps total"] == sum(ours["observation"].values()) == 4 * (GAME_LOOPS // STEP + 1)
    assert theirs["Maps"] == ours["map"]
    assert theirs["Races"] == ours["race"]
    assert named(theirs["Unit ids"], names) == ours["unit"]
    assert named(theirs["Buffs"], buffs) == ours.get("buff", {})
    assert theirs["Made actions"][-1] == sum(ours["action"].values())
    for title, statistic in (("Upgrades", "upgrade"), ("Effects", "effect"), ("Valid abilities", "available_ability")):
        assert theirs[title] == ours.get(statistic, {}) == {}


def printed(text: str) -> dict:
    """The last summary that replay_actions printed: single numbers, and counts of what has its own line."""
    summary = text[text.rindex(" Summary ") :]
    found: dict = {title: int(count) for title, count in re.findall(r"(\w[\w ]*): (\d+)", summary)}
    for title, counts in re.findall(r"^(\w[\w ]*): \d+ *\n\{(.*)\}$", summary, re.MULTILINE):
        pairs = (pair.rsplit(": ", 1) for pair in counts.split(", ") if pair)
        found[title] = {ast.literal_eval(key) if key.lstrip("-").isdigit() else key: int(n) for key, n in pairs}
    return found


def named(counts: dict[int, int], names: dict[int, str]) -> dict[str, int]:
    """The counts by name, of all ids that share one."""
    total: Counter[str] = Counter()
    for number, count in counts.items():
        total[names[number]] += count
    return dict(total)
