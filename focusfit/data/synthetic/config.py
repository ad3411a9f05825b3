"""How the synthetic world is to look."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ...errors import FocusfitError


@dataclass(frozen=True)
class PoseRange:
    """How heads are turned: most are near frontal, some anywhere up to profile.

    Attributes:
        yaw_spread_deg: standard deviation of the near-frontal part.
        yaw_limit_deg: largest yaw; the uniform part covers plus and minus this much.
        yaw_uniform_share: share of photos whose yaw is uniform.
        pitch_spread_deg: standard deviation of nodding.
        roll_spread_deg: standard deviation of tilting.
    """

    yaw_spread_deg: float = 20.0
    yaw_limit_deg: float = 90.0
    yaw_uniform_share: float = 0.15
    pitch_spread_deg: float = 9.0
    roll_spread_deg: float = 7.0


@dataclass(frozen=True)
class SyntheticConfig:
    """Everything that decides, with the face model, what photo number i looks like.

    Attributes:
        size: side of the square photos in pixels.
        seed: of everything; two worlds with one configuration are equal photo by photo.
        photos_per_person: consecutive photos that show one person.
        occluded_fraction: share of the photos in which something hides a part of the face.
        hairy_fraction: share of the photos with a head and hair or headwear around the face.
        pose: how heads are turned.
        face_pixels_per_mm: smallest and largest scale of the face in a 224-pixel photo; it grows with ``size``.
        distance_mm: nearest and farthest camera: a telephone at arm's length to a telephoto lens.
        expression_strength: factor on all expressions; 0 gives neutral faces.
        degraded_fraction: share of the photos with a visibly bad sensor: blur, noise, strong compression, greyscale.
        scenes: kinds of light, names in :data:`.lighting.SCENES`; all of them where none is named.
        exposure: factor on the light of all photos, before the camera develops them.
        occluders: what hides faces, names in :data:`.occluders.OCCLUDERS`; everything where nothing is named.
        texture_size: side of a person's skin texture in texels; None for one that suits ``size``.
        backgrounds: folder with the user's photographs for backgrounds, instead of the built-in ones.
        occluder_pictures: folder with the user's cut-outs (PNG with alpha), among the built-in occluders.
    """

    size: int = 224
    seed: int = 0
    photos_per_person: int = 1
    occluded_fraction: float = 0.5
    hairy_fraction: float = 1.0
    pose: PoseRange = field(default_factory=PoseRange)
    face_pixels_per_mm: tuple[float, float] = (0.62, 0.95)
    distance_mm: tuple[float, float] = (380.0, 4000.0)
    expression_strength: float = 1.0
    degraded_fraction: float = 0.25
    scenes: tuple[str, ...] = ()
    exposure: float = 1.0
    occluders: tuple[str, ...] = ()
    texture_size: int | None = None
    backgrounds: Path | None = None
    occluder_pictures: Path | None = None

    def __post_init__(self) -> None:
        _demand(32 <= self.size <= 2048, f"photos of {self.size} pixels", "Give 32 to 2048.")
        _demand(self.seed >= 0, f"the seed {self.seed}", "Give 0 or more.")
        _demand(self.photos_per_person >= 1, f"{self.photos_per_person} photos per person", "Give 1 or more.")
        fits = self.texture_size is None or 128 <= self.texture_size <= 4096
        _demand(fits, f"textures of {self.texture_size} texels", "Give 128 to 4096.")
        for name in ("occluded_fraction", "hairy_fraction", "degraded_fraction"):
            value = getattr(self, name)
            _demand(0 <= value <= 1, f"{name.replace('_', ' ')} is {value}", "Give a share between 0 and 1.")
        for name in ("face_pixels_per_mm", "distance_mm"):
            low, high = getattr(self, name)
            _demand(0 < low <= high, f"{name} is {low} to {high}", "Give two positive numbers, the smaller one first.")

        _demand(self.exposure > 0, f"an exposure of {self.exposure}", "Give a number above 0.")

    @property
    def texels(self) -> int:
        """Side of the skin textures."""
        if self.texture_size is not None:
            return self.texture_size
        steps = ((160, 256), (256, 384), (400, 512), (900, 1024))
        return next((side for limit, side in steps if self.size <= limit), 2048)


def _demand(holds: bool, what: str, remedy: str) -> None:
    if not holds:
        raise FocusfitError(f"the synthetic world cannot be made with {what}", remedy=remedy)
