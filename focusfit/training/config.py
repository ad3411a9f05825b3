"""Everything that decides what training does; :mod:`.presets` has two sets of values, :mod:`.resolve` changes them.

Counts of iterations are those of a full run; ``iterations_scale`` shortens all of them alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..errors import TrainingError
from .input_config import DataConfig, NetworksConfig
from .shortening import shortened
from .step_config import AutoencoderConfig, EmConfig, LabelsConfig, SegmenterStepConfig
from .term_settings import TermSettings


@dataclass(frozen=True)
class TrainingConfig:
    """All steps.

    Attributes:
        preset: name of the values that others were changed from.
        iterations_scale: factor on every count of iterations that is still to be applied; 1 in a resolved config.
        networks: which.
        data: what they see.
        terms: settings of the terms.
        step1: pretraining of the encoder.
        step2: pseudo labels.
        step3: pretraining of the segmenter.
        step4: both in turn.
        adapt: the same on new photos without labels.
    """

    preset: str = "focusfit"
    iterations_scale: float = 1.0
    networks: NetworksConfig = field(default_factory=NetworksConfig)
    data: DataConfig = field(default_factory=DataConfig)
    terms: TermSettings = field(default_factory=TermSettings)
    step1: AutoencoderConfig = field(default_factory=AutoencoderConfig)
    step2: LabelsConfig = field(default_factory=LabelsConfig)
    step3: SegmenterStepConfig = field(default_factory=SegmenterStepConfig)
    step4: EmConfig = field(default_factory=EmConfig)
    adapt: EmConfig = field(default_factory=EmConfig)

    def __post_init__(self) -> None:
        if not self.iterations_scale > 0.0:
            raise TrainingError(f"iterations_scale is {self.iterations_scale}", remedy="It must be above 0.")

    def scaled(self) -> TrainingConfig:
        """With ``iterations_scale`` applied: lengths of steps, blocks, schedules, and between looks at the training."""
        by = self.iterations_scale
        if by == 1.0:
            return self
        return replace(
            self,
            iterations_scale=1.0,
            step1=shortened(self.step1, by),
            step3=shortened(self.step3, by),
            step4=shortened(self.step4, by),
            adapt=shortened(self.adapt, by),
        )
