"""Kinds of findings in a home: what each means, and how it is repaired."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of finding: its consequence for the user, and what ``verify --repair`` does."""

    means: str
    repair: str


KINDS: Mapping[str, Kind] = {
    "manifest_missing": Kind(
        means="what was done is known to the warehouse and the lake alone",
        repair="makes it anew from them",
    ),
    "manifest_damaged": Kind(
        means="no command that reads or writes it works",
        repair="moves it aside and makes it anew from the warehouse and the lake",
    ),
    "manifest_unusable": Kind(
        means="nothing here can use it",
        repair="nothing: see what is said",
    ),
    "manifest_behind": Kind(
        means="it is older than the warehouse, or another home's: loaded replays are unknown to it",
        repair="tells it what the warehouse knows",
    ),
    "manifest_contradicts": Kind(
        means="status counts other replays than the warehouse holds",
        repair="lets it say what the warehouse holds",
    ),
    "stray_rows": Kind(
        means="rows of the manifest name replays that it does not know",
        repair="removes the rows",
    ),
    "warehouse_missing": Kind(
        means="nothing can be loaded until it is made anew",
        repair="makes it anew from the lake",
    ),
    "warehouse_damaged": Kind(
        means="nothing can be loaded into it, and what is published cannot be renewed",
        repair="moves it aside and makes it anew from the lake",
    ),
    "warehouse_contradicts": Kind(
        means="it counts replays as loaded whose rows it lacks, or the reverse",
        repair="moves it aside and makes it anew from the lake",
    ),
    "published_missing": Kind(
        means="people have nothing to open",
        repair="publishes the writer's file",
    ),
    "published_damaged": Kind(
        means="people cannot open it, or cannot read all of it",
        repair="moves it aside and publishes the writer's file",
    ),
    "published_behind": Kind(
        means="people do not see all that is loaded",
        repair="publishes the writer's file",
    ),
    "extraction_missing": Kind(
        means="rows that the manifest names are not in the lake",
        repair="sets the replay back: the next run extracts it again",
    ),
    "file_damaged": Kind(
        means="views that read the file fail, or it cannot be loaded",
        repair="takes the file out of views and sets the replay back: the next run extracts it again",
    ),
    "compacted_file_damaged": Kind(
        means="views that read the file fail",
        repair="takes it out of views and sets all its replays back: the next run extracts them again",
    ),
    "unknown_extraction": Kind(
        means="a whole extraction that the manifest does not know: it is never loaded",
        repair="tells the manifest, and loads it",
    ),
    "leftover": Kind(
        means="a killed process left it, or nothing names it: it takes room",
        repair="removes it",
    ),
    "game_data_damaged": Kind(
        means="rows of that version of the game cannot be loaded",
        repair="removes it: the next extraction of that version writes it again",
    ),
}
"""Kinds by code; the codes are stable, for readers of ``verify --json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem: its kind, its location (relative to the home), and what was observed."""

    kind: str
    where: str
    said: str

    @property
    def means(self) -> str:
        """Consequence for the user."""
        return KINDS[self.kind].means

    @property
    def repair(self) -> str:
        """What ``--repair`` does about it."""
        return KINDS[self.kind].repair


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Result of a verification.

    ``looked_at`` counts what was checked, ``not_looked_at`` has a message for everything that could not be checked.
    ``done`` has a message per repair; ``waiting`` counts replays that the next run extracts again.
    """

    findings: tuple[Finding, ...]
    looked_at: Mapping[str, int]
    not_looked_at: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    waiting: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether there are no findings."""
        return not self.findings


@dataclass(slots=True)
class Notes:
    """Collects findings, counts of what was checked, and what could not be checked."""

    findings: list[Finding] = field(default_factory=list)
    looked_at: dict[str, int] = field(default_factory=dict)
    not_looked_at: list[str] = field(default_factory=list)

    def add(self, kind: str, where: str, said: str) -> None:
        """Adds a finding."""
        self.findings.append(Finding(kind=kind, where=where, said=said))

    def count(self, what: str, number: int = 1) -> None:
        """Adds to the count of things checked."""
        self.looked_at[what] = self.looked_at.get(what, 0) + number
