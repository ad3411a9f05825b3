from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from focusfit.errors import BackendError
from focusfit.imaging import RASTERIZERS, Camera, Fragments
from focusfit.imaging import rasterize as rasterize_there
from focusfit.imaging.fragments import MIN_AREA

from .scenes import bumpy_heads, device_of, moved

HAS_TRITON = find_spec("triton") is not None
BACKENDS = [name for name in sorted(RASTERIZERS) if name != "triton" or HAS_TRITON]
KERNELS = [name for name in BACKENDS if name != "reference"]
HEIGHT, WIDTH = 12, 16


def rasterize(vertices: Tensor, triangles: Tensor, camera: Camera, backend: str) -> Fragments:
    """Wherever the backend works; found on the CPU."""
    inputs = (moved(each, device_of(backend)) for each in (vertices, triangles, camera))
    return moved(rasterize_there(*inputs, backend), "cpu")


def unit_camera(batch: int = 1) -> Camera:
    """Focal 1 and centre 0: a point (x, y, z) lands on pixel (x / z, y / z)."""
    return Camera(torch.ones(batch, dtype=torch.float64), torch.zeros(batch, 2, dtype=torch.float64), HEIGHT, WIDTH)


def at_pixels(corners: list[tuple[float, float, float]]) -> Tensor:
    """Points given as (pixel x, pixel y, depth), in the camera frame."""
    return torch.tensor([[[x * z, y * z, z] for x, y, z in corners]], dtype=torch.float64)


