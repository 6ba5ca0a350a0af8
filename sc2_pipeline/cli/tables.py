"""The command ``tables``: descriptions of tables and columns."""

import difflib
from typing import TYPE_CHECKING, Annotated

import typer

from sc2_pipeline.cli.options import HomeOption, command_line, home_of
from sc2_pipeline.cli.terminal import out, print_lines, print_rows
from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError, SettingsError

if TYPE_CHECKING:
    from sc2_pipeline.data_dictionary import DescribedRelation


def tables(
    name: Annotated[
        str | None, typer.Argument(help="A table (marts.fct_units or fct_units) or a schema (marts, raw, ops ...).")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Describe the tables and functions of the warehouse; with a NAME, that table's columns."""
    relations = _relations(home_of(home))
    chosen = relations if name is None else _chosen(relations, name)
    if name is not None and len(chosen) == 1:
        [relation] = chosen
        print_lines(out(), [f"{relation.relation} ({relation.kind})"], style="bold")
        print_lines(out(), [relation.description, ""])
        columns = [(column.name, column.type.lower(), column.description) for column in relation.columns]
        print_rows(out(), ("column", "type", "meaning"), columns)
        return
    rows = [(relation.relation, len(relation.columns), relation.description) for relation in chosen]
    print_rows(out(), ("table", "columns", "meaning"), rows)
    if name is None:
        print_lines(out(), [""])
        print_rows(out(), ("function", "meaning"), _functions())
    print_lines(out(), ["", f"{command_line('tables', chosen[0].relation, home=home)}  (a table's columns)"])


def _functions() -> list[tuple[str, str]]:
    from sc2_pipeline.sql_models import MACROS  # noqa: PLC0415 - sqlglot, which `--help` need not wait for

    return [(macro.signature, macro.description) for macro in MACROS]


def _relations(place: Home) -> tuple["DescribedRelation", ...]:
    """Relations of the published warehouse; without one, those that this release creates."""
    from sc2_pipeline.data_dictionary import declared_dictionary, dictionary  # noqa: PLC0415
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415 - DuckDB, which `--help` need not wait for

    try:
        with opened_warehouse(place) as connection:
            return dictionary(connection)
    except HomeError:
        return declared_dictionary()


def _chosen(relations: tuple["DescribedRelation", ...], name: str) -> list["DescribedRelation"]:
    wanted = name.lower()
    fitting = [r for r in relations if wanted in (r.relation, r.name)] or [r for r in relations if r.schema == wanted]
    if fitting:
        # If a mart and a raw table share a name, the mart comes first and is chosen.
        return fitting if wanted == fitting[0].schema else fitting[:1]
    close = difflib.get_close_matches(wanted, [part for r in relations for part in (r.relation, r.name)], n=4)
    hint = f"did you mean {' or '.join(close)}?" if close else "`sc2-pipeline tables` lists them"
    raise SettingsError(f"no table or schema {name} ({len(relations)} tables are known); {hint}")
