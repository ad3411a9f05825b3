from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from importlib.util import find_spec
from typing import Any

import pytest
import torch
from torch import Tensor

from focusfit.errors import BackendError
from focusfit.facemodel.morphable import AMBIENT
from focusfit.imaging import RENDERERS, Camera, Rendering, render, shading, vertex_normals
from focusfit.imaging.rendering import Scene

from .scenes import bumpy_heads, device_of, moved

HAS_TRITON = find_spec("triton") is not None
BACKENDS = [name for name in sorted(RENDERERS) if name != "triton" or HAS_TRITON]
KERNELS = [name for name in BACKENDS if name != "reference"]
LEAVES = ("vertices", "albedo", "rotation", "translation", "light")


def draw(scene: Scene, backend: str = "auto") -> Rendering:
    s = moved(scene, device_of(backend))
    drawn = render(s.vertices, s.albedo, s.triangles, s.rotation, s.translation, s.light, s.camera, backend)
    return moved(drawn, "cpu")


def unknowns(scene: Scene) -> list[Tensor]:
    tensors = [getattr(scene, name) for name in LEAVES] + [scene.camera.focal, scene.camera.centre]
    return [t.clone().requires_grad_() for t in tensors]


def with_unknowns(scene: Scene, tensors: tuple[Tensor, ...] | list[Tensor]) -> Scene:
    camera = Camera(tensors[5], tensors[6], scene.camera.height, scene.camera.width)
    return replace(scene, **dict(zip(LEAVES, tensors[:5], strict=True)), camera=camera)


def gradients(scene: Scene, backend: str, outputs: tuple[str, ...]) -> tuple[Tensor, ...]:
    tensors = unknowns(scene)
    rendering = draw(with_unknowns(scene, tensors), backend)
    random = torch.Generator().manual_seed(3)
    total = torch.zeros((), dtype=scene.vertices.dtype)
    for name in outputs:
        values = getattr(rendering, name)
        total = total + (values * torch.randn(values.shape, generator=random, dtype=values.dtype)).sum()
    return torch.autograd.grad(total, tensors, allow_unused=True)


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_pixel_by_hand(backend: str) -> None:
    vertices = torch.tensor([[[-40.0, -40, 0], [40, -40, 0], [-40, 40, 0]]], dtype=torch.float64)  # towards the viewer
    albedo = torch.tensor([[[0.8, 0.2, 0.0], [0.0, 0.4, 0.0], [0.0, 0.0, 0.6]]], dtype=torch.float64)
    light = torch.zeros(1, 3, 9, dtype=torch.float64)
    light[..., 0], light[0, 0, 2] = AMBIENT, 0.5  # white, and some red from the front
    camera = Camera(torch.tensor([100.0]).double(), torch.tensor([[5.0, 5.0]]).double(), 11, 11)
    still = torch.zeros(1, 3, dtype=torch.float64)
    rendering = draw(Scene(vertices, albedo, torch.tensor([[0, 1, 2]]), still, still, light, camera), backend)
    # pixel (3, 6) looks at x = -20, y = -10: a quarter of the way to corner 1, three eighths to corner 2
    colour = torch.tensor([0.375 * 0.8, 0.375 * 0.2 + 0.25 * 0.4, 0.375 * 0.6], dtype=torch.float64)
    colour[0] *= 1 + 0.5 * 0.4886025119029199
    torch.testing.assert_close(rendering.image[0, :, 6, 3], colour)
    torch.testing.assert_close(rendering.normals[0, :, 6, 3], torch.tensor([0.0, 0, 1], dtype=torch.float64))
    assert rendering.depth[0, 0, 6, 3] == 1000
    assert rendering.region[0, 0, 6, 3]
    assert not rendering.region[0, 0, 2, 8]  # beyond the long side
    assert rendering.vertex_visible.all()


