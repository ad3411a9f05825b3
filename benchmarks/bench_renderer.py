"""Time of the renderer, forward and backward with all gradients, and its ratio to the torch reference.

    python benchmarks/bench_renderer.py [--model PATH] [--size 224] [--batch 8]

The best of several rounds is printed: other work on the machine can only add to a time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor

from focusfit.facemodel.load import load_face_model
from focusfit.facemodel.morphable import MorphableModel
from focusfit.imaging import Camera, rasterize, render, vertex_normals, vertex_visibility


def random_faces(model: MorphableModel, batch: int, size: int) -> list[Tensor]:
    """Vertices, albedo, rotation, translation, light, focal and centre of random faces, each wanting a gradient."""
    random = torch.Generator().manual_seed(0)

    def normal(like: Tensor, scale: float) -> Tensor:
        return scale * torch.randn(like.shape, generator=random)

    mean = model.neutral_coefficients(batch)
    camera = Camera.for_crop(size, batch)
    tensors = [
        model.vertices(normal(mean.identity, 0.7), normal(mean.expression, 0.5)),
        model.albedo(normal(mean.albedo, 0.7)),
        normal(mean.rotation, 0.3),
        normal(mean.translation, 3.0),
        mean.light + normal(mean.light, 0.2),
        camera.focal,
        camera.centre,
    ]
    return [t.detach().requires_grad_() for t in tensors]


def render_both_ways(
    faces: list[Tensor], model: MorphableModel, size: int, gradient: Tensor, backend: str
) -> tuple[float, float]:
    """Seconds of one forward and one backward pass."""
    vertices, albedo, rotation, translation, light, focal, centre = faces
    camera = Camera(focal, centre, size, size)
    start = time.perf_counter()
    image = render(vertices, albedo, model.triangles, rotation, translation, light, camera, backend).image
    middle = time.perf_counter()
    torch.autograd.grad(image, faces, gradient)
    return middle - start, time.perf_counter() - middle


def best(function: Callable[[], object], rounds: int) -> float:
    """Least seconds that ``function`` took."""

    def once() -> float:
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    return min(once() for _ in range(rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="face model file; default: the one that ships with focusfit")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()

    model = load_face_model(options.model)
    size, batch, rounds = options.size, options.batch, options.rounds
    faces = random_faces(model, batch, size)
    gradient = torch.randn(batch, 3, size, size, generator=torch.Generator().manual_seed(1))
    start = time.perf_counter()
    render_both_ways(faces, model, size, gradient, "cpu")
    first = time.perf_counter() - start

    camera = Camera.for_crop(size, batch)
    placed = camera.place(faces[0], faces[2], faces[3]).detach()
    normals = vertex_normals(placed, model.triangles)
    cover = rasterize(placed, model.triangles, camera).region.float().mean()
    print(
        f"{model.name}, {model.vertex_count} vertices, {len(model.triangles)} triangles, {size} px, "
        f"{cover:.0%} covered, batch of {batch} on {torch.get_num_threads()} threads; first call {first:.1f} s"
    )

    totals = {}
    print(f"{'ms an image':<28}{'forward':>10}{'backward':>10}{'both':>10}")
    for backend, count in (("cpu", rounds), ("reference", 3)):
        times = [render_both_ways(faces, model, size, gradient, backend) for _ in range(count)]
        parts = [min(t[0] for t in times), min(t[1] for t in times), min(sum(t) for t in times)]
        totals[backend] = parts[2]
        print(f"{'render, ' + backend:<28}" + "".join(f"{1e3 * part / batch:>10.2f}" for part in parts))
    print(f"the compiled renderer is {totals['reference'] / totals['cpu']:.0f} times as fast as the reference")

    half = camera.scaled(0.5)
    alone = [t[:1] for t in faces]
    rows = {
        "rasterize": best(lambda: rasterize(placed, model.triangles, camera), rounds) / batch,
        "vertex_normals": best(lambda: vertex_normals(placed, model.triangles), rounds) / batch,
        "vertex_visibility, half size": best(lambda: vertex_visibility(placed, normals, model.triangles, half), rounds)
        / batch,
        "render, one image, both": min(
            sum(render_both_ways(alone, model, size, gradient[:1], "cpu")) for _ in range(rounds)
        ),
    }
    for name, seconds in rows.items():
        print(f"{name:<48}{1e3 * seconds:>10.2f}")


if __name__ == "__main__":
    main()
