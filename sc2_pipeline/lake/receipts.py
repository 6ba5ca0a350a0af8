"""The content of ``extract.json``: where the rows of one part of a replay lie, how many there are, and the settings behind them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sc2_pipeline.lake.marks import FileMark, difference, told_marks
from sc2_pipeline.lake.promise import Lake
from sc2_pipeline.sources.base import Shape
from sc2_pipeline.tables import schema_version, tables_of

RECEIPTS_AT_ONCE = 1_000
"""How many receipts are read from the lake and held in memory at a time."""


_UNDIVIDED_SCHEMA = "4a669c73"
"""Schema version of the source sc2 before 0.1.0, when one extraction held streams, solved rows and observation. Its observed rows
have the columns of ``_FIRST_OBSERVATION_SCHEMA``, so the game need not run again for them."""

_FIRST_OBSERVATION_SCHEMA = "21e6a944"

_ASKED_OF_THE_GAME = ("observation", "step_mul", "until", "fog", "detail", "observe_computers", "game_differences")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The result of one extraction of one part. ``folder`` is relative to the lake, ``rows`` are row counts by table."""

    replay_id: str
    part: str
    settings: str
    folder: str
    rows: dict[str, int]
    bytes: int
    seconds: float
    is_complete: bool


def extraction_folder(part: str, replay_id: str, settings: str) -> str:
    """Where a part of a replay's rows lies, relative to the lake; always with forward slashes."""
    return f"{part}/{replay_id[:2]}/{replay_id}.{settings}"


def has_declared_schema(content: Mapping[str, Any], part: str) -> bool:
    """Whether, by ``extract.json``, the tables have the columns and types that this release declares for the part."""
    shape = shape_told(content)
    return shape is not None and shape.get("schema") == schema_version(tables_of(part))


def standing_folders(lake: Lake, folders: Sequence[str]) -> set[str]:
    """The folders that are whole and hold their own receipt."""
    standing: set[str] = set()
    for first in range(0, len(folders), RECEIPTS_AT_ONCE):
        contents = lake.receipts(folders[first : first + RECEIPTS_AT_ONCE])
        standing |= {folder for folder, content in contents.items() if receipt_at(content, folder) is not None}
    return standing


def receipt_at(content: Mapping[str, Any], folder: str) -> Receipt | None:
    """The receipt if it names this folder; None for one that was copied from another folder."""
    receipt = receipt_of(content)
    return receipt if receipt is not None and receipt.folder == folder else None


def shape_told(content: Mapping[str, Any]) -> Shape | None:
    """The settings and schema that shaped the rows, from ``extract.json``; None when it has none."""
    shape = content.get("shape")
    if not isinstance(shape, Mapping):
        return None
    if "part" in shape or shape.get("schema") != _UNDIVIDED_SCHEMA:
        return shape
    asked = {name: shape.get(name) for name in _ASKED_OF_THE_GAME}
    return {"part": "observation", "schema": _FIRST_OBSERVATION_SCHEMA, **asked}


def receipt_of(content: Mapping[str, Any]) -> Receipt | None:
    """The receipt in the content of ``extract.json``; None when it has no valid one."""
    try:
        told = dict(content["receipt"])
        if (source := told.pop("source", None)) is not None:
            # Undivided, from before 0.1.0.
            told["part"] = "observation" if source == "sc2" else "streams"
            told["rows"] = {
                table.name: told["rows"][table.name] for table in tables_of(told["part"]) if table.name in told["rows"]
            }
        receipt = Receipt(**told)
    except (KeyError, TypeError, ValueError):
        return None
    return receipt if isinstance(receipt.rows, dict) and isinstance(receipt.folder, str) else None


def folder_faults(
    content: Mapping[str, Any], receipt: Receipt, marks: Mapping[str, FileMark], compacted: Collection[str] = ()
) -> dict[str, str]:
    """What is wrong with files of a whole folder, by table, judged by their ``marks``.

    A file that compaction removed counts as missing unless its table is named in ``compacted``.
    """
    told = told_marks(content)
    faults = {table: difference(told.get(table), marks.get(table)) for table in receipt.rows}
    return {
        table: what for table, what in faults.items() if what is not None and (table in marks or table not in compacted)
    }
