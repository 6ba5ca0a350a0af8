"""Relations that models may read besides other models: raw tables and tables shipped with the package."""

import hashlib

from sc2_pipeline.game_rules.shipped import shipped_versions
from sc2_pipeline.tables import RAW_TABLES, Table, schema_version
from sc2_pipeline.tables.shipped import SHIPPED_TABLES


def input_tables() -> dict[str, Table]:
    """Declarations by relation, such as ``raw.unit_events``."""
    return {f"raw.{name}": table for name, table in (RAW_TABLES | SHIPPED_TABLES).items()}


def input_versions() -> dict[str, str]:
    """Version by relation: a hash of the declared columns, and for shipped tables of their content."""
    raw = {f"raw.{name}": schema_version((table,)) for name, table in RAW_TABLES.items()}
    content = shipped_versions()
    return raw | {f"raw.{name}": schema_version((table,)) + content[name] for name, table in SHIPPED_TABLES.items()}


def input_words_versions() -> dict[str, str]:
    """sha256 of the column texts, by relation."""
    return {relation: _words_version(table) for relation, table in input_tables().items()}


def _words_version(table: Table) -> str:
    words = (f"{column.name}\0{column.description}\0{column.unit}\0{column.origin}" for column in table.columns)
    return hashlib.sha256("\0".join(words).encode()).hexdigest()
