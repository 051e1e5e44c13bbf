"""Commands that are imported when they are asked for: explaining a finding does not wait for a workbook's writer."""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any

import typer


class OnDemand(MutableMapping[str, Any]):
    """Commands by name, each imported when it is looked up; help, which shows all of them, imports all."""

    def __init__(self, places: Mapping[str, str]) -> None:
        """Take what is where.

        Args:
            places: name of a command -> ``module:function`` of one, or ``module:app`` of a group.
        """
        self._places = dict(places)
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            module, _, attribute = self._places[name].partition(":")
            self._known[name] = _command(name, getattr(import_module(module), attribute))
        return self._known[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._known[name] = command

    def __delitem__(self, name: str) -> None:
        del self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._places, **self._known})

    def __len__(self) -> int:
        return len({**self._places, **self._known})


def _command(name: str, found: Any) -> Any:
    """What click runs, of a function or of a group as typer takes them."""
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(name)(found)
        command = typer.main.get_command(alone)
    command.name = name
    return command
