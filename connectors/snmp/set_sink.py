"""Variables of a row, set in one request and read back: SET, then GET.

The command file's ``object`` is the index of the row, most often a placeholder, ``0`` for single objects; its fields
are the columns. With ``row_by`` the row is looked for by what a column of it shows, a serial for instance, right
before each request, so that an index that another device has taken over meanwhile is never written to.
"""

from collections.abc import Mapping
from typing import Any

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.identifiers import parse_device_serial
from connectors.ports import Look, Part, RawRecord, Receipt, Write
from connectors.settings import choice
from connectors.snmp.agent import Agent
from connectors.snmp.oids import Oid, is_oid, numbers
from connectors.snmp.values import SnmpValue, text
from connectors.snmp.variables import TYPES, Variable, Variables, typed


class SnmpSink:
    """Writes to one element.

    Args:
        system: its name.
        agent: reads columns, to find rows.
        reads: single variables, by the login that reads.
        writes: single variables, by the login that writes.
    """

    def __init__(self, system: str, agent: Agent, reads: Variables, writes: Variables) -> None:
        self._system = system
        self._agent = agent
        self._reads = reads
        self._writes = writes

    def send(self, write: Write) -> Receipt:
        """Set the variables of a write, all or none; see ``connectors.ports.Sink``."""
        doing = f"{self._system}: {write.command}"
        variables: list[Variable] = []
        for part in write.parts:
            index = self._index(part.target, part.key, part.options, doing)
            if index is None:
                return Receipt(is_refusal=True, said=f"no row shows what {part.options['row_by']} shall show")
            variables += _variables(part, index, doing)
        return self._writes.set(variables, doing)

    def observe(self, look: Look) -> RawRecord | None:
        """What a row shows; see ``connectors.ports.Observer``."""
        doing = f"{self._system}: look at {look.target}"
        index = self._index(look.target, look.key, look.options, doing)
        if index is None:
            return None
        told_by = [each.field for each in look.expected]
        named = dict.fromkeys([*told_by, *(name for name in (look.progress_field, look.reference_field) if name)])
        columns = {name: _column(name, doing) for name in named}
        found = self._reads.get([(*column, *index) for column in columns.values()], doing)
        if all(value is None for value in found):
            return None
        return {name: _shown(value) for name, value in zip(columns, found, strict=True)}

    def close(self) -> None:
        """Nothing is held between requests."""

    def _index(self, target: str, key: Mapping[str, str], options: Mapping[str, Any], doing: str) -> Oid | None:
        """The index of the row; None where no row shows what it is looked for by."""
        wanted = target
        for name, value in key.items():
            wanted = wanted.replace(f"{{{name}}}", value)
        row_by = options.get("row_by")
        if row_by is None:
            if not is_oid(wanted, least=1):
                raise ConfigurationError(f"{doing}: object is no index: numbers with points between")
            return numbers(wanted)
        column = _column(str(row_by), f"{doing}: options: row_by")
        rows = [
            index
            for piece in self._agent.rows([column])
            for index, (value, *_) in piece
            if value is not None and _same(text(value), wanted)
        ]
        if len(rows) > 1:
            raise UnsafeToContinue(
                f"{doing}: {len(rows)} rows show in {row_by} what one shall show; ask who is right"
            )
        return numbers(rows[0]) if rows else None


def _variables(part: Part, index: Oid, doing: str) -> list[Variable]:
    types = part.options.get("types") or {}
    if not isinstance(types, Mapping):
        raise ConfigurationError(f"{doing}: options: types: a type for each field is expected")
    for name, kind in types.items():
        choice(f"{doing}: options: types: {name}", kind, TYPES)
    if not part.values:
        raise ConfigurationError(f"{doing}: fields: says nothing to set")
    return [
        ((*_column(name, doing), *index), typed(value, types.get(name), f"{doing}: fields: {name}"))
        for name, value in part.values.items()
    ]


def _column(name: str, doing: str) -> Oid:
    if not is_oid(name, least=6):
        raise ConfigurationError(f"{doing}: {name}: the OID of a column is expected, as in 1.3.6.1.2.1.31.1.1.1.18")
    return numbers(name)


def _shown(value: SnmpValue | None) -> int | str | None:
    return value if value is None or isinstance(value, int) else (text(value) or "")


def _same(shown: str | None, wanted: str) -> bool:
    """Whether a row shows what is wanted; serials are compared in their one form."""
    if shown is None:
        return False
    try:
        return parse_device_serial(shown) == parse_device_serial(wanted)
    except ValueError:
        return shown == wanted
