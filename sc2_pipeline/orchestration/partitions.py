"""Partition keys: creating and deleting them, and grouping them into ranges for runs. See ``partitioning`` for their
meaning."""

from collections.abc import Collection, Sequence
from itertools import groupby

import dagster as dg

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def keep_keys(
    instance: dg.DagsterInstance, name: str, *, add: Collection[str], drop: Collection[str] = ()
) -> tuple[str, ...]:
    """Adds and deletes keys of the named dynamic partitions definition. Returns all its keys in the order in which
    Dagster counts ranges."""
    known = set(instance.get_dynamic_partitions(name))
    # Keys added in one call are adjacent, so that one run can take them as a range.
    instance.add_dynamic_partitions(name, [key for key in add if key not in known])
    for key in known.intersection(drop):
        instance.delete_dynamic_partition(name, key)
    return tuple(instance.get_dynamic_partitions(name))


def key_ranges(wanted: Collection[str], keys: Sequence[str], *, size: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """The fewest ranges, of at most ``size`` keys each, that cover exactly ``wanted``: first key, last key, all keys.

    >>> key_ranges({"a", "b", "d"}, ["a", "b", "c", "d"], size=300)
    [('a', 'b', ('a', 'b')), ('d', 'd', ('d',))]
    """
    wanted = set(wanted)
    ranges = []
    for is_wanted, group in groupby(keys, key=lambda key: key in wanted):
        side_by_side = tuple(group) if is_wanted else ()
        for first in range(0, len(side_by_side), size):
            part = side_by_side[first : first + size]
            ranges.append((part[0], part[-1], part))
    return ranges


def range_tags(first: str, last: str) -> dict[str, str]:
    """Tags that make Dagster treat a run as a run over a partition range."""
    return {RANGE_START: first, RANGE_END: last}
