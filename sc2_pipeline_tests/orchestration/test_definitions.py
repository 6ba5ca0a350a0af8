import dataclasses
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from sc2_pipeline.config import SETTINGS, Settings, read_settings
from sc2_pipeline.orchestration.code_references import GIT_BRANCH, GIT_URL
from sc2_pipeline.orchestration.definitions import definitions, defs
from sc2_pipeline.orchestration.partitioning import BY_REPLAY
from sc2_pipeline.orchestration.resources import HomeResource
from sc2_pipeline.sql_models import column_lineage, input_tables, read_models
from sc2_pipeline_tests.orchestration.conftest import LOADING, graph_of, reporting_little

REPOSITORY = defs.get_repository_def()


def test_the_definitions_hold_together():
    dg.Definitions.validate_loadable(defs)


def test_the_names_that_people_and_sensors_use_stand():
    jobs = {name for name in REPOSITORY.job_names if not name.startswith("__")}
    keys = {key.to_user_string() for key in REPOSITORY.asset_graph.get_all_asset_keys()}
    models = {model.relation.replace(".", "/") for model in read_models()}
    inputs = {relation.replace(".", "/") for relation in input_tables()}

    assert jobs == {
        "discover",
        "ingest",
        "load_extracted",
        "retry_replays",
        "backfill_with_game",
        "find_partition",
        "rebuild_marts",
        "test_marts",
        "audit",
        "compact",
    }
    assert keys - models - inputs == {
        "discovered_replays",
        "validated_replays",
        "extracted",
        "extraction_batch",
        "retried_replays",
        "observed_replays",
        "published_warehouse",
        "compacted_lake",
        "failures_gate",
    }
    assert models <= keys
    assert inputs <= keys


def test_whatever_can_be_started_is_described():
    jobs = [job for job in REPOSITORY.get_all_jobs() if not job.name.startswith("__")]

    assert [
        named.name for named in (*jobs, *REPOSITORY.sensor_defs, *REPOSITORY.schedule_defs) if not named.description
    ] == []


def _nodes(definitions=defs):
    graph = definitions.get_repository_def().asset_graph
    return {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}


def test_every_asset_has_an_owner_a_kind_tags_a_group_and_a_description():
    lacking = [
        name
        for name, node in _nodes().items()
        if not (node.owners and node.kinds and node.tags.keys() & {"step", "layer"} and node.description)
        or node.group_name == "default"
    ]

    assert lacking == []


def _references(node):
    return [
        reference.url
        if isinstance(reference, dg.UrlCodeReference)
        else f"{reference.file_path}:{reference.line_number}"
        for reference in node.metadata["dagster/code_references"].code_references
    ]


def test_assets_lead_to_their_code_on_this_machine_or_in_the_repository(monkeypatch):
    here = {name: _references(node) for name, node in _nodes().items()}
    monkeypatch.setenv(GIT_URL, "https://github.com/someone/sc2_pipeline")
    monkeypatch.setenv(GIT_BRANCH, "v1")
    there = _references(_nodes(definitions(BY_REPLAY))["marts/dim_replays"])

    assert all(Path(reference.rpartition(":")[0]).is_file() for references in here.values() for reference in references)
    root = "https://github.com/someone/sc2_pipeline/tree/v1"
    assert f"{root}/dbt_like_sql/marts/dim_replays.sql#L1" in there
    assert any(url.startswith(f"{root}/sc2_pipeline/orchestration/sql_assets.py#L") for url in there)


def test_only_the_load_of_what_is_extracted_starts_by_itself():
    sensors = {sensor.name: sensor.default_status for sensor in REPOSITORY.sensor_defs}
    schedules = {schedule.name: schedule.default_status for schedule in REPOSITORY.schedule_defs}

    assert sensors == {
        "new_replays": dg.DefaultSensorStatus.STOPPED,
        "partitions_never_run": dg.DefaultSensorStatus.STOPPED,
        "extracted_and_not_loaded": dg.DefaultSensorStatus.RUNNING,
        "alert_on_failed_run": dg.DefaultSensorStatus.STOPPED,
        "alert_on_stale_marts": dg.DefaultSensorStatus.STOPPED,
    }
    assert schedules == dict.fromkeys(
        ("nightly_scan", "nightly_tests", "nightly_audit", "weekly_compaction"), dg.DefaultScheduleStatus.STOPPED
    )


