"""What became of every file, why, and what to do about it."""

import duckdb

from sc2_pipeline.browsing.records import Record, page_of, records
from sc2_pipeline.errors import REASONS

WAYS_OUT = {
    "loaded": "nothing: it is in the warehouse",
    "extracted": "run again: it waits to be loaded",
    "found": "run again: it waits to be extracted",
    "rejected": "nothing is broken; choose other filters if you want it",
    "failed": "get a whole copy of the file, if there is one, and run again",
    "retryable": "run again with --retry-failed",
}
"""What to do, by status; ``retryable`` for failures that another attempt may cure."""

_FATES = """
with rules as (
    select replay_id, string_agg(rule || ': ' || observed || ' (wanted: ' || wanted || ')', '; ' order by rule) as rules
    from ops.rule_outcomes where not passed group by replay_id
)

select replays.replay_id, replays.status, replays.reason, coalesce(rules.rules, replays.detail) as detail,
    replays.is_retryable, replays.path, replays.file_bytes, replays.updated_at, count(*) over () as total
from ops.replays as replays
left join rules on replays.status = 'rejected' and rules.replay_id = replays.replay_id
where ($status is null or replays.status = $status)
    and ($search = '' or contains(lower(concat_ws(' ', replays.replay_id, replays.path, replays.reason)), lower($search)))
order by replays.status = 'loaded', replays.status, replays.reason, replays.path
limit $limit offset $offset
"""
_COUNTS = "select status, count(*) as files from ops.replays group by status order by status"


def fates(
    connection: duckdb.DuckDBPyConnection,
    search: str = "",
    *,
    status: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> Record:
    """``counts`` by status, ``total``, and ``files``: those that are not loaded first, each with its status, ``reason``
    (code) and ``meaning``, what was seen as ``detail``, and ``what_to_do``."""
    asked = {"search": search, "status": status, "limit": limit, "offset": offset}
    page = page_of(records(connection, _FATES, asked), "files")
    for file in page["files"]:
        file["meaning"] = REASONS.get(file["reason"] or "", None)
        retryable = file["status"] == "failed" and file["is_retryable"]
        file["what_to_do"] = WAYS_OUT["retryable" if retryable else file["status"]]
    return {"counts": records(connection, _COUNTS)} | page
