"""One frozen settings object, from a file, the environment and flags, in that order."""

import dataclasses
import os
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from sc2_pipeline.credentials import has_credentials
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.extras import is_installed

ENVIRONMENT_PREFIX = "SC2_PIPELINE_"
SETTINGS_FILE = "sc2_pipeline.toml"
"""Looked for in the home folder."""

DEFAULT_HOME = Path("sc2_home")

FOGS = ("off", "on", "both")
DETAILS = ("economy", "units", "full")
SOURCES = ("tracker", "sc2", "auto")

PARTITION_BY = "SC2_PIPELINE_PARTITION_BY"
"""Environment variable: what Dagster makes a partition of. Not a setting of a run: it shapes the graph that runs are part of."""

PARTITIONINGS = ("replay", "batch")


def _default_workers() -> int:
    return max(1, min(4, os.cpu_count() or 1)) if is_installed("workers") else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a run can be told. Values are checked when it is made; raises SettingsError.

    ``lake`` is an fsspec URL, without credentials, that extractions lie at; None: the home's own folder. With a URL, ``localise`` keeps files of
    tables that stay in Parquet in the home too as replays are loaded.
    ``filters`` is the name of a filter set or a TOML file; None takes the source's own default.
    ``batch_replays`` is how many replays are checked and loaded in one transaction.
    ``max_bad_row_share`` is the share of a table's rows that may break its checks before the replay fails.
    ``commands``: what people ordered is read too, and build orders solved with it; without, the tracker stream alone.
    ``worker_memory_mb`` bounds one worker process, the game beside it not counted. Reading one replay may take
    ``replay_processor_seconds`` of processor time and ``replay_memory_mb`` of memory for each megabyte of its file, the
    last one counted though it is not full; real ones take a tenth.

    For the sc2 source: the game is observed every ``step_mul`` game loops up to loop ``until`` (None: to its end), once per
    person (``observe_computers``: per computer too), with the fog of war ``off``, ``on`` or ``both``, in ``detail``
    ``economy``, ``units`` or ``full``. A fault is tried again on a fresh instance until ``tries`` are used up; an instance
    ends after ``restart_every`` replays or past ``memory_ceiling_mb``; ``pipeline_depth`` 1 sends one request at a time.
    Two launches on a machine are ``launch_gap_seconds`` apart.
    """

    home: Path = DEFAULT_HOME
    lake: str | None = None
    localise: bool = False
    source: str = "tracker"
    filters: str | None = None
    workers: int = dataclasses.field(default_factory=_default_workers)
    scheduler: str | None = None
    batch_replays: int = 200
    max_bad_row_share: float = 0.05
    commands: bool = True
    worker_memory_mb: int = 2048
    replay_processor_seconds: float = 4.0
    replay_memory_mb: int = 400
    lock_timeout_seconds: float = 600.0

    step_mul: int = 8
    until: int | None = None
    fog: str = "off"
    detail: str = "units"
    observe_computers: bool = False
    tries: int = 2
    restart_every: int = 300
    pipeline_depth: int = 128
    memory_ceiling_mb: int = 4096
    boot_timeout_seconds: float = 120.0
    start_timeout_seconds: float = 180.0
    request_timeout_seconds: float = 60.0
    launch_gap_seconds: float = 1.0

    def __post_init__(self) -> None:
        _url("lake", self.lake)
        _one_of("source", self.source, SOURCES)
        _at_least("workers", self.workers, 1)
        _at_least("batch_replays", self.batch_replays, 1)
        _at_least("worker_memory_mb", self.worker_memory_mb, 256)
        _at_least("replay_processor_seconds", self.replay_processor_seconds, 0.1)
        _at_least("replay_memory_mb", self.replay_memory_mb, 1)
        for name in ("lock_timeout_seconds", "launch_gap_seconds"):
            _at_least(name, getattr(self, name), 0)
        _one_of("fog", self.fog, FOGS)
        _one_of("detail", self.detail, DETAILS)
        for name in ("step_mul", "tries", "restart_every", "pipeline_depth", "memory_ceiling_mb"):
            _at_least(name, getattr(self, name), 1)
        for name in ("boot_timeout_seconds", "start_timeout_seconds", "request_timeout_seconds"):
            _at_least(name, getattr(self, name), 0.1)
        if self.until is not None:
            _at_least("until", self.until, 1)
        if not 0 <= self.max_bad_row_share <= 1:
            raise SettingsError(f"max_bad_row_share is {self.max_bad_row_share}; give a share from 0 to 1")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}; give one of {', '.join(allowed)}")


def _url(name: str, value: str | None) -> None:
    if value is None:
        return
    protocol, is_url, rest = value.partition("://")
    if has_credentials(value):
        # A URL is printed, stored and sent to workers; the driver finds keys by itself.
        raise SettingsError(
            f"{name} is {protocol}://..., which has credentials in it; leave them out of the URL and give them by the "
            "environment, as the store's driver has it (for s3 AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"
        )
    if not rest.strip("/"):
        said = "no URL" if "@" in value and not is_url else repr(value)
        raise SettingsError(
            f"{name} is {said}; give a URL such as s3://bucket/folder or file:///mnt/shared, or leave it out"
        )


def _at_least(name: str, value: float, minimum: float) -> None:
    if value < minimum:
        raise SettingsError(f"{name} is {value}; give at least {minimum}")


def read_settings(flags: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the home's file, then ``SC2_PIPELINE_*`` variables, then ``flags`` that are not None.

    Raises SettingsError for an unknown name or a value that does not fit, naming where it stands.
    """
    environment = os.environ if environment is None else environment
    from_environment = _environment_values(environment)
    given = {name: value for name, value in flags.items() if value is not None}
    home = Path(given.get("home") or from_environment.get("home") or DEFAULT_HOME)
    values = _file_values(home / SETTINGS_FILE) | from_environment | given | {"home": home}
    return Settings(**{name: _converted(name, value) for name, value in values.items()})