def test_a_model_depends_on_what_its_sql_reads():
    graph = REPOSITORY.asset_graph

    for model in read_models():
        parents = graph.get(dg.AssetKey([model.schema, model.name])).parent_keys
        assert {key.to_user_string().replace("/", ".") for key in parents} == set(model.depends_on)


def test_column_lineage_names_columns_that_exist():
    columns = {model.relation: {column.name for column in model.columns} for model in read_models()}
    columns |= {relation: {column.name for column in table.columns} for relation, table in input_tables().items()}

    for relation, origins in column_lineage(read_models()).items():
        for deps in origins.values():
            assert all(name in columns[parent] for parent, name in deps), relation


def test_run_configuration_offers_every_setting_but_secrets_and_those_that_say_where_to_connect_to():
    offered = set(HomeResource.model_fields)
    kept_back = {"home", "lake", "pack_password", "scheduler"}

    assert offered == {field.name for field in dataclasses.fields(Settings)} - kept_back


def test_run_configuration_tells_the_meaning_of_every_setting_and_leaves_each_out_by_default():
    fields = HomeResource.model_fields

    assert {name: field.description for name, field in fields.items()} == {
        name: SETTINGS[name].sentence for name in fields
    }
    assert {field.default for field in fields.values()} == {None}
    assert HomeResource(step_mul=16, fog="both").settings() == read_settings({"step_mul": 16, "fog": "both"})


@pytest.mark.parametrize(
    "resource",
    [
        {"home": {"config": {"scheduler": "tcp://somewhere.example:8786"}}},
        {"home": {"config": {"lake": "dask://somewhere.example:8786/lake"}}},
        {"home": {"config": {"home": "/tmp/of_somebody_else"}}},
        {"io_manager": {"config": {"base_dir": "/tmp/of_somebody_else"}}},
    ],
    ids=["scheduler", "lake", "home", "pickles"],
)
def test_a_run_whose_configuration_says_where_to_connect_to_or_to_unpickle_is_not_begun(resource):
    job = REPOSITORY.get_job("discover")

    assert dg.validate_run_config(job, {}) is not None
    with pytest.raises(dg.DagsterInvalidConfigError, match="unexpected config entry"):
        dg.validate_run_config(job, {"resources": resource})


def test_the_core_and_the_commands_never_import_dagster():
    program = (
        "import sys; sys.modules['dagster'] = None\n"
        "import sc2_pipeline.cli.app, sc2_pipeline.pipeline.stages, sc2_pipeline.pipeline.warehouse_stages,"
        " sc2_pipeline.pipeline.new_files, sc2_pipeline.workers, sc2_pipeline.data_dictionary"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_steps_wait_for_a_place_in_the_pool_of_the_game_or_of_the_writer():
    pools = {
        definition.op.name: set(definition.op.pools)
        for definition in REPOSITORY.asset_graph.assets_defs
        if isinstance(definition.op, dg.OpDefinition) and definition.op.pools
    }

    assert pools["extraction"] == pools["retried_replays"] == {"game_instances"}
    assert {name for name, names in pools.items() if names == {"warehouse_writer"}} == {
        "loaded_tables",
        "sql_models",
        "sql_tests",
        "published_warehouse",
        "compacted_lake",
    }


@pytest.mark.parametrize("name", LOADING)
def test_jobs_that_report_little_have_the_steps_of_the_real_ones_in_the_same_order(name):
    real, little = (graph(BY_REPLAY).resolve_job_def(name) for graph in (graph_of, reporting_little))

    assert _steps(little) == _steps(real)
    assert len(little.asset_layer.executable_asset_keys) < len(real.asset_layer.executable_asset_keys) / 2


def _steps(job):
    """Steps with those that come before each."""
    return {
        step.name: {one.node for given in before.values() for one in given.get_node_dependencies()}
        for step, before in job.graph.dependencies.items()
    }
