"""Matrix products of a few thousand rows: threads that wait for them cost more than they gain."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_blas_thread() -> AbstractContextManager[Any]:
    """A context in which numpy and scipy multiply matrices with one thread.

    OpenBLAS' threads spin while they wait; with one process per core, that took more time than all drawing.
    """
    return _controller().limit(limits=1, user_api="blas")


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
