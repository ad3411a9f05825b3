"""What a photo's landmarks alone say about its face: a teacher for an encoder that cannot place it well yet.

The distance of landmarks mixes errors of pose and of shape as long as pose is wrong by a few degrees. The least squares
fit of the same landmarks says each of them by itself.
"""

from __future__ import annotations

from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..imaging.camera import rotation_matrix


def fitted_shape(coefficients: FaceCoefficients, landmark_fit: FaceCoefficients) -> Tensor:
    """``(B,)`` mean square difference of identity and expression to the fit's, in squared standard deviations."""
    differences = (
        coefficients.identity - landmark_fit.identity.detach(),
        coefficients.expression - landmark_fit.expression.detach(),
    )
    squared = sum(each.square().sum(1) for each in differences)
    assert isinstance(squared, Tensor)
    return squared / sum(each.shape[1] for each in differences)


def fitted_rotation(coefficients: FaceCoefficients, landmark_fit: FaceCoefficients) -> Tensor:
    r"""``(B,)`` :math:`\frac12\|R - R'\|_F^2 = 2(1 - \cos\varphi)`: the squared angle to the fit's pose, radians."""
    difference = rotation_matrix(coefficients.rotation) - rotation_matrix(landmark_fit.rotation.detach())
    return 0.5 * difference.square().sum((1, 2))
