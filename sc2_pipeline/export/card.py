"""A dataset's documentation: its card (Hugging Face reads the YAML header) and its data dictionary."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from sc2_pipeline.data_dictionary import DescribedRelation
from sc2_pipeline.export.anonymise import Anonymity
from sc2_pipeline.export.facts import DatasetFacts
from sc2_pipeline.export.splits import LEFT_OUT, SplitPlan

_BY = {
    "game": "A hash of the game's key decides. Files of one game, whoever saved them, are in one split.",
    "player": "A hash of each account decides; games between accounts of different splits are left out, so no account is in two.",
    "time": "The moment the game began decides: {first} ends training, {second} ends validation.",
    "patch": "A hash of each patch (5.0.14) decides: no patch is in two splits.",
    "map": "A hash of each map decides, all its versions together: no map is in two splits.",
}

_NAMED = (
    "Names and accounts of players are as the replays have them. Mind the law where you publish them; "
    "`--anonymise` leaves them out."
)
_ANONYMOUS = (
    "Names and accounts are pseudonyms; clans, chat, file names, hashes and seeds of files are left out, and moments keep "
    "their {moment} only. Who has none of the replays cannot name a player.",
    "{recognised} of {games} games are the only one here with their {known}: who knows these of a game can find it, and who "
    "has the replay of a game can find it by its numbers.",
)
_LINKED = "A pseudonym is the same in all games, so who finds one game of a player finds the others."
_UNLINKABLE = (
    "A player has another pseudonym in every game, and ratings are rounded to 100, so who finds one game of a player "
    "does not find the others by a pseudonym. Habits of play may still give a player away."
)


def _people(anonymity: Anonymity, facts: DatasetFacts) -> str:
    """The sentences about personal data, with how many games can be recognised."""
    if not anonymity.is_anonymous:
        return _NAMED
    published = sum(count for split, count in facts.games.items() if split != LEFT_OUT)
    told = " ".join(_ANONYMOUS).format(
        moment="month" if anonymity.is_coarse else "day",
        recognised=facts.recognised,
        games=published,
        known="month, matchup and length in minutes" if anonymity.is_coarse else "day, length, matchup and map",
    )
    return f"{told} {_UNLINKABLE if anonymity.is_unlinkable else _LINKED}"


LABELS = "`result`, `is_winner`, `is_won`, `label_is_winner`, `winner`, `loser`"
_WHO_WON = (
    f"Who won is told by {LABELS} alone, of the row's own game; no other column is made from it, and no row from another "
    "split's games. Tables of maps, unit types and people have no counts over games for that reason."
)


_APOSTROPHES = (
    "Text that a spreadsheet would run as a formula, for it begins with = + - @ or a tab, has an apostrophe in front; "
    "`--raw-csv` leaves it as it is."
)


def card_text(
    relations: Sequence[DescribedRelation],
    rows: Mapping[tuple[str, str], int],
    facts: DatasetFacts,
    *,
    splits: SplitPlan,
    anonymity: Anonymity,
    license_name: str,
    suffix: str,
    has_apostrophes: bool,
) -> str:
    """The dataset card: configurations for loaders, then text for people. ``rows`` are counts by table and split.

    ``has_apostrophes``: CSV text that begins like a formula is prefixed with an apostrophe.
    """
    first, second = splits.cuts or ("", "")
    games = facts.games
    lines = [
        "---",
        yaml.safe_dump(
            _head(relations, rows, suffix, facts, license_name), sort_keys=False, allow_unicode=True
        ).strip(),
        "---",
        "",
        "# StarCraft II games",
        "",
        "Written by sc2_pipeline from replays. `manifest.json` lists every file with its rows and sha256, `DICTIONARY.md`",
        "every column with its meaning and unit.",
        "",
        "## Which games",
        "",
        f"{facts.asked}.",
        "",
        "| files found that were | why | files |",
        "|---|---|---|",
        *(f"| {fate.status} | {fate.reason} | {fate.files} |" for fate in facts.fates),
        "",
        "## Splits",
        "",
        _BY[splits.by].format(first=first, second=second),
        f"Seed {splits.seed}; shares {', '.join(map(str, splits.shares))}. Adding replays moves no game to another split.",
        _vectors_split(splits),
        "",
        "| split | games |",
        "|---|---|",
        *(f"| {split} | {count} |" for split, count in games.items()),
        *(["", f"`{LEFT_OUT}`: in no file."] if LEFT_OUT in games else []),
        "",
        _WHO_WON,
        "",
        "A game that both players saved is in `dim_replays` twice; `is_canonical` there marks the file that `games` has.",
        "",
        "## Tables",
        "",
        "Rows are sorted by client build, matchup and replay.",
        *([_APOSTROPHES] if has_apostrophes else []),
        "",
        "| table | rows | one row is |",
        "|---|---|---|",
        *(f"| {r.name} | {_rows_of(r, rows)} | {r.description.partition(chr(10))[0]} |" for r in relations),
        "",
        "## People",
        "",
        _people(anonymity, facts),
        "",
        "## Use and citation",
        "",
        f"Licence: {license_name}. Read a table with",
        "",
        "```python",
        "import datasets",
        f"games = datasets.load_dataset('PATH', {_example_table(relations, rows)!r})",
        "```",
        "",
        "or any table of one split with DuckDB, polars or pandas from `data/TABLE/SPLIT/`. Cite sc2_pipeline with the",
        "version in `manifest.json`, and whoever played or collected the replays.",
        "",
    ]
    return "\n".join(lines)


_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
"""Hugging Face's categories of size: the number of games below which each is meant."""


