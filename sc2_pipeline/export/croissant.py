"""A dataset's description for programs, as the Croissant format has it (mlcommons.org/croissant, version 1.1)."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from sc2_pipeline import __version__
from sc2_pipeline.data_dictionary import DescribedColumn, DescribedRelation
from sc2_pipeline.export.card import CITATION, Dataset, pattern

_LICENSES = {
    "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-nc-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "odc-by": "https://opendatacommons.org/licenses/by/1-0/",
    "odbl": "https://opendatacommons.org/licenses/odbl/1-0/",
}

_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UBIGINT"), "sc:Integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE", "DECIMAL"), "sc:Float"),
    "BOOLEAN": "sc:Boolean",
    "VARCHAR": "sc:Text",
    "DATE": "sc:Date",
    "TIMESTAMP": "sc:DateTime",
    "TIMESTAMP WITH TIME ZONE": "sc:DateTime",
}
_MIME = {"parquet": "application/x-parquet", "csv": "text/csv"}


def croissant(dataset: Dataset) -> dict[str, Any]:
    """The description as JSON-LD: files with their hashes, sets of them by table, and the tables' columns.

    Columns of structures, maps and images, for which the format has no type, are in the data dictionary alone.
    """
    mime = _MIME[dataset.suffix]
    files = [
        {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "contentSize": f"{file.bytes} B",
            "encodingFormat": mime,
            "sha256": file.sha256,
        }
        for file in dataset.files
    ]
    sets = [
        {
            "@type": "cr:FileSet",
            "@id": _set_of(table),
            "name": _set_of(table),
            "encodingFormat": mime,
            "includes": pattern(table.name, "*", dataset.suffix),
        }
        for table in dataset.tables
    ]
    return {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "StarCraft II games",
        "description": f"{dataset.facts.asked}. Written by sc2_pipeline {__version__}.",
        "license": _LICENSES.get(dataset.license, dataset.license),
        "citeAs": CITATION,
        "distribution": [*files, *sets],
        "recordSet": [_records(table) for table in dataset.tables],
    }


def _records(table: DescribedRelation) -> dict[str, Any]:
    fields = [_field(table, column) for column in table.columns if _base(column) in _TYPES]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        "field": fields,
    }


def _field(table: DescribedRelation, column: DescribedColumn) -> dict[str, Any]:
    array = {"isArray": True, "arrayShape": _length(column)} if column.type.endswith("]") else {}
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.description,
        "dataType": _TYPES[_base(column)],
        "source": {"fileSet": {"@id": _set_of(table)}, "extract": {"column": column.name}},
        **array,
    }


def _base(column: DescribedColumn) -> str:
    """The type without its parameters and without a list's brackets."""
    return re.sub(r"\(.*?\)|\[\d*\]$", "", column.type)


def _length(column: DescribedColumn) -> str:
    """Of a list: -1 if it differs by row."""
    return column.type.partition("[")[2].rstrip("]") or "-1"


def _set_of(table: DescribedRelation) -> str:
    return f"files_of_{table.name}"


@cache
def _context() -> dict[str, Any]:
    text = (Path(__file__).parent / "croissant_context.json").read_text(encoding="utf-8")
    return dict(json.loads(text))
