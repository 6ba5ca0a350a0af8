"""What ``--sample`` may ask for, and which game loops that is."""

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.sampling import Moments, Sampling, pass_plan, read_sampling

MOMENTS = Moments(
    game_loops=1_000,
    commands={1: [0, 51, 51, 900], 2: [33]},
    unplugged={1: [51, 1_000], 2: [20]},
    fights=((101, 119), (500, 520)),
)


def planned(text: str, *players: int) -> dict[int, str | None]:
    plan = pass_plan(read_sampling(text, step_mul=8, until=None), MOMENTS, players or (1, 2))
    return {loop: plan.sampled_for(loop) for loop in plan.loops(MOMENTS.game_loops)}


@pytest.mark.parametrize(
    ("text", "players", "expected"),
    [
        ("every:400", (1,), {1: None, 400: "every", 800: "every", 1_000: None}),
        ("actions", (1,), {1: "actions", 50: "actions", 899: "actions", 1_000: None}),
        ("actions", (1, 2), {1: "actions", 32: "actions", 50: "actions", 899: "actions", 1_000: None}),
        ("actions:unplugged", (1,), {1: None, 51: "unplugged", 52: "unplugged", 1_000: "unplugged"}),
        ("battles:10", (1,), {1: None, 110: "battles", 500: "battles", 510: "battles", 520: "battles", 1_000: None}),
        ("at:7+3,at:7", (1,), {1: None, 3: "at", 7: "at", 1_000: None}),
        ("every:500,battles:10,from:505", (1,), {1: None, 510: "battles", 520: "battles", 1_000: "every"}),
        ("every:500,actions,until:510", (2,), {1: None, 32: "actions", 500: "every", 510: None}),
        ("every:50,actions,at:50", (1,), {**dict.fromkeys(range(50, 1_001, 50), "every"), 1: "actions", 899: "actions"}
            | {50: "every+actions+at"}),
    ],
)  # fmt: skip
def test_a_plan_is_what_its_parts_ask_for_with_the_first_loop_and_the_last(text, players, expected):
    assert planned(text, *players) == expected


def test_from_and_until_alone_and_no_list_are_of_every_step_mul():
    assert read_sampling("from:100", step_mul=16, until=None) == Sampling(every=16, since=100)
    assert read_sampling(None, step_mul=16, until=50) == Sampling(every=16, until=50)
    assert Settings(sample="every:4,until:90", until=70).sampling == Sampling(every=4, until=70)


def test_a_list_in_another_order_is_the_same_sampling():
    one, other = (
        read_sampling(text, step_mul=8, until=None) for text in ("at:9+5, actions,every:16", "every:16,at:5+9,actions")
    )

    assert one == other
    assert one.text == "every:16,actions,at:5+9"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every", "'every'; give a list of every:N"),
        ("every:0", "every:0"),
        ("at:" + "9" * 5_000, "sample has 'at:99"),
        ("every:-8", "every:-8"),
        ("at:5+x", "at:5"),
        ("actions:all", "actions:all"),
        ("", "sample has ''"),
        ("every:8,every:9", "every twice"),
        ("from:90,until:80", "ends at 80, before it begins at 90"),
    ],
)  # fmt: skip
def test_what_is_no_sampling_is_refused_by_name(text, words):
    with pytest.raises(SettingsError, match=words.replace("+", r"\+")):
        Settings(sample=text)
