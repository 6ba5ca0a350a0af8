"""First contact: every assumption is found to hold or to be broken, one by one, and the settings follow."""

import dataclasses

import pytest

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sc2_client.launch import GameVersion
from sc2_pipeline.sc2_client.probe import probe
from sc2_pipeline.sc2_client.traits import GameTraits, read_traits, settings_that_follow, write_traits
from sc2_pipeline.sources.first_observation import playable_replay, replay_truth
from sc2_pipeline_demo.stand_in import Assumptions, Control, install
from sc2_pipeline_tests.sc2_client.conftest import OLD_CLIENT_GAME, strays

pytestmark = pytest.mark.slow

MEASURED = (
    "restart_every",
    "instance_bytes",
    "start_seconds",
    "game_loops_per_second",
    "observations_per_second",
    "processor_seconds_per_1000_loops",
    "game_version",
)


@pytest.fixture
def probed(sample, settings, tmp_path, monkeypatch, misbehave):
    """Probes a stand-in that breaks the assumptions given; gives the report."""
    replay = sample(OLD_CLIENT_GAME)
    monkeypatch.setenv("SC2PATH", str(install(tmp_path / "StarCraftII", [replay.base_build])))
    archive = open_archive(replay.path)
    lobby = read_lobby(archive)

    def run(**broken):
        misbehave(Control(assumptions=Assumptions(**broken)))
        report = probe(
            playable_replay(replay.path.read_bytes(), lobby),
            GameVersion(lobby.base_build, lobby.data_version),
            replay_truth(archive, lobby),
            settings,
        )
        assert strays(settings) == []
        return report

    return run


def assumed(traits):
    return {name: value for name, value in dataclasses.asdict(traits).items() if name not in MEASURED}


def broken(report):
    return {verdict.name for verdict in report.verdicts if not verdict.holds}


def test_every_assumption_holds_of_a_game_that_behaves(probed):
    report = probed()

    assert broken(report) == set()
    assert len(report.verdicts) == 10
    assert assumed(report.traits) == assumed(GameTraits())
    assert report.traits.game_version.startswith("stand-in.")
    assert report.traits.start_seconds > 0
    assert report.traits.game_loops_per_second > report.traits.observations_per_second > 0
    assert report.traits.instance_bytes > 20 << 20


@pytest.mark.parametrize(
    ("assumption", "verdicts", "traits"),
    [
        ({"refuses_pipelining": True}, {"accepts_pipelining"}, {"accepts_pipelining": False}),
        ({"ignores_disable_fog": True}, {"can_disable_fog"}, {"can_disable_fog": False}),
        (
            {"other_tags": True},
            {"tags_are_the_trackers", "dead_units_are_complete"},
            {"tags_are_the_trackers": False, "dead_units_are_complete": False},
        ),
        ({"neutral_owner_is_zero": True}, {"neutral_owner"}, {"neutral_owner": 0}),
        ({"rates_per_960_loops": True}, {"rate_minute_game_loops"}, {"rate_minute_game_loops": 960}),
        ({"collected_vespene_is_stuck": True}, {"collected_vespene_works"}, {"collected_vespene_works": False}),
        ({"dead_units_are_incomplete": True}, {"dead_units_are_complete"}, {"dead_units_are_complete": False}),
        ({"grids_have_eight_bits": True}, {"grids_have_few_bits"}, {}),
        ({"other_data_version": True}, {"tells_data_version"}, {"tells_data_version": False}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) and value else None,
)
def test_a_broken_assumption_is_found_and_its_fallback_follows(probed, assumption, verdicts, traits):
    report = probed(**assumption)

    assert broken(report) == verdicts
    assert assumed(report.traits) == assumed(dataclasses.replace(GameTraits(), **traits))


def test_a_game_that_grows_is_restarted_sooner(probed):
    report = probed(megabytes_kept_per_replay=40)

    assert broken(report) == {"memory_grows_little"}
    [verdict] = [v for v in report.verdicts if v.name == "memory_grows_little"]
    assert " MB, " in verdict.observed
    assert 25 <= report.traits.restart_every <= 40
    assert verdict.fallback == f"a fresh instance every {report.traits.restart_every} replays"


def test_traits_are_saved_and_read_again(tmp_path):
    traits = GameTraits(accepts_pipelining=False, neutral_owner=0, start_seconds=12.5)
    write_traits(tmp_path / "home" / "game_traits.json", traits)

    assert read_traits(tmp_path / "home" / "game_traits.json") == traits
    assert read_traits(tmp_path / "nowhere.json") == GameTraits()


def test_a_file_that_is_no_probes_is_refused(tmp_path):
    (tmp_path / "traits.json").write_text('{"colour": "blue"}', encoding="utf-8")

    with pytest.raises(SettingsError, match="remove it or run probe again"):
        read_traits(tmp_path / "traits.json")


def test_settings_follow_from_traits(settings):
    traits = GameTraits(accepts_pipelining=False, restart_every=12, tells_data_version=False)

    followed = settings_that_follow(settings, traits)

    assert (followed.pipeline_depth, followed.restart_every, followed.checks_data_version) == (1, 12, False)
    assert settings_that_follow(settings, GameTraits()) == settings
