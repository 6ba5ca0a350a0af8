"""Every command that prints tables, and every question, on terminals of three widths."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from sc2_pipeline.cli import terminal
from sc2_pipeline.cli.answers import answer, describe_question, list_questions
from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Home
from sc2_pipeline.questions import read_questions

pytestmark = pytest.mark.slow

WHOLE_WORD = 20
"""Longer words, as paths, may be broken."""

WIDTHS = (80, 100, 160)


def screen(width: int) -> Console:
    return Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system=None, markup=False, highlight=False
    )


def printed_tables(home, width: int, *commands: tuple[str, ...]) -> list[tuple]:
    """What the commands give to be printed as tables, on a terminal of that width; all questions for no command."""
    tables = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminal, "_console", lambda _: screen(width))
        patch.setattr(terminal, "_print_table", lambda _, *table: tables.append(table))
        if not commands:
            list_questions()
            for question in read_questions():
                answer(home, question.name, [], target=None, limit=15)
                describe_question(question.name)
        for words in commands:
            before = len(tables)
            result = CliRunner().invoke(app, [*words, "--home", str(home.root)])
            assert result.exit_code == 0, (words, result.exception)
            assert len(tables) > before, words
    return tables


def layout(table: tuple, width: int) -> tuple[list[str], str]:
    """Lines of a table, and the names of the columns that did not fit."""
    console = screen(width)
    terminal._print_table(console, *table)
    text = console.file.getvalue()
    lines = [line for line in text.splitlines() if not line.startswith("(too narrow for")]
    return lines, text.partition("(too narrow for ")[2].partition(";")[0]


def check(table: tuple, width: int) -> None:
    names, cells, _ = table
    lines, hidden = layout(table, width)
    kept = [i for i, name in enumerate(names) if name not in hidden.split(", ")]
    words = {word for row in cells for i in kept for word in row[i].split() if cell_len(word) <= WHOLE_WORD}

    assert max(map(cell_len, lines)) <= width
    assert words <= set(" ".join(lines).split()), names
    assert len(kept) > 1, f"of {names} one column is left, which says little"


@pytest.fixture(scope="module")
def answers(real_run):
    return printed_tables(Home(real_run.home), 160)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_question_fits_without_breaking_words(answers, width):
    assert len(answers) > 3 * len(read_questions())
    for table in answers:
        check(table, width)


def test_every_command_that_prints_a_table_fits(real_run):
    commands = (
        ("games",),
        ("games", "coop", "--ids"),
        ("players",),
        ("compare", "zatic", "Ziomek"),
        ("compare", "apotheosis bacon", "ruby rock"),
        ("tables",),
        ("tables", "fct_units"),
        ("rejects",),
        ("audit",),
        ("sql", "from marts.player_game_summary limit 3"),
    )
    for table in printed_tables(Home(real_run.home), 160, *commands):
        for width in WIDTHS:
            check(table, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_curves_of_a_game_are_as_wide_as_the_terminal_allows(real_run, width):
    # One against one, and co-op with its many computers.
    for words in (("ruby", "rock"), ("chain", "ascension")):
        for table in printed_tables(Home(real_run.home), width, ("game", *words)):
            lines, hidden = layout(table, width)
            assert max(map(cell_len, lines)) <= width
            if "over the game" in table[0]:
                assert not hidden
                assert len(lines) == len(table[1]) + 1, "a curve in two lines is none"
