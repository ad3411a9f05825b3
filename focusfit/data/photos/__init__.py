"""Photos on disk as a data set: their list, their landmarks, and crops cut once."""

from .crop_cache import CropCache, build_crop_cache
from .dataset import PhotoFaces
from .listing import ListedFace, PhotoProblem, Split, list_faces

__all__ = [
    "CropCache",
    "ListedFace",
    "PhotoFaces",
    "PhotoProblem",
    "Split",
    "build_crop_cache",
    "list_faces",
]
