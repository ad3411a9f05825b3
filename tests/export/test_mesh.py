"""OBJ files against an independent reader."""

import io

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from focusfit.export.mesh import vertex_lines, write_obj

TRIANGLES = np.array([[0, 1, 2], [2, 1, 3]])


def read(path):
    return trimesh.load(path, process=False)


def test_round_trip_through_trimesh(tmp_path):
    random = np.random.default_rng(0)
    vertices = random.normal(0, 100, (500, 3)).astype(np.float32)
    colours = random.uniform(0, 1, (500, 3))
    triangles = np.arange(900).reshape(-1, 3) % 500  # every vertex in use, or trimesh drops it
    write_obj(tmp_path / "a.obj", vertices, triangles, colours)
    mesh = read(tmp_path / "a.obj")
    np.testing.assert_allclose(mesh.vertices, vertices, atol=6e-5)
    np.testing.assert_array_equal(mesh.faces, triangles)
    np.testing.assert_allclose(mesh.visual.vertex_colors[:, :3], colours * 255, atol=0.52)


def test_without_colours(tmp_path):
    write_obj(tmp_path / "a.obj", np.eye(4, 3), TRIANGLES)
    lines = (tmp_path / "a.obj").read_text().splitlines()
    assert lines[0] == "v 1.0000 0.0000 0.0000"
    assert lines[-1] == "f 3 2 4"


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 8), st.just(3)), elements=st.floats(-1e6, 1e6)))
def test_any_finite_number_comes_back(values):
    read_back = np.loadtxt(io.BytesIO(vertex_lines(values).replace(b"v", b"")), ndmin=2)
    np.testing.assert_allclose(read_back, values, atol=5.01e-5, rtol=1e-12)


def test_small_negative_numbers_keep_their_sign_and_zero_has_none():
    assert vertex_lines(np.array([[-0.5, -0.00001, -12.25]])) == b"v -0.5000 0.0000 -12.2500\n"


def test_refuses_what_no_reader_understands(tmp_path):
    with pytest.raises(ValueError, match="not finite"):
        write_obj(tmp_path / "a.obj", np.full((4, 3), np.nan), TRIANGLES)
    assert not (tmp_path / "a.obj").exists()
