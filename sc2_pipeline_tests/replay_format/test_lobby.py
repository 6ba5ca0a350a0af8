import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.lobby_players import PlayerSources, joined_players
from sc2_pipeline.replay_format.lobby_words import mmr, name_and_clan
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline_demo import synthetic
from sc2_pipeline_demo.synthetic.members.details import header_bytes
from sc2_pipeline_tests.replay_format.archives import Member, archive, with_zlib


def lobby_of(script) -> ReplayLobby:
    return read_lobby(Archive(synthetic.replay_bytes(script)))


def players(lobby: ReplayLobby, *fields: str) -> list[tuple]:
    return [tuple(getattr(player, name) for name in fields) for player in lobby.players]


MEMBERS = ("replay.details", "replay.initData", "replay.tracker.events", "replay.gamemetadata.json")


def changed(data: bytes, **contents: bytes | None) -> Archive:
    """The replay with some members' contents replaced; None leaves one out. Names without ``replay.``, _ for the dot."""
    opened = Archive(data)
    new = {"replay." + name.replace("_", "."): content for name, content in contents.items()}
    kept = {name: opened.read(name) for name in MEMBERS if name in opened} | new
    members: list[Member] = [with_zlib(name, content) for name, content in kept.items() if content is not None]
    return Archive(archive(*members, header_block=opened.header_block))


LADDER = synthetic.replay_bytes(synthetic.ladder_game(1, game_loops=300))


HEADER_WITHOUT_VERSION = header_bytes(
    replace(synthetic.ladder_game(1, game_loops=300), base_build=24944, game_version="0.0.0.1")
)


def with_header(header: bytes, metadata: object) -> Archive:
    """The ladder game with another header and metadata."""
    opened = Archive(LADDER)
    members = {name: opened.read(name) for name in MEMBERS} | {
        "replay.gamemetadata.json": json.dumps(metadata).encode()
    }
    return Archive(archive(*(with_zlib(name, content) for name, content in members.items()), header_block=header))


def test_the_facts_of_a_ladder_game_are_the_scripts():
    script = synthetic.ladder_game(1, game_loops=300, races=("Zerg", "Protoss"))

    lobby = lobby_of(script)

    assert (lobby.base_build, lobby.game_version) == (script.base_build, script.game_version)
    assert lobby.data_version == script.data_version.upper()
    assert lobby.map_name == script.map.name
    assert lobby.duration_game_loops == script.recorded_game_loops
    assert lobby.played_at == script.recorded_until
    assert lobby.random_seed == script.random_seed
    assert (lobby.game_mode, lobby.is_coop, lobby.is_vs_ai, lobby.is_matchmade) == ("1v1", False, False, True)
    assert (lobby.player_join, lobby.lobby_build) == ("slot_id", script.base_build)
    expected = [(player.name, player.toon_handle, player.mmr) for player in script.players]
    assert players(lobby, "name", "toon_handle", "mmr") == expected
    assert players(lobby, "race_actual") == [("zerg",), ("protoss",)]


def test_players_are_joined_by_slot_ids_and_not_by_the_order_of_the_details():
    script = synthetic.ladder_game(5, game_loops=300)
    swapped = replace(script, details_order=(1, 0))

    lobby = lobby_of(swapped)

    assert players(lobby, "player_id", "name", "toon_handle", "result") == players(
        lobby_of(script), "player_id", "name", "toon_handle", "result"
    )


@pytest.mark.parametrize("base_build", [24944, 26490])
def test_before_build_27950_players_are_joined_by_order_and_the_lobby_says_so(base_build):
    script = synthetic.ladder_game(6, game_loops=300, base_build=base_build)

    lobby = lobby_of(script)

    assert lobby.player_join == "order"
    assert players(lobby, "player_id", "name") == [(1, script.players[0].name), (2, script.players[1].name)]


def test_before_build_27950_players_are_numbered_by_slot_and_empty_slots_count():
    """Three real files with computers in later slots (`2.0.8.25604_17` and two more) have units of players 4 and 8."""
    entries = [{"m_toon": {"m_region": 2, "m_realm": 1, "m_id": 7, "m_programId": b"S2"}}, {"m_control": 3}]
    slots = [{"m_control": 2, "m_observe": 0, "m_toonHandle": b"2-S2-1-7"}]
    slots += [{"m_control": 0, "m_observe": 0}, {"m_control": 0, "m_observe": 0}, {"m_control": 3, "m_observe": 0}]
    sources = PlayerSources(details=entries, slots=slots, users=[], metadata={}, setups=[], races={})

    found, join = joined_players(sources)

    assert join == "order"
    assert [(player.player_id, player.slot_id, player.is_computer) for player in found] == [(1, 0, False), (4, 3, True)]


