"""One game as one file."""

import duckdb

from sc2_pipeline import browsing
from sc2_pipeline.browsing.records import Record
from sc2_pipeline.report.document import foot_lines, script_json, whole_document
from sc2_pipeline.report.script import app_script, shipped


def answers_of_game(connection: duckdb.DuckDBPyConnection, replay_id: str) -> dict[str, Record]:
    """What a game's page asks for, by the API's path; raises HomeError if the warehouse does not contain the replay."""
    return {
        f"games/{replay_id}": browsing.game(connection, replay_id),
        f"games/{replay_id}/advice": browsing.advice(connection, replay_id),
        f"games/{replay_id}/playback": browsing.playback(connection, replay_id),
    }


def game_file(connection: duckdb.DuckDBPyConnection, replay_id: str, library: str | None) -> str:
    """HTML of a game's page, which opens offline; ``library`` is the charts' script (see :mod:`sc2_pipeline.app.charts`),
    None to draw them without it.

    Raises HomeError if the warehouse does not contain the replay.
    """
    answers = answers_of_game(connection, replay_id)
    game = answers[f"games/{replay_id}"]["game"]
    shelf = script_json({"home": f"/game/{replay_id}", "files": {}, "answers": answers})
    scripts = [f"globalThis.sc2Shelf = {shelf};", *([library] if library else []), app_script()]
    foot = [f"Replay {replay_id}.", *foot_lines(has_library=library is not None)]
    return whole_document(f"{game['map_name']} · sc2_pipeline", shipped("style.css"), scripts, foot)
