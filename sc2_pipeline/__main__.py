"""The program ``sc2-pipeline``. Worker processes import this again, so it imports little."""

from sc2_pipeline.stopping import noting_stops


def main() -> None:
    """Entry point of the installed program."""
    with noting_stops():
        from sc2_pipeline.cli.app import main as run_command  # noqa: PLC0415 - a stop is noted while this takes its time

        run_command()


if __name__ == "__main__":
    main()
