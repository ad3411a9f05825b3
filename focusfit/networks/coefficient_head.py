"""From a network's features to named coefficients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from ..constants import constant
from ..facemodel.coefficients import LIGHT_BANDS, FaceCoefficients
from ..facemodel.morphable import AMBIENT, MorphableModel
from ..imaging.camera import FLIP
from ..imaging.rotation import rotation_matrix

Angles = Literal["axis-angle", "euler-xyz"]


@dataclass(frozen=True)
class OutputScales:
    """What one unit at the network's output means.

    Attributes:
        identity: standard deviations.
        expression: standard deviations.
        albedo: standard deviations.
        rotation: radians.
        translation: mm to the right, down and away from the camera.
        light: spherical-harmonics coefficients.
        ambient: the constant harmonic's coefficient where the network says zero.
        angles: ``axis-angle``, or ``euler-xyz`` for ``R = Rx(a) Ry(b) Rz(c)``.
    """

    identity: float = 1.0
    expression: float = 1.0
    albedo: float = 3.0
    rotation: float = 0.3
    translation: tuple[float, float, float] = (1.0, 1.0, 0.005)
    light: float = 1.0
    ambient: float = AMBIENT
    angles: Angles = "axis-angle"


REFERENCE_SCALES = OutputScales(ambient=0.7 * 2 * math.pi, angles="euler-xyz")
"""Those of the published FOCUS encoder, its over-bright first light and its Euler angles included."""

METRIC_SCALES = OutputScales(translation=(5.0, 5.0, 20.0))
"""Depth can be learned: for crops whose scale comes from landmarks, so that it varies about the face's own size."""


@dataclass(frozen=True)
class CoefficientSizes:
    """How many coefficients a face model has.

    Attributes:
        identity: Ki.
        expression: Ke.
        albedo: Ka.
    """

    identity: int
    expression: int
    albedo: int

    @classmethod
    def of(cls, model: MorphableModel) -> CoefficientSizes:
        """Those of a face model."""
        bases = (model.identity_basis, model.expression_basis, model.albedo_basis)
        return cls(*(int(basis.shape[2]) for basis in bases))

    @property
    def widths(self) -> tuple[int, ...]:
        """Columns of each field of :class:`FaceCoefficients`, in its order."""
        return (self.identity, self.expression, self.albedo, 3, 3, 3 * LIGHT_BANDS)


class CoefficientHead(nn.Module):
    """A linear layer that begins at zero, and its scaling: the start is the mean face, frontal, in the crop's middle.

    Args:
        features: width of the input.
        sizes: of the face model.
        scales: of the outputs.
        pivot: ``(3,)`` mm, model frame: what translation moves, and what the head turns about.
        place: ``(3,)`` mm, camera frame less the camera's distance: where the pivot is when the network says zero.
    """

    def __init__(
        self,
        features: int,
        sizes: CoefficientSizes,
        scales: OutputScales,
        pivot: tuple[float, float, float],
        place: tuple[float, float, float],
    ) -> None:
        super().__init__()
        self.linear = nn.Linear(features, sum(sizes.widths))
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.sizes = sizes
        self.scales = scales
        self._pivot: Tensor
        self._place: Tensor
        self._translation: Tensor
        # numbers of the configuration, not learned: kept out of the saved weights
        self.register_buffer("_pivot", torch.tensor([pivot]), persistent=False)
        self.register_buffer("_place", torch.tensor([place]), persistent=False)
        self.register_buffer("_translation", torch.tensor([scales.translation]), persistent=False)

    def forward(self, features: Tensor) -> FaceCoefficients:
        """Features ``(B, F)`` to coefficients of B faces, in 32 bits whatever the features have."""
        # not autocast: hundredths of a pixel need more than 16 bits
        with torch.autocast(features.device.type, enabled=False):
            outputs = self.linear(features.float()).split(self.sizes.widths, dim=1)
        identity, expression, albedo, angles, shift, light = outputs
        rotation = self.scales.rotation * angles
        if self.scales.angles == "euler-xyz":
            rotation = euler_to_axis_angle(rotation)
        return FaceCoefficients(
            identity=self.scales.identity * identity,
            expression=self.scales.expression * expression,
            albedo=self.scales.albedo * albedo,
            rotation=rotation,
            translation=self._place + self._translation * shift - self._turned_pivot(rotation),
            light=self._light(light),
        )

    def _turned_pivot(self, rotation: Tensor) -> Tensor:
        """Where the pivot would be, were the model's origin at the camera frame's."""
        turned = (rotation_matrix(rotation) @ self._pivot[..., None])[..., 0]
        return turned * constant(FLIP, turned)

    def _light(self, outputs: Tensor) -> Tensor:
        light = self.scales.light * outputs.unflatten(1, (3, LIGHT_BANDS))
        return torch.cat([light[..., :1] + self.scales.ambient, light[..., 1:]], dim=-1)


def euler_to_axis_angle(angles: Tensor) -> Tensor:
    """Angles a, b, c ``(B, 3)`` of ``R = Rx(a) Ry(b) Rz(c)`` to axis-angle ``(B, 3)``, differentiable at zero too.

    Through the product of the three unit quaternions.
    """
    a, b, c = (angles / 2).unbind(-1)
    ca, cb, cc = a.cos(), b.cos(), c.cos()
    sa, sb, sc = a.sin(), b.sin(), c.sin()
    w = ca * cb * cc - sa * sb * sc
    vector = torch.stack([sa * cb * cc + ca * sb * sc, ca * sb * cc - sa * cb * sc, ca * cb * sc + sa * sb * cc], -1)
    square = (vector * vector).sum(-1)
    small = square < 1e-8
    sine = torch.where(small, torch.ones_like(square), square).sqrt()
    # angle / sine of half the angle; its limit at zero is 2
    ratio = torch.where(small, 2 / w, 2 * torch.atan2(sine, w) / sine)
    return ratio[:, None] * vector