@pytest.mark.parametrize("backend", KERNELS)
@pytest.mark.parametrize("outputs", [("image",), ("depth", "normals"), ("image", "depth", "normals")])
def test_compiled_gradients_are_the_references_in_double(outputs: tuple[str, ...], backend: str) -> None:
    scene = bumpy_heads(2, size=32)
    for fast, slow in zip(*(gradients(scene, each, outputs) for each in (backend, "reference")), strict=True):
        slow = torch.zeros_like(fast) if slow is None else slow
        torch.testing.assert_close(fast, slow, rtol=1e-9, atol=1e-9 * float(slow.abs().max()) + 1e-12)


@pytest.mark.parametrize("backend", KERNELS)
@pytest.mark.parametrize("scale", [1e-5, 1e-8])
def test_compiled_gradients_are_the_references_where_normals_vanish(scale: float, backend: str) -> None:
    # a speck under a microscope: sums of normals, and at 1e-8 their means too, are too short to be brought to length 1
    scene = bumpy_heads(1, size=24)
    speck = replace(
        scene,
        vertices=scale * scene.vertices,
        translation=scale * scene.translation,
        camera=replace(scene.camera, focal=scene.camera.focal / scale),
    )
    assert vertex_normals(speck.vertices, speck.triangles).norm(dim=-1).max() < 0.9
    both = (gradients(speck, each, ("image", "normals")) for each in (backend, "reference"))
    for fast, slow in zip(*both, strict=True):
        assert (fast - slow).norm() < 1e-5 * slow.norm()


@pytest.mark.parametrize("backend", KERNELS)
def test_compiled_rendering_is_the_references_in_double(backend: str) -> None:
    fast, slow = (draw(bumpy_heads(3, size=40), each) for each in (backend, "reference"))
    for name in ("image", "depth", "normals", "vertices_camera"):
        torch.testing.assert_close(getattr(fast, name), getattr(slow, name), rtol=1e-10, atol=1e-10)
    for name in ("region", "face_index", "vertex_visible"):
        assert torch.equal(getattr(fast, name), getattr(slow, name))


def in_double(value: Any) -> Any:
    """A scene, or a part of one, with its numbers in 64 bits."""
    if isinstance(value, Tensor):
        return value.double() if value.is_floating_point() else value
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: in_double(getattr(value, each.name)) for each in fields(value)})
    return value


def test_parity_in_float() -> None:
    """In 32 bits the compiled renderer is as near to the truth, the reference in 64, as the reference itself is.

    Where triangles are seen edge-on, rounding depends on the processor; both are then wrong by some 1e-5.
    """
    scene = bumpy_heads(2, size=96, rows=40, columns=41, dtype=torch.float32)
    fast, slow = (draw(scene, backend) for backend in ("cpu", "reference"))
    true = draw(in_double(scene), "reference")
    same = (fast.face_index == slow.face_index) & (slow.face_index == true.face_index)
    assert (~same).sum() <= 4  # pixel centres within rounding of an edge
    for name, worst in (("image", 3e-5), ("normals", 6e-5), ("depth", 1e-2)):
        errors = [(getattr(each, name) - getattr(true, name)).abs() * same[:, None] for each in (fast, slow)]
        assert errors[0].max() < min(worst, 1.5 * errors[1].max())
        assert errors[0].mean() < 1.2 * errors[1].mean()
    for a, b in zip(*(gradients(scene, backend, ("image",)) for backend in ("cpu", "reference")), strict=True):
        assert (a - b).norm() < 1e-3 * b.norm()


