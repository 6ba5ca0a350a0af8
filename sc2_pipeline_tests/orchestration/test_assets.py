import shutil

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.test_utils import BasicLoadingContext

from sc2_pipeline.orchestration import replay_assets
from sc2_pipeline.orchestration.definitions import definitions
from sc2_pipeline.orchestration.failures import FEW_FAILED, GATE
from sc2_pipeline.orchestration.partitioning import BY_REPLAY, EXTRACTED
from sc2_pipeline_tests.orchestration.conftest import failure
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ingested(made_launchpad, folder):
    """A home into which the folder was ingested, its launchpad and the run."""
    launchpad = made_launchpad("ingested")
    keys = launchpad.discover(folder)
    return launchpad, launchpad.launch("ingest", keys=keys, all_models=True)


def test_with_one_bad_replay_the_others_are_published_in_the_same_run_and_its_partition_alone_is_red(ingested):
    launchpad, result = ingested
    statuses = launchpad.statuses()

    assert not result.success
    assert sorted(statuses.values()) == ["failed", *["materialized"] * 6]
    assert query(launchpad.home, "select count(*) from marts.dim_replays") == [(6,)]
    [(bad,)] = query(launchpad.home, "select replay_id from ops.replays where status = 'failed'")
    assert statuses[bad] == "failed"


def test_the_run_says_which_replay_failed_why_and_what_to_do(ingested):
    _, result = ingested

    assert "1 of the run's replays failed, the others went on" in failure(result)
    assert "bad.SC2Replay: the file does not begin with" in failure(result)
    assert "launch the job retry_replays" in failure(result)


def test_a_red_partition_says_why(ingested):
    launchpad, _ = ingested
    [red] = [key for key, status in launchpad.statuses().items() if status == "failed"]

    [record] = launchpad.instance.fetch_observations(EXTRACTED, limit=5).records

    assert record.event_log_entry.dagster_event.partition == red
    said = record.event_log_entry.dagster_event.asset_observation_data.asset_observation.metadata
    assert said["reason"].value == "not_an_archive"
    assert said["why"].value.startswith("the file does not begin with")
    observation = record.event_log_entry.dagster_event.asset_observation_data.asset_observation
    assert observation.description.startswith("bad.SC2Replay failed: the file does not begin with")


def test_a_partition_tells_its_file_rows_bytes_and_seconds(ingested):
    launchpad, _ = ingested

    records = launchpad.instance.fetch_materializations(EXTRACTED, limit=10).records
    said = [record.asset_materialization.metadata for record in records]

    assert {metadata["file"].value for metadata in said} == {f"{number}.SC2Replay" for number in range(6)}
    assert all(metadata["rows"].value > 10 and metadata["bytes"].value > 1000 for metadata in said)
    assert set(said[0]) == {"file", "map", "players", "matchup", "rows", "bytes", "seconds", "work"}
    assert {metadata["work"].value for metadata in said} == {"extracted in this run"}


def test_the_batch_tells_numbers_that_plot_over_time(ingested):
    _, result = ingested
    [batch] = result.asset_materializations_for_node("extraction")[-1:]
    numbers = {name: value.value for name, value in batch.metadata.items()}

    assert (numbers["replays"], numbers["replays_ok"], numbers["replays_failed"]) == (7, 6, 1)
    assert 0 < numbers["seconds_per_replay"] < 5


def test_a_mart_tells_its_rows_columns_and_where_they_come_from(ingested):
    launchpad, _ = ingested
    event = launchpad.instance.get_latest_materialization_event(dg.AssetKey(["marts", "fct_economy_snapshots"]))
    metadata = event.asset_materialization.metadata
    [(rows,)] = query(launchpad.home, "select count(*) from marts.fct_economy_snapshots")
    columns = {column.name: column for column in metadata["dagster/column_schema"].value.columns}
    lineage = metadata["dagster/column_lineage"].value.deps_by_column

    assert metadata["dagster/row_count"].value == rows > 0
    assert columns["minerals"].description == "Minerals in the bank."
    assert columns["seconds"].type == "double"
    assert lineage["minerals"]
    assert metadata["preview"].value.startswith("| replay")


