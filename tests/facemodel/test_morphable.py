"""The linear face model."""

from __future__ import annotations

import torch

from focusfit.facemodel.morphable import AMBIENT, MorphableModel, SurfacePoints


def test_neutral_coefficients_give_the_mean_face(open_model: MorphableModel) -> None:
    neutral = open_model.neutral_coefficients(2)
    vertices = open_model.vertices(neutral.identity, neutral.expression)
    assert torch.equal(vertices, open_model.shape_mean.expand(2, -1, -1))
    assert torch.equal(open_model.albedo(neutral.albedo), open_model.albedo_mean.expand(2, -1, -1))
    assert torch.allclose(neutral.light[:, :, 0], torch.tensor(AMBIENT))


def test_one_deviation_moves_by_its_mode(open_model: MorphableModel) -> None:
    coefficients = torch.zeros(1, open_model.identity_basis.shape[2])
    coefficients[0, 3] = 2.0
    expected = open_model.shape_mean + 2 * open_model.identity_basis[..., 3]
    assert torch.allclose(open_model.vertices(coefficients)[0], expected, atol=1e-4)


def test_truncate_keeps_leading_modes(open_model: MorphableModel) -> None:
    small = open_model.truncate(identity=5, expression=4, albedo=3)
    assert small.identity_basis.shape[2] == 5
    assert small.expression_basis.shape[2] == 4
    assert small.albedo_basis.shape[2] == 3
    assert torch.equal(small.albedo_basis, open_model.albedo_basis[..., :3])
    assert small.identity_basis.untyped_storage().nbytes() < open_model.identity_basis.untyped_storage().nbytes()


def test_neighbours_are_mutual_and_sorted(open_model: MorphableModel) -> None:
    pairs = open_model.vertex_neighbours
    known = set(map(tuple, pairs.tolist()))
    assert all((b, a) in known for a, b in known)
    assert (pairs[1:, 0] >= pairs[:-1, 0]).all()


def test_surface_points_follow_the_surface() -> None:
    points = SurfacePoints(torch.tensor([[0, 1, 2]]), torch.tensor([[0.5, 0.25, 0.25]]))
    values = torch.tensor([[[0.0, 0.0], [4.0, 0.0], [0.0, 8.0]]])
    assert torch.allclose(points.of(values), torch.tensor([[[1.0, 2.0]]]))
    vertices = SurfacePoints.at_vertices(torch.tensor([2, 1]))
    assert torch.allclose(vertices.of(values[0]), values[0][[2, 1]])
