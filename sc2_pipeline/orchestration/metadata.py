"""Metadata: formats numbers, tables and samples for the Dagster UI. Pure functions without queries."""

from collections.abc import Iterable, Mapping, Sequence

import dagster as dg

from sc2_pipeline.pipeline.stages import Outcome
from sc2_pipeline.warehouse.reading.samples import Sample

SHOWN_SENTENCES = 50
"""Maximum number of failure messages in one event; the rest are only counted."""

Metadata = dict[str, dg.MetadataValue]


def sample_metadata(sample: Sample, descriptions: Mapping[str, str]) -> Metadata:
    """Columns with types and descriptions, and row counts and sample rows for stored relations."""
    columns = [
        dg.TableColumn(name=name, type=kind.lower(), description=descriptions.get(name))
        for name, kind in sample.columns
    ]
    shown: Metadata = {"dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns=columns))}
    if sample.row_count is not None:
        shown["dagster/row_count"] = dg.MetadataValue.int(sample.row_count)
        shown["preview"] = dg.MetadataValue.md(_markdown([name for name, _ in sample.columns], sample.rows))
    return shown


def lineage_metadata(origins: Mapping[str, Iterable[tuple[str, str]]]) -> dg.MetadataValue:
    """Column lineage: the columns that each column is derived from. Relations in ``origins`` are named as in SQL."""
    return dg.MetadataValue.column_lineage(
        dg.TableColumnLineage(
            deps_by_column={
                column: [
                    dg.TableColumnDep(asset_key=dg.AssetKey(relation.split(".")), column_name=name)
                    for relation, name in deps
                ]
                for column, deps in origins.items()
            }
        )
    )


def lobby_metadata(outcome: Outcome) -> dict[str, str]:
    """Map, players and matchup of a replay; empty if its lobby is unreadable."""
    facts = outcome.facts
    if facts is None:
        return {}
    *others, last = facts.player_names or ("nobody",)
    players = f"{', '.join(others)} and {last}" if others else last
    return {"map": facts.map_name, "players": players, "matchup": facts.matchup or facts.game_mode}


def replay_words(outcome: Outcome) -> str:
    """A replay as people know it, in one line: file, map, players, matchup."""
    lobby = lobby_metadata(outcome)
    return f"{outcome.file_name or outcome.replay_id}" + (f" ({', '.join(lobby.values())})" if lobby else "")


def failure_words(outcome: Outcome) -> str:
    """A failed replay and why it failed, in one line."""
    return f"{replay_words(outcome)} failed: {outcome.detail}"


def sentences_metadata(sentences: Mapping[str, str]) -> dg.MetadataValue:
    """A table of one message per replay or file."""
    rows = list(sentences.items())[:SHOWN_SENTENCES]
    more = len(sentences) - len(rows)
    return dg.MetadataValue.md(_markdown(["replay", "why"], [*rows, *([("...", f"{more} more")] if more else [])]))


def failures_said(sentences: Mapping[str, str]) -> str:
    """The first few failures in one line."""
    first = "; ".join(f"{name}: {why}" for name, why in list(sentences.items())[:3])
    return first + (f"; and {len(sentences) - 3} more" if len(sentences) > 3 else "")


def _markdown(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    # Escapes markup in player and file names.
    escaped = "".join(f"\\{sign}" if sign in r"\|`*_<>[]#~" else sign for sign in text)
    return " ".join(escaped.split())[:200]
