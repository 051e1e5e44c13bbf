"""What lies in a folder: patterns of names, and the columns of the newest file of a pattern."""

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from canonical_model.errors import ConfigurationError
from connectors.exact_json import loads
from connectors.files.access import SftpAddress, opened_folder
from connectors.files.content import file_faults
from connectors.files.folders import Entry
from connectors.files.plan import IGNORED, Plan, plan_of
from connectors.files.taken import meant
from connectors.files.text import spelling_of
from connectors.ports import RawRecord, Source, StreamRead
from connectors.probing import Description, FoundField, FoundObject, sampled
from connectors.settings import near

_NUMBERS = re.compile(r"[0-9]+([-_.T][0-9]+)*")
_AT_ONCE = {"settle_s": 0}
"""A file that is still growing may be looked at; only what is taken has to be whole."""


class FilesProbe:
    """Looks around in one folder."""

    def __init__(self, system: str, source: Source, address: Path | SftpAddress) -> None:
        self._system = system
        self._source = source
        self._address = address

    def objects(self) -> Sequence[FoundObject]:
        """Patterns of names; numbers and dates in a name count as what differs from file to file."""
        with opened_folder(self._system, self._address, None) as folder:
            entries = folder.entries()
        groups: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if not any(fnmatchcase(entry.name, pattern) for pattern in IGNORED):
                groups[_NUMBERS.sub("*", entry.name)].append(entry)
        return [FoundObject(pattern, _label(found)) for pattern, found in sorted(groups.items())]

    def describe(self, name: str, limit: int) -> Description:
        """See ``connectors.probing.Probe``; the newest file of the pattern tells the columns."""
        plan = plan_of(StreamRead(name, name, [], []), _AT_ONCE)
        found = Description(name, (), options=self._spelling(plan))
        looked = sampled(self._source, replace(found, options={**found.options, **_AT_ONCE}), limit)
        inside = [column for column in _columns(looked.samples) if _is_json(column, looked.samples)]
        options = {**found.options, **({"json_columns": inside} if inside else {})}
        if inside:
            looked = sampled(self._source, replace(found, options={**options, **_AT_ONCE}), limit)
        return replace(
            looked,
            options=options,
            fields=tuple(FoundField(column) for column in _columns(looked.samples)),
            lists=_lists(looked.samples),
            notes=("Each file is taken once; with mode: full the newest one tells everything.",),
        )

    def close(self) -> None:
        """Nothing is held between questions."""
        self._source.close()

    def _spelling(self, plan: Plan) -> dict[str, Any]:
        """Encoding and delimiter of the newest file, where its format does not say so itself."""
        with opened_folder(self._system, self._address, plan.folder) as folder:
            entries = folder.entries()
            files = meant(entries, plan)
            if not files:
                others = near(plan.pattern, [one.name for one in entries])
                raise ConfigurationError(f"{self._system}: no file is called {plan.pattern}{others}")
            if plan.format not in {"csv", "fixed"}:
                return {}
            newest = max(files, key=lambda entry: entry.modified)
            with closing(folder.open(newest)) as file, file_faults(f"{self._system}: file {newest.name}"):
                spelling = spelling_of(file, plan, ())
        delimiter = {"delimiter": "tab" if spelling.delimiter == "\t" else spelling.delimiter}
        return {"encoding": spelling.encoding} | (delimiter if spelling.delimiter else {})


def _columns(samples: Sequence[RawRecord]) -> list[str]:
    return list(dict.fromkeys(column for record in samples for column in record))


def _is_json(column: str, samples: Sequence[RawRecord]) -> bool:
    """Whether every value of a column is a list or an object as JSON, and one at least is there."""
    texts = [text for record in samples if isinstance(text := record.get(column), str) and text.strip()]
    try:
        return bool(texts) and all(isinstance(loads(text), list | dict) for text in texts)
    except ValueError:
        return False


def _lists(samples: Sequence[RawRecord]) -> dict[str, tuple[FoundField, ...]]:
    """Fields of the elements of columns that hold lists of objects."""
    found: dict[str, dict[str, None]] = {}
    for record in samples:
        for column, value in record.items():
            for one in value if isinstance(value, list) else ():
                if isinstance(one, dict):
                    found.setdefault(column, {}).update(dict.fromkeys(one))
    return {column: tuple(map(FoundField, names)) for column, names in found.items()}


def _label(found: Sequence[Entry]) -> str:
    newest = max(found, key=lambda entry: entry.modified).name
    return newest if len(found) == 1 else f"{len(found)} files, the newest {newest}"
