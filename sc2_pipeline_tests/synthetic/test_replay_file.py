"""Written replays are read back by mpyq, s2protocol and sc2reader, and say what the script says."""

import hashlib
import io
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sc2reader

from sc2_pipeline_demo import synthetic
from sc2_pipeline_demo.synthetic.encoding.mpq_writer import ArchiveLayout
from sc2_pipeline_demo.synthetic.members.details import file_time
from sc2_pipeline_demo.synthetic.script import PersonScript
from sc2_pipeline_tests.synthetic.readers import archive_of, header_content, needs_s2protocol, plain, s2protocol_module

OBSERVERS = (
    PersonScript(name="Caster", toon_handle="2-S2-1-5", clan_tag="TV"),
    PersonScript(name="Judge", toon_handle="2-S2-1-6", is_referee=True),
)
CHRONO_UNKNOWN_TO_SC2READER = 75689
"""Of real replays of that build it says the same: its list has another number for Chrono Boost there."""

GAMES = {
    "ladder": lambda: synthetic.ladder_game(1, game_loops=4500),
    "zerg": lambda: synthetic.ladder_game(2, game_loops=4500, races=("Zerg", "Zerg")),
    "names": lambda: synthetic.ladder_game(
        3, game_loops=700, names=("김유진", "<script>alert(1)</script>\u202e&amp;"), clan_tags=("Ñß&", "")
    ),
    "observed": lambda: synthetic.ladder_game(4, game_loops=700, is_matchmade=False, observers=OBSERVERS),
    "2v2": lambda: synthetic.team_game(5, game_loops=700),
    "3v3": lambda: synthetic.team_game(6, team_size=3, game_loops=700),
    "4v4": lambda: synthetic.team_game(7, team_size=4, game_loops=700),
    "2v2 against computers": lambda: synthetic.team_game(8, computers=2, game_loops=700),
    "1v1 against a computer": lambda: synthetic.game_against_computer(9, ai_difficulty=10, game_loops=700),
    "free-for-all": lambda: synthetic.free_for_all(10, game_loops=700),
    "archon": lambda: synthetic.archon_game(11, game_loops=700),
    "co-op": lambda: synthetic.coop_game(12, game_loops=700),
    "shortest": lambda: synthetic.ladder_game(13, game_loops=1),
    **{
        f"build {build}": lambda build=build: synthetic.ladder_game(build, base_build=build, game_loops=4500)
        for build in (24944, 26490, 27950, 32283, 54518, 55505, 62848, 75689, 97364)
    },
}


@pytest.fixture(scope="module", params=GAMES, ids=list(GAMES))
def script(request):
    return GAMES[request.param]()


@pytest.fixture(scope="module")
def replay(script):
    return synthetic.replay_bytes(script)


def test_sc2reader_opens_it_completely_and_without_complaint(script, replay, caplog):
    with caplog.at_level(logging.WARNING):
        read = sc2reader.load_replay(io.BytesIO(replay), load_level=4)

    # Of a real archon or co-op replay it says the same: it takes partners for opponents.
    complaints = [record.message for record in caplog.records if not record.message.startswith("Conflicting results")]
    if script.base_build == CHRONO_UNKNOWN_TO_SC2READER:
        assert {text for text in complaints if "Missing" in text} == {
            text for text in complaints if text.endswith("Missing ability 5980 from Build")
        }
    else:
        assert complaints == []
    assert read.base_build == script.base_build
    assert read.release_string == script.game_version
    assert read.frames == script.game_loops
    assert read.map_name == script.map.name
    assert read.end_time == script.played_at.replace(microsecond=0)
    assert {observer.name for observer in read.observers} == {person.name for person in script.observers}
    assert len(read.tracker_events) == (len(script.tracker_events) if script.base_build >= 26490 else 0)


