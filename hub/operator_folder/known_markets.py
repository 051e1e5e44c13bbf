"""A market that some part of the operator's folder names has to be one that ``operator.yaml`` has."""

from collections.abc import Collection, Iterator

from canonical_model.errors import Fault
from canonical_model.yaml_source import Place, nearest


def unknown_market(place: Place, market: str, known: Collection[str]) -> Iterator[Fault]:
    """The fault of a name that no market has; nothing where one has it."""
    if market not in known:
        yield place.fault(f"there is no market {market}{nearest(market, list(known))}")
