"""How a worker process begins. Imports next to nothing, because each worker loads this module anew."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Let a worker process end when the one that started it does, as nobody tells it after a kill."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
