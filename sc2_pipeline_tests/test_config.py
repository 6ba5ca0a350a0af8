from pathlib import Path

import pytest

from sc2_pipeline.config import SETTINGS_FILE, read_settings
from sc2_pipeline.errors import SettingsError


def test_flags_win_over_environment_and_environment_over_the_file(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("workers = 1\nbatch_replays = 11\nsource = 'auto'\n")

    settings = read_settings(
        {"home": tmp_path, "workers": 3}, {"SC2_PIPELINE_WORKERS": "2", "SC2_PIPELINE_BATCH_REPLAYS": "12"}
    )

    assert (settings.workers, settings.batch_replays, settings.source) == (3, 12, "auto")


def test_the_home_of_the_environment_holds_the_file(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("workers = 7\n")

    settings = read_settings({}, {"SC2_PIPELINE_HOME": str(tmp_path)})

    assert (settings.home, settings.workers) == (Path(tmp_path), 7)


@pytest.mark.parametrize(
    ("flags", "environment", "message"),
    [
        ({"workers": 0}, {}, "workers is 0; give at least 1"),
        ({"source": "replay"}, {}, "give one of tracker, sc2, auto"),
        ({"max_bad_row_share": 2.0}, {}, "share from 0 to 1"),
        ({"colour": "red"}, {}, "unknown setting 'colour'"),
        ({}, {"SC2_PIPELINE_WORKERS": "many"}, "workers is 'many'; give a whole number"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_the_way_out(tmp_path, flags, environment, message):
    with pytest.raises(SettingsError, match=message):
        read_settings({"home": tmp_path, **flags}, environment)


def test_a_broken_settings_file_is_named(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("workers = ")

    with pytest.raises(SettingsError, match=f"{SETTINGS_FILE} is not a readable TOML file"):
        read_settings({"home": tmp_path}, {})


def test_an_unknown_name_in_the_file_is_named(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("wrokers = 2\n")

    with pytest.raises(SettingsError, match="unknown setting 'wrokers'"):
        read_settings({"home": tmp_path}, {})
