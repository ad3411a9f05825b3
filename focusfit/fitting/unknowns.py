"""Where each unknown stands in the vector of a second-order step, and how a step is applied."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..facemodel.coefficients import LIGHT_BANDS, FaceCoefficients
from ..imaging.rotation import turned


@dataclass(frozen=True)
class Unknowns:
    """Slices into a step ``(B, N)``; albedo and light come last, so that geometry alone is a prefix.

    Attributes:
        identity: number of identity coefficients.
        expression: number of expression coefficients.
        albedo: number of albedo coefficients that are fitted.
    """

    identity: int
    expression: int
    albedo: int

    @property
    def shape(self) -> slice:
        """Identity and expression."""
        return slice(0, self.identity + self.expression)

    @property
    def rotation(self) -> slice:
        """Turn in the viewer's frame, applied from the left."""
        return slice(self.shape.stop, self.shape.stop + 3)

    @property
    def translation(self) -> slice:
        """Camera-frame shift in mm."""
        return slice(self.rotation.stop, self.rotation.stop + 3)

    @property
    def geometry(self) -> slice:
        """Everything that moves a vertex."""
        return slice(0, self.translation.stop)

    @property
    def albedo_slice(self) -> slice:
        """Albedo coefficients."""
        return slice(self.geometry.stop, self.geometry.stop + self.albedo)

    @property
    def light(self) -> slice:
        """27 light coefficients, row-major by colour."""
        return slice(self.albedo_slice.stop, self.albedo_slice.stop + 3 * LIGHT_BANDS)

    @property
    def count(self) -> int:
        """N."""
        return self.light.stop

    def apply(self, coefficients: FaceCoefficients, step: Tensor) -> FaceCoefficients:
        """Coefficients after ``step (B, n)``; ``n`` is N or the geometry's prefix."""
        changes = {
            "identity": coefficients.identity + step[:, : self.identity],
            "expression": coefficients.expression + step[:, self.identity : self.shape.stop],
            "rotation": turned(coefficients.rotation, step[:, self.rotation]),
            "translation": coefficients.translation + step[:, self.translation],
        }
        if step.shape[1] == self.count:
            unfitted = coefficients.albedo.shape[1] - self.albedo
            changes["albedo"] = coefficients.albedo + F.pad(step[:, self.albedo_slice], (0, unfitted))
            changes["light"] = coefficients.light + step[:, self.light].unflatten(1, (3, LIGHT_BANDS))
        return coefficients.replace(**changes)


@dataclass(frozen=True)
class NormalEquations:
    """A quadratic model of an energy: ``E(x + s) = E(x) + gradient . s + s . hessian s / 2``.

    Attributes:
        hessian: ``(B, n, n)``, Gauss-Newton approximation.
        gradient: ``(B, n)``.
    """

    hessian: Tensor
    gradient: Tensor

    @classmethod
    def from_residuals(cls, residual: Tensor, jacobian: Tensor, weight: Tensor) -> NormalEquations:
        """Of half the weighted sum of squares: ``residual (B, R)``, ``jacobian (B, R, n)``, ``weight (B, R)``."""
        weighted = jacobian * weight[..., None]
        hessian = weighted.transpose(1, 2) @ jacobian
        gradient = (weighted.transpose(1, 2) @ residual[..., None])[..., 0]
        return cls(hessian, gradient)

    def __add__(self, other: NormalEquations) -> NormalEquations:
        """The sum of two energies; the shorter one has no say in the longer one's last unknowns."""
        a, b = (self, other) if self.gradient.shape[1] >= other.gradient.shape[1] else (other, self)
        n = b.gradient.shape[1]
        hessian, gradient = a.hessian.clone(), a.gradient.clone()
        hessian[:, :n, :n] += b.hessian
        gradient[:, :n] += b.gradient
        return NormalEquations(hessian, gradient)

    def step(self, damping: float = 1e-3) -> Tensor:
        """``(B, n)``: the minimum of the quadratic model, slightly damped."""
        diagonal = torch.diag_embed(self.hessian.diagonal(dim1=1, dim2=2) * damping + 1e-9)
        factor = _cholesky(self.hessian + diagonal)
        half = torch.linalg.solve_triangular(factor, -self.gradient[..., None], upper=False)
        return torch.linalg.solve_triangular(factor.mT, half, upper=True)[..., 0]

    def covariance(self) -> Tensor:
        """``(B, n, n)``: Laplace's approximation of the posterior covariance."""
        return torch.cholesky_inverse(_cholesky(self.hessian))


def _cholesky(matrices: Tensor) -> Tensor:
    """Lower factors; of what has none an error on the CPU, and not a number on devices that one would wait for."""
    factor, failed = torch.linalg.cholesky_ex(matrices, check_errors=matrices.device.type == "cpu")
    return factor if matrices.device.type == "cpu" else factor.masked_fill((failed != 0)[:, None, None], torch.nan)
