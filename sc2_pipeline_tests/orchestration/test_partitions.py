import dagster as dg

from sc2_pipeline.orchestration.partitions import keep_keys, key_ranges


def test_keys_side_by_side_are_one_range_and_others_are_not_touched():
    ranges = key_ranges({"b", "c", "e"}, ["a", "b", "c", "d", "e"], size=300)

    assert ranges == [("b", "c", ("b", "c")), ("e", "e", ("e",))]


def test_a_range_is_split_where_it_grows_past_its_size():
    keys = [f"{number:04}" for number in range(601)]

    assert [len(part) for _, _, part in key_ranges(keys, keys, size=300)] == [300, 300, 1]


def test_a_key_that_does_not_exist_is_in_no_range():
    assert key_ranges({"x"}, ["a"], size=300) == []


def test_keys_added_together_lie_side_by_side_and_are_added_once():
    with dg.DagsterInstance.ephemeral() as instance:
        keep_keys(instance, "things", add=["b", "a"])
        keys = keep_keys(instance, "things", add=["a", "d", "c"], drop=["b", "never was"])

    assert keys == ("a", "d", "c")