def by_brute_force(vertices: Tensor, triangles: Tensor, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """One pixel and one triangle at a time: solve for the point of the triangle's plane on the pixel's ray."""
    index, depth = np.full((HEIGHT, WIDTH), -1), np.full((HEIGHT, WIDTH), np.inf)
    for row, column in np.ndindex(HEIGHT, WIDTH):
        ray = np.array([column, row, 1.0])
        for face, triangle in enumerate(triangles.numpy()):
            corners = vertices[0].numpy()[triangle]
            if np.linalg.det(corners) > -1e-6 * corners[:, 2].prod():  # from behind, or without area on screen
                continue
            weights = np.linalg.solve(corners.T, ray)  # corners.T @ (weights * depth) = ray * depth
            distance = 1 / weights.sum()
            if (weights >= 0).all() and distance < depth[row, column]:
                index[row, column], depth[row, column] = face, distance
    return index, depth


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_triangle_by_hand(backend: str) -> None:
    # counter-clockwise seen from outside with y up is this order with y down: right angle at (2, 3), legs of 4 and 2
    vertices = at_pixels([(2, 3, 50), (2, 5, 50), (6, 3, 50)])
    fragments = rasterize(vertices, torch.tensor([[0, 1, 2]]), unit_camera(), backend)
    expected = torch.full((1, HEIGHT, WIDTH), -1, dtype=torch.int32)
    expected[0, 3, 2:7] = 0  # borders count as inside
    expected[0, 4, 2:5] = 0
    expected[0, 5, 2] = 0
    torch.testing.assert_close(fragments.face_index, expected)
    torch.testing.assert_close(fragments.depth[fragments.region], torch.full((9,), 50.0, dtype=torch.float64))
    assert torch.isinf(fragments.depth[~fragments.region]).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_nearest_wins_and_the_back_is_not_drawn(backend: str) -> None:
    far, near = [(0, 0, 90), (0, 9, 90), (9, 0, 90)], [(0, 0, 40), (0, 4, 40), (4, 0, 40)]
    from_behind = [(0, 0, 10), (9, 0, 10), (0, 9, 10)]
    vertices = at_pixels(far + near + from_behind)
    index = rasterize(vertices, torch.arange(9).view(3, 3), unit_camera(), backend).face_index[0]
    assert index[1, 1] == 1
    assert index[4, 4] == 0
    assert set(index.unique().tolist()) == {-1, 0, 1}


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_cracks_and_the_first_of_equals(backend: str) -> None:
    # a fan about a pixel centre, drawn twice
    ring = [(8 + 5 * np.cos(a), 6 + 5 * np.sin(a), 70.0 + 3 * np.sin(3 * a)) for a in np.arange(7) * 2 * np.pi / 7]
    vertices = at_pixels([(8, 6, 65), *ring])
    fan = torch.tensor([[0, 1 + (i + 1) % 7, 1 + i] for i in range(7)])
    index = rasterize(vertices, torch.cat([fan, fan]), unit_camera(), backend).face_index[0]
    assert index.max() < 7
    y, x = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
    inner = (x - 8) ** 2 + (y - 6) ** 2 <= (5 * np.cos(np.pi / 7)) ** 2
    assert (index[inner] >= 0).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_cannot_be_drawn_is_left_out(backend: str) -> None:
    good = [(2, 3, 50), (2, 5, 50), (6, 3, 50)]
    nan, inf = float("nan"), float("inf")
    vertices = torch.cat(
        [
            at_pixels(good),
            at_pixels([(1, 1, -30), (1, 9, -30), (9, 1, -30)]),  # behind the camera
            at_pixels([(1, 1, 30), (1, 9, 30), (9, 1, 0.5)]),  # one corner nearer than the near plane
            at_pixels([(1, 1, 30), (5, 5, 30), (9, 9, 30)]),  # a line
            at_pixels([(1, 1, 30), (1, 1, 30), (1, 1, 30)]),  # a point
            torch.tensor([[[nan, 0, 30], [0, 300, 30], [300, 0, 30]]], dtype=torch.float64),
            torch.tensor([[[0, 0, nan], [0, 300, 30], [300, 0, 30]]], dtype=torch.float64),
            torch.tensor([[[-inf, 0, 30], [0, 300, 30], [300, 0, 30]]], dtype=torch.float64),
            at_pixels([(-90, -90, 30), (-90, -80, 30), (-80, -90, 30)]),  # out of view
        ],
        dim=1,
    )
    fragments = rasterize(vertices, torch.arange(27).view(9, 3), unit_camera(), backend)
    alone = rasterize(at_pixels(good), torch.tensor([[0, 1, 2]]), unit_camera(), backend)
    torch.testing.assert_close(fragments.face_index, alone.face_index)
    torch.testing.assert_close(fragments.depth, alone.depth)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_empty_view(backend: str) -> None:
    fragments = rasterize(at_pixels([(-9, -9, 50)] * 3), torch.tensor([[0, 1, 2]]), unit_camera(), backend)
    assert not fragments.region.any()
    assert fragments.face_index.shape == fragments.depth.shape == (1, HEIGHT, WIDTH)


pixel = st.floats(-6, 22, width=32)
corner = st.tuples(pixel, pixel, st.floats(2, 400, width=32))


@given(st.lists(corner, min_size=3, max_size=9), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_rasterizers_agree(corners: list[tuple[float, float, float]], random) -> None:  # type: ignore[no-untyped-def]
    vertices = at_pixels(corners)
    triangles = torch.tensor([random.sample(range(len(corners)), 3) for _ in range(8)])
    camera = unit_camera()
    fast, slow = (rasterize(vertices, triangles, camera, backend) for backend in ("cpu", "reference"))
    assert torch.equal(fast.face_index, slow.face_index)
    assert torch.equal(fast.depth, slow.depth)

    index, depth = by_brute_force(vertices, triangles, camera)
    settled = ~borderline(vertices, triangles, fast, index)
    np.testing.assert_allclose(np.where(settled, fast.depth[0], 0), np.where(settled, depth, 0), rtol=1e-6)


def borderline(vertices: Tensor, triangles: Tensor, fragments: Fragments, index: np.ndarray) -> np.ndarray:
    """``(H, W)`` bool: the pixel centre is within rounding of an edge, or a triangle of hardly any area is involved."""
    points = (vertices[0, :, :2] / vertices[0, :, 2:]).numpy()[triangles.numpy()]
    a, b = points, np.roll(points, -1, axis=1)
    edge = b - a
    grid = np.stack(np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT)), -1)[:, :, None, None]
    offset = grid - a
    side = edge[..., 0] * offset[..., 1] - edge[..., 1] * offset[..., 0]
    area = np.abs(edge[:, 0, 0] * edge[:, 1, 1] - edge[:, 0, 1] * edge[:, 1, 0])
    thin = (area < max(1e-3, MIN_AREA))[None, None, :]
    near_box = (grid[..., 0, :] >= points.min(1) - 1).all(-1) & (grid[..., 0, :] <= points.max(1) + 1).all(-1)
    return ((np.abs(side).min(-1) < 1e-6 * (1 + np.abs(edge).max((1, 2)))) | (thin & near_box)).any(-1)


@pytest.mark.parametrize("backend", KERNELS)
def test_rasterizers_agree_on_heads(backend: str) -> None:
    scene = bumpy_heads(2, size=40, rows=30, columns=31, dtype=torch.float32)
    placed = scene.camera.place(scene.vertices, scene.rotation, scene.translation)
    fast, slow = (rasterize(placed, scene.triangles, scene.camera, each) for each in (backend, "reference"))
    assert 0.3 < fast.region.float().mean() < 0.8
    assert torch.equal(fast.face_index, slow.face_index)
    assert torch.equal(fast.depth, slow.depth)


def test_an_unknown_backend_is_told_what_exists() -> None:
    with pytest.raises(BackendError, match="Choose one of: auto, cpu, reference, triton"):
        rasterize_there(at_pixels([(0, 0, 9)] * 3), torch.tensor([[0, 1, 2]]), unit_camera(), "cuda")


def test_the_compiled_backend_refuses_another_device() -> None:
    vertices = torch.empty(1, 3, 3, device="meta")
    with pytest.raises(BackendError, match="choose 'reference'"):
        rasterize_there(vertices, torch.tensor([[0, 1, 2]]), unit_camera(), "cpu")