def test_gradcheck() -> None:
    scene = bumpy_heads(2, size=12, rows=5, columns=6, seed=4)

    def pixels(*tensors: Tensor) -> tuple[Tensor, ...]:
        rendering = draw(with_unknowns(scene, tensors), "cpu")
        return rendering.image, rendering.depth, rendering.normals

    assert torch.autograd.gradcheck(pixels, tuple(unknowns(scene)), eps=1e-6, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_gradients_are_finite_whatever_is_drawn(backend: str) -> None:
    scene = bumpy_heads(2, size=16, dtype=torch.float32)
    vertices, translation = scene.vertices.clone(), scene.translation.clone()
    vertices[0, 20:40] = vertices[0, 20]  # slivers and points
    vertices[0, 60] = torch.tensor([0.0, 0.0, 999.5])  # nearer than the near plane
    vertices[0, 61] = torch.tensor([5.0, 0.0, 1500.0])  # behind the camera
    translation[1, 0] = 1e6  # an empty view
    light = scene.light.clone()
    light[0] = 0
    odd = replace(scene, vertices=vertices, translation=translation, light=light)
    rendering = draw(odd, backend)
    assert rendering.region[0].any()
    assert not rendering.region[1].any()
    assert (rendering.image[1] == 0).all()
    for gradient in gradients(odd, backend, ("image", "depth", "normals")):
        assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_not_a_number_spoils_its_own_triangles_only(backend: str) -> None:
    scene = bumpy_heads(2, size=32)
    clean = draw(scene, backend)
    victim = scene.triangles[clean.face_index[0, 16, 16].long(), 0]
    vertices = scene.vertices.clone()
    vertices[0, victim] = float("nan")
    odd = draw(replace(scene, vertices=vertices), backend)
    torch.testing.assert_close(clean.image[1], odd.image[1], rtol=0, atol=1e-12)  # GPUs add normals up in any order
    drawn = odd.face_index[0].unique()[1:].long()
    assert len(drawn) > 0
    assert not (scene.triangles[drawn] == victim).any()
    assert not odd.vertex_visible[0, victim]


def test_a_fit_by_gradient_descent_finds_the_pose() -> None:
    scene = bumpy_heads(1, size=32, rows=16, columns=17)
    target = draw(scene).image
    rotation = (scene.rotation + 0.03).requires_grad_()
    optimizer = torch.optim.Adam([rotation], lr=3e-3)
    for _ in range(40):
        optimizer.zero_grad()
        (draw(replace(scene, rotation=rotation)).image - target).square().sum().backward()
        optimizer.step()
    assert (rotation - scene.rotation).abs().max() < 6e-3


def test_threads_change_nothing() -> None:
    scene = bumpy_heads(5, size=64, dtype=torch.float32)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone, alone_gradients = draw(scene), gradients(scene, "cpu", ("image",))
        torch.set_num_threads(3)
        shared, shared_gradients = draw(scene), gradients(scene, "cpu", ("image",))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(alone.image, shared.image)
    assert all(torch.equal(a, b) for a, b in zip(alone_gradients, shared_gradients, strict=True))


def test_drawing_leaves_what_is_drawn_as_it_is() -> None:
    scene = bumpy_heads(2, dtype=torch.float32)
    tensors = {name: getattr(scene, name) for name in (*LEAVES, "triangles")}
    before = {name: tensor.clone() for name, tensor in tensors.items()}
    first, again = draw(scene), draw(scene)
    assert torch.equal(first.image, again.image)
    for name, tensor in tensors.items():
        assert torch.equal(tensor, before[name]), name


def test_only_the_asked_for_gradients_flow() -> None:
    scene = bumpy_heads(1)
    albedo = scene.albedo.clone().requires_grad_()
    draw(replace(scene, albedo=albedo)).image.sum().backward()
    assert albedo.grad is not None
    assert not draw(scene).image.requires_grad


def test_the_normals_picture_explains_the_image() -> None:
    scene = bumpy_heads(2, size=48)
    rendering = draw(replace(scene, albedo=torch.ones_like(scene.albedo)))
    normals = rendering.normals.flatten(2).transpose(1, 2)
    lit = shading(normals, scene.light).transpose(1, 2).view_as(rendering.image)
    torch.testing.assert_close(rendering.image, lit * rendering.region)


def test_over_keeps_the_photo_outside() -> None:
    scene = bumpy_heads(1)
    rendering = draw(scene)
    photo = torch.full_like(rendering.image, 0.25)
    composite = rendering.over(photo)
    assert (composite.where(~rendering.region, photo) == photo).all()
    assert torch.equal(composite.where(rendering.region, torch.zeros(())), rendering.image)


def test_mismatched_shapes_are_named() -> None:
    scene = bumpy_heads(2)
    with pytest.raises(ValueError, match="light is"):
        replace(scene, light=scene.light[:1])
    with pytest.raises(BackendError, match="auto, cpu, reference, triton"):
        draw(scene, "metal")
