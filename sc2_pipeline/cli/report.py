"""The command ``report``: HTML pages about the collection and about single games."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from sc2_pipeline.cli.options import HomeOption, JsonOption, home_of
from sc2_pipeline.cli.population_options import takes_population
from sc2_pipeline.cli.terminal import out, print_json, print_lines, shown
from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.population import Population


@takes_population
def report(
    replay: Annotated[
        str | None,
        typer.Option(help="A game's page: an id, a file name, the beginning of either, or words about the game."),
    ] = None,
    *,
    file: Annotated[Path | None, typer.Option("--out", help="The page. (default: in reports/ of the home)")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    population: Population,
) -> None:
    """Write one HTML file about the collection, or about the game of --replay; it opens offline."""
    place = home_of(home)
    target = write_page(place, replay, file, population)
    if json:
        print_json({"page": str(target), "bytes": target.stat().st_size})
        return
    print_lines(out(), [f"{shown(target)}  ({target.stat().st_size / 1e6:.1f} MB, opens in any browser)"])


def write_page(place: Home, replay: str | None, file: Path | None, population: Population | None = None) -> Path:
    """Writes the page atomically and returns its path; raises HomeError."""
    from sc2_pipeline.public.named_replay import loaded_replay  # noqa: PLC0415 - DuckDB, which `--help` need not wait for
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415
    from sc2_pipeline.report import collection_page, game_page  # noqa: PLC0415

    with opened_warehouse(place) as connection:
        replay_id = None if replay is None else loaded_replay(connection, replay)
        text = collection_page(connection, population) if replay_id is None else game_page(connection, replay_id)
    target = file or place.root / "reports" / f"{replay_id or 'collection'}.html"
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        raise HomeError(f"{target} cannot be written ({error}); give another --out") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return target
