"""Errors that a user can act on: what file, what was wrong, what to do."""

from __future__ import annotations

from pathlib import Path


class FocusfitError(Exception):
    """Base of every error this package raises on purpose.

    Args:
        cause: what was wrong, as a clause ("holds 3 columns instead of 137").
        file: the file it was found in, when there is one.
        remedy: what the user can do about it, as a sentence.
    """

    def __init__(self, cause: str, *, file: str | Path | None = None, remedy: str | None = None) -> None:
        self.cause = cause
        self.file = None if file is None else Path(file)
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        text = self.cause if self.file is None else f"{self.file}: {self.cause}"
        return text if self.remedy is None else f"{text}. {self.remedy}"


class PhotoError(FocusfitError):
    """A photo that cannot be read, or in which no face was found."""


class AssetError(FocusfitError):
    """A model file that is missing, damaged or not what its checksum says."""


class FaceModelError(FocusfitError):
    """A face model file with the wrong layout or content."""


class LandmarkError(FocusfitError):
    """A landmark table or row that does not follow its format."""


class PredictionError(FocusfitError):
    """A prediction that cannot be compared with its ground truth."""


class BackendError(FocusfitError):
    """An implementation that does not exist, or cannot run on this device."""


class TrainingError(FocusfitError):
    """A training that cannot start or go on."""


class CheckpointError(TrainingError):
    """A checkpoint that is damaged, or does not belong to what is being trained."""


class WeightsError(FocusfitError):
    """A file of network weights that is damaged, refused, or belongs to another network."""
