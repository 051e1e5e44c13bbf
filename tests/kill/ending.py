"""How a process that may be killed comes to its end."""

import os
import signal
import time


def ended(pid: int, killed_after_s: float | None, what: object) -> int:
    """Wait for the end of a child, killed from outside where that was asked for; the signal that ended it, or 0."""
    if killed_after_s is not None:
        deadline = time.monotonic() + killed_after_s
        while time.monotonic() < deadline:
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                break
            time.sleep(0.001)
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    if os.WEXITSTATUS(status):
        raise AssertionError(f"a process failed that was to go on or be killed: {what}")
    return 0
