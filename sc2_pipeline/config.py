"""Settings in one frozen object, from a file, the environment and flags, in that order."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sc2_pipeline.credentials import has_credentials
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.extras import is_installed
from sc2_pipeline.sampling import FORMS, Sampling, read_sampling
from sc2_pipeline.setting_fields import declared_settings, require_one_of, setting

ENVIRONMENT_PREFIX = "SC2_PIPELINE_"
SETTINGS_FILE = "sc2_pipeline.toml"
"""Name of the settings file in the home folder."""

DEFAULT_HOME = Path("sc2_home")

FOGS = ("off", "on", "both")
DETAILS = ("economy", "units", "full")
SOURCES = ("tracker", "sc2", "auto")
GAME_SOURCE = "sc2"
"""The source that runs replays through the game."""

PARTITION_BY = "SC2_PIPELINE_PARTITION_BY"
"""Environment variable: the kind of Dagster partition. Not a setting of a run, since it shapes the graph of which runs
are part."""

PARTITIONINGS = ("replay", "batch")


def _default_workers() -> int:
    return max(1, min(4, os.cpu_count() or 1)) if is_installed("workers") else 1


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


def _sample(_name: str, value: str) -> None:
    read_sampling(value, step_mul=1, until=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a run, each declared once. Validated on construction; raises SettingsError."""

    home: Path = setting(
        DEFAULT_HOME,
        "Folder of everything made.",
        default_words=f"{ENVIRONMENT_PREFIX}HOME, else ./{DEFAULT_HOME}",
        flag="--home",
        only_at_launch=True,
    )
    lake: str | None = setting(
        None,
        "Where extractions lie: an fsspec URL such as s3://bucket/folder, without credentials.",
        default_words="the home's own folder",
        check=_url,
        flag="--lake",
        only_at_launch=True,
    )
    localise: bool = setting(
        False,
        "With a lake at a URL: keep files of tables that stay in Parquet in the home too, as replays are loaded.",
        flag="--localise",
    )
    source: str = setting("tracker", "What reads the replays.", choices=SOURCES, flag="--source")
    filters: str | None = setting(
        None,
        "A filter set by name (all, standard, pysc2, msc, unplugged, egset, aiarena, coop) or a TOML file.",
        default_words=f"all; standard for {GAME_SOURCE}",
        flag="--filters",
    )
    pack_password: str | None = setting(
        None,
        "Password of encrypted ZIP files (ZipCrypto). Never recorded or printed; other users of the machine can read flags,"
        " but not environment variables.",
        flag="--pack-password",
        only_at_launch=True,
        is_secret=True,
    )
    workers: int = setting(
        _default_workers,
        "Processes; 1 works in the process itself.",
        default_words="one per core, at most 4",
        minimum=1,
        flag="--workers",
    )
    scheduler: str | None = setting(
        None,
        "Address of a running Dask scheduler, such as tcp://host:8786, joined without TLS.",
        flag="--scheduler",
        only_at_launch=True,
    )
    batch_replays: int = setting(
        200,
        "Most replays that are checked and loaded in one transaction; fewer where they are large.",
        minimum=1,
        flag="--batch-replays",
    )
    duckdb_memory_mb: int = setting(
        768,
        "Memory that DuckDB may take in a process that loads, builds or asks; what needs more spills to the home's disk.",
        minimum=64,
        flag="--duckdb-memory-mb",
    )
    max_bad_row_share: float = setting(
        0.05, "Share of a table's rows that may break its checks before the replay fails.", minimum=0, maximum=1
    )
    max_failed_share: float = setting(
        0.1,
        "Share of a run's replays that may fail for faults of their files before Dagster's run, and their partitions, are red.",
        minimum=0,
        maximum=1,
    )
    commands: bool = setting(
        True,
        "Read what players ordered too, for build orders and macro actions; without, the tracker stream alone.",
        flag="--commands",
    )
    worker_memory_mb: int = setting(
        2048, "Memory that one worker process may take, the game beside it not counted.", minimum=256
    )
    replay_processor_seconds: float = setting(
        4.0,
        "Processor time that reading one replay may take for each megabyte of its file, the last one counted as full;"
        " real replays take a tenth.",
        minimum=0.1,
    )
    replay_memory_mb: int = setting(
        400,
        "Memory that reading one replay may take for each megabyte of its file, the last one counted as full;"
        " real replays take a tenth.",
        minimum=1,
    )
    lock_timeout_seconds: float = setting(600.0, "How long a run waits for another one that writes.", minimum=0)

    step_mul: int = setting(8, "Game loops between observations.", minimum=1, flag="--step-mul", only_for=GAME_SOURCE)
    sample: str | None = setting(
        None,
        f"Which game loops are observed: a list of {FORMS}.",
        default_words="every:step_mul",
        check=_sample,
        flag="--sample",
        only_for=GAME_SOURCE,
    )
    until: int | None = setting(
        None,
        "Last game loop observed.",
        default_words="the game's end",
        minimum=1,
        flag="--until",
        only_for=GAME_SOURCE,
    )
    fog: str = setting("off", "Fog of war.", choices=FOGS, flag="--fog", only_for=GAME_SOURCE)
    detail: str = setting(
        "units", "How much is kept of what is observed.", choices=DETAILS, flag="--detail", only_for=GAME_SOURCE
    )
    layers_step_mul: int = setting(
        1,
        "Least game loops between two observations whose map layers --detail full keeps.",
        default_words="each observation",
        minimum=1,
        flag="--layers-step-mul",
        only_for=GAME_SOURCE,
    )
    abilities_step_mul: int = setting(
        1,
        "Least game loops between two observations whose available abilities --detail full keeps.",
        default_words="each observation",
        minimum=1,
        flag="--abilities-step-mul",
        only_for=GAME_SOURCE,
    )
    observe_computers: bool = setting(
        False, "Observe computer players too, each in a pass of its own.", only_for=GAME_SOURCE
    )
    tries: int = setting(
        2, "Tries of a replay, each after a fault on a fresh instance of the game.", minimum=1, only_for=GAME_SOURCE
    )
    restart_every: int = setting(
        300, "Replays per instance of the game.", minimum=1, flag="--restart-every", only_for=GAME_SOURCE
    )
    pipeline_depth: int = setting(
        128,
        "Requests sent ahead of the answer that is being read; 1 sends one at a time.",
        minimum=1,
        only_for=GAME_SOURCE,
    )
    memory_ceiling_mb: int = setting(
        4096, "Memory past which an instance of the game is ended.", minimum=1, only_for=GAME_SOURCE
    )
    boot_timeout_seconds: float = setting(
        120.0, "How long the game may take to start.", minimum=0.1, only_for=GAME_SOURCE
    )
    start_timeout_seconds: float = setting(
        180.0, "How long the game may take to load a replay.", minimum=0.1, only_for=GAME_SOURCE
    )
    request_timeout_seconds: float = setting(
        60.0, "How long the game may take to answer a request.", minimum=0.1, only_for=GAME_SOURCE
    )
    failed_starts: int = setting(
        3,
        "Failed starts of the game in a row after which a client build is given up for the run.",
        minimum=1,
        only_for=GAME_SOURCE,
    )
    fault_folders: int = setting(
        20,
        "Failed tries of the game of which a folder is kept to look at (command fault).",
        minimum=0,
        only_for=GAME_SOURCE,
    )
    launch_gap_seconds: float = setting(
        1.0, "Least time between two launches of the game on a machine.", minimum=0, only_for=GAME_SOURCE
    )

    def __post_init__(self) -> None:
        for declared in SETTINGS.values():
            declared.validate(getattr(self, declared.name))

    @property
    def sampling(self) -> Sampling:
        """Which game loops are observed: ``sample``, with ``step_mul`` and ``until`` for what it leaves open."""
        return read_sampling(self.sample, step_mul=self.step_mul, until=self.until)


