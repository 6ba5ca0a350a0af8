"""Corrects rows of a game that deviates from the assumptions, so that columns keep their meaning."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.sc2_client.traits import MINUTE_OF_RATES, NEUTRAL_OWNER, GameTraits

OWN_TAGS = 1 << 62
"""Added to the API's tags if they differ from the tracker's: larger than any tracker tag, so that no join matches."""

_TAG_BITS = OWN_TAGS - 1
_RATES = ("minerals_per_minute", "vespene_per_minute")


def mended(batch: pa.RecordBatch, traits: GameTraits) -> pa.RecordBatch:
    """The batch of a raw table with the affected columns corrected."""
    for name, column in (*_tags(batch, traits), *_owners(batch, traits), *_figures(batch, traits)):
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, batch.schema.field(place), column)
    return batch


def _tags(batch: pa.RecordBatch, traits: GameTraits) -> Iterator[tuple[str, pa.Array]]:
    """Tags outside the tracker's range, derived from the API's. A remembered unit has none, as always."""
    if traits.tags_are_the_trackers:
        return
    for name in batch.schema.names:
        if name.endswith("unit_tag"):
            own = _own_tags(batch[f"{name.removesuffix('unit_tag')}api_tag"])
            is_remembered = name == "unit_tag" and "display_type" in batch.schema.names
            yield name, _without_remembered(own, batch["display_type"]) if is_remembered else own
        elif name == "unit_tags":
            lists = batch["api_tags"].to_pylist()
            own_lists = [tags and [tag & _TAG_BITS | OWN_TAGS for tag in tags] for tags in lists]
            yield name, pa.array(own_lists, pa.list_(pa.int64()))


def _own_tags(api_tags: pa.Array) -> pa.Array:
    bits = pc.bit_wise_and(api_tags, pa.scalar(_TAG_BITS, pa.uint64()))
    return pc.cast(pc.bit_wise_or(bits, pa.scalar(OWN_TAGS, pa.uint64())), pa.int64())


def _without_remembered(tags: pa.Array, display_types: pa.Array) -> pa.Array:
    is_remembered = pc.fill_null(pc.equal(display_types, "snapshot"), False)
    return pc.if_else(is_remembered, pa.scalar(None, pa.int64()), tags)


def _owners(batch: pa.RecordBatch, traits: GameTraits) -> Iterator[tuple[str, pa.Array]]:
    """Gives neutral units the owner that other games report."""
    if traits.neutral_owner == NEUTRAL_OWNER or not {"player_id", "alliance"} <= set(batch.schema.names):
        return
    owners = batch["player_id"]
    is_nobodys = pc.and_(pc.equal(batch["alliance"], "neutral"), pc.equal(owners, traits.neutral_owner))
    yield "player_id", pc.if_else(pc.fill_null(is_nobodys, False), pa.scalar(NEUTRAL_OWNER, owners.type), owners)


def _figures(batch: pa.RecordBatch, traits: GameTraits) -> Iterator[tuple[str, pa.Array]]:
    """Converts rates to minutes at Faster, and sets sums that never change to NULL."""
    if "minerals_per_minute" not in batch.schema.names:
        return
    if traits.rate_minute_game_loops != MINUTE_OF_RATES:
        factor = MINUTE_OF_RATES / traits.rate_minute_game_loops
        for name in _RATES:
            yield name, pc.cast(pc.multiply(batch[name], factor), batch[name].type)
    if not traits.collected_vespene_works:
        yield "vespene_collected", pa.nulls(batch.num_rows, batch["vespene_collected"].type)
