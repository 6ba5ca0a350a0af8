"""``stats`` counts what pysc2's replay_actions counts, and frames hold what it shows, in the very messages that a run was given."""

import dataclasses
import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.export.minimaps import LAYERS, Minimaps
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sc2_client.replay_pass import ReplayPass
from sc2_pipeline.steps.discover import replay_id_of
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.stand_in import Control, Fault
from sc2_pipeline_demo.stand_in.known_types import KnownTypes
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import query, run_home

pytestmark = pytest.mark.slow

RACES = {"a": ("Protoss", "Zerg"), "b": ("Terran", "Zerg")}
PLAYERS = (1, 2)
UNNAMED = 987_654
NAMED_UPGRADE = KnownTypes(92440).game_data().upgrades[0].upgrade_id


class Heard:
    """Every observation that passes gave, with more in it than the stand-in says: abilities, upgrades, effects, buffs."""

    def __init__(self):
        self.messages = defaultdict(list)
        self.player_id = 0

    def enriched(self, payload: bytes) -> bytes:
        message = api.ResponseObservation.FromString(payload)
        raw = message.observation.raw_data
        player_id = message.observation.player_common.player_id
        for ability_id in (16, 16, UNNAMED):
            message.observation.abilities.add(ability_id=ability_id)
        if message.observation.game_loop >= 800:
            raw.player.upgrade_ids.extend((UNNAMED, NAMED_UPGRADE))
        effect = raw.effects.add(effect_id=1, owner=player_id)
        for x in range(3):
            effect.pos.add(x=float(x), y=1.0)
        raw.effects.add(effect_id=UNNAMED, owner=3 - player_id).pos.add(x=1.0, y=1.0)
        for unit in raw.units[:4]:
            unit.buff_ids.extend((UNNAMED, UNNAMED + 1))
        self.messages[player_id].append(message)
        return message.SerializeToString()


def id_of(replay: Path) -> str:
    return replay_id_of(hashlib.sha256(replay.read_bytes()).hexdigest())


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, heard: Heard) -> Path:
    """Two games run through the stand-in; a third on which it crashes, and a fourth that is no replay."""
    folder = tmp_path_factory.mktemp("counted")
    for seed, name in enumerate((*RACES, "crashing")):
        script = ladder_game(seed, races=RACES.get(name, ("Zerg", "Zerg")), game_loops=2_600)
        write_replay(folder / "in" / f"{name}.SC2Replay", script)
    (folder / "in" / "broken.SC2Replay").write_bytes(b"MPQ\x1b but nothing else")
    crashing = id_of(folder / "in" / "crashing.SC2Replay")
    control = Control(faults=(Fault(kind="crash", replay=crashing),))
    observations = ReplayPass.observations

    def overheard(self):
        for one in observations(self):
            message = heard.enriched(one.payload)
            header = dataclasses.replace(one.reply.header, start=0, end=len(message))
            yield dataclasses.replace(one, reply=dataclasses.replace(one.reply, message=message, header=header))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SC2PATH", str(stand_in.install(folder / "StarCraftII", [script.base_build])))
        patch.setenv(stand_in.CONTROL_VARIABLE, str(stand_in.write_control(folder / "control.json", control)))
        patch.setattr(ReplayPass, "observations", overheard)
        report = run_home(
            [folder / "in"],
            folder / "home",
            source="sc2",
            filters="all",
            detail="full",
            step_mul=80,
            tries=1,
            commands=False,
        )
    assert (report.loaded, report.failed) == (2, 2)
    return folder / "home"


def told(home: Path, *words: str) -> dict:
    ended = CliRunner().invoke(app, ["stats", "--home", str(home), *words])
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout) if "--json" in words else ended.stdout


def named(kind: str) -> dict[int, str]:
    data = api.ResponseData.FromString(KnownTypes(92440).game_data().SerializeToString())
    return {
        "unit": {one.unit_id: one.name for one in data.units},
        "upgrade": {one.upgrade_id: one.name for one in data.upgrades},
        "ability": {one.ability_id: one.friendly_name or one.link_name for one in data.abilities},
        "buff": {one.buff_id: one.name for one in data.buffs},
        "effect": {one.effect_id: one.friendly_name or one.name for one in data.effects},
    }[kind]


