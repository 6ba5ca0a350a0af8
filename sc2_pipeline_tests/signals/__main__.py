"""Signals at many moments, on demand: `python -m sc2_pipeline_tests.signals`; what is amiss, and the count of signals."""

import argparse
import sys
import tempfile
from pathlib import Path

from sc2_pipeline_tests.signals.moments import NUMBERS, SCENES, Moments, spread


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sc2_pipeline_tests.signals", description=__doc__)
    parser.add_argument("--moments", type=int, default=10, metavar="N", help="moments of each command (default: 10)")
    asked = parser.parse_args()
    told = amiss = 0
    with tempfile.TemporaryDirectory() as work:
        moments = Moments(Path(work))
        for scene in SCENES:
            calls = moments.calls(scene)
            for number, moment in enumerate(spread(asked.moments, calls)):
                found = moments.amiss(scene, NUMBERS[number % 2], moment, to_all=number % 4 < 2)
                told, amiss = told + 1, amiss + bool(found)
                for sentence in found:
                    print(
                        f"{scene.name}, {NUMBERS[number % 2].name} at call {moment} of {calls}: {sentence}", flush=True
                    )
            print(f"{scene.name}: {asked.moments} of {calls:,} moments tried", flush=True)
    print(f"{told} signals sent, {amiss} of them amiss")
    return 1 if amiss else 0


if __name__ == "__main__":
    sys.exit(_main())
