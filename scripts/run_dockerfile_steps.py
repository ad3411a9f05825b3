"""Run the Dockerfile's own steps without docker: in a clean folder and environment, read from the Dockerfile itself.

The folder stands for the image's file system: absolute paths of the Dockerfile are taken below it, and a new virtual
environment stands for the base image's Python. Debian packages cannot be installed that way; their line is checked
instead: every package it names must be on this machine. Users are not created.

    python scripts/run_dockerfile_steps.py FOLDER doctor
    python scripts/run_dockerfile_steps.py FOLDER reconstruct photo.jpg --out out     (photo.jpg in FOLDER/data)
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
KEPT_VARIABLES = re.compile(r"PIP_\w+|SSL_CERT_\w+|https?_proxy|no_proxy|LANG", re.IGNORECASE)
"""Of the caller's environment: how to reach a package index."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: its keyword in capitals, and its arguments with continued lines joined."""

    keyword: str
    arguments: str


def read_dockerfile(text: str) -> list[Instruction]:
    """The instructions in order, without comments."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\s*\n", " ", "\n".join(lines))
    split = [line.strip().split(maxsplit=1) for line in joined.splitlines()]
    return [Instruction(words[0].upper(), words[1] if len(words) > 1 else "") for words in split]


@dataclass
class Image:
    """A folder that stands for an image's file system while its instructions run."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    workdir: Path = Path("/")
    entry: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def inside(self, path: str | Path) -> Path:
        """Where a path of the image lies on this machine."""
        return self.root / (self.workdir / path).relative_to("/")

    def apply(self, instruction: Instruction) -> None:
        """Do what one instruction says."""
        name = f"_{instruction.keyword.lower()}"
        if not hasattr(self, name):
            raise SystemExit(f"the Dockerfile's {instruction.keyword} is not known to this script")
        print(f"--> {instruction.keyword} {instruction.arguments}", flush=True)
        getattr(self, name)(instruction.arguments)

    def run(self, command: list[str]) -> int:
        """Run a command in the image's working folder with the image's environment; its exit code."""
        return subprocess.run(command, cwd=self._folder(), env=self.environment, check=False).returncode

    def _from(self, arguments: str) -> None:
        wanted = re.search(r"python:(\d+)\.(\d+)", arguments)
        if wanted is None:
            raise SystemExit(f"not a Python image: {arguments}")
        if tuple(map(int, wanted.groups())) != sys.version_info[:2]:
            print(f"    (this Python is {sys.version.split()[0]}; the image's would be {'.'.join(wanted.groups())})")
        venv.create(self.root / "python", with_pip=True)
        home = self.root / "home"
        home.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if KEPT_VARIABLES.fullmatch(name)}
        path = f"{self.root / 'python' / 'bin'}{os.pathsep}/usr/local/bin{os.pathsep}/usr/bin{os.pathsep}/bin"
        self.environment = kept | {"PATH": path, "HOME": str(home)}

    def _arg(self, arguments: str) -> None:
        """A build argument comes from the caller's environment, as KEPT_VARIABLES lets it."""

    def _user(self, arguments: str) -> None:
        """Nobody to become."""

    def _workdir(self, arguments: str) -> None:
        self.workdir = self.workdir / arguments
        self._folder()

    def _env(self, arguments: str) -> None:
        for name, value in re.findall(r"(\w+)=(\S+)", arguments):
            self.environment[name] = str(self.inside(value)) if value.startswith("/") else value

    def _copy(self, arguments: str) -> None:
        *sources, target = arguments.split()
        for source in sources:
            origin = CHECKOUT / source
            if origin.is_dir():
                skipped = shutil.ignore_patterns("__pycache__")
                shutil.copytree(origin, self.inside(target), dirs_exist_ok=True, ignore=skipped)
            else:
                self.inside(target).mkdir(parents=True, exist_ok=True)
                shutil.copy2(origin, self.inside(target))

    def _run(self, arguments: str) -> None:
        packages = re.search(r"apt-get install((?: -\S+)*)((?: [a-z][\w.+-]*)+)", arguments)
        if packages is not None:
            _require_debian_packages(packages.group(2).split())
        elif arguments.startswith("useradd"):
            print("    (no users here)")
        elif code := self.run(["/bin/sh", "-ec", arguments]):
            raise SystemExit(f"RUN ended with exit code {code}")

    def _entrypoint(self, arguments: str) -> None:
        self.entry = json.loads(arguments)

    def _cmd(self, arguments: str) -> None:
        self.command = json.loads(arguments)

    def _folder(self) -> Path:
        folder = self.inside(".")
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _require_debian_packages(names: list[str]) -> None:
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *names]
    known = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    absent = [name for name in names if f"{name} installed\n" not in known]
    if absent:
        raise SystemExit(f"not installed here: {' '.join(absent)} (the Dockerfile installs them with apt-get)")
    print(f"    (installed here: {' '.join(names)})")


def main(arguments: list[str]) -> int:
    """Build into a folder, new or built into before, then run the entry point with the remaining arguments."""
    if not arguments:
        print(__doc__)
        return 2
    image = Image(Path(arguments[0]).resolve())
    for folder in ("data", "tmp"):
        (image.root / folder).mkdir(parents=True, exist_ok=True)
    for instruction in read_dockerfile((CHECKOUT / "Dockerfile").read_text()):
        image.apply(instruction)
    command = [*image.entry, *(arguments[1:] or image.command)]
    print(f"--> {' '.join(command)}", flush=True)
    return image.run(command)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
