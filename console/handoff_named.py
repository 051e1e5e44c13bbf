"""Markets and hand-offs as the commands of a take-over name them."""

from typing import Annotated

import typer

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from handoffs.stages import HANDOFFS, Handoff

MarketArgument = Annotated[str, typer.Argument(help="Id of the market in operator.yaml.")]
HandoffArgument = Annotated[str, typer.Argument(help=f"Which hand-off: {', '.join(HANDOFFS)}.")]


def handoff_of(name: str) -> Handoff:
    """The hand-off of that name, with hyphens or underscores.

    Raises:
        ConfigurationError: there is none; names the nearest.
    """
    spelled = name.replace("-", "_")
    for handoff in HANDOFFS:
        if handoff == spelled:
            return handoff
    raise ConfigurationError(f"there is no hand-off {name}{nearest(spelled, list(HANDOFFS))}")
