"""Values and rows as answers, and errors too."""

import csv
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from sc2_pipeline.errors import HomeError, MachineError, PipelineError, QueryError, SettingsError
from sc2_pipeline.public.plain_json import json_text
from sc2_pipeline.public.reader import TooSlowError
from sc2_pipeline.warehouse.reading.csv_cells import defused

_STATUSES: dict[type[PipelineError], int] = {
    HomeError: 404,
    SettingsError: 400,
    TooSlowError: 503,
    QueryError: 400,
    MachineError: 503,
}


def json_answer(value: Any, status: int = 200) -> Response:
    """A value as JSON; see :func:`sc2_pipeline.public.plain_json.json_text`."""
    return Response(json_text(value), status, {"cache-control": "no-store"}, "application/json")


def csv_answer(table: pa.Table, name: str) -> Response:
    """The rows as a CSV file that no spreadsheet runs as formulas."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([defused(column) for column in table.column_names])
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        lines.writerow([defused(cell) if isinstance(cell, str) else cell for cell in row])
    return _file(text.getvalue().encode(), f"{name}.csv", "text/csv; charset=utf-8")


def parquet_answer(table: pa.Table, name: str) -> Response:
    """The rows as a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return _file(sink.getvalue(), f"{name}.parquet", "application/vnd.apache.parquet")


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(
        content,
        200,
        {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
        media_type=kind,
    )


def answer_errors(app: FastAPI) -> None:
    """Makes the package's errors, and requests that do not fit the document, answers of one sentence: ``{"error": ...}``."""

    @app.exception_handler(PipelineError)
    def refuse(_: Request, error: PipelineError) -> Response:
        status = next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), 500)
        return json_answer({"error": str(error)}, status)

    @app.exception_handler(RequestValidationError)
    def correct(_: Request, error: RequestValidationError) -> Response:
        said = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
        return json_answer({"error": f"the request does not fit ({said}); /api describes it"}, 400)
