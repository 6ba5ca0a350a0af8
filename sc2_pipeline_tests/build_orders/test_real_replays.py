"""Build orders of real replays, against what the replays themselves say."""

from collections import Counter

import pytest

from sc2_pipeline.build_orders import KINDS, OUTCOMES, START_METHODS, build_orders, read_game
from sc2_pipeline.build_orders.audit import impossible_starts, trained_units
from sc2_pipeline.build_orders.record import SupplySamples
from sc2_pipeline.build_orders.supply import SupplyCurve
from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.mpq import open_archive


def solved(folder):
    """Every replay that has a tracker stream, with its build orders."""
    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() == ".sc2replay":
            try:
                record = read_game(open_archive(path))
            except ReplayError:
                continue
            yield path.name, record, build_orders(record)


def steps_by_unit(orders):
    """What made the unit, not what it became later: morphs are steps of the same tag."""
    steps = {}
    for order in orders:
        for step in (*order.steps, *order.spawned):
            if step.unit_tag is not None and (step.kind != "morph" or step.start_method == "init"):
                steps[step.unit_tag] = step
    return steps


@pytest.fixture(scope="module")
def every_replay(shared_replays):
    return list(solved(shared_replays))


@pytest.mark.slow
def test_no_start_is_impossible(every_replay):
    judged = 0
    for name, record, orders in every_replay:
        starts = {tag: step.started_game_loop for tag, step in steps_by_unit(orders).items()}
        starts = {tag: loop for tag, loop in starts.items() if loop is not None}
        assert list(impossible_starts(record, starts)) == [], name
        judged += sum(unit.tag in starts for unit in trained_units(record))

    assert judged > 10_000


@pytest.mark.slow
def test_structures_and_warp_ins_start_at_their_event(every_replay):
    exact = 0
    for name, record, orders in every_replay:
        steps = steps_by_unit(orders)
        for unit in record.units.values():
            if unit.init is not None and unit.tag in steps:
                step = steps[unit.tag]
                assert (step.started_game_loop, step.start_method) == (unit.init, "init"), name
                exact += 1

    assert exact > 9_000


@pytest.mark.slow
def test_what_hatches_starts_when_the_larva_turned(every_replay):
    exact = 0
    for name, record, orders in every_replay:
        steps = steps_by_unit(orders)
        for unit in record.units.values():
            egg = record.units.get(unit.creator_tag) if unit.creator_tag is not None else None
            if unit.tag not in steps or egg is None or unit.born is None or egg.type_at(unit.born - 1) != "Egg":
                continue
            changes = zip(egg.type_loops, egg.type_names, strict=True)
            turned = max(loop for loop, to in changes if to == "Egg" and loop < unit.born)
            assert (steps[unit.tag].started_game_loop, steps[unit.tag].start_method) == (turned, "egg"), name
            exact += 1

    assert exact > 13_000


@pytest.mark.slow
def test_every_unit_of_a_larva_is_in_a_step_though_births_name_no_egg_of_index_0(every_replay):
    hatched = 0
    for name, record, orders in every_replay:
        if record.lobby.game_mode in ("arcade", "coop") or not record.has_creators:
            continue
        for item in ("Drone", "Overlord", "Roach", "Zergling"):
            units = [u for u in record.units.values() if u.first_type == item and u.born and u.player_id > 0]
            steps = [step for order in orders for step in order.steps if (step.item, step.outcome) == (item, "done")]
            assert sum(step.count for step in steps) == len(units), (name, item)
            hatched += len(units)

    assert hatched > 13_000


@pytest.mark.slow
def test_protoss_units_born_away_from_all_that_can_make_them_are_hallucinations(every_replay):
    """Before base build 55505, where births name no maker: a Phoenix without a Stargate, and a Colossus."""
    found = Counter(
        step.item
        for _, record, orders in every_replay
        if record.lobby.game_mode != "arcade" and not record.lobby.is_coop and not record.has_creators
        for order in orders
        for step in order.spawned
        if (rule := order.context.rules.item(step.item)) and rule.race == "protoss" and rule.kind == "unit"
    )

    assert found == {"Phoenix": 1, "Colossus": 1}


@pytest.mark.slow
def test_every_baneling_is_one_step_and_none_is_cancelled_when_its_time_is_up(every_replay):
    """Before base build 55505 a Baneling is born beside its cocoon, which turns back and dies; later it names it."""
    made = 0
    for name, record, orders in every_replay:
        if record.lobby.game_mode == "arcade":
            continue
        steps = [step for order in orders for step in (*order.steps, *order.spawned) if step.item == "Baneling"]
        done = Counter(step.unit_tag for step in steps if step.outcome == "done")
        born = {unit.tag for unit in record.units.values() if unit.first_type == "Baneling" and unit.born}
        assert born <= done.keys(), name
        assert set(done.values()) <= {1}, name
        given_up = [step for step in steps if step.outcome == "cancelled"]
        assert [step for step in given_up if step.ended_game_loop - step.started_game_loop == 320] == [], name
        made += len(done)

    assert made > 1_000


