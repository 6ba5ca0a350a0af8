"""The command ``games``: lists the games of the warehouse."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sc2_pipeline.cli.options import HomeOption, JsonOption, LimitOption, command_line, home_of
from sc2_pipeline.cli.population_options import takes_filters
from sc2_pipeline.cli.terminal import err, out, print_json, print_lines, print_rows
from sc2_pipeline.game import clock

if TYPE_CHECKING:
    from sc2_pipeline.browsing.records import Record

_COLUMNS = ("date", "map", "players", "won by", "length", "kind")


@takes_filters
def games(
    words: Annotated[
        list[str] | None, typer.Argument(help="Words of map, players, date, matchup or file name; all must be there.")
    ] = None,
    *,
    result: Annotated[str | None, typer.Option(help="victory or defeat, of the player of --player.")] = None,
    sort: Annotated[str, typer.Option(help="played, length, map, matchup, rating or players.")] = "played",
    ids: Annotated[bool, typer.Option("--ids", help="Also the id and the file of each game.")] = False,
    home: HomeOption = None,
    limit: LimitOption = 20,
    json: JsonOption = False,
    options: dict[str, str],
) -> None:
    """List games, the newest first; WORDS and options choose among them. Of every kind, unless options say otherwise."""
    from sc2_pipeline.browsing.games import GamesAsked  # noqa: PLC0415 - DuckDB, which `--help` need not wait for
    from sc2_pipeline.browsing.games import games as listed_games  # noqa: PLC0415
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415

    asked = GamesAsked(
        search=" ".join(words or ()), options=options, result=result, sort=sort, is_ascending=sort in ("map", "players")
    )
    with opened_warehouse(home_of(home)) as connection:
        found = listed_games(connection, asked, limit=limit or 2**31)
    if json:
        print_json(found)
        return
    if not found["games"]:
        print_lines(out(), ["no game fits; `sc2-pipeline status` says what became of files"])
        return
    columns = ("id", *_COLUMNS, "file") if ids else _COLUMNS
    print_rows(out(), columns, [_row(game, ids=ids) for game in found["games"]])
    if len(found["games"]) < found["total"]:
        print_lines(err(), [f"(the first {limit} of {found['total']} games; --limit 0 prints all)"])
    print_lines(err(), [f"{command_line('game', 'WORDS', home=home)}  (one of them, by words that fit it alone)"])


def _row(game: "Record", *, ids: bool) -> list[Any]:
    played = f"{game['played_at']:%Y-%m-%d}" if game["played_at"] else ""
    sides: dict[str, list[Any]] = {}
    people = [player for player in game["players"] if game["game_mode"] != "coop" or not player["is_computer"]]
    for player in people:
        sides.setdefault(player["side"] or str(player["player_id"]), []).append(player)
    names = " - ".join(", ".join(_name(player) for player in side) for side in sides.values())
    won = [", ".join(player["name"] for player in side) for side in sides.values() if side[0]["result"] == "victory"]
    kind = game["matchup"] or game["game_mode"]
    row = [played, game["map_name"], names, " and ".join(won), clock(game["length_seconds"]), kind]
    return [game["replay_id"], *row, game["file_name"]] if ids else row


def _name(player: "Record") -> str:
    race = player["commander"] or (player["race"] or "?")[:1].upper()
    return f"{player['name']} ({race})"
