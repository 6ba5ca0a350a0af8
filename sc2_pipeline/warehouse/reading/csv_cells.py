"""Text in CSV files, made harmless to spreadsheets: names of players and maps are whatever their makers typed.

A spreadsheet runs a cell that begins with one of :data:`FORMULA_SIGNS` as a formula. An apostrophe in front makes it text (OWASP, CSV
injection). Numbers are numbers: -5 stays -5.
"""

import duckdb

from sc2_pipeline.warehouse.catalog import identifier, quoted

FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"
"""Also in full width, which some spreadsheets take for the narrow ones."""

_TEXTS = ("VARCHAR", "BLOB", "ENUM", "UNION", "VARIANT")
"""How types begin whose values are written as whatever text they hold; lists, structs and JSON begin with a bracket or a quote."""


def defused(text: str) -> str:
    """The text of a cell that is no formula.

    >>> defused("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(tuple(FORMULA_SIGNS)) else text


def defused_select(connection: duckdb.DuckDBPyConnection, select: str) -> str:
    """A select of the same rows in the same order, whose columns of text, and whose names of columns, are no formulas."""
    described = connection.execute(f"describe select * from ({select}\n)").fetchall()
    cells = ", ".join(
        f"{_defused(f'c{i}') if _is_text(kind) else f'c{i}'} as {identifier(defused(name))}"
        for i, (name, kind, *_) in enumerate(described)
    )
    return f"select {cells} from ({select}\n) as cells({', '.join(f'c{i}' for i in range(len(described)))})"


def _is_text(kind: str) -> bool:
    return kind.startswith(_TEXTS) and not kind.endswith("]")


def _defused(column: str) -> str:
    text = f"{column}::varchar"
    return f"case when {text} <> '' and contains({quoted(FORMULA_SIGNS)}, left({text}, 1)) then '''' || {text} else {text} end"
