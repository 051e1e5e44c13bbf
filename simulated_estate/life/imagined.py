"""What billing believes of a service that it only read about."""

from datetime import date

from simulated_estate.belief import Belief
from simulated_estate.life.author import Author
from simulated_estate.life.records import Service
from simulated_estate.life.truth import true_belief
from simulated_estate.life.wish import Wish, promised


def imagined_belief(author: Author, start: date, wish: Wish) -> Belief:
    """The bills of a wish as if it had come true on a day."""
    service = Service(
        start=start,
        end=None,
        tiers=((start, wish.offering),),
        moves=(),
        extras=wish.extras(start),
        promotion=promised(wish.promotion, start),
        suspensions=(),
        rates=(),
        is_fee_due=not wish.is_fee_waived,
    )
    return true_belief(author.account, author.stage.market.id, (service,), author.stage.numbers)
