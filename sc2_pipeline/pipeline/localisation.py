"""Localisation: copies files of tables that stay in Parquet from a remote lake into the home permanently."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import HomeError
from sc2_pipeline.pipeline.discovery import chunks
from sc2_pipeline.pipeline.remote_files import fetch_files
from sc2_pipeline.pipeline.session import Progress, Watch, nobody
from sc2_pipeline.pipeline.warehouse_stages import open_writer
from sc2_pipeline.warehouse.parquet_files import LoadedFile, ParquetFile, loaded_files, replace_files

FILES_AT_ONCE = 1_000
"""Files copied and recorded together: an interrupted run keeps all finished groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocaliseReport:
    """Result of a localisation: files copied, replays concerned, and files still remote."""

    files: int
    replays: int
    left_elsewhere: int


def localise(settings: Settings, replay_ids: Collection[str] | None = None, *, watch: Watch = nobody) -> LocaliseReport:
    """Copies files of loaded replays, of all or those given, from the lake into the home, and publishes views that read
    them.

    Raises HomeError if nothing is loaded, LakeError if the lake does not deliver a file.
    """
    home = Home(settings.home)
    if not (home.manifest.is_file() or home.build_warehouse.is_file()):
        raise HomeError(f"nothing to localise at {home.root}; run `sc2-pipeline run` first, or give the right --home")
    with open_writer(settings, "localise", watch) as writer:
        away = loaded_files(writer.open(), are_here=False)
        wanted = [loaded for loaded in away if replay_ids is None or loaded.file.replay_id in replay_ids]
        for done, chunk in enumerate(chunks(wanted, FILES_AT_ONCE)):
            watch(Progress(stage="localise", done=done * FILES_AT_ONCE, total=len(wanted)))
            fetch_files(home, writer.session.lake, [loaded.file.path for loaded in chunk], is_to_stay=True)
            replace_files(writer.open(), _now_here(chunk))
        if wanted:
            watch(Progress(stage="localise", done=len(wanted), total=len(wanted)))
        writer.publish()
    return LocaliseReport(
        files=len(wanted),
        replays=len({loaded.file.replay_id for loaded in wanted}),
        left_elsewhere=len(away) - len(wanted),
    )


def _now_here(files: Iterable[LoadedFile]) -> list[ParquetFile]:
    return [replace(loaded.file, is_here=True) for loaded in files]
