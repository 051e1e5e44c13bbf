"""Events of ours, by which the server starts what follows: their names, and what they are about."""

HANDOFF_WAS_MOVED = "splice.handoff.moved"
"""A rule has given a hand-off back, or stopped its line."""
FEED_IS_STALE = "splice.feed.stale"
"""A feed by which a hand-off is judged is older than its rule allows."""


def market_resource(market: str) -> dict[str, str]:
    """A market, as events name it."""
    return {"prefect.resource.id": f"splice.market.{market}", "prefect.resource.name": market}


def source_resource(system: str) -> dict[str, str]:
    """A system that is pulled from, as events name it."""
    return {"prefect.resource.id": f"splice.source.{system}", "prefect.resource.name": system}
