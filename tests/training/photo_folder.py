"""A folder of photos in the reference's layout: renderings of the open model, some occluded, with their landmarks."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from focusfit.facemodel.morphable import MorphableModel
from focusfit.imaging.camera import Camera
from focusfit.imaging.renderer import render_coefficients

SIDE = 160


def write_photo_folder(root: Path, model: MorphableModel, count: int = 8, seed: int = 0) -> Path:
    """``root/Dataset/*.jpg`` with masks of visible skin, ``root/train_landmarks.csv`` and ``val_landmarks.csv``.

    Every second face is covered by a blue card below the nose. The last two photos validate.
    """
    random = torch.Generator().manual_seed(seed)
    normal = lambda like, scale: scale * torch.randn(like.shape, generator=random)  # noqa: E731
    c = model.neutral_coefficients(count)
    light = c.light.clone()
    light[:, :, 1:4] += 0.5 * torch.randn(count, 1, 3, generator=random)
    c = c.replace(
        identity=normal(c.identity, 1.0),
        expression=normal(c.expression, 0.5),
        albedo=normal(c.albedo, 0.7),
        light=light,
        rotation=normal(c.rotation, 0.15),
    )
    camera = Camera.for_crop(SIDE, count)
    rendering = render_coefficients(model, c, camera)
    points = camera.project_coefficients(model.landmarks["ibug68"].of(model.vertices(c.identity, c.expression)), c)
    photos = rendering.over(0.4 + 0.05 * torch.randn(rendering.image.shape, generator=random)).clamp(0, 1)
    photos = (255 * photos).byte().permute(0, 2, 3, 1).numpy().copy()
    visible = (255 * rendering.region[:, 0].byte()).numpy().copy()
    folder = root / "Dataset"
    (folder / "people").mkdir(parents=True)
    rows = []
    for k in range(count):
        if k % 2:
            chin = int(points[k, 33, 1])
            photos[k, chin:] = (40, 90, 200)
            visible[k, chin:] = 0
        name = f"people/{k}.jpg" if k == 2 else f"{k} of us.jpg" if k == 3 else f"{k}.jpg"
        Image.fromarray(photos[k]).save(folder / name, quality=95)
        Image.fromarray(visible[k]).save((folder / name).with_name(Path(name).stem + "_visible_skin_mask.png"))
        rows.append([name, *np.round(points[k].numpy().ravel(), 2)])
    for split, part in (("train", rows[:-2]), ("val", rows[-2:])):
        with (root / f"{split}_landmarks.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows(part)
    return folder
