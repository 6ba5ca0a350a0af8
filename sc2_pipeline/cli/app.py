"""The program ``sc2-pipeline``: its commands, and what errors become at its edge."""

from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from sc2_pipeline.cli import (
    asking,
    building,
    compacting,
    counting,
    demonstrating,
    dictionary,
    doctoring,
    exporting,
    localising,
    orchestrating,
    planning,
    probing,
    prune,
    questioning,
    reporting,
    running,
    standing,
    verifying,
    viewing,
)
from sc2_pipeline.cli.run_options import RunCommand
from sc2_pipeline.cli.terminal import err, prepare_streams, print_lines, shown
from sc2_pipeline.errors import ContractError, PipelineError, SettingsError
from sc2_pipeline.extras import missing_extra
from sc2_pipeline.stopping import hearing_interrupts, heeding_stops, stop_exit_code

WRONG_ARGUMENTS = 2
NOTHING_DONE = 1


class Commands(TyperGroup):
    """The commands; an error that this package raises on purpose becomes one sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command asked for; only here is a signal heard."""
        try:
            with heeding_stops(), hearing_interrupts(answers=typer.Exit):
                return super().invoke(ctx)
        except SettingsError as error:
            _leave(str(error), WRONG_ARGUMENTS)
        except ContractError as error:
            _leave(f"{error} (this is a fault of sc2_pipeline, not of a replay; please report it)", NOTHING_DONE)
        except PipelineError as error:
            _leave(str(error), NOTHING_DONE)
        except ModuleNotFoundError as error:
            sentence = missing_extra(error)
            if sentence is None:
                raise
            _leave(sentence, NOTHING_DONE)
        except BrokenPipeError:
            raise
        except OSError as error:
            _leave(f"the machine refused: {error}", NOTHING_DONE)
        except KeyboardInterrupt:
            _leave("stopped", stop_exit_code())


def _leave(sentence: str, exit_code: int) -> NoReturn:
    print_lines(err(), [f"sc2-pipeline: {shown(sentence)}"])
    raise typer.Exit(exit_code)


app = typer.Typer(
    name="sc2-pipeline",
    cls=Commands,
    help="StarCraft II replays into a DuckDB warehouse that people trust.",
    epilog="Exit codes: 0 done (rejected and failed replays are counted, not errors), 1 nothing could be done, "
    "2 wrong arguments, 130 stopped by Ctrl-C, 143 by SIGTERM.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("run", cls=RunCommand)(running.run)
app.command("plan")(planning.plan)
app.command("demo")(demonstrating.demo)
app.command("stats")(counting.stats)
app.command("status")(standing.status)
app.command("rejects")(standing.rejects)
app.command("quarantine")(asking.quarantine)
app.command("ask", context_settings=questioning.NOTHING_NARROWED)(questioning.ask)
app.command("game")(viewing.game)
app.command("players")(viewing.players)
app.command("compare")(viewing.compare)
app.command("report")(reporting.report)
app.command("sql")(asking.sql)
app.command("build-order")(building.build_order)
app.command("tables")(dictionary.tables)
app.command("doctor")(doctoring.doctor)
app.command("verify")(verifying.verify)
app.command("probe")(probing.probe)
app.command("compact")(compacting.compact)
app.command("prune")(prune.prune)
app.command("localise")(localising.localise)
app.command("export")(exporting.export)
app.command("ui")(orchestrating.ui)


def main() -> None:
    """Entry point of the installed program."""
    prepare_streams()
    app()
