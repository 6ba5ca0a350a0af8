"""Trains a win predictor on a training set, batch by batch, and prints how far it can be trusted in each minute.

``uv run --with scikit-learn==1.9.1 python docs/win_predictor.py FOLDER``
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import StandardScaler

from sc2_pipeline.training import batches
from sc2_pipeline.training.elements import places

LEADS = ("army_value", "worker_count", "supply_used", "minerals_per_minute", "vespene_per_minute")
COLUMNS = ("features", "opponent_features", "label_is_winner", "replay_id", "game_loop")
Rows = tuple[np.ndarray, ...]


def leads(folder: Path, splits: tuple[str, ...], seed: int | None = None) -> Iterator[Rows]:
    """Batches of :data:`LEADS` over the opponent, who won, replays and minutes; rows without an opponent or a winner are left out."""
    for batch in (batch for split in splits for batch in batches(folder, split, columns=COLUMNS, seed=seed)):
        known = ~np.isnan(batch["opponent_features"][:, 0]) & (batch["label_is_winner"] != None)  # noqa: E711 - an array
        own, theirs, won, replay, loop = (batch[name][known] for name in COLUMNS)
        yield (own - theirs)[:, [places("economy")[name] for name in LEADS]], won.astype(bool), replay, loop // 1344


def trained(read: Callable[[int], Iterator[Rows]], epochs: int = 20) -> Callable[[np.ndarray], np.ndarray]:
    """The chance to win, given leads: as large for one player as it is small for the other. ``read`` gives an epoch's batches."""
    scaler = StandardScaler(with_mean=False)
    model = SGDClassifier("log_loss", alpha=0.5, fit_intercept=False, average=True, random_state=0)
    for lead, *_ in read(0):
        scaler.partial_fit(lead)
    for epoch in range(epochs):
        for lead, won, *_ in read(epoch):
            model.partial_fit(scaler.transform(lead), won, classes=[False, True])
    return lambda lead: model.predict_proba(scaler.transform(lead))[:, 1]


if __name__ == "__main__":
    chance = trained(lambda epoch: leads(Path(sys.argv[1]), ("train",), seed=epoch))
    lead, won, replay, minute = map(np.concatenate, zip(*leads(Path(sys.argv[1]), ("validation", "test")), strict=True))
    favourite, is_right = np.maximum(chance(lead), 1 - chance(lead)), (chance(lead) > 0.5) == won
    for at in np.unique(minute):
        here = minute == at
        games, said, came = len(set(replay[here])), favourite[here].mean(), is_right[here].mean()
        print(f"minute {at:3}: {games:4} games, the favourite is given {said:.0%} and wins {came:.0%}")