SETTINGS = declared_settings(Settings)
"""Every setting by name, in the order of the declarations."""


def environment_variable(name: str) -> str:
    """Name of a setting's environment variable."""
    return ENVIRONMENT_PREFIX + name.upper()


def read_settings(flags: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the home's file, then ``SC2_PIPELINE_*`` variables, then ``flags`` that are not None; later ones
    win.

    Raises SettingsError for an unknown name or invalid value, naming its source.
    """
    environment = os.environ if environment is None else environment
    from_environment = _environment_values(environment)
    given = {name: value for name, value in flags.items() if value is not None}
    home = Path(given.get("home") or from_environment.get("home") or DEFAULT_HOME)
    values = _file_values(home / SETTINGS_FILE) | from_environment | given | {"home": home}
    _known(values, "among the flags")
    return Settings(**{name: SETTINGS[name].converted(value) for name, value in values.items()})


def read_partition_by(environment: Mapping[str, str] | None = None) -> str:
    """The kind of Dagster partition set in the environment, by default ``replay``; raises SettingsError."""
    environment = os.environ if environment is None else environment
    given = environment.get(PARTITION_BY) or PARTITIONINGS[0]
    require_one_of("partition_by", given, PARTITIONINGS)
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
    given = {name: environment.get(environment_variable(name)) for name in SETTINGS}
    return {name: value for name, value in given.items() if value}


def _known(values: Mapping[str, Any], where: str) -> None:
    for name in values:
        if name not in SETTINGS:
            raise SettingsError(f"unknown setting {name!r} {where} (known: {', '.join(sorted(SETTINGS))})")


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of a home's files and folders; creates nothing."""

    root: Path

    @property
    def manifest(self) -> Path:
        """SQLite file with the status of every replay, the source of truth."""
        return self.root / "manifest.sqlite"

    @property
    def lake(self) -> Path:
        """Folder of extracted Parquet files; for a remote lake, of localised files."""
        return self.root / "lake"

    @property
    def build_warehouse(self) -> Path:
        """DuckDB file used only by the writer."""
        return self.root / "build" / "warehouse.duckdb"

    @property
    def warehouse(self) -> Path:
        """Published DuckDB file."""
        return self.root / "warehouse.duckdb"

    @property
    def built_batches(self) -> Path:
        """Folder of batches that workers build, for the time of a run."""
        return self.root / "build" / "batches"

    @property
    def visiting(self) -> Path:
        """Temporary copies of a remote lake's files while a batch needs them, with the same relative paths as in the
        home."""
        return self.root / "build" / "visiting"

    @property
    def work_notes(self) -> Path:
        """Folder in which workers note what they are working on."""
        return self.root / "build" / "work_notes"

    @property
    def faults(self) -> Path:
        """Folders of the last failed tries of the game."""
        return self.root / "faults"

    @property
    def writer_lock(self) -> Path:
        """Lock file of the only writer of the warehouse; contains the owner's name."""
        return self.root / "build" / "writer.lock"

    @property
    def logs(self) -> Path:
        """Folder of log files."""
        return self.root / "logs"
