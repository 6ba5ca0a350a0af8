"""Simulated games are consistent: statistics, events, commands and the known truth tell one story."""

from collections import Counter, defaultdict
from itertools import combinations

import pytest

from sc2_pipeline.game import unit_tag
from sc2_pipeline.game_rules import Moment
from sc2_pipeline_demo import synthetic
from sc2_pipeline_demo.synthetic.builds import DEFAULT_BUILD
from sc2_pipeline_demo.synthetic.simulation.tracker_log import FIRST_BUILD_IN_CELLS
from sc2_pipeline_demo.synthetic.simulation.unit_data import RACE_DATA, game_rules, things
from sc2_pipeline_tests.synthetic.readers import archive_of

MATCHUPS = (("protoss", "terran"), ("zerg", "protoss"), ("terran", "zerg"), ("zerg", "zerg"))
THINGS = things(game_rules(Moment(DEFAULT_BUILD)))
STATS_BY_CATEGORY = ("Army", "Economy", "Technology")


@pytest.fixture(scope="module", params=MATCHUPS, ids=["v".join(races) for races in MATCHUPS])
def game(request):
    return synthetic.ladder_game(11, game_loops=16_001, races=request.param)


def tag_of(event):
    return unit_tag(event["m_unitTagIndex"], event["m_unitTagRecycle"])


class Fold:
    """The state of a game as its tracker events tell it so far."""

    def __init__(self):
        self.alive = {}
        self.owner = {}
        self.building = set()
        self.lost = defaultdict(Counter)

    def take(self, event):
        match event["_event"]:
            case "SUnitBornEvent" | "SUnitInitEvent" as kind:
                tag = tag_of(event)
                assert tag not in self.owner, "a tag is given out once"
                self.alive[tag] = event["m_unitTypeName"].decode()
                self.owner[tag] = event["m_controlPlayerId"]
                if kind == "SUnitInitEvent":
                    self.building.add(tag)
            case "SUnitDoneEvent":
                self.building.remove(tag_of(event))
            case "SUnitTypeChangeEvent":
                assert tag_of(event) in self.alive
                self.alive[tag_of(event)] = event["m_unitTypeName"].decode()
            case "SUnitDiedEvent":
                tag = tag_of(event)
                name = self.alive.pop(tag)
                self.building.discard(tag)
                if event["m_killerPlayerId"] is not None:
                    assert unit_tag(event["m_killerUnitTagIndex"], event["m_killerUnitTagRecycle"]) in self.alive
                    assert self.owner[tag] != event["m_killerPlayerId"]
                    self.lost[self.owner[tag]][name] += 1

    def units(self, player_id):
        return Counter(
            name for tag, name in self.alive.items() if self.owner[tag] == player_id and tag not in self.building
        )


def folded(script):
    """Every statistics event with the state before it."""
    fold = Fold()
    for event in script.tracker_events:
        if event["_event"] == "SPlayerStatsEvent":
            yield fold, event["_gameloop"], event["m_playerId"], event["m_stats"]
        fold.take(event)


def test_statistics_come_at_loop_1_then_every_160_loops_and_at_the_end(game):
    loops = [event["_gameloop"] for event in game.tracker_events if event["_event"] == "SPlayerStatsEvent"]

    assert loops[::2] == loops[1::2] == [1, *range(160, 16_001, 160), 16_001]


def test_workers_supply_and_losses_are_what_the_events_add_up_to(game):
    for fold, loop, player_id, stats in folded(game):
        race = RACE_DATA[game.players[player_id - 1].race]
        units = fold.units(player_id)
        # Drones inside unfinished structures are still alive to the tracker, and work no more.
        inside = sum(
            THINGS[fold.alive[tag]].made_by == "Drone" for tag in fold.building if fold.owner[tag] == player_id
        )
        assert stats["m_scoreValueWorkersActiveCount"] == units[race.worker] - inside, loop
        made = sum(THINGS[name].supply_made_halves * count for name, count in units.items() if name in THINGS)
        made += 30 * units["OrbitalCommand"]
        assert stats["m_scoreValueFoodMade"] == made * 2048, loop
        for category in STATS_BY_CATEGORY:
            lost = sum(
                THINGS[name].minerals * count
                for name, count in fold.lost[player_id].items()
                if THINGS[name].category == category
            )
            assert stats[f"m_scoreValueMineralsLost{category}"] == lost, loop