def test_checks_of_raw_tables_tell_how_many_rows_were_set_aside(ingested):
    _, result = ingested
    [check] = [e for e in result.get_asset_check_evaluations() if e.asset_key == dg.AssetKey(["raw", "unit_events"])]

    assert check.passed
    assert check.metadata["quarantined_rows"].value == 0


def test_ingesting_again_does_nothing_again_and_publishes_nothing(ingested):
    launchpad, _ = ingested
    before = query(launchpad.home, "select replay_id, loaded_at from ops.loads order by all")
    *keys, bad = launchpad.keys()  # Keys of broken files come last.
    assert launchpad.statuses()[bad] == "failed"

    assert launchpad.launch("ingest", keys=keys).success
    assert query(launchpad.home, "select replay_id, loaded_at from ops.loads order by all") == before
    assert query(launchpad.home, "select max(attempts) from ops.replays") == [(1,)]


def test_the_warehouse_is_the_one_that_the_command_line_makes(ingested, folder, tmp_path):
    launchpad, _ = ingested
    run_home([folder], tmp_path)

    assert answers(launchpad.home) == answers(tmp_path)


def test_the_compact_job_joins_the_small_files_and_changes_no_answer(launchpad, folder):
    run_home([folder], launchpad.home)
    before = answers(launchpad.home)
    small = len(list(launchpad.home.glob("lake/streams/*/*/commands.parquet")))

    result = launchpad.launch("compact")

    [made] = result.asset_materializations_for_node("compacted_lake")
    assert result.success
    assert made.metadata["replaced_files"].value == made.metadata["removed_files"].value == small == 6
    assert made.metadata["parts"].value == len(list(launchpad.home.rglob("part-*.parquet"))) > 0
    assert answers(launchpad.home) == before


def test_a_compaction_of_nothing_is_one_sentence(launchpad):
    assert "nothing to compact at" in failure(launchpad.launch("compact"))


def test_what_the_command_line_loaded_turns_green_without_being_done_again(launchpad, folder):
    run_home([folder], launchpad.home)
    loaded = query(launchpad.home, "select replay_id, loaded_at from ops.loads order by all")
    keys = launchpad.discover(folder)

    launchpad.launch("ingest", keys=keys)

    assert sorted(launchpad.statuses().values()) == ["failed", *["materialized"] * 6]
    assert query(launchpad.home, "select replay_id, loaded_at from ops.loads order by all") == loaded
    assert query(launchpad.home, "select max(attempts) from ops.replays") == [(1,)]


def test_three_scattered_failures_are_retried_in_one_run(launchpad, folder, tmp_path):
    own = shutil.copytree(folder, tmp_path / "own")
    (own / "bad.SC2Replay").unlink()
    keys = launchpad.discover(own)
    away = [own / f"{number}.SC2Replay" for number in (1, 3, 5)]
    for path in away:
        path.rename(path.with_suffix(".away"))
    launchpad.launch("ingest", keys=keys)
    red = {key for key, status in launchpad.statuses().items() if status == "failed"}
    published = query(launchpad.home, "select count(*) from marts.dim_replays")
    for path in away:
        path.with_suffix(".away").rename(path)

    result = launchpad.launch("retry_replays")

    assert len(red) == 3
    assert published == [(3,)]
    assert result.success
    assert set(launchpad.statuses().values()) == {"materialized"}
    assert query(launchpad.home, "select count(*) from marts.dim_replays") == [(6,)]


def test_a_retry_of_a_word_that_names_no_replay_says_so_before_any_work(launchpad):
    result = launchpad.launch("retry_replays", ops={"retried_replays": {"replays": ["all of them"]}})

    assert (
        "no replay is called 'all of them'; give 16 hex digits, a file name, a batch, or the word failed or missing"
        in failure(result)
    )


def test_a_key_that_no_file_has_fails_alone(launchpad, folder):
    launchpad.instance.add_dynamic_partitions(BY_REPLAY.name, ["0123456789abcdef"])
    keys = launchpad.discover(folder / "0.SC2Replay")

    result = launchpad.launch("ingest", keys=keys)

    assert "no file has the id 0123456789abcdef; run the discover job over its folder" in failure(result)
    assert launchpad.statuses() == {keys[0]: "failed", keys[1]: "materialized"}


