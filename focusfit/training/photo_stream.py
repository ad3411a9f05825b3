"""Which photo is looked at when: an endless, seeded order that any number of processes shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


class PhotoDraw(int):
    """Index of a photo in its data set that also carries which look at the photo this is.

    Data sets are asked for ``dataset[draw]``: one that only wants an index uses it as the integer it is, one that
    augments seeds its own generator with ``draw.seed`` and so gives the same picture in any process.

    Attributes:
        epoch: how often the whole data set had been drawn before.
        seed: of this look, in [0, 2**63): a function of the run's seed, the epoch and the index alone.
    """

    epoch: int
    seed: int

    def __new__(cls, index: int, epoch: int, seed: int) -> PhotoDraw:
        """Index with its epoch and seed."""
        draw = super().__new__(cls, index)
        draw.epoch = epoch
        draw.seed = seed
        return draw

    def __reduce__(self) -> tuple[type[PhotoDraw], tuple[int, int, int]]:
        return PhotoDraw, (int(self), self.epoch, self.seed)


def draw_of(index: int, epoch: int, run_seed: int) -> PhotoDraw:
    """Look at photo ``index`` in ``epoch`` of a run."""
    words = np.random.SeedSequence((run_seed, epoch, index)).generate_state(1, np.uint64)
    return PhotoDraw(index, epoch, int(words[0] >> np.uint64(1)))


@dataclass(frozen=True)
class PhotoStream:
    """Batches without end: one shuffled epoch after the other, cut into batches of all processes, each its share.

    A batch may span two epochs, so all batches are full and every photo comes exactly once an epoch. The state is one
    number, ``start``; batch and process counts may change when a run is resumed.

    Attributes:
        photos: length of the data set.
        batch_size: photos of one process's batch.
        seed: of the run.
        process: rank of this process.
        processes: how many there are.
        start: photos that all processes together have drawn before.
    """

    photos: int
    batch_size: int
    seed: int
    process: int = 0
    processes: int = 1
    start: int = 0
    _orders: dict[int, NDArray[np.int64]] = field(default_factory=dict, repr=False, compare=False)

    def __iter__(self) -> Iterator[list[PhotoDraw]]:
        first = self.start + self.process * self.batch_size
        while True:
            yield [self.draw(position) for position in range(first, first + self.batch_size)]
            first += self.processes * self.batch_size

    def draw(self, position: int) -> PhotoDraw:
        """The look at ``position``, counted over all processes from the run's start."""
        epoch, place = divmod(position, self.photos)
        if epoch not in self._orders:
            for old in [known for known in self._orders if known < epoch - 1]:
                del self._orders[old]
            self._orders[epoch] = np.random.default_rng((self.seed, epoch)).permutation(self.photos)
        return draw_of(int(self._orders[epoch][place]), epoch, self.seed)