def test_the_supply_in_use_is_that_of_living_units_and_of_those_in_production(game):
    seen_production = False
    for fold, loop, player_id, stats in folded(game):
        units = fold.units(player_id)
        living = sum(THINGS[name].supply_halves * count for name, count in units.items() if name in THINGS)
        making = sum(
            THINGS[start.name].supply_halves
            for start in game.truth.starts
            if start.player_id == player_id
            and start.kind in {"unit", "warp_in"}
            and start.game_loop < loop
            and (start.finished_game_loop or loop) >= loop
        )
        # Drones inside unfinished structures are still alive to the tracker, and take no supply any more.
        inside = sum(
            THINGS[fold.alive[tag]].made_by == "Drone" for tag in fold.building if fold.owner[tag] == player_id
        )
        assert stats["m_scoreValueFoodUsed"] == (living + making - 2 * inside) * 2048, loop
        assert stats["m_scoreValueFoodUsed"] <= 200 * 4096
        seen_production |= making > 0
    assert seen_production


def test_nobody_spends_what_is_not_there(game):
    assert all(min(stats.values()) >= 0 for _, _, _, stats in folded(game))


def test_what_one_lost_the_other_killed(game):
    last = {player_id: stats for _, _, player_id, stats in folded(game)}

    for category in STATS_BY_CATEGORY:
        for resource in ("Minerals", "Vespene"):
            lost, killed = (f"m_scoreValue{resource}{kind}{category}" for kind in ("Lost", "Killed"))
            assert last[1][lost] == last[2][killed]
            assert last[2][lost] == last[1][killed]
    assert last[1]["m_scoreValueMineralsLostArmy"] > 0


def test_everything_takes_the_time_it_takes(game):
    finished = [start for start in game.truth.starts if start.finished_game_loop is not None]
    assert len(finished) > 100
    for start in finished:
        loops = start.finished_game_loop - start.game_loop
        if start.kind == "warp_in":
            assert loops == 80
        elif start.is_chrono_boosted:
            assert THINGS[start.name].game_loops * 2 // 3 <= loops < THINGS[start.name].game_loops
        else:
            assert loops == THINGS[start.name].game_loops


def test_a_start_ends_in_the_event_it_names(game):
    events = {
        (event["_event"], tag_of(event)): event
        for event in game.tracker_events
        if event["_event"] in {"SUnitBornEvent", "SUnitInitEvent", "SUnitDoneEvent", "SUnitDiedEvent"}
    }
    for start in game.truth.starts:
        if start.kind == "unit" and start.finished_game_loop is not None:
            born = events["SUnitBornEvent", start.unit_tag]
            assert (born["_gameloop"], born["m_unitTypeName"]) == (start.finished_game_loop, start.name.encode())
            assert unit_tag(born["m_creatorUnitTagIndex"], born["m_creatorUnitTagRecycle"]) == start.producer_tag
            assert born["m_creatorAbilityName"] == THINGS[start.name].command[0].encode()
        if start.kind in {"structure", "warp_in"}:
            assert events["SUnitInitEvent", start.unit_tag]["_gameloop"] == start.game_loop
            if start.is_cancelled:
                assert ("SUnitDoneEvent", start.unit_tag) not in events
                assert events["SUnitDiedEvent", start.unit_tag]["m_killerPlayerId"] is None
            elif start.finished_game_loop is not None:
                assert events["SUnitDoneEvent", start.unit_tag]["_gameloop"] == start.finished_game_loop


def test_a_zerg_unit_was_an_egg_for_exactly_its_build_time():
    game = synthetic.ladder_game(3, game_loops=9000, races=("zerg", "zerg"))
    eggs = {
        tag_of(event): event["_gameloop"]
        for event in game.tracker_events
        if event["_event"] == "SUnitTypeChangeEvent" and event["m_unitTypeName"] == b"Egg"
    }
    hatched = [
        event
        for event in game.tracker_events
        if event["_event"] == "SUnitBornEvent" and event.get("m_creatorAbilityName") == b"LarvaTrain"
    ]

    assert {event["m_unitTypeName"] for event in hatched} == {b"Drone", b"Overlord", b"Zergling", b"Roach"}
    for event in hatched:
        larva = unit_tag(event["m_creatorUnitTagIndex"], event["m_creatorUnitTagRecycle"])
        assert event["_gameloop"] - eggs[larva] == THINGS[event["m_unitTypeName"].decode()].game_loops


def test_known_fights_are_all_the_kills_there_are(game):
    kills = [
        (event["_gameloop"], tag_of(event), event["m_killerPlayerId"], event["m_x"], event["m_y"])
        for event in game.tracker_events
        if event["_event"] == "SUnitDiedEvent" and event["m_killerPlayerId"] is not None
    ]
    known = [
        (death.game_loop, death.unit_tag, death.killer_player_id, death.x, death.y)
        for fight in game.truth.fights
        for death in fight.deaths
    ]

    assert sorted(kills) == sorted(known)
    assert {fight.kind for fight in game.truth.fights} == {"battle", "raid"}


