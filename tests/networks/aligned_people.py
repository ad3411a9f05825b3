"""One face of a photo, laid before a recogniser."""

from __future__ import annotations

import torch

from focusfit.networks.recognition import align_faces


def aligned(rgb, points):  # type: ignore[no-untyped-def]
    """``(1, 3, 112, 112)`` of a photo ``(H, W, 3)`` uint8 and 68 points."""
    image = torch.tensor(rgb).permute(2, 0, 1)[None].float() / 255
    return align_faces(image, torch.tensor(points)[None].float())
