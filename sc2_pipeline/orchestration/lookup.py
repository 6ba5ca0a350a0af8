"""The job ``find_partition``: which partition a replay is, for people who know its file name."""

import dagster as dg
from pydantic import Field

from sc2_pipeline.orchestration.partitioning import Partitioning
from sc2_pipeline.orchestration.resources import HomeResource, saying_what_to_do
from sc2_pipeline.pipeline.stages import placed_replays


class LookupConfig(dg.Config):
    """Run configuration of ``partitions_of_replays``: the replays to find."""

    replays: list[str] = Field(
        description="File names, such as `final.SC2Replay`; or ids, batches, `failed`, `missing`."
    )


def find_partition(partitioning: Partitioning) -> dg.JobDefinition:
    """The job, for that partitioning."""

    @dg.op(out=dg.Out(dg.Nothing))
    def partitions_of_replays(context: dg.OpExecutionContext, home: HomeResource, config: LookupConfig) -> None:
        """Names each replay's partition of `extracted`, its file and its status."""
        with saying_what_to_do():
            placed = placed_replays(home.settings(), config.replays)
        records = []
        for replay in placed:
            key = partitioning.key_of(replay)
            context.log.info(f"{replay.file_name} is partition {key or '(none yet)'}: {replay.status}")
            page = f"/assets/extracted?view=partitions&partition={key}" if key else ""
            records.append({"file": replay.file_name, "partition": key or "", "status": replay.status, "page": page})
        context.add_output_metadata(
            {"replays": dg.MetadataValue.table([dg.TableRecord(record) for record in records])} if records else {}
        )

    @dg.job(
        name="find_partition",
        description="Find the partition of a file name: give it in the configuration of `partitions_of_replays`.",
        executor_def=dg.in_process_executor,
    )
    def find_partition_job() -> None:
        partitions_of_replays()

    return find_partition_job
