"""The text of a dataset's card (`README.md`, whose YAML header Hugging Face reads) and of its data dictionary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from sc2_pipeline import __version__
from sc2_pipeline.data_dictionary import DescribedRelation
from sc2_pipeline.export.anonymise import Anonymity
from sc2_pipeline.export.facts import DatasetFacts
from sc2_pipeline.export.files import TRAINING_TABLES, ExportedFile
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
    """Sentences about personal data, and how many games can be recognised."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset as its card, dictionary, manifest and Croissant file describe it.

    ``relations`` are the tables with their columns, ``files`` the files written for them, ``facts`` the measured numbers of games.
    ``order`` is a sentence on how rows are sorted, ``notes`` are further paragraphs about the splits, and ``reader`` is example code in
    Python, where PATH stands for the dataset's folder. ``suffix`` is the files' extension: parquet or csv. ``has_apostrophes``: text that
    looks like a formula is prefixed with an apostrophe.
    """

    relations: tuple[DescribedRelation, ...]
    files: tuple[ExportedFile, ...]
    facts: DatasetFacts
    splits: SplitPlan
    anonymity: Anonymity
    license: str
    order: str
    notes: tuple[str, ...]
    reader: tuple[str, ...]
    suffix: str = "parquet"
    has_apostrophes: bool = False

    def rows_of(self, table: str) -> int:
        """Rows of a table in all its splits."""
        return sum(file.rows for file in self.files if file.table == table)

    def splits_of(self, table: str) -> tuple[str, ...]:
        """The splits in which a table has rows, in the order of its files."""
        return tuple(dict.fromkeys(file.split for file in self.files if file.table == table and file.rows))

    @property
    def tables(self) -> tuple[DescribedRelation, ...]:
        """The tables that have rows."""
        return tuple(relation for relation in self.relations if self.rows_of(relation.name))


def pattern(table: str, split: str, suffix: str) -> str:
    """Glob pattern, relative to the dataset, of a table's files in a split; the split ``*`` stands for all splits."""
    return f"{folder_of(table)}/{split}/*.{suffix}"


def folder_of(table: str) -> str:
    """Folder of a table, relative to the dataset: ``data/NAME`` for a mart, ``NAME`` for a table of a training set."""
    return table if table in TRAINING_TABLES else f"data/{table}"


def card_text(dataset: Dataset) -> str:
    """The whole card: the YAML header, which ``datasets`` and the Hugging Face hub read, and then the text in Markdown."""
    head = yaml.safe_dump(_head(dataset), sort_keys=False, allow_unicode=True).strip()
    sections = (_about(), _games(dataset), _division(dataset), _tables(dataset), _privacy(dataset), _use(dataset))
    return "\n".join(["---", head, "---", *(line for section in sections for line in ("", *section)), ""])


def _about() -> list[str]:
    return [
        "# StarCraft II games",
        "",
        "Written by sc2_pipeline from replays. `manifest.json` lists every file with its rows and sha256, `croissant.json` describes them for",
        "programs, and `DICTIONARY.md` has every column with its meaning and unit.",
    ]


def _games(dataset: Dataset) -> list[str]:
    facts = dataset.facts
    found = sum(fate.files for fate in facts.fates)
    return [
        "## Which games",
        "",
        f"{facts.asked}. {found} files were found:",
        "",
        "| files found that were | why | files |",
        "|---|---|---|",
        *(f"| {fate.status} | {fate.reason} | {fate.files} |" for fate in facts.fates),
    ]


def _division(dataset: Dataset) -> list[str]:
    splits, games = dataset.splits, dataset.facts.games
    first, second = splits.cuts or ("", "")
    return [
        "## Splits",
        "",
        _BY[splits.by].format(first=first, second=second),
        f"Seed {splits.seed}; shares {', '.join(map(str, splits.shares))}. Adding replays moves no game to another split.",
        "",
        "| split | games |",
        "|---|---|",
        *(f"| {split} | {count} |" for split, count in games.items()),
        *(["", f"`{LEFT_OUT}`: in no file."] if LEFT_OUT in games else []),
        "",
        _WHO_WON,
        *(line for note in dataset.notes for line in ("", note)),
    ]


def _tables(dataset: Dataset) -> list[str]:
    return [
        "## Tables",
        "",
        dataset.order,
        *([_APOSTROPHES] if dataset.has_apostrophes else []),
        "",
        "| table | rows | one row is |",
        "|---|---|---|",
        *(
            f"| {r.name} | {dataset.rows_of(r.name)} | {r.description.partition(chr(10))[0]} |"
            for r in dataset.relations
        ),
    ]


def _privacy(dataset: Dataset) -> list[str]:
    return ["## People", "", _people(dataset.anonymity, dataset.facts)]


def _use(dataset: Dataset) -> list[str]:
    return [
        "## Use and citation",
        "",
        f"Licence: {dataset.license}. To read it:",
        "",
        "```python",
        *dataset.reader,
        "```",
        "",
        "Cite the program, and whoever played or collected the replays:",
        "",
        "```bibtex",
        *CITATION.splitlines(),
        "```",
    ]


CITATION = f"""\
@misc{{sc2_pipeline_dataset,
  title = {{StarCraft II games}},
  howpublished = {{Written by sc2\\_pipeline {__version__} from replays}},
}}"""

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
"""Hugging Face's size categories, each with the number of games that is too many for it."""


def _head(dataset: Dataset) -> dict[str, Any]:
    """The YAML header: licence, tags and size for the hub's search, and which files each table and split has."""
    games = sum(dataset.facts.games.values())
    return {
        "pretty_name": "StarCraft II games",
        "license": dataset.license,
        "tags": ["starcraft-2", "games", "tabular"],
        "task_categories": ["tabular-classification", "time-series-forecasting"],
        "size_categories": [next((name for below, name in _SIZES if games < below), "1M<n<10M")],
        "configs": [
            {
                "config_name": relation.name,
                "data_files": [
                    {"split": split, "path": pattern(relation.name, split, dataset.suffix)}
                    for split in dataset.splits_of(relation.name)
                ],
            }
            for relation in dataset.tables
        ],
    }


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
