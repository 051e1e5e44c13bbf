"""Libraries that are imported late, by one thread at a time.

Vendors' libraries are heavy, so that each is imported when a system is first opened, which several threads may do at
once. CPython lets a thread that imports in a circle with another one go on with a module that is half there: zeep,
whose modules import each other, then fails with ``cannot import name 'Schema' from partially initialized module``.
"""

from importlib import import_module
from threading import RLock
from types import ModuleType

IMPORTING = RLock()
"""Held around every import that is not at the top of its file."""


def imported(name: str) -> ModuleType:
    """A module by its name.

    Raises:
        ImportError: there is none; and whatever a file raises that is wrong in itself.
    """
    with IMPORTING:
        return import_module(name)
