"""Header, lobby and player facts of the real replays, against s2protocol, sc2reader and the list that came with them."""

import logging
from pathlib import Path
from typing import Any

import pytest

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format import bitpacked, protocols, versioned
from sc2_pipeline.replay_format.initdata import decode_initdata
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_header, read_lobby
from sc2_pipeline.replay_format.mpq import Archive, open_archive
from sc2_pipeline_tests.synthetic.readers import needs_s2protocol, s2protocol_module

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def archives(shared_replays) -> dict[str, Archive]:
    """Every real replay that opens, by its path within the shared folder."""
    opened = {}
    for path in sorted(shared_replays.rglob("*")):
        if path.suffix.lower() == ".sc2replay":
            try:
                opened[str(path.relative_to(shared_replays).as_posix())] = open_archive(path)
            except ReplayError:
                continue
    return opened


@pytest.fixture(scope="module")
def lobbies(archives) -> dict[str, ReplayLobby]:
    return {name: read_lobby(archive) for name, archive in archives.items()}


def named(lobbies: dict[str, ReplayLobby], part: str) -> ReplayLobby:
    [lobby] = [lobby for name, lobby in lobbies.items() if part in name]
    return lobby


def test_every_replay_but_the_two_damaged_ones_has_a_lobby(lobbies, shared_manifest):
    assert len(shared_manifest) - len(lobbies) == 2
    assert all(lobby.lobby_build is not None for lobby in lobbies.values())


def test_versions_lengths_maps_and_data_are_those_of_the_list(lobbies, shared_manifest):
    for row in shared_manifest:
        if row["version"]:
            lobby = lobbies[row["file"]]
            assert (lobby.game_version, str(lobby.base_build)) == (row["version"], row["build"]), row["file"]
            assert (str(lobby.duration_game_loops), lobby.map_name) == (row["loops"], row["map"]), row["file"]
            assert (lobby.data_version or "") == row["data_version"].upper(), row["file"]


def known_to(schema: Any, value: Any) -> Any:
    """A value without the fields that an older schema's value has not."""
    if isinstance(schema, dict):
        return {key: known_to(schema[key], value[key]) for key in schema}
    if isinstance(schema, list):
        return [known_to(one, other) for one, other in zip(schema, value, strict=True)]
    return value


@needs_s2protocol
def test_header_details_and_lobby_equal_s2protocols(archives):
    newest = protocols.protocol(protocols.builds()[-1])
    compared = 0
    for name, archive in archives.items():
        header = read_header(archive)
        base_build = header["m_version"]["m_baseBuild"]
        theirs = s2protocol_module(base_build if base_build in protocols.builds() else protocols.builds()[-1])
        assert header == theirs.decode_replay_header(archive.header_block), name
        if "replay.details" not in archive or base_build not in protocols.builds():
            continue
        details = archive.read("replay.details")
        ours = versioned.decode(details, newest.typeinfos, newest.details_typeid, reason="corrupt_details")
        expected = theirs.decode_replay_details(details)
        assert known_to(expected, ours) == expected, name
        initdata = archive.read("replay.initData")
        protocol = protocols.protocol(base_build)
        try:
            lobby = theirs.decode_replay_initdata(initdata)
        except Exception:  # noqa: BLE001 - its schema of the 1.0 beta does not fit what it was shipped for
            continue
        value, _ = bitpacked.decode(initdata, protocol.typeinfos, protocol.initdata_typeid, reason="corrupt_initdata")
        assert value == lobby, name
        compared += 1
    assert compared > 90


def test_the_schemas_that_were_never_published_read_their_lobbies_to_the_last_bit(archives):
    read = 0
    for archive in archives.values():
        base_build = read_header(archive)["m_version"]["m_baseBuild"]
        if 38215 <= base_build < 47185:
            decoded = decode_initdata(archive.read("replay.initData"), base_build, handles=set(), names=set())
            assert decoded is not None
            slots = decoded[0]["m_lobbyState"]["m_slots"]
            assert {slot["m_workingSetSlotId"] for slot in slots[:2]} == {0, 1}
            read += 1
    assert read == 23


RESULTS = {"Win": "victory", "Loss": "defeat", "Tie": "tie", None: None}
ARCHON = ("Echo-ER-Void", "Archon Mode")


