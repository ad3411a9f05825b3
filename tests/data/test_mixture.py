"""Data sets mixed into one."""

from __future__ import annotations

import numpy as np
import pytest

from focusfit.data.face_batch import FaceItem
from focusfit.data.mixture import MixedFaces
from focusfit.errors import FocusfitError


class Numbered:
    """Items that only have a name."""

    def __init__(self, prefix: str, count: int) -> None:
        self.prefix, self.count = prefix, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> FaceItem:
        nothing = np.zeros((2, 2, 3), np.uint8)
        return FaceItem(f"{self.prefix}{index}", -1, nothing, np.zeros((68, 2), np.float32), np.zeros(4, np.float32))


class Draw(int):
    seed = 77


def test_every_source_gives_its_share():
    mixed = MixedFaces([Numbered("real", 10), Numbered("made", 3)], [2, 1])
    names = [mixed[k].name for k in range(len(mixed))]
    assert names[:10] == [f"real{k}" for k in range(10)]
    assert names[10:] == ["made0", "made1", "made2", "made0", "made1"]


class LaterDraw(int):
    seed, epoch = 5, 2


def test_later_epochs_go_further_where_there_is_more():
    mixed = MixedFaces([Numbered("real", 4), Numbered("made", 1000)], [1, 1])
    assert len(mixed) == 8
    assert [mixed[LaterDraw(k)].name for k in range(8)] == [
        *(f"real{k}" for k in range(4)),
        *(f"made{k}" for k in range(8, 12)),
    ]
    short = MixedFaces([Numbered("made", 1000)], [1], first=3)
    assert len(short) == 3
    assert short[LaterDraw(0)].name == "made6"


def test_the_seed_of_a_look_is_handed_on():
    mixed = MixedFaces([Numbered("real", 2), Numbered("made", 2)], [1, 1])
    assert mixed[Draw(3)].seed == 77
    assert len({mixed[k].seed for k in range(4)}) == 4


@pytest.mark.parametrize(("counts", "shares"), [((0, 3), (1, 1)), ((2, 3), (1, 0)), ((2,), (1, 1))])
def test_sources_that_cannot_be_mixed_are_refused(counts, shares):
    with pytest.raises(FocusfitError, match="cannot mix"):
        MixedFaces([Numbered("x", count) for count in counts], shares)
