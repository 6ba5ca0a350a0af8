"""Command-line options that choose the games a command is about."""

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any

import typer

from sc2_pipeline.population import Population, PopulationOption, population_options


def takes_population(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of the population; its parameter ``population`` receives the chosen one.

    Calling the command raises SettingsError for an invalid option.
    """
    return _taking(command, "population", list(population_options().values()), Population.read)


def takes_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command that lists games of every kind the options that leave some out; its parameter ``options`` receives
    those that were typed, as text by name."""
    narrowing = [
        dataclasses.replace(option, default=None) for option in population_options().values() if option.type != "flag"
    ]
    return _taking(command, "options", narrowing, dict)


def _taking(
    command: Callable[..., None],
    parameter: str,
    options: Sequence[PopulationOption],
    read: Callable[[dict[str, str]], object],
) -> Callable[..., None]:
    @wraps(command)
    def run_command(*arguments: Any, **given: Any) -> None:
        typed = {option.name: given.pop(option.name) for option in options}
        chosen = read({name: str(value) for name, value in typed.items() if value not in (None, False)})
        command(*arguments, **given, **{parameter: chosen})

    declared = inspect.signature(command)
    parameters = [each for each in declared.parameters.values() if each.name != parameter]
    # Typer reads the signature.
    run_command.__signature__ = declared.replace(  # type: ignore[attr-defined]
        parameters=[*parameters, *(_parameter(option) for option in options)]
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
