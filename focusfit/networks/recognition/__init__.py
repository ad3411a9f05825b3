"""Face recognition: frozen networks that gradients flow through, and the alignment they ask for."""

from .align import align_faces, five_points, similarity
from .recogniser import Recogniser, cosine_distance
from .registry import load_recogniser

__all__ = ["Recogniser", "align_faces", "cosine_distance", "five_points", "load_recogniser", "similarity"]
