import io

import pytest
from rich.console import Console

from sc2_pipeline.cli.terminal import prepare_streams, print_facts, print_rows, shown


def console(*, width: int = 80, is_terminal: bool = False) -> Console:
    return Console(
        file=io.StringIO(), width=width, force_terminal=is_terminal, color_system=None, markup=False, highlight=False
    )


def written(to: Console) -> str:
    assert isinstance(to.file, io.StringIO)
    return to.file.getvalue()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Lost Temple", "Lost Temple"),
        ("잃어버린 사원", "잃어버린 사원"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("two\nlines\ttab", "two\\nlines\\ttab"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\x9b31m", "\\x9b31m"),
        ("half\udc80", "half\\udc80"),
        (None, ""),
        (12, "12"),
    ],
)
def test_text_of_others_does_nothing_to_a_terminal(text, safe):
    assert shown(text) == safe


def test_a_pipe_gets_one_line_per_row_whatever_its_width():
    pipe = console(width=20)
    pipe.width = 32_768

    print_rows(pipe, ("id", "detail"), [(1, "x" * 300), (22, None)], null="NULL")

    assert written(pipe).splitlines() == ["id  detail", " 1  " + "x" * 300, "22  NULL"]


def test_markup_in_cells_is_printed_as_it_stands():
    terminal = console(is_terminal=True)

    print_rows(terminal, ("[bold]name",), [("[/red]x",)])

    assert "[bold]name" in written(terminal)
    assert "[/red]x" in written(terminal)


def test_a_table_too_wide_for_the_terminal_is_printed_row_by_row():
    terminal = console(width=60, is_terminal=True)

    print_rows(terminal, [f"column_{i}" for i in range(12)], [list(range(12)), list(range(12, 24))])

    lines = written(terminal).splitlines()
    assert "row 2" in lines
    assert "column_11  23" in lines
    assert max(map(len, lines)) <= 60


def test_wide_characters_take_two_columns():
    pipe = console(width=32_768)

    print_rows(pipe, ("name", "race"), [("사원", "zerg"), ("abc", "terran")])

    assert written(pipe).splitlines() == ["name  race", "사원  zerg", "abc   terran"]


def test_an_encoding_that_lacks_a_character_gets_an_escape(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)

    prepare_streams()
    print_facts(Console(file=stream, width=40, markup=False), [("map", "사원")])

    stream.flush()
    assert stream.buffer.getvalue() == b"map  \\uc0ac\\uc6d0\n"
