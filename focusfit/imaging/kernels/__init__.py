"""Compiled loops behind the CPU backends. Every kernel works on one image of a batch; :mod:`.threads` runs them."""
