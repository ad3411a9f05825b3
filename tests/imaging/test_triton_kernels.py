"""The interpreter runs what no GPU compiler has accepted: compile the kernels for a GPU too, which needs none."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from focusfit.errors import BackendError
from focusfit.imaging import rasterize
from focusfit.imaging.backends import choose_backend

from .scenes import bumpy_heads

COMPILE = """
import warnings
warnings.simplefilter("ignore")
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from focusfit.imaging.triton_kernels.raster import rasterize_kernel
from focusfit.imaging.triton_kernels.shade import shade_kernel
from focusfit.imaging.triton_kernels.shade_backward import shade_backward_kernel

WHOLE = {"triangles": "*i64", "nearest": "*i64", "winner": "*i32", "face_index": "*i32",
         "vertex_count": "i32", "face_count": "i32", "height": "i32", "width": "i32"}

def compiled(kernel, number, **constants):
    types = {name: WHOLE.get(name, number) for name in kernel.arg_names if name not in constants}
    types |= dict.fromkeys(constants, "constexpr")
    values = {(kernel.arg_names.index(name),): value for name, value in constants.items()}
    source = ASTSource(fn=kernel, signature=types, constexprs=values)
    assert ".target sm_90" in triton.compile(source, target=GPUTarget("cuda", 90, 32)).asm["ptx"]

for number in ("*fp32", "*fp64"):
    for pick in (False, True):
        compiled(rasterize_kernel, number, PICK=pick, LANES=64)
    compiled(shade_kernel, number, LANES=128)
    compiled(shade_backward_kernel, number, LANES=128)
print("all compiled")
"""


def test_kernels_compile_for_a_gpu() -> None:
    pytest.importorskip("triton")
    environment = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    done = subprocess.run([sys.executable, "-c", COMPILE], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "all compiled", done.stderr


def test_the_gpu_backend_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    scene = bumpy_heads(1)
    with pytest.raises(BackendError, match=r"cuda|CUDA"):
        rasterize(scene.vertices, scene.triangles, scene.camera, "triton")
    names = {"cpu": "cpu", "reference": "reference", "triton": "triton"}
    assert choose_backend(names, "auto", torch.device("cpu")) == "cpu"
    assert choose_backend(names, "auto", torch.device("meta")) == "reference"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_parity_on_the_gpu() -> None:
    from focusfit.imaging import render

    scene = bumpy_heads(2, size=96, rows=40, columns=41, dtype=torch.float32)

    def drawn(device: str, backend: str) -> torch.Tensor:
        tensors = (scene.vertices, scene.albedo, scene.triangles, scene.rotation, scene.translation, scene.light)
        camera = type(scene.camera)(scene.camera.focal.to(device), scene.camera.centre.to(device), 96, 96)
        return render(*(t.to(device) for t in tensors), camera, backend).image.cpu()

    assert ((drawn("cuda", "triton") - drawn("cpu", "reference")).abs() > 1e-4).float().mean() < 1e-3
