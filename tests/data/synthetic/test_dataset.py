import numpy as np
import torch
from torch.utils.data import DataLoader

from focusfit.data.canvas import canvas_transform
from focusfit.data.face_batch import canvas_margin, collate
from focusfit.data.synthetic import SyntheticConfig, SyntheticWorld
from focusfit.data.synthetic.dataset import SyntheticFaces
from focusfit.facemodel.load import load_face_model

CONFIG = SyntheticConfig(size=96, seed=2)


def test_items_are_cut_from_the_worlds_photos():
    world = SyntheticWorld(CONFIG)
    points = load_face_model().landmarks["ibug68"]
    faces = SyntheticFaces(world, 4, 64, first=10, points=points)
    item, photo = faces[1], world.photo(11)
    side = 64 + 2 * canvas_margin(64)
    assert item.photo.shape == (side, side, 3)
    assert item.visible_face.shape == (side, side)
    canvas = canvas_transform(photo.landmarks, 64)
    np.testing.assert_allclose(item.landmarks, canvas.to_crop(photo.landmarks), atol=1e-3)
    np.testing.assert_allclose(item.surface_points, item.landmarks, atol=0.05)
    np.testing.assert_array_equal(item.coefficients[:80], photo.identity)
    np.testing.assert_array_equal(item.neutral, photo.neutral_vertices)
    assert len(faces) == 4


def test_worker_processes_make_the_same_items():
    faces = SyntheticFaces(SyntheticWorld(CONFIG), 4, 64)
    loader = DataLoader(faces, 2, num_workers=1, collate_fn=collate, multiprocessing_context="spawn")
    loaded = torch.cat([batch.photo for batch in loader])
    here = collate([faces[index] for index in range(4)]).photo
    assert torch.equal(loaded, here)
