"""The source's head with its targets, and the resting face that is cut from it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .identities import Population, identity_targets, sample_population
from .landmarks import Landmarks, place_landmarks
from .lips import make_seal
from .relief import relief
from .source import AnnyWheel, target_stem
from .topology import build_topology

NOSE_TIP = 30

POSITION_FLIP = np.array([-1.0, 1.0, 1.0])


class Head:
    """The source with its targets read."""

    def __init__(self, source: AnnyWheel) -> None:
        self.source = source
        self.macro, self.details = source.macro_targets(), source.detail_targets()
        self.target_names = identity_targets(self.macro, self.details)
        self.targets = source.targets(self.target_names)
        action_files = source.expression_targets()
        self.action_names = [target_stem(name) for name in action_files]
        self.actions = source.targets(action_files)

    def sample(self, count: int, rng: Generator, strengths: Mapping[str, float] | None = None) -> Population:
        """People with the given mean strengths of features."""
        return sample_population(self.macro, self.details, count, rng, strengths)

    def mean(self, people: Population) -> NDArray:
        """``(H, 3)`` mirror-symmetric mean of a population."""
        mean = self.source.head.vertices + np.tensordot(people.weights.mean(0), self.targets, 1)
        return symmetric(mean, self.source.head.mirror)


class RestingFace:
    """The face mesh cut from a population's mean, lips closed."""

    def __init__(self, head: Head, people: Population) -> None:
        self.head = head
        mean = head.mean(people)
        self.topology = topology = build_topology(head.source, mean)
        self.actions = np.stack([topology.matrix @ offsets for offsets in head.actions])
        jaw_drop = self.actions[head.action_names.index("jawOpen"), :, 1]
        self.seal = make_seal(topology.matrix @ mean, topology.triangles, topology.mouth_depth, jaw_drop)
        self.vertices = self.seal.apply((topology.matrix @ mean)[None])[0]
        lips = head.source.mask("lips", topology.source_uv)
        self.lips = (lips + lips[topology.mirror]) / 2
        self.lower = np.clip(0.5 - (jaw_drop + 7.5) / 3, 0, 1)

    def shapes(self, people: Population) -> NDArray:
        """``(N, V, 3)`` float32 resting faces, in the source's size and place."""
        head, matrix = self.head, self.topology.matrix
        offsets = np.stack([matrix @ target for target in head.targets]).astype(np.float32)
        base = (matrix @ head.source.head.vertices).astype(np.float32)
        flat = people.weights.astype(np.float32) @ offsets.reshape(len(offsets), -1)
        return self.seal.apply(flat.reshape(-1, *base.shape) + base)

    def landmarks(self, vertices: NDArray) -> Landmarks:
        """The 68 points on a mean face of this topology."""
        t = self.topology
        return place_landmarks(vertices, t.triangles, t.mirror, t.eye, self.lips, self.lower)

    def relief(self, scale: float) -> NDArray:
        """``(V, 3)`` mm that these faces, times ``scale``, are to be moved by."""
        tip = self.landmarks(self.vertices).of(self.vertices)[NOSE_TIP]
        return relief(scale * self.vertices, scale * tip)


def symmetric(vertices: NDArray, mirror: NDArray) -> NDArray:
    """Vertices ``(V, 3)`` averaged with their mirror images."""
    return (vertices + vertices[mirror] * POSITION_FLIP) / 2
