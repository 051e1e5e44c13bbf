"""What a criterion asks for, in words: its bound, and what its sample has to be."""

from handoffs.criteria import Criterion
from handoffs.metrics import METRICS


def asked_for(criterion: Criterion) -> str:
    """The bound: ``at least 98 %``."""
    metric = METRICS[criterion.metric]
    return f"{metric.ask.replace('_', ' ')} {criterion.bound} {metric.unit}"


def sample_of(criterion: Criterion) -> str:
    """What is asked of the sample: ``at least 300, proven at 95 %``; empty where nothing is."""
    parts = [f"at least {criterion.sample}"] if criterion.sample > 1 else []
    parts += [f"{criterion.here} of this market"] if criterion.here else []
    parts += [f"proven at {criterion.confidence} %"] if criterion.confidence is not None else []
    parts += [f"{criterion.at_worst} points ruled out"] if criterion.at_worst is not None else []
    return ", ".join(parts)
