"""Pickles of others: weights come out right, and nothing of the file is ever run."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import zipfile

import pytest
import torch
from torch import nn

from focusfit.errors import WeightsError
from focusfit.networks.torch_file import read_state, read_torch_file

FORMATS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])


class Bomb:
    """Unpickled the ordinary way, it calls a function on arguments."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@FORMATS
def test_whole_modules_and_tables_give_the_same_weights(tmp_path, zipped):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Sequential(nn.ReLU(), nn.Linear(4, 2).half()))
    wanted = network.state_dict()
    kept = {
        "whole": network,
        "parallel": nn.DataParallel(network),
        "table": wanted,
        "inside": {"epoch": 3, "state_dict": wanted},
    }
    for name, held in kept.items():
        torch.save(held, tmp_path / name, _use_new_zipfile_serialization=zipped)
        read = read_state(tmp_path / name)
        assert list(read) == list(wanted)
        for key, value in wanted.items():
            assert read[key].dtype == value.dtype
            torch.testing.assert_close(read[key], value)


@FORMATS
def test_views_of_one_storage_and_every_type_come_out_right(tmp_path, zipped):
    whole = torch.arange(12.0).view(3, 4)
    held = {"rows": whole[1:], "turned": whole.T, "whole": whole, "empty": torch.zeros(0), "flags": whole > 5}
    held |= {"long": torch.arange(3), "bfloat": torch.ones(2, dtype=torch.bfloat16), "scalar": torch.tensor(2.5)}
    torch.save(held, tmp_path / "views", _use_new_zipfile_serialization=zipped)
    read = read_torch_file(tmp_path / "views")
    for name, value in held.items():
        torch.testing.assert_close(read[name], value)


@FORMATS
@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (os.system, ("touch {}",)),
        (eval, ("open('{}', 'w')",)),
        (subprocess.check_call, (["touch", "{}"],)),
        (open, ("{}", "w")),
        (torch.load, ("{}",)),
        (getattr, ("text", "upper")),
    ],
    ids=["os.system", "eval", "subprocess", "open", "torch.load", "getattr"],
)
def test_a_file_that_would_run_something_is_refused_and_runs_nothing(tmp_path, function, arguments, zipped):
    victim = tmp_path / "victim"
    filled = json.loads(json.dumps(arguments).replace("{}", str(victim)))
    path = tmp_path / "bad.pth"
    torch.save({"weight": torch.zeros(2), "bomb": Bomb(function, *filled)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match="which no file of network weights needs") as caught:
        read_torch_file(path)
    assert "Nothing in it was run" in str(caught.value)
    assert not victim.exists()


def test_a_plain_pickle_with_a_bomb_is_refused(tmp_path):
    victim = tmp_path / "victim"
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps(Bomb(os.system, f"touch {victim}")))
    with pytest.raises(WeightsError, match="system"):
        read_torch_file(tmp_path / "bad.pkl")
    assert not victim.exists()


def test_dotted_names_below_an_allowed_package_reach_nothing(tmp_path):
    """Protocol 4 may name attributes of attributes; a stand-in has none of them."""
    victim = tmp_path / "victim"
    command = f"touch {victim}".encode()
    program = b"\x80\x04\x8c\x15torch.nn.modules.conv\x8c\x12torch._C.os.system\x93"
    program += b"\x8c" + bytes([len(command)]) + command + b"\x85R."
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("x/data.pkl", program)
    (tmp_path / "bad.pth").write_bytes(archive.getvalue())
    held = read_torch_file(tmp_path / "bad.pth")
    assert type(held).__mro__[1].__name__ == "ForeignModule"
    assert not victim.exists()


def test_classes_of_unknown_packages_are_refused_until_they_are_expected(tmp_path):
    class Local(nn.Module):
        pass

    Local.__module__, Local.__qualname__ = "somewhere.net", "Local"
    network = Local()
    network.layer = nn.Linear(2, 2)
    import sys
    from types import ModuleType

    package, module = ModuleType("somewhere"), ModuleType("somewhere.net")
    module.Local = Local
    sys.modules |= {"somewhere": package, "somewhere.net": module}
    try:
        torch.save(network, tmp_path / "whole.pth")
    finally:
        del sys.modules["somewhere"], sys.modules["somewhere.net"]
    with pytest.raises(WeightsError, match=r"somewhere\.net\.Local"):
        read_state(tmp_path / "whole.pth")
    assert set(read_state(tmp_path / "whole.pth", packages=("somewhere.",))) == {"layer.weight", "layer.bias"}


@FORMATS
def test_damaged_files_are_called_so(tmp_path, zipped):
    path = tmp_path / "weights.pth"
    torch.save({"weight": torch.rand(100, 100)}, path, _use_new_zipfile_serialization=zipped)
    whole = path.read_bytes()
    for length in (0, 1, 50, len(whole) // 2, len(whole) - 7):
        path.write_bytes(whole[:length])
        with pytest.raises(WeightsError, match=r"weights\.pth"):
            read_torch_file(path)


def test_tensors_larger_than_their_storage_are_refused(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"weight": torch.rand(10)}, path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    name = next(n for n in members if n.endswith("data.pkl"))
    assert members[name].count(b"K\x0a\x85") == 1  # the tensor's size, (10,)
    members[name] = members[name].replace(b"K\x0a\x85", b"K\x64\x85")
    with zipfile.ZipFile(path, "w") as file:
        for member, data in members.items():
            file.writestr(member, data)
    with pytest.raises(WeightsError, match="larger than"):
        read_torch_file(path)


def test_a_storage_that_claims_terabytes_is_refused_before_memory_is_asked_for(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"weight": torch.rand(10)}, path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    # the number of elements in the storage's record, just before the end of its tuple
    place = content.index(b"X\x03\x00\x00\x00cpu")
    head, tail = content[:place], content[place:]
    path.write_bytes(head + tail.replace(b"K\x0a", b"\x8a\x06\x00\x00\x00\x00\x00\x10", 1))
    with pytest.raises(WeightsError, match="shorter"):
        read_torch_file(path)


def test_programs_of_torch_jit_are_refused(tmp_path):
    path = tmp_path / "program.pt"
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), path)
    with pytest.raises(WeightsError, match="program"):
        read_torch_file(path)


def test_a_module_that_contains_itself_ends(tmp_path):
    network = nn.Sequential(nn.Linear(2, 2))
    network._modules["again"] = network
    torch.save(network, tmp_path / "loop.pth")
    with pytest.raises(WeightsError, match="contains itself"):
        read_state(tmp_path / "loop.pth")


def test_files_without_weights_say_so(tmp_path):
    torch.save([1, 2, 3], tmp_path / "list.pth")
    with pytest.raises(WeightsError, match="no named weights"):
        read_state(tmp_path / "list.pth")
