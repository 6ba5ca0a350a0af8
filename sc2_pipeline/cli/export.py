"""The command ``export``: writes the warehouse as a training dataset."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sc2_pipeline.cli.options import HomeOption, JsonOption, home_of
from sc2_pipeline.cli.population_options import takes_population
from sc2_pipeline.cli.row_files import RawCsvOption
from sc2_pipeline.cli.terminal import out, print_json, print_lines
from sc2_pipeline.config import Home
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.population import Population

if TYPE_CHECKING:
    from sc2_pipeline.export import ExportPlan
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
    from sc2_pipeline.export import LICENSES, Anonymity, ExportPlan, SplitPlan  # noqa: PLC0415 - DuckDB
    from sc2_pipeline.training import GRID, TrainingPlan  # noqa: PLC0415 - DuckDB

    splits = SplitPlan(by=split_by, shares=_shares(shares), seed=seed, cuts=_cuts(cuts))
    anonymity = Anonymity(is_anonymous=anonymise, is_unlinkable=unlinkable, is_coarse=coarse)
    given = {
        "--table": tables is not None,
        "--raw-csv": raw_csv,
        "--license": license_name is not None,
        "--grid": grid is not None,
        "--minimap": minimap is not None,
        "options of splits": splits != SplitPlan(),
        "options of anonymity": anonymity != Anonymity(),
        "options that select games": population != Population.read({}),
    }
    _refuse(kind, [name for name, is_given in given.items() if is_given])
    place = home_of(home)
    if kind == "frames":
        _frames(place, destination, population, minimap, as_json=json)
    elif kind == "dbt":
        _dbt(place, destination, as_json=json)
    else:
        chosen: dict[str, Any] = {
            "destination": destination,
            "splits": splits,
            "population": population,
            "anonymity": anonymity,
            "license": license_name or LICENSES[0],
        }
        if kind == "training":
            _training(place, TrainingPlan(**chosen, grid=GRID if grid is None else grid), as_json=json)
            return
        if kind == "huggingface" and license_name is None:
            raise SettingsError(f"a dataset to publish needs a licence; give --license, one of {', '.join(LICENSES)}")
        marts = None if tables is None else tuple(tables)
        _tables(place, ExportPlan(**chosen, format=kind, tables=marts, is_raw_csv=raw_csv), as_json=json)


_OF_ONE_KIND = {"--grid": "training", "--minimap": "frames"}
_USELESS = {
    "frames": {"--table", "--raw-csv", "--license", "options of splits", "options of anonymity"},
    "dbt": {
        "--table",
        "--raw-csv",
        "--license",
        "options of splits",
        "options of anonymity",
        "options that select games",
    },
    "training": {"--table", "--raw-csv"},
}
"""Options that a kind of export has no use for, beside those that are another kind's alone."""


def _refuse(kind: str, given: list[str]) -> None:
    useless = [name for name in given if name in _USELESS.get(kind, ()) or _OF_ONE_KIND.get(name, kind) != kind]
    if useless:
        raise SettingsError(f"export {kind} has no use for {', '.join(useless)}; leave it out")


def _tables(home: Home, plan: "ExportPlan", *, as_json: bool) -> None:
    from sc2_pipeline.export import export_dataset  # noqa: PLC0415 - DuckDB

    report = export_dataset(home, plan)
    if as_json:
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
