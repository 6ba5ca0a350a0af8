"""Runs audit checks over a whole warehouse, which they only read; the caller decides what a finding means."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import duckdb

from sc2_pipeline.sql_models import AuditCheck

Verdict = Literal["sound", "explained", "unexplained"]

EXAMPLES = 3
"""Examples of a check's findings, unless another number is asked for."""

# The fewest explained first, and of equals the same ones at every run.
_COUNTED = """
select
    count(*),
    count(finding),
    count(finding) filter (not coalesce(is_explained, false)),
    arg_min(
        {{'replay_id': replay_id, 'finding': finding, 'is_explained': coalesce(is_explained, false)}},
        (coalesce(is_explained, false), replay_id, finding),
        $examples
    ) filter (finding is not null)

from ({sql}
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditExample:
    """One finding: what was found, in which file of which game."""

    replay_id: str
    file_name: str
    game_key: str
    finding: str
    is_explained: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOutcome:
    """What one check found: numbers of things looked at, of findings, and of findings that nothing explains.

    ``examples`` are some of the findings, those without an explanation first.
    """

    check: AuditCheck
    looked_at: int
    findings: int
    unexplained: int
    examples: tuple[AuditExample, ...]

    @property
    def verdict(self) -> Verdict:
        """unexplained: a defect, of the data or of ours; explained: facts of the data that the documentation describes."""
        if self.unexplained:
            return "unexplained"
        return "explained" if self.findings else "sound"

    def row(self) -> dict[str, Any]:
        """The outcome as plain values, for a table or a document."""
        return {
            "check": self.check.name,
            "verdict": self.verdict,
            "findings": self.findings,
            "unexplained": self.unexplained,
            "looked_at": self.looked_at,
            "looks_at": self.check.looks_at,
            "holds": self.check.holds,
            "explained_in": f"docs/{self.check.explained_in}",
            "examples": [asdict(example) for example in self.examples],
        }


def audit(
    connection: duckdb.DuckDBPyConnection, checks: Iterable[AuditCheck], *, examples: int = EXAMPLES
) -> Iterator[AuditOutcome]:
    """Outcomes of the checks, each as soon as it is known, with at most ``examples`` findings of each."""
    for check in checks:
        yield _outcome(connection, check, examples)


def _outcome(connection: duckdb.DuckDBPyConnection, check: AuditCheck, examples: int) -> AuditOutcome:
    # DuckDB gives no list of the least 0.
    parameters = {"examples": max(examples, 1)}
    [(looked_at, findings, unexplained, found)] = connection.execute(
        _COUNTED.format(sql=check.sql), parameters
    ).fetchall()
    return AuditOutcome(
        check=check,
        looked_at=looked_at,
        findings=findings,
        unexplained=unexplained,
        examples=tuple(_examples(connection, (found or [])[:examples])),
    )


def _examples(connection: duckdb.DuckDBPyConnection, found: list[dict[str, Any]]) -> Iterator[AuditExample]:
    replays = connection.execute(
        "select replay_id, file_name, game_key from marts.dim_replays where list_contains($replay_ids, replay_id)",
        {"replay_ids": [example["replay_id"] for example in found]},
    ).fetchall()
    files = {replay_id: (file_name, game_key) for replay_id, file_name, game_key in replays}
    for example in found:
        file_name, game_key = files.get(example["replay_id"], ("", ""))
        yield AuditExample(**example, file_name=file_name, game_key=game_key)
