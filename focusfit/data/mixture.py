"""Several data sets as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch.utils.data import Dataset

from ..errors import FocusfitError
from .face_batch import FaceItem


class MixedFaces(Dataset[FaceItem]):
    """Real and synthetic faces, say, in one order: each source gives its share of every epoch.

    An epoch is as long as the first source. The others give as many items as the shares ask for, evenly spread, over
    and over where they are shorter and ever further on where they are longer.

    Args:
        sources: data sets of one canvas size.
        shares: how much of an epoch each gives; any positive numbers.

    Raises:
        FocusfitError: an empty source, or a share that is not above 0.
    """

    def __init__(self, sources: Sequence[Dataset[FaceItem]], shares: Sequence[float]) -> None:
        lengths = [len(source) for source in sources]  # type: ignore[arg-type]
        if not lengths or not all(lengths) or len(lengths) != len(shares) or min(shares) <= 0:
            raise FocusfitError(f"cannot mix data sets of {lengths} faces with shares {list(shares)}")
        self.sources = tuple(sources)
        counts = [max(1, round(lengths[0] * share / shares[0])) for share in shares]
        self._places = [
            (which, index % lengths[which]) for which, count in enumerate(counts) for index in range(count)
        ]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> FaceItem:
        """Item ``index``, with the seed that the index carries."""
        which, own = self._places[index]
        item = self.sources[which][own]
        return replace(item, seed=getattr(index, "seed", int(index)))
