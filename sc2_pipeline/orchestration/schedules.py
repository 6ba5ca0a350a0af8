"""Schedules: jobs that start at a time of day (UTC). All are off by default."""

from functools import partial

import dagster as dg

from sc2_pipeline.orchestration.jobs import audit, compact, discover, test_marts

_schedule = partial(dg.ScheduleDefinition, execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.STOPPED)

nightly_scan = _schedule(
    name="nightly_scan",
    job=discover,
    cron_schedule="0 3 * * *",
    description="Looks through the watched folders from end to end: files that came with an old time, or were moved within a "
    "file system that does not say when, are found by it. Runs over them are asked for by the sensor partitions_never_run.",
)

nightly_tests = _schedule(
    name="nightly_tests",
    job=test_marts,
    cron_schedule="0 4 * * *",
    description="Every SQL test over all rows of the warehouse.",
)

nightly_audit = _schedule(
    name="nightly_audit",
    job=audit,
    cron_schedule="30 4 * * *",
    description="Every audit check over the published warehouse.",
)

weekly_compaction = _schedule(
    name="weekly_compaction",
    job=compact,
    cron_schedule="0 5 * * 0",
    description="Joins the week's many small files of the lake into few sorted ones.",
)

SCHEDULES = (nightly_scan, nightly_tests, nightly_audit, weekly_compaction)
