"""Whether the published file is up to date with the writer's file, determined without opening the latter."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.manifest import WrittenWarehouse, written_warehouse
from sc2_pipeline.warehouse.reading.current_file import is_published

if TYPE_CHECKING:
    from sc2_pipeline.warehouse.generation import Generation

State = Literal["none", "unknown", "unreadable", "being_written", "behind", "current"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """State of the published file relative to the writer's: both generations where known, and a sentence."""

    state: State
    generation: int | None
    written_generation: int | None
    said: str


def publication(place: Home) -> Publication:
    """State of the published file; raises HomeError if the manifest cannot be read."""
    from sc2_pipeline.warehouse.reading.published import published_generation  # noqa: PLC0415 - duckdb

    written = written_warehouse(place.manifest)
    if not is_published(place.warehouse):
        return _nothing_published(written)
    try:
        found = published_generation(place.warehouse)
    except HomeError as error:
        return _stands("unreadable", None, written, str(error))
    if written is None or found is None:
        return _stands("unknown", found, written, "published by an earlier release; the next run publishes it anew")
    if written.is_being_written:
        said = f"generation {found.number}; a run is writing the next, or was killed: if none is going on, run again"
        return _stands("being_written", found, written, said)
    if found.name == written.generation_name:
        return _stands("current", found, written, f"generation {found.number}, all that is loaded")
    return _stands("behind", found, written, f"behind: generation {found.number}, and {_loaded(written)}")


def published_cut_streams(place: Home, replay_id: str | None = None) -> dict[str, dict[str, str]]:
    """Faults of event streams by replay and stream, as the published file has them; none where there is no such file."""
    from sc2_pipeline.warehouse.reading.published import cut_streams  # noqa: PLC0415 - duckdb

    try:
        return cut_streams(place.warehouse, replay_id) if is_published(place.warehouse) else {}
    except HomeError:  # What is wrong with the file, its publication says.
        return {}


def _nothing_published(written: WrittenWarehouse | None) -> Publication:
    if written is None:
        return _stands("none", None, written, "nothing yet")
    if written.is_being_written:
        said = "nothing yet; a run is writing the first, or was killed: if none is going on, run again"
        return _stands("being_written", None, written, said)
    return _stands("behind", None, written, f"behind: nothing, and {_loaded(written)}")


def _loaded(written: WrittenWarehouse) -> str:
    return f"generation {written.generation} is loaded; run again, and all that is loaded is published"


def _stands(state: State, found: "Generation | None", written: WrittenWarehouse | None, said: str) -> Publication:
    return Publication(
        state=state,
        generation=found.number if found else None,
        written_generation=written.generation if written else None,
        said=said,
    )
