"""How far schema ops of the warehouse is behind the manifest, and what state the writer's file is in.

The writer's file is described here because DuckDB cannot open a file that another process is writing, and a reader that has
it open would lock out the writer.
"""

from dataclasses import dataclass
from pathlib import Path

from sc2_pipeline.manifest.database import ManifestFile, read_only


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmirrored:
    """Replays that changed, up to change number ``up_to``. Changes made during mirroring have higher numbers and are kept."""

    replay_ids: tuple[str, ...]
    up_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenWarehouse:
    """The writer's file as the last writer left it. ``is_being_written``: a process is writing it, or was killed while writing.

    ``generation`` is None until the first writer has finished.
    """

    generation: int | None
    generation_name: str | None
    is_being_written: bool


class Mirroring(ManifestFile):
    """The mirror of one home's manifest."""

    def unmirrored(self, mirror_name: str | None) -> Unmirrored | None:
        """The replays that changed since the mirroring of that name; None when it is not the manifest's latest mirroring.

        None means that one of the two files was rebuilt or restored, or a run died between the two writes: mirror everything.
        """
        [known] = self._connection.execute("select mirror_name from written_warehouse").fetchone() or [None]
        if mirror_name is None or mirror_name != known:
            return None
        return self._changed()

    def everything(self) -> Unmirrored:
        """Every replay, changed or not."""
        up_to = self._changed().up_to
        rows = self._connection.execute("select replay_id from replays order by replay_id")
        return Unmirrored(replay_ids=tuple(row[0] for row in rows), up_to=up_to)

    def _changed(self) -> Unmirrored:
        rows = self._connection.execute("select change, replay_id from unmirrored_replays order by change").fetchall()
        return Unmirrored(replay_ids=tuple(row["replay_id"] for row in rows), up_to=rows[-1]["change"] if rows else 0)

    def record_mirrored(self, mirrored: Unmirrored, mirror_name: str) -> None:
        """Records that the warehouse has these changes, under the name of this mirroring."""
        with self._transaction() as db:
            db.execute("delete from unmirrored_replays where change <= ?", (mirrored.up_to,))
            db.execute(
                "insert into written_warehouse (the_only, mirror_name) values (1, ?)"
                " on conflict (the_only) do update set mirror_name = excluded.mirror_name",
                (mirror_name,),
            )

    def begin_writing(self) -> None:
        """Records that the writer's file may change from now on."""
        with self._transaction() as db:
            db.execute(
                "insert into written_warehouse (the_only, is_being_written) values (1, 1)"
                " on conflict (the_only) do update set is_being_written = 1"
            )

    def end_writing(self, generation: int, generation_name: str) -> None:
        """Records the generation that the writer's file was left at."""
        with self._transaction() as db:
            db.execute(
                "update written_warehouse set generation = ?, generation_name = ?, is_being_written = 0",
                (generation, generation_name),
            )


def written_warehouse(path: Path) -> WrittenWarehouse | None:
    """The state of the writer's file from a manifest; None when it has none. Raises HomeError as ``read_only`` does."""
    if not read_only(path, "select 1 from sqlite_master where name = 'written_warehouse'"):
        return None
    rows = read_only(path, "select generation, generation_name, is_being_written from written_warehouse")
    return WrittenWarehouse(**{**rows[0], "is_being_written": bool(rows[0]["is_being_written"])}) if rows else None
