"""Compiled loops behind the CPU backends.

A kernel works on one image of a batch; :mod:`.threads` runs it over all of them. Compiled kernels are kept on disk and
numba notices only changes of a kernel's own file: after editing one that others call, delete ``__pycache__``.
"""
