"""Names of openers: scripted builds, and real games read by hand (``openers_read_by_hand.csv``)."""

import csv
from pathlib import Path

from sc2_pipeline_tests.pipeline.homes import query

READ = Path(__file__).parent / "openers_read_by_hand.csv"
DISAGREEMENTS = 3


def test_real_games_are_called_what_a_person_calls_them(real_run):
    named = {
        (file_name, player_id): (opener, plan)
        for file_name, player_id, opener, plan in query(
            real_run.home,
            "select file_name, player_id, opener, plan from marts.fct_openers join marts.dim_replays using (replay_id)",
        )
    }
    with READ.open(encoding="utf-8", newline="") as file:
        read = {(row["file_name"], int(row["player_id"])): (row["opener"], row["plan"]) for row in csv.DictReader(file)}

    assert len({file_name for file_name, _ in read}) >= 60
    wrong = {one: (words, named[one]) for one, words in read.items() if named[one] != words}
    assert len(wrong) <= DISAGREEMENTS, wrong


def test_four_of_five_openers_and_plans_of_real_1v1s_are_named(real_run):
    [(openers, plans, players)] = query(
        real_run.home,
        "select avg((opener != 'other')::int), avg((plan != 'other')::int), count(*)"
        " from marts.fct_openers join marts.games using (replay_id) where game_mode = '1v1' and left_out_by is null",
    )

    assert players > 150
    assert min(openers, plans) >= 0.8


def test_games_without_an_opening_of_their_own_have_no_name(real_run):
    modes = query(
        real_run.home,
        "select distinct game_mode, is_resumed from marts.fct_openers join marts.dim_replays using (replay_id)",
    )

    assert not {mode for mode, _ in modes} & {"coop", "arcade"}
    assert not any(is_resumed for _, is_resumed in modes)