def test_sc2reader_names_the_players_as_the_script_does(script, replay):
    if any(player.archon_partner for player in script.players):
        pytest.skip("sc2reader takes the four people of an archon game for four players")

    read = sc2reader.load_replay(io.BytesIO(replay), load_level=2)

    results = {"victory": "Win", "defeat": "Loss", "undecided": None}
    knows_ratings = script.base_build >= 54518
    assert [
        (player.name, player.play_race, player.pick_race, player.result, player.team_id, getattr(player, "mmr", None))
        for player in read.players
    ] == [
        (
            player.name,
            player.race.capitalize(),
            player.race_requested.capitalize(),
            results[player.result],
            player.team + 1,
            player.mmr if knows_ratings and isinstance(player.mmr, int) and player.mmr > 0 else None,
        )
        for player in script.players
    ]
    assert [player.toon_handle for player in read.players] == [player.toon_handle or "" for player in script.players]
    assert read.is_ladder == (script.is_matchmade and not script.observers and not any_computer(script))


def any_computer(script):
    return any(player.is_computer for player in script.players)


@needs_s2protocol
def test_s2protocol_reads_back_every_event(script, replay):
    archive, module = archive_of(replay), s2protocol_module(script.base_build)

    game = plain(module.decode_replay_game_events(archive.read_file("replay.game.events")))
    messages = plain(module.decode_replay_message_events(archive.read_file("replay.message.events")))

    assert [(event["_event"], event["_gameloop"], event["_userid"]["m_userId"]) for event in game] == [
        (event["_event"], event["_gameloop"], event["_userid"]) for event in script.game_events
    ]
    assert [event.get("m_string") for event in messages] == [event.get("m_string") for event in script.messages]
    if script.base_build >= 26490:
        tracker = plain(module.decode_replay_tracker_events(archive.read_file("replay.tracker.events")))
        assert tracker == list(script.tracker_events)
    for kind in ("details", "initdata"):
        member = archive.read_file("replay.details" if kind == "details" else "replay.initData")
        assert getattr(module, f"decode_replay_{kind}")(member)


@needs_s2protocol
def test_s2protocol_reads_back_header_details_and_lobby(script, replay):
    archive, module = archive_of(replay), s2protocol_module(script.base_build)

    header = module.decode_replay_header(header_content(archive))
    details = module.decode_replay_details(archive.read_file("replay.details"))
    lobby = module.decode_replay_initdata(archive.read_file("replay.initData"))["m_syncLobbyState"]

    version = header["m_version"]
    assert version["m_baseBuild"] == script.base_build
    assert ".".join(str(version[part]) for part in ("m_major", "m_minor", "m_revision", "m_build")) == (
        script.game_version
    )
    assert header["m_elapsedGameLoops"] == script.game_loops
    assert details["m_timeUTC"] == file_time(script.played_at)
    assert details["m_title"].decode() == script.map.name
    assert lobby["m_lobbyState"]["m_randomSeed"] == script.random_seed
    assert [user["m_name"].decode() for user in lobby["m_userInitialData"][: len(script.people)]] == [
        person.name for person in script.people
    ]
    # Every player of the details sits in the slot that carries its id.
    slots = {slot["m_workingSetSlotId"]: slot for slot in lobby["m_lobbyState"]["m_slots"]}
    assert len(slots) == 16
    for entry in details["m_playerList"]:
        toon = entry["m_toon"]
        handle = f"{toon['m_region']}-S2-{toon['m_realm']}-{toon['m_id']}" if toon["m_id"] else ""
        slot = slots[entry["m_workingSetSlotId"]]
        assert (slot["m_toonHandle"].decode(), slot["m_control"], slot["m_observe"]) == (handle, entry["m_control"], 0)


def test_every_field_of_a_co_op_lobby_is_in_the_slot():
    commander = synthetic.CommanderScript(
        name="Zeratul", level=12, mastery_level=371, mastery_talents=(30, 0, 5, 25, 15, 15), prestige=3
    )
    script = synthetic.coop_game(1, commanders=(commander, "Stukov"), ai_difficulty=5, enemies=3, game_loops=300)
    archive = archive_of(synthetic.replay_bytes(script))

    lobby = sc2reader.load_replay(io.BytesIO(synthetic.replay_bytes(script)), load_level=1).raw_data["replay.initData"]

    slot, _, enemy, *_ = lobby["lobby_state"]["slots"]
    assert slot["commander"] == b"Zeratul"
    assert (slot["commander_level"], slot["commander_mastery_level"]) == (12, 371)
    assert slot["commander_mastery_talents"] == [30, 0, 5, 25, 15, 15]
    assert slot["selected_commander_prestige"] == 3
    assert (enemy["control"], enemy["difficulty"], enemy["commander"]) == (3, 5, b"")
    assert [player["Result"] for player in json.loads(archive.read_file("replay.gamemetadata.json"))["Players"]] == [
        "Win",
        "Win",
        "Undecided",
        "Undecided",
        "Undecided",
    ]


