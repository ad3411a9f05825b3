"""Memory of the process on the host."""

from __future__ import annotations

import ctypes
import os

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
_MOST_FROM_HEAP = 32 << 20
"""Bytes; glibc takes no larger threshold, and gets what is larger from the system every time."""
_KEPT = 2**31 - 1


def keep_freed_memory() -> bool:
    """Ask the C library to keep what is freed for what is needed next; say whether it could be asked.

    Every batch needs the same hundreds of megabytes. glibc hands them back to the system as soon as they are free, and
    each page costs a fault when it is wanted again: about a fifteenth of a training step on a CPU. Its environment
    variables ``MALLOC_TRIM_THRESHOLD_`` and ``MALLOC_MMAP_THRESHOLD_`` have the last word. At most 2 GiB are kept.
    """
    if any(f"MALLOC_{name}_THRESHOLD_" in os.environ for name in ("TRIM", "MMAP")):
        return False
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no glibc: another system, or another C library
        return False
    # one without the other is worse than neither: setting either stops glibc from adapting both
    return bool(set_option(_MMAP_THRESHOLD, _MOST_FROM_HEAP)) and bool(set_option(_TRIM_THRESHOLD, _KEPT))
