"""The command ``report``: pages about the collection, or about one game, that open offline."""

from pathlib import Path
from typing import Annotated

import typer

from sc2_pipeline.cli.options import HomeOption, JsonOption, home_of
from sc2_pipeline.cli.population_options import takes_population
from sc2_pipeline.cli.terminal import out, print_json, print_lines, shown
from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.extras import is_installed
from sc2_pipeline.population import Population

GAMES = 100
"""Games of a collection that have pages of their own: some 70 MB."""

_INDEX = "index.html"


@takes_population
def report(
    replay: Annotated[
        str | None,
        typer.Option(help="A game's page: an id, a file name, the beginning of either, or words about the game."),
    ] = None,
    *,
    games: Annotated[
        int, typer.Option(min=0, help="How many games, the newest first, get pages of their own; 0 for all.")
    ] = GAMES,
    place: Annotated[
        Path | None,
        typer.Option("--out", help="The folder, or the file of --replay. (default: in reports/ of the home)"),
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    population: Population,
) -> None:
    """Write a folder of pages about the collection, or one file about the game of --replay; both open offline."""
    if replay is not None:
        page, count = write_game(home_of(home), replay, place), 1
        size = page.stat().st_size
    else:
        page, count = write_collection(home_of(home), place, population, games=games)
        size = sum(file.stat().st_size for file in page.parent.rglob("*") if file.is_file())
    if json:
        print_json({"page": str(page), "bytes": size, "games": count})
        return
    pages = "" if replay is not None else f"pages of {count} games, "
    print_lines(out(), [f"{shown(page)}  ({pages}{size / 1e6:.1f} MB, opens in any browser)"])


def write_collection(
    home: Home, folder: Path | None, population: Population | None = None, *, games: int = GAMES
) -> tuple[Path, int]:
    """Writes a collection's folder, as a whole or not at all, and returns its first page and the number of games; one
    that was written before is replaced. Raises HomeError."""
    from sc2_pipeline.export.new_folder import new_folder  # noqa: PLC0415 - DuckDB, which `--help` need not wait for
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415
    from sc2_pipeline.report import write_folder  # noqa: PLC0415

    folder = folder or home.root / "reports" / "collection"
    asked = population or Population.read({})
    try:
        with opened_warehouse(home) as connection, new_folder(folder, replaces="data/collection.js") as partial:
            count = write_folder(connection, partial, asked, _library(home), games=games)
    except OSError as error:
        raise HomeError(f"{folder} cannot be written ({error}); give another --out") from error
    return folder / _INDEX, count


def write_game(home: Home, replay: str, file: Path | None) -> Path:
    """Writes a game's page, as a whole or not at all, and returns its path; raises HomeError."""
    from sc2_pipeline.durable_files import whole_file  # noqa: PLC0415
    from sc2_pipeline.public.named_replay import loaded_replay  # noqa: PLC0415
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415
    from sc2_pipeline.report import game_file  # noqa: PLC0415

    with opened_warehouse(home) as connection:
        replay_id = loaded_replay(connection, replay)
        text = game_file(connection, replay_id, _library(home))
    target = file or home.root / "reports" / f"{replay_id}.html"
    try:
        with whole_file(target) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HomeError(f"{target} cannot be written ({error}); give another --out") from error
    return target


def _library(home: Home) -> str | None:
    """The charts' script; None without the extra that brings it."""
    from sc2_pipeline.app.charts import ChartLibrary  # noqa: PLC0415

    return ChartLibrary(home).text().decode() if is_installed("app") else None
