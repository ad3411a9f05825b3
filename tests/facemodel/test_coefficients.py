"""Packing and slicing of coefficients."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from focusfit.facemodel.coefficients import FaceCoefficients

sizes = st.integers(1, 7)


@st.composite
def coefficients(draw: st.DrawFn) -> FaceCoefficients:
    batch, identity, expression, albedo = (draw(sizes) for _ in range(4))
    chance = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    shapes = [(identity,), (expression,), (albedo,), (3,), (3,), (3, 9)]
    values = [torch.randn(batch, *shape, generator=chance) for shape in shapes]
    return FaceCoefficients(*values)


def same(a: FaceCoefficients, b: FaceCoefficients) -> bool:
    return all(torch.equal(x, y) for (_, x), (_, y) in zip(a.items(), b.items(), strict=True))


@settings(max_examples=40, deadline=None)
@given(coefficients())
def test_unpack_inverts_pack(faces: FaceCoefficients) -> None:
    assert same(faces.unpack(faces.pack()), faces)


@settings(max_examples=40, deadline=None)
@given(coefficients(), st.data())
def test_packed_rows_are_faces(faces: FaceCoefficients, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, faces.batch_size - 1))
    assert torch.equal(faces[i].pack(), faces.pack()[i : i + 1])


@settings(max_examples=20, deadline=None)
@given(coefficients())
def test_cat_of_slices_is_the_batch(faces: FaceCoefficients) -> None:
    assert same(FaceCoefficients.cat([faces[i] for i in range(faces.batch_size)]), faces)


def test_unpack_refuses_another_width() -> None:
    faces = FaceCoefficients(*(torch.zeros(2, *s) for s in [(4,), (3,), (2,), (3,), (3,), (3, 9)]))
    with pytest.raises(ValueError, match="expected"):
        faces.unpack(torch.zeros(2, 5))
    with pytest.raises(ValueError, match="expected"):
        faces.unpack(torch.zeros(42))


def test_gradients_flow_through_packing() -> None:
    faces = FaceCoefficients(*(torch.ones(1, *s) for s in [(4,), (3,), (2,), (3,), (3,), (3, 9)]))
    packed = faces.pack().requires_grad_()
    faces.unpack(packed).light.sum().backward()
    assert packed.grad is not None
    assert packed.grad.sum() == 27
