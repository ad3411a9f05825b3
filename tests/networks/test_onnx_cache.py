"""ONNX files in the cache: made once, made again when damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from focusfit.errors import AssetError
from focusfit.networks.onnx_cache import cached_content, cached_path
from focusfit.networks.onnx_export import onnx_sources
from focusfit.networks.onnx_graph import OnnxSource

from .small_networks import small_networks


@pytest.fixture(scope="module")
def source(open_model) -> OnnxSource:
    return onnx_sources(small_networks(open_model), open_model)[1]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOCUSFIT_CACHE", str(tmp_path))
    return tmp_path


def test_it_is_made_once(source, cache, capsys):
    content = cached_content(source)
    path = cached_path(source)
    assert path.is_relative_to(cache)
    assert path.read_bytes() == content
    assert str(path) in capsys.readouterr().err
    made = path.stat().st_mtime_ns
    assert cached_content(source) == content
    assert path.stat().st_mtime_ns == made
    assert capsys.readouterr().err == ""
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize("kind", ["cut off", "one bit", "checksum absent", "checksum of another"])
def test_a_damaged_file_is_made_again(kind, source, cache, capsys):
    content = cached_content(source)
    path = cached_path(source)
    record = path.with_name(f"{path.name}.sha256")
    middle = len(content) // 2
    if kind == "cut off":
        path.write_bytes(content[:middle])
    elif kind == "one bit":
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif kind == "checksum absent":
        record.unlink()
    else:
        record.write_text(f"{'0' * 64}  {path.name}\n")
    capsys.readouterr()
    assert cached_content(source) == content
    assert path.read_bytes() == content
    assert "making" in capsys.readouterr().err
    cached_content(source)
    assert capsys.readouterr().err == ""


def test_other_weights_and_versions_have_other_files(source, cache, open_model):
    other = onnx_sources(small_networks(open_model, weights="cd"), open_model)[1]
    newer = replace(source, properties={**source.properties, "focusfit_version": "99"})
    assert len({cached_path(each) for each in (source, other, newer)}) == 3


def test_a_cache_that_cannot_be_written_is_explained(source, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOCUSFIT_CACHE", str(tmp_path / "file"))
    with pytest.raises(AssetError, match=r"cannot be written.*FOCUSFIT_CACHE"):
        cached_content(source)
