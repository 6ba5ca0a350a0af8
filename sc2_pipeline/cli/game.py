"""The commands ``game``, ``players`` and ``compare``: summaries of games and players."""

from typing import Annotated

import typer

from sc2_pipeline.cli.options import HomeOption, JsonOption, LimitOption, home_of
from sc2_pipeline.cli.population_options import takes_population
from sc2_pipeline.cli.terminal import print_json
from sc2_pipeline.population import Population


def game(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="REPLAY...", help="An id, a file name, the beginning of either, a file, or words about the game."
        ),
    ],
    *,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Show a game on one screen: who won, how they spent and were blocked, their curves, the biggest fight."""
    from sc2_pipeline.browsing.game import game as all_of_game  # noqa: PLC0415 - DuckDB, which `--help` need not wait for
    from sc2_pipeline.cli.game_screen import print_game  # noqa: PLC0415
    from sc2_pipeline.public.named_replay import loaded_replay  # noqa: PLC0415
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415

    with opened_warehouse(home_of(home)) as connection:
        replay_id = loaded_replay(connection, " ".join(words))
        if json:
            print_json(all_of_game(connection, replay_id))
        else:
            print_game(connection, replay_id)


@takes_population
def players(
    name: Annotated[str | None, typer.Argument(help="Only players whose name or account contains this.")] = None,
    home: HomeOption = None,
    limit: LimitOption = 40,
    *,
    json: JsonOption = False,
    population: Population,
) -> None:
    """List players by games: wins, rating, and how they play. Accounts are people; names change and collide."""
    from sc2_pipeline.cli.players import print_players  # noqa: PLC0415 - DuckDB, which `--help` need not wait for
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415

    with opened_warehouse(home_of(home)) as connection:
        print_players(connection, name or "", limit, population, as_json=json)


@takes_population
def compare(
    one: Annotated[str, typer.Argument(metavar="A", help="A player's name or account, or a replay.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Another of the same.")],
    home: HomeOption = None,
    *,
    json: JsonOption = False,
    population: Population,
) -> None:
    """Set two players, or two games, beside one another."""
    from sc2_pipeline.cli.players import print_comparison  # noqa: PLC0415 - DuckDB, which `--help` need not wait for
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415

    with opened_warehouse(home_of(home)) as connection:
        print_comparison(connection, one, other, population, as_json=json)
