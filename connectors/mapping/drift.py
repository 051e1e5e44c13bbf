"""How a source differs from what its mapping declares."""

from collections.abc import Iterable, Sequence

from canonical_model.errors import ConfigurationError
from connectors.mapping.mapped import Drift
from connectors.mapping.plan import StreamMapping
from connectors.mapping.raw_values import value_at
from connectors.ports import RawRecord

FEWEST = 5
"""Records a page must have before a field that none of them holds counts as gone and not as missing from each."""


class DriftWatch:
    """Looks at the field names of page after page, and tells each difference once."""

    def __init__(self, mapping: StreamMapping) -> None:
        self._mapping = mapping
        self._declared = {name.partition(".")[0] for name in mapping.read.fields}
        self._told: set[str] = set()

    def look_at(self, records: Sequence[RawRecord]) -> Drift:
        """What is new since the pages before.

        Raises:
            ConfigurationError: a field that must not be missing is in no record of the page any more.
        """
        seen: set[str] = set().union(*records)
        undeclared = self._new(seen - self._declared - set(self._mapping.ignored))
        if len(records) < FEWEST:
            return Drift(undeclared)
        gone = [name for name, kind in self._mapping.fields.items() if not kind.nullable and _is_gone(name, records)]
        if gone:
            mapping = self._mapping
            raise ConfigurationError(
                f"{mapping.file}: read.fields: {', '.join(gone)} is in none of {len(records)} records of "
                f"{mapping.read.source_object} any more; mend the mapping or ask the source's owner "
                "(a question mark behind the type says that a field may be missing)"
            )
        return Drift(undeclared, self._new(self._declared - seen))

    def _new(self, names: Iterable[str]) -> tuple[str, ...]:
        found = sorted(set(names) - self._told)
        self._told.update(found)
        return tuple(found)


def _is_gone(path: str, records: Sequence[RawRecord]) -> bool:
    if "." not in path:
        return all(record.get(path) is None for record in records)
    try:
        return all(value_at(record, path) is None for record in records)
    except TypeError:
        return False
