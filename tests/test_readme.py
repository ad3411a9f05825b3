"""Every command of the README is run here.

Commands of the installed environment run as they stand, in a folder with the photos they name. Those that build an
environment of their own (`make`, `pip`) take minutes: they run in a copy of the checkout and are marked slow, unless
running them would start these very tests again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
COMMANDS = [
    line for block in re.findall(r"```bash\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line
]
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

INSTALLED = [command for command in COMMANDS if command.startswith("focusfit ")]
INSTALLING = [command for command in COMMANDS if ".venv" in command]
MAKING = [command for command in COMMANDS if command.startswith("make ")]
FOR_EYES = [command for command in COMMANDS if command.startswith("xdg-open ")]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}
    return subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory, astronaut, t1, detector_files, open_model) -> Path:
    """A folder with `photo.jpg` and `photos/`, as the README names them."""
    from PIL import Image

    place = tmp_path_factory.mktemp("reader")
    Image.fromarray(astronaut).save(place / "photo.jpg", quality=95)
    (place / "photos").mkdir()
    shutil.copy(t1, place / "photos")
    return place


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Iterator[Path]:
    """The checkout's files as git sees them, without its environment."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    place = tmp_path_factory.mktemp("copy") / "focusfit"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    yield place
    shutil.rmtree(place)


def test_every_command_belongs_to_one_of_the_groups_below():
    grouped = [*INSTALLED, *INSTALLING, *MAKING, *FOR_EYES]
    assert sorted(grouped) == sorted(COMMANDS)
    assert PYTHON


@pytest.mark.parametrize("command", INSTALLED)
def test_commands_of_the_installed_environment(command, folder):
    done = run(command, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    named = re.search(r"--out (\S+)", command)
    assert named is None or (folder / named[1]).exists()


@pytest.mark.parametrize("code", PYTHON)
def test_python_examples(code, folder):
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("command", MAKING)
def test_make_targets_exist(command):
    done = run(command.replace("make ", "make --dry-run "), ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", FOR_EYES)
def test_what_is_to_be_looked_at_is_what_make_demo_writes(command):
    shown = command.split()[1]
    assert shown.startswith("out/demo/")
    assert f"--out {Path(shown).parent}" in (ROOT / "Makefile").read_text()


@pytest.mark.slow
@pytest.mark.skipif("FOCUSFIT_SLOW_TESTS" not in os.environ, reason="minutes; FOCUSFIT_SLOW_TESTS=1 (.ci/run) runs it")
def test_installation_and_demo_in_a_fresh_copy(copy, folder):
    for command in [*INSTALLING, "make demo"]:
        done = run(command, copy)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    for command in FOR_EYES:
        assert (copy / command.split()[1]).is_file()
