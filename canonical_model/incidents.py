"""What went wrong on the network for a while, and for whom."""

from typing import Self

from pydantic import model_validator

from canonical_model.record import Instant, Record, ShortText


class Outage(Record):
    """Time in which an element carried nobody's traffic, or one port of it; without an end it goes on."""

    outage_id: ShortText
    element: ShortText
    port: ShortText | None = None
    started_at: Instant
    ended_at: Instant | None = None

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.ended_at is not None and self.ended_at < self.started_at:
            raise ValueError(f"the outage ends at {self.ended_at}, before it began at {self.started_at}")
        return self
