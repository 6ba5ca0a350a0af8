"""The command ``ask``: ready-made questions."""

from typing import Annotated

import typer

from sc2_pipeline.cli.options import HomeOption, LimitOption, home_of
from sc2_pipeline.cli.row_files import OutOption, ParquetOption, RawCsvOption, row_file
from sc2_pipeline.errors import SettingsError

NOTHING_NARROWED = {"allow_extra_args": True, "ignore_unknown_options": True}
"""A question's own options are only known once its name has been read."""


def ask(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A question's name, or the beginning of its name.")] = None,
    *,
    about: Annotated[
        bool, typer.Option("--about", help="Say what it takes, what its columns mean, and its traps.")
    ] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print the statement instead of running it.")] = False,
    ids: Annotated[bool, typer.Option("--ids", help="Also the ids of games that a row names in words.")] = False,
    home: HomeOption = None,
    csv: OutOption = None,
    json: OutOption = None,
    parquet: ParquetOption = None,
    raw_csv: RawCsvOption = False,
    limit: LimitOption = 100,
) -> None:
    """Ask a ready-made question, such as `ask openings --matchup PvZ`; without a NAME, list them."""
    from sc2_pipeline.cli import answers  # noqa: PLC0415 - DuckDB and sqlglot, which `--help` need not wait for

    if name is None:
        if context.args:
            raise SettingsError(f"{context.args[0]} belongs to a question; give its NAME first")
        answers.list_questions()
    elif about:
        answers.describe_question(name)
    elif sql:
        answers.print_statement(home_of(home), name, context.args)
    else:
        with row_file(csv=csv, json=json, parquet=parquet, is_raw=raw_csv) as target:
            answers.answer(home_of(home), name, context.args, target=target, limit=limit, shows_ids=ids)
