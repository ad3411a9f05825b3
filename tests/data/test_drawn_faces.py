"""Faces drawn once and kept: what becomes of a drawing whose process is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from torch.utils.data import Dataset

from focusfit.data.drawn_faces import draw_faces
from focusfit.data.face_batch import FaceItem
from focusfit.errors import FocusfitError


class Faces(Dataset[FaceItem]):
    """Two faces; where a file is there, whoever draws them is killed."""

    def __init__(self, killer: Path) -> None:
        self.killer = killer

    def __len__(self) -> int:
        return 2

    def __getitem__(self, draw: int) -> FaceItem:
        if self.killer.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        empty = np.zeros((4, 4), np.uint8)
        points = np.zeros((68, 2), np.float32)
        return FaceItem(
            name=str(draw),
            seed=draw,
            photo=np.zeros((4, 4, 3), np.uint8),
            visible_face=empty,
            face_region=empty,
            landmarks=points,
            surface_points=points,
            coefficients=np.zeros(5, np.float32),
            bounds=np.zeros(4, np.float32),
        )


def test_a_killed_process_has_a_reason_and_the_drawing_goes_on(tmp_path):
    killer, folder = tmp_path / "killer", tmp_path / "faces"
    killer.touch()
    with pytest.raises(FocusfitError, match=r"was killed. Run it again, it continues; use fewer --workers"):
        draw_faces(Faces(killer), folder, {}, workers=1)
    killer.unlink()
    drawn = draw_faces(Faces(killer), folder, {}, workers=1)
    assert [face.name for face in drawn] == ["drawn/0", "drawn/1"]
