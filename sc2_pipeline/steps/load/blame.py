"""Which replays of a batch some model cannot compute: found by halving, so that the others go on without them."""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.errors import ModelRowsError
from sc2_pipeline.sql_models import REPLAY_ID, Model, batch_models
from sc2_pipeline.steps.load.elsewhere import ALL_HERE, Elsewhere
from sc2_pipeline.steps.load.held import Pair
from sc2_pipeline.steps.load.stage import ParquetFile, in_batch, stage_batch
from sc2_pipeline.warehouse.relations import make_relation


def unbuildable_replays(
    connection: duckdb.DuckDBPyConnection,
    models: Iterable[Model],
    tables: Mapping[str, pa.Table],
    loads: Mapping[Pair, str],
    files: Iterable[ParquetFile] = (),
    *,
    elsewhere: Elsewhere = ALL_HERE,
) -> dict[str, str]:
    """Replays whose rows make a model raise ModelRowsError, each with its sentence; to be asked when a batch did.

    Stages the batch again in halves: the batch's catalog holds nothing of use afterwards. Rows that fail only
    together with another replay's are blamed on nobody, and the caller's own error stands.
    """
    built = batch_models(models)
    files = tuple(files)
    waiting = [sorted({replay for replay, _ in loads})]
    blamed: dict[str, str] = {}
    while waiting:
        replays = waiting.pop()
        fault = _fault(connection, built, *_part(replays, tables, loads, files), elsewhere=elsewhere)
        if fault and len(replays) == 1:
            blamed[replays[0]] = fault
        elif fault:
            middle = len(replays) // 2
            waiting += [replays[:middle], replays[middle:]]
    return blamed


def _part(
    replays: list[str], tables: Mapping[str, pa.Table], loads: Mapping[Pair, str], files: tuple[ParquetFile, ...]
) -> tuple[dict[str, pa.Table], dict[Pair, str], list[ParquetFile]]:
    named = pa.array(replays, pa.string())
    return (
        {name: rows.filter(pc.is_in(rows[REPLAY_ID], named)) for name, rows in tables.items()},
        {pair: settings for pair, settings in loads.items() if pair[0] in replays},
        [file for file in files if file.replay_id in replays],
    )


def _fault(
    connection: duckdb.DuckDBPyConnection,
    models: Iterable[Model],
    tables: Mapping[str, pa.Table],
    loads: Mapping[Pair, str],
    files: Iterable[ParquetFile],
    *,
    elsewhere: Elsewhere,
) -> str | None:
    stage_batch(connection, tables, loads, files, elsewhere=elsewhere)
    with in_batch(connection):
        try:
            for model in models:
                make_relation(connection, model)
        except ModelRowsError as error:
            return str(error)
    return None
