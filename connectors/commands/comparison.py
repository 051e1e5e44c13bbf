"""What a look means: the record that a system shows, held against what a write wanted."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.ports import Expected, Look, RawRecord
from connectors.settings import at_path
from handoffs.effect_states import Sight
from rules.types import Kind, parse_type

_TRUTH = {"true": True, "false": False, "1": True, "0": False}


def sight_of(look: Look, record: RawRecord | None) -> Sight:
    """What a record shows.

    A word of progress that nobody listed counts as something else: it is looked at again, and asked about in the end.
    """
    if record is None:
        return "absent"
    if look.progress_field:
        told = look.progress.get(_text(_at(record, look.progress_field)))
        if told == "in_progress" or told == "refused":
            return told
        if told is None:
            return "differs"
    return "applied" if all(shows(each, record) for each in look.expected) else "differs"


def shown_of(look: Look, record: RawRecord | None) -> dict[str, str | None] | None:
    """What a record shows in the fields that a look is about, as text; None where there is no record."""
    if record is None:
        return None
    values = {each.field: _at(record, each.field) for each in look.expected}
    return {name: None if value is None else _text(value) for name, value in values.items()}


def reference_in(look: Look, record: RawRecord | None) -> str:
    """The system's own id of what a record shows; empty where it tells none."""
    told = _at(record, look.reference_field) if record is not None and look.reference_field else None
    return _text(told)[:200] if isinstance(told, str | int) else ""


def shows(expected: Expected, record: RawRecord) -> bool:
    """Whether a record shows a value, whatever way the system spells it: ``79.9`` is ``79.90``."""
    kind = parse_type(expected.type).kind
    return bool(_read(expected.value, kind) == _read(_at(record, expected.field), kind))


def _at(record: Mapping[str, Any], path: str) -> Any:
    """The value under a name, or else at a dotted path; None where there is none."""
    if path in record:
        return record[path]
    try:
        return at_path(record, path)
    except KeyError:
        return None


def _read(value: Any, kind: Kind) -> Any:
    """A value in the form in which two spellings of one thing are equal; what cannot be read stays its own text."""
    if value is None or value == "":
        return None
    text = _text(value)
    try:
        if kind in ("money", "number", "integer"):
            return Decimal(text)
        if kind == "timestamp":
            return _moment(text)
        if kind == "date":
            return date.fromisoformat(text[:10])
    except (InvalidOperation, ValueError):
        return text
    return _TRUTH.get(text.lower(), text) if kind == "boolean" else text


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()
