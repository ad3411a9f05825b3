"""How a face becomes pixels: camera, light, normals, rasterizers and the differentiable renderer."""

from .camera import DISTANCE, FOCAL_PER_PIXEL, Camera
from .fragments import Fragments
from .interpolate import barycentrics, interpolate
from .light import harmonics, shading
from .normals import vertex_normals
from .rasterize import RASTERIZERS, rasterize
from .renderer import RENDERERS, render, render_coefficients
from .rendering import Rendering
from .rotation import rotation_matrix, rotation_vector
from .visibility import vertex_visibility, visible_in_depth

__all__ = [
    "DISTANCE",
    "FOCAL_PER_PIXEL",
    "RASTERIZERS",
    "RENDERERS",
    "Camera",
    "Fragments",
    "Rendering",
    "barycentrics",
    "harmonics",
    "interpolate",
    "rasterize",
    "render",
    "render_coefficients",
    "rotation_matrix",
    "rotation_vector",
    "shading",
    "vertex_normals",
    "vertex_visibility",
    "visible_in_depth",
]
