"""A replay's card: everything that the manifest records of it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from sc2_pipeline.cli.terminal import print_facts, print_lines, print_rows, shown
from sc2_pipeline.errors import REASONS, HomeError
from sc2_pipeline.manifest import read_only
from sc2_pipeline.steps.discover import shown_path

MAX_NAMED = 8
"""Maximum number of replays listed when a name is ambiguous."""

_FITTING = r"""
with names as (
    select replay_id, path, replace(path, '\', '/') as slashed from replay_files
)
select replay_id, path,
    replay_id = :name or path = :path or slashed like '%/' || :pattern escape '!' as is_exact
from names
where replay_id like :pattern || '%' escape '!' or path = :path or slashed like '%/' || :pattern || '%' escape '!'
"""

_PARTS = {
    "files": "select path, file_bytes, first_seen_at, last_seen_at from replay_files where replay_id = ? order by path",
    "rule_outcomes": "select filters, rule, passed, observed, wanted from rule_outcomes where replay_id = ? order by rowid",
    "attempts": "select * from attempts where replay_id = ? order by attempt_id",
    "extractions": "select * from extractions where replay_id = ? order by extracted_at",
}


def card_of(manifest: Path, name: str) -> dict[str, Any]:
    """Everything recorded of the replay with that id or file name, or a prefix of it, or of that file.

    Raises HomeError if the name matches no replay or several.
    """
    replay_id = named_replay_id(manifest, name)
    [row] = read_only(manifest, "select * from replays where replay_id = ?", (replay_id,))
    parts = {part: read_only(manifest, sql, (replay_id,)) for part, sql in _PARTS.items()}
    for outcome in parts["rule_outcomes"]:
        outcome["passed"] = bool(outcome["passed"])
    # A manifest from before 0.1.0 that no run has migrated yet has a source instead.
    parts["extractions"] = [{"part": row.pop("source", None), **row} for row in parts["extractions"]]
    facts = read_only(manifest, "select facts from lobby_facts where replay_id = ?", (replay_id,))
    return row | parts | {"facts": json.loads(facts[0]["facts"]) if facts else None}


def named_replay_id(manifest: Path, name: str) -> str:
    """Id of the replay that ``name`` fits, as :func:`card_of` takes it; raises HomeError."""
    fitting = _fitting(manifest, name)
    exact = {row["replay_id"] for row in fitting if row["is_exact"]}
    ids = exact or {row["replay_id"] for row in fitting} or _by_bytes(manifest, name)
    if not ids:
        raise HomeError(
            f"no replay of this home is called {name} (looked at ids and file names in {manifest}); "
            "give the beginning of one, or run over its file first"
        )
    if len(ids) > 1:
        named = [f"{row['replay_id']} {Path(row['path']).name}" for row in fitting if row["replay_id"] in ids]
        more = f" and {len(named) - MAX_NAMED} more" if len(named) > MAX_NAMED else ""
        raise HomeError(f"{name} fits {len(ids)} replays ({', '.join(named[:MAX_NAMED])}{more}); give more of the name")
    return ids.pop()


def _fitting(manifest: Path, name: str) -> list[dict[str, Any]]:
    # In the manifest's form of paths, which escapes bytes that are not UTF-8.
    written = shown_path(Path(name))
    pattern = written.replace("\\", "/").replace("!", "!!").replace("%", "!%").replace("_", "!_")
    path = shown_path(Path(name).absolute())
    return read_only(manifest, _FITTING, {"name": written, "path": path, "pattern": pattern})


def _by_bytes(manifest: Path, name: str) -> set[str]:
    """Ids of a file's contents, for a path that is not in the manifest."""
    path = Path(name)
    if not path.is_file():
        return set()
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return set()
    return {
        row["replay_id"] for row in read_only(manifest, "select replay_id from replays where sha256 = ?", (sha256,))
    }


def print_card(console: Console, card: Mapping[str, Any]) -> None:
    """Prints a card."""
    reason = card["reason"]
    print_facts(
        console,
        [
            ("replay", card["replay_id"]),
            ("status", f"{card['status']} (step {card['stage']})"),
            *([("reason", f"{reason}: {REASONS.get(reason, 'a rule of the filters says no')}")] if reason else []),
            *([("detail", card["detail"])] if card["detail"] else []),
            *([("retry", "another try may succeed")] if card["is_retryable"] else []),
            ("sha256", card["sha256"] or "unknown: the file could not be read"),
            ("bytes", card["file_bytes"]),
            ("first seen", card["first_seen_at"]),
            ("changed", card["updated_at"]),
            *([("batch", card["batch"])] if card.get("batch") else []),
            *((f"{stream} cut", fault) for stream, fault in card.get("cut_streams", {}).items()),
            *(("file", file["path"]) for file in card["files"]),
        ],
    )
    if card["facts"] and "reason" not in card["facts"]:
        print_lines(console, ["", "Lobby"], style="bold")
        print_facts(console, [(name, _value(value)) for name, value in card["facts"].items()])
    _print_part(console, "Rules", card["rule_outcomes"], ("rule", "passed", "observed", "wanted", "filters"))
    _print_part(
        console,
        "Attempts",
        card["attempts"],
        ("source", "settings_digest", "started_at", "finished_at", "outcome", "detail"),
    )
    columns = (
        "part",
        "settings_digest",
        "rows",
        "bytes",
        "seconds",
        "extracted_at",
        "is_current",
        "is_complete",
        "folder",
    )
    _print_part(console, "Extractions", card["extractions"], columns)


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join("unknown" if part is None else shown(part) for part in value)
    return "unknown" if value is None else shown(value)


def _print_part(console: Console, title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if rows:
        print_rows(console, columns, [[_word(column, row[column]) for column in columns] for row in rows], title=title)


def _word(column: str, value: object) -> object:
    if column == "passed" or column.startswith("is_"):
        return "yes" if value else "no"
    return value
