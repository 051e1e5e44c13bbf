"""The streams that take events in, with what is needed to believe their sender."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from canonical_model.errors import ConfigurationError
from connectors.webhooks.events import EventShape
from connectors.webhooks.signing import SigningConvention, read_key
from hub.operator_folder.load import Operator
from hub.operator_folder.references import resolve


@dataclass(frozen=True, slots=True)
class Inlet:
    """One stream of one system that events may be sent for.

    Attributes:
        keys: whoever signs with one of them is the system.
        largest_body: bytes.
    """

    system: str
    stream: str
    signing: SigningConvention
    keys: tuple[bytes, ...] = field(repr=False)
    shape: EventShape
    largest_body: int


Inlets = Mapping[tuple[str, str], Inlet]
"""By system and stream."""


def inlets_of(operator: Operator, environment: Mapping[str, str]) -> Inlets:
    """Every stream of the operator that takes events in.

    Raises:
        ConfigurationError: a secret is missing, too short or not spelled as its convention says; or no mapping has a
            ``webhook`` at all.
    """
    inlets = {}
    for system, block in operator.file.systems.items():
        if block.webhook is None:
            continue
        keys = []
        for number, reference in enumerate(block.webhook.secrets):
            named = f"operator.yaml: systems.{system}.webhook.secrets.{number}"
            keys.append(read_key(resolve(reference, environment, named), block.webhook.signing, named))
        for mapping in operator.mappings.get(system, ()):
            if mapping.webhook is not None:
                inlets[system, mapping.stream] = Inlet(
                    system=system,
                    stream=mapping.stream,
                    signing=block.webhook.signing,
                    keys=tuple(keys),
                    shape=mapping.webhook,
                    largest_body=block.webhook.largest_body_kb * 1024,
                )
    hears = any(mapping.listens is not None for mappings in operator.mappings.values() for mapping in mappings)
    if not inlets and not hears:
        raise ConfigurationError(
            f"{operator.file.operator} takes no events in: webhook or listens is missing in operator.yaml or in "
            "every mapping"
        )
    return inlets