def test_a_missing_rating_is_spelt_as_told():
    script = synthetic.team_game(1, game_loops=300)
    spelt = (None, "null", 0, -36_400)
    players = tuple(replace(player, mmr=mmr) for player, mmr in zip(script.players, spelt, strict=True))

    archive = archive_of(synthetic.replay_bytes(replace(script, players=players)))

    entries = json.loads(archive.read_file("replay.gamemetadata.json"))["Players"]
    assert ["MMR" in entry for entry in entries] == [False, True, True, True]
    assert [entry.get("MMR") for entry in entries] == [None, None, 0, -36_400]


def test_the_same_game_saved_by_both_players_is_one_game_in_two_files():
    script = synthetic.ladder_game(7, game_loops=5000)
    one, other = (synthetic.replay_bytes(replace(script, saved_by=player)) for player in (1, 2))

    first, second = (sc2reader.load_replay(io.BytesIO(replay), load_level=4) for replay in (one, other))

    assert one != other
    lobby, details = (
        [archive_of(replay).read_file(name) for replay in (one, other)]
        for name in ("replay.initData", "replay.details")
    )
    assert lobby[0] == lobby[1]
    assert details[0] != details[1]
    assert (first.frames, second.frames) == (5000, 5003)
    assert timedelta(seconds=1) <= second.end_time - first.end_time <= timedelta(seconds=2)
    assert first.time_zone != second.time_zone
    assert len(first.tracker_events) == len(second.tracker_events)
    assert second.tracker_events[-1].frame == 5003


@pytest.mark.parametrize("layout", [ArchiveLayout(compression="zlib"), ArchiveLayout(is_single_unit=False)], ids=str)
def test_a_replay_in_another_layout_says_the_same(layout):
    script = synthetic.ladder_game(1, game_loops=9000, races=("zerg", "terran"))

    usual, unusual = synthetic.replay_bytes(script), synthetic.replay_bytes(script, layout=layout)

    assert usual != unusual
    names = [name.decode() for name in archive_of(usual).files]
    assert [archive_of(usual).read_file(name) for name in names] == [
        archive_of(unusual).read_file(name) for name in names
    ]


def test_members_can_be_left_out():
    script = synthetic.ladder_game(game_loops=300)

    archive = archive_of(synthetic.replay_bytes(replace(script, without=frozenset({"replay.tracker.events"}))))

    assert b"replay.tracker.events" not in archive.files
    assert b"replay.details" in archive.files


def test_a_replay_made_through_the_api_has_no_cache_handles():
    script = replace(synthetic.ladder_game(game_loops=300, toon_handles=(None, None)), has_cache_handles=False)

    with pytest.raises(TypeError):
        sc2reader.load_replay(io.BytesIO(synthetic.replay_bytes(script)), load_level=1)


def test_replays_are_written_into_folders_that_do_not_exist_yet(tmp_path):
    path = synthetic.write_replay(tmp_path / "a" / "쓰기.SC2Replay", synthetic.ladder_game(game_loops=300))

    assert sc2reader.load_replay(str(path), load_level=2).players[0].result == "Win"


def test_the_same_script_gives_the_same_bytes_on_every_python():
    script = synthetic.ladder_game(
        5, game_loops=6000, races=("zerg", "protoss"), played_at=datetime(2024, 5, 1, tzinfo=UTC)
    )

    assert hashlib.sha256(synthetic.replay_bytes(script)).hexdigest() == (
        "634f1c18624aadf87c953ad7d7f8bc48809924e42832f594eb48c832a8a12fab"
    )
