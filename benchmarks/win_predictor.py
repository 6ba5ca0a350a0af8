"""How often a win predictor is right, minute by minute, against who has the larger army; each game is predicted from the others.

``uv run --with scikit-learn==1.9.1 python benchmarks/win_predictor.py HOME`` trains ``docs/win_predictor.py`` five times, on four fifths
of a home's games of one against one. Intervals of 95% are from 1,000 resamplings of games.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sc2_pipeline.config import Home
from sc2_pipeline.export import SplitPlan
from sc2_pipeline.population import Population
from sc2_pipeline.training import TrainingPlan, write_training_set

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))
from win_predictor import LEADS, leads, trained

FOLDS, RESAMPLINGS, LAST_MINUTE = 5, 1_000, 15


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="a home with a published warehouse")
    home = parser.parse_args().home
    with tempfile.TemporaryDirectory() as folder:
        population = Population.read({"mode": "1v1"})
        plan = TrainingPlan(destination=Path(folder) / "set", splits=SplitPlan(shares=(1, 0, 0)), population=population)
        write_training_set(Home(home), plan)
        lead, won, replay, minute = map(np.concatenate, zip(*leads(plan.destination, ("train",)), strict=True))
    games, game = np.unique(replay, return_inverse=True)
    generator = np.random.default_rng(0)
    fold = generator.permutation(len(games))[game] % FOLDS
    chance = np.empty(len(won))
    for held_out in range(FOLDS):
        chosen = np.flatnonzero(fold != held_out)
        model = trained(lambda epoch, rows=chosen: _batches(lead, won, rows, epoch))
        chance[fold == held_out] = model(lead[fold == held_out])
    army = lead[:, LEADS.index("army_value")]
    # Equal armies are half right, for either player.
    right = {"predictor": ((chance > 0.5) == won).astype(float), "army": np.where(army == 0, 0.5, (army > 0) == won)}
    print(f"{len(games)} games\nminute  games   predictor         larger army       difference")
    for at in range(1, LAST_MINUTE + 1):
        print(_line(at, minute == at, game, right, generator))


def _batches(lead: np.ndarray, won: np.ndarray, rows: np.ndarray, epoch: int) -> Iterator[tuple[np.ndarray, ...]]:
    order = np.random.default_rng(epoch).permutation(rows)
    for first in range(0, len(order), 4096):
        chosen = order[first : first + 4096]
        yield lead[chosen], won[chosen]


def _line(
    at: int, is_in: np.ndarray, game: np.ndarray, right: dict[str, np.ndarray], generator: np.random.Generator
) -> str:
    games = np.unique(game[is_in])
    # One number per game: how often its rows of that minute are right.
    shares = {name: np.array([values[is_in & (game == one)].mean() for one in games]) for name, values in right.items()}
    shares["difference"] = shares["predictor"] - shares["army"]
    drawn = generator.integers(len(games), size=(RESAMPLINGS, len(games)))
    cells = []
    for values in shares.values():
        low, high = np.percentile(values[drawn].mean(axis=1), (2.5, 97.5))
        cells.append(f"{values.mean():4.0%} ({low:.0%} to {high:.0%})")
    return f"{at:6}{len(games):7}   " + "".join(f"{cell:<18}" for cell in cells)


if __name__ == "__main__":
    main()
