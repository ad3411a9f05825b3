from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from focusfit.imaging.rotation import rotation_matrix, rotation_vector, turned

angles = st.floats(-3.1, 3.1)


@given(st.tuples(angles, angles, angles))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_rotation_matrix_is_scipys(vector: tuple[float, float, float]) -> None:
    ours = rotation_matrix(torch.tensor([vector], dtype=torch.float64))[0]
    np.testing.assert_allclose(ours, Rotation.from_rotvec(vector).as_matrix(), atol=1e-12)


@pytest.mark.parametrize("angle", [0.0, 1e-6, 9.9e-4, 1.1e-3, 0.03, 3.0])
def test_rotation_matrix_keeps_single_precision_at_every_angle(angle: float) -> None:
    vector = angle * np.array([0.6, -0.48, 0.64])
    ours = rotation_matrix(torch.from_numpy(vector).float()[None])[0]
    np.testing.assert_allclose(ours, Rotation.from_rotvec(vector).as_matrix(), atol=2e-7)


def test_rotation_matrix_has_the_right_gradient_at_zero() -> None:
    jacobian = torch.autograd.functional.jacobian(rotation_matrix, torch.zeros(1, 3, dtype=torch.float64))
    generator_z = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 0]], dtype=torch.float64)
    torch.testing.assert_close(jacobian[0, :, :, 0, 2], generator_z)


@pytest.mark.parametrize("scale", [0.0, 1e-4, 1e-3, 1.0])
def test_rotation_matrix_gradcheck(scale: float) -> None:
    vectors = scale * torch.tensor([[0.3, -0.5, 0.8], [-1.0, 0.2, 0.1]], dtype=torch.float64)
    assert torch.autograd.gradcheck(rotation_matrix, vectors.requires_grad_())


@given(st.tuples(angles, angles, angles))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_rotation_vector_is_scipys(vector: tuple[float, float, float]) -> None:
    rotation = Rotation.from_rotvec(vector)
    ours = rotation_vector(torch.from_numpy(rotation.as_matrix())[None])[0]
    np.testing.assert_allclose(ours, rotation.as_rotvec(), atol=1e-7)


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0.0, -0.8)])
@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-4, 3.1415, np.pi])
def test_rotation_vector_at_both_ends(angle: float, axis: tuple[float, float, float]) -> None:
    matrix = Rotation.from_rotvec(angle * np.array(axis)).as_matrix()
    ours = rotation_vector(torch.from_numpy(matrix)[None])
    torch.testing.assert_close(rotation_matrix(ours)[0], torch.from_numpy(matrix), atol=1e-7, rtol=0)
    assert float(ours.norm()) == pytest.approx(angle, abs=1e-7)


@given(st.tuples(angles, angles, angles), st.tuples(angles, angles, angles))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_one_rotation_after_the_other_is_scipys(
    first: tuple[float, float, float], then: tuple[float, float, float]
) -> None:
    ours = turned(torch.tensor([first], dtype=torch.float64), by=torch.tensor([then], dtype=torch.float64))[0]
    both = Rotation.from_rotvec(then) * Rotation.from_rotvec(first)
    np.testing.assert_allclose(Rotation.from_rotvec(ours).as_matrix(), both.as_matrix(), atol=1e-12)
    assert float(ours.norm()) <= np.pi + 1e-12


def test_no_turn_at_all_leaves_a_rotation_as_it_is() -> None:
    still, some = torch.zeros(2, 3), torch.tensor([[0.0, 0.0, 0.0], [0.3, -0.2, 0.1]])
    torch.testing.assert_close(turned(some, by=still), some)
    torch.testing.assert_close(turned(still, by=some), some)
