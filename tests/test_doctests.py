"""The examples in docstrings say what really happens."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import focusfit

MODULES = sorted(m.name for m in pkgutil.walk_packages(focusfit.__path__, "focusfit.") if "__main__" not in m.name)


def _examples(name: str) -> list[doctest.DocTest]:
    found = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name))
    return [test for test in found if test.examples]


@pytest.mark.usefixtures("detector_files")
@pytest.mark.parametrize("name", [name for name in MODULES if _examples(name)])
def test_examples(name: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in _examples(name):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_the_fitter_has_an_example() -> None:
    assert _examples("focusfit.fitting.fitter")
