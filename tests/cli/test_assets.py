import pytest

from focusfit.assets import ASSETS
from focusfit.cli.main import main


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FOCUSFIT_CACHE", str(tmp_path / "cache"))
    for asset in ASSETS.values():
        monkeypatch.delenv(asset.override_variable, raising=False)


def test_list_names_source_licence_and_state(capsys):
    assert main(["assets", "list"]) == 0
    told = capsys.readouterr().out
    for asset in ASSETS.values():
        assert asset.name in told
        assert asset.licence in told
        assert asset.source.requirement in told
    assert told.count("absent") == len(ASSETS)


def test_verify_tells_damaged_from_absent(tmp_path, capsys):
    assert main(["assets", "verify"]) == 0
    assert main(["assets", "verify", "yunet"]) == 2
    path = tmp_path / "cache" / "assets" / "yunet" / ASSETS["yunet"].file_name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"cut off")
    assert main(["assets", "verify"]) == 2
    assert "damaged" in capsys.readouterr().out


def test_verify_accepts_the_users_own_file(tmp_path, monkeypatch, capsys):
    own = tmp_path / "my.onnx"
    own.write_bytes(b"mine")
    monkeypatch.setenv("FOCUSFIT_ASSET_YUNET", str(own))
    assert main(["assets", "verify", "yunet"]) == 0
    assert str(own) in capsys.readouterr().out


def test_fetch_without_network_fails_with_a_remedy(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert main(["assets", "fetch", "yunet"]) == 2
    said = capsys.readouterr().err
    assert "FOCUSFIT_ASSET_YUNET" in said
    assert "Traceback" not in said


def test_unknown_name(capsys):
    assert main(["assets", "fetch", "yolo"]) == 2
    assert "Known assets" in capsys.readouterr().err
