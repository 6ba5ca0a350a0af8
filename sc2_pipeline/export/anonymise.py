"""Anonymisation of exported rows: names and accounts become pseudonyms, and columns that identify a file are
dropped."""

import secrets
from collections.abc import Mapping
from pathlib import Path

import duckdb

from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.errors import ContractError

ACCOUNTS = {"toon_handle", "partner_toon_handle", "player_key", "opponent_player_key", "opponent_toon_handle"}
NAMES = {"name", "partner_name", "opponent_name", "player_name", "winner", "loser"}
NAME_LISTS = {"names_seen", "names", "players"}
KEYS = {"replay_id", "game_key", "continues_replay_id"}
DROPPED = {"clan_tag", "file_name", "sha256", "random_seed", "path", "text", "tracker_fault"}
MOMENTS = {"played_at", "started_at", "first_played_at", "last_played_at"}
"""Columns by treatment; a column name means the same in every table (HOUSE_RULES). Timestamps are reduced to their
date."""

_HANDLE = r"\d+-S2-\d+-\d+"


def salt_of(home: Path) -> str:
    """The home's secret salt, created at the first export. Later exports give the same pseudonyms, and nobody can
    reverse them without the file."""
    path = home / "anonymise.salt"
    if not path.is_file():
        with whole_file(path) as partial:
            partial.touch(0o600)
            partial.write_text(secrets.token_hex(32), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def anonymous_columns(columns: Mapping[str, str], salt: str) -> str:
    """The select list over ``columns`` (name to type) that returns the same columns anonymised."""
    return ", ".join(_expression(name, kind, salt) for name, kind in columns.items())


def _expression(name: str, kind: str, salt: str) -> str:
    quoted = f'"{name}"'
    made = {
        **dict.fromkeys(DROPPED, f"null::{kind}"),
        **dict.fromkeys(MOMENTS, f"date_trunc('day', {quoted})::{kind}"),
        **dict.fromkeys(ACCOUNTS, _pseudonym(quoted, "account-", salt)),
        **dict.fromkeys(NAMES, _pseudonym(quoted, "player-", salt)),
        **dict.fromkeys(NAME_LISTS, f"list_transform({quoted}, lambda one: {_pseudonym('one', 'player-', salt)})"),
        **dict.fromkeys(KEYS, f"left(md5('{salt}' || {quoted}), 16)"),
    }
    return f"{made[name]} as {quoted}" if name in made else quoted


def _pseudonym(value: str, prefix: str, salt: str) -> str:
    return f"if({value} is null, null, '{prefix}' || left(md5('{salt}' || {value}), 12))"


def refuse_leaks(connection: duckdb.DuckDBPyConnection, select: str, columns: Mapping[str, str], table: str) -> None:
    """Raises ContractError if any text in the rows still contains an account (toon handle)."""
    texts = [name for name, kind in columns.items() if kind.startswith("VARCHAR")]
    for name in texts:
        found = connection.execute(
            f"select 1 from ({select}) where regexp_matches(\"{name}\"::varchar, '{_HANDLE}') limit 1"
        ).fetchall()
        if found:
            raise ContractError(f"column {name} of {table} would give accounts away; name it in export/anonymise.py")
