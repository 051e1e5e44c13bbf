"""Where faults strike: one target, its faults of the moment and its own seeded dice."""

import asyncio
from random import Random

from simulated_estate.faults.spec import Faults

_LOOK_S = 0.02


class FaultPoint:
    """The faults of one target, which may change while its server runs."""

    def __init__(self, target: str, faults: Faults | None = None, seed: int = 0) -> None:
        self.target = target
        self.faults = faults or Faults()
        self._dice = Random(f"{seed}:{target}")

    def happens(self, probability: float) -> bool:
        """Roll the dice; no dice are rolled for what never happens."""
        return probability > 0 and self._dice.random() < probability

    async def late(self, seconds: float) -> None:
        """Wait so long, or until the faults are replaced: what is late then comes at once."""
        faults, loop = self.faults, asyncio.get_running_loop()
        ends = loop.time() + seconds
        while self.faults is faults and (left := ends - loop.time()) > 0:
            await asyncio.sleep(min(left, _LOOK_S))

    def share(self) -> float:
        """A number between 0 and 1 that says how far an answer gets before it breaks."""
        return self._dice.random()
