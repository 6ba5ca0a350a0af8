"""Replays and the games in them, players, maps and types."""

from datetime import UTC, datetime

import pytest

from sc2_pipeline.sql_models import read_tests
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows


@pytest.mark.parametrize(
    ("canonical", "others"),
    [
        ({"tracker_complete": True}, [{"tracker_complete": False, "duration_game_loops": 99999}]),
        ({"duration_game_loops": 9001}, [{"duration_game_loops": 9000}]),
        ({}, [{}, {}]),
    ],
)
def test_one_file_stands_for_a_game(canonical, others):
    files = [Game(f"{number:016}", game="one game", **facts) for number, facts in enumerate([canonical, *others])]
    for file in files:
        file.player(1, "zerg").player(2, "zerg")

    marts = marts_of(*reversed(files))

    assert rows(marts, "select replay_id from marts.dim_replays where is_canonical") == [(f"{0:016}",)]
    assert rows(marts, "select distinct replay_id from marts.player_game_summary") == [(f"{0:016}",)]


def test_a_continuation_counts_and_names_its_original():
    original = Game("1" * 16, game="one", duration_game_loops=9_000, game_events_checksums=[1, 2, 3, 4])
    continuation = Game("2" * 16, game="one", duration_game_loops=8_000, game_events_checksums=[1, 2, 3, 5])
    continuation.taken_over(7_000, byte_offset=3_500)

    marts = marts_of(original.player(1, "zerg", result="victory"), continuation.player(1, "zerg", result="defeat"))

    told = "is_canonical, canonical_by, is_resumed, resumed_at_game_loop, continues_replay_id, game_known_by"
    assert rows(marts, f"select replay_id, {told} from marts.dim_replays order by replay_id") == [
        ("1" * 16, False, "takeover", False, None, None, "game_events"),
        ("2" * 16, True, "takeover", True, 7_000, "1" * 16, "game_events"),
    ]
    assert rows(marts, "select result, is_resumed from marts.player_game_summary") == [("defeat", True)]


@pytest.mark.parametrize(
    ("game_mode", "sides", "matchup"),
    [
        ("1v1", ["zerg", "protoss"], "PvZ"),
        ("1v1", ["terran", "terran"], "TvT"),
        ("2v2", ["zerg terran", "protoss zerg"], "PZvTZ"),
        ("other", ["zerg terran", "protoss"], "PvTZ"),
        ("ffa", ["zerg", "terran", "protoss"], "FFA"),
        ("1v1", ["zerg"], None),
        ("1v1", ["zerg", "unknown"], None),
        ("coop", ["zerg", "protoss"], None),
        ("arcade", ["zerg", "protoss"], None),
    ],
)
def test_a_matchup_names_the_races_of_the_sides(game_mode, sides, matchup):
    game = Game(game_mode=game_mode)
    races = [(team, race) for team, races in enumerate(sides) for race in races.split()]
    for number, (team, race) in enumerate(races, 1):
        game.player(number, None if race == "unknown" else race, team=team)

    marts = marts_of(game)

    assert rows(marts, "select matchup from marts.dim_replays") == [(matchup,)]


def test_a_game_began_its_duration_before_it_was_played():
    game = Game(played_at=datetime(2025, 3, 1, 12, 10, tzinfo=UTC), duration_game_loops=13440)

    marts = marts_of(game.player(1, "zerg", toon_handle="2-S2-1-77"))

    assert rows(
        marts,
        "select epoch(started_at)::bigint, duration_seconds, duration_normal_seconds, region from marts.dim_replays",
    ) == [(int(datetime(2025, 3, 1, 12, 0, tzinfo=UTC).timestamp()), 600.0, 840.0, "eu")]


