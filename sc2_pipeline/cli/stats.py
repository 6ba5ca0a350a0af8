"""The command ``stats``: how often actions, units and so on occur in replays, like pysc2's replay_actions."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sc2_pipeline.cli.options import HomeOption, JsonOption, home_of
from sc2_pipeline.cli.terminal import out, print_lines, shown
from sc2_pipeline.errors import NOT_STARTED, QueryError

if TYPE_CHECKING:
    import duckdb

TITLES = {
    "observation": "Observations",
    "action": "Actions",
    "map": "Maps",
    "race": "Races",
    "unit": "Units",
    "available_ability": "Available abilities",
    "used_ability": "Used abilities",
    "buff": "Buffs",
    "upgrade": "Upgrades",
    "effect": "Effects",
}
"""Statistics in print order."""

_CRASHING = (
    "engine_crashed",
    "engine_stalled",
    "garbled_reply",
    "memory_exceeded",
    "killed_workers",
    "protocol_error",
    NOT_STARTED,
)

Counts = dict[str, dict[str, int]]


def stats(
    where: Annotated[
        str, typer.Option("--where", metavar="SQL", help="Which replays: a condition on marts.dim_replays.")
    ] = "true",
    home: HomeOption = None,
    top: Annotated[int, typer.Option("--top", min=0, help="Values printed of each statistic; 0 prints all.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Count actions, abilities, units, buffs, upgrades, effects, maps and races over replays."""
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415 - DuckDB, which `--help` need not wait for

    with opened_warehouse(home_of(home)) as connection:
        replays, counts = _counted(connection, where)
        faults = _faults(connection)
    if as_json:
        typer.echo(json.dumps({"replays": replays, **counts, **faults}))
        return
    print_lines(out(), [f"Replays: {replays:,}"])
    for statistic, title in TITLES.items():
        _print(title, counts.get(statistic, {}), top)
    print_lines(out(), ["", "Of all replays of this home:"])
    for title, replay_ids in (("Crashing replays", faults["crashing"]), ("Invalid replays", faults["invalid"])):
        print_lines(out(), [f"{title}: {len(replay_ids):,}", *(f"  {replay_id}" for replay_id in replay_ids)])


def _counted(connection: "duckdb.DuckDBPyConnection", where: str) -> tuple[int, Counts]:
    """Number of replays that the condition selects, and their counts, largest first."""
    import duckdb  # noqa: PLC0415

    from sc2_pipeline.warehouse.reading.read_only import reading_statements, said_of  # noqa: PLC0415

    try:
        # The line break ends a trailing comment of the condition.
        [chosen] = reading_statements(connection, f"select replay_id from marts.dim_replays where {where}\n")
        [(replays,)] = connection.execute(f"select count(*) from ({chosen})").fetchall()
        rows = connection.execute(
            "select statistic, value, sum(count)::bigint from marts.replay_statistics"
            f" where replay_id in ({chosen}) group by statistic, value order by sum(count) desc, value"
        ).fetchall()
    except (duckdb.Error, ValueError) as error:
        said = said_of(error) if isinstance(error, duckdb.Error) else "it is more than one statement"
        raise QueryError(f"--where {where} does not run ({said}); give a condition on marts.dim_replays") from error
    counts: Counts = {}
    for statistic, value, count in rows:
        counts.setdefault(statistic, {})[value] = int(count)
    return int(replays), counts


def _faults(connection: "duckdb.DuckDBPyConnection") -> dict[str, list[str]]:
    """Replays on which the game fails, and those that are corrupt or rejected; they are in no mart."""
    rows = connection.execute(
        "select replay_id, reason from ops.replays where status in ('failed', 'rejected') order by replay_id"
    ).fetchall()
    return {
        "crashing": [replay_id for replay_id, reason in rows if reason in _CRASHING],
        "invalid": [replay_id for replay_id, reason in rows if reason not in _CRASHING],
    }


def _print(title: str, counts: dict[str, int], top: int) -> None:
    listed = list(counts.items())[: top or None]
    more = [f"  ... and {len(counts) - len(listed):,} more (--top 0)"] if len(listed) < len(counts) else []
    lines = [f"  {count:>12,}  {shown(value)}" for value, count in listed]
    print_lines(out(), ["", f"{title}: {len(counts):,}", *lines, *more])
