"""What a photo's landmarks alone say about its face: a teacher for an encoder that cannot place it well yet.

The distance of landmarks mixes errors of pose and of shape as long as pose is wrong by a few degrees. The least squares
fit of the same landmarks says each of them by itself.
"""

from __future__ import annotations

from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..imaging.rotation import rotation_matrix


def fitted_identity(coefficients: FaceCoefficients, landmark_fit: FaceCoefficients, identity_metric: Tensor) -> Tensor:
    """``(B,)`` mean square distance of the neutral faces' vertices, mm^2.

    Coefficients count as they move the surface: the first few are nearly all of it, and all that a small network learns
    soon. Counted alike, the many that nobody can see drown them.
    """
    difference = coefficients.identity - landmark_fit.identity.detach()
    return ((difference @ identity_metric.detach()) * difference).sum(1)


def fitted_expression(
    coefficients: FaceCoefficients, landmark_fit: FaceCoefficients, expression_metric: Tensor
) -> Tensor:
    """``(B,)`` mean square distance of what the expressions add to the vertices, mm^2."""
    difference = coefficients.expression - landmark_fit.expression.detach()
    return ((difference @ expression_metric.detach()) * difference).sum(1)


def fitted_rotation(coefficients: FaceCoefficients, landmark_fit: FaceCoefficients) -> Tensor:
    r"""``(B,)`` :math:`\frac12\|R - R'\|_F^2 = 2(1 - \cos\varphi)`: the squared angle to the fit's pose, radians."""
    difference = rotation_matrix(coefficients.rotation) - rotation_matrix(landmark_fit.rotation.detach())
    return 0.5 * difference.square().sum((1, 2))
