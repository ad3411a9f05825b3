"""Ground truth on disk, one module per layout."""

from .photo import TruePhoto, TrueShape
from .registry import read_truth

__all__ = ["TruePhoto", "TrueShape", "read_truth"]
