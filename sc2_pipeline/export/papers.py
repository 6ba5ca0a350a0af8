"""The papers of a dataset: its card, data dictionary, manifest and description for programs."""

import json
from dataclasses import asdict
from pathlib import Path

from sc2_pipeline import __version__
from sc2_pipeline.export.card import Dataset, card_text, dictionary_text
from sc2_pipeline.export.croissant import croissant
from sc2_pipeline.export.splits import LEFT_OUT


def write_papers(folder: Path, dataset: Dataset, kind: str) -> None:
    """Writes all four into the dataset's folder; ``kind`` is the export's format."""
    facts = dataset.facts
    manifest = {
        "written_by": f"sc2_pipeline {__version__}",
        "format": kind,
        "license": dataset.license,
        "splits": dataset.splits.to_json(),
        **asdict(dataset.anonymity),
        "asked": facts.asked,
        "games": dict(facts.games),
        "games_left_out": facts.games.get(LEFT_OUT, 0),
        "games_recognised": facts.recognised,
        "files_found": [asdict(fate) for fate in facts.fates],
        "files": [asdict(file) for file in dataset.files],
    }
    texts = {
        "manifest.json": json.dumps(manifest, indent=1),
        "DICTIONARY.md": dictionary_text(dataset.relations),
        "README.md": card_text(dataset),
        "croissant.json": json.dumps(croissant(dataset), indent=1),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