def test_a_replay_that_is_deleted_or_overwritten_after_discovery_fails_alone(launchpad, folder, tmp_path):
    own = shutil.copytree(folder, tmp_path / "own")
    keys = launchpad.discover(own / "0.SC2Replay", own / "1.SC2Replay", own / "2.SC2Replay")
    (own / "0.SC2Replay").unlink()
    shutil.copy(own / "5.SC2Replay", own / "1.SC2Replay")

    result = launchpad.launch("ingest", keys=keys)

    assert "0.SC2Replay was there at discovery and is gone" in failure(result)
    assert "1.SC2Replay has other bytes than at discovery" in failure(result)
    assert sorted(launchpad.statuses().values()) == ["failed", "failed", "materialized"]


def test_a_replay_that_is_gone_under_one_name_is_read_under_another(launchpad, folder, tmp_path):
    own = shutil.copytree(folder, tmp_path / "own")
    shutil.copy(own / "0.SC2Replay", own / "0 again.SC2Replay")
    keys = launchpad.discover(own / "0.SC2Replay", own / "0 again.SC2Replay")
    (own / "0.SC2Replay").unlink()
    (own / "0 again.SC2Replay").exists()

    assert len(keys) == 1
    assert launchpad.launch("ingest", keys=keys).success


def test_rejected_replays_are_no_partitions_and_leave_the_warehouse(launchpad, folder):
    launchpad.launch("ingest", keys=launchpad.discover(folder / "0.SC2Replay", folder / "1.SC2Replay"))
    before = query(launchpad.home, "select count(*) from marts.dim_replays")

    keys = launchpad.discover(folder / "0.SC2Replay", filters="aiarena")
    launchpad.launch("load_extracted", filters="aiarena")

    assert before == [(2,)]
    assert keys == []
    assert query(launchpad.home, "select count(*) from marts.dim_replays") == [(0,)]
    assert query(launchpad.home, "select status, count(*) from ops.replays group by all") == [("rejected", 2)]


def test_a_backfill_of_extracted_alone_is_loaded_by_a_later_run(launchpad, folder):
    keys = launchpad.discover(folder / "0.SC2Replay", folder / "1.SC2Replay")
    backfill = launchpad.launch_extraction(keys)
    assert backfill.success
    assert not (launchpad.home / "warehouse.duckdb").exists()

    assert launchpad.launch("load_extracted").success
    assert query(launchpad.home, "select count(*) from marts.dim_replays") == [(2,)]


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"source": "guess"}, "source is 'guess'; give one of tracker, sc2, auto"),
        ({"filters": "nice ones"}, "no filter set 'nice ones'"),
        ({"workers": 0}, "workers is 0; give at least 1"),
    ],
)
def test_a_wrong_setting_is_one_sentence_before_any_work(launchpad, setting, sentence):
    result = launchpad.launch("load_extracted", **setting)

    assert failure(result).startswith("dagster._core.definitions.events.Failure: " + sentence)
    assert not (launchpad.home / "build").exists()


def test_a_folder_that_is_not_there_is_one_sentence(launchpad, tmp_path):
    result = launchpad.launch("discover", ops={"discovered_replays": {"folders": [str(tmp_path / "gone")]}})

    assert f"no folder to look for replays in (not there: {tmp_path / 'gone'})" in failure(result)


def test_real_replays_are_ingested(launchpad, shared_replays):
    some = sorted(shared_replays.rglob("*.SC2Replay"))[::20]
    keys = launchpad.discover(*some)

    result = launchpad.launch("ingest", keys=keys)

    assert result.success
    assert query(launchpad.home, "select count(*) from marts.dim_replays") == [(len(keys),)]
    assert set(launchpad.statuses().values()) == {"materialized"}


def test_the_log_names_file_map_players_and_matchup(ingested):
    launchpad, result = ingested
    [event] = [event for event in result.all_events if event.message and event.message.startswith("0.SC2Replay")]
    metadata = {name: value.value for name, value in event.materialization.metadata.items()}

    assert metadata["players"].count(" and ") == 1
    assert metadata["matchup"][1] == "v"
    assert event.message == f"0.SC2Replay ({metadata['map']}, {metadata['players']}, {metadata['matchup']})"
    names = query(launchpad.home, "select name from raw.replay_players join raw.replays using (replay_id)"
                  " where file_name = '0.SC2Replay' order by player_id")  # fmt: skip
    assert metadata["players"] == " and ".join(name for (name,) in names)
    assert (metadata["map"], metadata["matchup"]) == query(
        launchpad.home, "select map_name, matchup from marts.dim_replays where file_name = '0.SC2Replay'"
    )[0]


