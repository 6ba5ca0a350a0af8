"""A validation row tells of no label, and an anonymous dataset of no person: tried as those would who want to know."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from sc2_pipeline.config import Home
from sc2_pipeline.data_dictionary import declared_dictionary
from sc2_pipeline.export import Anonymity, ExportPlan, SplitPlan, export_dataset
from sc2_pipeline.export.anonymise import COARSE_TABLES, unclassified
from sc2_pipeline.export.card import LABELS
from sc2_pipeline.export.tables import ATTRIBUTES, OF_PEOPLE, OVER_ALL_GAMES, VIEWS
from sc2_pipeline.population import Population
from sc2_pipeline.sql_models import read_models
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline_tests.pipeline.homes import query

FEW_TRAIN = SplitPlan(shares=(0.2, 0.4, 0.4))
KINDS = {
    "plain": Anonymity(is_anonymous=True),
    "unlinkable": Anonymity(is_anonymous=True, is_unlinkable=True),
    "coarse": Anonymity(is_anonymous=True, is_unlinkable=True, is_coarse=True),
}


@pytest.fixture(scope="module")
def home(synthetic_home):
    return synthetic_home


def export(home: Path, destination: Path, **plan) -> Path:
    """The dataset of every game, in Parquet."""
    everything = Population.read({"mode": "any", "include_ai": "1", "include_short": "1", "include_resumed": "1"})
    export_dataset(Home(home), ExportPlan(format="parquet", destination=destination, population=everything, **plan))
    return destination


def rows_of(folder: Path, *columns: str) -> list[tuple]:
    """Rows of one table and split in the order of the files; none where there is no file."""
    if not any(folder.glob("*.parquet")):
        return []
    return duckdb.sql(f"select {', '.join(columns) or '*'} from read_parquet('{folder}/*.parquet')").fetchall()


def mart_columns() -> dict[str, dict[str, str]]:
    """Types of columns, by name, of every mart that is not a view of the lake."""
    return {
        relation.name: {column.name: column.type for column in relation.columns}
        for relation in declared_dictionary()
        if relation.schema == "marts" and (relation.kind == "table" or relation.name in VIEWS)
    }


def test_every_mart_has_rows_of_games_or_is_declared_not_to():
    without = {name for name, columns in mart_columns().items() if "replay_id" not in columns}

    assert without == ATTRIBUTES.keys() | OVER_ALL_GAMES


def test_somebody_has_decided_on_every_column_of_text():
    exported = {name: columns for name, columns in mart_columns().items() if name not in OVER_ALL_GAMES}

    assert {name: found for name, columns in exported.items() if (found := unclassified(columns))} == {
        "dim_replays": ["sha256", "file_name", "tracker_fault", "game_events_fault"],
        "fct_chat": ["text"],
        "fct_replay_players": ["clan_tag"],
        "games": ["file_name", "game"],
    }, "these are left out of anonymous datasets; name what is the game's own in GAME_TEXTS"


def test_who_won_a_validation_game_changes_nothing_but_its_own_labels(home, tmp_path, monkeypatch):
    other = shutil.copytree(home, tmp_path / "home")
    export(home, tmp_path / "before", splits=FEW_TRAIN)
    kept = {key for (key,) in rows_of(tmp_path / "before" / "data" / "dim_replays" / "train", "replay_id")}
    monkeypatch.chdir(other)  # where the lake's files are, from which models are built
    with duckdb.connect(str(other / "warehouse.duckdb")) as connection:
        for table in ("replay_players", "player_results"):
            connection.execute(
                f"update raw.{table} set result = case result when 'victory' then 'defeat' when 'defeat' then 'victory'"
                " else result end where replay_id not in (select unnest($kept))",
                {"kept": sorted(kept)},
            )
        rebuild(connection, read_models(), whole={model.relation for model in read_models()})
    export(other, tmp_path / "after", splits=FEW_TRAIN)

    assert {path.name for path in (tmp_path / "before" / "data").iterdir()} == mart_columns().keys() - OVER_ALL_GAMES
    changed = set()
    for folder in (tmp_path / "before" / "data").glob("*/*"):
        twin = tmp_path / "after" / folder.relative_to(tmp_path / "before")
        if folder.name in ("train", "all"):
            assert rows_of(folder) == rows_of(twin), f"{folder.parent.name} of {folder.name}"
        elif any(folder.glob("*.parquet")):
            rows, others = (duckdb.sql(f"from read_parquet('{f}/*.parquet')").to_arrow_table() for f in (folder, twin))
            changed |= {name for name in rows.column_names if rows[name] != others[name]}
    # Of co-op, of which there is no game here.
    changed.add("is_won")
    assert changed == set(re.findall(r"\w+", LABELS)), "the card names what tells who won"


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_no_replay_finds_no_name_date_or_file(home, tmp_path, kind):
    dataset = export(home, tmp_path / "out", anonymity=KINDS[kind])
    people = query(
        home,
        "select distinct unnest([name, toon_handle, partner_name, partner_toon_handle]) from marts.fct_replay_players"
        " where not is_computer union select clan_tag from marts.fct_replay_players union select file_name from"
        " marts.dim_replays union select sha256 from marts.dim_replays union select replay_id from marts.dim_replays",
    )
    words = re.compile("|".join(re.escape(word) for (word,) in people if word))
    seconds = set()

    for folder in (dataset / "data").glob("*/*"):
        for row in rows_of(folder):
            assert not words.search(repr(row)), (folder, row)
            seconds |= {(v.hour, v.minute, v.second, v.microsecond) for v in row if hasattr(v, "microsecond")}
    assert seconds == {(0, 0, 0, 0)}


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_a_replay_finds_what_the_card_says_and_no_more(home, tmp_path, kind):
    dataset = export(home, tmp_path / "out", anonymity=KINDS[kind], splits=SplitPlan(shares=(1.0, 0.0, 0.0)))
    card = (dataset / "README.md").read_text(encoding="utf-8")
    said = int(re.search(r"(\d+) of \d+ games are the only one here", card)[1])
    asked = "date_trunc('day', played_at), duration_seconds, matchup, map_key"
    if kind == "coarse":
        asked = "date_trunc('month', played_at), ceil(duration_seconds / 60) * 60, matchup"
    known = query(home, f"select {asked} from marts.games")
    columns = asked.replace("ceil(duration_seconds / 60) * 60", "duration_seconds")
    shown = rows_of(dataset / "data" / "games" / "train", columns)

    assert sum(shown.count(game) == 1 for game in known) == said > 0
    # A player of a game that was found, looked for in other games by the pseudonym.
    games = dict(rows_of(dataset / "data" / "dim_replays" / "train", "replay_id", "game_key"))
    accounts = rows_of(dataset / "data" / "fct_replay_players" / "train", "replay_id", "player_key")
    found = {person: {games[replay] for replay, one in accounts if one == person} for _, person in accounts if person}
    assert (max(map(len, found.values())) > 1) == (kind == "plain")


def test_a_dataset_that_is_unlinkable_has_no_table_of_people(home, tmp_path):
    dataset = export(home, tmp_path / "out", anonymity=KINDS["unlinkable"])
    coarse = export(home, tmp_path / "coarse", anonymity=KINDS["coarse"])

    assert not OF_PEOPLE & {path.name for path in (dataset / "data").iterdir()}
    assert {path.name for path in (coarse / "data").iterdir()} == set(COARSE_TABLES)
