"""Command-line options that choose the games a command is about."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from sc2_pipeline.population import Population, PopulationOption, population_options

_PARAMETER = "population"


def takes_population(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of the population; its parameter ``population`` receives the chosen one.

    Calling the command raises SettingsError for an invalid option.
    """

    @wraps(command)
    def run_command(*arguments: Any, **given: Any) -> None:
        typed = {name: value for name in population_options() if (value := given.pop(name)) not in (None, False)}
        population = Population.read({name: str(value) for name, value in typed.items()})
        command(*arguments, **given, **{_PARAMETER: population})

    declared = inspect.signature(command)
    parameters = [parameter for parameter in declared.parameters.values() if parameter.name != _PARAMETER]
    # Typer reads the signature.
    run_command.__signature__ = declared.replace(  # type: ignore[attr-defined]
        parameters=[*parameters, *(_parameter(option) for option in population_options().values())]
    )
    return run_command


def _parameter(option: PopulationOption) -> inspect.Parameter:
    is_flag = option.type == "flag"
    annotation: Any = Annotated[
        bool if is_flag else str | None,
        typer.Option(
            option.flag,
            help=option.description + (f" (default: {option.default})" if option.default else ""),
            show_default=False,
            rich_help_panel="Which games",
        ),
    ]
    return inspect.Parameter(
        option.name, inspect.Parameter.KEYWORD_ONLY, default=False if is_flag else None, annotation=annotation
    )
