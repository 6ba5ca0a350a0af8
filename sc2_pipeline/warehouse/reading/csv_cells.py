"""Makes text in CSV files safe for spreadsheets: names of players and maps are arbitrary user input.

A spreadsheet runs a cell that begins with one of :data:`FORMULA_SIGNS` as a formula. A leading apostrophe makes it text
(OWASP, CSV injection). Numbers are unchanged: -5 stays -5.
"""

import duckdb

from sc2_pipeline.warehouse.catalog import identifier, quoted

FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"
"""Includes the full-width forms, which some spreadsheets treat the same."""

_TEXTS = ("VARCHAR", "BLOB", "ENUM", "UNION", "VARIANT")
"""Prefixes of types whose values are written as arbitrary text; lists, structs and JSON begin with a bracket or a
quote."""


def defused(text: str) -> str:
    """The text, with a leading apostrophe if a spreadsheet would run it as a formula.

    >>> defused("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(tuple(FORMULA_SIGNS)) else text


def defused_select(connection: duckdb.DuckDBPyConnection, select: str) -> str:
    """A select of the same rows in the same order, with text columns and column names made safe for spreadsheets."""
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
