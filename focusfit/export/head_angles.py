"""How a head is turned, in the angles that people use."""

from __future__ import annotations

from scipy.spatial.transform import Rotation

from ..fitting.reconstruction import Reconstruction


def head_angles(reconstruction: Reconstruction) -> tuple[float, float, float]:
    """Yaw (to the image's right), pitch (up) and roll (clockwise in the image) in degrees."""
    rotation = Rotation.from_rotvec(reconstruction.coefficients.rotation[0].detach().cpu().double().numpy())
    yaw, pitch, roll = rotation.as_euler("YXZ", degrees=True)
    return float(yaw), float(-pitch), float(-roll)