def test_a_file_name_leads_to_its_partition(ingested):
    launchpad, _ = ingested

    result = launchpad.launch(
        "find_partition", ops={"partitions_of_replays": {"replays": ["3.SC2Replay", "bad.SC2Replay"]}}
    )

    assert result.success
    [output] = [event for event in result.all_events if event.is_successful_output]
    found = [record.data for record in output.step_output_data.metadata["replays"].records]
    assert {(each["file"], each["status"]) for each in found} == {
        ("3.SC2Replay", "loaded"),
        ("bad.SC2Replay", "failed"),
    }
    assert {each["partition"] for each in found} <= set(launchpad.keys())
    unknown = launchpad.launch("find_partition", ops={"partitions_of_replays": {"replays": ["4.replay"]}})
    assert "no replay is called '4.replay'" in failure(unknown)


def test_what_was_extracted_before_says_that_nothing_was_to_be_done(ingested):
    launchpad, _ = ingested
    [first, *_] = launchpad.keys()

    result = launchpad.launch_extraction([first])

    [made] = result.asset_materializations_for_node("extraction")
    assert made.metadata["work"].value == "nothing was to be done: it was extracted before with these settings"


def test_partitions_are_stale_when_a_release_extracts_otherwise_and_not_when_more_replays_are_found(
    launchpad, folder, monkeypatch
):
    [key] = launchpad.discover(folder / "0.SC2Replay")
    assert launchpad.launch("ingest", keys=[key]).success
    launchpad.discover(folder / "1.SC2Replay")

    def causes(definitions):
        graph = definitions.get_repository_def().asset_graph
        resolver = CachingStaleStatusResolver(launchpad.instance, graph, BasicLoadingContext(launchpad.instance))
        return [cause.reason for cause in resolver.get_stale_causes(EXTRACTED, key)]

    before = causes(launchpad.definitions)
    monkeypatch.setattr(replay_assets, "CODE_VERSION", "of the next release")
    after = causes(definitions(BY_REPLAY))

    assert (before, after) == ([], ["has a new code version"])


def test_a_usual_share_of_broken_files_is_no_red_run_and_is_told_by_a_check_and_the_partition(
    launchpad, folder, tmp_path
):
    keys = launchpad.discover(folder)

    def told():
        [record] = launchpad.instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(GATE, FEW_FAILED), limit=1
        )
        data = record.event.dagster_event.asset_check_evaluation_data
        return data.passed, data.severity, data.description

    tolerated = launchpad.launch("ingest", keys=keys, max_failed_share=0.15)
    of_run = told()
    alone = launchpad.launch_extraction(keys, max_failed_share=0.15)

    assert tolerated.success
    assert of_run[:2] == (False, dg.AssetCheckSeverity.WARN)
    assert of_run[2].startswith("1 of 7 replays failed: ")
    assert "bad.SC2Replay: the file does not begin with" in of_run[2]
    assert (alone.success, told()) == (True, of_run)
    [bad] = set(keys) - launchpad.statuses().keys()
    observed = launchpad.instance.fetch_observations(EXTRACTED, limit=1).records[0].event_log_entry.dagster_event
    assert observed.partition == bad
    assert launchpad.tick("partitions_never_run") == "every partition has been run"
    assert not launchpad.launch("ingest", keys=keys, max_failed_share=0.14).success
    assert launchpad.statuses()[bad] == "failed"


def test_faults_of_the_machine_are_never_tolerated(launchpad, folder, tmp_path):
    own = shutil.copytree(folder, tmp_path / "own")
    (own / "bad.SC2Replay").unlink()
    keys = launchpad.discover(own)
    (own / "0.SC2Replay").unlink()

    result = launchpad.launch("ingest", keys=keys, max_failed_share=1.0)

    assert "0.SC2Replay was there at discovery and is gone" in failure(result)
