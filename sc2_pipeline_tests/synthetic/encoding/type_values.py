"""Hypothesis strategies for values of a protocol's types."""

from typing import Any

from hypothesis import strategies as st

from sc2_pipeline.replay_format.protocols import TypeInfo

_MAX_ITEMS = 4


def values_of(typeinfos: list[TypeInfo], typeid: int) -> st.SearchStrategy[Any]:
    """Complete values of that type, in s2protocol's shape."""
    match typeinfos[typeid]:
        case "_int", [(low, bits)]:
            return st.integers(low, low + (1 << bits) - 1)
        case "_bool", _:
            return st.booleans()
        case "_null", _:
            return st.none()
        case "_fourcc", _:
            return st.binary(min_size=4, max_size=4)
        case "_blob", [(low, bits)]:
            return st.binary(min_size=low, max_size=min(low + (1 << bits) - 1, low + 20))
        case "_bitarray", [(low, bits)]:
            return st.integers(low, min(low + (1 << bits) - 1, 70)).flatmap(
                lambda count: st.tuples(st.just(count), st.integers(0, (1 << count) - 1))
            )
        case "_array", [(low, bits), item]:
            most = min(low + (1 << bits) - 1, low + _MAX_ITEMS)
            return st.lists(values_of(typeinfos, item), min_size=low, max_size=most)
        case "_optional", [item]:
            return st.none() | values_of(typeinfos, item)
        case "_choice", [_, fields]:
            return st.one_of(
                *(st.fixed_dictionaries({name: values_of(typeinfos, item)}) for name, item in fields.values())
            )
        case "_struct", [[("__parent", item, _)]]:
            return values_of(typeinfos, item)
        case "_struct", [fields]:
            return st.fixed_dictionaries({name: values_of(typeinfos, item) for name, item, _ in fields})
    raise AssertionError(typeinfos[typeid])
