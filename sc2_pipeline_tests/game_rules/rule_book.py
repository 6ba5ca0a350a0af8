"""A copy of the rules that a test may write in."""

import csv
import shutil
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from sc2_pipeline.game_rules import rows


@dataclass
class RuleBook:
    """The tables of rules in a folder of the test's own, which everything reads as long as the test lasts."""

    root: Path
    monkeypatch: pytest.MonkeyPatch
    folder: Path = field(default_factory=Path)
    _editions: count = field(default_factory=count)

    def forget(self) -> None:
        """Makes everything read the tables anew: what is read is remembered by folder."""
        edition = self.root / str(next(self._editions))
        shutil.copytree(self.folder, edition)
        self.folder = edition
        self.monkeypatch.setattr(rows, "FOLDER", edition)

    def add(self, table: str, **fields: str) -> None:
        """Adds a row, as somebody would who heard of a patch."""
        path = self.folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            columns = next(csv.reader(lines))
        with path.open("a", encoding="utf-8", newline="") as lines:
            csv.DictWriter(lines, columns, restval="", lineterminator="\n").writerow(fields)
        self.forget()

    def correct(self, table: str, value: str, **which: str) -> None:
        """Gives every row that has those fields another value."""
        path = self.folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            found = list(csv.DictReader(lines))
        corrected = [{**row, "value": value} if which.items() <= row.items() else row for row in found]
        assert corrected != found
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, found[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(corrected)
        self.forget()

    def end(self, table: str, to_base_build: str, **which: str) -> None:
        """Ends the era of the one open row that has those fields."""
        path = self.folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            found = list(reader)
        [row] = [row for row in found if which.items() <= row.items() and not row["to_base_build"]]
        row["to_base_build"] = to_base_build
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, found[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
        self.forget()