@pytest.mark.slow
def test_every_step_keeps_the_vocabulary_and_its_own_limits(every_replay):
    for name, _, orders in every_replay:
        for order in orders:
            for step in (*order.steps, *order.spawned):
                assert step.kind in KINDS
                assert step.start_method in START_METHODS
                assert step.outcome in OUTCOMES
                assert (step.finished_game_loop is not None) == (step.outcome == "done"), name
                assert (step.started_game_loop is None) == (step.start_method == "unknown")
                if step.start_method == "bounded":
                    assert step.earliest_start_game_loop <= step.latest_start_game_loop, name
                if step.started_game_loop is not None and step.finished_game_loop is not None:
                    assert 0 <= step.started_game_loop <= step.finished_game_loop, (name, step)


@pytest.mark.slow
def test_nearly_every_ladder_start_is_exact(every_replay):
    methods = Counter()
    for _, record, orders in every_replay:
        if record.has_creators and record.lobby.game_mode == "1v1":
            methods.update(step.start_method for order in orders for step in order.steps)

    exact = sum(methods[method] for method in ("init", "egg", "cocoon", "command"))
    assert exact / methods.total() > 0.94
    assert methods["bounded"] + methods["unknown"] < 0.012 * methods.total()


@pytest.mark.slow
def test_supply_agrees_with_the_clients_next_sample(every_replay):
    """The curve runs 160 game loops from one sample to the next without looking: it must arrive."""
    arrived = total = 0
    for _, record, orders in every_replay:
        if record.lobby.game_mode != "1v1" or not record.has_creators:
            continue
        for order in orders:
            samples = record.supply[order.context.player.player_id]
            for at in range(1, len(samples.game_loops) - 1, 7):
                one = SupplySamples(
                    game_loops=samples.game_loops[at - 1 : at],
                    used=samples.used[at - 1 : at],
                    cap=samples.cap[at - 1 : at],
                )
                used, _ = SupplyCurve(one, order.context, order.steps).before(samples.game_loops[at])
                arrived += used == samples.used[at]
                total += 1

    assert arrived / total > 0.9


def test_an_opening_reads_as_it_was_played(shared_replays):
    path = shared_replays / "StoicLoofah+spawningtool" / "patch_5_0_13_tvp.SC2Replay"
    orders = {o.context.player.race_actual: o for o in build_orders(read_game(open_archive(path)))}

    opening = [(step.started_game_loop, step.supply_used, step.display_name) for step in orders["terran"].steps[:7]]

    assert opening == [
        (16, 12, "SCV"),
        (288, 13, "SCV"),
        (389, 14, "Supply Depot"),
        (559, 14, "SCV"),
        (870, 15, "SCV"),
        (904, 16, "Barracks"),
        (968, 16, "Refinery"),
    ]


def test_chrono_boost_is_solved_for_the_structure_it_was_cast_on(shared_replays):
    path = shared_replays / "StoicLoofah+spawningtool" / "patch_5_0_13_tvp.SC2Replay"
    orders = {o.context.player.race_actual: o for o in build_orders(read_game(open_archive(path)))}

    adepts = [step for step in orders["protoss"].steps if step.item == "Adept"][:2]

    assert [(step.started_game_loop, step.start_method, step.is_chronoboosted) for step in adepts] == [
        (2676, "command", True),
        (3127, "command", True),
    ]
    assert [step.finished_game_loop - step.started_game_loop for step in adepts] == [451, 448]


@pytest.mark.slow
def test_what_a_larva_was_told_to_become_is_what_hatched(every_replay):
    """Of eggs that hatched both are known: so the orders can be trusted for those that did not."""
    told, named = Counter(), Counter()
    for name, _, orders in every_replay:
        for order in orders:
            for step in order.steps:
                if step.start_method != "egg":
                    continue
                if step.outcome != "done":
                    named[step.item is not None] += 1
                    continue
                item = order.context.ordered.item_of_egg(step.producer_tag, step.started_game_loop)
                assert item in (None, step.item), (name, step)
                told[item is not None] += 1

    assert told[True] > 12_000
    assert named[True] > 0.85 * named.total()


@pytest.mark.slow
def test_research_that_was_given_up_or_lost_leaves_time_for_no_other_at_its_structure(every_replay):
    outcomes = Counter()
    for name, record, orders in every_replay:
        for order in orders:
            research = [step for step in order.steps if step.kind == "upgrade"]
            for step in research:
                if step.outcome == "done":
                    continue
                outcomes[step.outcome] += 1
                end = record.last_game_loop if step.ended_game_loop is None else step.ended_game_loop
                assert step.start_method == "command", name
                assert step.started_game_loop < end <= record.last_game_loop, (name, step)
                beside = [
                    other
                    for other in research
                    if other is not step
                    and other.producer_tag == step.producer_tag
                    and step.started_game_loop <= other.order_game_loop < end
                ]
                assert beside == [], (name, step)
                # Nobody researches the same thing twice at a time, nor again what he has.
                assert not any(
                    other.item == step.item and other.outcome == "done" and other.order_game_loop < end
                    for other in research
                ), (name, step)

    assert outcomes["cancelled"] > 20
    assert outcomes["unfinished"] > 40
    assert outcomes["destroyed"] > 5
