"""A collection as a folder of pages."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from sc2_pipeline import browsing
from sc2_pipeline.browsing.records import Record
from sc2_pipeline.population import Population, population_options
from sc2_pipeline.report.document import foot_lines, linked_document, script_json
from sc2_pipeline.report.game_file import answers_of_game
from sc2_pipeline.report.script import app_script, shipped

ALL = 2**31


def write_folder(
    connection: duckdb.DuckDBPyConnection, folder: Path, population: Population, library: str | None, *, games: int
) -> int:
    """Writes ``index.html`` and what it needs to an empty folder, and returns of how many games it has pages: the
    newest ``games`` of the population's kind (0: all), with their players and maps.

    Answers of the API are scripts in ``data``, which pages load when they are opened. ``library`` is as in
    :func:`sc2_pipeline.report.game_file`.
    """
    listed = browsing.games(connection, browsing.GamesAsked(options=_typed(population)), limit=ALL)
    shown = listed["games"][: games or None]
    shelf = _Shelf(folder)
    shelf.add("collection", {"collection": browsing.collection(connection, population)})
    shelf.add("games", {"games": listed})
    shelf.add("players", {"players": browsing.players(connection, limit=ALL)})
    shelf.add("maps", {"maps": browsing.maps(connection, limit=ALL)})
    for game in shown:
        for path, answer in answers_of_game(connection, game["replay_id"]).items():
            shelf.add(path.replace("/", "-"), {path: answer})
    for number, key in enumerate(_keys(player["player_key"] for game in shown for player in game["players"])):
        shelf.add(f"player-{number}", {f"players/{key}": browsing.player(connection, key)})
    for number, key in enumerate(_keys(game["map_key"] for game in shown)):
        shelf.add(f"map-{number}", {f"maps/{key}": browsing.map_family(connection, key)})
    scripts = {"shelf.js": shelf.script(), **({"vega.js": library} if library else {}), "app.js": app_script()}
    for name, text in {**scripts, "style.css": shipped("style.css")}.items():
        (folder / name).write_text(text, encoding="utf-8")
    rest = f"Of {listed['total']} games, the newest {len(shown)} have pages; report --games 0 writes all of them."
    foot = [*([rest] if len(shown) < listed["total"] else []), *foot_lines(has_library=library is not None)]
    page = linked_document("StarCraft II replays", "style.css", list(scripts), foot)
    (folder / "index.html").write_text(page, encoding="utf-8")
    return len(shown)


class _Shelf:
    """Answers by path, and the files that they are written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, str] = {}
        (folder / "data").mkdir()

    def add(self, name: str, answers: Mapping[str, Record]) -> None:
        text = "".join(
            f"sc2Shelf.answers[{script_json(path)}] = {script_json(answer)};\n" for path, answer in answers.items()
        )
        (self._folder / "data" / f"{name}.js").write_text(text, encoding="utf-8")
        self._files |= dict.fromkeys(answers, f"data/{name}.js")

    def script(self) -> str:
        """What makes the answers known to the app's script."""
        shelf = script_json({"home": "/collection", "files": self._files, "answers": {}})
        return f"globalThis.sc2Shelf = {shelf};\n"


def _keys(keys: Iterable[str | None]) -> Iterator[str]:
    """Each once, in their order."""
    yield from dict.fromkeys(key for key in keys if key is not None)


def _typed(population: Population) -> dict[str, str]:
    """The options that leave games out, as typed; those with their default would leave kinds out that pages have."""
    return {
        name: str(population.values[name])
        for name, option in population_options().items()
        if option.type != "flag" and population.values[name] not in (None, option.default)
    }