@pytest.mark.parametrize(
    ("result", "is_winner"), [("victory", True), ("defeat", False), ("tie", False), ("undecided", None), (None, None)]
)
def test_only_a_decided_game_has_winners_and_losers(result, is_winner):
    marts = marts_of(Game().player(1, "zerg", result=result))

    assert rows(marts, "select result, is_winner from marts.fct_replay_players") == [(result, is_winner)]


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        (["victory", "undecided"], ["victory", "victory"]),
        (["victory", None], ["victory", "victory"]),
        (["victory", "defeat"], ["victory", "victory"]),
        (["undecided", "defeat"], ["defeat", "defeat"]),
        (["undecided", "undecided"], ["undecided", "undecided"]),
        ([None, "undecided"], [None, "undecided"]),
    ],
)
def test_coop_partners_share_their_result(recorded, told):
    game = Game(game_mode="coop", is_coop=True)
    for number, result in enumerate(recorded, 1):
        game.player(number, "zerg", commander="Kerrigan", result=result)
    game.player(3, "terran", is_computer=True)

    marts = marts_of(game)

    is_won = told[0] == "victory" if told[0] in ("victory", "defeat") else None
    assert rows(marts, "select result from marts.fct_replay_players order by player_id") == [
        *((result,) for result in told),
        ("undecided",),
    ]
    assert rows(marts, "select is_won, computer_count from marts.fct_coop_games") == [(is_won, 1)]
    assert rows(marts, "select distinct is_winner from marts.fct_coop_players") == [(is_won,)]


