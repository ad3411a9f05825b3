"""What the recogniser sees of photos, renderings and masks."""

from __future__ import annotations

import torch
from torch import Tensor

from ...networks.recognition.align import align_faces
from ...networks.recognition.recogniser import Recogniser


class RecognisedFaces:
    """Features of a batch for the recognition terms; each runs the recogniser once.

    Photos are aligned by the landmarks that came with them, renderings by the model's own, which the recogniser's
    opinion shall not move.

    Args:
        recogniser: frozen.
        photo: ``(B, 3, S, S)``.
        landmarks: ``(B, 68, 2)`` of the photos.
        rendering: ``(B, 3, S, S)``, black outside the face.
        projected_landmarks: ``(B, 68, 2)`` of the model.
    """

    def __init__(
        self, recogniser: Recogniser, photo: Tensor, landmarks: Tensor, rendering: Tensor, projected_landmarks: Tensor
    ) -> None:
        self.recogniser = recogniser
        self.photo, self.rendering = photo, rendering
        self.landmarks, self.projected = landmarks, projected_landmarks.detach()

    def photo_embedding(self) -> Tensor:
        """``(B, K)``; carries no gradient."""
        with torch.no_grad():
            return self.recogniser.embedding(align_faces(self.photo, self.landmarks))

    def rendering_embedding(self) -> Tensor:
        """``(B, K)``."""
        return self.recogniser.embedding(align_faces(self.rendering, self.projected))

    def photo_visible_embedding(self, visible: Tensor) -> Tensor:
        """``(B, K)`` of the photo with grey wherever ``visible (B, 1, S, S)`` says that no face is seen."""
        with torch.no_grad():
            return self.recogniser.embedding(align_faces(_grey_where_hidden(self.photo, visible), self.landmarks))

    def rendering_visible_embedding(self, visible: Tensor) -> Tensor:
        """``(B, K)`` of the rendering with grey in the same places."""
        return self.recogniser.embedding(align_faces(_grey_where_hidden(self.rendering, visible), self.projected))

    def photo_shallow(self) -> Tensor:
        """``(B, C, H, W)`` early features; carries no gradient."""
        with torch.no_grad():
            return self.recogniser.shallow(align_faces(self.photo, self.landmarks))

    def masked_photo_shallow(self, mask: Tensor) -> Tensor:
        """``(B, C, H, W)`` of ``mask * photo``, ``mask (B, 1, S, S)``; gradients flow to the mask."""
        return self.recogniser.shallow(align_faces(mask * self.photo, self.landmarks))

    def masked_rendering_shallow(self, mask: Tensor) -> Tensor:
        """``(B, C, H, W)`` of ``mask * rendering``; gradients flow to the mask."""
        return self.recogniser.shallow(align_faces(mask * self.rendering, self.projected))


def _grey_where_hidden(picture: Tensor, visible: Tensor) -> Tensor:
    return 0.5 + visible * (picture - 0.5)
