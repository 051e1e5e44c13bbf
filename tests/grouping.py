"""Which tests run in one process, one after the other: those that share a server, a JVM or a demo.

The groups are those of ``xdist_group``. What distributes tests reads them off the names of tests, where the present
pytest does not leave them; so they are read off the files here.
"""

import re
from functools import cache
from pathlib import Path

from xdist.scheduler.loadscope import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
_NAMED = re.compile(r'xdist_group\("(\w+)"\)')
_OF_PARAMETER = re.compile(r"xdist_group\(name\)")


class ByGroup(LoadScopeScheduling):  # type: ignore[misc]
    """Tests of a group go to one process; every other test wherever there is room."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """The group of a test: that which its file names, or the file where each of its parameters is one."""
    file, _, _ = nodeid.partition("::")
    return _group_in(file) or nodeid


@cache
def _group_in(file: str) -> str:
    text = (ROOT / file).read_text(encoding="utf-8")
    named = _NAMED.search(text)
    return named.group(1) if named else file if _OF_PARAMETER.search(text) else ""