def test_a_team_shares_its_result():
    game = Game(game_mode="2v2")
    for number, result in enumerate(["victory", "undecided", "undecided", "defeat"], 1):
        game.player(number, "zerg", team=(number - 1) // 2, result=result)

    assert rows(marts_of(game), "select is_winner from marts.fct_replay_players order by player_id") == [
        (True,),
        (True,),
        (False,),
        (False,),
    ]


def test_a_game_that_two_sides_won_is_undecided_and_warned_of():
    game = Game().player(1, "zerg", result="victory").player(2, "terran", result="victory")
    sound = Game("b" * 16).player(1, "zerg", result="victory").player(2, "terran", result="defeat")

    marts = marts_of(game, sound)

    told = "select result, is_winner from marts.fct_replay_players where replay_id = ? order by player_id"
    assert marts.execute(told, ["a" * 16]).fetchall() == [("undecided", None), ("undecided", None)]
    assert marts.execute(told, ["b" * 16]).fetchall() == [("victory", True), ("defeat", False)]
    [warning] = [test for test in read_tests() if test.name == "one_side_wins"]
    assert warning.severity == "warn"
    assert rows(marts, warning.sql) == [("a" * 16, 2)]


def test_players_of_an_arcade_map_keep_the_results_it_gave_them():
    game = Game(game_mode="arcade")
    for number, result in enumerate(["victory", "undecided", "victory"], 1):
        game.player(number, "zerg", team=number // 2, result=result)

    assert rows(marts_of(game), "select result from marts.fct_replay_players order by player_id") == [
        ("victory",),
        ("undecided",),
        ("victory",),
    ]


def test_a_game_against_a_computer_is_marked_where_it_is_counted():
    against = Game(is_vs_ai=True).player(1, "zerg", result="victory").player(2, "terran", is_computer=True)
    ladder = Game("b" * 16).player(1, "zerg", result="victory").player(2, "terran", result="defeat")

    marts = marts_of(against, ladder)

    counted = "select replay_id, player_id, is_vs_ai, is_computer from marts.player_game_summary order by all"
    assert rows(marts, counted) == [
        ("a" * 16, 1, True, False),
        ("a" * 16, 2, True, True),
        ("b" * 16, 1, False, False),
        ("b" * 16, 2, False, False),
    ]


def test_people_are_accounts_and_games_are_counted_once():
    first = Game("1" * 16, game="game 1", played_at=datetime(2025, 1, 1, tzinfo=UTC))
    again = Game("2" * 16, game="game 1", played_at=datetime(2025, 1, 1, tzinfo=UTC))
    later = Game("3" * 16, game="game 3", played_at=datetime(2025, 2, 1, tzinfo=UTC))
    for file in (first, again):
        file.player(1, "zerg", name="lIlI", toon_handle="1-S2-1-5", result="victory", mmr=4000)
    later.player(1, "zerg", name="Smurf", toon_handle="1-S2-1-5", result="defeat")
    later.player(2, "zerg", name="lIlI", toon_handle="3-S2-1-6").player(3, "zerg", name="Bot", toon_handle=None)
    later.player(4, "zerg", name="A.I. 1", is_computer=True)

    marts = marts_of(first, again, later)

    assert rows(
        marts,
        "select player_key, name, names_seen, region, is_bot, replay_count, game_count, win_count, last_mmr"
        " from marts.dim_players order by player_key",
    ) == [
        ("1-S2-1-5", "Smurf", ["Smurf", "lIlI"], "us", False, 3, 2, 1, 4000),
        ("3-S2-1-6", "lIlI", ["lIlI"], "kr", False, 1, 1, 0, None),
        ("bot:Bot", "Bot", ["Bot"], None, True, 1, 1, 0, None),
    ]


def test_names_are_kept_with_the_days_they_were_seen_on():
    days = [datetime(2025, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    files = [Game(f"{day:%d}" * 8, played_at=day) for day in days]
    for file, name in zip(files, ("Old", "New", "Old"), strict=True):
        file.player(1, "zerg", name=name, toon_handle="1-S2-1-5")

    marts = marts_of(*files)

    assert rows(
        marts,
        "select name, game_count, epoch_ms(first_played_at), epoch_ms(last_played_at) from marts.dim_player_names"
        " order by name",
    ) == [
        ("New", 1, *(int(day.timestamp() * 1000) for day in (days[1], days[1]))),
        ("Old", 2, *(int(day.timestamp() * 1000) for day in (days[0], days[2]))),
    ]


@pytest.mark.parametrize(
    ("numbers", "region"),
    [([6], "sea"), ([98], "xx"), ([10], None), ([1, 2], None), ([5, 3, 5], "cn"), ([3, 7, 7], "kr"), ([], None)],
)
def test_a_replay_was_played_where_most_accounts_are(numbers, region):
    game = Game()
    for player_id, number in enumerate(numbers, 1):
        game.player(player_id, "zerg", toon_handle=f"{number}-S2-1-{player_id}")
    game.player(9, "zerg", is_computer=True)

    marts = marts_of(game)

    assert rows(marts, "select region from marts.games") == [(region,)]


def test_a_game_has_one_row_that_says_who_beat_whom():
    played_at = datetime(2025, 3, 1, 22, 10, tzinfo=UTC)
    file = {"game": "g", "played_at": played_at, "map_name": "Oxide LE", "map_hash": "ab"}
    files = [Game("1" * 16, **file), Game("2" * 16, **file)]
    for one in files:
        one.player(1, "zerg", name="Loser", mmr=4000, result="defeat")
        one.player(2, "protoss", name="Winner", mmr=4100, result="victory")

    marts = marts_of(*files)
    marts.execute("set timezone = 'Asia/Seoul'")

    assert rows(
        marts,
        "select replay_id, players, races, ratings, winner, loser, matchup, map_key, map_name, patch, game_mode,"
        " duration_minutes, played_on::text, file_name from marts.games",
    ) == [
        (
            *(
                "1" * 16,
                ["Loser", "Winner"],
                ["Zerg", "Protoss"],
                [4000, 4100],
                "Winner",
                "Loser",
                "PvZ",
                "ab",
                "Oxide LE",
            ),
            *("5.0.11", "1v1", 10.0, "2025-03-01", "scripted.SC2Replay"),
        )
    ]
    assert rows(
        marts,
        "select name, mmr, is_winner, opponent_name, opponent_race_actual, opponent_mmr, opponent_units_lost, map_name"
        " from marts.players_in_games order by player_id",
    ) == [
        ("Loser", 4000, False, "Winner", "Protoss", 4100, 0, "Oxide LE"),
        ("Winner", 4100, True, "Loser", "Zerg", 4000, 0, "Oxide LE"),
    ]


def test_nobody_wins_a_tie_and_partners_win_together():
    tie = Game("1" * 16).player(1, "zerg", result="tie").player(2, "terran", result="tie")
    team = Game("2" * 16, game_mode="2v2")
    for player_id, result in enumerate(("victory", "victory", "defeat", "defeat"), 1):
        team.player(player_id, "zerg", (player_id - 1) // 2, result=result)

    marts = marts_of(tie, team)

    assert rows(marts, "select winner, loser from marts.games order by replay_id") == [
        (None, None),
        ("player 1 + player 2", "player 3 + player 4"),
    ]


def test_both_archon_partners_are_people():
    game = Game(game_mode="archon").player(
        1, "zerg", name="Head", toon_handle="2-S2-1-1", partner_name="Hand", partner_toon_handle="2-S2-1-2"
    )
    game.player(2, "zerg", is_computer=True)

    marts = marts_of(game)

    assert rows(marts, "select player_key, player_id, name from marts.players_in_games order by all") == [
        ("2-S2-1-1", 1, "Head"),
        ("2-S2-1-2", 1, "Hand"),
    ]

    assert rows(marts, "select player_key, name from marts.dim_players order by all") == [
        ("2-S2-1-1", "Head"),
        ("2-S2-1-2", "Hand"),
    ]


def test_types_that_game_data_lack_are_unknown_and_listed():
    marts = marts_of(Game().player(1, "zerg").born(0, 1, "Plogister").born(0, 2, "Zergling"))

    assert rows(
        marts,
        "select unit_type, race, category, minerals, supply, is_known, replay_count from marts.dim_unit_types"
        " where replay_count > 0 order by all",
    ) == [("Plogister", "Unknown", "unknown", None, None, False, 1), ("Zergling", "Zerg", "army", 25, 0.5, True, 1)]


def test_coop_partners_fight_the_computer_whatever_their_teams():
    game = Game(game_mode="coop", is_coop=True).player(1, "zerg", team=0, commander="Kerrigan")
    game.player(2, "protoss", team=1, commander="Artanis").player(3, "terran", team=0, is_computer=True)
    game.born(0, 1, "Marine", 3).died(500, 1, 1).born(0, 2, "Zergling", 1).died(600, 2, 2)

    marts = marts_of(game)

    assert rows(marts, "select player_id, side from marts.fct_replay_players order by player_id") == [
        (1, "people"),
        (2, "people"),
        (3, "computer"),
    ]
    assert rows(marts, "select player_id, killer_side from marts.fct_unit_deaths order by game_loop") == [
        (3, "enemy"),
        (1, "ally"),
    ]


def test_players_who_are_all_on_one_team_fight_one_another():
    game = Game(game_mode="other").player(1, "zerg", team=0).player(2, "terran", team=0)
    game.born(0, 1, "Marine", 2).died(500, 1, 1)

    marts = marts_of(game)

    assert rows(marts, "select killer_side from marts.fct_unit_deaths") == [("enemy",)]


def test_a_replay_without_events_has_a_row_and_no_figures():
    marts = marts_of(Game(duration_game_loops=19).player(1, "zerg"))

    assert rows(
        marts,
        "select player_id, spending_quotient, average_unspent, workers_at_3_minutes, supply_blocked_seconds, units_lost"
        " from marts.player_game_summary",
    ) == [(1, None, None, None, None, 0)]
    assert rows(marts, "select count(*) from marts.fct_units") == [(0,)]


STREAM_ENDS = {
    "decided_while_the_recorder_stays": ({}, {1: 8_970, 2: 8_970}, (8_970, "statistics")),
    "decided_as_the_recorder_leaves": ({}, {1: 12_000 - 1, 2: 12_000 - 1}, (12_000 - 1, "statistics")),
    "no_statistics_where_some_were_due": ({}, {1: 9_600, 2: 9_600}, (9_600, "statistics")),
    "stopped_in_the_middle": ({}, {1: 11_840 + 160, 2: 11_840 + 160}, (12_001, "recording")),
    "only_the_winner_stays": ({}, {1: 11_990, 2: 7_777}, (7_777, "statistics")),
    "partners_leave_one_by_one": (
        {"game_mode": "coop", "is_coop": True},
        {1: 11_990, 2: 7_777},
        (11_990, "statistics"),
    ),
    "a_damaged_stream": ({"tracker_complete": False}, {1: 5_005, 2: 5_005}, (12_001, "recording")),
    "a_caster_in_nobodys_seat": ({}, {1: 8_970, 2: 8_970, 5: 12_000}, (8_970, "statistics")),
    "no_statistics": ({}, {}, (12_001, "recording")),
}


@pytest.mark.parametrize("end", STREAM_ENDS)
def test_a_game_is_as_long_as_it_was_played(end):
    facts, last_samples, expected = STREAM_ENDS[end]
    game = Game(duration_game_loops=12_001, **facts).player(1, "zerg").player(2, "protoss").born(5_000, 1, "Zergling")
    for player, last in last_samples.items():
        for game_loop in (*range(0, last, 160), last):
            game.sample(game_loop, player)

    marts = marts_of(game)

    told = "duration_game_loops, duration_known_by, duration_seconds, duration_normal_seconds"
    recording = "recording_game_loops, recording_seconds"
    loops, known_by = expected
    assert rows(marts, f"select {told}, {recording} from marts.dim_replays") == [
        (loops, known_by, loops * 5 / 112, loops / 16, 12_001, 12_001 * 5 / 112)
    ]
    assert rows(marts, "select duration_seconds, recording_seconds from marts.games") == [
        (loops * 5 / 112, 12_001 * 5 / 112)
    ]


def test_an_idle_lobby_is_no_long_game():
    lobby = Game("1" * 16, game_mode="arcade", duration_game_loops=225 * 1344).player(1, "zerg").player(2, "zerg")
    lobby.born(0, 1, "Hatchery").died(900, 1)
    for game_loop in range(0, 225 * 1344, 160):
        lobby.sample(game_loop, 1)
    played = Game("2" * 16, duration_game_loops=13_441).player(1, "zerg").player(2, "zerg").born(13_000, 1, "Drone")

    marts = marts_of(lobby, played)

    longest = "select replay_id, duration_game_loops, duration_known_by from marts.dim_replays order by 2 desc"
    assert rows(marts, longest) == [("2" * 16, 13_441, "recording"), ("1" * 16, 900, "last_event")]


def test_a_game_began_its_recordings_length_before_it_was_saved():
    ended = datetime(2026, 7, 20, 12, 0, tzinfo=UTC)
    game = Game(duration_game_loops=13_440, played_at=ended).player(1, "zerg").player(2, "zerg").born(9_000, 1, "Drone")
    game.sample(6_721, 1).sample(6_721, 2)

    marts = marts_of(game)

    assert rows(marts, "select played_at - started_at = interval 10 minutes from marts.dim_replays") == [(True,)]


def test_who_stays_after_the_game_earns_nothing_of_it():
    game = Game(duration_game_loops=12_001).player(1, "zerg").player(2, "protoss").born(9_000, 1, "Drone")
    for game_loop in range(1440, 3_000, 160):
        game.sample(game_loop, 1, minerals_collection_rate=1000).sample(game_loop, 2, minerals_collection_rate=1000)
    game.sample(3_001, 1, minerals_collection_rate=1000).sample(3_001, 2, minerals_collection_rate=1000)
    game.sample(11_999, 1, minerals_collection_rate=0)

    marts = marts_of(game)

    assert rows(marts, "select distinct average_income from marts.player_game_summary") == [(1000.0,)]


def test_chat_is_what_the_replay_tells_with_the_names_of_who_said_it():
    game = Game().player(1, "zerg", name="Ann").said(112, "glhf", player_id=1, user_id=0)
    game.said(224, "hi", user_id=5, recipient="observers").said(120, "glhf", player_id=1, pass_player_id=2)

    marts = marts_of(game)

    said = "select message_number, seconds, name, user_id, recipient, text from marts.fct_chat order by all"
    assert rows(marts, said) == [(1, 5.0, "Ann", 0, "all", "glhf"), (2, 10.0, None, 5, "observers", "hi")]
