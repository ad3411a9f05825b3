"""Tables of the fitting surface."""

from __future__ import annotations

import torch

from focusfit.fitting.surface import _rim, smoothed


def unnormalised(vertices, triangles):
    i, j, k = triangles.unbind(1)
    cross = torch.cross(vertices[j] - vertices[i], vertices[k] - vertices[i], dim=1)
    return torch.zeros_like(vertices).index_add_(0, triangles.flatten(), cross.repeat_interleave(3, dim=0))


def test_normal_derivative_is_that_of_finite_differences(open_model, surface):
    mean, triangles = open_model.shape_mean.double(), open_model.triangles
    basis = torch.cat([open_model.identity_basis, open_model.expression_basis], dim=2).double()
    for column in (0, 7, basis.shape[2] - 1):
        step = 1e-4 * basis[..., column]
        numeric = (unnormalised(mean + step, triangles) - unnormalised(mean - step, triangles)) / 2e-4
        analytic = surface.geometry[:, 3:, column].double()
        assert (analytic - numeric).norm() < 1e-3 * numeric.norm()
    assert torch.allclose(surface.normal_mean.double(), unnormalised(mean, triangles), rtol=1e-3, atol=1e-3)


def test_smoothing_keeps_constants_and_calms_the_rest(open_model):
    random = torch.Generator().manual_seed(0)
    noise = torch.randn(open_model.vertex_count, 1, generator=random)
    values = torch.stack([torch.full_like(noise, 0.7), noise], dim=2)
    much, none, some = smoothed(open_model, values, [8, 0, 2])
    assert torch.allclose(much[..., 0], torch.tensor(0.7), atol=1e-5)
    assert torch.equal(none, values)
    assert much[..., 1].std() < some[..., 1].std() < none[..., 1].std()


def test_rim_has_the_edges_of_a_single_triangle_and_is_never_sampled(open_model, surface):
    rim = _rim(open_model)
    assert 0 < rim.sum() < 0.2 * open_model.vertex_count
    everything = torch.ones(1, open_model.vertex_count, dtype=torch.bool)
    sampled = surface.sample(everything, int(surface.usable.sum()))
    assert not rim[sampled].any()
    assert sampled.unique().numel() == sampled.numel()


def test_allowed_vertices_come_first_and_in_the_same_order(open_model, surface):
    allowed = torch.zeros(2, open_model.vertex_count, dtype=torch.bool)
    inner = surface.usable.nonzero()[:, 0]
    allowed[0, inner[:50]] = True
    allowed[1, inner[10:90]] = True
    first, second = surface.sample(allowed, 40)
    assert allowed[0, first].all()
    assert allowed[1, second].all()
    assert torch.equal(surface.sample(allowed, 20), torch.stack([first, second])[:, :20])
