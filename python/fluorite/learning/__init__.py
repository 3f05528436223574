"""From templates to chunks, and what a run of learning reports."""

from .report import LearningReport, Malformed
from .templates.spikes import learn_spikes

__all__ = ["LearningReport", "Malformed", "learn_spikes"]
