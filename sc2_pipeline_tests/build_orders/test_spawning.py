"""Hallucinations in replays whose births name no maker, and what co-op's scripts only mark."""

from dataclasses import replace

import pytest

from sc2_pipeline.build_orders import read_game
from sc2_pipeline.build_orders.context import PlayerContext, player_contexts
from sc2_pipeline.build_orders.record import UpgradeDone
from sc2_pipeline.build_orders.spawning import unattributed_steps
from sc2_pipeline.build_orders.units import Unit
from sc2_pipeline.build_orders.upgrades import upgrade_steps
from sc2_pipeline.replay_format.mpq import open_archive


def contexts(path) -> list[PlayerContext]:
    return player_contexts(read_game(open_archive(path)))


@pytest.fixture(scope="module")
def protoss(shared_replays) -> PlayerContext:
    """A Protoss player of 2.0.8."""
    found = contexts(shared_replays.parent / "cases/older/2.0.8.25604_19.SC2Replay")
    return next(context for context in found if context.player.race_actual == "protoss")


def unit(tag: int, unit_type: str, born: int, x: float = 20.0, died: int | None = None) -> Unit:
    life = {"tag": tag, "player_id": 1, "x": x, "y": 20.0, "first_event_index": tag, "born": born, "died": died}
    return Unit(**life, type_loops=[born], type_names=[unit_type])


NEXUS, SENTRY = unit(1, "Nexus", 0), unit(2, "Sentry", 3_000)
STARGATE, FACILITY, BAY = (
    unit(3, "Stargate", 4_000, x=60.0),
    unit(4, "RoboticsFacility", 4_000),
    unit(5, "RoboticsBay", 5_000),
)


@pytest.mark.parametrize(
    ("stood", "appeared", "kind"),
    [
        ((SENTRY,), unit(9, "Phoenix", 6_000), "spawned"),
        ((SENTRY, STARGATE), unit(9, "Phoenix", 6_000, x=62.0), "unit"),
        ((SENTRY, STARGATE), unit(9, "Phoenix", 6_000, x=90.0), "spawned"),
        ((SENTRY, unit(3, "Stargate", 4_000, died=5_000)), unit(9, "Phoenix", 6_000), "spawned"),
        # Beside what makes it, and without the technology.
        ((SENTRY, FACILITY), unit(9, "Colossus", 6_000), "spawned"),
        ((SENTRY, FACILITY, BAY), unit(9, "Colossus", 6_000), "unit"),
        # No structure makes an Archon, and a merged one is not born.
        ((SENTRY,), unit(9, "Archon", 6_000), "spawned"),
        ((SENTRY,), unit(9, "Probe", 6_000, x=22.0), "unit"),
        ((SENTRY,), unit(9, "Probe", 6_000, x=90.0), "spawned"),
        # Nobody can have cast it: whatever put it there, it is a unit.
        ((), unit(9, "Phoenix", 6_000), "unit"),
        ((unit(2, "Sentry", 3_000, died=4_000),), unit(9, "Phoenix", 6_000), "unit"),
        ((unit(2, "Sentry", 7_000),), unit(9, "Phoenix", 6_000), "unit"),
    ],
)
def test_a_unit_that_its_player_cannot_make_is_a_hallucination(protoss, stood, appeared, kind):
    steps = unattributed_steps(replace(protoss, units=[NEXUS, *stood, appeared]))

    assert [step.kind for step in steps if step.unit_tag == 9] == [kind]


def test_marks_of_levels_masteries_and_calldowns_are_no_steps(shared_replays, protoss):
    [path] = shared_replays.rglob("CoA.SC2Replay")
    kerrigan = contexts(path)[0]
    names = ("CalldownLevel2", "MasteryKerriganEnergy", "zerglingmovementspeed")
    done = [UpgradeDone(game_loop=1_000, player_id=1, upgrade=name) for name in names]

    assert [step.item for step in upgrade_steps(replace(kerrigan, upgrades=done))] == ["zerglingmovementspeed"]
    # Of melee, what no row of the rules names yet is an upgrade of a patch to come.
    assert [step.item for step in upgrade_steps(replace(protoss, upgrades=done[:1]))] == ["CalldownLevel2"]
