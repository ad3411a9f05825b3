"""People of the population that the open model was made from, whole: not only what its modes can express."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ...errors import FaceModelError
from ..open_model_file import OpenModelArrays
from .alignment import rigid_align
from .build import RIGID_REACH, BuildOptions, calibrate
from .resting_face import Head, RestingFace
from .source import AnnyWheel
from .surface import nose_tip


def sample_people(
    wheel: str | Path, model: OpenModelArrays, count: int, rng: Generator, options: BuildOptions | None = None
) -> NDArray[np.float32]:
    """``(N, V, 3)`` neutral faces, mm, in the model's frame and on its mesh, every target of the source in them.

    Args:
        wheel: the source's wheel, as :func:`build_open_model` takes it.
        model: the model that was built from it.
        count: how many.
        rng: the generator.
        options: of that build.

    Raises:
        FaceModelError: the wheel cannot be read, or the model was not built from it with these options.
    """
    options = options or BuildOptions()
    head = Head(AnnyWheel(wheel))
    strengths, scale = calibrate(head, options, np.random.default_rng(options.seed))
    shape_rng = np.random.default_rng(options.seed).spawn(1)[0]
    face = RestingFace(head, head.sample(options.people, shape_rng, strengths))
    if not np.array_equal(face.topology.triangles, model.triangles):
        remedy = "Build the model again with `focusfit model build`."
        raise FaceModelError("was not built from this source", file=Path(wheel), remedy=remedy)
    shapes = face.shapes(head.sample(count, rng, strengths)) * np.float32(scale)
    shapes += face.relief(scale).astype(np.float32)
    mean = model.shape_mean.astype(np.float64)
    support = (np.linalg.norm(mean - nose_tip(mean), axis=1) < RIGID_REACH) & (face.topology.eye == 0)
    return rigid_align(shapes, mean, support)
