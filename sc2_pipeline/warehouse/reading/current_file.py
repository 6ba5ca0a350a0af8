"""Locates the published warehouse. Does not import DuckDB, so that programs find out at once that there is none."""

from pathlib import Path

from sc2_pipeline.errors import HomeError


def published_warehouse(warehouse: Path) -> Path:
    """The file that readers should open now; raises HomeError if nothing is published."""
    path = current_file(warehouse)
    if not path.is_file():
        raise HomeError(f"no warehouse at {path}; run `sc2-pipeline run` first, or give the right --home")
    return path


def is_published(warehouse: Path) -> bool:
    """Whether there is a file for readers to open."""
    return current_file(warehouse).is_file()


def pointer_file(warehouse: Path) -> Path:
    """File that names the current version, on systems that cannot replace an open file."""
    return warehouse.with_name(f"{warehouse.name}.current")


def current_file(warehouse: Path) -> Path:
    """Path that readers should open now, whether or not it exists."""
    pointer = pointer_file(warehouse)
    return warehouse.with_name(pointer.read_text(encoding="utf-8").strip()) if pointer.is_file() else warehouse
