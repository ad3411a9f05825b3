"""Freed memory is there again without asking the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from focusfit.host_memory import keep_freed_memory

ROUNDS = """
import resource, sys
import numpy as np
from focusfit.host_memory import keep_freed_memory

def a_batch():
    held = [np.ones(20 << 20, np.uint8) for _ in range(8)]
    return len(held)

if sys.argv[1] == "keep":
    assert keep_freed_memory()
for _ in range(3):
    a_batch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    a_batch()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(how: str) -> int:
    return int(subprocess.run([sys.executable, "-c", ROUNDS, how], check=True, capture_output=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are not asked")
def test_batches_of_the_same_size_cost_no_page_faults():
    kept, handed_back = _faults("keep"), _faults("leave")
    assert kept < 200
    assert kept < 0.1 * handed_back


def test_the_users_own_settings_win(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "100000")
    assert not keep_freed_memory()
