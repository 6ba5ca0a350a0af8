"""Scripts that no lobby could hold are refused with a sentence."""

from dataclasses import replace
from datetime import datetime

import pytest

from sc2_pipeline_demo import synthetic
from sc2_pipeline_demo.synthetic.builds import GAME_VERSIONS, OLD_GAME_VERSIONS
from sc2_pipeline_demo.synthetic.script import CommanderScript, PersonScript, PlayerScript, toon_parts

GAME = synthetic.ladder_game(game_loops=200)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: synthetic.ladder_game(races=("Protoss", "Xel'Naga")), "no race xel'naga"),
        (lambda: synthetic.ladder_game(races=("Protoss",)), "races has 1 entries for 2 players"),
        (lambda: synthetic.ladder_game(mmr=(4000,)), "mmr has 1 entries"),
        (lambda: synthetic.ladder_game(names=("a",)), "names has 1 entries"),
        (lambda: synthetic.ladder_game(names=("a", "")), "a name of 0 bytes"),
        (lambda: synthetic.ladder_game(names=("a", "x" * 300)), "a name of 300 bytes"),
        (lambda: synthetic.ladder_game(names=("a", "\ud800")), "not valid Unicode"),
        (lambda: synthetic.ladder_game(toon_handles=("1-S2-1-5", "me#1234")), "no toon handle"),
        (
            lambda: synthetic.ladder_game(base_build=38215, game_version="3.0.0.38215"),
            "no protocol to write base build 38215",
        ),
        (
            lambda: synthetic.ladder_game(base_build=15405, game_version="1.0.2.16223"),
            "no protocol to write base build 15405",
        ),
        (lambda: synthetic.ladder_game(base_build=98310), "no game version known for base build 98310"),
        (lambda: synthetic.ladder_game(game_loops=0), "0 game loops is impossible"),
        (lambda: synthetic.ladder_game(game_loops=524_289), "524289 game loops is impossible"),
        (lambda: synthetic.ladder_game(saved_by=3), "player 3 cannot have saved"),
        (lambda: synthetic.game_against_computer(saved_by=2), "player 2 cannot have saved"),
        (lambda: synthetic.ladder_game(played_at=datetime(2024, 1, 1)), "no time zone"),  # noqa: DTZ001
        (lambda: synthetic.ladder_game(game_version="5.0"), "not of the form"),
        (lambda: synthetic.ladder_game(data_version="abc"), "not 32 hex digits"),
        (lambda: synthetic.team_game(team_size=5), "no game of two teams of 5"),
        (lambda: synthetic.free_for_all(players=2), "free-for-all of 2"),
        (lambda: synthetic.coop_game(commanders=("Kerrigan", "Nobody")), "no commander Nobody"),
        (lambda: CommanderScript(name="Nova", mastery_talents=(1,)), "6 masteries, not 1"),
        (lambda: CommanderScript(name="Nova", prestige=4), "no such commander"),
        (lambda: PlayerScript(name="A", race="zerg", result="won"), "no result won"),
        (lambda: PlayerScript(name="A", race="zerg", is_computer=True, toon_handle="1-S2-1-1"), "is a computer"),
        (lambda: replace(GAME, details_order=(0, 0)), "does not name every player's place once"),
        (lambda: replace(GAME, observers=(PersonScript(name="O", toon_handle=None),) * 14), "do not fit in a lobby"),
        (lambda: synthetic.collection("nowhere", -1), "cannot write -1 replays"),
    ],
)
def test_an_impossible_script_is_refused(attempt, message):
    with pytest.raises(ValueError, match=message):
        attempt()


@pytest.mark.parametrize("base_build", [*OLD_GAME_VERSIONS, *GAME_VERSIONS])
def test_every_build_with_a_known_version_can_be_written(base_build):
    script = synthetic.ladder_game(base_build=base_build, game_loops=700, races=("zerg", "protoss"))

    assert len(synthetic.replay_bytes(script)) > 3000


def test_races_may_be_written_as_players_write_them():
    assert [player.race for player in synthetic.ladder_game(races=("Zerg", "TERRAN"), game_loops=200).players] == [
        "zerg",
        "terran",
    ]


def test_a_toon_handle_has_three_numbers():
    assert toon_parts("98-S2-1-1104841") == (98, 1, 1104841)