def test_archon_partners_are_one_player_with_two_people():
    script = synthetic.archon_game(11, game_loops=300)

    lobby = lobby_of(script)

    assert lobby.game_mode == "archon"
    expected = [(number, player.name, player.archon_partner.name) for number, player in enumerate(script.players, 1)]
    assert [(player.player_id, player.name, player.partner.name) for player in lobby.players] == expected


def test_commanders_make_co_op_whatever_the_cooperative_option_says():
    lobby = lobby_of(synthetic.coop_game(12, game_loops=300))

    assert (lobby.game_mode, lobby.is_coop, lobby.is_vs_ai, lobby.is_cooperative_flag) == ("coop", True, False, False)
    assert [player.commander is not None for player in lobby.players[:2]] == [True, True]
    assert all(player.is_computer and player.commander is None for player in lobby.players[2:])


def test_computers_are_no_people():
    lobby = lobby_of(synthetic.game_against_computer(9, ai_difficulty=10, game_loops=300))

    assert lobby.is_vs_ai
    [computer] = [player for player in lobby.players if player.is_computer]
    assert (computer.user_id, computer.toon_handle, computer.mmr) == (None, None, None)
    assert computer.ai_difficulty == "cheat_insane"


@pytest.mark.parametrize(
    ("player", "rating"),
    [
        ({"MMR": 4000}, (4000, "known")),
        ({"MMR": 1}, (1, "known")),
        ({"MMR": 0}, (None, "zero")),
        ({"MMR": -36400}, (None, "negative")),
        ({"MMR": None}, (None, "null")),
        ({"MMR": "4000"}, (None, "unreadable")),
        ({"MMR": True}, (None, "unreadable")),
        ({"MMR": [4000]}, (None, "unreadable")),
        ({"MMR": float("nan")}, (None, "unreadable")),
        ({"MMR": float("inf")}, (None, "unreadable")),
        ({"MMR": 2**31}, (None, "unreadable")),
        ({"MMR": 2**31 - 1}, (2**31 - 1, "known")),
        ({"MMR": 4000.9}, (4000, "known")),
        ({}, (None, "absent")),
    ],
)
def test_a_rating_is_known_or_says_how_it_is_missing(player, rating):
    assert mmr(player) == rating


@pytest.mark.parametrize(
    ("markup", "name", "clan"),
    [
        (b"Maru", "Maru", None),
        (b"&lt;WoS&gt;<sp/>StoicLoofah", "StoicLoofah", "WoS"),
        (b"[mYi]<sp/>Stardust", "Stardust", "mYi"),
        ("&lt;RеG&gt;<sp/>ǨâȐ&amp;".encode(), "ǨâȐ&", "RеG"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}", None),
    ],
)
def test_a_name_is_without_its_clan_and_markup(markup, name, clan):
    assert name_and_clan(markup) == (name, clan)


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        b"",
        b"[]",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"Players": 5}',
        b'{"Players": [1, {"PlayerID": []}]}',
    ],
    ids=["absent", "empty", "a list", "no json", "no utf-8", "nested", "no players", "odd players"],
)
def test_without_usable_metadata_races_come_from_the_lobby_and_the_first_workers(metadata):
    lobby = read_lobby(changed(LADDER, gamemetadata_json=metadata))

    assert players(lobby, "race_actual") == players(read_lobby(Archive(LADDER)), "race_actual")
    assert players(lobby, "mmr_status") == [("absent",), ("absent",)]


