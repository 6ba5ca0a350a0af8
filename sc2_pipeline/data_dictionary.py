"""The data dictionary of a warehouse. ``python -m sc2_pipeline.data_dictionary --write`` regenerates
``docs/tables.md`` and the pages of ``docs/tables/``, ``docs/settings.md``, ``docs/audit.md`` and ``dbt_like_sql/sources.yml`` from the declarations."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from sc2_pipeline.errors import ContractError
from sc2_pipeline.settings_page import settings_markdown
from sc2_pipeline.sql_models import MACROS, audit_markdown, input_tables, read_audit_checks, read_models, sql_folder
from sc2_pipeline.warehouse.comments import table_documentation
from sc2_pipeline.warehouse.declared import SCHEMAS, make_declared_tables
from sc2_pipeline.warehouse.rebuild import rebuild

_COMMAND = "python -m sc2_pipeline.data_dictionary --write"

SCHEMA_DESCRIPTIONS = {
    "marts": "What people query: documented, tested, one set of rows per replay.",
    "intermediate": "Steps between raw rows and marts; they may change with any release.",
    "staging": "Raw tables whose columns are renamed or decoded, row for row.",
    "raw": "Rows as extracted, and tables shipped with the package.",
    "ops": "What became of every replay, and why.",
}
"""In the order in which readers need them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedColumn:
    """One column: its type as DuckDB writes it, and its comment (empty where there is none)."""

    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedRelation:
    """One table or view of a warehouse with its comment (empty where there is none) and columns in order."""

    schema: str
    name: str
    kind: str
    description: str
    columns: tuple[DescribedColumn, ...]

    @property
    def relation(self) -> str:
        """Schema and name, as SQL writes it."""
        return f"{self.schema}.{self.name}"


def dictionary(connection: duckdb.DuckDBPyConnection) -> tuple[DescribedRelation, ...]:
    """Every relation of the connection's warehouse, marts first."""
    rows = connection.execute(
        """
        with relations as (
            select database_oid, schema_name, table_name as name, 'table' as kind, comment from duckdb_tables()
            union all
            select database_oid, schema_name, view_name as name, 'view' as kind, comment from duckdb_views()
        )
        select r.schema_name, r.name, r.kind, coalesce(r.comment, ''),
            list((c.column_name, c.data_type, coalesce(c.comment, '')) order by c.column_index)
        from relations as r
        join duckdb_columns() as c
            on r.database_oid = c.database_oid and r.schema_name = c.schema_name and r.name = c.table_name
        where c.database_name = current_database() and not c.internal
        group by all
        order by r.name
        """
    ).fetchall()
    described = [_relation(*row) for row in rows if row[0] in SCHEMAS]
    order = list(SCHEMA_DESCRIPTIONS)
    return tuple(sorted(described, key=lambda relation: order.index(relation.schema)))


def _relation(
    schema: str, name: str, kind: str, description: str, columns: Iterable[tuple[str, str, str]]
) -> DescribedRelation:
    return DescribedRelation(
        schema=schema,
        name=name,
        kind=kind,
        description=description,
        columns=tuple(DescribedColumn(name=n, type=t, description=d) for n, t, d in columns),
    )


def declared_dictionary() -> tuple[DescribedRelation, ...]:
    """Every relation that this release creates; types come from an empty warehouse in memory."""
    with closing(duckdb.connect()) as connection:
        make_declared_tables(connection)
        rebuild(connection, read_models())
        return dictionary(connection)


def undescribed(relations: Iterable[DescribedRelation]) -> tuple[str, ...]:
    """Relations and columns without a description, as ``schema.relation`` and ``schema.relation.column``."""
    return tuple(name for relation in relations for name in _undescribed(relation))


def _undescribed(relation: DescribedRelation) -> Iterator[str]:
    if not relation.description:
        yield relation.relation
    for column in relation.columns:
        if not column.description:
            yield f"{relation.relation}.{column.name}"


