"""Declaration of a setting (default, description, allowed values, flag) in the metadata of a dataclass field."""

import dataclasses
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from sc2_pipeline.errors import SettingsError

_DECLARED = "declared"
"""Metadata key of dataclass fields made by :func:`setting`."""

_TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One declared setting. ``type`` is the type of values other than None; it and the name come from the dataclass."""

    name: str = ""
    type: type = str
    is_optional: bool = False
    default_words: str
    description: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    check: Callable[[str, Any], None] | None
    flag: str | None
    only_for: str | None
    only_at_launch: bool

    @property
    def sentence(self) -> str:
        """The description, followed by the choices if there are any."""
        if not self.choices:
            return self.description
        return f"{self.description.removesuffix('.')}: {_one_of(self.choices)}."

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        if self.choices:
            return _one_of(self.choices)
        if self.maximum is not None:
            return f"{self.minimum} to {self.maximum}"
        if self.minimum is not None:
            return f"at least {self.minimum}"
        return "true or false" if self.type is bool else _article(self.type)

    def validate(self, value: Any) -> None:
        """Raises SettingsError for a value that is not allowed."""
        if value is None and self.is_optional:
            return
        if self.check is not None:
            self.check(self.name, value)
        if self.choices:
            require_one_of(self.name, value, self.choices)
        if self.maximum is not None and not (self.minimum or 0) <= value <= self.maximum:
            what = "a share" if self.maximum == 1 else _article(self.type)
            raise SettingsError(f"{self.name} is {value}; give {what} from {self.minimum} to {self.maximum}")
        if self.minimum is not None and value < self.minimum:
            raise SettingsError(f"{self.name} is {value}; give at least {self.minimum}")

    def converted(self, value: Any) -> Any:
        """``value`` converted to the setting's type, text being parsed; raises SettingsError if it cannot be."""
        if value is None and self.is_optional:
            return None
        if self.type is bool:
            return self._truth(value)
        try:
            return self.type(value)
        except (TypeError, ValueError) as error:
            raise SettingsError(f"{self.name} is {value!r}; give {_article(self.type)}") from error

    def _truth(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() not in _TRUTH:
            raise SettingsError(f"{self.name} is {value!r}; give true or false")
        return _TRUTH[str(value).lower()]


def setting(
    default: Any,
    description: str,
    *,
    default_words: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    check: Callable[[str, Any], None] | None = None,
    flag: str | None = None,
    only_for: str | None = None,
    only_at_launch: bool = False,
    is_secret: bool = False,
) -> Any:
    """A field of a settings dataclass; command-line options, Dagster's run configuration and docs/settings.md are
    generated from it.

    ``default`` may be a function without arguments; ``default_words`` describes it if the value alone would not.
    ``check`` takes name and value and raises SettingsError; no check is called with None. ``flag`` is the option of the
    command ``run``. ``only_for`` names the only source that uses the setting. ``only_at_launch`` excludes the setting
    from run configuration, which is stored. ``is_secret`` leaves the value out of the settings' text, which logs may quote.
    """
    declared = Setting(
        description=description,
        default_words=default_words,
        minimum=minimum,
        maximum=maximum,
        choices=choices,
        check=check,
        flag=flag,
        only_for=only_for,
        only_at_launch=only_at_launch,
    )
    metadata = {_DECLARED: declared}
    if callable(default):
        return dataclasses.field(default_factory=default, metadata=metadata, repr=not is_secret)
    return dataclasses.field(default=default, metadata=metadata, repr=not is_secret)


def declared_settings(settings: type) -> Mapping[str, Setting]:
    """The settings declared in a dataclass, by name and in its order."""
    hints = get_type_hints(settings)
    return {field.name: _setting(field, hints[field.name]) for field in dataclasses.fields(settings)}


def require_one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raises SettingsError if ``value`` is not in ``allowed``."""
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}; give one of {', '.join(allowed)}")


def _setting(field: "dataclasses.Field[Any]", hint: Any) -> Setting:
    declared: Setting = field.metadata[_DECLARED]
    is_optional = get_origin(hint) is types.UnionType
    kind = next(one for one in get_args(hint) if one is not type(None)) if is_optional else hint
    words = declared.default_words or _words(field.default)
    return dataclasses.replace(declared, name=field.name, type=kind, is_optional=is_optional, default_words=words)


def _words(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else "none" if default is None else str(default)


def _one_of(choices: tuple[str, ...]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def _article(kind: type) -> str:
    return {int: "a whole number", float: "a number", Path: "a path"}.get(kind, "text")
