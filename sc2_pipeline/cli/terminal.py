"""Output to a terminal, pipe or file: escapes unsafe text and fits the width."""

import io
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, bidirectional marks, line separators and lone surrogates."""

PIPE_WIDTH = 32_768
"""Width for pipes and files: wide enough that nothing wraps, so that lines can be searched."""

_READABLE_CELL = 16
"""A column narrower than this is too narrow to wrap text in."""


def prepare_streams() -> None:
    """Makes stdout and stderr accept any text: characters outside their encoding are escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def shown(value: object) -> str:
    r"""A value as text with control characters escaped, safe to print to a terminal.

    >>> shown("a\x1b[31m")
    'a\\x1b[31m'
    """
    if value is None:
        return ""
    return _UNSHOWABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), str(value))


def out() -> Console:
    """Console for results: standard output."""
    return _console(sys.stdout)


def err() -> Console:
    """Console for progress and errors: standard error."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    # Names of players, maps and files must never be parsed as markup.
    console = Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def print_lines(console: Console, lines: Iterable[str], *, style: str = "") -> None:
    """Prints lines of fixed text; a terminal wraps them itself."""
    for line in lines:
        console.print(Text(line, style=style), soft_wrap=True)


def print_facts(console: Console, facts: Iterable[tuple[str, object]]) -> None:
    """Prints names and values in two columns."""
    pairs = [(name, shown(value)) for name, value in facts]
    width = max((cell_len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        console.print(Text.assemble((f"{name:<{width}}  ", "dim"), value), soft_wrap=True)


def print_rows(
    console: Console, columns: Sequence[str], rows: Sequence[Sequence[object]], *, null: str = "", title: str = ""
) -> None:
    """Prints rows as a table, or as one value per line if the terminal is too narrow for it.

    ``null`` is printed for None.
    """
    if title:
        print_lines(console, ["", title], style="bold")
    names = [shown(column) for column in columns]
    cells = [[null if value is None else shown(value) for value in row] for row in rows]
    widths = [max([cell_len(name), *(cell_len(row[i]) for row in cells)]) for i, name in enumerate(names)]
    if sum(min(width, _READABLE_CELL) + 2 for width in widths) > console.width:
        _print_records(console, names, cells)
        return
    is_number = [all(isinstance(row[i], int | float) or row[i] is None for row in rows) for i in range(len(names))]
    if console.is_terminal:
        _print_table(console, names, cells, is_number)
    else:
        _print_aligned(console, names, cells, widths, is_number)


def _print_table(console: Console, names: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name, is_right in zip(names, right, strict=True):
        table.add_column(Text(name), justify="right" if is_right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _print_aligned(
    console: Console,
    names: Sequence[str],
    cells: Sequence[Sequence[str]],
    widths: Sequence[int],
    right: Sequence[bool],
) -> None:
    for row in (names, *cells):
        padded = [
            " " * (width - cell_len(cell)) + cell if is_right else cell + " " * (width - cell_len(cell))
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ]
        console.file.write("  ".join(padded).rstrip() + "\n")


def _print_records(console: Console, names: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate(cells, 1):
        print_lines(console, [f"row {number}"], style="bold")
        print_facts(console, zip(names, row, strict=True))
