"""What became of files."""

from datetime import datetime

from sc2_pipeline.app.shapes.base import Shape


class FileCount(Shape):
    """Files of a status."""

    status: str
    files: int


class FileFate(Shape):
    """What became of a file."""

    replay_id: str
    status: str
    reason: str | None
    meaning: str | None
    detail: str | None
    what_to_do: str
    is_retryable: bool | None
    path: str | None
    file_bytes: int | None
    updated_at: datetime | None


class Files(Shape):
    """A page of files."""

    counts: list[FileCount]
    total: int
    files: list[FileFate]
