"""Receipts (``extract.json``) of one part of a replay: the folder of its rows, row counts, and what their shape depends
on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sc2_pipeline.lake.bundles import divided
from sc2_pipeline.lake.marks import FileMark, difference, told_marks
from sc2_pipeline.lake.promise import Lake
from sc2_pipeline.sources.base import Shape
from sc2_pipeline.tables import schema_version, tables_of

RECEIPTS_AT_ONCE = 1_000
"""Receipts read from the lake and held in memory at a time."""


_UNDIVIDED_SCHEMA = "4a669c73"
"""Schema of extractions by source sc2 before 0.1.0, which held streams, solved rows and observations in one. The
observed columns are those of ``_FIRST_OBSERVATION_SCHEMA``, so such replays need no new run of the game."""

_FIRST_OBSERVATION_SCHEMA = "21e6a944"

_ASKED_OF_THE_GAME = ("observation", "step_mul", "until", "fog", "detail", "observe_computers", "game_differences")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Result of one extraction of one part. ``folder`` is relative to the lake; ``rows`` are counts by table."""

    replay_id: str
    part: str
    settings_digest: str
    folder: str
    rows: dict[str, int]
    bytes: int
    seconds: float
    is_complete: bool


def extraction_folder(part: str, replay_id: str, settings_digest: str) -> str:
    """Folder of a part of a replay's rows, relative to the lake; always with forward slashes."""
    return f"{part}/{replay_id[:2]}/{replay_id}.{settings_digest}"


def has_declared_schema(content: Mapping[str, Any], part: str) -> bool:
    """Whether, according to ``extract.json``, the tables have the columns and types that this release declares for the
    part."""
    shape = shape_told(content)
    return shape is not None and shape.get("schema") == schema_version(tables_of(part))


def standing_folders(lake: Lake, folders: Sequence[str]) -> set[str]:
    """Those of the folders that are complete."""
    standing: set[str] = set()
    for first in range(0, len(folders), RECEIPTS_AT_ONCE):
        contents = lake.receipts(folders[first : first + RECEIPTS_AT_ONCE])
        standing |= {folder for folder, content in contents.items() if receipt_at(content, folder) is not None}
    return standing


def receipt_at(content: Mapping[str, Any], folder: str) -> Receipt | None:
    """The receipt of that folder, by the name that it now has; None for one that was copied from another folder."""
    receipt = receipt_of(content)
    return replace(receipt, folder=folder) if receipt is not None and receipt.folder == divided(folder)[1] else None


def shape_told(content: Mapping[str, Any]) -> Shape | None:
    """The shape recorded in ``extract.json``; None if it has none."""
    shape = content.get("shape")
    if not isinstance(shape, Mapping):
        return None
    if "part" in shape or shape.get("schema") != _UNDIVIDED_SCHEMA:
        return shape
    asked = {name: shape.get(name) for name in _ASKED_OF_THE_GAME}
    return {"part": "observation", "schema": _FIRST_OBSERVATION_SCHEMA, **asked}


def receipt_of(content: Mapping[str, Any]) -> Receipt | None:
    """The receipt recorded in ``extract.json``; None if it has none."""
    try:
        told = dict(content["receipt"])
        if (source := told.pop("source", None)) is not None:
            # One extraction for all parts, from before 0.1.0.
            told["part"] = "observation" if source == "sc2" else "streams"
            told["rows"] = {
                table.name: told["rows"][table.name] for table in tables_of(told["part"]) if table.name in told["rows"]
            }
        if (digest := told.pop("settings", None)) is not None:
            told["settings_digest"] = digest
        receipt = Receipt(**told)
    except (KeyError, TypeError, ValueError):
        return None
    return receipt if isinstance(receipt.rows, dict) and isinstance(receipt.folder, str) else None


def folder_faults(
    content: Mapping[str, Any], receipt: Receipt, marks: Mapping[str, FileMark], compacted: Collection[str] = ()
) -> dict[str, str]:
    """What is wrong with the files of a complete folder, by table, judging by their ``marks``.

    Files removed by compaction count as missing unless their table is in ``compacted``.
    """
    told = told_marks(content)
    faults = {table: difference(told.get(table), marks.get(table)) for table in receipt.rows}
    return {
        table: what for table, what in faults.items() if what is not None and (table in marks or table not in compacted)
    }
