"""The tables about real people, from codes whose figures are known."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    """The benchmark's modules, found as its script finds them."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import identity_real_photos
    import identity_real_tables

    return identity_real_photos.RealPhoto, identity_real_tables


def test_codes_that_tell_people_apart_score_one_and_a_common_part_hides_nothing(benchmark):
    real_photo, module = benchmark
    photos = [real_photo(f"p{k // 3}", "male" if k < 12 else "female", k % 3, Path()) for k in range(18)]
    who = np.repeat(np.eye(6), 3, axis=0)
    found = np.ones(18, bool)
    found[4] = False
    codes = {"clean/found": np.ones(18, bool), "covered/found": found}
    methods = ("recogniser", "fit", "fit, no networks")
    for method in methods:
        codes |= {f"clean/{method}": who + 100, f"covered/{method}": who * found[:, None]}
    lines = module.tables(codes, methods, photos).splitlines()
    figures = ["1.000 [1.000, 1.000]"] * 3 + ["0.000 [0.000, 0.000]"]
    assert lines[2] == f"| clean | 18 of 18 | recogniser | {' | '.join(figures)} |"
    assert lines[5].startswith("| covered | 17 of 18 | recogniser | 0.")
    assert sum(line.startswith("| covered/fit less ") for line in lines) == 2
    assert not module.centred(who, found)[4].any()


def test_every_person_of_the_table_has_a_folder_and_a_sex():
    with (BENCHMARKS / "identity_real_people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["person"] for row in rows}) == len({row["folder"] for row in rows}) == 40
    assert {row["sex"] for row in rows} == {"male", "female"}
