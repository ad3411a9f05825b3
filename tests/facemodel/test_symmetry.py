"""Left and right of a mesh."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from focusfit.facemodel.symmetry import mirror_map


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**16), pairs=st.integers(3, 200), middle=st.integers(0, 20), midline=st.floats(-5, 5))
def test_a_symmetric_mesh_is_paired_exactly(seed, pairs, middle, midline):
    random = np.random.default_rng(seed)
    left = random.uniform(5, 80, (pairs, 3))
    points = np.concatenate([left, left * [-1, 1, 1], random.uniform(5, 80, (middle, 3)) * [0, 1, 1]])
    points[:, 0] += midline
    order = random.permutation(len(points))
    mirror = mirror_map(points[order], midline)
    assert mirror is not None
    assert (mirror[mirror] == np.arange(len(points))).all()
    inverse = np.argsort(order)
    assert (order[mirror[inverse[:pairs]]] == np.arange(pairs, 2 * pairs)).all()
    assert (order[mirror[inverse[2 * pairs :]]] == np.arange(2 * pairs, len(points))).all()


def test_a_mesh_without_symmetry_has_no_map():
    assert mirror_map(np.random.default_rng(0).uniform(0, 90, (500, 3))) is None
