"""A dataset's documentation: its card (Hugging Face reads the YAML header) and its data dictionary."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from sc2_pipeline.data_dictionary import DescribedRelation
from sc2_pipeline.export.splits import LEFT_OUT, SplitPlan

_BY = {
    "game": "A hash of the game's key decides. Files of one game, whoever saved them, are in one split.",
    "player": "A hash of each account decides; games between accounts of different splits are left out, so no account is in two.",
    "time": "The moment the game began decides: {first} ends training, {second} ends validation.",
}

_PEOPLE = {
    True: "Names and accounts are pseudonyms; clans, file names, hashes and chat are left out; moments keep their day only. "
    "Who has a replay file can still find its game by what happened in it.",
    False: "Names and accounts of players are as the replays have them. Mind the law where you publish them; "
    "`--anonymise` leaves them out.",
}
"""The card's sentences about personal data, by whether the dataset is anonymous."""


_APOSTROPHES = (
    "Text that a spreadsheet would run as a formula, for it begins with = + - @ or a tab, has an apostrophe in front; "
    "`--raw-csv` leaves it as it is."
)


def card_text(
    relations: Sequence[DescribedRelation],
    rows: Mapping[tuple[str, str], int],
    games: Mapping[str, int],
    *,
    asked: str,
    splits: SplitPlan,
    is_anonymous: bool,
    suffix: str,
    has_apostrophes: bool,
) -> str:
    """The dataset card: configurations for loaders, then text for people. ``rows`` are counts by table and split.

    ``has_apostrophes``: CSV text that begins like a formula is prefixed with an apostrophe.
    """
    first, second = splits.cuts or ("", "")
    lines = [
        "---",
        yaml.safe_dump(_head(relations, rows, suffix), sort_keys=False, allow_unicode=True).strip(),
        "---",
        "",
        "# StarCraft II games",
        "",
        "Written by sc2_pipeline from replays. `manifest.json` lists every file with its rows and sha256, `DICTIONARY.md`",
        "every column with its meaning and unit.",
        "",
        "## Which games",
        "",
        f"{asked}.",
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
        _PEOPLE[is_anonymous],
        "",
    ]
    return "\n".join(lines)


def _head(relations: Sequence[DescribedRelation], rows: Mapping[tuple[str, str], int], suffix: str) -> dict[str, Any]:
    """The card's YAML header: the files of each table's splits."""
    return {
        "pretty_name": "StarCraft II games",
        "tags": ["starcraft-2", "games", "tabular"],
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
