"""Options of ``run``; each is the setting of its name, and left out it is what file and environment say."""

from typing import Annotated

import typer

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
