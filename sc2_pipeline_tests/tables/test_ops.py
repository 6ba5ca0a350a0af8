"""The manifest's rows fit the tables of schema ops."""

from datetime import UTC, datetime

from sc2_pipeline.manifest import Manifest
from sc2_pipeline.tables.ops import OPS_TABLES, ops_rows


def test_moments_truths_and_counts_take_their_declared_types():
    [run] = ops_rows(
        "runs",
        [
            {
                "run_id": "r",
                "started_at": "2026-01-02T03:04:05.678+00:00",
                "command": "run",
                "source": "tracker",
                "filters": "all",
                "counts": '{"files": 3, "seconds": 1.5, "by_reason": {"x": 1}}',
                "unheard_of": 1,
            }
        ],
    ).to_pylist()

    assert run["started_at"] == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert (run["files"], run["seconds"], run["loaded"], run["finished_at"]) == (3, 1.5, None, None)
    assert set(run) == set(OPS_TABLES["runs"].schema.names)


def test_times_of_files_keep_their_microseconds():
    [file] = ops_rows("replay_files", [{"path": "a", "modified_ns": 1_700_000_000_123_456_789}]).to_pylist()

    assert file["modified_at"] == datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)


def test_what_the_manifest_writes_fills_every_required_column(tmp_path):
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        manifest.begin_run("r", command="run", source="tracker", filters="all")
        manifest.record_files(
            [{"path": "a", "replay_id": "0" * 16, "sha256": "0" * 64, "file_bytes": 3, "modified_ns": 1}]
        )
        for name in ("runs", "replays", "replay_files"):
            rows = ops_rows(name, manifest.table(name))
            assert rows.num_rows == 1
            empty = [c.name for c in OPS_TABLES[name].columns if c.required and rows[c.name].null_count]
            assert empty == []
