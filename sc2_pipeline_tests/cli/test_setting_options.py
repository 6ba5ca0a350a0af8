"""Options that are made from the settings."""

from dataclasses import dataclass

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from sc2_pipeline.cli import setting_options
from sc2_pipeline.cli.app import app
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.config import SETTINGS, Settings
from sc2_pipeline.filters import FILTER_SETS
from sc2_pipeline.setting_fields import declared_settings, setting

RUN = get_command(app).commands["run"]  # type: ignore[attr-defined]
"""The command ``run`` as people have it."""

TYPES = {"home": "Path", "batch_replays": "int", "fog": "str", "localise": "bool"}


def option(name):
    [found] = [parameter for parameter in RUN.params if parameter.name == name]
    return found


def test_run_has_an_option_for_every_setting_with_a_flag_and_for_no_other():
    offered = {parameter.name: parameter.opts for parameter in RUN.params if parameter.name in SETTINGS}

    assert offered == {name: [declared.flag] for name, declared in SETTINGS.items() if declared.flag}


@pytest.mark.parametrize("name", TYPES)
def test_an_option_has_the_settings_type_and_left_out_it_says_nothing(name):
    assert option(name).type_descriptor.annotation.__name__ == TYPES[name]
    assert (option(name).default, option(name).required) == (None, False)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("step_mul", "Game loops between observations. (default: 8)"),
        ("fog", "Fog of war: off, on or both. (default: off)"),
        ("until", "(default: the game's end)"),
        ("commands", "(default: commands)"),
        ("localise", "(default: no-localise)"),
        ("home", "(default: SC2_PIPELINE_HOME, else ./sc2_home)"),
    ],
)
def test_help_says_what_the_setting_means_and_what_it_is_when_left_out(name, words):
    assert words in option(name).help


def test_only_options_of_the_game_stand_apart():
    apart = {parameter.name for parameter in RUN.params if getattr(parameter, "rich_help_panel", None)}

    assert apart == {
        "step_mul",
        "sample",
        "until",
        "fog",
        "detail",
        "layers_step_mul",
        "abilities_step_mul",
        "restart_every",
    }


def test_the_help_of_filters_names_every_filter_set():
    assert f"({', '.join(FILTER_SETS)})" in SETTINGS["filters"].description


def test_a_setting_with_a_flag_is_an_option_by_its_declaration_alone(monkeypatch):
    @dataclass(frozen=True, slots=True, kw_only=True)
    class More(Settings):
        seed: int | None = setting(None, "Where chance begins.", minimum=1, flag="--seed")

    monkeypatch.setattr(setting_options, "SETTINGS", declared_settings(More))
    monkeypatch.setattr(setting_options, "read_settings", lambda flags: flags)
    given = {}

    @takes_settings(fog="on")
    def command(*, settings: Settings) -> None:
        given.update(settings)

    lone = typer.Typer()
    lone.command()(command)
    result = CliRunner().invoke(lone, ["--seed", "7"])

    assert result.exit_code == 0, result.output
    assert (given["seed"], given["home"], given["fog"]) == (7, None, "on")
    assert setting_options.setting_option("seed").help == "Where chance begins. (default: none)"
