"""Photos are drawn with one thread of the linear algebra library, and its setting comes back."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from focusfit.data.synthetic import SyntheticConfig, SyntheticWorld, world


def blas_threads() -> list[int]:
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def test_a_photo_is_drawn_with_one_thread(monkeypatch):
    seen = []

    def spy(*arguments):
        seen.extend(blas_threads())
        return drawn(*arguments)

    drawn = world.draw_expression
    monkeypatch.setattr(world, "draw_expression", spy)
    with threadpool_limits(2, user_api="blas"):
        if max(blas_threads()) < 2:
            pytest.skip("the library has one thread here")
        SyntheticWorld(SyntheticConfig(size=64)).photo(0)
        assert set(blas_threads()) == {2}
    assert set(seen) == {1}
