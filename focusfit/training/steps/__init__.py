"""The numbered steps: from a request to files, each starting from what the one before has left."""

from .adaptation import adapt
from .autoencoder import pretrain_autoencoder
from .joint import train_jointly
from .labels import generate_pseudo_labels
from .request import StepRequest, StepResult
from .segmenter import pretrain_segmenter

__all__ = [
    "StepRequest",
    "StepResult",
    "adapt",
    "generate_pseudo_labels",
    "pretrain_autoencoder",
    "pretrain_segmenter",
    "train_jointly",
]