def counted(heard: Heard) -> dict[str, Counter]:
    """As ``ReplayProcessor.process_replay`` counts, but units and effects in the pass of their owner alone."""
    counts = defaultdict(Counter)
    for player_id, messages in heard.messages.items():
        others = set(PLAYERS) - {player_id}
        for message in messages:
            counts["observation"][f"player {player_id}"] += 1
            observation = message.observation
            for action in message.actions:
                counts["action"]["raw.unit_command" if action.action_raw.HasField("unit_command") else "?"] += 1
                counts["used_ability"][action.action_raw.unit_command.ability_id] += 1
            for valid in observation.abilities:
                counts["available_ability"][valid.ability_id] += 1

            def is_mine(one, player_id=player_id, others=others):
                return one.owner == player_id or (player_id == PLAYERS[0] and one.owner not in others)

            for unit in filter(is_mine, observation.raw_data.units):
                counts["unit"][unit.unit_type] += 1
                for buff_id in unit.buff_ids:
                    counts["buff"][buff_id] += 1
            for upgrade_id in observation.raw_data.player.upgrade_ids:
                counts["upgrade"][upgrade_id] += 1
            for effect in filter(is_mine, observation.raw_data.effects):
                counts["effect"][effect.effect_id] += 1
    return counts


NAMED_BY = {"used_ability": "ability", "available_ability": "ability"}
UNKNOWN = {"unit": "unit type", "used_ability": "ability", "available_ability": "ability"}


def test_counts_are_those_of_the_messages(home, heard):
    stats = told(home, "--json")

    counts = counted(heard)
    assert set(counts) == {
        "observation",
        "action",
        "used_ability",
        "available_ability",
        "unit",
        "buff",
        "upgrade",
        "effect",
    }
    for statistic, values in counts.items():
        if statistic not in ("observation", "action"):
            names = named(NAMED_BY.get(statistic, statistic))
            prefix = UNKNOWN.get(statistic, statistic)
            said = {names.get(number, f"{prefix} {number}"): count for number, count in values.items()}
        else:
            said = dict(values)
        assert stats[statistic] == said, statistic
    assert stats["replays"] == 2
    assert stats["race"] == {"Zerg": 2, "Protoss": 1, "Terran": 1}
    assert sum(stats["map"].values()) == 2


def test_a_frame_is_what_the_message_of_its_loop_says(home, heard, tmp_path):
    words = ["export", "frames", str(tmp_path / "frames"), "--mode", "any", "--include-short", "--home", str(home)]
    ended = CliRunner().invoke(app, [*words, "--json"])
    assert ended.exit_code == 0, ended.output

    # Both games were sampled at the same loops; the enriched messages of each player come in the order of the replays.
    frames = {}
    for path in (tmp_path / "frames").iterdir():
        for row in pq.read_table(path).to_pylist():
            assert row["replay_id"] == path.stem
            frames.setdefault(row["player_id"], []).append(row)
    told = json.loads(ended.stdout)
    assert (told["files"], told["frames"]) == (2, sum(map(len, heard.messages.values())))
    for player_id, messages in heard.messages.items():
        unmatched = {expected_frame(message) for message in messages}
        assert {shown_frame(row) for row in frames[player_id]} == unmatched
    [units] = [row["units"] for row in frames[1] if row["game_loop"] == 1][:1]
    assert {unit["alliance"] for unit in units} >= {"self", "enemy"}


