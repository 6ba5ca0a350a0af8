import re
from pathlib import Path

import pytest

from sc2_pipeline.config import SETTINGS, SETTINGS_FILE, Settings, environment_variable, read_settings
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
        ({"max_bad_row_share": -0.1}, {}, "max_bad_row_share is -0.1; give a share from 0 to 1"),
        ({"until": 0}, {}, "until is 0; give at least 1"),
        ({"boot_timeout_seconds": 0}, {}, "boot_timeout_seconds is 0.0; give at least 0.1"),
        ({"colour": "red"}, {}, "unknown setting 'colour'"),
        ({}, {"SC2_PIPELINE_COMMANDS": "maybe"}, "commands is 'maybe'; give true or false"),
        ({}, {"SC2_PIPELINE_WORKERS": "many"}, "workers is 'many'; give a whole number"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_the_way_out(tmp_path, flags, environment, message):
    with pytest.raises(SettingsError, match=message):
        read_settings({"home": tmp_path, **flags}, environment)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_a_variable_and_every_default_is_allowed(name):
    default = getattr(Settings(), name)
    unlike_one = {"lake": "s3://a/b", "sample": "every:4"}
    variable = {environment_variable(name): unlike_one.get(name, str(default or 1))}

    assert getattr(read_settings({}, variable), name) == SETTINGS[name].converted(*variable.values())
    SETTINGS[name].validate(default)


def test_a_description_is_a_sentence_and_said_once():
    said = [declared.description for declared in SETTINGS.values()]

    assert [text for text in said if not (text[0].isupper() and text.endswith("."))] == []
    assert len(set(said)) == len(said)


def test_a_broken_settings_file_is_named(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("workers = ")

    with pytest.raises(SettingsError, match=f"{SETTINGS_FILE} is not a readable TOML file"):
        read_settings({"home": tmp_path}, {})


def test_an_unknown_name_in_the_file_is_named(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("wrokers = 2\n")

    with pytest.raises(SettingsError, match="unknown setting 'wrokers'"):
        read_settings({"home": tmp_path}, {})


@pytest.mark.parametrize(
    "url",
    [
        "s3://AKIAKEY:se/cr+et@bucket/folder",
        "s3://AKIAKEY:sec@ret@bucket/folder",
        "s3://AKIAKEY:sec ret@bucket",
        "simplecache::s3://AKIAKEY:secret@bucket",
        "sftp://me:secret@host/folder",
        "https://secret@host/folder",
        "az://container/folder?sv=2024&sig=secret",
        "gs://bucket/folder#token=secret",
        "s3:/AKIAKEY:secret@bucket",
        "AKIAKEY:secret@bucket",
    ],
)
def test_credentials_in_a_lakes_url_are_refused_and_not_repeated(tmp_path, url):
    for flags, environment in (({"lake": url}, {}), ({}, {"SC2_PIPELINE_LAKE": url})):
        with pytest.raises(SettingsError, match=r"^lake is .*give") as refused:
            read_settings({"home": tmp_path, **flags}, environment)

        assert not re.search(r"se.?c|AKIA|ret\b", str(refused.value).replace("AWS_SECRET_ACCESS_KEY", ""))


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket/folder",
        "s3://bucket/of:all/folder",
        "abfs://container@account.dfs.core.windows.net/folder",
        "hdfs://user@host:8020/folder",
        "file:///mnt/a:b@c/d?e=f",
        "memory://x",
    ],
)
def test_a_url_without_credentials_is_taken_as_it_is(url):
    assert read_settings({"lake": url}, {}).lake == url
