"""The head around the open face model: what ships, what its file must hold, what it was built with."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from focusfit.errors import FaceModelError
from focusfit.facemodel.load import SHIPPED_MODEL
from focusfit.facemodel.morphable import MorphableModel
from focusfit.facemodel.open_head import SHIPPED_HEAD, OpenHead, read_open_head, write_open_head
from focusfit.facemodel.open_model.alignment import rigid_align, rigid_motions
from focusfit.facemodel.open_model.hairline import garment_depth, scalp_depth


@pytest.fixture(scope="module")
def head() -> OpenHead:
    return read_open_head()


def faces(model: MorphableModel, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Identity coefficients, neutral faces and faces with strong expressions."""
    generator = torch.Generator().manual_seed(4)
    identity = torch.randn(count, model.identity_basis.shape[2], generator=generator)
    expression = 1.5 * torch.randn(count, model.expression_basis.shape[2], generator=generator)
    neutral = model.shape_mean + torch.einsum("vck,nk->nvc", model.identity_basis, identity)
    moved = neutral + torch.einsum("vck,nk->nvc", model.expression_basis, expression)
    return identity.numpy(), neutral.numpy(), moved.numpy()


def test_files_are_small() -> None:
    assert SHIPPED_HEAD.stat().st_size <= 3e6
    assert SHIPPED_HEAD.stat().st_size + SHIPPED_MODEL.stat().st_size < 16e6


def test_head_joins_the_face_exactly(head: OpenHead, open_model: MorphableModel) -> None:
    rows = head.face_vertex >= 0
    assert rows.sum() > 300
    for identity, _, face in zip(*faces(open_model, 5), strict=True):
        joined = head.joined(head.shape(identity), face)
        np.testing.assert_allclose(joined[rows], face[head.face_vertex[rows]], atol=1e-4)


def test_whole_rim_of_the_face_is_shared(head: OpenHead, open_model: MorphableModel) -> None:
    rim = np.flatnonzero(open_model.regions["boundary"].numpy())
    edges = np.sort(open_model.triangles.numpy()[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    rim = np.intersect1d(rim, unique[count == 1])
    shared = open_model.shape_mean.numpy()[head.face_vertex[head.face_vertex >= 0]]
    nearest = np.linalg.norm(open_model.shape_mean.numpy()[rim][:, None] - shared, axis=2).min(1)
    assert nearest.max() < 12.0


def test_head_follows_identity(head: OpenHead, open_model: MorphableModel) -> None:
    rows = head.face_vertex >= 0
    identity, neutral, _ = faces(open_model, 20)
    own = np.stack([head.shape(c)[rows] for c in identity])
    miss = np.linalg.norm(own - neutral[:, head.face_vertex[rows]], axis=2)
    spread = np.linalg.norm(head.mean[rows] - neutral[:, head.face_vertex[rows]], axis=2)
    assert np.median(miss) < 1.5
    assert np.median(miss) < 0.5 * np.median(spread)


def test_far_skin_does_not_follow_expressions(head: OpenHead, open_model: MorphableModel) -> None:
    identity, neutral, moved = (values[0] for values in faces(open_model, 1))
    shape = head.shape(identity)
    far = (head.scalp > 60) | (head.garment > 0)
    assert far.sum() > 1000
    np.testing.assert_allclose(head.joined(shape, neutral)[far], head.joined(shape, moved)[far], atol=1.0)


def test_triangles_face_outwards(head: OpenHead) -> None:
    a, b, c = (head.mean[head.triangles[:, i]] for i in range(3))
    skull = (head.scalp[head.triangles] > 30).all(1)
    middle = head.mean[head.scalp > 30].mean(0) - [0, 40, 0]
    outward = np.einsum("fc,fc->f", np.cross(b - a, c - a), a - middle)
    assert (outward[skull] > 0).mean() > 0.98


def test_painted_fields(head: OpenHead) -> None:
    x, y, _ = head.mean.T
    assert head.ears[(np.abs(x) < 40)].max() < 0.05
    assert (head.ears > 0.5).sum() > 200
    assert head.bend[y > 60].max() == 0
    assert head.bend[y < -200].min() == 1
    assert (head.garment[y < -220] > 0).all()
    assert (head.garment[y > -60] < 0).all()


def test_written_head_reads_back(head: OpenHead, tmp_path: Path) -> None:
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    write_open_head(first, head)
    write_open_head(second, head)
    assert first.read_bytes() == second.read_bytes()
    again = read_open_head(first)
    for name, value in vars(head).items():
        if isinstance(value, np.ndarray) and not name.startswith("_"):
            np.testing.assert_array_equal(value, getattr(again, name), err_msg=name)


def test_bad_files_are_named(head: OpenHead, tmp_path: Path) -> None:
    with pytest.raises(FaceModelError, match="does not exist"):
        read_open_head(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no zip")
    with pytest.raises(FaceModelError, match="not a readable"):
        read_open_head(tmp_path / "text.npz")
    with pytest.raises(FaceModelError, match="no open head"):
        read_open_head(SHIPPED_MODEL)
    write_open_head(tmp_path / "beyond.npz", replace(head, triangles=head.triangles + len(head.mean)))
    with pytest.raises(FaceModelError, match="triangles beyond"):
        read_open_head(tmp_path / "beyond.npz")
    write_open_head(tmp_path / "short.npz", replace(head, bend=head.bend[:-1]))
    with pytest.raises(FaceModelError, match="other lengths"):
        read_open_head(tmp_path / "short.npz")
    write_open_head(tmp_path / "whole.npz", head)
    with (
        zipfile.ZipFile(tmp_path / "whole.npz") as whole,
        zipfile.ZipFile(tmp_path / "part.npz", "w") as part,
    ):
        for entry in whole.namelist():
            if entry != "scalp.npy":
                part.writestr(entry, whole.read(entry))
    with pytest.raises(FaceModelError, match="lacks the arrays scalp"):
        read_open_head(tmp_path / "part.npz")


def test_rigid_motion_of_one_part_moves_another() -> None:
    rng = np.random.default_rng(0)
    target = rng.normal(0, 50, (40, 3))
    turn, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    shapes = (target @ turn + [5, 6, 7])[None]
    support = np.arange(40) < 25
    motions = rigid_motions(shapes, target, support)
    np.testing.assert_allclose(motions.apply(shapes)[0], target, atol=1e-9)
    np.testing.assert_allclose(motions.apply(np.array([[[5.0, 6.0, 7.0]]]))[0, 0], 0, atol=1e-9)
    np.testing.assert_array_equal(rigid_align(shapes, target, support), motions.apply(shapes))


def test_hair_and_clothes_begin_where_they_should() -> None:
    forehead, top, nape, cheek, chest = np.array(
        [(0, 70, -15), (0, 140, -100), (0, -20, -195), (50, 0, -50), (0, -220, -60)], float
    )
    scalp = scalp_depth(np.stack([forehead, top, nape, cheek, chest]))
    assert scalp[1] > 30
    assert scalp[2] > 0
    assert (scalp[[0, 3, 4]] < 0).all()
    garment = garment_depth(np.stack([forehead, top, nape, cheek, chest]))
    assert garment[4] > 0
    assert (garment[:4] < 0).all()
