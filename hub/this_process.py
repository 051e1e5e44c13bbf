"""The name under which a process stands in the histories of what it holds."""

import os
import socket


def this_process() -> str:
    """Machine and number of this process."""
    return f"{socket.gethostname()}/{os.getpid()}"