def test_players_equal_sc2readers_where_it_can_open_the_file(lobbies, shared_replays):
    sc2reader = pytest.importorskip("sc2reader")
    logging.getLogger("sc2reader").setLevel(logging.CRITICAL)
    compared = 0
    for name, lobby in lobbies.items():
        # sc2reader takes archon partners for opponents, and computers of co-op for winners or losers.
        if lobby.is_coop or lobby.game_mode == "archon":
            continue
        theirs = opened_by_sc2reader(sc2reader, shared_replays / name)
        if theirs is None:
            continue
        # And the casters of GameHeart for players.
        watching = {observer.name for observer in lobby.observers}
        playing = [other for other in theirs.players if other.name not in watching]
        assert len(playing) == lobby.player_count, name
        for player, other in zip(lobby.players, playing, strict=True):
            assert player.player_id == other.pid, name
            assert (player.name, player.is_computer) == (other.name, not other.is_human), name
            if not player.is_computer:
                assert (player.clan_tag or "") == (other.clan_tag or ""), name
                assert not other.toon_handle or other.toon_handle == player.toon_handle, name
                assert player.highest_league == other.highest_league, name
            if other.result:
                assert player.result in (RESULTS[other.result], "undecided"), name
            assert player.color == "#" + other.color.hex.lower(), name
            if other.play_race in ("Terran", "Zerg", "Protoss"):
                assert player.race_actual == other.play_race.lower(), name
            compared += 1
        assert watching >= {observer.name for observer in theirs.observers}
        assert (lobby.duration_game_loops, lobby.base_build) == (theirs.frames, theirs.base_build), name
    assert compared > 200


def opened_by_sc2reader(sc2reader, path: Path):
    try:
        return sc2reader.load_replay(str(path), load_level=2)
    except Exception:  # noqa: BLE001 - it raises IndexError, UnicodeError and more on files it cannot read
        return None


def test_archon_games_have_four_people_in_two_players(lobbies):
    oxide, romanticide, echo = (named(lobbies, part) for part in ("Oxide LE (147)", "Romanticide LE", "Echo-ER-Void"))

    def seats(lobby: ReplayLobby) -> list[tuple]:
        return [
            (player.player_id, player.name, player.partner.name, player.race_actual, player.result)
            for player in lobby.players
        ]

    assert seats(oxide) == [(1, "Goat", "FajkaX", "terran", "defeat"), (2, "zatic", "bersling", "zerg", "victory")]
    assert seats(romanticide) == [
        (1, "zatic", "bersling", "zerg", "victory"),
        (2, "Goat", "FajkaX", "terran", "defeat"),
    ]
    assert seats(echo) == [
        (1, "ǨâȐƫǫŊkeeee", "SunSet", "zerg", "victory"),
        (2, "PAPI", "Ziomek", "terran", "defeat"),
    ]
    assert {lobby.game_mode for lobby in (oxide, romanticide, echo)} == {"archon"}


def test_co_op_games_have_their_commanders_and_player_ids(lobbies):
    coop = {name.split("/")[-1]: lobby for name, lobby in lobbies.items() if lobby.is_coop}

    assert {name: [player.commander for player in lobby.players[:2]] for name, lobby in coop.items()} == {
        "CoA.SC2Replay": ["Kerrigan", "Raynor"],
        "kerrigan.SC2Replay": ["Kerrigan", "Artanis"],
        "Oblivion Express.SC2Replay": ["Mengsk", "Stetmann"],
    }
    chain = coop["CoA.SC2Replay"]
    assert [player.player_id for player in chain.players] == [1, 2, 3, 4, 5, 6, 8, 9, 10]
    assert chain.players[0].commander_mastery_talents == (0, 30, 0, 30, 30, 0)
    assert {player.ai_difficulty for player in chain.players[2:]} == {"brutal"}
    assert [lobby.is_cooperative_flag for lobby in coop.values()] == [False] * 3


def test_games_of_the_api_load_without_accounts(lobbies):
    bots = [lobby for name, lobby in lobbies.items() if "pysc2/replay_0" in name]

    assert len(bots) == 9
    assert {player.toon_handle for lobby in bots for player in lobby.players} == {None}
    assert {lobby.map_hash for lobby in bots} == {None}


def test_no_race_is_a_localised_word(lobbies):
    races = {race for lobby in lobbies.values() for p in lobby.players for race in (p.race_requested, p.race_actual)}

    assert races <= {"protoss", "terran", "zerg", "random", None}
    assert None not in {p.race_actual for lobby in lobbies.values() if not lobby.is_coop for p in lobby.players}


def test_a_person_who_left_is_no_computer_though_old_details_say_so(lobbies):
    old = named(lobbies, "oldreplay")

    assert [(player.name, player.is_computer) for player in old.players] == [
        ("StoicLoofah", False),
        ("PricklyPear", False),
        ("Player 3", True),
        ("Player 4", True),
    ]
