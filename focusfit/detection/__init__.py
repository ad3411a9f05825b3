"""Where the faces are: photos, detectors, landmarks, crops and their exact inverse."""

from .crop import CropTransform, crop_for_landmarks
from .face import DetectedFace, FaceDetector, LandmarkSet
from .photo import Photo, read_photo
from .registry import DETECTORS, default_detector, load_detector

__all__ = [
    "DETECTORS",
    "CropTransform",
    "DetectedFace",
    "FaceDetector",
    "LandmarkSet",
    "Photo",
    "crop_for_landmarks",
    "default_detector",
    "load_detector",
    "read_photo",
]
