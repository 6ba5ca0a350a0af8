"""The command ``export``: writes the warehouse as a training dataset."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sc2_pipeline.cli.options import HomeOption, JsonOption, home_of
from sc2_pipeline.cli.population_options import takes_population
from sc2_pipeline.cli.row_files import RawCsvOption
from sc2_pipeline.cli.terminal import out, print_json, print_lines
from sc2_pipeline.config import Home
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.population import Population

if TYPE_CHECKING:
    from sc2_pipeline.training import TrainingPlan


@takes_population
def export(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="parquet, huggingface, csv, training (vectors and labels), frames (of the game), or dbt (a project).",
        ),
    ],
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="A new folder.")],
    *,
    tables: Annotated[list[str] | None, typer.Option("--table", help="A mart; may be repeated. (default: all)")] = None,
    split_by: Annotated[
        str, typer.Option(help="game, player (no account in two splits), time, patch or map.")
    ] = "game",
    shares: Annotated[str, typer.Option(help="Shares of train, validation and test.")] = "0.8,0.1,0.1",
    cuts: Annotated[str | None, typer.Option(help="For --split-by time: two days, 2024-06-01,2024-09-01.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives another split.")] = 0,
    anonymise: Annotated[bool, typer.Option("--anonymise", help="Leave out who played.")] = False,
    unlinkable: Annotated[
        bool, typer.Option("--unlinkable", help="With --anonymise: another pseudonym for a person in every game.")
    ] = False,
    coarse: Annotated[
        bool, typer.Option("--coarse", help="With --anonymise: lengths in minutes, no maps, no tables of events.")
    ] = False,
    license_name: Annotated[
        str | None,
        typer.Option(
            "--license", help="Licence for the card, such as cc-by-4.0; required for huggingface. (default: other)"
        ),
    ] = None,
    grid: Annotated[
        int | None, typer.Option(help="For training: game loops between two rows, a divisor of 160. (default: 160)")
    ] = None,
    raw_csv: RawCsvOption = False,
    minimap: Annotated[
        int | None,
        typer.Option(help="For frames: pixels a side of images of the map, at most 256. (default: no images)"),
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    population: Population,
) -> None:
    """Write a dataset with leak-free splits and a card, a training set, frames of the game, or a dbt project."""
    from sc2_pipeline.export import LICENSES, Anonymity, ExportPlan, SplitPlan, export_dataset  # noqa: PLC0415 - DuckDB
    from sc2_pipeline.training import GRID, TrainingPlan  # noqa: PLC0415 - DuckDB

    if minimap is not None and kind != "frames":
        raise SettingsError("only frames have images of the map; leave out --minimap, or export frames")
    splits = SplitPlan(by=split_by, shares=_shares(shares), seed=seed, cuts=_cuts(cuts))
    anonymity = Anonymity(is_anonymous=anonymise, is_unlinkable=unlinkable, is_coarse=coarse)
    if kind in ("frames", "dbt"):
        if tables or raw_csv or license_name or grid or splits != SplitPlan() or anonymity != Anonymity():
            raise SettingsError(
                f"{kind} takes all as it is; leave out tables, CSV, licence, grid, splits and anonymity"
            )
        if kind == "frames":
            _frames(home_of(home), destination, population, minimap, as_json=json)
        elif population != Population.read({}):
            raise SettingsError("a dbt project has all models over all games; leave out the options that select games")
        else:
            _dbt(home_of(home), destination, as_json=json)
        return
    if kind == "training":
        if tables or raw_csv:
            raise SettingsError("a training set has no tables to choose and no CSV; leave out --table and --raw-csv")
        wanted = TrainingPlan(
            destination=destination,
            splits=splits,
            population=population,
            anonymity=anonymity,
            grid=GRID if grid is None else grid,
            license=license_name or "other",
        )
        _training(home_of(home), wanted, as_json=json)
        return
    if grid is not None:
        raise SettingsError("only a training set has rows on a grid; leave out --grid")
    if kind == "huggingface" and license_name is None:
        raise SettingsError(f"a dataset to publish needs a licence; give --license, one of {', '.join(LICENSES)}")
    plan = ExportPlan(
        format=kind,
        destination=destination,
        splits=splits,
        population=population,
        tables=None if tables is None else tuple(tables),
        anonymity=anonymity,
        license=license_name or "other",
        is_raw_csv=raw_csv,
    )
    report = export_dataset(home_of(home), plan)
    if json:
        counts = {
            "files": len(report.files),
            "games": dict(report.games),
            "rows": sum(f.rows for f in report.files),
            "asked": report.asked,
            "empty_splits": list(report.empty_splits),
        }
        print_json({**counts, "destination": str(report.destination)})
        return
    size = sum(file.bytes for file in report.files) / 1e6
    lines = [f"{len(report.files)} files, {size:.1f} MB, in {report.destination} ({report.seconds:.1f} s)"]
    lines += [f"  {split:<12}{count:>8} games" for split, count in report.games.items()]
    if report.empty_splits:
        lines.append(f"no game is in {' or '.join(report.empty_splits)}: give other --shares, --seed or more replays")
    lines.append(report.asked)
    print_lines(out(), [*lines, "README.md there says how to read them"])


def _dbt(home: Home, destination: Path, *, as_json: bool) -> None:
    from sc2_pipeline.export.dbt_project import export_dbt  # noqa: PLC0415 - DuckDB

    models = export_dbt(home, destination)
    if as_json:
        print_json({"models": models, "destination": str(destination)})
        return
    print_lines(out(), [f"{models} models in {destination}; README.md there says how to build them"])


def _frames(home: Home, destination: Path, population: Population, minimap: int | None, *, as_json: bool) -> None:
    from sc2_pipeline.export import export_frames  # noqa: PLC0415 - DuckDB

    report = export_frames(home, destination, population, minimap=minimap)
    if as_json:
        told = {"files": report.files, "frames": report.frames, "bytes": report.bytes, "asked": report.asked}
        print_json({**told, "destination": str(report.destination)})
        return
    size = f"{report.bytes / 1e6:.1f} MB, in {report.destination} ({report.seconds:.1f} s)"
    print_lines(out(), [f"{report.files} replays, {report.frames:,} frames, {size}", report.asked])


def _training(home: Home, plan: "TrainingPlan", *, as_json: bool) -> None:
    from sc2_pipeline.training import write_training_set  # noqa: PLC0415 - DuckDB

    report = write_training_set(home, plan)
    told = {"games": dict(report.games), "rows": dict(report.rows), "asked": report.asked}
    if as_json:
        print_json({**told, "destination": str(report.destination)})
        return
    lines = [f"{sum(report.rows.values())} rows in {report.destination} ({report.seconds:.1f} s)"]
    lines += [
        f"  {split:<12}{count:>8} games{report.rows.get(split, 0):>10} rows" for split, count in report.games.items()
    ]
    print_lines(out(), [*lines, report.asked, "schema.json there names the elements of `features`"])


def _shares(text: str) -> tuple[float, float, float]:
    try:
        first, second, third = (float(part) for part in text.split(","))
    except ValueError as error:
        raise SettingsError(f"shares are {text!r}; give three numbers that add up to 1, as in 0.8,0.1,0.1") from error
    return first, second, third


def _cuts(text: str | None) -> tuple[datetime, datetime] | None:
    if text is None:
        return None
    try:
        first, second = (datetime.fromisoformat(part).replace(tzinfo=UTC) for part in text.split(","))
    except ValueError as error:
        raise SettingsError(f"cuts are {text!r}; give two days, as in 2024-06-01,2024-09-01") from error
    return first, second
