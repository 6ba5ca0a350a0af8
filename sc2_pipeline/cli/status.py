"""The commands ``status`` and ``rejects``: what happened to each replay. They read the manifest, and of the published file
its generation and which streams are cut, so they never wait for a load."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from sc2_pipeline.cli.options import HomeOption, JsonOption, LimitOption, command_line, home_of
from sc2_pipeline.cli.published_state import publication, published_cut_streams
from sc2_pipeline.cli.replay_card import card_of, print_card
from sc2_pipeline.cli.terminal import out, print_facts, print_lines, print_rows
from sc2_pipeline.config import Home
from sc2_pipeline.errors import REASONS
from sc2_pipeline.manifest import STATUSES, read_only

_MEANINGS = {
    "found": "waiting to be extracted",
    "rejected": "readable, but not wanted or not possible here",
    "failed": "something in them is broken",
    "extracted": "waiting to be loaded",
    "loaded": "in the warehouse",
}

_VERDICTS = """
select r.replay_id, r.path, r.status, coalesce(o.rule, r.reason) as reason,
    coalesce(o.observed, r.detail) as observed, o.wanted
from replays r
left join rule_outcomes o on o.replay_id = r.replay_id and o.passed = 0 and r.status = 'rejected'
where r.status in (select value from json_each(?))
    and (? is null or r.replay_id in (
        select replay_id from replays where reason in (select value from json_each(?))
        union select replay_id from rule_outcomes where passed = 0 and rule in (select value from json_each(?))
    ))
order by r.status desc, r.reason, r.path, reason
"""

_BATCHES = f"""
select batch, count(*) as replays, {", ".join(f"sum(status = '{name}') as {name}" for name in STATUSES)}
from replays
where batch is not null
group by batch
order by substr(batch, 1, 10), length(batch), batch
"""


def status(
    replay: Annotated[str | None, typer.Argument(help="A replay's id or file name, or how it begins.")] = None,
    home: HomeOption = None,
    batches: Annotated[bool, typer.Option("--batches", help="Count by batch, Dagster's partitions.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Count replays by status; or tell all that is known of one REPLAY."""
    place = home_of(home)
    if batches:
        _print_batches(place, as_json=as_json)
        return
    if replay is not None:
        card = card_of(place.manifest, replay)
        card["cut_streams"] = published_cut_streams(place, card["replay_id"]).get(card["replay_id"], {})
        if as_json:
            typer.echo(json.dumps(card))
        else:
            print_card(out(), card)
        return
    counts = _counts(place)
    last_run = next(iter(read_only(place.manifest, "select * from runs order by rowid desc limit 1")), None)
    published = publication(place)
    cut = published_cut_streams(place)
    if as_json:
        told = {"replays": counts, "last_run": last_run, "published": asdict(published), "cut_streams": cut}
        typer.echo(json.dumps(told))
        return
    rows = [(name, count, _MEANINGS[name] if count else "") for name, count in counts.items()]
    print_rows(out(), ("status", "replays", "meaning"), rows)
    print_lines(out(), [""])
    print_facts(out(), [("published", published.said), *_cut_facts(cut), *(_run_facts(last_run) if last_run else ())])


def _cut_facts(cut: dict[str, dict[str, str]]) -> list[tuple[str, object]]:
    if not cut:
        return []
    tracker, commands = (
        sum(stream in faults for faults in cut.values()) for stream in ("tracker_events", "game_events")
    )
    said = f"{tracker} of units and statistics, {commands} of commands, read to their fault; marts.dim_replays has each"
    return [("cut streams", said)]


def _counts(place: Home) -> dict[str, int]:
    rows = read_only(place.manifest, "select status, count(*) as replays from replays group by status")
    counted = {row["status"]: row["replays"] for row in rows}
    return {name: counted.get(name, 0) for name in STATUSES}


def _print_batches(place: Home, *, as_json: bool) -> None:
    columns = read_only(place.manifest, "select name from pragma_table_info('replays') where name = 'batch'")
    rows = read_only(place.manifest, _BATCHES) if columns else []
    if as_json:
        typer.echo(json.dumps(rows))
    elif rows:
        print_rows(out(), list(rows[0]), [list(row.values()) for row in rows])
    else:
        print_lines(out(), ["no replay is in a batch; `sc2-pipeline ui --partition-by batch` makes them"])


def _run_facts(run: dict[str, object]) -> list[tuple[str, object]]:
    ended = f"{run['outcome']} at {run['finished_at']}" if run["finished_at"] else "still going on, or killed"
    return [
        ("last run", run["run_id"]),
        ("began", f"{run['started_at']} ({run['command']}, source {run['source']})"),
        ("filters", run["filters"]),
        ("ended", ended),
    ]


def rejects(
    *,
    home: HomeOption = None,
    reason: Annotated[list[str] | None, typer.Option(help="Only verdicts for this reason; may be repeated.")] = None,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Only replays that are not wanted or not possible.")
    ] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Only replays in which something is broken.")] = False,
    limit: LimitOption = 1000,
    as_json: JsonOption = False,
) -> None:
    """Explain every verdict: why a replay is not in the warehouse, what was seen and what was wanted."""
    place = home_of(home)
    statuses = [name for name, asked in (("rejected", rejected), ("failed", failed)) if asked] or ["rejected", "failed"]
    reasons = json.dumps(reason) if reason else None
    verdicts = read_only(place.manifest, _VERDICTS, (json.dumps(statuses), reasons, reasons, reasons))
    if as_json:
        typer.echo(json.dumps(verdicts))
        return
    _print_verdicts(out(), verdicts[: limit or None])
    if limit and len(verdicts) > limit:
        print_lines(out(), [f"({limit} of {len(verdicts)} rows; --limit 0 prints all)"])
    if not verdicts:
        counts = _counts(place)
        asked = f" for {', '.join(reason)}" if reason else ""
        print_lines(out(), [f"no replay is {' or '.join(statuses)}{asked} ({counts['loaded']} are loaded)"])
        return
    print_lines(
        out(), ["", f"{command_line('status', verdicts[0]['replay_id'], home=home)}  (all that is known of one)"]
    )


def _print_verdicts(console: Console, verdicts: list[dict[str, object]]) -> None:
    columns = ("replay_id", "file", "status", "reason", "observed", "wanted")
    rows = [
        (
            row["replay_id"],
            str(row["path"]).replace("\\", "/").rpartition("/")[2],
            row["status"],
            row["reason"],
            row["observed"],
            row["wanted"],
        )
        for row in verdicts
    ]
    if rows:
        print_rows(console, columns, rows)
    meanings = {str(row["reason"]): REASONS[str(row["reason"])] for row in verdicts if row["reason"] in REASONS}
    if meanings:
        print_lines(console, [""])
        print_facts(console, meanings.items())
