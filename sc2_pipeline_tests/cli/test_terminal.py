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


def test_columns_that_do_not_fit_are_named_ids_first_and_then_the_last():
    terminal = console(width=44, is_terminal=True)

    columns = ("replay_id", *(f"column_{i}" for i in range(8)))
    print_rows(terminal, columns, [("9ceb8ab0de3e9588", *range(8)), ("26806659cf9156c3", *range(12, 20))])

    lines = written(terminal).splitlines()
    assert lines[-1] == "(too narrow for replay_id, column_6, column_7; a wider terminal or a pipe shows all)"
    assert lines[2].split() == ["0", "1", "2", "3", "4", "5"]
    assert max(map(len, lines[:-1])) <= 44


def test_text_wraps_between_words_and_numbers_never():
    terminal = console(width=30, is_terminal=True)

    print_rows(terminal, ("opening_of_the_game", "games"), [("Hatchery > Extractor > Spawning Pool", 123_456)])

    text = written(terminal)
    assert "123456" in text
    assert {"Hatchery", "Extractor", "Spawning", "Pool"} <= set(text.split())


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