@pytest.mark.parametrize(
    ("metadata", "version"),
    [
        (
            {"GameVersion": "5.0.14.94137", "BaseBuild": "Base94137", "DataBuild": "94138"},
            (94137, 94138, "5.0.14.94137"),
        ),
        ({"GameVersion": "5.0.14.94137"}, (24944, None, "5.0.14.94137")),
        ({"GameVersion": "0.0.0.1", "BaseBuild": "Base0", "DataBuild": "0"}, (24944, None, "0.0.0.1")),
        ({"GameVersion": 5, "BaseBuild": [94137], "DataBuild": 94137}, (24944, None, "0.0.0.1")),
        ({"GameVersion": "5.0.14", "BaseBuild": "Base94137x", "DataBuild": "9" * 99}, (24944, None, "0.0.0.1")),
        ({}, (24944, None, "0.0.0.1")),
    ],
)
def test_a_header_without_a_version_takes_the_metadatas(metadata, version):
    lobby = read_lobby(with_header(HEADER_WITHOUT_VERSION, metadata))

    assert (lobby.base_build, lobby.data_build, lobby.game_version) == version


def test_a_base_build_is_in_the_metadata_or_the_header_is_corrupt():
    assert HEADER_WITHOUT_VERSION.count(b"\xe0\x85\x03") == 1  # 24944 as the format writes it
    header = HEADER_WITHOUT_VERSION.replace(b"\xe0\x85\x03", b"\x80\x80\x00")

    assert read_lobby(with_header(header, {"BaseBuild": "Base94137"})).base_build == 94137
    with pytest.raises(ReplayError, match=r"version 0\.0\.0\.1 of base build 0") as raised:
        read_lobby(with_header(header, {}))
    assert raised.value.reason == "corrupt_header"


def test_without_a_readable_lobby_details_and_metadata_are_still_read():
    whole = read_lobby(Archive(LADDER))

    lobby = read_lobby(changed(LADDER, initData=b"no lobby at all"))

    assert (lobby.lobby_build, lobby.random_seed, lobby.player_join) == (None, None, "order")
    assert players(lobby, "player_id", "name", "mmr", "race_actual") == players(
        whole, "player_id", "name", "mmr", "race_actual"
    )


def test_details_are_read_from_the_backup_that_anonymised_packs_leave():
    opened = Archive(LADDER)

    lobby = read_lobby(changed(LADDER, details=None, details_backup=opened.read("replay.details")))

    assert lobby.map_name == read_lobby(opened).map_name


@pytest.mark.parametrize("member", ["gamemetadata_json", "initData"])
def test_a_lobby_or_metadata_of_many_megabytes_is_left_unread(member):
    lobby = read_lobby(changed(LADDER, **{member: b"[" + b"[]," * 2_000_000 + b"[]]"}))

    assert lobby.player_count == 2


def test_details_of_many_megabytes_are_an_error():
    with pytest.raises(ReplayError, match=r"replay\.details: 6000000 bytes uncompressed") as raised:
        read_lobby(changed(LADDER, details=bytes(6_000_000)))

    assert raised.value.reason == "too_large"


def test_a_replay_without_details_has_a_reason():
    with pytest.raises(ReplayError) as raised:
        read_lobby(changed(LADDER, details=None))

    assert (raised.value.reason, raised.value.detail) == ("missing_member", "the archive has no replay.details")


@settings(max_examples=150, deadline=5000)
@given(
    member=st.sampled_from(MEMBERS),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=5),
)
def test_any_damage_to_a_member_gives_a_lobby_or_an_error_of_ours(member, changes):
    content = bytearray(Archive(LADDER).read(member))
    for place, value in changes:
        content[place % len(content)] = value

    try:
        lobby = read_lobby(changed(LADDER, **{member.removeprefix("replay.").replace(".", "_"): bytes(content)}))
    except ReplayError as error:
        assert error.reason  # noqa: PT017 - a lobby is just as welcome
    else:
        assert json.dumps([player.name for player in lobby.players])


@settings(max_examples=150, deadline=5000)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_damage_to_the_header_gives_a_lobby_or_an_error_of_ours(changes):
    opened = Archive(LADDER)
    header = bytearray(opened.header_block)
    for place, value in changes:
        header[place % len(header)] = value
    members = [with_zlib(name, opened.read(name)) for name in MEMBERS]

    try:
        lobby = read_lobby(Archive(archive(*members, header_block=bytes(header))))
    except ReplayError as error:
        assert error.reason  # noqa: PT017 - a lobby is just as welcome
    else:
        assert lobby.players


def test_the_time_is_that_of_the_recording_in_utc():
    played_at = datetime(2024, 2, 29, 23, 59, 58, tzinfo=UTC)

    assert lobby_of(synthetic.ladder_game(3, game_loops=300, played_at=played_at)).played_at == played_at