def test_frames_have_images_of_the_map_of_one_size_and_are_resumed_by_replay(home, tmp_path, monkeypatch):
    words = ["export", "frames", str(tmp_path / "frames"), "--minimap", "48", "--mode", "any", "--include-short"]
    with monkeypatch.context() as patched:
        patched.setattr(Minimaps, "with_images", _stopped_in_the_second_replay(Minimaps.with_images))
        stopped = CliRunner().invoke(app, [*words, "--home", str(home)])
    before = {path.name: path.stat().st_ino for path in (tmp_path / ".partial-frames").glob("*.parquet")}
    ended = CliRunner().invoke(app, [*words, "--home", str(home)])
    assert ended.exit_code == 0 != stopped.exit_code, ended.output

    after = {path.name: path.stat().st_ino for path in (tmp_path / "frames").iterdir()}
    assert (len(before), len(after)) == (1, 2)
    assert before.items() < after.items()
    path = next((tmp_path / "frames").iterdir())
    frames = pq.read_table(path)
    kinds = [frames.schema.field(f"minimap_{layer}").type for layer in LAYERS]
    assert {(kind.list_size, kind.value_type) for kind in kinds} == {(48 * 48, pa.uint8())}
    row = frames.to_pylist()[-1]
    [(width, height, pathing)] = query(
        home, f"select map_width, map_height, pathing_grid_pixels from raw.game_info where replay_id = '{path.stem}'"
    )
    free = np.unpackbits(np.frombuffer(pathing, np.uint8))[: width * height].reshape(height, width)
    own = next(unit for unit in row["units"] if unit["alliance"] == "enemy")
    image = {layer: np.array(row[f"minimap_{layer}"]).reshape(48, 48) for layer in LAYERS}
    scale = max(width, height) / 48
    assert image["player_relative"][47 - int(own["y"] / scale), int(own["x"] / scale)] == 4
    assert image["pathing"][47, 0] == free[int(scale / 2), int(scale / 2)]
    assert image["pathing"].mean() == pytest.approx(free.sum() / max(width, height) ** 2, abs=0.05)


def _stopped_in_the_second_replay(with_images):
    replays = set()

    def stopped(minimaps, frames):
        replays.add(minimaps)
        if len(replays) > 1:
            raise KeyboardInterrupt
        return with_images(minimaps, frames)

    return stopped


def expected_frame(message: api.ResponseObservation) -> tuple:
    """What the seed's modified pipeline takes of a message, but for positions' order."""
    observation = message.observation
    common, raw = observation.player_common, observation.raw_data
    units = {
        (
            unit.tag,
            unit.unit_type,
            unit.owner % 16,
            unit.pos.x,
            unit.pos.y,
            unit.pos.z,
            unit.health,
            unit.shield,
            unit.energy,
        )
        for unit in raw.units
    }
    return (
        observation.game_loop,
        common.minerals,
        common.vespene,
        common.food_cap,
        frozenset(units),
        frozenset(raw.player.upgrade_ids),
        frozenset(tag & 0xFFFFFFFF for tag in raw.event.dead_units),
    )


def shown_frame(row: dict) -> tuple:
    """The same of a frame."""
    fields = ("api_tag", "unit_type_id", "player_id", "x", "y", "z", "health", "shield", "energy")
    return (
        row["game_loop"],
        row["minerals"],
        row["vespene"],
        row["supply_cap"],
        frozenset(tuple(unit[field] or 0 for field in fields) for unit in row["units"]),
        frozenset(row["upgrade_ids"] or ()),
        frozenset(row["dead_units"] or ()),
    )


def test_replays_that_crash_the_game_and_replays_that_are_none_are_named_apart(home):
    ids = {path.stem: id_of(path) for path in (home.parent / "in").iterdir()}

    stats = told(home, "--json")

    assert stats["crashing"] == [ids["crashing"]]
    assert stats["invalid"] == [ids["broken"]]


def test_any_set_of_replays_can_be_counted_and_printed(home):
    whole, half = told(home, "--json"), told(home, "--where", "matchup = 'TvZ'", "--json")
    printed = told(home, "--top", "1").splitlines()

    assert half["replays"] == 1
    assert set(half["race"]) == {"Terran", "Zerg"}
    assert 0 < half["unit"]["Drone"] < whole["unit"]["Drone"]
    at = printed.index(f"Units: {len(whole['unit'])}")
    unit, count = next(iter(whole["unit"].items()))
    assert printed[at + 1].split() == [f"{count:,}", unit]
    assert printed[at + 2].split() == ["...", "and", f"{len(whole['unit']) - 1}", "more", "(--top", "0)"]
    assert {"Crashing replays: 1", "Invalid replays: 1"} <= set(printed)
