from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from focusfit.data.augmentation import frame_middle
from focusfit.data.face_batch import FaceItem, collate
from focusfit.data.framed_faces import FramedFaces
from focusfit.data.random_cover import RandomCover, cover_faces

SIZE = 64
ALWAYS = RandomCover(share=1.0)


def faces(count: int) -> FramedFaces:
    """Pictures of noise, every pixel of which shows the face."""
    random = np.random.default_rng(0)
    items = [
        FaceItem(
            name=str(number),
            seed=number,
            photo=random.integers(0, 255, (SIZE, SIZE, 3), dtype=np.uint8),
            landmarks=np.zeros((68, 2), np.float32),
            bounds=np.array([0, 0, SIZE - 1, SIZE - 1], np.float32),
            visible_face=np.full((SIZE, SIZE), 255, np.uint8),
            face_region=np.full((SIZE, SIZE), 255, np.uint8),
        )
        for number in range(count)
    ]
    return frame_middle(collate(items), SIZE)


def test_masks_know_what_is_covered() -> None:
    before = faces(16)
    after = cover_faces(before, torch.arange(16), ALWAYS)
    assert after.visible_face is not None
    bare = (after.visible_face == 1).expand_as(before.photo)
    assert torch.equal(after.photo[bare], before.photo[bare])
    hidden = (after.visible_face == 0).expand_as(before.photo)
    assert (after.photo[hidden] != before.photo[hidden]).float().mean() > 0.95
    share = 1 - after.visible_face.mean((1, 2, 3))
    assert share.min() > 0.01
    assert share.max() < 0.9


def test_a_cover_depends_on_its_seed_alone() -> None:
    together = cover_faces(faces(8), torch.arange(8), ALWAYS).photo
    again = cover_faces(faces(8), torch.arange(8), ALWAYS).photo
    assert torch.equal(together, again)
    other = cover_faces(faces(8), torch.arange(8) + 100, ALWAYS).photo
    assert not torch.equal(together, other)
    few = faces(8)
    two = replace(few, photo=few.photo[5:7], visible_face=None)
    assert torch.equal(cover_faces(two, torch.tensor([5, 6]), ALWAYS).photo, together[5:7])


def test_as_many_are_covered_as_wanted() -> None:
    before = faces(16)
    seeds = torch.arange(16)
    assert cover_faces(before, seeds, RandomCover(share=0.0)) is before
    changed = [
        (cover_faces(before, seeds + 16 * k, RandomCover(share=0.25)).photo != before.photo).flatten(1).any(1)
        for k in range(20)
    ]
    assert 0.15 < torch.cat(changed).float().mean() < 0.35


def test_walls_hide_one_side() -> None:
    walls = RandomCover(share=1.0, walls=1.0, nearness=0.0, softness=0.0)
    visible = cover_faces(faces(16), torch.arange(16), walls).visible_face
    assert visible is not None
    assert (visible.mean((1, 2, 3)) - 0.5).abs().max() < 0.08  # each edge goes through the middle


def test_a_camouflaged_cover_has_a_colour_of_the_face() -> None:
    before = faces(16)
    painted = replace(before, photo=torch.full_like(before.photo, 0.5))  # whatever point of it is asked
    hidden = RandomCover(share=1.0, walls=1.0, nearness=0.0, softness=0.0, camouflage=1.0)
    after = cover_faces(painted, torch.arange(16), hidden)
    assert after.visible_face is not None
    covered = after.photo[(after.visible_face == 0).expand_as(after.photo)]
    assert covered.min() >= 0.7 * 0.5 - 1e-6
    assert covered.max() <= 1.3 * 0.5 + 1e-6


def test_fans_hide_little_in_thin_pieces() -> None:
    fans = RandomCover(share=1.0, fans=1.0)
    after = cover_faces(faces(32), torch.arange(32), fans)
    assert after.visible_face is not None
    hidden = 1 - after.visible_face
    assert 0.01 < hidden.mean() < 0.3
    inner = torch.nn.functional.avg_pool2d(hidden, 15, 1)  # no rod fills a window of a quarter of the view
    assert (inner.amax((1, 2, 3)) < 0.999).float().mean() > 0.5
