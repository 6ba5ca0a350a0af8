"""Output to a terminal, pipe or file: escapes unsafe text and fits the width."""

import io
import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, bidirectional marks, line separators and lone surrogates."""

PIPE_WIDTH = 32_768
"""Width for pipes and files: wide enough that nothing wraps, so that lines can be searched."""

_LONGEST_WORD = 20
"""Words up to this width in cells are never broken."""


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


def print_json(value: object) -> None:
    """Prints a value as one JSON document on standard output; moments as ISO 8601."""
    sys.stdout.write(json.dumps(value, default=_as_text) + "\n")


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def print_facts(console: Console, facts: Iterable[tuple[str, object]]) -> None:
    """Prints names and values in two columns."""
    pairs = [(name, shown(value)) for name, value in facts]
    width = max((cell_len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        console.print(Text.assemble((f"{name:<{width}}  ", "dim"), value), soft_wrap=True)


def print_rows(
    console: Console, columns: Sequence[str], rows: Sequence[Sequence[object]], *, null: str = "", title: str = ""
) -> None:
    """Prints rows as a table. On a terminal, text wraps between words and columns that do not fit are named below it;
    ids go first, then the last columns.

    ``null`` is printed for None.
    """
    if title:
        print_lines(console, ["", title], style="bold")
    names = [shown(column) for column in columns]
    cells = [[null if value is None else shown(value) for value in row] for row in rows]
    is_number = [all(isinstance(row[i], int | float) or row[i] is None for row in rows) for i in range(len(names))]
    if console.is_terminal:
        _print_table(console, names, cells, is_number)
    else:
        _print_aligned(console, names, cells, is_number)


def _print_table(console: Console, names: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    heads = [name.replace("_", " ") for name in names]
    least, most = [], []
    for i, head in enumerate(heads):
        column = [head, *(row[i] for row in cells)]
        words = [cell_len(word) for text in column for word in text.split(" ")]
        most.append(max(map(cell_len, column)))
        least.append(max(map(cell_len, column[1:]), default=0) if right[i] else min(max(words), _LONGEST_WORD))
        least[i] = max(least[i], min(max(map(cell_len, head.split(" "))), _LONGEST_WORD), 1)
    kept = _fitting(names, least, console.width)
    gap = 2 if sum(most[i] + 2 for i in kept) - 2 <= console.width else 1
    widths = _widths([least[i] for i in kept], [most[i] for i in kept], console.width - gap * (len(kept) - 1))
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for i, width in zip(kept, widths, strict=True):
        justify: Literal["left", "right"] = "right" if right[i] else "left"
        table.add_column(Text(heads[i]), justify=justify, overflow="fold", width=width)
    for row in cells:
        table.add_row(*(Text(row[i]) for i in kept))
    console.print(table)
    if hidden := [name for i, name in enumerate(names) if i not in kept]:
        print_lines(
            console, [f"(too narrow for {', '.join(hidden)}; a wider terminal or a pipe shows all)"], style="dim"
        )


def _fitting(names: Sequence[str], least: Sequence[int], width: int) -> list[int]:
    """Places of the columns that fit into ``width`` with a gap of one; the first always does."""
    kept = list(range(len(names)))
    ids = [i for i in kept if names[i].endswith(("_id", "_key", "_tag", "account"))]
    for i in [*reversed(ids), *(i for i in reversed(kept) if i not in ids)]:
        if len(kept) == 1 or sum(least[k] + 1 for k in kept) - 1 <= width:
            break
        kept.remove(i)
    return kept


def _widths(least: Sequence[int], most: Sequence[int], width: int) -> list[int]:
    """Widths between ``least`` and ``most``; what is left of ``width`` goes to whoever has least of what it wants."""
    widths = [min(one, width) for one in least]
    for _ in range(width - sum(widths)):
        wanting = [i for i, one in enumerate(widths) if one < most[i]]
        if not wanting:
            break
        widths[min(wanting, key=lambda i: widths[i] / most[i])] += 1
    return widths


def _print_aligned(
    console: Console, names: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]
) -> None:
    widths = [max([cell_len(name), *(cell_len(row[i]) for row in cells)]) for i, name in enumerate(names)]
    for row in (names, *cells):
        padded = [
            " " * (width - cell_len(cell)) + cell if is_right else cell + " " * (width - cell_len(cell))
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ]
        console.file.write("  ".join(padded).rstrip() + "\n")