def read_partition_by(environment: Mapping[str, str] | None = None) -> str:
    """What Dagster makes a partition of, by the environment: ``replay`` unless it says otherwise; raises SettingsError."""
    environment = os.environ if environment is None else environment
    given = environment.get(PARTITION_BY) or PARTITIONINGS[0]
    _one_of("partition_by", given, PARTITIONINGS)
    return given


def _file_values(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is not a readable TOML file ({error}); mend or remove it") from error
    _known(values, f"in {path}")
    return values


def _environment_values(environment: Mapping[str, str]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(Settings)}
    return {
        name: environment[ENVIRONMENT_PREFIX + name.upper()]
        for name in sorted(names)
        if environment.get(ENVIRONMENT_PREFIX + name.upper())
    }


def _known(values: Mapping[str, Any], where: str) -> None:
    names = {field.name for field in dataclasses.fields(Settings)}
    for name in values:
        if name not in names:
            raise SettingsError(f"unknown setting {name!r} {where} (known: {', '.join(sorted(names))})")


def _converted(name: str, value: Any) -> Any:
    """``value`` in the type of the setting; text from the environment is parsed."""
    _known({name: value}, "among the flags")
    wanted = get_type_hints(Settings)[name]
    if get_origin(wanted) is types.UnionType:
        if value is None:
            return None
        wanted = next(kind for kind in get_args(wanted) if kind is not type(None))
    if wanted is bool:
        return _truth(name, value)
    try:
        return wanted(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{name} is {value!r}; give {_article(wanted)}") from error


def _truth(name: str, value: Any) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise SettingsError(f"{name} is {value!r}; give true or false")
    return words[str(value).lower()]


def _article(kind: type) -> str:
    return {int: "a whole number", float: "a number", Path: "a path"}.get(kind, "text")


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything made lies. Only paths; nothing is created by asking."""

    root: Path

    @property
    def manifest(self) -> Path:
        """SQLite file: the truth about every replay."""
        return self.root / "manifest.sqlite"

    @property
    def lake(self) -> Path:
        """Folder of extracted Parquet files, and of those localised where the lake lies elsewhere."""
        return self.root / "lake"

    @property
    def build_warehouse(self) -> Path:
        """DuckDB file private to the one writer."""
        return self.root / "build" / "warehouse.duckdb"

    @property
    def warehouse(self) -> Path:
        """DuckDB file that people open."""
        return self.root / "warehouse.duckdb"

    @property
    def visiting(self) -> Path:
        """Files of a lake that lies elsewhere, while a batch needs them; named as under the home."""
        return self.root / "build" / "visiting"

    @property
    def work_notes(self) -> Path:
        """Folder of what workers are at, while they are at it."""
        return self.root / "build" / "work_notes"

    @property
    def writer_lock(self) -> Path:
        """Held by the one writer of the warehouse; the owner's name stands in it."""
        return self.root / "build" / "writer.lock"

    @property
    def logs(self) -> Path:
        """Folder of log files."""
        return self.root / "logs"
