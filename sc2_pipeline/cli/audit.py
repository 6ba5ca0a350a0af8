"""The command ``audit``: checks of the whole published warehouse."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sc2_pipeline.cli.options import HomeOption, JsonOption, home_of
from sc2_pipeline.cli.terminal import err, out, print_lines, print_rows

if TYPE_CHECKING:
    from sc2_pipeline.warehouse.audit import AuditOutcome


def audit(
    names: Annotated[list[str] | None, typer.Argument(metavar="[CHECK]...", help="Only these checks.")] = None,
    *,
    home: HomeOption = None,
    examples: Annotated[int, typer.Option("--examples", min=0, help="Findings shown of each check.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """Check all games together: identity, results, modes, clocks, incomes, starts, unknown values; exit code 1 if a finding is
    unexplained, 0 otherwise.

    docs/audit.md describes each check. Explained: a fact of the data that the named page describes. Unexplained: a defect.
    """
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415 - DuckDB, which `--help` need not wait for
    from sc2_pipeline.sql_models import chosen_audit_checks  # noqa: PLC0415
    from sc2_pipeline.warehouse.audit import audit as outcomes_of  # noqa: PLC0415

    checks = chosen_audit_checks(tuple(names or ()))
    with opened_warehouse(home_of(home)) as connection:
        outcomes = tuple(outcomes_of(connection, checks, examples=examples))
    unexplained = sum(outcome.unexplained for outcome in outcomes)
    if as_json:
        document = {"unexplained": unexplained, "checks": [outcome.row() for outcome in outcomes]}
        typer.echo(json.dumps(document))
    else:
        _print(outcomes, unexplained)
    if unexplained:
        raise typer.Exit(1)


def _print(outcomes: "tuple[AuditOutcome, ...]", unexplained: int) -> None:
    columns = ("check", "verdict", "findings", "unexplained", "looked_at", "looks_at", "explained_in")
    rows = [outcome.row() for outcome in outcomes]
    print_rows(out(), columns, [[row[column] for column in columns] for row in rows])
    examples = [
        (outcome.check.name, "explained" if e.is_explained else "unexplained", e.file_name, e.game_key, e.finding)
        for outcome in outcomes
        for e in outcome.examples
    ]
    if examples:
        print_rows(out(), ("check", "verdict", "file", "game", "finding"), examples, title="Examples")
    findings = sum(outcome.findings for outcome in outcomes)
    print_lines(err(), [f"{len(outcomes)} checks, {findings:,} findings, {unexplained:,} of them unexplained"])
