"""Schedules: jobs that start at a time of day. All are off by default."""

import dagster as dg

from sc2_pipeline.orchestration.jobs import audit, compact, discover, test_marts

nightly_scan = dg.ScheduleDefinition(
    name="nightly_scan",
    job=discover,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Looks through the watched folders from end to end: files that came with an old time, or were moved within a "
    "file system that does not say when, are found by it. Runs over them are asked for by the sensor partitions_never_run.",
)

nightly_tests = dg.ScheduleDefinition(
    name="nightly_tests",
    job=test_marts,
    cron_schedule="0 4 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every SQL test over all rows of the warehouse.",
)

nightly_audit = dg.ScheduleDefinition(
    name="nightly_audit",
    job=audit,
    cron_schedule="30 4 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every audit check over the published warehouse.",
)

weekly_compaction = dg.ScheduleDefinition(
    name="weekly_compaction",
    job=compact,
    cron_schedule="0 5 * * 0",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Joins the week's many small files of the lake into few sorted ones.",
)

SCHEDULES = (nightly_scan, nightly_tests, nightly_audit, weekly_compaction)
