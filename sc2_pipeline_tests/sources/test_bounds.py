import contextlib
import subprocess
import sys
import time

import pyarrow as pa
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.tracker import decode_tracker
from sc2_pipeline.sources import bounds
from sc2_pipeline.sources.bounds import BoundedRows, death_pairs, max_events, unit_count_rows, within_budget
from sc2_pipeline_tests.pipeline.hostile_replays import born, died, stats, type_change

LITTLE_TIME = Settings(replay_processor_seconds=0.1)


def _for_ever():
    while True:
        pass


def _hoard():
    hoard = []
    while True:
        hoard.append(bytearray(b"x" * 2**20))


@pytest.mark.parametrize(
    ("work", "settings", "said"),
    [
        (_for_ever, LITTLE_TIME, "more than 0.1 s of processor time"),
        (_hoard, Settings(replay_memory_mb=50), "more than 50 MB of memory"),
    ],
    ids=["processor", "memory"],
)
def test_work_past_its_budget_ends_with_a_reason(work, settings, said):
    with pytest.raises(ReplayError, match=said) as raised:
        within_budget(work, 1, settings)

    assert raised.value.reason == "too_costly"


def test_a_file_of_two_megabytes_has_two_budgets():
    with pytest.raises(ReplayError, match=r"more than 0\.3 s"):
        within_budget(_for_ever, 2**21 + 1, LITTLE_TIME)


def test_what_catches_every_exception_does_not_catch_the_end_of_the_budget():
    def stubborn():
        while True:
            with contextlib.suppress(Exception):
                _for_ever()

    with pytest.raises(ReplayError, match="processor time"):
        within_budget(stubborn, 1, LITTLE_TIME)


def test_an_end_that_a_finalizer_swallows_is_raised_again(monkeypatch):
    monkeypatch.setattr(bounds, "_GRACE_SECONDS", 0.05)
    swallowed = []

    def deaf():
        with contextlib.suppress(BaseException):
            _for_ever()
        swallowed.append(True)
        _for_ever()

    with pytest.raises(ReplayError, match="processor time"):
        within_budget(deaf, 1, LITTLE_TIME)

    assert swallowed


def test_waiting_costs_nothing_and_work_within_its_budget_gives_its_answer():
    never = bounds.threading.Event()

    answer = within_budget(lambda: never.wait(0.3) or "done", 1, LITTLE_TIME)

    assert answer == "done"


def test_nothing_is_raised_once_the_work_is_done():
    for _ in range(200):
        assert within_budget(lambda: 1, 1, Settings()) == 1
        with pytest.raises(KeyError):
            within_budget(lambda: {}["missing"], 1, Settings())

    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass


def test_rows_are_passed_on_up_to_what_a_file_of_its_size_gives(monkeypatch):
    monkeypatch.setattr(bounds, "ROWS_PER_MB", 10)
    taken = []
    rows = BoundedRows(lambda name, batch: taken.append((name, batch.num_rows)), 2**20 + 1)
    batch = pa.RecordBatch.from_pydict({"a": range(9)})

    rows.take("commands", batch)
    rows.take("unit_events", batch)
    with pytest.raises(ReplayError, match="27 rows, where a replay of this size has 20 at most") as raised:
        rows.take("unit_events", batch)

    assert raised.value.reason == "too_costly"
    assert taken == [("commands", 9), ("unit_events", 9)]


@pytest.mark.parametrize(("game_loops", "limit"), [(-5, 100), (0, 100), (10, 120), (2**31, 100 + 2 * 524_288)])
def test_events_are_bounded_by_game_loops_of_which_no_game_has_more_than_two_to_the_nineteenth(game_loops, limit):
    assert max_events((100, 2), game_loops) == limit


def test_counts_of_units_are_at_most_players_and_types_at_every_sample():
    lives = b"".join(
        [
            born(1, b"Larva"),
            born(2, b"Larva"),
            born(3, b"Drone", player=2),
            type_change(1, b"Egg"),
            type_change(2, b"Egg"),
            died(1),
            type_change(9, b"Drone"),
        ]
    )

    events = decode_tracker(lives + stats(1, 160) + stats(2, 0) + stats(1, 160))

    # Larva and Egg of player 1, Drone of player 2, and what nobody was seen to own; twice.
    assert unit_count_rows(events) == 4 * 2


def test_a_stream_without_units_or_without_samples_has_no_counts():
    assert unit_count_rows(decode_tracker(b"")) == 0
    assert unit_count_rows(decode_tracker(born(1))) == 0
    assert unit_count_rows(decode_tracker(stats(1, 1))) == 0


def test_pairs_of_deaths_are_those_of_one_box_and_of_boxes_beside_it_in_space_and_time(monkeypatch):
    monkeypatch.setattr(bounds, "_FEW_DEATHS", 0)
    monkeypatch.setattr(bounds, "_PAIRS_PER_BOX", 0)

    def pairs(*deaths, scale=1):
        stream, before = b"", 0
        for index, (loop, place) in enumerate(sorted(deaths)):
            stream += died(index, place=place, delta=loop - before)
            before = loop
        return death_pairs(decode_tracker(stream), scale)

    # A box with itself and two boxes with one another: two places make four pairs, or three where one box looks for the other.
    assert pairs((0, (1, 1)), (9, (1, 1))) == 1
    assert pairs((0, (1, 1)), (9, (2, 1))) == 4
    assert pairs((0, (1, 1)), (300, (1, 1))) == 3
    assert pairs((0, (1, 1)), (9, (30, 30))) == 4
    assert pairs((0, (1, 1)), (9, (40, 1))) == 2
    assert pairs((0, (1, 1)), (900, (1, 1))) == 2
    assert pairs((0, (1, 1)), (9, (10, 1)), scale=4) == 2


def test_few_deaths_are_not_looked_at_and_every_box_counts_for_pairs():
    few = decode_tracker(b"".join(died(index) for index in range(100)))
    many = decode_tracker(b"".join(died(index, place=(1_000 * index, 1)) for index in range(4_000)))

    assert death_pairs(few, 1) == 10_000
    assert death_pairs(many, 1) == 4_000 * 501


def test_a_budget_that_was_kept_leaves_a_profiled_program_running():
    program = (
        "import sys; from sc2_pipeline.config import Settings; from sc2_pipeline.sources.bounds import within_budget;"
        "sys.setprofile(lambda *_: None);"
        "print(sum(within_budget(lambda: 1, 1, Settings(workers=1)) for _ in range(3)))"
    )

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert result.stdout.strip() == "3"
