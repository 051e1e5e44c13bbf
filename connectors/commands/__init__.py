"""Command files: how a command of ours reads in the words of one system, and what that system shows once it is done.

The way of a command::

    command --planning--> write (frozen in the journal) --sink--> system --look, comparison--> sight
"""

from connectors.commands.comparison import reference_in, shown_of, sight_of
from connectors.commands.loading import read_command_files
from connectors.commands.plan import CommandFile
from connectors.commands.planning import frozen, plan_write, thawed

__all__ = [
    "CommandFile",
    "frozen",
    "plan_write",
    "read_command_files",
    "reference_in",
    "shown_of",
    "sight_of",
    "thawed",
]
