"""Summary of a run: counts from files found to replays loaded, and suggested next commands."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from sc2_pipeline.cli.options import command_line
from sc2_pipeline.cli.terminal import print_lines, shown
from sc2_pipeline.errors import REASONS

if TYPE_CHECKING:
    from sc2_pipeline.pipeline import RunReport

_NAME_WIDTH = 26


def print_funnel(console: Console, report: "RunReport", home: Path) -> None:
    """Prints the counts of a run, with rejection reasons, duration and next commands."""
    print_lines(console, funnel_lines(report))
    print_lines(console, ["", f"{shown(report.warehouse)}  {_pace(report)}"])
    print_lines(console, ["", "Next:", *(f"  {line}" for line in next_steps(report, home))])


def funnel_lines(report: "RunReport") -> list[str]:
    """The counts, one per line; in replays, except for files and duplicates."""
    return [
        _line("files", report.files),
        _line("duplicates", report.duplicates, "same bytes under another path"),
        _line("found", report.found),
        _line("rejected", report.rejected, "readable, but not wanted or not possible here"),
        *_reasons(report.rejected_by_reason),
        _line("failed", report.failed, "something in them is broken"),
        *_reasons(report.failed_by_reason),
        _line("pending", report.pending, "left for the next run"),
        _line("already loaded", report.already_loaded, "by an earlier run"),
        _line("loaded", report.loaded),
        *_incomplete(report),
        *_broken_tests(report),
    ]


def _incomplete(report: "RunReport") -> list[str]:
    meaning = "loaded; the game ended them early, twice (sc2_covered_share)"
    return [_line("incomplete", report.incomplete, meaning)] if report.incomplete else []


def _broken_tests(report: "RunReport") -> list[str]:
    count = len(report.mart_test_failures)
    return [_line("broken mart tests", count, "our own fault; their replays are loaded")] if count else []


def _line(name: str, count: int, meaning: str = "") -> str:
    shown_meaning = meaning if count else ""
    return f"{name:<{_NAME_WIDTH}} {count:>7}  {shown_meaning}".rstrip()


def _reasons(counts: Mapping[str, int]) -> list[str]:
    return [_line(f"  {shown(reason)}", count, REASONS.get(reason, "")) for reason, count in counts.items()]


def _pace(report: "RunReport") -> str:
    per_second = f", {report.loaded / report.seconds:.1f} replays/s" if report.loaded and report.seconds else ""
    return f"({report.seconds:.1f} s{per_second})"


def next_steps(report: "RunReport", home: Path) -> list[str]:
    """Suggested commands after this run, each with what it shows."""
    steps = []
    if report.loaded or report.already_loaded:
        steps += [
            (command_line("games", home=home), "which games there are"),
            (command_line("ask", home=home), "questions in words, and their answers"),
            (command_line("report", home=home), "the collection as a page"),
            (command_line("serve", home=home), "all of it in a browser"),
            (command_line("sql", "from marts.player_game_summary limit 10", home=home), "your own SQL"),
        ]
    if report.rejected or report.failed:
        unwanted = report.rejected + report.failed
        replays = "1 replay is" if unwanted == 1 else f"{unwanted} replays are"
        steps.append((command_line("rejects", home=home), f"why {replays} not in it"))
    if report.pending:
        steps.append(("the same command again", f"for the {report.pending} left"))
    if not steps:
        steps.append((command_line("status", home=home), "what became of every replay"))
    return [f"{command}  ({reason})" for command, reason in steps]
