"""What people take away: meshes, masks, coefficient files, tables, a contact sheet and a report."""

from .coefficients_file import read_coefficients
from .face_folder import write_face
from .mesh import write_obj

__all__ = ["read_coefficients", "write_face", "write_obj"]