def linked(one, other):
    near = (one.x - other.x) ** 2 + (one.y - other.y) ** 2 <= 15**2
    return near and abs(one.game_loop - other.game_loop) <= 224


def test_linking_deaths_by_time_and_place_gives_the_known_fights(game):
    for fight in game.truth.fights:
        assert all(linked(one, other) for one, other in zip(fight.deaths, fight.deaths[1:], strict=False))
    for fight, other in combinations(game.truth.fights, 2):
        assert not any(linked(death, another) for death in fight.deaths for another in other.deaths)


def test_chrono_boosts_are_commanded_and_speed_things_up():
    game = synthetic.ladder_game(2, game_loops=12_000, races=("protoss", "zerg"))

    commands = [
        (event["_gameloop"], event["_userid"] + 1, event["m_data"]["TargetUnit"]["m_tag"])
        for event in game.game_events
        if event["_event"] == "SCmdEvent" and event["m_abil"]["m_abilLink"] == 722
    ]
    assert commands == [(chrono.game_loop, chrono.player_id, chrono.target_tag) for chrono in game.truth.chronos]
    assert len(commands) >= 8
    boosted = [start for start in game.truth.starts if start.is_chrono_boosted and start.finished_game_loop]
    assert any(
        start.name == "Probe" and start.finished_game_loop - start.game_loop < THINGS["Probe"].game_loops
        for start in boosted
    )


def test_every_start_of_a_human_was_commanded(game):
    commands = Counter(
        (event["_gameloop"], event["_userid"] + 1) for event in game.game_events if event["_event"] == "SCmdEvent"
    )

    for start in game.truth.starts:
        assert commands[start.game_loop, start.player_id] > 0


def test_computers_give_no_commands():
    game = synthetic.game_against_computer(4, game_loops=6000)

    assert {event["_userid"] for event in game.game_events} == {0, 16}
    assert any(start.player_id == 2 for start in game.truth.starts)


def test_cancelled_consumed_and_expired_units_die_without_a_killer():
    game = synthetic.ladder_game(3, game_loops=14_000, races=("terran", "zerg"))
    killers = {
        tag_of(event): event["m_killerPlayerId"] for event in game.tracker_events if event["_event"] == "SUnitDiedEvent"
    }

    ended = (game.truth.cancelled_tags, game.truth.consumed_tags, game.truth.expired_tags)
    assert all(ended)
    assert {killers[tag] for tags in ended for tag in tags} == {None}


def test_positions_name_living_units_every_240_loops(game):
    fold, seen = Fold(), 0
    for event in game.tracker_events:
        if event["_event"] == "SUnitPositionsEvent":
            index, items = event["m_firstUnitIndex"], event["m_items"]
            assert event["_gameloop"] % 240 == 0
            living = {tag >> 18 for tag in fold.alive}
            for delta, _, _ in zip(items[::3], items[1::3], items[2::3], strict=True):
                index += delta
                assert index in living
                seen += 1
        fold.take(event)
    assert seen > 5


def test_a_wider_game_fights_too():
    game = synthetic.free_for_all(2, players=6, game_loops=9000)

    fights = {frozenset({death.player_id, death.killer_player_id}) for f in game.truth.fights for death in f.deaths}
    assert fights
    assert all(len(pair) == 2 for pair in fights)


def test_commanders_fight_side_by_side_against_amon():
    game = synthetic.coop_game(2, game_loops=12_000)

    deaths = [death for fight in game.truth.fights for death in fight.deaths]
    assert deaths
    assert all((death.player_id <= 2) != (death.killer_player_id <= 2) for death in deaths)


def test_early_builds_measure_places_in_four_cells_and_know_no_creators():
    early = synthetic.ladder_game(1, base_build=26490, game_loops=700)
    later = synthetic.ladder_game(1, base_build=FIRST_BUILD_IN_CELLS, game_loops=700)

    [old, new] = [
        next(event for event in game.tracker_events if event.get("m_unitTypeName") == b"Probe")
        for game in (early, later)
    ]
    assert (old["m_x"], old["m_y"]) == (new["m_x"] // 4, new["m_y"] // 4)
    assert "m_creatorAbilityName" not in new
    assert archive_of(synthetic.replay_bytes(early)).read_file("replay.tracker.events")


def test_the_same_seed_gives_the_same_game_and_another_seed_another():
    one, same, other = (synthetic.ladder_game(seed, game_loops=5000) for seed in (8, 8, 9))

    assert one == same
    assert one.tracker_events != other.tracker_events
