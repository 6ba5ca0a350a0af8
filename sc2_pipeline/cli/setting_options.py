"""Command-line options generated from settings; an omitted option falls back to the environment and the settings
file."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from sc2_pipeline.config import SETTINGS, read_settings
from sc2_pipeline.setting_fields import Setting

_PARAMETER = "settings"


def setting_option(name: str) -> Any:
    """The typer option of a setting, for annotating a command's parameter."""
    declared = SETTINGS[name]
    return typer.Option(
        *_flags(declared),
        help=f"{declared.sentence} (default: {_default_words(declared)})",
        readable=declared.type is not Path,
        show_default=declared.type is not bool,
        rich_help_panel=f"Only for the source {declared.only_for}" if declared.only_for else None,
    )


def takes_settings(*names: str, **fixed: object) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorator that gives a command the options of those settings; without names, of every setting that has a flag.

    The command's parameter ``settings`` receives the resulting Settings; ``fixed`` values count as if given as options.
    Calling the command raises SettingsError for an invalid option.
    """
    chosen = names or tuple(name for name, declared in SETTINGS.items() if declared.flag)

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run_command(*arguments: Any, **given: Any) -> None:
            flags = {name: given.pop(name) for name in chosen}
            command(*arguments, **given, **{_PARAMETER: read_settings(flags | fixed)})

        # Typer reads the signature.
        run_command.__signature__ = _signature(command, chosen)  # type: ignore[attr-defined]
        return run_command

    return with_options


def _signature(command: Callable[..., None], names: Iterable[str]) -> inspect.Signature:
    declared = inspect.signature(command)
    return declared.replace(parameters=list(_parameters(declared.parameters.values(), names)))


def _parameters(declared: Iterable[inspect.Parameter], names: Iterable[str]) -> Iterator[inspect.Parameter]:
    for parameter in declared:
        if parameter.name == _PARAMETER:
            yield from (_option_parameter(name) for name in names)
        else:
            yield parameter


def _option_parameter(name: str) -> inspect.Parameter:
    annotation: Any = Annotated[SETTINGS[name].type | None, setting_option(name)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _flags(declared: Setting) -> tuple[str, ...]:
    flag = declared.flag or "--" + declared.name.replace("_", "-")
    return (f"{flag}/{_negated(flag)}",) if declared.type is bool else (flag,)


def _default_words(declared: Setting) -> str:
    if declared.type is not bool or declared.flag is None:
        return declared.default_words
    flag = declared.flag if declared.default_words == "true" else _negated(declared.flag)
    return flag.removeprefix("--")


def _negated(flag: str) -> str:
    return "--no-" + flag.removeprefix("--")
