"""Options of ``run``; each is the setting of its name, and left out it is what file and environment say."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from sc2_pipeline.errors import REASONS

_GAME = "Only for the source sc2"

SourceOption = Annotated[str | None, typer.Option("--source", help="tracker, sc2 or auto. (default: tracker)")]
LakeOption = Annotated[
    str | None,
    typer.Option("--lake", help="An fsspec URL such as s3://bucket/folder. (default: the home's own folder)"),
]
LocaliseOption = Annotated[
    bool | None,
    typer.Option(
        "--localise/--no-localise",
        help="With --lake: keep tables that stay in Parquet in the home too. (default: no-localise)",
        show_default=False,
    ),
]
FiltersOption = Annotated[
    str | None,
    typer.Option(
        "--filters",
        help="A filter set by name (all, standard, pysc2, msc, unplugged, egset, aiarena, coop) or a TOML file."
        " (default: all; standard for sc2)",
    ),
]
SchedulerOption = Annotated[
    str | None, typer.Option("--scheduler", help="A running Dask scheduler, such as tcp://host:8786.")
]
BatchOption = Annotated[int | None, typer.Option("--batch-replays", help="Replays per transaction. (default: 200)")]
CommandsOption = Annotated[
    bool | None,
    typer.Option(
        "--commands/--no-commands",
        help="Read commands too, for build orders and macro actions. (default: commands)",
        show_default=False,
    ),
]
RetryOption = Annotated[
    str | None,
    typer.Option(
        "--retry-failed",
        metavar="[REASON]",
        help="Try again what was given up: all, or what failed for REASON (see rejects). (default: no)",
    ),
]
CountsOption = Annotated[bool, typer.Option("--json", help="Counts as one JSON object, the last line of stdout.")]

StepMulOption = Annotated[
    int | None,
    typer.Option("--step-mul", help="Game loops between observations. (default: 8)", rich_help_panel=_GAME),
]
UntilOption = Annotated[
    int | None,
    typer.Option("--until", help="Last game loop observed. (default: the game's end)", rich_help_panel=_GAME),
]
FogOption = Annotated[
    str | None, typer.Option("--fog", help="Fog of war: off, on or both. (default: off)", rich_help_panel=_GAME)
]
DetailOption = Annotated[
    str | None, typer.Option("--detail", help="economy, units or full. (default: units)", rich_help_panel=_GAME)
]
RestartOption = Annotated[
    int | None,
    typer.Option("--restart-every", help="Replays per instance of the game. (default: 300)", rich_help_panel=_GAME),
]


ALL_REASONS = "all"


class RunCommand(TyperCommand):
    """The command ``run``, whose ``--retry-failed`` takes a reason or none."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Says ``all`` where no reason is given."""
        return super().parse_args(ctx, list(_with_reason(args)))


def _with_reason(args: Sequence[str]) -> Iterator[str]:
    for word, following in zip_longest(args, args[1:]):
        yield word
        if word == "--retry-failed" and not _is_reason(following):
            yield ALL_REASONS


def _is_reason(word: str | None) -> bool:
    """Whether a word is meant for one: neither left out, nor another option, nor a path that is there."""
    return word is not None and (word in REASONS or not (word.startswith("-") or Path(word).exists()))


def retry_reasons(reason: str | None) -> tuple[str, ...]:
    """The reasons that the value of ``--retry-failed`` stands for."""
    if reason is None:
        return ()
    return tuple(REASONS) if reason == ALL_REASONS else (reason,)