def tables_pages(relations: Iterable[DescribedRelation]) -> dict[str, str]:
    """Text by path under ``docs``: ``tables.md``, which lists functions and marts, and a page for each schema."""
    relations = tuple(relations)
    pages = {"tables.md": _page("Tables", _index_markdown(relations))}
    for schema, description in SCHEMA_DESCRIPTIONS.items():
        members = [relation for relation in relations if relation.schema == schema]
        lines = [line for relation in members for line in _markdown(relation)]
        pages[f"tables/{schema}.md"] = _page(schema, [description, "", *lines])
    return pages


def _page(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", f"Made by `{_COMMAND}`; do not edit.", "", *lines]).rstrip() + "\n"


def _index_markdown(relations: Sequence[DescribedRelation]) -> Iterator[str]:
    yield from (
        "Every relation and column is described on the page of its schema.",
        "",
        "| schema | what is in it |",
        "|---|---|",
    )
    yield from (f"| [{schema}](tables/{schema}.md) | {said} |" for schema, said in SCHEMA_DESCRIPTIONS.items())
    yield ""
    yield from _macros_markdown()
    yield from ("## marts", "", "| table | what it has |", "|---|---|")
    for relation in relations:
        if relation.schema == "marts":
            anchor = relation.relation.replace(".", "")
            said = relation.description.replace("|", "\\|")
            yield f"| [{relation.name}](tables/marts.md#{anchor}) | {said} |"


def _macros_markdown() -> Iterator[str]:
    yield from ("## functions", "", "Clocks of the game, for anybody's SQL: `select clock(1344)`.", "")
    yield from ("| function | meaning |", "|---|---|")
    yield from (f"| {macro.signature} | {macro.description} |" for macro in MACROS)
    yield ""


def _markdown(relation: DescribedRelation) -> Iterator[str]:
    yield from (f"## {relation.relation}", "", f"{relation.description} ({relation.kind})", "")
    yield from ("| column | type | meaning |", "|---|---|---|")
    for column in relation.columns:
        cells = (column.name, column.type.lower(), column.description)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def sources_yml() -> str:
    """The text of ``dbt_like_sql/sources.yml``: the relations that models may read besides models."""
    tables = [_source(relation.removeprefix("raw."), relation) for relation in input_tables()]
    content = {
        "version": 2,
        "sources": [{"name": "raw", "description": SCHEMA_DESCRIPTIONS["raw"], "tables": tables}],
    }
    body = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    return f"# Made by `{_COMMAND}` from sc2_pipeline/tables; do not edit.\n{body}"


def _source(name: str, relation: str) -> dict[str, Any]:
    documentation = table_documentation(relation, input_tables()[relation])
    return {
        "name": name,
        "description": documentation.description,
        "columns": [{"name": column, "description": said} for column, said in documentation.columns.items()],
    }


def generated_files() -> dict[Path, str]:
    """Text of the generated files of a checkout, by path.

    Raises ContractError in an installed package, which has no such files.
    """
    folder = sql_folder()
    if not (folder.parent / "pyproject.toml").is_file():
        raise ContractError(f"{folder} is no checkout; documentation is made where the sources are")
    return {
        folder / "sources.yml": sources_yml(),
        folder.parent / "docs" / "audit.md": audit_markdown(read_audit_checks(), _COMMAND),
        folder.parent / "docs" / "settings.md": settings_markdown(_COMMAND),
        **{folder.parent / "docs" / page: text for page, text in tables_pages(declared_dictionary()).items()},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the generated files, or lists those that are out of date; 1 if any are."""
    parser = argparse.ArgumentParser(prog="python -m sc2_pipeline.data_dictionary", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help="write them; without it they are only compared")
    write = parser.parse_args(arguments).write
    behind = 0
    for path, text in generated_files().items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        behind += 1
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{path} {'written' if write else 'is behind its declarations; run ' + _COMMAND}\n")
    return 0 if write or not behind else 1


if __name__ == "__main__":
    sys.exit(main())
