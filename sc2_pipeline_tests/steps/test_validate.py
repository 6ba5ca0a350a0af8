import dataclasses
from dataclasses import replace

import pytest

from sc2_pipeline.filters import FILTER_SETS, FilterSet
from sc2_pipeline.steps.validate import (
    FACTS_VERSION,
    RULES,
    ReplayFacts,
    UnreadableFacts,
    facts_from_json,
    facts_version,
    has_tracker_stream,
    rule_outcomes,
)

LADDER_GAME = ReplayFacts(
    base_build=92440,
    data_version="A" * 32,
    game_version="5.0.13.92440",
    map_name="Oceanborn LE",
    cache_files=("0f" * 32 + ".s2ma",),
    local_map_path="",
    duration_game_loops=10_000,
    game_mode="1v1",
    player_count=2,
    is_coop=False,
    is_vs_ai=False,
    are_bots=False,
    has_tracker_stream=True,
    apms=(10.0, 200.0),
    mmrs=(3500, 4000),
    results=("victory", "defeat"),
    player_names=("Ana", "Bo"),
    races=("Zerg", "Protoss"),
)


def _broken(facts, filters):
    return [(outcome.rule, outcome.observed) for outcome in rule_outcomes(facts, filters) if not outcome.passed]


@pytest.mark.parametrize("name", ["all", "standard", "pysc2", "msc", "unplugged", "egset"])
def test_a_good_ladder_game_passes(name):
    assert _broken(LADDER_GAME, FILTER_SETS[name]) == []


@pytest.mark.parametrize(
    ("filters", "change", "rule", "observed"),
    [
        ("standard", {"duration_game_loops": 999}, "long_enough", "999 game loops"),
        ("standard", {"game_mode": "2v2"}, "wanted_game_mode", "2v2"),
        ("standard", {"apms": (9.9, 200.0)}, "apm_high_enough", "APM 9.9 and 200"),
        ("standard", {"mmrs": (999, None)}, "mmr_high_enough", "MMR 999 and unknown"),
        ("pysc2", {"mmrs": (None, 4000)}, "mmr_high_enough", "MMR unknown and 4000"),
        ("pysc2", {"apms": (None, 200.0)}, "apm_high_enough", "APM unknown and 200"),
        ("pysc2", {"player_count": 4}, "right_player_count", "4 players"),
        ("msc", {"duration_game_loops": 9999}, "long_enough", "9999 game loops"),
        ("unplugged", {"mmrs": (3499, 4000)}, "mmr_high_enough", "MMR 3499 and 4000"),
        ("unplugged", {"mmrs": ()}, "mmr_high_enough", "MMR unknown"),
        ("egset", {"results": ("tie", "tie")}, "game_is_decided", "tie and tie"),
        ("egset", {"results": (None, None)}, "game_is_decided", "no result and no result"),
        ("aiarena", {}, "bots_as_wanted", "not played by bots"),
        ("coop", {}, "coop_as_wanted", "not co-op"),
    ],
)
def test_one_broken_rule_is_one_answer_with_what_was_seen(filters, change, rule, observed):
    assert _broken(replace(LADDER_GAME, **change), FILTER_SETS[filters]) == [(rule, observed)]


@pytest.mark.parametrize(
    ("filters", "change"),
    [
        ("standard", {"duration_game_loops": 1000}),
        ("standard", {"mmrs": (None, None), "apms": (None, None)}),
        ("aiarena", {"are_bots": True}),
        ("coop", {"is_coop": True}),
    ],
)
def test_what_lies_on_the_border_passes(filters, change):
    assert _broken(replace(LADDER_GAME, **change), FILTER_SETS[filters]) == []


def test_every_rule_answers_when_everything_is_asked():
    everything = FilterSet(
        name="everything",
        min_game_loops=1,
        max_game_loops=20_000,
        player_count=2,
        game_modes=("1v1",),
        min_apm=1,
        min_mmr=1,
        is_decided=True,
        is_coop=False,
        is_vs_ai=False,
        are_bots=False,
        min_base_build=1,
        max_base_build=100_000,
    )

    outcomes = rule_outcomes(LADDER_GAME, everything)

    assert [outcome.rule for outcome in outcomes] == [rule.__name__ for rule in RULES]
    assert all(outcome.passed and outcome.observed and outcome.wanted for outcome in outcomes)


def test_every_rule_is_documented():
    assert all(rule.__doc__ for rule in RULES)


def test_facts_survive_the_manifest():
    assert facts_from_json(LADDER_GAME.to_json()) == LADDER_GAME


def test_facts_with_other_fields_have_another_version():
    fields = [(field.name, field.type) for field in dataclasses.fields(ReplayFacts)]
    same, more, renamed = (
        dataclasses.make_dataclass("Facts", kinds)
        for kinds in (fields, [*fields, ("new", "int")], [("other", "int"), *fields[1:]])
    )

    assert facts_version(same) == FACTS_VERSION
    assert len({FACTS_VERSION, facts_version(more), facts_version(renamed), facts_version(changes=99)}) == 4


def test_faults_survive_the_manifest():
    fault = UnreadableFacts(reason="truncated", detail="ends early")

    assert facts_from_json(fault.to_json()) == fault


def test_a_replay_without_tracker_events_is_refused_by_name():
    outcome = has_tracker_stream(replace(LADDER_GAME, has_tracker_stream=False))

    assert (outcome.rule, outcome.passed) == ("no_tracker_stream", False)
