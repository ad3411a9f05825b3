"""Images of a batch over threads.

The kernels release the interpreter lock, so plain threads suffice: no numba threading layer, no order of summation that
depends on the number of threads, and calls from several Python threads at once are safe.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import torch


def for_each_image(kernel: Callable[..., Any], count: int, *arguments: Any) -> None:
    """Call ``kernel(image, *arguments)`` for every image, on at most ``torch.get_num_threads()`` threads."""
    workers = min(count, torch.get_num_threads())
    if workers <= 1:
        _run_share(kernel, range(count), arguments)
        return
    shares = [range(worker, count, workers) for worker in range(workers)]
    running = [_pool(workers - 1).submit(_run_share, kernel, share, arguments) for share in shares[1:]]
    try:
        _run_share(kernel, shares[0], arguments)
    finally:
        for future in running:
            future.result()


def _run_share(kernel: Callable[..., Any], images: range, arguments: tuple[Any, ...]) -> None:
    for image in images:
        kernel(image, *arguments)


@cache
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers, thread_name_prefix="focusfit")


# a forked child inherits the pool but not its threads
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)
