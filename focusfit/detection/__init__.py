"""Where the faces are: photos, detectors, landmarks, crops and their exact inverse."""

from .crop import CropTransform, crop_for_landmarks
from .face import DetectedFace, FaceDetector, LandmarkSet
from .landmark_csv import LandmarkTable
from .mean_face import MEAN_FACE_5, MEAN_FACE_68, WeakPerspective, fit_weak_perspective
from .photo import MAX_PIXELS, Photo, is_grey, read_photo
from .photo_list import PHOTO_SUFFIXES, list_photos
from .registry import DETECTORS, default_detector, load_detector

__all__ = [
    "DETECTORS",
    "MAX_PIXELS",
    "MEAN_FACE_5",
    "MEAN_FACE_68",
    "PHOTO_SUFFIXES",
    "CropTransform",
    "DetectedFace",
    "FaceDetector",
    "LandmarkSet",
    "LandmarkTable",
    "Photo",
    "WeakPerspective",
    "crop_for_landmarks",
    "default_detector",
    "fit_weak_perspective",
    "is_grey",
    "list_photos",
    "load_detector",
    "read_photo",
]