def _example_table(relations: Sequence[DescribedRelation], rows: Mapping[tuple[str, str], int]) -> str:
    names = [relation.name for relation in relations if _rows_of(relation, rows)]
    return "games" if "games" in names or not names else names[0]


def _head(
    relations: Sequence[DescribedRelation],
    rows: Mapping[tuple[str, str], int],
    suffix: str,
    facts: DatasetFacts,
    license_name: str,
) -> dict[str, Any]:
    """The card's YAML header: the files of each table's splits, and what the hub's search goes by."""
    games = sum(facts.games.values())
    return {
        "pretty_name": "StarCraft II games",
        "license": license_name,
        "tags": ["starcraft-2", "games", "tabular"],
        "task_categories": ["tabular-classification", "time-series-forecasting"],
        "size_categories": [next((name for below, name in _SIZES if games < below), "1M<n<10M")],
        "configs": [
            {
                "config_name": relation.name,
                "data_files": [
                    {"split": split, "path": f"data/{relation.name}/{split}/*.{suffix}"}
                    for (name, split), count in rows.items()
                    if name == relation.name and count
                ],
            }
            for relation in relations
            if _rows_of(relation, rows)
        ],
    }


def _rows_of(relation: DescribedRelation, rows: Mapping[tuple[str, str], int]) -> int:
    return sum(count for (name, _), count in rows.items() if name == relation.name)


def _vectors_split(splits: SplitPlan) -> str:
    """How the column `split` of the warehouse's ml_state_vectors relates to the dataset's own splits."""
    same = "The warehouse's `ml_state_vectors` has its own column `split`:"
    if splits == SplitPlan():
        return f"{same} it is this one."
    return f"{same} by game, seed 0, shares 0.8, 0.1, 0.1; it is not this one."


def dictionary_text(relations: Sequence[DescribedRelation]) -> str:
    """Every table and column with its description."""
    lines = ["# Data dictionary", ""]
    for relation in relations:
        lines += [f"## {relation.name}", "", relation.description, "", "| column | type | meaning |", "|---|---|---|"]
        lines += [f"| {c.name} | {c.type} | {_cell(c.description)} |" for c in relation.columns]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
