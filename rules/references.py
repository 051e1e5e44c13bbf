"""References: a key of a record must be among the keys that other records are known by.

::

    - name: the account of a line is known
      expectation: expect_column_values_to_be_known
      column: account_number
      among: {entity: BillingAccount, systems: [crm]}

A key with a part that is missing refers to nothing and is not judged.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from canonical_model.entities import ENTITIES
from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest
from rules.expectations import ExpectationKind

AMONG = "among"
_KEYS = ("entity", "fields", "systems", "stream")

_MOSTLY = {"mostly": (int, Decimal)}

REFERENCES: dict[str, ExpectationKind] = {
    "expect_column_values_to_be_known": ExpectationKind(("column",), _MOSTLY),
    "expect_compound_columns_to_be_known": ExpectationKind(("column_list",), _MOSTLY),
}
"""Expectations of ours, in the manner of the library's; they are judged by what the hub knows."""

KeyPart = str | int | date
ReferenceKey = tuple[KeyPart, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a key must stand.

    Attributes:
        entity: the canonical entity.
        fields: its fields, in the order of the referring columns.
        systems: of these alone; of any where empty.
        stream: of this stream alone; of any where None.
    """

    entity: str
    fields: tuple[str, ...]
    systems: tuple[str, ...] = ()
    stream: str | None = None

    @property
    def named(self) -> str:
        """Whose records they are, as a sentence names them: ``BillingAccount of crm or billing``."""
        told = [self.entity, *(["of", " or ".join(self.systems)] if self.systems else [])]
        return " ".join([*told, "of stream", self.stream] if self.stream else told)

    def is_given_by(self, system: str, stream: str) -> bool:
        """Whether records of a stream count."""
        return (not self.systems or system in self.systems) and self.stream in (None, stream)


@dataclass(frozen=True, slots=True)
class MissingKey:
    """A key that something waits for."""

    target: Target
    key: ReferenceKey


def read_target(entry: YamlSource, columns: Collection[str], faults: list[Fault]) -> Target | None:
    """Read ``among`` of an expectation.

    Args:
        entry: the expectation.
        columns: the referring columns, after which the fields are called unless ``fields`` says otherwise.
        faults: what is wrong is added here.

    Returns:
        The target, or None where it has faults.
    """
    written = entry.data.get(AMONG)
    if not isinstance(written, dict):
        faults.append(entry.place(AMONG).fault("keys and values were expected here: entity, fields, systems, stream"))
        return None
    among = entry.part(AMONG)
    found = list(_wrong_keys(among, columns))
    faults.extend(found)
    if found:
        return None
    fields = written.get("fields", list(columns))
    return Target(
        entity=written["entity"],
        fields=(fields,) if isinstance(fields, str) else tuple(fields),
        systems=tuple(written.get("systems", ())),
        stream=written.get("stream"),
    )


def _wrong_keys(among: YamlSource, columns: Collection[str]) -> Iterator[Fault]:
    written: dict[str, Any] = among.data
    for key in written:
        if key not in _KEYS:
            yield among.place(key).fault(f"unknown key{nearest(key, list(_KEYS))}")
    name = written.get("entity")
    entity = ENTITIES.get(name) if isinstance(name, str) else None
    if entity is None:
        yield among.place("entity").fault(f"there is no entity {name}{nearest(str(name), ENTITIES)}")
    fields = written.get("fields", list(columns))
    fields = [fields] if isinstance(fields, str) else fields
    if not _are_texts(fields) or len(fields) != len(columns):
        yield among.place("fields").fault(f"as many fields are expected as there are columns: {len(columns)}")
    elif entity is not None:
        known = list(entity.model_fields)
        for field in fields:
            if field not in known:
                yield among.place("fields").fault(f"{name} has no field {field}{nearest(field, known)}")
    if "systems" in written and not (written["systems"] and _are_texts(written["systems"])):
        yield among.place("systems").fault("a list of systems is expected")
    if not isinstance(written.get("stream", ""), str):
        yield among.place("stream").fault("the name of a stream is expected")


def _are_texts(written: object) -> bool:
    return isinstance(written, list) and all(isinstance(one, str) for one in written)
