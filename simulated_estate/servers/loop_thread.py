"""An asyncio loop in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

_PATIENCE_S = 60.0


class LoopThread:
    """Runs coroutines for callers that have no loop."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)

    def start(self) -> None:
        """Start the loop."""
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the loop and wait for its end."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    def stop(self) -> None:
        """Cancel what still runs, stop the loop and wait for the thread; harmless when it never started."""
        if self._thread.is_alive():
            self.run(_cancel_others())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_PATIENCE_S)
        self._loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
