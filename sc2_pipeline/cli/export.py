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
    from sc2_pipeline.export import Anonymity, SplitPlan


@takes_population
def export(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT", help="parquet, huggingface, csv, training (vectors and labels), or frames (of the game)."
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
    seed: Annotated[int, typer.Option(help="Another seed divides games another way.")] = 0,
    anonymise: Annotated[bool, typer.Option("--anonymise", help="Leave out who played.")] = False,
    unlinkable: Annotated[
        bool, typer.Option("--unlinkable", help="With --anonymise: another pseudonym for a person in every game.")
    ] = False,
    coarse: Annotated[
        bool, typer.Option("--coarse", help="With --anonymise: lengths in minutes, no maps, no tables of events.")
    ] = False,
    license_name: Annotated[str, typer.Option("--license", help="Licence for the card, as cc-by-4.0.")] = "other",
    raw_csv: RawCsvOption = False,
    minimap: Annotated[
        int | None, typer.Option(help="Of frames: pixels a side of images of the map, at most 256. (default: none)")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    population: Population,
) -> None:
    """Write the marts as files with splits that do not leak, a card, a dictionary and hashes."""
    from sc2_pipeline.export import Anonymity, ExportPlan, SplitPlan, export_dataset  # noqa: PLC0415 - DuckDB

    if kind == "frames":
        _refuse_for_frames(anonymise, unlinkable, coarse, tables, raw_csv, cuts, license_name != "other")
        _frames(home_of(home), destination, population, minimap, as_json=json)
        return
    if minimap is not None:
        raise SettingsError("only frames have images of the map; leave out --minimap, or export frames")
    splits = SplitPlan(by=split_by, shares=_shares(shares), seed=seed, cuts=_cuts(cuts))
    anonymity = Anonymity(is_anonymous=anonymise, is_unlinkable=unlinkable, is_coarse=coarse)
    if kind == "training":
        if tables or raw_csv or license_name != "other":
            raise SettingsError("a training set has no tables, CSV or card; leave out --table, --raw-csv and --license")
        _training(home_of(home), destination, splits, anonymity, population, as_json=json)
        return
    plan = ExportPlan(
        format=kind,
        destination=destination,
        splits=splits,
        population=population,
        tables=None if tables is None else tuple(tables),
        anonymity=anonymity,
        license=license_name,
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


def _refuse_for_frames(*given: object) -> None:
    if any(given):
        raise SettingsError(
            "frames are of whole replays; leave out anonymity, splits, --table, --raw-csv and --license"
        )


def _frames(home: Home, destination: Path, population: Population, minimap: int | None, *, as_json: bool) -> None:
    from sc2_pipeline.export import export_frames  # noqa: PLC0415 - DuckDB

    report = export_frames(home, destination, population, minimap=minimap)
    if as_json:
        told = {"files": report.files, "frames": report.frames, "bytes": report.bytes, "asked": report.asked}
        print_json({**told, "destination": str(report.destination)})
        return
    size = f"{report.bytes / 1e6:.1f} MB, in {report.destination} ({report.seconds:.1f} s)"
    print_lines(out(), [f"{report.files} replays, {report.frames:,} frames, {size}", report.asked])


def _training(
    home: Home,
    destination: Path,
    splits: "SplitPlan",
    anonymity: "Anonymity",
    population: Population,
    *,
    as_json: bool,
) -> None:
    from sc2_pipeline.training import TrainingPlan, write_training_set  # noqa: PLC0415 - DuckDB

    plan = TrainingPlan(destination=destination, splits=splits, anonymity=anonymity, population=population)
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
