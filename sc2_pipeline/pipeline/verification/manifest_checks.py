"""Checks of the manifest alone: SQLite's own checks, and references between its rows."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.manifest import NAMING, SCHEMA_VERSION, STRAY, read_only
from sc2_pipeline.pipeline.verification.findings import Notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Contents of a manifest; empty if it is unreadable. ``extractions`` are rows, ``standing`` is the status by
    replay."""

    is_readable: bool = False
    standing: Mapping[str, str] = field(default_factory=dict)
    runs: frozenset[str] = frozenset()
    extractions: tuple[Mapping[str, Any], ...] = ()
    compacted: tuple[Mapping[str, Any], ...] = ()


def check_manifest(home: Home, notes: Notes) -> Told:
    """Records problems of the manifest; returns its contents."""
    path = home.manifest
    if not path.is_file() or path.stat().st_size == 0:
        if home.build_warehouse.is_file() or home.warehouse.is_file() or home.lake.is_dir():
            notes.add("manifest_missing", path.name, "has no bytes" if path.is_file() else "is not there")
        return Told()
    try:
        faults = [row["integrity_check"] for row in read_only(path, "pragma integrity_check")]
    except HomeError as error:
        _note_refusal(home, notes, error)
        return Told()
    if faults != ["ok"]:
        notes.add("manifest_damaged", path.name, f"SQLite finds {len(faults)} faults: {_short(faults[0])}")
        return Told()
    try:
        [version] = read_only(path, "pragma user_version")
        if 0 < version["user_version"] < SCHEMA_VERSION:
            notes.not_looked_at.append(f"{path.name}: an earlier release made it, and the next run brings it up")
            return Told()
        told = told_by(home)
        _check_strays(home, notes)
    except HomeError as error:
        _note_refusal(home, notes, error)
        return Told()
    notes.count("replays of the manifest", len(told.standing))
    return told


def _note_refusal(home: Home, notes: Notes, error: HomeError) -> None:
    damage = isinstance(error.__cause__, sqlite3.Error) and "is damaged" in str(error)
    if damage:
        notes.add("manifest_damaged", home.manifest.name, _short(str(error.__cause__)))
    else:
        notes.add("manifest_unusable", home.manifest.name, str(error))


def told_by(home: Home) -> Told:
    """Contents of a manifest; raises HomeError if it is unreadable."""
    path = home.manifest
    standing = read_only(path, "select replay_id, status from replays")
    return Told(
        is_readable=True,
        standing={row["replay_id"]: row["status"] for row in standing},
        runs=frozenset(row["run_id"] for row in read_only(path, "select run_id from runs")),
        extractions=tuple(read_only(path, "select * from extractions")),
        compacted=tuple(read_only(path, "select * from compacted_files")),
    )


def _check_strays(home: Home, notes: Notes) -> None:
    for table in NAMING:
        [row] = read_only(home.manifest, f"select count(*) as strays from {table} where {STRAY}")
        if row["strays"]:
            notes.add("stray_rows", f"{home.manifest.name}: {table}", f"{row['strays']:,} rows")


def _short(text: str) -> str:
    return " ".join(text.split())[:200]
