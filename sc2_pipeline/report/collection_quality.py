"""Section of the collection page: data quality, that is, rejected, quarantined, truncated and unknown data."""

import duckdb

from sc2_pipeline.errors import REASONS
from sc2_pipeline.report.drawing import nothing
from sc2_pipeline.report.page import figure, section, table
from sc2_pipeline.report.rows import fetched
from sc2_pipeline.report.text import escaped, number, percent

_REASONS = "select status, reason, count(*) from ops.replays where reason is not null group by all order by 3 desc, 2"
_CHECKS = """
select check_name, severity, count(distinct replay_id), sum(failed_rows)
from ops.check_outcomes where failed_rows > 0 group by all order by 3 desc, 1 limit 12
"""
_KNOWN = """
select count(*), count(mmr), count(apm), count(result), count(race_actual) from marts.fct_replay_players where not is_computer
"""
_STREAMS = (
    "select count(*), count(*) filter (tracker_complete), count(played_at), count(map_hash),"
    " count(*) filter (game_events_complete), count(game_events_complete) from marts.dim_replays"
)
_ASIDE = "select count(*), count(distinct replay_id) from ops.quarantined_rows"


def quality_section(connection: duckdb.DuckDBPyConnection) -> str:
    """Reasons of rejected and failed replays, failed checks, and the share of known values."""
    return section(
        "quality",
        "Data quality",
        figure("Not loaded, and why", _reasons(connection), "More with <code>sc2-pipeline rejects</code>."),
        figure("What is known", _known(connection)),
        figure("Checks that some rows broke", _checks(connection), is_whole=True),
    )


def _reasons(connection: duckdb.DuckDBPyConnection) -> str:
    rows = fetched(connection, _REASONS)
    if not rows:
        return nothing("every replay found was loaded, or is still to be")
    cells = [
        [escaped(status), escaped(REASONS.get(reason, f"rule {reason} of the filters")), number(count)]
        for status, reason, count in rows
    ]
    return table(("status", "reason", "replays"), cells, numbers=(2,))


def _known(connection: duckdb.DuckDBPyConnection) -> str:
    [(players, mmr, apm, result, race)] = fetched(connection, _KNOWN)
    [(replays, complete, played, hashed, commanded, read)] = fetched(connection, _STREAMS)
    [(aside, aside_replays)] = fetched(connection, _ASIDE)
    shares = [
        ("MMR of players", mmr, players),
        ("APM of players", apm, players),
        ("result of players", result, players),
        ("race of players", race, players),
        ("event stream read to its end", complete, replays),
        ("commands read to their end", commanded, read),
        ("day of the game", played, replays),
        ("map's hash", hashed, replays),
    ]
    cells = [[escaped(what), percent(known / of if of else None), f"{known:,} of {of:,}"] for what, known, of in shares]
    cells.append(["rows in quarantine", number(aside), f"of {aside_replays:,} replays"])
    return table(("what", "known", "counted"), cells, numbers=(1, 2))


def _checks(connection: duckdb.DuckDBPyConnection) -> str:
    rows = fetched(connection, _CHECKS)
    if not rows:
        return nothing("none")
    cells = [
        [escaped(str(check).replace("_", " ")), escaped(severity), number(replays), number(failed)]
        for check, severity, replays, failed in rows
    ]
    return table(("check", "severity", "replays", "rows"), cells, numbers=(2, 3))
