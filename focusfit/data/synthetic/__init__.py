"""The synthetic world: photos of people who do not exist, with everything about them known."""

from .config import PoseRange, SyntheticConfig
from .photo import SyntheticPhoto
from .world import SyntheticWorld

__all__ = ["PoseRange", "SyntheticConfig", "SyntheticPhoto", "SyntheticWorld"]
