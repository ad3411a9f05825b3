"""A world's photos on disk, in the layout that training and evaluation read."""

from .run import Synthesis, synthesize

__all__ = ["Synthesis", "synthesize"]
