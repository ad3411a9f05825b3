"""What a segmenter is shown and told of photos without labels: covers are put over them, and of these all is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ...data.framed_faces import FramedFaces
from ...data.random_cover import RandomCover, cover_faces
from .ingredients import Maker


@dataclass(frozen=True, eq=False)
class CoveredPhotos:
    """Photos behind covers.

    Attributes:
        photo: ``(B, 3, S, S)``.
        free: ``(B, 1, S, S)`` 1 where no cover lies.
    """

    photo: Tensor
    free: Tensor


@dataclass(frozen=True, eq=False)
class CoveredLesson:
    """One batch for the segmenter.

    Attributes:
        covered: what it sees.
        remembered: ``(B, 1, S, S)`` what it thought of the photos without covers before it went on learning; None where
            that does not count.
        share: of ``remembered`` in what it is taught.
    """

    covered: CoveredPhotos
    remembered: Tensor | None
    share: float

    def told(self, makers: Mapping[str, Maker], region: Tensor) -> dict[str, Maker]:
        """Of ``makers``, those that teach: what photos without covers say, and no face under a cover."""
        posterior, truth = makers["posterior"], makers["true_visible"]

        def teacher() -> Tensor:
            said: Tensor = posterior()
            if self.remembered is not None:
                said = torch.lerp(said, self.remembered * region, self.share)
            return said * self.covered.free

        return {"posterior": teacher, "true_visible": lambda: truth() * self.covered.free}


def covered(view: FramedFaces, seeds: Tensor, covers: RandomCover) -> CoveredPhotos:
    """Photos of a view behind covers."""
    free = torch.ones_like(view.photo[:, :1])
    hidden = cover_faces(replace(view, visible_face=free), seeds, covers)
    assert hidden.visible_face is not None
    return CoveredPhotos(hidden.photo, hidden.visible_face)
