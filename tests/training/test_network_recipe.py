from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from focusfit.errors import TrainingError
from focusfit.facemodel.morphable import MorphableModel
from focusfit.networks.shipped import ENCODER_FILE, networks_in
from focusfit.training.known_faces import KnownFacesConfig
from focusfit.training.network_recipe import RECIPE, read_recipe, train_rounds

TINY = """
rounds:
  - faces: 8
    world: {size: 64, seed: 5, texture_size: 128}
    encoder: {backbone: resnet10t, size: 32, points: 80}
    segmenter: {encoder: resnet18, depth: 3, decoder_widths: [16, 8, 8]}
    encoder_start: null
    segmenter_start: null
    encoder_engine: {iterations: 2, batch_size: 4, ema: 0.5, accelerator: cpu, pictures: 2}
    segmenter_engine: {iterations: 2, batch_size: 4, ema: 0.5, accelerator: cpu, pictures: 2}
  - world: {seed: 6}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(TINY)
    return path


def test_each_round_changes_the_one_before(recipe: Path) -> None:
    first, second = read_recipe(recipe)
    assert (first.world.seed, second.world.seed) == (5, 6)
    assert second.world.size == first.world.size == 64
    assert second.encoder == first.encoder


def test_the_recipe_that_ships_can_be_read() -> None:
    rounds = read_recipe(RECIPE)
    assert rounds[0].encoder_start == "imagenet"
    assert all(isinstance(each, KnownFacesConfig) for each in rounds)


@pytest.mark.parametrize("file", sorted(RECIPE.parent.glob("*.json")), ids=lambda file: file.name)
def test_what_ships_names_nobodys_folders(file: Path) -> None:
    assert not re.findall(r'"/[^"]*"', file.read_text())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rounds: []", "is no recipe"),
        ("faces: 3", "is no recipe"),
        ("rounds: [{face: 3}]", "faces"),
        ("rounds: [{faces: many}]", "a whole number"),
        ("rounds: [", "cannot be read"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(TrainingError, match=said) as error:
        read_recipe(path)
    assert "recipe.yaml" in str(error.value)


def test_a_round_goes_on_from_the_one_before(recipe: Path, open_model: MorphableModel, tmp_path: Path) -> None:
    rounds = read_recipe(recipe)
    files = train_rounds(rounds, open_model, tmp_path / "out", workers=1)
    again = networks_in(tmp_path / "out", open_model)
    assert files[0] == tmp_path / "out" / ENCODER_FILE
    assert again.encoder.config.points == 80
    described = (tmp_path / "out" / "surface_encoder.json").read_text()
    start = tmp_path / "out" / "round1" / "encoder" / ENCODER_FILE
    assert hashlib.sha256(start.read_bytes()).hexdigest() in described  # what the second round started from
    assert str(tmp_path) not in described  # and not where somebody had it
    with pytest.raises(TrainingError, match="no round 3"):
        train_rounds(rounds, open_model, tmp_path / "out", workers=1, first=3)
