"""Tables of schema ``ops``: the status of every replay, copied from the manifest by each load."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from sc2_pipeline.tables.declaration import PARTS, Column, Table

_UTC = pa.timestamp("us", tz="UTC")
_SEVERITIES = ("error", "warning")
STATUSES = ("found", "rejected", "failed", "extracted", "loaded")


def _replay_id() -> Column:
    return Column("replay_id", pa.string(), "First 16 hex digits of the sha256 of the file's bytes.", required=True)


def _source() -> Column:
    return Column("source", pa.string(), "Who extracted it: tracker or sc2.", required=True)


def _part() -> Column:
    return Column(
        "part",
        pa.string(),
        "What was extracted: streams (what the replay says), solved (what is worked out from it) or observation (what the game showed).",
        required=True,
        vocabulary=tuple(PARTS),
    )


def _settings_digest() -> Column:
    return Column("settings_digest", pa.string(), "Short hash of all that shaped the rows.", required=True)


def _at(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, _UTC, description, required=required)


REPLAYS = Table(
    name="replays",
    description="Where every replay stands: loaded, or why not.",
    grain="One row per replay.",
    key=("replay_id",),
    columns=(
        _replay_id(),
        Column("sha256", pa.string(), "sha256 of the file's bytes, in hex; NULL when the file cannot be read."),
        Column("path", pa.string(), "Path it was last seen under.", required=True),
        Column("file_bytes", pa.int64(), "The file's size.", unit="bytes"),
        Column("status", pa.string(), "How far it came.", required=True, vocabulary=STATUSES),
        Column("stage", pa.string(), "Step that decided the status.", required=True),
        Column("reason", pa.string(), "Code of why it stopped there; NULL while nothing stopped it."),
        Column("detail", pa.string(), "The reason as a sentence."),
        Column("attempts", pa.int32(), "Times its extraction was begun.", required=True, minimum=0),
        Column("is_retryable", pa.bool_(), "Another try may succeed.", required=True),
        _at("first_seen_at", "When the replay was first discovered.", required=True),
        _at("updated_at", "When its status last changed.", required=True),
        Column("batch", pa.string(), "Replays it came with, where Dagster's partitions are batches; NULL elsewhere."),
    ),
)

REPLAY_FILES = Table(
    name="replay_files",
    description="Every path a replay was seen under; duplicates share a replay_id.",
    grain="One row per path.",
    key=("path",),
    columns=(
        _replay_id(),
        Column("path", pa.string(), "The file's path.", required=True),
        Column("file_bytes", pa.int64(), "The file's size.", unit="bytes"),
        _at("modified_at", "When the file or its entry last changed, by its file system."),
        _at("first_seen_at", "When the path was first seen.", required=True),
        _at("last_seen_at", "When the path was last seen.", required=True),
    ),
)

RULE_OUTCOMES = Table(
    name="rule_outcomes",
    description="What every rule of a filter set said of every replay, passed or not.",
    grain="One row per replay and rule, of the filter set last applied.",
    key=("replay_id", "rule"),
    columns=(
        _replay_id(),
        Column("filters", pa.string(), "Filter set the rule was applied for.", required=True),
        Column("rule", pa.string(), "The rule's name.", required=True),
        Column("passed", pa.bool_(), "The replay keeps the rule.", required=True),
        Column("observed", pa.string(), "What the rule saw in the replay."),
        Column("wanted", pa.string(), "What the rule asks for."),
    ),
)

ATTEMPTS = Table(
    name="attempts",
    description="Every try to extract a replay, written before it began.",
    grain="One row per try.",
    key=("attempt_id",),
    columns=(
        Column("attempt_id", pa.int64(), "Number of the try in this home, from 1.", required=True),
        _replay_id(),
        Column("run_id", pa.string(), "Run that made it; see ops.runs.", required=True),
        _source(),
        Column(
            "settings_digest",
            pa.string(),
            "Short hash of all that shaped the rows; after @ one of the limits and the install, under which tries are counted.",
            required=True,
        ),
        _at("started_at", "When the try began.", required=True),
        _at(
            "finished_at",
            "When it ended, or was found to have; NULL while it goes on, or when nobody looked since its run died.",
        ),
        Column(
            "outcome",
            pa.string(),
            "extracted, a reason code, worker_died (beside another replay's try), stopped (with its run) or run_died (killed"
            " with its run); NULL while it goes on, or when nobody looked since its run died.",
        ),
        Column("detail", pa.string(), "The outcome as a sentence."),
        Column("is_retryable", pa.bool_(), "Another try may succeed; NULL without an outcome."),
        Column("is_alone", pa.bool_(), "Nothing else was tried meanwhile, in a process of its own."),
        Column(
            "is_forgiven", pa.bool_(), "It no longer counts: --retry-failed, or Dagster's retry, was asked for since."
        ),
        Column(
            "fault_folder",
            pa.string(),
            "Folder of the home's faults with what the game left of a failed try (command fault); NULL for others. Only the last"
            " ones are kept.",
        ),
    ),
)

EXTRACTIONS = Table(
    name="extractions",
    description="Folders of the lake that hold a replay's rows.",
    grain="One row per replay, part and digest of settings.",
    key=("replay_id", "part", "settings_digest"),
    columns=(
        _replay_id(),
        _part(),
        _settings_digest(),
        Column(
            "folder",
            pa.string(),
            "Folder, relative to the lake; for a folder in a bundle the bundle, `!`, and the folder's own name.",
            required=True,
        ),
        Column("rows", pa.int64(), "Rows in all its tables.", unit="rows", required=True, minimum=0),
        Column("bytes", pa.int64(), "Size of its files.", unit="bytes", required=True, minimum=0),
        Column("seconds", pa.float64(), "Time the extraction took.", unit="seconds", required=True, minimum=0),
        _at("extracted_at", "When it was finished.", required=True),
        Column("is_current", pa.bool_(), "It is the one that is loaded or waits to be.", required=True),
        Column("is_complete", pa.bool_(), "What it was extracted from was read to its end.", required=True),
    ),
)

_COUNTS = {
    "files": "Replay files met, duplicates included.",
    "found": "Replays found.",
    "duplicates": "Files whose bytes were met under another path.",
    "rejected": "Replays not wanted or not possible here.",
    "failed": "Replays on which something broke.",
    "pending": "Replays left for a later run.",
    "loaded": "Replays this run loaded.",
    "already_loaded": "Replays an earlier run had loaded.",
}

RUNS = Table(
    name="runs",
    description="Every run of the pipeline on this home, up to the last that changed what is known of a replay.",
    grain="One row per run.",
    key=("run_id",),
    columns=(
        Column("run_id", pa.string(), "The run.", required=True),
        _at("started_at", "When it began.", required=True),
        _at("finished_at", "When it ended; NULL while it goes on, or when it was killed."),
        Column("command", pa.string(), "Command that started it.", required=True),
        Column("source", pa.string(), "Source asked for: tracker, sc2 or auto.", required=True),
        Column("filters", pa.string(), "Filter set applied.", required=True),
        Column("outcome", pa.string(), "finished, cancelled or failed; NULL while it goes on, or when it was killed."),
        *(
            Column(name, pa.int64(), text, unit="files" if name in ("files", "duplicates") else "replays")
            for name, text in _COUNTS.items()
        ),
        Column("seconds", pa.float64(), "Time it took.", unit="seconds"),
    ),
)

QUARANTINED_ROWS = Table(
    name="quarantined_rows",
    description="Rows that broke a check of their raw table and were left out of it.",
    grain="One row per raw row left out and check it broke.",
    key=(),
    columns=(
        _replay_id(),
        _source(),
        Column("table_name", pa.string(), "Raw table it was meant for.", required=True),
        Column("column_name", pa.string(), "Column that broke the check; NULL for a check of whole rows."),
        Column("check_name", pa.string(), "The check.", required=True),
        Column("row_json", pa.string(), "The whole row as JSON.", required=True),
        _at("quarantined_at", "When it was left out.", required=True),
    ),
)

CHECK_OUTCOMES = Table(
    name="check_outcomes",
    description="What the checks of raw tables and of relations between their rows found.",
    grain="One row per replay, source, table and check.",
    key=("replay_id", "source", "table_name", "check_name"),
    columns=(
        _replay_id(),
        _source(),
        Column("table_name", pa.string(), "Raw table checked.", required=True),
        Column("check_name", pa.string(), "The check.", required=True),
        Column("severity", pa.string(), "What a broken check costs.", required=True, vocabulary=_SEVERITIES),
        Column("failed_rows", pa.int64(), "Rows that broke it.", unit="rows", required=True, minimum=0),
        Column("detail", pa.string(), "What was seen, as a sentence."),
    ),
)

MART_TEST_FAILURES = Table(
    name="mart_test_failures",
    description="Replays whose rows break a test of the marts. They are loaded all the same: the fault is sc2_pipeline's.",
    grain="One row per replay and test that it breaks, of its last load.",
    key=(),
    columns=(
        _replay_id(),
        Column("relation", pa.string(), "Mart that was tested; NULL for a test of several."),
        Column("test_name", pa.string(), "The test, as its yml or SQL file has it.", required=True),
        Column("detail", pa.string(), "What is broken, as a sentence.", required=True),
        _at("tested_at", "When it was loaded and tested.", required=True),
    ),
)

LOADS = Table(
    name="loads",
    description="Which rows the raw tables hold; written in the transaction that loads them.",
    grain="One row per replay and part.",
    key=("replay_id", "part"),
    columns=(
        _replay_id(),
        _part(),
        _settings_digest(),
        _at("loaded_at", "When the rows were loaded.", required=True),
        Column(
            "lost_tables",
            pa.string(),
            "Raw tables, divided by commas, of which a file in the lake was missing or damaged, so that views lack this "
            "replay's rows until it is extracted again; NULL: none.",
        ),
    ),
)

PARQUET_FILES = Table(
    name="parquet_files",
    description="Files behind the raw tables that stay in Parquet.",
    grain="One row per raw table, replay, part and file.",
    key=("table_name", "replay_id", "part", "path"),
    columns=(
        _replay_id(),
        _part(),
        Column("table_name", pa.string(), "Raw table, a view over the files.", required=True),
        Column("path", pa.string(), "File, relative to the home folder.", required=True),
        Column(
            "held_replays",
            pa.int32(),
            "Replays of which the file holds rows, named here or not; NULL: this one's alone.",
            unit="replays",
            minimum=1,
        ),
        Column(
            "is_here",
            pa.bool_(),
            "Whether it lies under the home, so that the view reads it; false: in a lake elsewhere. NULL: it does.",
        ),
        Column(
            "file_bytes",
            pa.int64(),
            "The file's size when it was named, by which damage is seen; NULL: an earlier release named it.",
            unit="bytes",
            minimum=0,
        ),
    ),
)

MODEL_VERSIONS = Table(
    name="model_versions",
    description="The code that made each relation and macro, by hash: what differs from this release is made anew.",
    grain="One row per relation or macro.",
    key=("relation",),
    columns=(
        Column("relation", pa.string(), "Schema and name.", required=True),
        Column("materialized", pa.string(), "raw, shipped, ops, macro, view, table or incremental.", required=True),
        Column("version", pa.string(), "sha256 of the relation's text and of its inputs' versions.", required=True),
        Column("documentation", pa.string(), "sha256 of its descriptions.", required=True),
        _at("built_at", "When the relation was last made whole.", required=True),
    ),
)

GENERATION = Table(
    name="generation",
    description="Which generation of the warehouse this file holds: the published file is the writer's when the names are the same.",
    grain="One row.",
    key=("generation",),
    columns=(
        Column(
            "generation", pa.int64(), "Changes of the warehouse so far, each one transaction.", required=True, minimum=1
        ),
        Column("generation_name", pa.string(), "Random name that no other generation has.", required=True),
        _at("changed_at", "When the warehouse last changed.", required=True),
        Column("mirror_name", pa.string(), "Which mirroring of the manifest schema ops holds; NULL before the first."),
        Column(
            "are_tables_behind",
            pa.bool_(),
            "Replays were loaded or removed since the tables over all replays were filled; never so in a published file.",
        ),
    ),
)

CHANGES = Table(
    name="changes",
    description="The last changes of the warehouse that were of some replays alone: by these an earlier published file is brought up.",
    grain="One row per change.",
    key=("generation",),
    columns=(
        Column("generation", pa.int64(), "Which change of the warehouse it was.", required=True, minimum=1),
        Column("generation_name", pa.string(), "Name of the generation that it made.", required=True),
        Column("previous_name", pa.string(), "Name of the generation that it changed.", required=True),
        Column("replay_ids", pa.string(), "Replays whose rows it changed, divided by commas.", required=True),
    ),
)

OPS_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        REPLAYS,
        REPLAY_FILES,
        RULE_OUTCOMES,
        ATTEMPTS,
        EXTRACTIONS,
        RUNS,
        QUARANTINED_ROWS,
        CHECK_OUTCOMES,
        MART_TEST_FAILURES,
        LOADS,
        PARQUET_FILES,
        MODEL_VERSIONS,
        GENERATION,
        CHANGES,
    )
}


def ops_rows(table: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Mappings (the manifest's rows) in the declared schema of ``ops.<table>``; keys that it lacks are left out.

    Moments may be ISO text, ``modified_ns`` becomes ``modified_at``, and a JSON ``counts`` becomes columns.
    """
    schema = OPS_TABLES[table].schema
    return pa.Table.from_pylist([_converted(row, schema) for row in rows], schema=schema)


def _converted(row: Mapping[str, Any], schema: pa.Schema) -> dict[str, Any]:
    values = dict(row)
    if values.get("counts"):
        values |= json.loads(values["counts"])
    if values.get("modified_ns") is not None:
        values["modified_at"] = values["modified_ns"] // 1000
    return {field.name: _value(values.get(field.name), field.type) for field in schema}


def _value(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_timestamp(kind) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return bool(value) if pa.types.is_boolean(kind) else value
