"""Kinds of photos that benchmarks/adaptation.py goes between."""

from __future__ import annotations

from collections.abc import Mapping

from focusfit.data.synthetic.config import PoseRange, SyntheticConfig

PLAIN = SyntheticConfig(
    occluded_fraction=0.7,
    degraded_fraction=0.0,
    scenes=("overcast", "indoor", "studio"),
    occluders=("surgical_mask", "cloth_mask", "sunglasses", "spectacles", "card", "textured_shape"),
    pose=PoseRange(yaw_spread_deg=8.0, yaw_limit_deg=20.0, yaw_uniform_share=0.0, pitch_spread_deg=5.0),
)
"""What the networks are trained on: faces towards the camera in good light, sharp photos, worn or flat occluders."""

TARGETS: Mapping[str, SyntheticConfig] = {
    "stage": SyntheticConfig(
        occluded_fraction=1.0,
        degraded_fraction=0.0,
        scenes=("coloured", "backlit", "window"),
        exposure=0.6,
        occluders=("microphone", "scarf", "veil", "phone", "cup", "drink", "person"),
    ),
    "snapshots": SyntheticConfig(
        occluded_fraction=1.0,
        degraded_fraction=1.0,
        occluders=("food", "phone", "cigarette", "bandage", "visor", "person", "bar", "grid", "writing"),
        pose=PoseRange(yaw_uniform_share=0.33),
    ),
}
"""What they are adapted to; no occluder of :data:`PLAIN` is in either, and none of its kinds of light in ``stage``.
Bare hands, most of the synthetic world's occluders, are left out: their colours are the face's own.

stage: low light from the side, from behind or in two colours; things held before faces. Heads turn as they do in the
synthetic world at large.
snapshots: bad sensors (blur, motion, noise, low resolution, grey, strong compression), a third of the heads turned
anywhere up to profile, things held, worn and in the way."""
