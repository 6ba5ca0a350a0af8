"""The program ``sc2-pipeline``: its commands, and the conversion of errors to messages and exit codes."""

from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from sc2_pipeline import __version__
from sc2_pipeline.cli import (
    ask,
    audit,
    build_order,
    compact,
    demo,
    doctor,
    export,
    fault,
    game,
    games,
    localise,
    maps,
    mcp,
    observe,
    plan,
    probe,
    prune,
    report,
    run,
    serve,
    sql,
    stats,
    status,
    tables,
    ui,
    verify,
)
from sc2_pipeline.cli.run_options import RunCommand
from sc2_pipeline.cli.terminal import err, out, prepare_streams, print_lines, shown
from sc2_pipeline.errors import ContractError, PipelineError, SettingsError
from sc2_pipeline.extras import missing_extra
from sc2_pipeline.stopping import hearing_interrupts, heeding_stops, stop_exit_code

WRONG_ARGUMENTS = 2
NOTHING_DONE = 1


class Commands(TyperGroup):
    """The command group; turns the package's own errors into one sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; signals are only handled in here."""
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
    pretty_exceptions_show_locals=False,
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        print_lines(out(), [f"sc2-pipeline {__version__}"])
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


app.command("run", cls=RunCommand)(run.run)
app.command("plan")(plan.plan)
app.command("maps")(maps.maps)
app.command("observe")(observe.observe)
app.command("demo")(demo.demo)
app.command("stats")(stats.stats)
app.command("status")(status.status)
app.command("rejects")(status.rejects)
app.command("fault")(fault.fault)
app.command("quarantine")(sql.quarantine)
app.command("ask", context_settings=ask.NOTHING_NARROWED)(ask.ask)
app.command("games")(games.games)
app.command("game")(game.game)
app.command("players")(game.players)
app.command("compare")(game.compare)
app.command("report")(report.report)
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)
app.command("sql")(sql.sql)
app.command("build-order")(build_order.build_order)
app.command("tables")(tables.tables)
app.command("doctor")(doctor.doctor)
app.command("verify")(verify.verify)
app.command("audit")(audit.audit)
app.command("probe")(probe.probe)
app.command("compact")(compact.compact)
app.command("prune")(prune.prune)
app.command("localise")(localise.localise)
app.command("export")(export.export)
app.command("ui")(ui.ui)


def main() -> None:
    """Entry point of the installed program."""
    prepare_streams()
    app()
