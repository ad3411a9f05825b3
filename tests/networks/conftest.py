"""People that tests of recognisers share."""

from __future__ import annotations

import pytest

from focusfit.detection.photo import read_photo
from focusfit.detection.registry import default_detector


@pytest.fixture(scope="session")
def seven_people(detector_files, t1, astronaut_file):
    """Pairs of a photo ``(H, W, 3)`` uint8 and 68 points."""
    found = []
    for path in (t1, astronaut_file):
        photo = read_photo(path)
        found += [(photo.rgb, face.landmarks["ibug68"].points) for face in default_detector().detect(photo)]
    assert len(found) == 7
    return found
