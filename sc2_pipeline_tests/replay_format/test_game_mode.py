"""What was played, of made-up games whose beginnings are changed, and of real ones."""

from dataclasses import replace

import pytest

from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.mpq import Archive, open_archive
from sc2_pipeline_demo import synthetic
from sc2_pipeline_tests.replay_format.archives import archive, with_zlib

MEMBERS = ("replay.details", "replay.initData", "replay.tracker.events", "replay.gamemetadata.json")


def lobby_of(script) -> ReplayLobby:
    return read_lobby(Archive(synthetic.replay_bytes(script)))


def mode(lobby: ReplayLobby) -> tuple[str, str]:
    return lobby.game_mode, lobby.game_mode_known_by


def is_birth(event, *unit_types: str) -> bool:
    return event["_event"] == "SUnitBornEvent" and event["m_unitTypeName"].decode() in unit_types


def custom(script, **changes):
    """The game on a map of somebody else than Blizzard."""
    return replace(script, map=replace(script.map, is_blizzard_map=False), **changes)


LADDER = synthetic.ladder_game(1, game_loops=600, races=("Zerg", "Terran"))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (LADDER, ("1v1", "starts")),
        (custom(LADDER), ("1v1", "starts")),
        (synthetic.team_game(2, game_loops=300), ("2v2", "starts")),
        (synthetic.free_for_all(3, game_loops=300), ("ffa", "starts")),
        (synthetic.archon_game(4, game_loops=300), ("archon", "starts")),
        (synthetic.game_against_computer(5, game_loops=300), ("1v1", "starts")),
        (synthetic.coop_game(6, game_loops=300), ("coop", "commanders")),
        (synthetic.ladder_game(7, game_loops=300, base_build=24944), ("1v1", "teams")),
        (synthetic.ladder_game(7, game_loops=300, base_build=26490), ("1v1", "starts")),
        (synthetic.ladder_game(7, game_loops=300, base_build=97364), ("1v1", "starts")),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else f"{value.base_build}",
)
def test_melee_is_told_by_what_every_player_begins_with(script, expected):
    assert mode(lobby_of(script)) == expected


def without(script, count: int, *unit_types: str):
    """The game without the first births of those types."""
    found = [event for event in script.tracker_events if is_birth(event, *unit_types)][:count]
    assert len(found) == count
    return replace(script, tracker_events=tuple(event for event in script.tracker_events if event not in found))


@pytest.mark.parametrize(
    "script",
    [
        without(LADDER, 1, "Hatchery"),
        without(LADDER, 12, "Drone"),
        without(LADDER, 1, "SCV"),
        without(without(LADDER, 1, "Hatchery"), 1, "CommandCenter"),
    ],
    ids=["one town hall", "no workers", "a worker less", "no town hall"],
)
def test_a_game_that_not_everybody_begins_as_melee_is_arcade(script):
    assert mode(lobby_of(script)) == ("arcade", "starts")
    assert mode(lobby_of(custom(script))) == ("arcade", "starts")


def test_a_town_hall_that_appears_later_makes_no_melee():
    halls = [event for event in LADDER.tracker_events if is_birth(event, "Hatchery", "CommandCenter")]
    [hall] = halls[:1]
    others = [event for event in LADDER.tracker_events if not is_birth(event, "Hatchery", "CommandCenter")]
    later = next(place for place, event in enumerate(others) if event["_gameloop"] > 300)
    events = (*others[:later], {**hall, "_gameloop": others[later]["_gameloop"]}, *others[later:])

    assert mode(lobby_of(custom(LADDER, tracker_events=events))) == ("arcade", "starts")


@pytest.mark.parametrize("content", [None, b"", b"\x03\x00\x09"], ids=["none", "empty", "damaged"])
def test_without_a_beginning_the_teams_tell(content):
    opened = Archive(synthetic.replay_bytes(LADDER))
    members = {name: opened.read(name) for name in MEMBERS} | {"replay.tracker.events": content}
    kept = [with_zlib(name, data) for name, data in members.items() if data is not None]

    assert mode(read_lobby(Archive(archive(*kept, header_block=opened.header_block)))) == ("1v1", "teams")


@pytest.mark.parametrize(
    ("file", "players", "watching"),
    [
        ("cases/gameheart_one_team/seven_players.SC2Replay", {"P5abcd": "victory", "P7abcdefghi": "defeat"}, 5),
        ("replays/StoicLoofah+spawningtool/gameheart.SC2Replay", {"SjoWBBII": "defeat", "Stardust": "victory"}, 5),
    ],
)
def test_casters_in_players_seats_are_observers(shared, file, players, watching):
    lobby = read_lobby(open_archive(shared / file))

    assert mode(lobby) == ("1v1", "starts")
    assert {player.name: player.result for player in lobby.players} == players
    assert len(lobby.observers) == watching


@pytest.mark.parametrize(
    ("file", "known_by"),
    [
        ("cases/older/2.0.11.26825_4.SC2Replay", "teams"),
        ("cases/older/2.0.10.26490_2.SC2Replay", "starts"),
        ("replays/StoicLoofah+spawningtool/lotv_alpha_zerg_test.SC2Replay", "starts"),
    ],
    ids=["its stream begins after loop 0", "a player's id is another in the stream", "eight workers in the alpha"],
)
def test_old_one_against_ones_are_known(shared, file, known_by):
    assert mode(read_lobby(open_archive(shared / file))) == ("1v1", known_by)


def test_direct_strike_is_arcade(shared_replays):
    games = [read_lobby(open_archive(path)) for path in sorted(shared_replays.glob("ipax77+s2protocol.NET/test[0-9]*"))]
    told = [mode(game) for game in games if game.map_name == "Direct Strike"]

    assert len(told) >= 8
    assert set(told) == {("arcade", "starts")}


@pytest.mark.parametrize("file", ["StoicLoofah+spawningtool/oldreplay", "ipax77+s2protocol.NET/test"])
def test_teams_of_old_games_are_those_that_won_and_lost(shared_replays, file):
    lobby = read_lobby(open_archive(shared_replays / f"{file}.SC2Replay"))

    assert {(player.team, player.result) for player in lobby.players} == {(0, "victory"), (1, "defeat")}
