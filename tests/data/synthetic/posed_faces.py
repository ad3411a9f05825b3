"""Faces of the open model before the camera, for what is painted over them."""

from __future__ import annotations

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from focusfit.data.synthetic.posed_face import PosedFace
from focusfit.facemodel.morphable import AMBIENT, MorphableModel
from focusfit.imaging import DISTANCE, Camera, rasterize, rotation_matrix, vertex_normals


def pose_face(model: MorphableModel, yaw: float = 0.0, size: int = 160, lamp: float = 0.35) -> PosedFace:
    """The mean face turned by ``yaw`` degrees, lit from the image's upper left."""
    vertices = model.shape_mean[None]
    rotation = torch.tensor(Rotation.from_euler("y", yaw, degrees=True).as_rotvec()[None], dtype=torch.float32)
    translation = torch.tensor([[0.0, 15.0, 150.0]])
    camera = Camera.for_crop(size)
    placed = camera.place(vertices, rotation, translation)
    light = torch.zeros(3, 9)
    light[:, 0] = 0.7 * AMBIENT
    light[:, 1:4] = lamp * torch.tensor([-0.6, 0.5, 0.6]) / 0.4886
    matrix = torch.diag(torch.tensor([1.0, -1, -1])) @ rotation_matrix(rotation)[0]
    landmarks = model.landmarks["ibug68"].of(vertices)[0]
    landmarks_camera = camera.place(landmarks[None], rotation, translation)
    return PosedFace(
        size=size,
        focal=float(camera.focal[0]),
        centre=camera.centre[0].numpy(),
        rotation=matrix.numpy(),
        translation=(translation[0] + torch.tensor([0, 0, DISTANCE])).numpy(),
        vertices=vertices[0].numpy(),
        vertices_camera=placed[0].numpy(),
        normals=vertex_normals(vertices, model.triangles)[0].numpy(),
        triangles=model.triangles.numpy(),
        landmarks=landmarks.numpy(),
        landmarks_px=camera.project(landmarks_camera)[0].numpy(),
        depth=rasterize(placed, model.triangles, camera).depth[0].numpy(),
        light=light.numpy(),
        skin=np.array([0.7, 0.5, 0.4], np.float32),
        hair=np.array([0.2, 0.12, 0.08], np.float32),
    )
