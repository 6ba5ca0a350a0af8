"""A patch comes out, as CONTRIBUTING has it: rows in one file, and everything that reads rules heeds them."""

import pytest

from sc2_pipeline.build_orders import build_orders, read_game
from sc2_pipeline.game_rules import LADDER, Moment, coop_modes, digest, rules_at
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.sql_models import read, read_models, sql_folder
from sc2_pipeline_demo.stand_in.known_types import KnownTypes
from sc2_pipeline_demo.synthetic import ladder_game, replay_bytes, write_replay
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows
from sc2_pipeline_tests.pipeline.homes import query, run_home

PATCH = 98310
BEFORE = 97563
SOURCE = "patch notes of 5.0.17, which a test made up"


@pytest.fixture
def patched(rule_book):
    """Marines take 320 game loops and cost 55 since base build 98310, and games begin with 10 workers; but not in co-op."""
    rule_book.end("rules", str(PATCH), subject="Marine", fact="build_time", mode="ladder")
    rule_book.end("rules", str(PATCH), subject="game", fact="start_workers", mode="ladder")
    for fields in (
        {"subject": "Marine", "fact": "build_time", "value": "320", "unit": "game loops"},
        {"subject": "Marine", "fact": "minerals", "value": "55", "unit": "minerals"},
        {"subject": "game", "fact": "start_workers", "value": "10", "unit": "workers"},
    ):
        rule_book.add("rules", **fields, mode="ladder", from_base_build=str(PATCH), source=SOURCE)
    for fact, value in (("build_time", "400"), ("minerals", "50")):
        rule_book.add("rules", subject="Marine", fact=fact, value=value, mode="coop", source="as before")
    return rule_book


def made_up_game(base_build):
    versions = {"game_version": f"5.0.17.{base_build}", "data_version": "0" * 32}
    return ladder_game(4, races=("Terran", "Protoss"), base_build=base_build, game_loops=6000, **versions)


def marines(base_build):
    """How long each Marine took by the writer's own truth, and by the solver with its method."""
    script = made_up_game(base_build)
    made = {one.unit_tag: one for one in script.truth.starts if one.name == "Marine" and one.finished_game_loop}
    truth = {tag: one.finished_game_loop - one.game_loop for tag, one in made.items()}
    orders = build_orders(read_game(Archive(replay_bytes(script))))
    solved = {
        step.unit_tag: (step.finished_game_loop - step.started_game_loop, step.start_method)
        for order in orders
        for step in order.steps
        if step.item == "Marine" and step.outcome == "done"
    }
    return truth, solved


def test_python_sees_it(patched):
    before, since = (rules_at(LADDER, Moment(build)) for build in (BEFORE, PATCH))

    assert before.build_time("Marine") == (400, "ResponseData recorded by python-sc2 (MIT), 5.0.11")
    assert since.build_time("Marine") == (320, SOURCE)
    assert (before.price("Marine"), since.price("Marine")) == ((50, 0), (55, 0))
    of_coop = rules_at(coop_modes(None), Moment(PATCH))
    assert (of_coop.build_time("Marine")[0], of_coop.price("Marine")) == (400, (50, 0))


@pytest.mark.parametrize(("base_build", "game_loops"), [(BEFORE, 400), (PATCH, 320)])
def test_the_writer_of_replays_and_the_solver_see_it(patched, base_build, game_loops):
    truth, solved = marines(base_build)

    assert len(truth) > 2
    assert set(truth.values()) == {game_loops}
    assert truth.keys() == solved.keys()
    # In a queue each is done one game loop sooner.
    assert {method for _, method in solved.values()} == {"command"}
    assert {game_loops} <= {took for took, _ in solved.values()} <= {game_loops, game_loops - 1}


def test_made_up_games_begin_as_the_patch_has_it(patched):
    before, since = (made_up_game(build).tracker_events for build in (BEFORE, PATCH))

    for events, workers in ((before, 8), (since, 10)):
        born = [one for one in events if one["_gameloop"] == 0 and one.get("m_unitTypeName") == b"SCV"]
        assert len(born) == workers


def test_sql_sees_it(patched):
    def game(base_build):
        played = Game(f"{base_build:016x}", base_build=base_build).player(1, "terran").player(2, "zerg")
        return played.born(1000, 1, "Marine", 1).died(2000, 1, 2)

    marts = marts_of(game(BEFORE), game(PATCH))

    assert rows(
        marts,
        "select base_build, started_game_loop, minerals_lost from marts.fct_units"
        " inner join marts.fct_unit_deaths using (replay_id, unit_tag)"
        " inner join marts.dim_replays using (replay_id) order by base_build",
    ) == [(BEFORE, 600, 50), (PATCH, 680, 55)]
    assert rows(
        marts, "select minerals, build_time_game_loops, is_known from marts.dim_unit_types where unit_type = 'Marine'"
    ) == [(55, 320.0, True)]


def test_the_stand_in_game_sees_it(patched):
    before, since = (KnownTypes(build).of("Marine") for build in (BEFORE, PATCH))

    assert (before.build_time, before.minerals) == (400, 50)
    assert (since.build_time, since.minerals) == (320, 55)


def test_what_is_solved_and_built_by_older_rules_is_known_to_be(rule_book):
    digest_before = digest()
    before = {model.relation: model.version for model in read_models(sql_folder())}

    rule_book.add("rules", subject="Marine", fact="minerals", value="55", mode="ladder", source=SOURCE)

    after = {model.relation: model.version for model in read_models(sql_folder())}
    changed = {relation for relation in before if before[relation] != after[relation]}
    assert digest() != digest_before
    assert {"staging.stg_known_rules", "intermediate.int_unit_types", "marts.fct_unit_deaths"} <= changed
    assert "staging.stg_unit_events" not in changed


@pytest.mark.slow
def test_a_corrected_row_reaches_the_marts_of_a_home_at_its_next_run(rule_book, tmp_path, monkeypatch):
    folder, home = tmp_path / "replays", tmp_path / "home"
    write_replay(folder / "a.SC2Replay", ladder_game(3, races=("Terran", "Protoss"), game_loops=9000))
    run_home([folder], home)
    lost = "select sum(minerals_lost)::integer, count(*) from marts.fct_unit_deaths where unit_type = 'Marine'"
    [(before, count)] = query(home, lost)

    rule_book.end("rules", "59587", subject="Marine", fact="minerals", mode="")
    rule_book.add(
        "rules", subject="Marine", fact="minerals", value="60", unit="minerals", from_base_build="59587", source=SOURCE
    )
    monkeypatch.setattr(read, "_own_models", read._own_models.__wrapped__)  # another process would read them anew
    report = run_home([folder], home)

    # Build orders are solved again, though none has another time.
    assert (report.loaded, report.already_loaded) == (1, 0)
    assert query(home, lost) == [(before + 10 * count, count)]
    assert count > 0
    assert query(home, "select value from raw.known_rules where subject = 'Marine' and fact = 'minerals'") == [
        (50.0,),
        (60.0,),
    ]
