"""Reading and writing the open model's file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from focusfit.errors import FaceModelError
from focusfit.facemodel.load import SHIPPED_MODEL, load_face_model
from focusfit.facemodel.morphable import MorphableModel
from focusfit.facemodel.open_model_file import OpenModelArrays, read_open_model_arrays, write_open_model


@pytest.fixture(scope="module")
def arrays() -> OpenModelArrays:
    return read_open_model_arrays(SHIPPED_MODEL)


def test_round_trip_gives_the_same_bytes(arrays: OpenModelArrays, tmp_path: Path) -> None:
    small = replace(arrays, identity_basis=arrays.identity_basis[..., :4], actions=arrays.actions[:2])
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    write_open_model(first, small)
    write_open_model(second, read_open_model_arrays(first))
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]
    assert np.array_equal(read_open_model_arrays(second).identity_basis, small.identity_basis)


def test_path_and_default_agree(open_model: MorphableModel) -> None:
    same = load_face_model(str(SHIPPED_MODEL))
    assert same.sha256 == open_model.sha256
    assert torch.equal(same.shape_mean, open_model.shape_mean)


def test_extras_for_synthetic_data(arrays: OpenModelArrays) -> None:
    assert len(arrays.action_names) == 51
    assert arrays.actions.shape == (51, len(arrays.shape_mean), 3)
    jaw = arrays.actions[arrays.action_names.index("jawOpen")].astype(np.float64)
    assert jaw[:, 1].min() < -15
    assert arrays.pigments.shape[1] == len(arrays.pigment_names)
    melanin = arrays.pigments[:, arrays.pigment_names.index("melanin")]
    assert melanin.min() > 0
    assert melanin.max() / melanin.min() > 8
    assert all(m.min() >= 0 and m.max() <= 1 for m in arrays.maps.values())


def test_expression_modes_span_the_actions(arrays: OpenModelArrays) -> None:
    modes = arrays.expression_basis.reshape(-1, arrays.expression_basis.shape[2]).astype(np.float64)
    smile = arrays.actions[arrays.action_names.index("mouthSmileLeft")].reshape(-1).astype(np.float64)
    fit, *_ = np.linalg.lstsq(modes, smile, rcond=None)
    assert np.linalg.norm(modes @ fit - smile) < 0.15 * np.linalg.norm(smile)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FaceModelError, match="does not exist"):
        load_face_model(tmp_path / "absent.npz")


def test_text_named_npz(tmp_path: Path) -> None:
    path = tmp_path / "text.npz"
    path.write_text("not a model")
    with pytest.raises(FaceModelError, match="not a readable"):
        load_face_model(path)


def test_truncated_file(tmp_path: Path) -> None:
    path = tmp_path / "half.npz"
    path.write_bytes(SHIPPED_MODEL.read_bytes()[:100_000])
    with pytest.raises(FaceModelError, match="not a readable"):
        load_face_model(path)


def test_foreign_npz(tmp_path: Path) -> None:
    path = tmp_path / "foreign.npz"
    np.savez(path, anything=np.zeros(3))
    with pytest.raises(FaceModelError, match="lacks the arrays"):
        load_face_model(path)


def test_pickles_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "pickle.npz"
    np.savez(path, schema=np.array([{"a": 1}], dtype=object))
    with pytest.raises(FaceModelError, match="not a readable"):
        load_face_model(path)


def test_other_schema_and_broken_arrays(arrays: OpenModelArrays, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    write_open_model(path, replace(arrays, actions=arrays.actions[:0], action_names=()))
    content = dict(np.load(path))
    np.savez(path, **(content | {"schema": np.array("other-9")}))
    with pytest.raises(FaceModelError, match="other-9"):
        load_face_model(path)
    np.savez(path, **(content | {"mirror": content["mirror"][:-1]}))
    with pytest.raises(FaceModelError, match="mirror"):
        load_face_model(path)
    np.savez(path, **(content | {"triangles": content["triangles"] + 1}))
    with pytest.raises(FaceModelError, match="beyond"):
        load_face_model(path)


def test_unknown_suffix(tmp_path: Path) -> None:
    with pytest.raises(FaceModelError, match=r"'\.mat'"):
        load_face_model(tmp_path / "01_MorphableModel.mat")
