"""Keys of partitions: how they come to exist, and which of them one run can take. What one holds belongs to ``partitioning``."""

from collections.abc import Collection, Sequence
from itertools import groupby

import dagster as dg

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def keep_keys(
    instance: dg.DagsterInstance, name: str, *, add: Collection[str], drop: Collection[str] = ()
) -> tuple[str, ...]:
    """Makes the keys of ``add`` exist in the set of that name and those of ``drop`` not; all keys in the order in which
    ranges count them."""
    known = set(instance.get_dynamic_partitions(name))
    # Keys of one call lie side by side, so that a run can take them as one range.
    instance.add_dynamic_partitions(name, [key for key in add if key not in known])
    for key in known.intersection(drop):
        instance.delete_dynamic_partition(name, key)
    return tuple(instance.get_dynamic_partitions(name))


def key_ranges(wanted: Collection[str], keys: Sequence[str], *, size: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """First key, last key and all keys of the fewest ranges, of at most ``size``, that take ``wanted`` and no others.

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
    """Tags by which Dagster takes a run for a run over that range of keys."""
    return {RANGE_START: first, RANGE_END: last}
