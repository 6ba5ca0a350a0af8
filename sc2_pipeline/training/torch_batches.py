"""A training set for torch's DataLoader. torch is in no extra: install the build that suits the machine."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from sc2_pipeline.training.loader import batches

_COLUMNS = ("features", "label_is_winner")


class TorchBatches(IterableDataset):  # type: ignore[misc, unused-ignore]
    """Batches of tensors by column, NULL as NaN, for ``DataLoader(TorchBatches(...), batch_size=None, num_workers=2)``.

    Shuffled passes differ, and ``torch.manual_seed`` repeats them. ``columns`` as for :func:`sc2_pipeline.training.batches`, but no texts.
    """

    def __init__(
        self, folder: Path, split: str, *, size: int = 4096, columns: tuple[str, ...] = _COLUMNS, shuffles: bool = True
    ) -> None:
        self._folder, self._split, self._size, self._columns, self._shuffles = folder, split, size, columns, shuffles

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        info = get_worker_info()
        worker, workers = (0, 1) if info is None else (info.id, info.num_workers)
        # All workers of a pass shuffle alike, each to read its own share.
        seed = int(torch.randint(2**31, ())) if info is None else info.seed - info.id
        options = {"size": self._size, "columns": self._columns, "seed": seed if self._shuffles else None}
        for batch in batches(self._folder, self._split, **options, worker=worker, workers=workers):  # type: ignore[arg-type]
            # Truth that may be NULL comes as objects.
            kinds = {name: np.float32 if values.dtype == object else values.dtype for name, values in batch.items()}
            yield {name: torch.from_numpy(np.array(values, kinds[name])) for name, values in batch.items()}
