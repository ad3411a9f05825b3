"""Several data sets as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch.utils.data import Dataset

from ..errors import FocusfitError
from .face_batch import FaceItem


class MixedFaces(Dataset[FaceItem]):
    """Real and synthetic faces, say, in one order: each source gives its share of every epoch.

    An index that carries its ``epoch`` gets further items of a source that has more than one epoch takes of it, and
    the same ones over again of one that has fewer.

    Args:
        sources: data sets of one canvas size.
        shares: how much of an epoch each gives; any positive numbers.
        first: items of the first source in an epoch; by default all it has.

    Raises:
        FocusfitError: an empty source, or a share that is not above 0.
    """

    def __init__(self, sources: Sequence[Dataset[FaceItem]], shares: Sequence[float], first: int | None = None) -> None:
        self._lengths = [len(source) for source in sources]  # type: ignore[arg-type]
        if not self._lengths or not all(self._lengths) or len(self._lengths) != len(shares) or min(shares) <= 0:
            raise FocusfitError(f"cannot mix data sets of {self._lengths} faces with shares {list(shares)}")
        self.sources = tuple(sources)
        first = self._lengths[0] if first is None else first
        self._counts = [max(1, round(first * share / shares[0])) for share in shares]

    def __len__(self) -> int:
        return sum(self._counts)

    def __getitem__(self, index: int) -> FaceItem:
        """Item ``index``, with the seed that the index carries."""
        which, place = 0, int(index)
        while place >= self._counts[which]:
            place -= self._counts[which]
            which += 1
        place += getattr(index, "epoch", 0) * self._counts[which]
        item = self.sources[which][place % self._lengths[which]]
        return replace(item, seed=getattr(index, "seed", int(index)))
