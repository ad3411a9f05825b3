from __future__ import annotations

import numpy as np
import torch

from focusfit.imaging import DISTANCE, Camera


def test_projection_by_hand() -> None:
    camera = Camera(focal=torch.tensor([1000.0]), centre=torch.tensor([[50.0, 40.0]]), height=80, width=100)
    still = torch.zeros(1, 3)
    # to the subject's left, above, and towards the camera by 200 mm: image right, up, and magnified 1000 / 800
    placed = camera.place(torch.tensor([[[16.0, 8.0, 200.0]]]), still, still)
    torch.testing.assert_close(placed, torch.tensor([[[16.0, -8.0, DISTANCE - 200.0]]]))
    torch.testing.assert_close(camera.project(placed), torch.tensor([[[70.0, 30.0]]]))


def test_place_turns_then_moves() -> None:
    camera = Camera.for_crop(224)
    quarter = torch.tensor([[0.0, np.pi / 2, 0.0]], dtype=torch.float64)  # the face turns to its left: +z goes to +x
    moved = torch.tensor([[1.0, 2.0, 3.0]], dtype=torch.float64)
    placed = camera.place(torch.tensor([[[0.0, 0.0, 10.0]]], dtype=torch.float64), quarter, moved)
    torch.testing.assert_close(placed, torch.tensor([[[11.0, 2.0, 1003.0]]], dtype=torch.float64))


def test_scaled_camera_sees_the_resized_image() -> None:
    camera = Camera.for_crop(224)
    half = camera.scaled(0.5)
    assert (half.height, half.width) == (112, 112)
    points = torch.tensor([[[10.0, -20.0, 900.0], [60.0, 30.0, 1100.0]]])
    # pixel (1, 1) of the half-size image covers pixels 2 and 3 of the full one, whose centres average to 2.5
    torch.testing.assert_close(half.project(points), (camera.project(points) - 0.5) / 2)


def test_a_slice_of_cameras_is_a_batch() -> None:
    cameras = Camera(torch.tensor([1.0, 2, 3]), torch.arange(6.0).view(3, 2), 4, 5)
    chosen = cameras[1:]
    torch.testing.assert_close(chosen.focal, torch.tensor([2.0, 3]))
    assert chosen.centre.shape == (2, 2)
    assert (chosen.height, chosen.width) == (4, 5)
